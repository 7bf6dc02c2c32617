"""The Celery application. Started as `celery -A riskreview worker` and `celery -A riskreview beat`."""

import os

from celery import Celery
from django.conf import settings

from riskreview import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riskreview.settings")
# Else Celery has Django check the whole and loads every page for it; `manage.py` runs these checks.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")
# Where Django runs already, its addresses are known; only a program that begins here may need the embedded servers.
if not settings.configured:
    embedded.use_if_unset()

app = Celery("riskreview")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
