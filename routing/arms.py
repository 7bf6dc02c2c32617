"""Random arms: the blind audit of automatic decisions, and exploration approvals (`cases/draws.py` draws).

The two arms are never mixed. An audit shows people what the machine decided and costs minutes; an exploration approves
some marginal machine declines, the only unbiased source of outcomes for declines, and costs credit losses. It is off
until terms with a rate and a budget are signed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincc, betaln

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

AUDIT: Final = "audit"
EXPLORE: Final = "explore"
# The order in which the budget is offered, apart from the draw itself.
EXPLORE_ORDER: Final = "explore_order"


class SettingError(ValueError):
    """A setting that cannot be; `field` names it, `en` and `zh` say why."""

    def __init__(self, field: str, en: str, zh: str) -> None:
        self.field, self.en, self.zh = field, en, zh
        super().__init__(f"{field}: {en}")


def check_settings(checks: Iterable[tuple[bool, str, str, str]]) -> None:
    """SettingError of the first check (holds, field, sentence in English, in Chinese) that does not hold."""
    for holds, field, en, zh in checks:
        if not holds:
            raise SettingError(field, en, zh)


@dataclass(frozen=True)
class Audited:
    """Which of n cases are drawn for the blind audit, and the probability that each had."""

    chosen: BoolArray
    probability: FloatArray


def audit(drawn: FloatArray, machine_decided: BoolArray, rate: float) -> Audited:
    """Draw automatic decisions (n,) for a look that is not announced: each case on its own, where its draw (n,) of the
    arm is below the rate.

    Cases that people see anyway, and cases approved for exploration, are not automatic decisions: the caller leaves
    them out of `machine_decided`, and their probability is 0.
    """
    if not 0 <= rate <= 1:
        raise ValueError("the audit rate lies between 0 and 1")
    probability = np.where(machine_decided, rate, 0.0)
    return Audited(drawn < probability, probability)


@dataclass(frozen=True)
class Exploration:
    """Terms of the exploration arm: a share `rate` of marginal machine declines is approved.

    `highest_pd` and `highest_exposure` bound each case, `budget` the exposure granted in all (one currency). It stops
    for good when `most_bads` loans turned bad, when losses reach `most_loss_share` of the budget, or when it is sure at
    `confidence` that the bad rate is above `tolerated_bad_rate`. Off (rate 0) unless set.
    """

    rate: float = 0.0
    highest_pd: float = 0.0
    highest_exposure: float = 0.0
    budget: float = 0.0
    most_bads: int = 0
    most_loss_share: float = 0.0
    tolerated_bad_rate: float = 0.0
    confidence: float = 0.95

    def __post_init__(self) -> None:
        check_settings([(0 <= self.rate <= 0.5, "rate", "must lie between 0 and 0.5", "必须在 0 到 0.5 之间")])
        if self.rate == 0:
            return
        inside, money = ("must lie between 0 and 1", "必须在 0 到 1 之间"), ("must be above 0", "必须大于 0")
        fits = 0 < self.highest_exposure <= self.budget < math.inf
        check_settings(
            [
                (0 < self.highest_pd < 1, "highest_pd", *inside),
                (0 < self.budget < math.inf, "budget", *money),
                (fits, "highest_exposure", "must be above 0 and fit into the budget", "必须大于 0 且不超过预算"),
                (self.most_bads >= 1, "most_bads", "must be at least 1", "必须至少为 1"),
                (0 < self.most_loss_share <= 1, "most_loss_share", *inside),
                (0 < self.tolerated_bad_rate < 1, "tolerated_bad_rate", *inside),
                (0.5 <= self.confidence < 1, "confidence", "must lie between 0.5 and 1", "必须在 0.5 到 1 之间"),
            ]
        )


@dataclass(frozen=True)
class Explored:
    """Which of n cases are approved for exploration, the probability that each had, and the exposure so granted."""

    chosen: BoolArray
    probability: FloatArray
    spent: float


def explore(
    drawn: FloatArray,
    offered: FloatArray,
    pd: FloatArray,
    cut_off: float | FloatArray,
    exposure: FloatArray,
    declined_by_machine: BoolArray,
    terms: Exploration,
    budget_left: float,
) -> Explored:
    """Approve some of the n cases that the machine declined for their score alone, never beyond the budget left.

    `drawn` and `offered` (n,) are the cases' draws of the arms EXPLORE and EXPLORE_ORDER. `declined_by_machine` (n,)
    leaves out declines by a hard rule and whatever a person is to see: nothing of that kind
    is ever explored. Marginal are declines with cut-off <= PD < `highest_pd` and an exposure of at most
    `highest_exposure`; what is not known is not marginal.

    The probability that is stored must be the true one. So the budget is offered in an order of its own draw, and
    before each case's draw it is settled whether the budget is open: while it covers the *largest* exposure allowed,
    every marginal case has the probability `rate`, whatever its own exposure; from then on all have 0. Hence every
    drawn case fits, its chance given all before it hangs neither on its draw nor on its size, and inverse weights of
    the stored probabilities are unbiased. The price is a rest of less than one largest exposure that stays unspent.
    """
    marginal = declined_by_machine & (pd >= cut_off) & (pd < terms.highest_pd) & (exposure <= terms.highest_exposure)
    order = np.argsort(offered, kind="stable")
    hit = marginal & (drawn < terms.rate)
    granted = np.where(hit, exposure, 0.0)[order]
    # What is gone before each case. Once closed it stays closed, so draws behind that point may be counted too.
    gone = np.concatenate([[0.0], np.cumsum(granted)[:-1]]) if len(order) else granted
    is_open = np.zeros(len(order), dtype=np.bool_)
    is_open[order] = (budget_left - gone >= terms.highest_exposure) & (terms.rate > 0)
    chosen = hit & is_open
    return Explored(chosen, np.where(marginal & is_open, terms.rate, 0.0), math.fsum(exposure[chosen]))


@dataclass(frozen=True)
class Outcomes:
    """What came of exploration approvals so far. `matured` are loans whose whole observation window is over and `bads`
    those of them that turned bad: a bad that is counted early, beside goods that are not, would inflate the rate.
    `early_bads` turned bad before their window was over: they count as bads, and in no rate. `loss` is money lost on
    all of them, matured or not."""

    matured: int
    bads: int
    loss: float
    early_bads: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.bads <= self.matured or self.early_bads < 0:
            raise ValueError(f"{self.bads} bads of {self.matured} matured loans cannot be")


@dataclass(frozen=True)
class Stop:
    """Why the exploration arm must stop: a code with its figures, worded when somebody reads it."""

    code: Literal["bads", "loss", "bad_rate"]
    params: Mapping[str, float]

    @property
    def stored(self) -> str:
        """The code and its figures as one text, for where a person would write a sentence."""
        return json.dumps({"code": self.code, **self.params})


def evidence(bads: int, matured: int, tolerated: float) -> float:
    """Log of the evidence that the bad rate is above the tolerated one, valid at whatever moment it is looked at.

    The mixture likelihood ratio of all higher rates, equally weighted, against the tolerated rate (Robbins 1970). Under
    any rate up to the tolerated one it is a nonnegative supermartingale from 1, so that the chance of it ever reaching
    1 / alpha is at most alpha (Ville 1939; Ramdas, Gruenwald, Vovk and Shafer 2023, "Game-theoretic statistics and safe
    anytime-valid inference"). A Clopper-Pearson bound looked at every month would have no such promise.
    """
    tail = float(betaincc(bads + 1, matured - bads + 1, tolerated))
    if tail == 0.0:
        return -math.inf
    seen = float(betaln(bads + 1, matured - bads + 1)) + math.log(tail) - math.log1p(-tolerated)
    return seen - bads * math.log(tolerated) - (matured - bads) * math.log1p(-tolerated)


def should_stop(outcomes: Outcomes, terms: Exploration) -> Stop | None:
    """The first reason to stop, None while there is none. May be asked after every outcome."""
    if terms.rate == 0:
        return None
    bads = outcomes.bads + outcomes.early_bads
    if bads >= terms.most_bads:
        return Stop("bads", {"bads": bads, "most": terms.most_bads})
    if not outcomes.loss < terms.most_loss_share * terms.budget:
        return Stop("loss", {"loss": outcomes.loss, "share": terms.most_loss_share})
    if evidence(outcomes.bads, outcomes.matured, terms.tolerated_bad_rate) >= -math.log(1 - terms.confidence):
        told = {"bads": outcomes.bads, "matured": outcomes.matured}
        return Stop("bad_rate", {**told, "tolerated": terms.tolerated_bad_rate, "confidence": terms.confidence})
    return None
