"""The lineage of a case's facts: source, file or message, row, version of the mapping, cleaning, and later changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.machine import BIRTH
from cases.models import Case, CaseEvent, User
from cases.office import OFFICE
from desk.build.fact_names import unlisted_words
from desk.build.facts import DERIVED, field_values, reader_language
from desk.build.kept_messages import error_words
from desk.build.mapping_words import COMPUTED_WORDS, MADE_WORDS, OTHER_WORDS, TYPE_WORDS
from desk.build.personal import Sight
from desk.build.source_list import mapping_words
from desk.pages.lineage import Again, Change, LineagePage, LineageRow
from desk.words import day, number, plain, when
from intake.joined import is_whole_day
from intake.lineage import Step, column_of, join_named, joined_of, of_message, reading_of
from intake.models import NUMBERED, Batch, CaseJoin, CaseOrigin, MessageStep, ReferenceRow, SourceMapping
from scoring.ml.errors import FeatureTableError
from scoring.ml.features import feature_table_for

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
STEPS: Final[Mapping[str, Promise]] = {
    "missing": gettext_lazy("means not known: %(given)s"),
    "values": gettext_lazy("read as: %(given)s"),
    "other": gettext_lazy("what is not listed: %(given)s"),
    "pattern": gettext_lazy("the part that fits %(given)s"),
    "type": gettext_lazy("read as %(given)s"),
    "decimal": gettext_lazy("decimal mark %(given)s"),
    "format": gettext_lazy("date as %(given)s"),
    "scale": gettext_lazy("times %(given)s"),
    "prefix": gettext_lazy("with %(given)s before it"),
    "minimum": gettext_lazy("believed from %(given)s"),
    "maximum": gettext_lazy("believed up to %(given)s"),
    "beyond": gettext_lazy("beyond that: %(given)s"),
    "constant": gettext_lazy("the same for every row: %(given)s"),
    "default": gettext_lazy("a stand-in, because the table does not say: %(given)s"),
    "derive": gettext_lazy("made up from the row's reference: %(given)s"),
    "compute": gettext_lazy("computed: %(given)s"),
    "row_hash": gettext_lazy("a hash of the row"),
    "import_time": gettext_lazy("the time of the import"),
}
BEYOND_WORDS: Final[Mapping[str, Promise]] = {
    "refuse": OTHER_WORDS["refuse"],
    "missing": OTHER_WORDS["missing"],
    "cap": gettext_lazy("is taken as the limit"),
}
GIVEN_WORDS: Final[Mapping[str, Mapping[str, Promise]]] = {
    "type": {
        **TYPE_WORDS,
        "money": gettext_lazy("an amount of money"),
        "months": gettext_lazy("a term in months"),
    },
    "other": OTHER_WORDS,
    "beyond": BEYOND_WORDS,
    "derive": MADE_WORDS,
    "compute": COMPUTED_WORDS,
}
CHANGED_BY: Final = ("supply_data", "resubmit")


def lineage_page(case: Case, sight: Sight, *, may_see_source: bool) -> LineagePage:
    """Seven queries at most, whatever the number of facts."""
    origins = CaseOrigin.objects.select_related("batch__mapping", "batch__source")
    origin = origins.filter(case=case).first()
    batch = origin.batch if origin else None
    in_file = batch is not None and batch.kind in NUMBERED
    # The newest of a name counts.
    joins = {each.name: each for each in case.joins.select_related("row__batch").order_by("id")}
    events = list(case.events.filter(name__in=(BIRTH, *CHANGED_BY)).select_related("actor").order_by("seq"))
    version = 0 if in_file else _version_of_message(events)
    mapping = batch.mapping.content if batch and batch.mapping else _of_message(case, version, joins)
    taken = {name: each.row for name, each in joins.items()} if mapping.get("joins") else {}
    return LineagePage(
        ref=case.ref,
        case_url=reverse("desk:case", args=[case.ref]),
        source=case.source,
        source_url=reverse("desk:source", args=[batch.source.slug]) if batch and may_see_source else "",
        arrived=when(case.received_at),
        file=batch.name if batch and in_file else "",
        sha256=batch.sha256 if batch else "",
        row=number(origin.row_number) if origin and origin.row_number else "",
        mapping=_version_words(batch, version),
        message=origin.message if origin else "",
        system=batch.name if batch and not in_file else "",
        again=_again(case, sight),
        rows=tuple(
            _row(name, words, value, mapping, events, sight, taken)
            for name, words, value in _facts(case, sight, mapping)
        ),
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


def _version_words(batch: Batch | None, version: int) -> str:
    if version:
        return _("version %(n)s, signed") % {"n": number(version)}
    return mapping_words(batch) if batch else ""


def _version_of_message(events: Sequence[CaseEvent]) -> int:
    """The signed version that joined something when the message came, or came again; 0 where none did."""
    came = [event for event in events if event.name in (BIRTH, "resubmit")]
    return int(came[-1].facts.get("mapping", 0)) if came else 0


def _of_message(case: Case, version: int, joins: Mapping[str, CaseJoin]) -> Mapping[str, Any]:
    """What the signed mapping says of the features that were joined to a message."""
    if not version:
        return {}
    content = SourceMapping.objects.values_list("content", flat=True).get(source__slug=case.source, number=version)
    taken = {name for each in joins.values() for name in each.features}
    return of_message(content, case.features, {name: _joined_field(case, name) for name in JOINED_FIELDS}, taken)


def _joined_field(case: Case, name: str) -> str:
    return str(case.applicant.name if name == "applicant.name" else getattr(case, name))


def _facts(case: Case, sight: Sight, mapping: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(name, words, value) of the fields that a decision stands on, then of what else the case says of itself, then of
    every feature."""
    fields = [(name, str(FIELDS[name]), _shown(getattr(case, name))) for name in FIELDS]
    derived = [
        (name, str(DERIVED[name]), sight.shown(name, value) if sight.is_personal(name) else value)
        for name, value in field_values(case).items()
        if name not in FIELDS and (name in case.derived or name in WHO)
    ]
    read = joined_of(mapping, "fields")
    others = [
        (name, str(words), _field(case, name, sight))
        for name, words in JOINED_FIELDS.items()
        if name not in case.derived and (name in read or _joined_field(case, name))
    ]
    listed = _listed_words(case.product)
    given = [
        (name, listed.get(name) or unlisted_words(name, column_of(mapping, name)), _seen(name, value, sight))
        for name, value in case.features.items()
    ]
    return [*fields, *derived, *others, *given]


