"""The settings of worker processes in tests: the real ones, with leases short enough to wait for."""

from riskreview.settings import *  # noqa: F403

MACHINE_LEASE_SECONDS = 6
CELERY_BEAT_SCHEDULE = {"sweep": {"task": "riskreview.tasks.sweep", "schedule": 1.0, "options": {"expires": 5}}}
