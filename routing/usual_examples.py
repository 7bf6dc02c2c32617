"""The examples that a version of the policy starts with: one a way, well on either side of its lines."""

from __future__ import annotations

from routing.terms import Example

CLEAR = {
    "doubt": 0.0,
    "amount": 1.0,
    "points": 600.0,
    "yearly_income": 50_000.0,
    "term_months": 36,
    "key_customer": False,
    "opted_out": False,
}


def usual_examples(approve_below: float, decline_above: float) -> tuple[Example, ...]:
    """A loan that is clearly good, one that is clearly bad, and a key customer, whom people see whatever the score.

    A version with other rules needs more inputs: what an example leaves out is unknown, and goes to people.
    """
    return (
        Example("A clearly good loan", "明显优质的贷款", {**CLEAR, "pd": approve_below / 2}, "approve"),
        Example("A clearly bad loan", "明显不良的贷款", {**CLEAR, "pd": (1 + decline_above) / 2}, "decline"),
        Example("A key customer", "重点客户", {**CLEAR, "pd": approve_below / 2, "key_customer": True}, "review"),
    )
