"""What others are told of a case: which moves, under which name, in which words. No personal data leaves."""

from __future__ import annotations

import json
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from cases.models import CaseEvent
from cases.states import DecidedBy, Outcome, State

DECIDED: Final = "case.decided"
# Type of a message: the moves it tells of, and what it means.
TYPES: Final[dict[str, tuple[tuple[str, ...], Any]]] = {
    "case.received": (("receive",), _("A case came in")),
    "case.held": (("hold", "return_to_source"), _("Its data waits for somebody to mend it")),
    "case.queued": (("send_to_people", "park"), _("People will decide it")),
    "case.information_requested": (("ask_information",), _("Documents were asked for")),
    "case.signature_requested": (("ask_signature",), _("A second person must sign the decision")),
    DECIDED: (
        ("approve_by_machine", "decline_by_machine", "approve", "decline", "resolve", "sign_approval", "sign_decline",
         "sign_resolution"),
        _("It is decided, and nobody can take that back alone any more"),
    ),
    "case.reopened": (("reopen",), _("A decided case was opened again")),
    "case.withdrawn": (("withdraw",), _("The lender took it back")),
}  # fmt: skip
OUTCOME_OF_STATE: Final[dict[str, str]] = {State.APPROVED: Outcome.APPROVE.value, State.DECLINED: Outcome.DECLINE.value}
TYPE_OF_MOVE: Final = {move: name for name, (moves, _words) in TYPES.items() for move in moves}


def body_of(event: CaseEvent) -> str:
    """The message about an event, its case read along: canonical JSON, the same whenever it is made from the same."""
    case = event.case
    data: dict[str, Any] = {
        "ref": case.ref,
        "source": case.source,
        "external_ref": case.external_ref,
        "kind": case.kind,
        "product": case.product,
        "state": event.to_state,
        "version": event.seq,
    }
    kind = TYPE_OF_MOVE[event.name]
    if kind == DECIDED:
        by_machine = event.name.endswith("_by_machine")
        codes = [each["code"] for each in event.facts.get("reasons", [])] if by_machine else None
        data |= {
            "outcome": OUTCOME_OF_STATE.get(event.to_state) or case.outcome,
            "decided_by": DecidedBy.MACHINE if by_machine else DecidedBy.PERSON,
            "reason_codes": event.facts.get("reason_codes", []) if codes is None else codes,
        }
    said = {"type": kind, "timestamp": event.at.isoformat(), "data": data}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
