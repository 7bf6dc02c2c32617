"""The first cases of a source are compared with what is usual elsewhere, for gross things only."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from intake.health.first_signs import first_signs, signs_alone
from intake.health.profiles import Reference, make_reference
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
        ([{"annual_income": 4_500_000, "late": 0}] * 20, [("annual_income", "scale", "bad")]),
        ([{"annual_income": 400_000, "late": 0}] * 20, []),
        ([{"annual_income": 4.5, "late": 0}] * 9 + [{"annual_income": 50_000, "late": 0}] * 11, []),
        ([{"annual_income": 50_000, "late": 0}] * 8 + [{"late": 0}] * 12, [("annual_income", "missing", "bad")]),
    ],
)
def test_only_gross_zeros_gaps_and_units_are_signs(
    rows: list[dict[str, Any]], signs: list[tuple[str, str, str]]
) -> None:
    found = first_signs([different(row, at) for at, row in enumerate(rows)], usual())
    assert [(sign.feature, sign.what, sign.grade) for sign in found] == signs


def test_what_a_source_sent_and_sends_no_more_is_bad() -> None:
    gone = [{"late": 0, "amount": 5_000 + at} for at in range(20)]
    graded = [[(sign.feature, sign.grade) for sign in first_signs(gone, usual(), is_own=own)] for own in (False, True)]
    assert graded == [[("annual_income", "watch")], [("annual_income", "bad")]]


def different(row: dict[str, Any], at: int) -> dict[str, Any]:
    """The same row with an income of its own, where it has one."""
    return {**row, "annual_income": row["annual_income"] * (1 + at / 1_000)} if row.get("annual_income") else row


def test_one_income_for_all_is_a_sign_in_twenty_rows_and_a_usual_count_is_not() -> None:
    (sign,) = first_signs([{"annual_income": 50_000, "late": 0}] * 20, usual())
    assert (sign.feature, sign.what, sign.grade, sign.value) == ("annual_income", "one_value", "bad", 1.0)


@pytest.mark.parametrize(("stuck", "grade"), [(1, "watch"), (2, "bad"), (4, "bad")])
def test_where_nothing_can_be_compared_a_column_of_one_value_is_watched_and_half_of_them_are_bad(
    stuck: int, grade: str
) -> None:
    rows = [{f"x{n}": 7 if n < stuck else n * at for n in range(4)} | {"amount": 5_000} for at in range(1, 21)]
    found = signs_alone(rows)
    assert [(sign.feature, sign.what, sign.grade) for sign in found] == [
        (f"x{n}", "one_value", grade) for n in range(stuck)
    ]
    assert signs_alone(rows[:19]) == []


def test_what_a_champion_has_learnt_from_is_read_bin_by_bin(champion: ModelVersion) -> None:
    # The second one is worked out by the model: no source sends it.
    incomes = np.array([[40_000.0 + at, 0.3] for at in range(298)] + [[0.0, 0.3], [np.nan, np.nan]])
    made = drift.make_reference(["annual_income", "loan_to_income"], incomes, np.zeros(300))
    ModelReference.objects.filter(model=champion).delete()
    assert usual_of_champion(champion.product) is None
    ModelReference.objects.create(model=champion, origin="held_out", rows=made.rows, content=made.to_dict())
    found = usual_of_champion(champion.product)
    assert found is not None
    assert list(found.edges) == ["annual_income"]
    assert (found.usual.rows, found.usual.missing["annual_income"]) == (300, 1)
    assert found.usual.counts["annual_income"].total() == 299
    (sign,) = first_signs([{"annual_income": 0}] * 20, found)
    assert (sign.value, sign.usual, sign.rows) == (1.0, 1 / 299, 20)
    assert first_signs([{"annual_income": 40_000 + 13 * at} for at in range(20)], found) == []


@pytest.mark.parametrize(
    ("incomes", "currency", "signs"),
    [
        # In ten thousands, and in cents; yuan beside dollars tell as much, yen do not.
        (range(3, 23), "USD", [("annual_income", "scale")]),
        (range(3_000_000, 3_020_000, 1_000), "USD", [("annual_income", "scale")]),
        (range(3_000_000, 3_020_000, 1_000), "JPY", []),
        (range(30_000, 50_000, 1_000), "USD", []),
        (range(3, 23), "CNY", [("annual_income", "scale")]),
        (range(60_000, 460_000, 20_000), "CNY", []),
        (range(3_000, 5_000, 100), "USD", []),
    ],
)
def test_a_mistaken_unit_is_told_against_what_a_champion_has_learnt_from(
    champion: ModelVersion, incomes: range, currency: str, signs: list[tuple[str, str]]
) -> None:
    # Few of many were paid nothing, or far more than all others; most were never late.
    learnt = np.array([[20_000.0 + 100 * at, at % 10 // 8] for at in range(990)] + [[0.0, 0]] * 5 + [[9e7, 0]] * 5)
    made = drift.make_reference(["annual_income", "delinquencies_2y"], learnt, np.zeros(1_000))
    ModelReference.objects.filter(model=champion).delete()
    ModelReference.objects.create(model=champion, origin="held_out", rows=made.rows, content=made.to_dict())
    usual = usual_of_champion(champion.product)
    assert usual is not None
    rows = [{"annual_income": each, "delinquencies_2y": each % 7, "currency": currency} for each in incomes]
    found = first_signs(rows, usual)
    assert [(sign.feature, sign.what) for sign in found if sign.what == "scale"] == signs
