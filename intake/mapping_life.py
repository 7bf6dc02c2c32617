"""The life of a source's mapping: drafted, proposed with what it changes, signed by a second person, rolled back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.canonical import canonical_sha256
from cases.errors import BadDecision, CaseError, CaseMoved, FourEyes, NotAllowed, StaleCase
from cases.locks import hold
from cases.models import User
from cases.states import Role
from intake.case_mapping import MappingError
from intake.mapping import mapping_as_data, read_mapping
from intake.mapping_trial import refuse_unreadable
from intake.models import MappingStep, Source, SourceMapping
from intake.sources import LACKING, SourceNotFound

DRAFTERS: Final = (Role.ADMIN,)
SIGNERS: Final = (Role.SUPERVISOR, Role.ADMIN)
Status = SourceMapping.Status
Step = MappingStep.Name
NOTHING: Final[Mapping[str, Any]] = {}


class MappingNotFound(CaseError):
    status = 404
    code = "not_found"
    title = _("Mapping not found")
    sentence = _("There is no such version of this source's mapping.")


def in_force(slug: str) -> SourceMapping | None:
    """The signed version that reads what comes from this source, without its sample; None where there is none."""
    found = SourceMapping.objects.filter(source__slug=slug, status=Status.IN_FORCE).defer("sample", "recognised")
    return found.first()


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
    _require(by, DRAFTERS)
    settled = _settled(content)
    with transaction.atomic(durable=True):
        hold(_lock_name(slug))
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
        _tell(mapping, Step.DRAFT, by=by)
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
        NotAllowed: not an administrator. MappingNotFound. CaseMoved: no draft any more. StaleCase: somebody else saved
        meanwhile. BadDecision: not a mapping; names the key.
    """
    _require(by, DRAFTERS)
    settled = _settled(content)
    with transaction.atomic(durable=True):
        mapping = _locked(slug, number, Status.DRAFT)
        _refuse_other_content(mapping, seen)
        digest = canonical_sha256(settled)
        if digest != mapping.sha256:
            _tell(mapping, Step.EDIT, by=by, facts={"before": mapping.sha256, "after": digest})
        mapping.content, mapping.sha256 = settled, digest
        if sample is not None:
            mapping.sample = dict(sample)
        if recognised is not None:
            mapping.recognised = dict(recognised)
        mapping.save(update_fields=["content", "sha256", "sample", "recognised"])
    return mapping


def propose_mapping(
    slug: str, number: int, *, by: User, seen: str, comparison: Mapping[str, Any], reason: str
) -> SourceMapping:
    """Propose a draft with what it would change (`intake/mapping_replay.py`), frozen by its hash.

    Raises:
        NotAllowed: not an administrator. BadDecision: no reason, no mapping any more, or one that reads no row of its
        sample. CaseMoved: no draft any more.
        StaleCase: the draft is not what was seen, or the comparison is of another draft or against another version than
        is in force.
    """
    _require(by, DRAFTERS)
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=LACKING, field="reason")
    with transaction.atomic(durable=True):
        mapping = _locked(slug, number, Status.DRAFT)
        _refuse_other_content(mapping, seen)
        _refuse_other_comparison(mapping, comparison)
        _settled(mapping.content)
        refuse_unreadable(mapping)
        mapping.status = Status.PROPOSED
        mapping.comparison, mapping.comparison_sha256 = dict(comparison), canonical_sha256(comparison)
        mapping.proposed_by, mapping.proposed_at = by, timezone.now()
        mapping.save(update_fields=["status", "comparison", "comparison_sha256", "proposed_by", "proposed_at"])
        _tell(mapping, Step.PROPOSE, by=by, reason=why, facts=_frozen(mapping))
    return mapping


def discard_mapping(slug: str, number: int, *, by: User, seen: str, reason: str) -> SourceMapping:
    """Put a draft away for good; its number stays taken, and what it said can be copied into a new one.

    Raises:
        NotAllowed: not an administrator. BadDecision: no reason. CaseMoved: no draft any more. StaleCase: somebody else
        saved it meanwhile.
    """
    _require(by, DRAFTERS)
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=LACKING, field="reason")
    with transaction.atomic(durable=True):
        mapping = _locked(slug, number, Status.DRAFT)
        _refuse_other_content(mapping, seen)
        mapping.status = Status.DISCARDED
        mapping.save(update_fields=["status"])
        _tell(mapping, Step.DISCARD, by=by, reason=why)
    return mapping


def return_mapping(slug: str, number: int, *, by: User, reason: str) -> SourceMapping:
    """Send a proposal back to a draft; the step keeps what it said. The proposer may take it back so.

    Raises:
        NotAllowed: neither supervisor nor administrator. BadDecision: no reason. CaseMoved: no proposal any more.
    """
    _require(by, SIGNERS)
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=LACKING, field="reason")
    with transaction.atomic(durable=True):
        mapping = _locked(slug, number, Status.PROPOSED)
        _tell(mapping, Step.RETURN, by=by, reason=why, facts=_frozen(mapping))
        mapping.status, mapping.comparison, mapping.comparison_sha256 = Status.DRAFT, None, ""
        mapping.proposed_by, mapping.proposed_at = None, None
        mapping.save(update_fields=["status", "comparison", "comparison_sha256", "proposed_by", "proposed_at"])
    return mapping


