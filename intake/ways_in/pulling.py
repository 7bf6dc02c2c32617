"""Pulling new rows from a lender's database: where the last pull ended, in the transaction that takes them in.

A pull that is killed goes on behind the last row that was taken in: the place of a row is written with its case. Then
what was read before is read again from time to time, for rows that came late (`intake/ways_in/looking_back.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain
from typing import Any, Final
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from cases.errors import NotAllowed
from cases.locks import alone
from cases.models import User
from cases.states import Role
from intake.actions import Along, import_rows, mapping_version
from intake.admission.reading_anew import unseen_readings
from intake.models import Batch, Connector, MappingVersion, Pull, Source, Way
from intake.reading.rows import ReadRow, bind_mapping, read_rows
from intake.recognition.mapping import CaseMapping, mapping_as_data, mapping_of_text, read_mapping
from intake.record.choose import mapping_for
from intake.record.first_rows import keep_first_rows
from intake.record.on_record import earlier_mappings, past_mappings
from intake.record.reference import look_up
from intake.record.signed import signed_mapping
from intake.signing.first_look import ask_for_look
from intake.sources.connector_settings import SqlSettings
from intake.sources.database_rows import DatabaseTable, value_again
from intake.sources.faults import told_as_failed
from intake.sources.reaching import ConnectorProblem
from intake.tabular.tables import Table
from intake.values.cells import cell_text
from intake.ways_in.connector_trouble import note_trouble
from intake.ways_in.connectors import ConnectorNotFound, opened_address
from intake.ways_in.looking_back import ROWS_MOST as LOOK_BACK_MOST
from intake.ways_in.looking_back import LookBack, Unknown, look_back_due, news_of
from intake.ways_in.without_place import tell_unread
from intake.wording.sentences import IntakeError

PULL_TASK: Final = "riskreview.tasks.pull_sources"
PEEKED: Final = 5
# Somebody waits for it in a browser.
PEEK_SECONDS: Final = 15
STATED: Final = "stated"
# Turns at which nothing came are kept so long.
EMPTY_KEPT: Final = timedelta(days=30)


@dataclass(frozen=True)
class Peek:
    """The first rows as they would be read: columns, cells, and what would be wrong with each row."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    errors: tuple[tuple[dict[str, str], ...], ...]


def pulls_due() -> bool:
    """Whether a database is to be asked now."""
    return bool(_due().exists())


def pull_due() -> int:
    """Ask every database whose turn it is. Returns how many were asked; one that another process asks is left to it."""
    return sum(pull_alone(key) for key in list(_due().values_list("pk", flat=True)))


def _due() -> Any:
    asked = Q(due_at__lte=timezone.now()) | Q(pulls__ended_at__isnull=True, pulls__isnull=False)
    return Connector.objects.filter(asked, kind=Way.SQL, state=Connector.State.ACTIVE).distinct()


def pull_alone(connector_id: int) -> bool:
    """One pull, unless another process is at it. Returns whether it was ours."""
    with alone(f"pull {connector_id}") as mine:
        if mine:
            pull(connector_id)
        return bool(mine)


def pull(connector_id: int) -> Pull:
    """One pull: that which was asked for or broken off, or a new one. What goes wrong is kept with it."""
    with transaction.atomic(durable=True):
        connector = Connector.objects.select_related("source__owner", "mapping").get(pk=connector_id)
        open_turns = Pull.objects.select_related("batch", "late").filter(connector=connector)
        turn, _created = open_turns.get_or_create(
            ended_at=None, defaults={"connector": connector, "began": connector.position}
        )
    problem: dict[str, str] = {}
    more = False
    try:
        with told_as_failed(connector.source.slug):
            more = _pull(connector, turn)
            more |= _look_back(connector, turn)
            tell_unread(connector)
    except IntakeError as refusal:
        problem = refusal.as_dict()
    _end(connector, turn, problem, more=more)
    return turn


def _pull(connector: Connector, turn: Pull) -> bool:
    """Whether there may be more to read than one pull reads."""
    settings, before = SqlSettings(**connector.settings), turn.batch.rows if turn.batch else 0
    with _asked(connector, settings, after=connector.position, most=settings.rows_most) as (names, rows):
        table = DatabaseTable(names, rows, settings, first=before + 2, behind=connector.position)
        if next(table.rows(), None) is None:
            return False
        version, mapping = _settled(connector, settings, table)
        batch = _batch(connector, turn, version)
        keep_first_rows(batch, table)
        place = _Place(connector).write_down(table)
        rows = _read(connector.source, table, mapping, but=unseen_readings(batch))
        _take_in(batch, rows, mapping, start=before, along=place)
    return Batch.objects.values_list("rows", flat=True).get(pk=batch.pk) - before >= settings.rows_most


