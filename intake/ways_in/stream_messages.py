"""Messages of a stream or topic on the one path: read like those of POST /cases, each taken in or kept with its reason.

What was taken in and how far a stream is through stand in one transaction, and the stream is told only after it. So a
process that dies at any moment leaves each message either as it was, or through: read again, it adds nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from cases.arrivals import Arrival
from cases.models import Case
from intake.admission.kept_rows import Keeper, keeper_of, read_kept
from intake.admission.message_joins import as_in_force
from intake.admission.taking_in import Taken, take_in, take_in_kept
from intake.health.health import ROWS_LEAST
from intake.health.watching import look_before, open_watch
from intake.mapped.submission import read_submission
from intake.models import Batch, Connector, Source, Tally, Way
from intake.reading.rows import ReadRow
from intake.sources.source_names import plain_name
from intake.stored.kept_models import FAILS, KILLS
from intake.tabular.json_rows import flat_row, row_of, text_of
from intake.wording.field_errors import FieldError
from intake.wording.sentences import shorten, storable

log = logging.getLogger(__name__)

AT_ONCE: Final = 500
BYTES_MOST: Final = 2**20
# So much of a larger message is kept with its refusal.
KEPT_MOST: Final = 4 * 2**20
SHOWN: Final = 1_000
# Under this name the body of a message that could not be taken in is kept whole, so that it can be tried again.
BODY: Final = "body"
NAME_MOST: Final = 100
# So many readers may die of a message before it is kept as rejected.
DEATHS_MOST: Final = 5
# So many cases may wait for the machine before no more are read: the stream keeps the rest better than we do.
BACKLOG_MOST: Final = 20_000


@dataclass(frozen=True)
class Message:
    """One message: its name in the stream, its body (None where it has none), and how many who read it died of it,
    where that is too many to try again."""

    name: str
    body: bytes | None
    deaths: int = 0


# Which of the messages are new, by their places; written down in the transaction that takes them in.
Choose = Callable[[Sequence[Message]], Sequence[int]]


def has_room() -> bool:
    """Whether the machine keeps up with what comes."""
    waiting: int = Case.objects.waiting_for_machine()[:BACKLOG_MOST].count()
    return waiting < BACKLOG_MOST


def take_in_messages(connector: Connector, name: str, messages: Sequence[Message], choose: Choose) -> None:
    """Take in what is new of these messages, together; `name` is what their batch is called.

    Messages that cannot be taken in together are tried by themselves, and one that still cannot is kept as rejected: a
    poisonous one never stops its stream. Raises OperationalError where our own database is away.
    """
    keeper = keeper_of(connector.source.slug)
    rows = [read_message(message, place, connector.source, keeper) for place, message in enumerate(messages, 1)]
    if len(rows) >= ROWS_LEAST and keeper is None:
        with transaction.atomic(durable=True):
            batch = _open_batch(connector.source, connector.kind, name)
        look_before(open_watch(batch), as_in_force(batch.source_id, connector.source.slug, rows))
    try:
        _take_in(connector, name, messages, rows, choose, is_kept=keeper is not None)
    except (OperationalError, InterfaceError, SoftTimeLimitExceeded):
        raise
    except Exception as failure:
        log.exception("%d messages of %s could not be taken in together", len(messages), name)
        if len(messages) > 1:
            for message in messages:
                take_in_messages(connector, name, [message], choose)
            return
        row, whole = rows[0], text_of(messages[0].body or b"")
        # What cannot be kept as it came is refused for that already; tried again, it would be another message.
        if storable(whole) == whole:
            refused = FieldError("", "", FAILS, {"problem": type(failure).__name__})
            row = ReadRow(1, None, [refused], {**row.raw, BODY: whole}, message=row.message)
        _take_in(connector, name, messages, [row], choose, is_kept=keeper is not None)


def _take_in(
    connector: Connector,
    name: str,
    messages: Sequence[Message],
    rows: Sequence[ReadRow],
    choose: Choose,
    *,
    is_kept: bool,
) -> None:
    with transaction.atomic(durable=True):
        fresh = [rows[place] for place in choose(messages)]
        if fresh:
            add_to_batch(connector.source, connector.kind, name, fresh, is_kept=is_kept)


def add_to_batch(
    source: Source, kind: str, name: str, rows: Sequence[ReadRow], *, is_kept: bool = False
) -> tuple[Batch, Taken]:
    """Take these in with what comes now, inside the caller's transaction: the batch that counts them, and what became
    of each. `is_kept`: no cases come of them, others join them."""
    batch = _open_batch(source, kind, name)
    taken: Taken = take_in_kept(batch, rows) if is_kept else take_in(batch, rows)
    accepted = [each.key for each in taken.verdicts if each.key and each.arrival is Arrival.ACCEPTED]
    Tally.objects.create(batch=batch, case_ids=accepted, refused=taken.refused, **taken.counts())
    return batch, taken


def _open_batch(source: Source, kind: str, name: str) -> Batch:
    """What comes together for a while. Two readers at once: one open batch a source and kind is unique."""
    batch, _created = Batch.objects.defer("profile", "signs", "measures").get_or_create(
        source=source, kind=kind, finished_at=None, defaults={"name": name[:255]}
    )
    batch.source = source
    return batch


def read_message(message: Message, place: int, source: Source, keeper: Keeper | None = None) -> ReadRow:
    """A message as a row: a case of its source, which it need not name, or what a keeper keeps of it for others."""
    called = shorten(storable(message.name), NAME_MOST)
    body = message.body or b""
    text = text_of(body)
    # Not even read where readers died of it; what is no UTF-8 or holds a NUL is no case, and could not be kept as it is
    # either.
    is_killer = message.deaths > 0 and storable(text) == text
    raw: Any
    if message.body is None:
        raw = FieldError("message", "", "no_body", {"name": _body_field(source)})
    elif len(body) > BYTES_MOST:
        return _too_large(body, place, called)
    elif is_killer:
        raw = FieldError("message", text[:SHOWN], KILLS, {"count": str(message.deaths)})
    else:
        raw = row_of(text)
    if isinstance(raw, FieldError):
        kept = {BODY: storable(text)} if is_killer else flat_row(raw)
        return ReadRow(place, None, [raw], kept, message=called)
    if keeper:
        return read_kept(raw, place, keeper, now=timezone.now(), message=called)
    kept = flat_row(raw)
    if isinstance(raw, dict):
        named = raw.setdefault("source", source.slug)
        if isinstance(named, str) and plain_name(named).lower() == source.slug.lower():
            raw["source"] = source.slug
        elif named != source.slug:
            other = FieldError("source", str(named), "other_source", {"source": source.slug})
            return ReadRow(place, None, [other], kept, message=called)
    read = read_submission(raw, now=timezone.now())
    if isinstance(read, list):
        return ReadRow(place, None, read, kept, message=called)
    return ReadRow(place, read, [], kept, message=called)


def _too_large(body: bytes, place: int, called: str) -> ReadRow:
    """A message that is not even read, kept whole unless it is larger than a row of the database should be."""
    text = text_of(body[:KEPT_MOST])
    errors = [FieldError("message", text[:SHOWN], "message_too_large", _sizes(body, BYTES_MOST))]
    if len(body) > KEPT_MOST:
        errors.append(FieldError("message", "", "message_cut_off", _sizes(body, KEPT_MOST)))
    return ReadRow(place, None, errors, {"message": storable(text)}, message=called)


def _sizes(body: bytes, limit: int) -> dict[str, str]:
    return {"size": f"{len(body):,}", "limit": f"{limit:,}"}


def _body_field(source: Source) -> str:
    connector = source.connector
    return str(connector.settings.get("field", "body")) if connector.kind == Way.REDIS else "value"
