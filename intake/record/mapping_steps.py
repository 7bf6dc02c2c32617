"""What every step in the life of a mapping does: it checks who asks, locks the version, and is told in its history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cases.canonical import canonical_sha256
from cases.errors import BadDecision, CaseError, CaseMoved, NotAllowed, StaleCase
from cases.locks import hold
from cases.models import User
from cases.states import Role
from intake.mapped.case_mapping import MappingError
from intake.models import MappingStep, SourceMapping
from intake.recognition.mapping import mapping_as_data, read_mapping

Status = SourceMapping.Status
NOTHING: Final[Mapping[str, Any]] = {}


class MappingNotFound(CaseError):
    status = 404
    code = "not_found"
    title = _("Mapping not found")
    sentence = _("There is no such version of this source's mapping.")


class MappingChanged(StaleCase):
    """The version, or the one in force beside it, is not what was seen."""

    title = _("The mapping has changed")


class MappingMoved(CaseMoved):
    """A step of its life was made meanwhile."""

    sentence = _("Somebody was faster: this version is no longer where this step could be made.")


def in_force(slug: str) -> SourceMapping | None:
    """The signed version that reads what comes from this source, without its sample; None where there is none."""
    found = SourceMapping.objects.filter(source__slug=slug, status=Status.IN_FORCE).defer("sample", "recognised")
    return found.first()


def require(by: User, roles: tuple[Role, ...]) -> None:
    """Raises NotAllowed."""
    if not by.is_active or by.role not in roles:
        raise NotAllowed


def settle(content: Mapping[str, Any]) -> dict[str, Any]:
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


def lock_name(slug: str) -> str:
    """What is held while a version of this source's mapping is made or changed."""
    return f"mapping of {slug}"


def locked(slug: str, number: int, status: Status) -> SourceMapping:
    """The version, and the life of all of its source's versions, locked: two signatures are of different versions."""
    hold(lock_name(slug))
    mapping = SourceMapping.objects.select_for_update().filter(source__slug=slug, number=number).first()
    if mapping is None:
        raise MappingNotFound
    if mapping.status != status:
        raise MappingMoved
    return mapping


def refuse_other_content(mapping: SourceMapping, seen: str) -> None:
    """Raises MappingChanged where the draft is not the one of the hash `seen`."""
    if seen != mapping.sha256:
        raise MappingChanged(_("Somebody else has saved this draft meanwhile. Look at it again."))


def refuse_other_comparison(mapping: SourceMapping, comparison: Mapping[str, Any]) -> None:
    """Raises MappingChanged for a comparison of another draft, or against another version than is in force."""
    present = SourceMapping.objects.filter(source_id=mapping.source_id, status=Status.IN_FORCE).first()
    if comparison.get("of") != mapping.sha256 or comparison.get("against") != (present.number if present else None):
        raise MappingChanged(
            _("It was compared with another version than is in force now. Send it back and propose it anew.")
        )


def frozen(mapping: SourceMapping) -> dict[str, Any]:
    """What a step says of the version that it was made with."""
    return {"sha256": mapping.sha256, "comparison_sha256": mapping.comparison_sha256}


def tell(
    mapping: SourceMapping, name: MappingStep.Name, *, by: User, reason: str = "", facts: Mapping[str, Any] = NOTHING
) -> None:
    """Write the step into the history of the version."""
    MappingStep.objects.create(mapping=mapping, name=name, actor=by, reason=reason, facts=dict(facts))