def _look_back(connector: Connector, turn: Pull) -> bool:
    """One piece of what is to be read again. Whether there is more.

    Killed in the middle, it begins this piece again: what it has taken in is known by then.
    """
    connector.refresh_from_db(fields=["position", "mapping"])
    settings = SqlSettings(**connector.settings)
    window = look_back_due(connector, settings, timezone.now())
    if window is None:
        return False
    before, place = turn.late.rows if turn.late else 0, _Place(connector)
    most = min(settings.rows_most, LOOK_BACK_MOST - window.rows)
    with _asked(connector, settings, after=window.after, until=window.until, most=most) as (names, rows):
        unknown = Unknown(connector, settings, names)
        table = DatabaseTable(names, unknown.among(rows), settings, first=before + 2)
        if next(table.rows(), None) is not None:
            version, mapping = _settled(connector, settings, table)
            news = news_of(connector.source, _read(connector.source, table, mapping), first=before + 2)
            if (first := next(news, None)) is not None:
                batch = _batch(connector, turn, version, late=True)
                _take_in(batch, chain([first], news), mapping, start=before, along=place.stand)
    through = replace(
        window, after=unknown.last if unknown.read >= most else window.until, rows=window.rows + unknown.read
    )
    place.look_back(through)
    Pull.objects.filter(pk=turn.pk).update(read_again=F("read_again") + unknown.read)
    return not through.is_through


def _take_in(batch: Batch, rows: Iterator[ReadRow], mapping: CaseMapping, *, start: int, along: Along) -> None:
    """The rows on the one path, behind the first `start` of the batch."""
    import_rows(batch, rows, decided=mapping.decided, only_kept=not mapping.makes_cases, start=start, along=along)


def _read(
    source: Source, table: DatabaseTable, mapping: CaseMapping, *, but: Collection[int] = ()
) -> Iterator[ReadRow]:
    """The rows of the table as they are read, each by its name."""
    earlier = earlier_mappings(source, mapping, past_mappings(source.slug, but=but))
    for row in read_rows(table, mapping, now=timezone.now(), look_up=look_up, earlier=earlier):
        yield replace(row, message=table.messages[row.row_number])


def _asked(
    connector: Connector, settings: SqlSettings, *, after: list[Any] | None, most: int, until: list[Any] | None = None
) -> Any:
    from intake.ways_in.databases import rows_behind  # sqlalchemy: paid by who asks

    begin, end = ((value_again(each[0]), value_again(each[1])) if each else None for each in (after, until))
    return rows_behind(opened_address(connector), settings, after=begin, until=end, most=most)


class _Place:
    """How far the database was read, moved with each chunk; never past what somebody else has changed meanwhile."""

    def __init__(self, connector: Connector) -> None:
        self.connector, self.position = connector, connector.position

    def write_down(self, table: DatabaseTable) -> Along:
        """Moves on to the last row of each chunk of the table."""

        def write(last: ReadRow) -> None:
            now = self._locked()
            now.position = self.position = table.reached(last.row_number)
            now.save(update_fields=["position"])

        return write

    def stand(self, _last: ReadRow) -> None:
        """Stays where it is: of a look-back."""
        self._locked()

    def look_back(self, now: LookBack) -> None:
        with transaction.atomic(durable=True):
            kept = self._locked()
            kept.look_back, kept.looked_back_at = now.kept(), now.began
            kept.save(update_fields=["look_back", "looked_back_at"])

    def _locked(self) -> Connector:
        """Raises ConnectorProblem, and the chunk is not taken in, where it is no longer read from here."""
        now: Connector = Connector.objects.select_for_update().get(pk=self.connector.pk)
        as_set = all(getattr(now, name) == getattr(self.connector, name) for name in ("settings", "state", "address"))
        if not as_set or now.position != self.position:
            raise ConnectorProblem("position_moved")
        return now


