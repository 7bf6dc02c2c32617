"""The life of a source's mapping: drafted, proposed with what it changes, signed by a second person, rolled back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.canonical import canonical_sha256
from cases.errors import FourEyes
from cases.locks import hold
from cases.models import User
from cases.notices import notify
from cases.states import Role
from intake.health.usual import carry_usual
from intake.models import MappingStep, Source, SourceMapping
from intake.recognition.mapping import read_mapping
from intake.record.mapping_steps import (
    NOTHING,
    MappingChanged,
    Status,
    frozen,
    lock_name,
    locked,
    refuse_other_comparison,
    refuse_other_content,
    require,
    settle,
    tell,
)
from intake.record.on_record import past_mappings
from intake.signing.mapping_trial import refuse_unreadable
from intake.sources.sources import LACKING, SourceNotFound

DRAFTERS: Final = (Role.ADMIN,)
SIGNERS: Final = (Role.SUPERVISOR, Role.ADMIN)
Step = MappingStep.Name
# Whoever took one of these steps made the version.
MADE: Final = (Step.DRAFT, Step.EDIT, Step.PROPOSE)


def draft_mapping(
    slug: str,
    content: Mapping[str, Any],
    *,
    by: User,
    sample: Mapping[str, Any] = NOTHING,
    recognised: Mapping[str, Any] = NOTHING,
) -> SourceMapping:
    """A new draft for a source, in the shape of a mapping file.

    Raises:
        NotAllowed: not an administrator. SourceNotFound: no such source. BadDecision: not a mapping; names the key.
    """
    require(by, DRAFTERS)
    settled = settle(content)
    with transaction.atomic(durable=True):
        hold(lock_name(slug))
        source = Source.objects.filter(slug=slug).first()
        if source is None:
            raise SourceNotFound
        last = SourceMapping.objects.filter(source=source).order_by("-number").values_list("number", flat=True).first()
        mapping: SourceMapping = SourceMapping.objects.create(
            source=source,
            number=(last or 0) + 1,
            content=settled,
            sha256=canonical_sha256(settled),
            sample=dict(sample),
            recognised=dict(recognised),
            drafted_by=by,
        )
        tell(mapping, Step.DRAFT, by=by)
    return mapping


def edit_mapping(
    slug: str,
    number: int,
    content: Mapping[str, Any],
    *,
    by: User,
    seen: str,
    sample: Mapping[str, Any] | None = None,
    recognised: Mapping[str, Any] | None = None,
) -> SourceMapping:
    """Put other content (and another sample) into a draft; `seen` is the hash of what `by` had before them.

    Raises:
        NotAllowed: not an administrator. MappingNotFound. MappingMoved: no draft any more. MappingChanged: somebody
        else saved meanwhile. BadDecision: not a mapping; names the key.
    """
    require(by, DRAFTERS)
    settled = settle(content)
    with transaction.atomic(durable=True):
        mapping = locked(slug, number, Status.DRAFT)
        refuse_other_content(mapping, seen)
        _put(mapping, settled, by=by)
        if sample is not None:
            mapping.sample = dict(sample)
        if recognised is not None:
            mapping.recognised = dict(recognised)
        mapping.save(update_fields=["content", "sha256", "sample", "recognised"])
    return mapping


def propose_mapping(
    slug: str,
    number: int,
    *,
    by: User,
    seen: str,
    comparison: Mapping[str, Any],
    reason: str,
    content: Mapping[str, Any] | None = None,
) -> SourceMapping:
    """Propose a draft with what it would change (`intake/reading/mapping_replay.py`), frozen by its hash, and tell
    those who may sign it. `content` is what `by` has made of the draft that they saw, and is saved with the same step.

    Raises:
        NotAllowed: not an administrator. BadDecision: no reason, no mapping any more, or one that reads no row of its
        sample. MappingMoved: no draft any more.
        MappingChanged: the draft is not what was seen, or the comparison is of another draft or against another version
        than is in force.
    """
    require(by, DRAFTERS)
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=LACKING, field="reason")
    with transaction.atomic(durable=True):
        mapping = locked(slug, number, Status.DRAFT)
        refuse_other_content(mapping, seen)
        _put(mapping, settle(mapping.content if content is None else content), by=by)
        refuse_other_comparison(mapping, comparison)
        refuse_unreadable(mapping)
        mapping.status = Status.PROPOSED
        mapping.comparison, mapping.comparison_sha256 = dict(comparison), canonical_sha256(comparison)
        mapping.proposed_by, mapping.proposed_at = by, timezone.now()
        proposed = ["status", "comparison", "comparison_sha256", "proposed_by", "proposed_at"]
        mapping.save(update_fields=["content", "sha256", *proposed])
        tell(mapping, Step.PROPOSE, by=by, reason=why, facts=frozen(mapping))
        notify(_who_may_sign(mapping), "mapping_proposed", None, _named(mapping, slug), caused_by=by)
    return mapping


def discard_mapping(slug: str, number: int, *, by: User, seen: str, reason: str) -> SourceMapping:
    """Put a draft away for good; its number stays taken, and what it said can be copied into a new one.

    Raises:
        NotAllowed: not an administrator. BadDecision: no reason. MappingMoved: no draft any more. MappingChanged:
        somebody else saved it meanwhile.
    """
    require(by, DRAFTERS)
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=LACKING, field="reason")
    with transaction.atomic(durable=True):
        mapping = locked(slug, number, Status.DRAFT)
        refuse_other_content(mapping, seen)
        mapping.status = Status.DISCARDED
        mapping.save(update_fields=["status"])
        tell(mapping, Step.DISCARD, by=by, reason=why)
    return mapping


def return_mapping(slug: str, number: int, *, by: User, reason: str) -> SourceMapping:
    """Send a proposal back to a draft; the step keeps what it said. The proposer may take it back so.

    Raises:
        NotAllowed: neither supervisor nor administrator. BadDecision: no reason. MappingMoved: no proposal any more.
    """
    require(by, SIGNERS)
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=LACKING, field="reason")
    with transaction.atomic(durable=True):
        mapping = locked(slug, number, Status.PROPOSED)
        tell(mapping, Step.RETURN, by=by, reason=why, facts=frozen(mapping))
        notify(_proposer(mapping), "mapping_returned", None, {**_named(mapping, slug), "reason": why}, caused_by=by)
        mapping.status, mapping.comparison, mapping.comparison_sha256 = Status.DRAFT, None, ""
        mapping.proposed_by, mapping.proposed_at = None, None
        mapping.save(update_fields=["status", "comparison", "comparison_sha256", "proposed_by", "proposed_at"])
    return mapping


def sign_mapping(slug: str, number: int, *, by: User, comparison_sha256: str, reason: str) -> SourceMapping:
    """Sign a proposal: from now on it reads what comes. `comparison_sha256` is of the comparison that `by` saw.

    Two people who sign two proposals at once both saw the same version in force: the second is refused under the lock.

    Raises:
        NotAllowed: neither supervisor nor administrator. BadDecision: no reason. MappingMoved: no proposal any more.
        FourEyes: `by` drafted, edited or proposed it. MappingChanged: another comparison, or another version in force.
    """
    require(by, SIGNERS)
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=LACKING, field="reason")
    with transaction.atomic(durable=True):
        mapping = locked(slug, number, Status.PROPOSED)
        require_second_person(mapping, by)
        if not comparison_sha256 == mapping.comparison_sha256 == canonical_sha256(mapping.comparison or {}):
            raise MappingChanged(_("This is not the comparison that you saw. Look at the proposal again."))
        refuse_other_comparison(mapping, mapping.comparison or {})
        mapping.signed_by, mapping.signed_at = by, timezone.now()
        before = _put_in_force(mapping, ["signed_by", "signed_at"])
        tell(mapping, Step.SIGN, by=by, reason=why, facts={**frozen(mapping), "instead_of": before})
        notify(_proposer(mapping), "mapping_signed", None, _named(mapping, slug), caused_by=by)
    return mapping


def roll_back_mapping(slug: str, number: int, *, by: User, reason: str) -> SourceMapping:
    """Put back the version that the one in force took the place of, at once: undoing the last change takes one person.
    Any other version was signed for the files of other days, and goes through a proposal again.

    Raises:
        NotAllowed: neither supervisor nor administrator. BadDecision: no reason. MappingMoved: it was never in force,
        or is in force now. FourEyes: it is not the one that the present version took the place of.
    """
    require(by, SIGNERS)
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=LACKING, field="reason")
    with transaction.atomic(durable=True):
        mapping = locked(slug, number, Status.RETIRED)
        if way_back(mapping.source_id) != number:
            raise FourEyes(
                _("One person alone may only undo the last change. Make a draft of this version and propose it.")
            )
        before = _put_in_force(mapping, [])
        tell(mapping, Step.ROLL_BACK, by=by, reason=why, facts={"instead_of": before})
    return mapping


def way_back(source_id: int) -> int | None:
    """The number of the version that the one in force took the place of; None where it was the first."""
    entries = MappingStep.objects.filter(name__in=(Step.SIGN, Step.ROLL_BACK), mapping__source_id=source_id)
    last = entries.order_by("-id").values_list("facts", flat=True).first()
    return last.get("instead_of") if last else None


def require_second_person(mapping: SourceMapping, by: User) -> None:
    """Raises FourEyes for whoever drafted, edited or proposed the version."""
    made = mapping.steps.filter(name__in=MADE, actor=by).exists()
    if made or by.pk in (mapping.drafted_by_id, mapping.proposed_by_id):
        raise FourEyes(_("A second person must sign: nobody signs a mapping that they drafted, edited or proposed."))


def _put(mapping: SourceMapping, settled: dict[str, Any], *, by: User) -> None:
    """Other content in the draft, and the step that says so; nothing where it is the same. The caller saves it."""
    digest = canonical_sha256(settled)
    if digest != mapping.sha256:
        tell(mapping, Step.EDIT, by=by, facts={"before": mapping.sha256, "after": digest})
    mapping.content, mapping.sha256 = settled, digest


def _who_may_sign(mapping: SourceMapping) -> list[User]:
    """Everybody who signs mappings, without those who made this one."""
    made = mapping.steps.filter(name__in=MADE).values("actor")
    return list(User.objects.filter(role__in=SIGNERS, is_active=True).exclude(pk__in=made))


def _proposer(mapping: SourceMapping) -> list[User]:
    return [mapping.proposed_by] if mapping.proposed_by else []


def _named(mapping: SourceMapping, slug: str) -> dict[str, Any]:
    return {"source": slug, "mapping": mapping.number}


def _carry_usual(mapping: SourceMapping, present: SourceMapping | None) -> None:
    """What people sign is no break: what is usual came by the present version, or else by what was recognised last."""
    slug = mapping.source.slug
    past = [read_mapping(present.content, source=slug, kept=True)] if present else past_mappings(slug)
    if past:
        carry_usual(mapping.source_id, past[0], read_mapping(mapping.content, source=slug, kept=True))


def _put_in_force(mapping: SourceMapping, fields: list[str]) -> int | None:
    """The number of the version that it takes the place of. Raises BadDecision for what is no mapping any more."""
    settle(mapping.content)
    present = SourceMapping.objects.filter(source_id=mapping.source_id, status=Status.IN_FORCE).first()
    _carry_usual(mapping, present)
    if present is not None:
        present.status = Status.RETIRED
        present.save(update_fields=["status"])
    mapping.status = Status.IN_FORCE
    mapping.save(update_fields=["status", *fields])
    return present.number if present else None
