"""The first cases of a source are compared with what is usual elsewhere, for gross things only."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from intake.first_signs import first_signs
from intake.health import Reference, make_reference
from scoring.ml import drift
from scoring.models import ModelReference, ModelVersion
from scoring.usual import usual_of_champion

USUAL = [{"annual_income": 40_000 + at, "late": at % 5 // 4, "amount": 5_000 + at} for at in range(300)]


def usual() -> Reference:
    made = make_reference(USUAL)
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("rows", "signs"),
    [
        ([{"annual_income": 0, "late": 0}] * 20, [("annual_income", "zeros", "bad")]),
        ([{"annual_income": -1, "late": 0}] * 20, [("annual_income", "zeros", "bad")]),
        # Too few to tell; a column that is not there; nought is usual; one sum for all is a product.
        ([{"annual_income": 0, "late": 0}] * 19, []),
        ([{"late": 0}] * 20, [("annual_income", "missing", "watch")]),
        ([{"annual_income": 50_000, "late": 0, "amount": 1}] * 20, []),
        ([{"annual_income": 50_000, "late": 0}] * 15 + [{"annual_income": 0, "late": 0}] * 5, []),
        # Ten thousand yuan for yuan, fen for yuan; a lender of richer people; half of them is most, less is not.
        ([{"annual_income": 4.5, "late": 0}] * 20, [("annual_income", "scale", "bad")]),
        ([{"annual_income": 4_500_000, "late": 40}] * 20, [("annual_income", "scale", "bad")]),
        ([{"annual_income": 400_000, "late": 0}] * 20, []),
        ([{"annual_income": 4.5, "late": 0}] * 9 + [{"annual_income": 50_000, "late": 0}] * 11, []),
        ([{"annual_income": 50_000, "late": 0}] * 8 + [{"late": 0}] * 12, [("annual_income", "missing", "bad")]),
    ],
)
def test_only_gross_zeros_gaps_and_units_are_signs(
    rows: list[dict[str, Any]], signs: list[tuple[str, str, str]]
) -> None:
    assert [(sign.feature, sign.what, sign.grade) for sign in first_signs(rows, usual())] == signs


def test_what_a_champion_has_learnt_from_is_read_bin_by_bin(champion: ModelVersion) -> None:
    incomes = np.array([[40_000.0 + at] for at in range(298)] + [[0.0], [np.nan]])
    made = drift.make_reference(["annual_income"], incomes, np.zeros(300))
    ModelReference.objects.filter(model=champion).delete()
    assert usual_of_champion(champion.product) is None
    ModelReference.objects.create(model=champion, origin="held_out", rows=made.rows, content=made.to_dict())
    found = usual_of_champion(champion.product)
    assert found is not None
    assert (found.usual.rows, found.usual.missing["annual_income"]) == (300, 1)
    assert found.usual.counts["annual_income"].total() == 299
    (sign,) = first_signs([{"annual_income": 0}] * 20, found)
    assert (sign.value, sign.usual, sign.rows) == (1.0, 1 / 299, 20)
    assert first_signs([{"annual_income": 45_000}] * 20, found) == []