def _listed_words(product: str) -> dict[str, str]:
    """What the feature table of a product calls its features."""
    try:
        table = feature_table_for(product)
    except FeatureTableError:
        return {}
    language = reader_language()
    return {each.name: each.words.text(language) for each in (*table.features, *table.shown)}


def _field(case: Case, name: str, sight: Sight) -> str:
    if name == "applicant.name" and case.applicant.name:
        return sight.name_of(case.applicant)
    return _joined_field(case, name)


def _seen(name: str, value: Any, sight: Sight) -> str:
    return sight.shown(name, value) if sight.is_personal(name) else _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return when(value) if hasattr(value, "astimezone") else plain(value) if value is not None else ""


def _row(
    name: str,
    words: str,
    value: str,
    mapping: Mapping[str, Any],
    events: Sequence[CaseEvent],
    sight: Sight,
    taken: Mapping[str, ReferenceRow],
) -> LineageRow:
    reading = reading_of(mapping, name)
    joins = [found for column in (reading.columns if reading else ()) if (found := join_named(mapping, column))]
    return LineageRow(
        name=name.replace(".", "-"),
        words=words,
        value=value,
        columns=reading.columns if reading else (),
        steps=(
            *(_joined(mapping["joins"][each]["source"], taken.get(each)) for each in joins),
            *(_step(step) for step in (reading.steps if reading else ())),
        ),
        changes=tuple(_change(name, event, sight) for event in events if name in event.facts.get("after", {})),
    )


def _joined(source: str, row: ReferenceRow | None) -> str:
    """The row of another source that the value was taken from."""
    if row is None:
        return _("joined: %(source)s had no row from before the application") % {"source": source}
    told = {"source": source, "file": row.batch.name, "row": number(row.row_number), "at": _true_as_of(row.as_of)}
    if row.batch.kind not in NUMBERED:
        told |= {"system": row.batch.name, "message": row.message, "n": number(row.version)}
        if row.message:
            return _("joined: %(source)s, message “%(message)s” of %(system)s (version %(n)s), as of %(at)s") % told
        return _("joined: %(source)s, message of %(system)s (version %(n)s), as of %(at)s") % told
    return _("joined: %(source)s, file %(file)s, row %(row)s, as of %(at)s") % told


def _true_as_of(known: datetime) -> str:
    """The moment, or the day alone of a row that named no more: 23:59 was said by nobody."""
    return day(known) if is_whole_day(known.astimezone(OFFICE)) else when(known)


def _step(step: Step) -> str:
    words = GIVEN_WORDS.get(step.name, {}).get(step.given)
    return str(STEPS[step.name]) % {"given": step.given if words is None else str(words)}


def _change(name: str, event: CaseEvent, sight: Sight) -> Change:
    before, after = event.facts["before"].get(name), event.facts["after"][name]
    by: User | None = event.actor
    return Change(
        at=when(event.at),
        by=by.display_name if by else _sent_again(event),
        words=f"{_seen(name, before, sight) or '--'} → {_seen(name, after, sight) or '--'}",
        reason=sight.text(event.facts.get("reason", "")),
    )


def _sent_again(event: CaseEvent) -> str:
    """Who changed a value where no person did: the source, by a file or otherwise."""
    file = event.facts.get("file", "")
    return _("sent again by the source in %(file)s") % {"file": file} if file else _("sent again by the source")
