"""The web application as a ASGI server finds it."""

import gc
import os

from django.core.asgi import get_asgi_application
from django.urls import get_resolver

from riskreview import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riskreview.settings")
embedded.use_if_unset()

application = get_asgi_application()
# Read the addresses now: a module that cannot be imported stops the start, not the first reader's page.
_ = get_resolver().url_patterns
# What is loaded by now stays. A full collection that walks all of it would halt somebody's request for 150 ms.
gc.freeze()
