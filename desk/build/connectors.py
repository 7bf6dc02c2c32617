"""How a source is reached, in words: its form, its last pulls, its first rows, and the step that changed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields as fields_of
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.models import User
from cases.states import Role
from desk.pages.connectors import ConnectorField, ConnectorPart, FieldKind, KindLink, PeekRow, PeekTable, PullRow
from desk.pages.shared import Problem, StateMark
from desk.words import is_chinese, number, when
from intake.models import Connector, Pull, Source, Way
from intake.sources.connector_settings import KINDS
from intake.sources.database_rows import value_again
from intake.sources.reaching import EXAMPLES, HIDDEN, shown_again
from intake.ways_in.connector_trouble import ROWS_UNREAD
from intake.ways_in.connectors import shown_address
from intake.ways_in.looking_back import late_rows
from intake.ways_in.pulling import Peek
from intake.wording.sentences import IntakeError

FIELDS: Final[Mapping[str, tuple[Promise, Promise | str]]] = {
    "query": (
        gettext_lazy("Question"),
        gettext_lazy("one SELECT; it is read in the order of the two columns below, behind the last row taken in"),
    ),
    "watermark": (
        gettext_lazy("Column that only grows"),
        gettext_lazy("the time or number by which new rows are told; a row without it is never read"),
    ),
    "key": (gettext_lazy("Column that tells rows apart"), gettext_lazy("for rows of the same time or number")),
    "rows_most": (gettext_lazy("Rows a pull, at most"), ""),
    "seconds_most": (gettext_lazy("Seconds a question, at most"), ""),
    "settle_seconds": (
        gettext_lazy("Rows wait (seconds)"),
        gettext_lazy("so that one that is committed late is not passed over"),
    ),
    "every_minutes": (gettext_lazy("Asked every (minutes)"), ""),
    "look_back_hours": (
        gettext_lazy("Hours that are read again"),
        gettext_lazy("for rows that were committed later still, or dated back; 0: nothing is read again"),
    ),
    "look_back_minutes": (gettext_lazy("Read again every (minutes)"), ""),
    "mapping": (gettext_lazy("Mapping (YAML)"), gettext_lazy("empty: recognised from the first rows, and kept")),
    "stream": (gettext_lazy("Stream"), ""),
    "topic": (gettext_lazy("Topic"), ""),
    "group": (gettext_lazy("Consumer group"), ""),
    "field": (gettext_lazy("Field with the case"), gettext_lazy("it holds the JSON of POST /cases")),
}
AREAS: Final = ("query", "mapping")
PULL_MARKS: Final = {True: "declined", False: "approved"}


def told(problem: Mapping[str, str]) -> str:
    """What is wrong, in the reader's language."""
    return problem.get("zh" if is_chinese() else "en", "")


def connector_part(
    source: Source,
    connector: Connector | None,
    user: User,
    *,
    kind: str = "",
    typed: Mapping[str, str] | None = None,
    problem: Problem | None = None,
    peek: PeekTable | None = None,
    pulls: Sequence[Pull] = (),
) -> ConnectorPart | None:
    """The part about it; None where there is none and the reader could make none."""
    may = user.role == Role.ADMIN
    if connector is None and not may:
        return None
    chosen = connector.kind if connector else kind if kind in KINDS else ""
    if not chosen:
        here = reverse("desk:source", args=[source.slug])
        return ConnectorPart(kinds=tuple(KindLink(str(Way(each).label), f"{here}?kind={each}") for each in KINDS))
    said = typed or {}
    address = shown_address(connector) if connector else ""
    again = shown_again(said.get("address", ""))
    return ConnectorPart(
        kind=chosen,
        kind_words=str(Way(chosen).label),
        fields=_fields(chosen, connector, typed),
        address=address,
        example=EXAMPLES[chosen],
        typed_address=again,
        is_again=HIDDEN in again,
        is_new=connector is None,
        state=_state(connector) if connector else None,
        is_active=bool(connector and connector.state == Connector.State.ACTIVE),
        has_pulls=chosen == Way.SQL,
        begins_anew=connector is not None and chosen != Way.REDIS,
        reached=_reached(connector) if connector else "",
        late=_late(connector) if chosen == Way.SQL and connector else "",
        problem=told(connector.problem) if connector else "",
        problem_at=when(connector.problem_at) if connector and connector.problem_at else "",
        pulls=tuple(_pull_row(each) for each in pulls),
        peek=peek,
        set_url=reverse("desk:connector_set", args=[source.slug]) if may else "",
        act_url=reverse("desk:connector_act", args=[source.slug]) if may and connector else "",
        reason=said.get("reason", ""),
        why=said.get("why", ""),
        problems=(problem,) if problem else (),
    )