def _settled(connector: Connector, settings: SqlSettings, table: Table) -> tuple[MappingVersion, CaseMapping]:
    """The mapping that reads this database: the stated one, what is signed for the source, or what its first rows tell.
    The last is settled by these and stays until the question changes: recognised anew from the few rows of each pull,
    the same column would mean now this and now that."""
    slug = connector.source.slug
    signed = None if settings.mapping else signed_mapping(table, slug)
    if signed:
        name, mapping = signed
        with transaction.atomic(durable=True):
            return mapping_version(connector.source, name, mapping_as_data(mapping)), mapping
    if connector.mapping is not None:
        return connector.mapping, read_mapping(connector.mapping.content, source=slug)
    name, mapping = _found(settings, slug, table)
    with transaction.atomic(durable=True):
        version = mapping_version(connector.source, name, mapping_as_data(mapping))
        ask_for_look(version)
        Connector.objects.filter(pk=connector.pk, settings=connector.settings).update(mapping=version)
    return version, mapping


def _found(settings: SqlSettings, slug: str, table: Table) -> tuple[str, CaseMapping]:
    """The stated mapping, the shipped one of the source, or what the rows tell; its features without the order."""
    if settings.mapping:
        return STATED, bind_mapping(mapping_of_text(settings.mapping, source=slug), table)
    name, mapping = mapping_for(table, slug, None)
    order = {settings.watermark.casefold(), settings.key.casefold()}
    read_by = {key: {each.casefold() for each in given.columns} for key, given in mapping.features.items()}
    only_order = {key for key, columns in read_by.items() if columns <= order}
    dropped = dict.fromkeys((column for key in only_order for column in mapping.features[key].columns), "row_counter")
    features = {key: given for key, given in mapping.features.items() if key not in only_order}
    return name, replace(mapping, features=features, drop=mapping.drop | dropped)


def _batch(connector: Connector, turn: Pull, version: MappingVersion, *, late: bool = False) -> Batch:
    """The batch of this pull, or of the rows that it found late; one that was broken off goes on."""
    going_on = turn.late if late else turn.batch
    if going_on is not None and going_on.mapping_id == version.pk:
        return going_on
    parts = urlsplit(opened_address(connector))
    with transaction.atomic(durable=True):
        name = f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
        batch = Batch.objects.create(
            source=connector.source, kind=Way.SQL, name=name[:255], mapping=version, started_by=turn.asked_by
        )
        Pull.objects.filter(pk=turn.pk).update(**{"late" if late else "batch": batch})
        return batch


def _end(connector: Connector, turn: Pull, problem: dict[str, str], *, more: bool) -> None:
    """Note what came of it, and when its turn is next."""
    now = timezone.now()
    with transaction.atomic(durable=True):
        Pull.objects.filter(pk=turn.pk).update(ended_at=now, problem=problem)
        every = timedelta(minutes=SqlSettings(**connector.settings).every_minutes)
        kept = note_trouble(connector.pk, problem, due_at=now if more else now + every)
        kept.pulls.filter(batch=None, late=None, problem={}, ended_at__lt=now - EMPTY_KEPT).delete()
    turn.refresh_from_db()


def peek(slug: str, *, by: User) -> Peek:
    """The first rows of a database and what would become of them; nothing is written.

    Raises:
        NotAllowed: not an administrator. ConnectorNotFound: no database. IntakeError: it cannot be read, and why.
    """
    if not by.is_active or by.role != Role.ADMIN:
        raise NotAllowed
    connector = Connector.objects.select_related("source", "mapping").filter(source__slug=slug, kind=Way.SQL).first()
    if connector is None:
        raise ConnectorNotFound
    settings = SqlSettings(**connector.settings)
    settings = replace(settings, seconds_most=min(settings.seconds_most, PEEK_SECONDS), settle_seconds=0)
    with _asked(connector, settings, after=None, most=PEEKED) as (names, rows):
        table = DatabaseTable(names, rows, settings)
        cells = tuple(
            tuple(cell_text(row[name]) for name in table.columns) for _n, row in table.rows() if isinstance(row, dict)
        )
        stated = connector.mapping
        signed = None if settings.mapping else signed_mapping(table, slug)
        if signed:
            mapping = signed[1]
        else:
            mapping = read_mapping(stated.content, source=slug) if stated else _found(settings, slug, table)[1]
        read = list(read_rows(table, mapping, now=timezone.now(), look_up=look_up)) if cells else []
    errors = tuple(tuple(error.as_dict() for error in row.errors) for row in read)
    return Peek(tuple(table.columns), cells, errors)
