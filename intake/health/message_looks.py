"""Looking at cases that came as messages, before the machine sees any of them, and counting them in their batches.

A request writes down what it took in (`intake_tally`), in the transaction of its cases; whoever scores leaves alone
what stands there. Here it is looked at, its source is quarantined where it turned bad, and only then, in one
transaction, the batch keeps the look and the tallies go.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from cases.locks import alone
from intake.health.quarantine import hold_all_waiting, quarantine_source, releases_of
from intake.health.watch import Watch
from intake.health.watching import learn_unknown, look_after, quarantine_if_new
from intake.models import GOING_ON, Batch, Source, Tally
from intake.sources.sources import hold_state

log = logging.getLogger(__name__)

# No more cases of a batch are looked at in one go than tell whether it is as usual.
LOOKED_AT_MOST: Final = 5_000
MESSAGES_TOGETHER: Final = timedelta(hours=1)
UNREADABLE: Final = "unreadable"


def look_at_messages() -> bool:
    """Look at what came as messages since the last look, batch by batch; end the batches that went on long enough.
    Returns whether there was anything, so that somebody has to be woken for it.

    A request that still writes to a batch when it ends is looked at the next time.
    """
    looked = False
    for batch_id in Tally.objects.order_by("batch").values_list("batch", flat=True).distinct():
        # Workers and the sweep at once: one looks at a batch, for the others its cases are as not there yet.
        with alone(f"looking at batch {batch_id}") as is_mine:
            if is_mine:
                _look_at(batch_id)
                looked = True
    now = timezone.now()
    going_on = Batch.objects.filter(kind__in=GOING_ON, finished_at=None, started_at__lt=now - MESSAGES_TOGETHER)
    going_on.update(finished_at=now)
    return looked


def _look_at(batch_id: int) -> None:
    """Killed anywhere, the next one looks at the same cases again: what the batch keeps and that they are looked at is
    one transaction, and a quarantine that is there already is left as it is."""
    tallies = list(Tally.objects.filter(batch=batch_id).order_by("pk").values_list("pk", "case_ids", "refused"))
    case_ids = [case_id for _pk, each, _refused in tallies for case_id in each]
    refused = sum(each for _pk, _case_ids, each in tallies)
    source = Source.objects.defer("reference").get(batches=batch_id)
    watch = _looked_at(source, batch_id, case_ids, refused) if case_ids or refused else None
    source.refresh_from_db(fields=["state"])
    if case_ids and source.state == Source.State.QUARANTINED:
        # More than one go moves may wait, and once looked at they are anybody's.
        hold_all_waiting(source)
    with transaction.atomic(durable=True):
        # A person who releases the source meanwhile, and has the batch begin anew: either that waits until this is
        # kept, and empties it, or it is seen here, and the look of before is not kept.
        hold_state(source)
        _add_up([pk for pk, _case_ids, _refused in tallies])
        if watch and watch.releases == releases_of(source):
            Batch.objects.filter(pk=batch_id).update(**watch.kept())
    if watch:
        learn_unknown(watch)


def _looked_at(source: Source, batch_id: int, case_ids: Sequence[int], refused: int) -> Watch | None:
    """At the cases, and at how many messages beside them were refused; None where the look itself failed: then a person
    looks, and other sources go on."""
    releases = releases_of(source)
    try:
        watch = look_after(batch_id, case_ids[-LOOKED_AT_MOST:])
        watch.count(len(case_ids), refused)
        if watch.is_bad:
            quarantine_if_new(watch)
        return watch
    except (OperationalError, InterfaceError):
        raise
    except Exception as failure:
        log.exception("the messages of batch %d could not be looked at", batch_id)
        sign: dict[str, Any] = {"product": "", "feature": type(failure).__name__, "what": UNREADABLE}
        sign |= {"value": 1.0, "usual": 0.0, "rows": len(case_ids), "grade": "bad"}
        quarantine_source(source.pk, signs=[sign], since=timezone.now(), batch_id=batch_id, releases=releases)
        return None


def _add_up(tallies: Sequence[int]) -> None:
    """Add what the requests counted to their batch."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH counted AS (DELETE FROM intake_tally WHERE id = ANY(%s) RETURNING *), summed AS (
                SELECT batch_id, sum(accepted) AS accepted, sum(duplicates) AS duplicates, sum(rejected) AS rejected,
                       sum(held) AS held, sum(marked) AS marked FROM counted GROUP BY batch_id)
            UPDATE intake_batch b SET rows = b.rows + s.accepted + s.duplicates + s.rejected,
                accepted = b.accepted + s.accepted, duplicates = b.duplicates + s.duplicates,
                rejected = b.rejected + s.rejected, held = b.held + s.held, marked = b.marked + s.marked
            FROM summed s WHERE s.batch_id = b.id
            """,
            [list(tallies)],
        )
