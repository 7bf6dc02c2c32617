"""The economics of a product: up to which PD a loan pays, and what a decision is expected to cost.

A loan of amount EAD earns `margin` * EAD over its life when it is repaid and loses `loss_given_default` * EAD when it
is not. Approving pays while (1 - PD) * margin > PD * LGD, so the cut-off is the PD

    t = margin / (margin + LGD).

Where the interest rate and the term of a loan are known, its own margin is the spread over the cost of funds times the
time for which a unit of the amount is outstanding on average: (rate - funding rate) / 100 * (term + 1) / 24 years.
(term + 1) / 2 months is the average life of a loan repaid in `term` equal monthly parts of the amount: 1/term of it
is outstanding for one month, 1/term for two, and so on. A PD is for the time in which a bad loan is known to be bad.
Where that is shorter than the term, `horizon` names it in months, and only what is earned in it is set against the PD:
of H = min(horizon, term) months the m-th has 1 - (m - 1) / term of the amount outstanding, H - H (H - 1) / (2 term)
months in all, which is (term + 1) / 2 for H = term. A level instalment (annuity) repays later, so its life is a few
percent longer (36 months at 15 %: 19.8 instead of 18.5 months) and the cut-off errs to the careful side.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.ml.errors import FeatureTableError

FloatArray = NDArray[np.float64]

MOST_PERCENT = 1000.0
MOST_MONTHS = 600.0


@dataclass(frozen=True)
class Economics:
    """What a product earns and loses, as shares of the amount; rates in percent a year.

    `rate` and `term` name the features with a loan's yearly interest rate (percent) and term (months), both or
    neither; `margin` holds where one is missing. `horizon` is the months after the decision that the PD is for; unset,
    it is the whole term. FeatureTableError names the field that cannot be.
    """

    loss_given_default: float
    margin: float
    rate: str = ""
    funding_rate: float = 0.0
    term: str = ""
    horizon: float | None = None

    def __post_init__(self) -> None:
        for name, low, most in (("loss_given_default", 0.0, 1.0), ("margin", 0.0, 10.0), ("funding_rate", -1.0, 100.0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= most:
                raise _refusal(name, f"is a number from {low:g} to {most:g}", f"应为 {low:g} 到 {most:g} 之间的数")
        if self.loss_given_default == 0.0:
            raise _refusal("loss_given_default", "is above 0: without a loss no PD is too high", "应大于 0")
        if bool(self.rate) != bool(self.term):
            raise _refusal("rate", "and term are given together or not at all", "与 term 须同时给出或都不给")
        self._check_horizon()

    def _check_horizon(self) -> None:
        months = self.horizon
        if months is None:
            return
        if isinstance(months, bool) or not isinstance(months, int | float) or not 1.0 <= months <= MOST_MONTHS:
            raise _refusal(
                "horizon", f"is a number of months from 1 to {MOST_MONTHS:g}", f"应为 1 到 {MOST_MONTHS:g} 之间的月数"
            )
        if not self.rate:
            raise _refusal("horizon", "is of no use without rate and term", "须与 rate、term 一同给出")

    def inputs(self) -> tuple[str, ...]:
        """Names of the features that a loan's own margin is computed from; none where the product's margin holds."""
        return (self.rate, self.term) if self.rate else ()

    @property
    def product_cut_off(self) -> float:
        """The PD from which on a loan with the product's margin is not worth it."""
        return self.margin / (self.margin + self.loss_given_default)

    def cut_off(self, rows: int, columns: Mapping[str, FloatArray] | None = None) -> FloatArray:
        """The PD (rows,) from which on a loan is not worth it; see `margins` for the columns."""
        margins = self.margins(rows, columns)
        result: FloatArray = margins / (margins + self.loss_given_default)
        return result

    def margins(self, rows: int, columns: Mapping[str, FloatArray] | None = None) -> FloatArray:
        """Share (rows,) of the amount that each loan earns if repaid, at least 0.

        `columns` holds (rows,) of each name in `inputs`, the rate in percent a year and the term in months. Where
        either is not there, NaN or out of reason (a term below a month), the product's margin holds.
        """
        margins = np.full(rows, float(self.margin))
        if columns is None or not self.rate or self.rate not in columns or self.term not in columns:
            return margins
        rate, term = columns[self.rate], columns[self.term]
        usable = (np.abs(rate) <= MOST_PERCENT) & (term >= 1.0) & np.isfinite(term)
        margins[usable] = np.maximum(0.0, (rate[usable] - self.funding_rate) / 100.0 * self._years(term[usable]))
        return margins

    def _years(self, term: FloatArray) -> FloatArray:
        """Years (n,) that a unit of the amount is outstanding on average within the horizon, of terms in months."""
        if self.horizon is None:
            return (term + 1.0) / 24.0
        months = np.minimum(self.horizon, term)
        years: FloatArray = (months - months * (months - 1.0) / (2.0 * term)) / 12.0
        return years

    def cost_of_approval(self, pd: FloatArray, exposure: FloatArray) -> FloatArray:
        """Expected loss (n,) of approving: PD * LGD * EAD, in the currency of the exposure (n,)."""
        result: FloatArray = pd * self.loss_given_default * exposure
        return result

    @staticmethod
    def cost_of_decline(pd: FloatArray, margins: FloatArray, exposure: FloatArray) -> FloatArray:
        """Expected earnings (n,) missed by declining: (1 - PD) * margin * EAD."""
        result: FloatArray = (1.0 - pd) * margins * exposure
        return result

    def to_dict(self) -> dict[str, Any]:
        """Every field by name; an unset horizon is left out, so that a table from before it keeps its hash."""
        return {name: value for name, value in asdict(self).items() if name != "horizon" or value is not None}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Economics":
        """Checked economics; FeatureTableError names a field that is unknown, missing or cannot be."""
        known = {field.name for field in fields(cls)}
        for name in content:
            if name not in known:
                raise _refusal(str(name), "is not known", "不认识")
        for name in ("loss_given_default", "margin"):
            if name not in content:
                raise _refusal(name, "is missing", "缺失")
        return cls(**content)


USUAL_ECONOMICS = Economics(loss_given_default=0.6, margin=0.1)


def _refusal(name: str, en: str, zh: str) -> FeatureTableError:
    return FeatureTableError("economics", f"Economics: {name} {en}.", f"经济参数：{name} {zh}。")
