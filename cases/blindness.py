"""For whom a case is blind: who may act on it says what they think before they see what the model does.

Blind are cases with `opinion_first`, while nobody has decided them, for everybody who could decide them and has not
said what they think. Whoever signs a decision, and whoever only reads, sees all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from cases import rules
from cases.models import Case, Opinion, User
from cases.states import State

UNDECIDED: Final = (State.QUEUED, State.IN_REVIEW, State.WAITING_INFO)
# Reasons that tell nothing of the model: what the lender, the applicant or a colleague said. All others are hidden.
SHOWN_WHY: Final = frozenset(
    {
        "blacklisted", "industry_red", "industry_watch", "information_arrived", "key_customer", "monitoring",
        "opted_out", "other_currency", "sent_back", "sent_back_because", "escalated", "transferred", "reopened",
        "signoff_expired",
    }
)  # fmt: skip

# What a colleague wrote along may tell the figure or the advice: these sentences say only that it is there.
UNREAD_WHY: Final[Mapping[str, Mapping[str, str]]] = {
    "sent_back_because": {"code": "sent_back_unread"},
    "escalated": {"code": "escalated_unread"},
    "transferred": {"code": "transferred_unread"},
    "reopened": {"code": "reopened_unread"},
}
WRITTEN: Final = frozenset({"note", "reason"})


def shown_why(reasons: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of the reasons of a case those that a blind page may tell, without what colleagues wrote; where none is left,
    that it is blind."""
    shown = [_unread(reason) for reason in reasons if reason["code"] in SHOWN_WHY]
    return shown or [{"code": "opinion_first"}]


def _unread(reason: dict[str, Any]) -> dict[str, Any]:
    if reason["code"] not in UNREAD_WHY:
        return reason
    params = {key: value for key, value in reason.get("params", {}).items() if key not in WRITTEN}
    return {**UNREAD_WHY[reason["code"]], "params": params}


def is_blind_before_an_opinion(case: Case, user: User) -> bool:
    """Whether this person may not see the model's part unless they have said what they think. Asks no database."""
    return case.opinion_first and case.state in UNDECIDED and rules.may_review(case, user)


def has_opinion(case: Case, user: User) -> bool:
    """An opinion of the same person under an earlier claim counts: they have seen the model's part since."""
    return Opinion.objects.filter(case=case, person=user).exists()


def is_blind(case: Case, user: User) -> bool:
    return is_blind_before_an_opinion(case, user) and not has_opinion(case, user)
