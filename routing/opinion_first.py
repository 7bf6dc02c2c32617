"""Which cases ask for an opinion before the model is seen. Pure: the draw comes in, the causes go out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from routing.policy import TIER_MANDATORY, TIER_UNCERTAIN

OPINION: Final = "opinion"  # the arm of the draw
DRAWN: Final = "draw"
CAUSE_OF_REASON: Final = {"amount_above_limit": "high_amount", "grey_band": "grey_band"}
# Why people must see a case whatever the model says of it.
OF_THE_FILE: Final = frozenset(
    {"amount_above_limit", "industry_watch", "key_customer", "monitoring", "opted_out", "other_currency"}
)


@dataclass(frozen=True)
class OpinionRules:
    """A share in [0, 1] of all cases, and whether high amounts and the grey band always ask."""

    share: float
    on_high_amounts: bool
    on_grey_band: bool


def opinion_causes(
    rules: OpinionRules, *, is_scored: bool, is_application: bool, reasons: Collection[str], drawn: float
) -> list[str]:
    """Why the case asks for an opinion first; [] when it does not.

    `reasons` are codes of the route, `drawn` in [0, 1) is the case's own draw. The draw counts beside the other causes,
    so that the drawn cases are a random sample of all. A case without a score has nothing to hide; the amount and the
    band of a warning on a booked loan are not those of an application.
    """
    if not is_scored:
        return []
    asked = {"high_amount": rules.on_high_amounts, "grey_band": rules.on_grey_band}
    found = [CAUSE_OF_REASON[reason] for reason in reasons if reason in CAUSE_OF_REASON] if is_application else []
    return ([DRAWN] if drawn < rules.share else []) + [cause for cause in dict.fromkeys(found) if asked[cause]]


def blind_tier(tier: int, reasons: Collection[str]) -> int:
    """Where a case whose score is hidden waits: what people must see for what stands in its file keeps its tier, all
    others have one. Between rows of the grey band and rows of the audit, a tier would tell what the model said."""
    is_of_the_file = tier == TIER_MANDATORY and not OF_THE_FILE.isdisjoint(reasons)
    return TIER_MANDATORY if is_of_the_file else TIER_UNCERTAIN