def _fields(kind: str, connector: Connector | None, typed: Mapping[str, str] | None) -> tuple[ConnectorField, ...]:
    made = []
    for each in fields_of(KINDS[kind]):
        words, note = FIELDS[each.name]
        default = each.default if isinstance(each.default, str | int) else ""
        kept = connector.settings.get(each.name, default) if connector else default
        value = typed.get(each.name, "") if typed else str(kept)
        entry: FieldKind = "area" if each.name in AREAS else "number" if isinstance(default, int) else "text"
        made.append(ConnectorField(each.name, str(words), value, entry, str(note)))
    return tuple(made)


def _state(connector: Connector) -> StateMark:
    state = Connector.State(connector.state)
    return StateMark("waiting_info" if state == Connector.State.PAUSED else "approved", str(state.label))


def _reached(connector: Connector) -> str:
    """How far it was read."""
    if connector.kind == Way.KAFKA:
        offsets = connector.offsets.order_by("topic", "partition")
        return " · ".join(f"{each.topic}[{each.partition}] {each.next}" for each in offsets[:20])
    if not connector.position:
        return ""
    return " · ".join(str(value_again(each)) for each in connector.position)


def _late(connector: Connector) -> str:
    """How many rows came late so far, and when they were looked for last."""
    if not connector.look_back:
        return ""
    late = late_rows(connector)
    words = ngettext("%(n)s row came late", "%(n)s rows came late", late) % {"n": number(late)}
    return _("%(late)s; last looked for on %(at)s") % {"late": words, "at": when(connector.looked_back_at)}


def _pull_row(pull: Pull) -> PullRow:
    batch = pull.batch
    # With rows that have no place in the order, all others are in.
    is_failed = bool(pull.problem) and pull.problem["code"] not in ROWS_UNREAD
    state = StateMark(PULL_MARKS[is_failed], _("failed") if is_failed else _("complete"))
    return PullRow(
        at=when(pull.asked_at),
        by=pull.asked_by.display_name if pull.asked_by else _("its schedule"),
        state=state if pull.ended_at else StateMark("in_review", _("waits or goes on")),
        rows=number(batch.rows) if batch else number(0),
        accepted=number(batch.accepted) if batch else number(0),
        rejected=number(batch.rejected) if batch else number(0),
        read_again=number(pull.read_again),
        late=number(pull.late.rows - pull.late.duplicates) if pull.late else number(0),
        problem=told(pull.problem),
    )


def peek_table(peek: Peek) -> PeekTable:
    language = "zh" if is_chinese() else "en"
    rows = zip(peek.rows, peek.errors, strict=True)
    said = [(cells, tuple(f"{error['field']}: {error[language]}" for error in errors)) for cells, errors in rows]
    return PeekTable(peek.columns, tuple(PeekRow(cells, errors) for cells, errors in said))


def peek_refused(refusal: IntakeError) -> PeekTable:
    return PeekTable(problem=refusal.sentence("zh-hans" if is_chinese() else "en"))


def setting_words(name: str, value: Any) -> tuple[str, str]:
    """A setting of a connector as a step tells it: its name and its value."""
    others = {
        "address": _("Address of the database or broker"),
        "kind": _("Comes as"),
        "anew": _("Read from the beginning"),
    }
    words = str(FIELDS[name][0]) if name in FIELDS else others.get(name, name)
    if name == "kind" and value in KINDS:
        return words, str(Way(value).label)
    if isinstance(value, bool):
        return words, _("yes") if value else _("no")
    return words, "--" if value in (None, "") else str(value)
