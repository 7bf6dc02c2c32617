"""Derived features: ratios, the annuity formula and ages, computed on whole columns."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from scoring.ml.vocabulary import APPLIED_AT, Formula

FloatArray = NDArray[np.float64]

MONTHS_A_YEAR = 12
PERCENT = 100.0
# A moment of application is kept in UTC and a date as it was written, so the two may be a day apart at the same time.
DAYS_OF_GRACE = 1


def apply_formula(formula: Formula, columns: Mapping[str, FloatArray]) -> FloatArray:
    """Values (n,) of a derived feature from the columns (n,) that the formula names; NaN where undefined.

    Dates, and the `applied_at` that an age needs, are in days since 1970-01-01.
    """
    if formula.date:
        months = months_between(columns[formula.date], columns[APPLIED_AT])
        return np.floor(months / MONTHS_A_YEAR) if formula.kind == "years_since" else months
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


def months_between(start: FloatArray, end: FloatArray) -> FloatArray:
    """Completed calendar months (n,) from `start` to `end`, both in days since 1970-01-01.

    NaN where either is missing or the start lies after the end.
    """
    usable = start <= end + DAYS_OF_GRACE
    first, last = (_dates(np.where(usable, days, 0.0)) for days in (start, np.maximum(start, end)))
    months = (last.astype("datetime64[M]") - first.astype("datetime64[M]")).astype(np.float64)
    result: FloatArray = np.where(usable, months - (_day_of_month(last) < _day_of_month(first)), np.nan)
    return result


def _dates(days: FloatArray) -> NDArray[np.datetime64]:
    return days.astype(np.int64).astype("datetime64[D]")


def _day_of_month(dates: NDArray[np.datetime64]) -> NDArray[np.int64]:
    days: NDArray[np.int64] = (dates - dates.astype("datetime64[M]")).astype(np.int64)
    return days
