"""Celery's side of the machine: wake-ups, the regular sweep, and past cases to be read for a replay.

Of the machine's own work arguments carry nothing, the database is the queue.
"""

from __future__ import annotations

from datetime import date

from celery import Task, shared_task
from django.conf import settings
from django.utils import timezone

from cases.wake import heard_wake, send_task, send_wake
from intake.health.watched import tell_of_watched
from intake.people.linking import link_all
from intake.ways_in.consuming import consume_due
from intake.ways_in.incoming import take_in_waiting
from intake.ways_in.kept_messages import try_asked
from intake.ways_in.pulling import pull_due
from learning.past_reading import read_past
from learning.set_requests import propose_sets, run_builds
from learning.training_requests import run_trainings
from outgoing.feeding import send_feeds
from outgoing.parquet import export_views
from outgoing.pruning import prune_delivered, prune_secrets
from outgoing.sending import has_due, send_all
from riskreview import flow


@shared_task(bind=True)
def advance(self: Task) -> int:  # type: ignore[type-arg]
    """Carry a chunk of waiting cases on, and call the next worker when there was something to do."""
    heard_wake()
    resumed = bool((self.request.delivery_info or {}).get("redelivered"))
    moved = flow.advance(taker=self.request.id or "unnamed", resumed=resumed)
    if moved:
        send_wake()
    return moved


@shared_task
def sweep() -> None:
    flow.sweep()


# A file of a million rows brings more applicants than one go can look at: the next sweep goes on.
@shared_task(soft_time_limit=540, time_limit=570)
def link_applicants() -> None:
    link_all()


# A large file takes longer than one go: what was killed at the limit goes on with the next sweep.
@shared_task(soft_time_limit=540, time_limit=570)
def take_in_files() -> None:
    take_in_waiting()


# A database is gone through in turns of bounded rows; what was killed at the limit goes on with the next sweep.
@shared_task(soft_time_limit=1740, time_limit=1770)
def pull_sources() -> None:
    pull_due()


# A turn of a stream is short; there may be several. It is among the short tasks: a case that comes by stream is decided
# as soon as any other, and would else wait behind a training of hours.
@shared_task(soft_time_limit=540, time_limit=570)
def consume_streams() -> None:
    consume_due()


# A turn takes a minute; a message that hangs is given up at the limit, and one that kills its worker ends the turn.
@shared_task(soft_time_limit=120, time_limit=150)
def take_in_kept_messages() -> None:
    try_asked()


# A turn takes a minute and the calls that are out then; what is left goes behind the tasks that came meanwhile.
@shared_task(soft_time_limit=540, time_limit=570)
def send_webhooks() -> None:
    if send_all() and has_due():
        send_task(flow.SEND_WEBHOOKS)


@shared_task(soft_time_limit=540, time_limit=570)
def send_decision_feeds() -> None:
    send_feeds()


# Every source's batches are gone through; whom the limit left out is told the next night.
@shared_task(soft_time_limit=540, time_limit=570)
def tell_of_watched_sources() -> None:
    tell_of_watched()


# Many at first, a day's worth each night after that; what is left at the limit goes the next night.
@shared_task(soft_time_limit=540, time_limit=570)
def prune_messages() -> None:
    prune_secrets()
    prune_delivered()


# A night has time; a book of ten million rows takes some minutes.
@shared_task(soft_time_limit=3540, time_limit=3570)
def export_reporting() -> None:
    export_views(settings.EXPORTS, timezone.localdate())


# Whoever asked waits and looks; a book of a hundred thousand cases takes a minute or two.
@shared_task(soft_time_limit=540, time_limit=570)
def read_past_cases(product: str, since: str, until: str) -> None:
    read_past(product, date.fromisoformat(since), date.fromisoformat(until))


# A set of a hundred thousand loans takes a minute or two; what was killed at the limit is taken up by the next sweep.
@shared_task(soft_time_limit=1740, time_limit=1770)
def build_training_sets() -> None:
    run_builds()


# A blend of a hundred thousand loans takes long; what was killed is taken up by a later sweep.
@shared_task(soft_time_limit=7140, time_limit=7170)
def train_challengers() -> None:
    run_trainings()


@shared_task
def propose_training_sets() -> None:
    propose_sets()
