"""The web application as a WSGI server finds it."""

import os

from django.core.wsgi import get_wsgi_application

from riskreview import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riskreview.settings")
embedded.use_if_unset()

application = get_wsgi_application()
