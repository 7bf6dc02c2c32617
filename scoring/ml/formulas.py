"""Derived features: ratios and the annuity formula, computed on whole columns."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from scoring.ml.vocabulary import Formula

FloatArray = NDArray[np.float64]

MONTHS_A_YEAR = 12
PERCENT = 100.0


def apply_formula(formula: Formula, columns: Mapping[str, FloatArray]) -> FloatArray:
    """Values (n,) of a derived feature from the columns (n,) that `formula.inputs()` names; NaN where undefined."""
    top = columns[formula.numerator]
    if formula.kind == "annuity_ratio":
        top = MONTHS_A_YEAR * monthly_instalment(top, columns[formula.rate], columns[formula.term])
    bottom = columns[formula.denominator]
    result = np.full(len(bottom), np.nan)
    with np.errstate(over="ignore"):
        np.divide(top, bottom, out=result, where=bottom > 0)
    result[~np.isfinite(result)] = np.nan
    return result


def monthly_instalment(amount: FloatArray, rate: FloatArray, months: FloatArray) -> FloatArray:
    """Level monthly instalment of an annuity loan, in the unit of `amount`: P r / (1 - (1 + r)^-n), or P / n at r = 0.

    `rate` is in percent a year, paid monthly (r = rate / 1200); NaN where a part is missing, the term is not above
    zero or the rate is below zero. Source: present value of an ordinary annuity.
    """
    monthly = rate / PERCENT / MONTHS_A_YEAR
    result = np.full(len(amount), np.nan)
    usable = (months > 0) & (monthly >= 0) & ~np.isnan(amount)
    flat, growing = usable & (monthly == 0), usable & (monthly > 0)
    result[flat] = amount[flat] / months[flat]
    result[growing] = amount[growing] * monthly[growing] / -np.expm1(-months[growing] * np.log1p(monthly[growing]))
    return result
