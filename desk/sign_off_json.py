"""The signatures under a decision, as the API tells them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cases.models import Case, CaseEvent, Review, Signature
from cases.signoff import asked_in, signature_sentences, signatures_left
from cases.states import State


def sign_off_as_json(case: Case, review: Review | None, events: Sequence[CaseEvent]) -> dict[str, Any] | None:
    """How far `review`, the latest decision of a person, is signed, given the events of its case; None where it needs
    nobody else. `still_needed` is 0 unless it waits for a signature. Reads `signatures`, best prefetched."""
    if review is None or not review.signatures_needed:
        return None
    signatures = list(review.signatures.all())
    confirmed = [each.signer_id for each in signatures if each.verdict == Signature.Verdict.CONFIRM]
    asked = {each.facts["asked_signer_id"] for each in asked_in(events, review)}
    waits = case.state == State.AWAITING_SIGNOFF
    languages = (
        signature_sentences(review.signature_reasons, signing=case.signing, outcome=review.outcome, language=language)
        for language in ("en", "zh-hans")
    )
    words = zip(review.signature_reasons, *languages, strict=True)
    return {
        "outcome": review.outcome,
        "packet_sha256": review.packet_sha256 or None,
        "signatures_needed": review.signatures_needed,
        "signed": len(confirmed),
        "still_needed": signatures_left(review, confirmed, asked) if waits else 0,
        "reasons": [{"code": code, "en": en, "zh": zh} for code, en, zh in words],
        "signatures": [
            {
                "signer": each.signer.username,
                "on_behalf_of": each.on_behalf_of.username if each.on_behalf_of else None,
                "verdict": each.verdict,
                "reason_codes": each.corrected_codes,
                "note": each.note,
                "packet_sha256": each.packet_sha256 or None,
                "at": each.at.isoformat(),
            }
            for each in signatures
        ],
    }
