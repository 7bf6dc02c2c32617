"""Makes the Celery application the default one wherever Django runs, so that a web process can wake the workers."""

import gc
from typing import Final

from django.apps import AppConfig

from riskreview.celery import app as celery_app

__all__ = ["RiskReviewConfig", "celery_app"]


# Rows and scores come by the thousand. Python looks for unreachable cycles after every 700 new objects, and a tenth of
# the time of an import went into looking at rows that were all in use.
NEW_OBJECTS: Final = 10_000


class RiskReviewConfig(AppConfig):
    name = "riskreview"

    def ready(self) -> None:
        gc.set_threshold(NEW_OBJECTS)
