"""The web application as a ASGI server finds it."""

import os

from django.core.asgi import get_asgi_application

from riskreview import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riskreview.settings")
embedded.use_if_unset()

application = get_asgi_application()
