"""Messages that were kept whole, taken in again: asked for by a person with a reason, tried once by a worker.

Such a message may kill its worker again. So it is tried alone, one in the whole house at a time; that it is tried is
committed before it is read; and what was begun is never begun again. Whoever works next writes down that the one
before died, and the message waits for a person.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any, Final

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from cases import rules
from cases.arrivals import Arrival
from cases.errors import NotAllowed
from cases.locks import alone, hold
from cases.models import User
from intake.admission.kept_rows import keeper_of
from intake.models import RejectedRow, Source
from intake.sources.sources import LACKING, OWNERS, SourceNotFound
from intake.stored.kept_models import KEPT_WHOLE, OPEN, SETTLED, MessageStep
from intake.ways_in.stream_messages import BODY, Message, add_to_batch, read_message

log = logging.getLogger(__name__)

TRY_TASK: Final = "riskreview.tasks.take_in_kept_messages"
# A turn ends after so long even where more wait; the rest of the task's time is for the one in hand.
TURN_SECONDS: Final = 60.0
# After so many deaths one after the other the cause is not mended: what else was asked for of the source is called off.
DEATHS_MOST: Final = 3
LOCK: Final = "kept messages"
Step: Final = MessageStep.Name
# What was last done with a kept message; "" where nothing was.
_LAST: Final = Coalesce(
    Subquery(MessageStep.objects.filter(row=OuterRef("pk")).order_by("-id").values("name")[:1]), Value("")
)


def kept_messages(slug: str) -> QuerySet[RejectedRow]:
    """The messages of a source that are kept whole, whatever was done with them."""
    return RejectedRow.objects.filter(KEPT_WHOLE, batch__source__slug=slug)


def unsettled(kept: QuerySet[RejectedRow]) -> QuerySet[RejectedRow]:
    """Those of which no case has come and which nobody has set aside."""
    return kept.annotate(last=_LAST).exclude(last__in=(*SETTLED, Step.SET_ASIDE))


def set_aside(kept: QuerySet[RejectedRow]) -> QuerySet[RejectedRow]:
    """Those of which a person said that they will not be tried, and nobody has asked since."""
    return kept.annotate(last=_LAST).filter(last=Step.SET_ASIDE)


def to_try(kept: QuerySet[RejectedRow]) -> QuerySet[RejectedRow]:
    """Those that are tried where all are asked for: not settled, not set aside, not waiting for their try."""
    return kept.annotate(last=_LAST).exclude(last__in=(*SETTLED, Step.SET_ASIDE, *OPEN))


def ask_again(slug: str, *, by: User, reason: str, row_ids: Sequence[int] | None = None) -> int:
    """Ask that kept messages of a source be taken in again, these or all; returns how many a worker will try.

    Those that wait for a try or of which a case has come are passed over; of all, those that were set aside too. Two
    stewards at once, or one who presses twice, or one who sets aside what another has tried: one looks after the other,
    and finds what was asked for; besides, an attempt is asked for once (unique).

    Raises:
        NotAllowed: neither supervisor nor administrator. SourceNotFound: no such source. BadDecision: no reason.
    """
    kept = kept_messages(slug)
    wanted = to_try(kept) if row_ids is None else kept.filter(pk__in=row_ids)
    return _step(slug, wanted, Step.ASKED, by=by, reason=reason, passed_over=(*OPEN, *SETTLED))


def put_aside(slug: str, *, by: User, reason: str, row_ids: Sequence[int]) -> int:
    """Say of kept messages that they will not be tried again; returns of how many it is said now. Whoever asks for one
    of them has it tried nevertheless.

    Those that wait for a try, of which a case has come or which are set aside already are passed over.

    Raises: as `ask_again`.
    """
    wanted = kept_messages(slug).filter(pk__in=row_ids)
    over = (*OPEN, *SETTLED, Step.SET_ASIDE)
    return _step(slug, wanted, Step.SET_ASIDE, by=by, reason=reason, passed_over=over)


def _step(
    slug: str, wanted: QuerySet[RejectedRow], name: str, *, by: User, reason: str, passed_over: Sequence[str]
) -> int:
    """Write this step of a person for each of the wanted messages whose last step is none of `passed_over`."""
    if not by.is_active or by.role not in OWNERS:
        raise NotAllowed
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=LACKING, field="reason")
    if not Source.objects.filter(slug=slug).exists():
        raise SourceNotFound
    with transaction.atomic(durable=True):
        hold(f"{LOCK} of {slug}")
        keys = list(wanted.order_by("pk").values_list("pk", flat=True))
        # Read after the keys: of what a worker ends meanwhile, the end is seen.
        told = MessageStep.objects.filter(row__in=keys).order_by("row", "-id").distinct("row")
        last = {row: (step, attempt) for row, step, attempt in told.values_list("row", "name", "attempt")}
        fresh = [key for key in keys if key not in last or last[key][0] not in passed_over]
        attempts = {key: last[key][1] + 1 if key in last else 1 for key in fresh}
        MessageStep.objects.bulk_create(
            MessageStep(row_id=key, attempt=attempt, name=name, actor=by, reason=why)
            for key, attempt in attempts.items()
        )
    return len(fresh)


def has_asked() -> bool:
    """Whether a worker is to look: something waits to be tried, or was begun and its end is not written down."""
    return _unended(Step.ASKED).exists()


def try_asked() -> int:
    """Try what was asked for, one message after the other, for a turn. Returns how many were tried.

    Two workers at once: one holds the lock, which goes with its database session when it dies; the other leaves.
    """
    with alone(LOCK) as mine:
        if not mine:
            return 0
        note_deaths()
        end, count = time.monotonic() + TURN_SECONDS, 0
        while time.monotonic() < end and (asked := _next()) is not None:
            # From here on the message counts as tried, whatever becomes of this process. A task that comes again finds
            # it begun; of two that would begin it, one is refused (unique).
            with transaction.atomic(durable=True):
                MessageStep.objects.create(row_id=asked.row_id, attempt=asked.attempt, name=Step.BEGUN)
            _try(asked)
            count += 1
        return count


def note_deaths() -> None:
    """Whoever holds the lock is the only one at work: what was begun and has no end, its worker died of."""
    # Of the messages themselves nothing is read here.
    died = list(_unended(Step.BEGUN).values_list("row", "attempt", "row__batch__source"))
    _end([(row, attempt) for row, attempt, _source in died], Step.DIED)
    for source_id in sorted({source for _row, _attempt, source in died}):
        if _dies_again_and_again(source_id):
            others = _unended(Step.ASKED).filter(row__batch__source=source_id)
            _end(list(others.values_list("row", "attempt")), Step.CALLED_OFF)


def _dies_again_and_again(source_id: int) -> bool:
    ends = MessageStep.objects.exclude(name__in=(*OPEN, Step.CALLED_OFF, Step.SET_ASIDE)).filter(
        row__batch__source=source_id
    )
    newest = list(ends.order_by("-id").values_list("name", flat=True)[:DEATHS_MOST])
    return newest == [Step.DIED] * DEATHS_MOST


def _unended(name: str) -> QuerySet[MessageStep]:
    """Steps of this name whose attempt has no end, the oldest first."""
    same = MessageStep.objects.filter(row=OuterRef("row"), attempt=OuterRef("attempt"))
    return MessageStep.objects.filter(~Exists(same.exclude(name__in=OPEN)), name=name).order_by("id")


def _next() -> MessageStep | None:
    same = MessageStep.objects.filter(row=OuterRef("row"), attempt=OuterRef("attempt"), name=Step.BEGUN)
    return _unended(Step.ASKED).filter(~Exists(same)).first()


def _try(asked: MessageStep) -> None:
    try:
        _take_in(asked)
    except SoftTimeLimitExceeded as late:
        # It had the worker for long enough, and the task ends here.
        _fail(asked, late)
        raise
    except Exception as failure:
        log.exception("kept message %d could not be taken in again", asked.row_id)
        _fail(asked, failure)


def _take_in(asked: MessageStep) -> None:
    """Take it in on the one path, with what comes now of its stream; what came of it is written with it or not at all.

    Where its sender has sent it again meanwhile, or does so now: source and reference of a case are unique, so that the
    case is known already. Where another took this worker for dead: the attempt has its end, and all of this is undone.
    """
    row = RejectedRow.objects.select_related("batch__source").get(pk=asked.row_id)
    source, kind, stream = row.batch.source, row.batch.kind, row.batch.name
    keeper = keeper_of(source.slug)
    read = read_message(Message(row.message, str(row.raw.get(BODY, "")).encode()), 1, source, keeper)
    with transaction.atomic(durable=True):
        batch, taken = add_to_batch(source, kind, stream, [read], is_kept=keeper is not None)
        verdict = taken.verdicts[0]
        came: dict[str, Any] = {"batch": batch}
        if verdict.errors or verdict.arrival is None:
            name, came["errors"] = Step.REFUSED, [error.as_dict() for error in verdict.errors]
        else:
            name = Step.TAKEN_IN if verdict.arrival is Arrival.ACCEPTED else Step.KNOWN
            came["case_id"] = verdict.key
        MessageStep.objects.create(row=row, attempt=asked.attempt, name=name, **came)


def _fail(asked: MessageStep, failure: Exception) -> None:
    _end([(asked.row_id, asked.attempt)], Step.FAILED, type(failure).__name__)


def _end(attempts: Sequence[tuple[int, int]], name: str, problem: str = "") -> None:
    """Write the end of attempts, but of none that has one: who was taken for dead and lives comes too late."""
    errors = [{"problem": problem}] if problem else []
    ends = [MessageStep(row_id=row, attempt=attempt, name=name, errors=errors) for row, attempt in attempts]
    with transaction.atomic(durable=True):
        MessageStep.objects.bulk_create(ends, ignore_conflicts=True)
