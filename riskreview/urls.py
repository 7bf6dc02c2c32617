"""Every address of the product: pages, API, health, admin."""

from django.contrib import admin
from django.urls import include, path

from riskreview import health
from riskreview.api import api

handler400 = "desk.errors.bad_request"
handler403 = "desk.errors.forbidden"
handler404 = "desk.errors.not_found"
handler500 = "desk.errors.server_error"

urlpatterns = [
    # First, so that no call of a lender's system is compared with the hundred addresses of pages.
    path("api/v1/", api.urls),
    path("", include("desk.urls")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("admin/", admin.site.urls),
]
