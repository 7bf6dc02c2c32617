"""Makes the Celery application the default one wherever Django runs, so that a web process can wake the workers."""

from django.apps import AppConfig

from riskreview.celery import app as celery_app

__all__ = ["RiskReviewConfig", "celery_app"]


class RiskReviewConfig(AppConfig):
    name = "riskreview"
