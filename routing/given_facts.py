"""From plain values by field key to the arrays that the policy reads: examples, routes decided again, past cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from routing import arms
from routing.facts import Facts
from routing.table.columns import Coded, Column, FloatArray
from routing.table.fields import WORDED, Operand, days_of
from routing.terms import Terms

Inputs = Mapping[str, Operand | None]
ARMS: Final = (arms.AUDIT, arms.EXPLORE, arms.EXPLORE_ORDER)
# What an example may say beside the fields of the tables.
BESIDE: Final = (
    "cut_off",
    "loss_given_default",
    "interest_rate",
    "debt_to_income",
    "applicant",
    "monitoring",
    "explained",
)
USUAL_LOSS: Final = 0.6


def columns_from(terms: Terms, inputs: Sequence[Inputs]) -> dict[str, Column]:
    """Columns (n,) of all fields that come from case and model, from n cases' plain values; the rest is missing."""
    found: dict[str, Column] = {}
    for key, field in terms.kinds.all_fields.items():
        if field.source in ("policy", "person"):
            continue
        given = [each.get(key) for each in inputs]
        if field.type in WORDED:
            # NaN is what tables of figures write for nothing; it is no word.
            found[key] = Coded.of([None if value is None or value != value else str(value) for value in given])
        else:
            found[key] = np.array([_figure(field.type, value) for value in given], dtype=np.float64)
    return found


def facts_from(terms: Terms, inputs: Sequence[Inputs]) -> Facts:
    """Facts of n made-up cases that no random arm ever draws. What an example does not say of money is as usual: the
    cut-off in the middle of the policy's band, the loss of an unsecured loan."""
    n = len(inputs)
    columns = columns_from(terms, inputs)
    middle = terms.cut_off if terms.cut_off is not None else (terms.approve_below + terms.decline_above) / 2
    currency = [str(each.get("currency") or terms.currency) for each in inputs]
    in_currency = np.array([code == terms.currency for code in currency], dtype=np.bool_)
    exposure = _given(inputs, "amount", np.nan)
    return Facts(
        key=[f"example/{place}" for place in range(n)],
        columns=columns | {"amount": exposure, "currency": Coded.of(currency)},
        pd=_given(inputs, "pd", np.nan),
        doubt=_given(inputs, "doubt", np.nan),
        cut_off=_given(inputs, "cut_off", middle),
        exposure=exposure,
        lgd=_given(inputs, "loss_given_default", USUAL_LOSS),
        rate=_given(inputs, "interest_rate", np.nan),
        term_months=_given(inputs, "term_months", np.nan),
        debts=_given(inputs, "debt_to_income", np.nan) / 100.0,
        applicant=Coded.of([str(each.get("applicant") or "somebody") for each in inputs]),
        in_currency=in_currency,
        monitoring=_given(inputs, "monitoring", 0.0) == 1,
        explained=_given(inputs, "explained", 1.0) == 1,
        draws={arm: np.ones(n) for arm in ARMS},
    )


def _given(inputs: Sequence[Inputs], key: str, usual: float) -> FloatArray:
    values = [each.get(key) for each in inputs]
    return np.array([usual if value is None else _figure("number", value) for value in values], dtype=np.float64)


def _figure(field_type: str, value: Operand | None) -> float:
    if value is None:
        return float("nan")
    if field_type == "date" and isinstance(value, str):
        return days_of(value)
    return float(value)
