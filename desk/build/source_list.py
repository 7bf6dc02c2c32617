"""Sources as rows, the form of one, what came from it and what was done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.errors import BadDecision
from cases.models import User
from desk.build.connectors import setting_words
from desk.build.feature_words import FeatureWords
from desk.build.source_days import day_words, newest_lines
from desk.build.source_health import health_lines, is_unjudged, sign_lines, silence, watched
from desk.pages.first_looks import LookMark
from desk.pages.mappings import ProposalMark
from desk.pages.shared import StateMark
from desk.pages.sources import BatchRow, SourceField, SourceRow, SourceStepRow
from desk.words import number, plain, when
from intake.health.source_days import STEPS, DaySign, sign_from
from intake.models import NUMBERED, Batch, Source, SourceStep, Way
from intake.record.choose import INFERRED
from intake.sources.sources import SETTINGS
from intake.ways_in.pulling import STATED

SIGNS_SHOWN: Final = 3
NUMBERS: Final = ("every_hours", "promise_hours")
# What has not come on for so long is no longer said to be running: a chunk of rows takes seconds.
STILL: Final = timedelta(minutes=2)
MARKS: Final = {"healthy": "approved", "quarantined": "declined"}


def source_state(source: Source, batches: Sequence[Batch]) -> StateMark:
    if is_unjudged(source, batches):
        return StateMark("received", _("Too little is known"))
    return StateMark(MARKS[source.state], str(Source.State(source.state).label))


def source_row(
    source: Source,
    batches: Sequence[Batch],
    days: Sequence[DaySign],
    words: FeatureWords,
    proposal: ProposalMark | None = None,
    look: LookMark | None = None,
) -> SourceRow:
    last = batches[-1] if batches else None
    return SourceRow(
        title=str(source),
        slug=source.slug,
        url=reverse("desk:source", args=[source.slug]),
        kind=str(Way(source.kind).label),
        owner=source.owner.display_name if source.owner else "",
        promise=_promise(source),
        trust=str(Source.Trust(source.trust).label).partition(":")[0].partition("：")[0],
        state=source_state(source, batches),
        last=when(last.started_at) if last else "",
        rows=number(last.rows) if last else "",
        lines=health_lines(batches, words),
        signs=sign_lines(last.signs[:SIGNS_SHOWN], words, source.pk) if last else (),
        days=newest_lines(days),
        silence=silence(source, batches),
        watched=watched(source, batches),
        proposal=proposal,
        look=look,
    )


def _promise(source: Source) -> tuple[str, ...]:
    parts = []
    if source.every_hours:
        parts.append(_("every %(n)s h") % {"n": number(source.every_hours)})
    if source.promise_hours:
        parts.append(_("at most %(n)s h old") % {"n": number(source.promise_hours)})
    return tuple(parts)


def batch_row(batch: Batch) -> BatchRow:
    return BatchRow(
        name=batch_name(batch),
        mapping=mapping_words(batch),
        at=when(batch.started_at),
        state=batch_state(batch),
        rows=number(batch.rows),
        accepted=number(batch.accepted),
        held=number(batch.held),
        duplicates=number(batch.duplicates),
        rejected=number(batch.rejected),
        rejected_url=reverse("desk:rejected", args=[batch.pk]) if batch.rejected else "",
    )


def batch_name(batch: Batch) -> str:
    if batch.kind in NUMBERED:
        return batch.name
    return _("messages of %(system)s") % {"system": batch.name}


def batch_state(batch: Batch) -> StateMark:
    if batch.finished_at is not None:
        return StateMark("approved", _("complete"))
    if is_running(batch):
        return StateMark("in_review", _("running"))
    return StateMark("in_review", _("running or broken off") if batch.kind in NUMBERED else _("goes on"))


def is_running(batch: Batch) -> bool:
    """Whether a file or pull is being taken in, by whichever process: one that was killed comes on no more."""
    moved = batch.moved_at if batch.kind in NUMBERED and batch.finished_at is None else None
    return moved is not None and timezone.now() - moved < STILL


def mapping_words(batch: Batch) -> str:
    if batch.mapping is None:
        return ""
    signed = batch.mapping.content.get("version")
    if signed:
        return _("version %(n)s, signed") % {"n": number(signed)}
    words = {INFERRED: _("recognised by itself"), STATED: _("as stated with the connection")}
    name = words.get(batch.mapping.name, batch.mapping.name)
    return _("%(name)s, version %(n)s") % {"name": name, "n": number(batch.mapping.number)}


def step_row(step: SourceStep, words: FeatureWords) -> SourceStepRow:
    return SourceStepRow(
        at=when(step.at),
        by=step.actor.display_name if step.actor else _("The system"),
        name=str(SourceStep.Name(step.name).label),
        details=_step_details(step, words),
        reason=step.reason,
    )


def _step_details(step: SourceStep, words: FeatureWords) -> tuple[str, ...]:
    if step.name in STEPS.values():
        return (day_words(sign_from(step.facts)),)
    if step.name == SourceStep.Name.WATCHED:
        since = _("since %(time)s") % {"time": when(datetime.fromisoformat(step.facts["since"]))}
        return (*(line.words for line in sign_lines([step.facts], words, step.source_id)), since)
    if answered := step.facts.get("known_before"):
        return (_("known when the loan was asked for: %(columns)s") % {"columns": " | ".join(answered)},)
    before, after = step.facts.get("before", {}), step.facts.get("after", {})
    said = setting_words if step.name == SourceStep.Name.CONNECTED else _said
    return tuple(
        f"{said(name, value)[0]}: {said(name, before.get(name))[1]} → {said(name, value)[1]}"
        for name, value in after.items()
    )


def _said(name: str, value: Any) -> tuple[str, str]:
    return _field_words(name), _value_words(name, value)


def _field_words(name: str) -> str:
    return str(getattr(Source._meta.get_field(name), "verbose_name", name))


def _value_words(name: str, value: Any) -> str:
    labels = {"kind": Way, "trust": Source.Trust}
    if name in labels and value:
        return str(labels[name](value).label)
    return plain(value) if value not in (None, "") else "--"


def source_fields(source: Source, people: Sequence[User], typed: Mapping[str, str] | None) -> tuple[SourceField, ...]:
    """The settings in their order; after a refused post they hold what was typed."""
    stored = {name: getattr(source, name) for name in SETTINGS} | {"owner": source.owner_id}
    options = {
        "kind": tuple((value, str(label)) for value, label in Way.choices),
        "trust": tuple((value, str(label)) for value, label in Source.Trust.choices),
        "owner": (("", _("nobody")), *((str(each.pk), each.display_name) for each in people)),
    }
    return tuple(
        SourceField(
            name=name,
            words=_field_words(name),
            value=typed.get(name, "") if typed else "" if stored[name] is None else str(stored[name]),
            kind="choice" if name in options else "number" if name in NUMBERS else "text",
            options=options.get(name, ()),
        )
        for name in SETTINGS
    )


def read_settings(typed: Mapping[str, str]) -> dict[str, Any]:
    """The settings as they were typed. Raises BadDecision naming the field that cannot be read."""
    values: dict[str, Any] = {name: typed.get(name, "").strip() for name in ("title", "kind", "trust")}
    for name in NUMBERS:
        values[name] = _hours(name, typed.get(name, "").strip())
    owner = typed.get("owner", "")
    is_key = owner.isascii() and owner.isdigit() and len(owner) <= 18
    values["owner"] = User.objects.filter(pk=int(owner)).first() if is_key else None
    if owner and values["owner"] is None:
        raise BadDecision("owner", _("Choose somebody who works here."))
    return values


def _hours(name: str, text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise BadDecision(name, _("Enter hours from 1 to 10,000, or nothing."))
    return int(text)