def sign_mapping(slug: str, number: int, *, by: User, comparison_sha256: str, reason: str) -> SourceMapping:
    """Sign a proposal: from now on it reads what comes. `comparison_sha256` is of the comparison that `by` saw.

    Two people who sign two proposals at once both saw the same version in force: the second is refused under the lock.

    Raises:
        NotAllowed: neither supervisor nor administrator. BadDecision: no reason. CaseMoved: no proposal any more.
        FourEyes: `by` drafted, edited or proposed it. StaleCase: another comparison, or another version in force.
    """
    _require(by, SIGNERS)
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=LACKING, field="reason")
    with transaction.atomic(durable=True):
        mapping = _locked(slug, number, Status.PROPOSED)
        require_second_person(mapping, by)
        if not comparison_sha256 == mapping.comparison_sha256 == canonical_sha256(mapping.comparison or {}):
            raise StaleCase(_("This is not the comparison that you saw. Look at the proposal again."))
        _refuse_other_comparison(mapping, mapping.comparison or {})
        mapping.signed_by, mapping.signed_at = by, timezone.now()
        before = _put_in_force(mapping, ["signed_by", "signed_at"])
        _tell(mapping, Step.SIGN, by=by, reason=why, facts={**_frozen(mapping), "instead_of": before})
    return mapping


def roll_back_mapping(slug: str, number: int, *, by: User, reason: str) -> SourceMapping:
    """Put back the version that the one in force took the place of, at once: undoing the last change takes one person.
    Any other version was signed for the files of other days, and goes through a proposal again.

    Raises:
        NotAllowed: neither supervisor nor administrator. BadDecision: no reason. CaseMoved: it was never in force, or
        is in force now. FourEyes: it is not the one that the present version took the place of.
    """
    _require(by, SIGNERS)
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=LACKING, field="reason")
    with transaction.atomic(durable=True):
        mapping = _locked(slug, number, Status.RETIRED)
        if way_back(mapping.source_id) != number:
            raise FourEyes(
                _("One person alone may only undo the last change. Make a draft of this version and propose it.")
            )
        before = _put_in_force(mapping, [])
        _tell(mapping, Step.ROLL_BACK, by=by, reason=why, facts={"instead_of": before})
    return mapping


def way_back(source_id: int) -> int | None:
    """The number of the version that the one in force took the place of; None where it was the first."""
    entries = MappingStep.objects.filter(name__in=(Step.SIGN, Step.ROLL_BACK), mapping__source_id=source_id)
    last = entries.order_by("-id").values_list("facts", flat=True).first()
    return last.get("instead_of") if last else None


def require_second_person(mapping: SourceMapping, by: User) -> None:
    """Raises FourEyes for whoever drafted, edited or proposed the version."""
    made = mapping.steps.filter(name__in=(Step.DRAFT, Step.EDIT, Step.PROPOSE), actor=by).exists()
    if made or by.pk in (mapping.drafted_by_id, mapping.proposed_by_id):
        raise FourEyes(_("A second person must sign: nobody signs a mapping that they drafted, edited or proposed."))


def _require(by: User, roles: tuple[Role, ...]) -> None:
    if not by.is_active or by.role not in roles:
        raise NotAllowed


def _settled(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content in the one shape in which a mapping is stored, without what is only noted when it is used. Raises
    BadDecision where it is no mapping."""
    try:
        read = mapping_as_data(read_mapping(content))
        settled = {name: value for name, value in read.items() if name not in ("columns", "version", "source")}
        canonical_sha256(settled)
    except MappingError as refusal:
        language = "en" if get_language() == "en" else "zh-hans"
        raise BadDecision("content", refusal.sentence(language)) from refusal
    except ValueError as problem:
        raise BadDecision("content", str(problem)) from problem
    return settled


def _lock_name(slug: str) -> str:
    return f"mapping of {slug}"


def _locked(slug: str, number: int, status: Status) -> SourceMapping:
    """The version, and the life of all of its source's versions, locked: two signatures are of different versions."""
    hold(_lock_name(slug))
    mapping = SourceMapping.objects.select_for_update().filter(source__slug=slug, number=number).first()
    if mapping is None:
        raise MappingNotFound
    if mapping.status != status:
        raise CaseMoved(_("Somebody was faster: this version is no longer where this step could be made."))
    return mapping


def _refuse_other_content(mapping: SourceMapping, seen: str) -> None:
    if seen != mapping.sha256:
        raise StaleCase(_("Somebody else has saved this draft meanwhile. Look at it again."))


def _refuse_other_comparison(mapping: SourceMapping, comparison: Mapping[str, Any]) -> None:
    present = SourceMapping.objects.filter(source_id=mapping.source_id, status=Status.IN_FORCE).first()
    if comparison.get("of") != mapping.sha256 or comparison.get("against") != (present.number if present else None):
        raise StaleCase(
            _("It was compared with another version than is in force now. Send it back and propose it anew.")
        )


def _put_in_force(mapping: SourceMapping, fields: list[str]) -> int | None:
    """The number of the version that it takes the place of. Raises BadDecision for what is no mapping any more."""
    _settled(mapping.content)
    present = SourceMapping.objects.filter(source_id=mapping.source_id, status=Status.IN_FORCE).first()
    if present is not None:
        present.status = Status.RETIRED
        present.save(update_fields=["status"])
    mapping.status = Status.IN_FORCE
    mapping.save(update_fields=["status", *fields])
    return present.number if present else None


def _frozen(mapping: SourceMapping) -> dict[str, Any]:
    return {"sha256": mapping.sha256, "comparison_sha256": mapping.comparison_sha256}


def _tell(
    mapping: SourceMapping, name: MappingStep.Name, *, by: User, reason: str = "", facts: Mapping[str, Any] = NOTHING
) -> None:
    MappingStep.objects.create(mapping=mapping, name=name, actor=by, reason=reason, facts=dict(facts))
