"""The policy as a pure function: which cases the machine may decide, which people must see, in what order, and why.

Order of a look: distance of the PD to the cut-off, divided by the root of the amount, smallest first; in credit the
cut-off is far from one half, so distance to one half would only be another word for the highest PD.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Way = Literal["approve", "decline", "review"]

# Where a waiting case stands: the lower the tier, the earlier it is handed out. Tier 0 is kept for returned cases.
TIER_MANDATORY: Final = 1
TIER_NOT_SCORED: Final = 2
TIER_UNCERTAIN: Final = 3
TIER_AUDIT: Final = 4
LONGEST_SLA_HOURS: Final = 8760


class TermsError(ValueError):
    """Terms that contradict themselves; `field` names the one at fault."""

    def __init__(self, name: str, sentence: str) -> None:
        self.field = name
        super().__init__(f"{name}: {sentence}")


@dataclass(frozen=True)
class Terms:
    """What an admin sets. PDs and shares are fractions of one, `amount_limit` is in `currency`, `sla_hours` in hours.

    The machine approves below `approve_below` and declines from `decline_above` on; `cut_off` is the PD at which the
    advice turns from approve to decline for those in between.
    """

    approve_below: float
    cut_off: float
    decline_above: float
    doubt_limit: float
    amount_limit: float
    currency: str
    audit_share: float
    sla_hours: float

    def __post_init__(self) -> None:
        if not 0 < self.approve_below <= self.cut_off:
            raise TermsError("approve_below", "must be above 0 and not above the cut-off")
        if not self.cut_off <= self.decline_above < 1:
            raise TermsError("decline_above", "must not be below the cut-off and stay under 1")
        if not 0 <= self.doubt_limit <= 1:
            raise TermsError("doubt_limit", "must lie between 0 and 1")
        if not 0 < self.amount_limit < math.inf:
            raise TermsError("amount_limit", "must be above 0 and finite")
        if not 0 <= self.audit_share <= 1:
            raise TermsError("audit_share", "must lie between 0 and 1")
        if not 0 < self.sla_hours <= LONGEST_SLA_HOURS:
            raise TermsError("sla_hours", f"must be above 0 and at most {LONGEST_SLA_HOURS}")
        if len(self.currency) != 3:
            raise TermsError("currency", "must be a code of three letters")

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Terms:
        return cls(**given)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def sha256(self) -> str:
        """Hex digest of the terms in canonical JSON."""
        return hashlib.sha256(json.dumps(self.as_dict(), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Facts:
    """What the policy knows of n cases, as arrays (n,). `amount` is in `currency`; `key` names the case in the draw."""

    key: Sequence[str]
    pd: FloatArray
    doubt: FloatArray
    amount: FloatArray
    currency: Sequence[str]
    key_customer: BoolArray
    monitoring: BoolArray
    explained: BoolArray

    def __len__(self) -> int:
        return len(self.key)


@dataclass(frozen=True)
class Verdict:
    """The route of one case. `reasons` are codes with their figures, the most important first."""

    way: Way
    advice: str
    tier: int
    rank: float
    is_audit: bool
    audit_probability: float
    reasons: list[dict[str, Any]] = field(default_factory=list)


def audit_draw(secret: str, key: str) -> float:
    """A number in [0, 1) that depends on the case alone: HMAC-SHA256 of its key, so the draw can be repeated."""
    digest = hmac.new(secret.encode(), f"audit:{key}".encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def decide(terms: Terms, facts: Facts, *, secret: str) -> list[Verdict]:
    """Route n cases. A comparison with a missing figure (NaN) is false, and what no rule claims goes to people."""
    same_currency = np.array([code == terms.currency for code in facts.currency], dtype=np.bool_)
    mandatory: dict[str, BoolArray] = {
        "monitoring": facts.monitoring,
        "explanation_unreliable": ~facts.explained,
        "key_customer": facts.key_customer,
        "amount_above_limit": same_currency & (facts.amount > terms.amount_limit),
        "other_currency": ~same_currency,
    }
    doubtful = ~(facts.doubt <= terms.doubt_limit)
    approve = facts.pd < terms.approve_below
    decline = facts.pd >= terms.decline_above
    must = np.logical_or.reduce(list(mandatory.values()))
    uncertain = doubtful | ~(approve | decline)
    draws = np.array([audit_draw(secret, key) for key in facts.key])
    # Only what the machine would have decided can be drawn: its probability is what makes the sample usable later.
    drawable = ~must & ~uncertain
    audit = drawable & (draws < terms.audit_share)
    # Distance to the cut-off over the root of the exposure: the value of a look, before anything is learned about it.
    ranks = np.nan_to_num(np.abs(facts.pd - terms.cut_off), nan=0.0) / np.sqrt(facts.amount)
    verdicts = []
    for row in range(len(facts)):
        advice = _advice(terms, facts, row)
        reasons = [_mandatory_reason(code, terms, facts, row) for code, hits in mandatory.items() if hits[row]]
        reasons += _reasons(terms, facts, row, doubtful=bool(doubtful[row]), audit=bool(audit[row]))
        alone = bool(drawable[row] and not audit[row])
        verdicts.append(
            Verdict(
                way=("approve" if approve[row] else "decline") if alone else "review",
                advice=advice,
                tier=TIER_MANDATORY if must[row] else TIER_UNCERTAIN if uncertain[row] else TIER_AUDIT,
                rank=float(ranks[row]),
                is_audit=bool(audit[row]),
                audit_probability=terms.audit_share if drawable[row] else 0.0,
                reasons=reasons,
            )
        )
    return verdicts


def _advice(terms: Terms, facts: Facts, row: int) -> str:
    if facts.monitoring[row] or np.isnan(facts.pd[row]):
        return ""
    return "approve" if facts.pd[row] < terms.cut_off else "decline"


def _mandatory_reason(code: str, terms: Terms, facts: Facts, row: int) -> dict[str, Any]:
    params: dict[str, Any] = {}
    if code == "amount_above_limit":
        params = {"amount": float(facts.amount[row]), "limit": float(terms.amount_limit), "currency": terms.currency}
    elif code == "other_currency":
        params = {"currency": facts.currency[row], "policy_currency": terms.currency}
    return {"code": code, "params": params}


def _reasons(terms: Terms, facts: Facts, row: int, *, doubtful: bool, audit: bool) -> list[dict[str, Any]]:
    pd, reasons = float(facts.pd[row]), []
    if np.isnan(pd):
        return [{"code": "not_scored", "params": {}}]
    if terms.approve_below <= pd < terms.decline_above:
        params = {"pd": pd, "low": terms.approve_below, "high": terms.decline_above}
        reasons.append({"code": "grey_band", "params": params})
    if doubtful:
        # Doubt that is not known is told as full doubt; PostgreSQL's JSON has no NaN.
        doubt = float(np.nan_to_num(facts.doubt[row], nan=1.0))
        reasons.append({"code": "doubtful", "params": {"doubt": doubt, "limit": terms.doubt_limit}})
    if audit:
        reasons.append({"code": "audit", "params": {"share": terms.audit_share}})
    if pd < terms.approve_below:
        reasons.append({"code": "pd_below", "params": {"pd": pd, "limit": terms.approve_below}})
    elif pd >= terms.decline_above:
        reasons.append({"code": "pd_above", "params": {"pd": pd, "limit": terms.decline_above}})
    return reasons
