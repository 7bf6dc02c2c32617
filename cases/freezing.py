"""Freezing what a decision stands on, and computing it anew: `replay` of a packet.

Runs while the case is locked: documents, scores and routes are only added under that lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from cases.errors import PacketChanged
from cases.models import Case, CaseEvent, Document, Opinion, Review
from cases.packet import Packet, changes_of, opinion_part, packet_of

ROUTED: Final = ("send_to_people", "approve_by_machine", "decline_by_machine", "park")


def last_facts(events: Iterable[CaseEvent], *names: str) -> Mapping[str, Any]:
    """The facts of the last of these moves; {} where there was none. `events` in their order."""
    return next((event.facts for event in reversed(list(events)) if event.name in names), {})


def packet_now(case: Case, review: Review) -> Packet:
    """The packet of this decision on the case as it stands in the database."""
    events = list(case.events.filter(name__in=("score", *ROUTED)).order_by("seq"))
    opinions = Opinion.objects.filter(case=case, person=review.reviewer_id, seen_version__lte=review.seen_version)
    return packet_of(
        case,
        review,
        scored=last_facts(events, "score"),
        routed=last_facts(events, *ROUTED),
        documents=list(Document.objects.filter(case=case)),
        opinion=opinion_part(opinions.last()),
    )


def freeze(case: Case, review: Review) -> Review:
    """Save a new decision together with its packet."""
    packet = packet_now(case, review)
    review.packet, review.packet_sha256 = packet.as_json(), packet.sha256
    review.save(force_insert=True)
    return review


def changes_since(case: Case, review: Review) -> list[str]:
    """What changed since the decision, in words; nothing is known of decisions of before there were packets."""
    return changes_of(review.packet, packet_now(case, review)) if review.packet_sha256 else []


def refuse_changed(case: Case, review: Review) -> None:
    """Raises PacketChanged when the decision would not be signed as it was made."""
    if changes := changes_since(case, review):
        raise PacketChanged(changes)
