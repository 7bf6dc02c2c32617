"""The Celery application. Started as `celery -A riskreview worker` and `celery -A riskreview beat`."""

import os

from celery import Celery, Task
from celery.signals import task_postrun, task_prerun
from django.conf import settings
from django.db import connections

from cases.wake import heard_task
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


@task_prerun.connect
def hear(task: Task, **_: object) -> None:  # type: ignore[type-arg]
    heard_task(task.name)


@task_prerun.connect
@task_postrun.connect
def look_at_the_connection(**_: object) -> None:
    """Its connection outlives a task (CELERY_DB_REUSE_MAX), and so would what a task did to it: a time limit that falls
    into a statement leaves it under way, and every task of this process after that would fail. Now each begins with
    Django's own look whether it still answers, and ends with it: the locks that such a session holds would keep others
    from the same work until this process has its next task. A transaction that is open belongs to whoever called the
    task here and now, and is left to them."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
