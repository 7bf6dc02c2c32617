"""The frozen packet of a decision: all that it stands on, part by part with a hash each, and what has changed in it.

Pure: values in, values out. `cases/freezing.py` reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import cached_property
from hashlib import sha256
from typing import Any, Final, Protocol

from django.utils.translation import gettext as _

from cases.canonical import canonical_sha256
from cases.models import Case, Opinion, Review
from cases.products import version_words

Part = dict[str, Any]
GIVEN: Final = ("kind", "product", "industry", "region", "channel", "currency", "term_months", "derived", "findings")
FIGURES: Final = ("pd", "pd_low", "pd_high", "points", "doubt")
FILE: Final = ("name", "sha256", "size")


class FiledDocument(Protocol):
    """What the packet reads of a document."""

    @property
    def name(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def size(self) -> int: ...


@dataclass(frozen=True)
class Packet:
    """`parts` is plain JSON: facts, score, route, documents, decision."""

    parts: Mapping[str, Part]

    @cached_property
    def hashes(self) -> dict[str, str]:
        """Hex digest of each part in canonical JSON."""
        return {name: canonical_sha256(part) for name, part in self.parts.items()}

    @property
    def sha256(self) -> str:
        """Hex digest over the digests of the parts."""
        return canonical_sha256(self.hashes)

    def as_json(self) -> dict[str, Any]:
        """As `Review.packet` keeps it."""
        return {"parts": dict(self.parts), "hashes": self.hashes}


def packet_of(
    case: Case,
    review: Review,
    *,
    scored: Mapping[str, Any],
    routed: Mapping[str, Any],
    documents: Sequence[FiledDocument],
    opinion: Part | None,
) -> Packet:
    """The packet of this decision on the case as it is given; `scored` and `routed` are the facts of the last such
    moves. A case that went to people without a score has an empty model."""
    return Packet(
        {
            "facts": facts_part(case),
            "score": {
                **{name: getattr(case, name) for name in FIGURES},
                "model": scored.get("model", ""),
                "model_sha256": scored.get("model_sha256", ""),
                "contributions_sha256": scored.get("contributions_sha256", ""),
            },
            "route": {
                "advice": case.advice,
                "signing": case.signing,
                "tuned_by": case.tuned_by_id,
                "way": routed.get("way", ""),
                "reasons": routed.get("reasons", []),
                "policy": routed.get("policy", ""),
                "policy_sha256": routed.get("policy_sha256", ""),
            },
            "documents": {"files": [{name: getattr(each, name) for name in FILE} for each in documents]},
            "decision": decision_part(review, opinion),
        }
    )


def facts_part(case: Case) -> Part:
    """What was told of the loan. The name of the applicant stands there as its hash: a packet can never be emptied."""
    applicant = case.applicant
    return {
        **{name: getattr(case, name) for name in GIVEN},
        "amount": str(case.amount),
        "applied_at": case.applied_at.astimezone(UTC).isoformat(),
        "applicant": {
            "source": applicant.source,
            "ref": applicant.external_id,
            "name_sha256": sha256(applicant.name.encode()).hexdigest(),
            "segment": applicant.segment,
            "key_customer": applicant.key_customer,
        },
        "entered_by": case.entered_by_id,
        "features": case.features,
    }


def decision_part(review: Review, opinion: Part | None) -> Part:
    """What the reviewer decided, and what they thought before they saw the model's part."""
    return {
        "reviewer": review.reviewer_id,
        "outcome": review.outcome,
        "override": review.is_override,
        "reason_codes": list(review.reason_codes),
        "note": review.note,
        "signature_reasons": list(review.signature_reasons),
        "signatures_needed": review.signatures_needed,
        "seen_version": review.seen_version,
        "opinion": opinion,
    }


def opinion_part(opinion: Opinion | None) -> Part | None:
    return {"lean": opinion.lean, "band": opinion.band} if opinion else None


def changes_of(frozen: Mapping[str, Any], now: Packet) -> list[str]:
    """What differs from the packet as `Review.packet` keeps it, in words of the present language; [] for nothing."""
    told: list[str] = []
    for name, digest in now.hashes.items():
        if frozen["hashes"].get(name) != digest:
            before, after = frozen["parts"].get(name, {}), now.parts[name]
            told += WORDS[name](before, after) or [_("Something else changed: %(part)s") % {"part": name}]
    return told


def _differing(before: Part, after: Part) -> list[str]:
    return [key for key in sorted({*before, *after}) if before.get(key) != after.get(key)]


def _renamed(before: Part, after: Part, key: str) -> dict[str, str]:
    return {"old": version_words(before.get(key, "")), "new": version_words(after[key])}


def _facts_words(before: Part, after: Part) -> list[str]:
    told = []
    for key in _differing(before, after):
        if key == "features":
            names = _differing(before.get("features", {}), after["features"])
            told.append(_("Facts changed: %(names)s") % {"names": ", ".join(names)})
        elif key == "amount":
            told.append(_("Amount changed: %(old)s → %(new)s") % {"old": before.get("amount"), "new": after["amount"]})
        elif key == "applicant":
            told.append(_("What is known of the applicant changed"))
        else:
            told.append(_("Facts changed: %(names)s") % {"names": key})
    return told


def _score_words(before: Part, after: Part) -> list[str]:
    told = []
    if before.get("model_sha256") != after["model_sha256"]:
        told.append(_("Model changed: %(old)s → %(new)s") % _renamed(before, after, "model"))
    if any(before.get(name) != after[name] for name in FIGURES):
        told.append(_("The score changed"))
    elif before.get("contributions_sha256") != after["contributions_sha256"]:
        told.append(_("The explanation of the score changed"))
    return told


def _route_words(before: Part, after: Part) -> list[str]:
    told = []
    if before.get("policy_sha256") != after["policy_sha256"]:
        told.append(_("Policy changed: %(old)s → %(new)s") % _renamed(before, after, "policy"))
    if before.get("advice") != after["advice"]:
        told.append(_("The advice changed"))
    if before.get("signing") != after["signing"]:
        told.append(_("What the policy says of signatures changed"))
    return told


def _document_words(before: Part, after: Part) -> list[str]:
    old, new = ({each["sha256"]: each["name"] for each in part.get("files", ())} for part in (before, after))
    added = [_("Document added: %(name)s") % {"name": name} for key, name in new.items() if key not in old]
    return added + [_("Document gone: %(name)s") % {"name": name} for key, name in old.items() if key not in new]


def _decision_words(before: Part, after: Part) -> list[str]:
    return [_("The decision itself is not the one that was frozen")]


WORDS: Final[Mapping[str, Callable[[Part, Part], list[str]]]] = {
    "facts": _facts_words,
    "score": _score_words,
    "route": _route_words,
    "documents": _document_words,
    "decision": _decision_words,
}
