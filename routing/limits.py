"""The limit (额度) that a limit table grants, and what the granted loan costs the bank and the borrower.

The table is a matrix: a base amount or a multiple of the yearly income from one or two strong dimensions, a
coefficient, then a floor and a cap: `limit = min(max(base × coefficient, floor), cap)`, as large banks practise it
(wxredian.com, 大行的额度策略, 2024); the share of income that instalments take is judged as in 智能风控与反欺诈,
section 3.4.1 (cqxianglaokan.com). The granted amount stands beside the asked one, it does not replace it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from routing.table.columns import BoolArray, Column, FloatArray
from routing.table.evaluate import deciding, evaluate, joined
from routing.table.tables import Table, TableKind

MONTHS: Final = 12


@dataclass(frozen=True)
class Granted:
    """What n cases are granted, arrays (n,); money in the table's currency, NaN where it is not known.

    `base`, `per_income`, `coefficient`, `floor`, `cap` are what the table says (NaN: nothing), `row` is the place of
    the deciding row (behind the last: the default). `missing` marks the cases whose limit a missing value leaves open:
    people look. `granted` = min(asked, limit), `expected_loss` = PD × LGD × granted, `yearly_service` twelve
    instalments of the granted loan, also of a shorter one, and `service_share` these and existing debts' as a share of
    the yearly income.
    """

    base: FloatArray
    per_income: FloatArray
    coefficient: FloatArray
    floor: FloatArray
    cap: FloatArray
    limit: FloatArray
    row: NDArray[np.int16]
    missing: BoolArray
    asked: FloatArray
    granted: FloatArray
    expected_loss: FloatArray
    yearly_service: FloatArray
    service_share: FloatArray

    @property
    def over(self) -> FloatArray:
        """1 where more is asked for than the limit, 0 where not, NaN where one of the two is not known (n,)."""
        return np.where(np.isnan(self.limit) | np.isnan(self.asked), np.nan, self.asked > self.limit)


@dataclass(frozen=True)
class Loans:
    """What is asked and known of n cases, each an array (n,) or one figure for all; NaN where it is not known.

    `asked` money; `income` and `existing_service` money a year; `pd`, `lgd` and `yearly_rate` fractions of one.
    """

    asked: ArrayLike
    income: ArrayLike
    pd: ArrayLike
    lgd: ArrayLike
    yearly_rate: ArrayLike
    term_months: ArrayLike
    existing_service: ArrayLike = 0.0


@dataclass(frozen=True)
class _Told:
    """What the table says of n cases, NaN where it says nothing."""

    base: FloatArray
    per_income: FloatArray
    coefficient: FloatArray
    floor: FloatArray
    cap: FloatArray

    def limit(self, income: FloatArray) -> FloatArray:
        """NaN where neither base nor multiple is said, or the multiple of an income that is not known."""
        by_income = np.where(np.isnan(self.per_income), np.inf, self.per_income * income)
        start = np.minimum(np.where(np.isnan(self.base), np.inf, self.base), by_income)
        start = np.where(np.isnan(self.base) & np.isnan(self.per_income), np.nan, start)
        floor, cap = np.nan_to_num(self.floor, nan=0.0), np.where(np.isnan(self.cap), np.inf, self.cap)
        limit: FloatArray = np.minimum(np.maximum(start * np.nan_to_num(self.coefficient, nan=1.0), floor), cap)
        return limit


def grant(table: Table, kind: TableKind, columns: Mapping[str, Column], n: int, loans: Loans) -> Granted:
    """The limits of n cases by a table of the outputs base, per_income, coefficient, floor and cap.

    A row that gives a base and a multiple of the income grants the lower of the two; an income that is not known leaves
    such a limit open. Without a coefficient it is 1, without a floor 0, without a cap there is none. Under `collect`
    every output is joined for itself by its own rule, and the deciding row is the first certain one. Raises ValueError
    as `evaluate` does.
    """
    hits = evaluate(table, kind, columns, n)
    row, doubt = deciding(table, hits)
    given = _columns(loans, n)
    told = _Told(
        *(joined(table, kind, hits, output) for output in ("base", "per_income", "coefficient", "floor", "cap"))
    )
    # Under `collect` a possible row is counted in on the careful side; under `first` it leaves everything open.
    limit = np.where(doubt & (table.hit == "first"), np.nan, told.limit(given["income"]))
    granted = np.minimum(given["asked"], limit)
    service = MONTHS * instalment(granted, given["yearly_rate"], given["term_months"])
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (service + given["existing_service"]) / given["income"]
    return Granted(
        base=told.base,
        per_income=told.per_income,
        coefficient=told.coefficient,
        floor=told.floor,
        cap=told.cap,
        limit=limit,
        row=row,
        missing=np.isnan(limit),
        asked=given["asked"],
        granted=granted,
        expected_loss=given["pd"] * given["lgd"] * granted,
        yearly_service=service,
        service_share=np.where(given["income"] > 0, share, np.nan),
    )


def instalment(principal: FloatArray, yearly_rate: FloatArray, months: FloatArray) -> FloatArray:
    """The level monthly instalment (n,) of loans: P × i / (1 − (1 + i)^−m) with i a twelfth of the yearly rate.

    The annuity of OpenFormula's PMT (OASIS Open Document Format 1.2, part 2) with payments at the end of each month;
    P / m without interest. NaN where a figure is not known, or the term is not above zero.
    """
    principal, rate, months = np.broadcast_arrays(principal, np.asarray(yearly_rate) / MONTHS, months)
    with np.errstate(divide="ignore", invalid="ignore"):
        # expm1 and log1p keep the digits that 1 - (1 + i)^-m loses at small rates.
        annuity = np.where(rate == 0, 1 / months, rate / -np.expm1(-months * np.log1p(rate)))
    return np.where(months > 0, principal * annuity, np.nan)


def _columns(loans: Loans, n: int) -> dict[str, FloatArray]:
    names = ("asked", "income", "pd", "lgd", "yearly_rate", "term_months", "existing_service")
    return {name: np.broadcast_to(np.asarray(getattr(loans, name), dtype=np.float64), (n,)) for name in names}
