"""The lineage of a case's facts: source, file or message, row, version of the mapping, cleaning, and later changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.machine import BIRTH
from cases.models import Case, CaseEvent, User
from cases.sealed import CannotOpen, opened
from desk.build.fact_names import case_names
from desk.build.facts import DERIVED, field_values
from desk.build.kept_messages import error_words
from desk.build.lineage_steps import joined_words, step_words, steps_of_case
from desk.build.mapping_words import FIELD_WORDS
from desk.build.personal import Sight
from desk.build.source_list import mapping_words
from desk.build.told_values import told_value
from desk.pages.lineage import Again, Change, LineagePage, LineageRow, Place
from desk.words import number, plain, when
from intake.gate.lineage import Reading, column_of, join_named, joined_of, of_message, reading_of, steps_of_message
from intake.mapped.fields import DEFAULTS
from intake.models import (
    NUMBERED,
    ApplicantNumber,
    Batch,
    CaseJoin,
    CaseOrigin,
    MessageStep,
    ReferenceRow,
    SourceMapping,
)

FIELDS: Final[Mapping[str, Promise]] = {
    "amount": gettext_lazy("Amount"),
    "currency": gettext_lazy("Currency"),
    "term_months": gettext_lazy("Loan term"),
    "product": gettext_lazy("Product"),
    "applied_at": gettext_lazy("Time of the application"),
}
# Told of a case that has them, or where another source was asked for them in vain.
JOINED_FIELDS: Final[Mapping[str, Promise]] = {
    "applicant.name": DERIVED["applicant.name"],
    "industry": gettext_lazy("Industry"),
    "region": gettext_lazy("Region"),
    "channel": gettext_lazy("Channel"),
}
# What every case has, whoever gave it.
WHO: Final = ("external_ref", "applicant.id")
CHANGED_BY: Final = ("supply_data", "resubmit")


@dataclass(frozen=True)
class Came:
    """By what a case came, or came again: the batch, and of a table its row; of a message the signed version that it
    was read by, 0 where that joined nothing."""

    batch: Batch | None = None
    row: int | None = None
    message: str = ""
    version: int = 0

    @property
    def in_table(self) -> bool:
        return self.batch is not None and self.batch.kind in NUMBERED

    @property
    def is_message(self) -> bool:
        return self.batch is not None and self.batch.kind not in NUMBERED


@dataclass(frozen=True)
class Told:
    """A fact by the name under which a mapping reads it, in words, as its reader sees it, and as it is stored."""

    name: str
    words: str
    shown: str
    raw: Any = ""


def lineage_page(case: Case, sight: Sight, *, may_see_source: bool) -> LineagePage:
    """Ten queries at most, whatever the number of facts."""
    origin = CaseOrigin.objects.select_related("batch__mapping", "batch__source").filter(case=case).first()
    # The newest of a name counts.
    joins = {each.name: each for each in case.joins.select_related("row__batch").order_by("id")}
    events = list(case.events.filter(name__in=(BIRTH, *CHANGED_BY)).select_related("actor").order_by("seq"))
    came = [event for event in events if event.name != "supply_data"]
    first = Came(origin.batch, origin.row_number, origin.message, _version(came[:1])) if origin else Came()
    last = _sent_last(came[1:]) or first
    stated = last.batch.mapping.content if last.batch and last.batch.mapping else None
    mapping = _of_message(case, last.version, joins) if stated is None else stated
    taken = {name: each.row for name, each in joins.items()} if mapping.get("joins") else {}
    facts = [*_facts(case, sight, mapping), *_numbers(case, origin.numbers if origin else (), sight)]
    source = first.batch.source.slug if first.batch and may_see_source else ""
    return LineagePage(
        ref=case.ref,
        case_url=reverse("desk:case", args=[case.ref]),
        source=case.source,
        source_url=reverse("desk:source", args=[source]) if source else "",
        first=_place(first, case.received_at),
        last=_place(last, came[-1].at) if last is not first else None,
        again=_again(case, sight),
        rows=tuple(_row(case, each, mapping, events, sight, taken, is_message=last.is_message) for each in facts),
    )


def _version(came: Sequence[CaseEvent]) -> int:
    """The signed version that joined something when the message came, or came again; 0 where none did."""
    return int(came[-1].facts.get("mapping", 0)) if came else 0


def _sent_last(resent: Sequence[CaseEvent]) -> Came | None:
    """By what the case stands since its source sent it again."""
    if not resent:
        return None
    facts = resent[-1].facts
    batch = Batch.objects.select_related("mapping").get(pk=facts["batch"])
    return Came(batch, facts.get("row"), facts.get("message", ""), _version(resent))


def _place(came: Came, at: datetime) -> Place:
    batch = came.batch
    signed = _("version %(n)s, signed") % {"n": number(came.version)} if came.version else ""
    return Place(
        at=when(at),
        file=batch.name if batch and came.in_table else "",
        sha256=batch.sha256 if batch else "",
        row=number(came.row) if came.row else "",
        mapping=mapping_words(batch) if batch and came.in_table else signed,
        message=came.message,
        system=batch.name if batch and came.is_message else "",
    )


def _again(case: Case, sight: Sight) -> tuple[Again, ...]:
    """The attempts on messages that were kept whole which ended with this case; of their bodies nothing is read."""
    settled = MessageStep.objects.filter(case=case).select_related("row__batch").defer("row__raw").order_by("id")
    ends = {each.row_id: each for each in settled}
    asks = MessageStep.objects.filter(row__in=ends, name=MessageStep.Name.ASKED).select_related("actor")
    asked = {(each.row_id, each.attempt): each for each in asks} if ends else {}
    return tuple(_tried(end, asked[end.row_id, end.attempt], sight) for end in ends.values())


def _tried(end: MessageStep, asked: MessageStep, sight: Sight) -> Again:
    return Again(
        message=end.row.message,
        kept=when(end.row.kept_at or end.row.batch.started_at),
        why="; ".join(error_words(error, sight.own) for error in end.row.errors),
        at=when(end.at),
        by=asked.actor.display_name if asked.actor else "",
        reason=sight.text(asked.reason),
        became=str(MessageStep.Name(end.name).label),
    )


def _of_message(case: Case, version: int, joins: Mapping[str, CaseJoin]) -> Mapping[str, Any]:
    """What the signed mapping says of the features that were joined to a message."""
    if not version:
        return {}
    content = SourceMapping.objects.values_list("content", flat=True).get(source__slug=case.source, number=version)
    taken = {name for each in joins.values() for name in each.features}
    return of_message(content, case.features, {name: _joined_field(case, name) for name in JOINED_FIELDS}, taken)


def _joined_field(case: Case, name: str) -> str:
    return str(case.applicant.name if name == "applicant.name" else getattr(case, name))


def _facts(case: Case, sight: Sight, mapping: Mapping[str, Any]) -> list[Told]:
    """The fields that a decision stands on, then what else the case says of itself, then every feature."""
    fields = [Told(name, str(FIELDS[name]), _shown(getattr(case, name)), getattr(case, name)) for name in FIELDS]
    values = field_values(case)
    said = {"applicant.segment": case.applicant.segment, "applicant.key_customer": case.applicant.key_customer}
    names = {*case.derived, *WHO, *(name for name in said if name in mapping.get("fields", {}))}
    # What is as it is where nothing is said may have been said or not.
    names |= {name for name, value in said.items() if value != DEFAULTS[name]}
    others = [
        Told(name, str(words), sight.shown(name, values[name]) if sight.is_personal(name) else values[name])
        for name, words in DERIVED.items()
        if name not in FIELDS and name in names
    ]
    read = joined_of(mapping, "fields")
    joined = [
        Told(name, str(words), _field(case, name, sight))
        for name, words in JOINED_FIELDS.items()
        if name not in case.derived and (name in read or _joined_field(case, name))
    ]
    called = case_names(case.product, case.source)
    given = [
        Told(name, called(name, column_of(mapping, name)), _seen(name, value, sight), value)
        for name, value in case.features.items()
    ]
    return [*fields, *others, *joined, *given]


def _field(case: Case, name: str, sight: Sight) -> str:
    if name == "applicant.name" and case.applicant.name:
        return sight.name_of(case.applicant)
    return _joined_field(case, name)


def _numbers(case: Case, digests: Collection[int], sight: Sight) -> list[Told]:
    """The numbers of the applicant that came with the case, in the form of their standards."""
    if not digests:
        return []
    kept = ApplicantNumber.objects.filter(applicant=case.applicant_id, digest__in=digests).order_by("kind")
    names = [(f"applicant.{each.kind}", each) for each in kept]
    return [Told(name, str(FIELD_WORDS[name]), _number_seen(each, sight), each.masked) for name, each in names]


def _number_seen(kept: ApplicantNumber, sight: Sight) -> str:
    try:
        return opened(kept.sealed) if sight.is_open else kept.masked
    except CannotOpen:
        # Its key was thrown away: what is left of it is what anybody may see.
        return kept.masked


def _seen(name: str, value: Any, sight: Sight) -> str:
    return sight.shown(name, value) if sight.is_personal(name) else _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return when(value) if hasattr(value, "astimezone") else plain(value) if value is not None else ""


def _row(
    case: Case,
    fact: Told,
    mapping: Mapping[str, Any],
    events: Sequence[CaseEvent],
    sight: Sight,
    taken: Mapping[str, ReferenceRow],
    *,
    is_message: bool,
) -> LineageRow:
    stated = steps_of_message(fact.name, fact.raw) if is_message else ()
    reading = reading_of(mapping, fact.name) or Reading((), stated)
    joins = [found for column in reading.columns if (found := join_named(mapping, column))]
    return LineageRow(
        name=fact.name.replace(".", "-"),
        words=fact.words,
        value=fact.shown,
        columns=reading.columns,
        steps=(
            *(joined_words(mapping["joins"][each]["source"], taken.get(each)) for each in joins),
            *(step_words(step) for step in steps_of_case(fact.name, reading, case.findings)),
        ),
        changes=tuple(
            _change(fact.name, event, sight) for event in events if fact.name in event.facts.get("after", {})
        ),
    )


def _change(name: str, event: CaseEvent, sight: Sight) -> Change:
    before, after = (told_value(name, event.facts[which].get(name), sight) for which in ("before", "after"))
    by: User | None = event.actor
    words = f"{before} → {after}"
    typed = event.facts.get("typed", {})
    if name in typed:
        words = _("%(change)s, typed as %(typed)s") % {"change": words, "typed": told_value(name, typed[name], sight)}
    if name in event.facts.get("computed", ()):
        words = _("computed anew: %(change)s") % {"change": words}
    if name in event.facts.get("given", ()):
        words = _("given by a person, not computed: %(change)s") % {"change": words}
    return Change(
        at=when(event.at),
        by=by.display_name if by else _sent_again(event),
        words=words,
        reason=sight.text(event.facts.get("reason", "")),
    )


def _sent_again(event: CaseEvent) -> str:
    """Who changed a value where no person did: the source, by a file or otherwise."""
    file = event.facts.get("file", "")
    return _("sent again by the source in %(file)s") % {"file": file} if file else _("sent again by the source")
