"""Columns that know the outcome are named with the reason; honest ones, however strong, are not."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from scoring.ml.columns import Columns
from scoring.ml.tables.any_table import read_any_table
from scoring.ml.tables.findings import Finding
from scoring.ml.tables.infer import infer_table
from scoring.ml.tables.leaks import find_leaks

FloatArray = NDArray[np.float64]

ROWS = 3000
SAMPLE = Path(__file__).resolve().parents[3] / "sample" / "lending_club_2016.csv.gz"
HONEST = ("income", "debt", "score", "years", "rate")


def book() -> tuple[FloatArray, NDArray[np.int64], np.random.Generator]:
    """Five honest columns of which two are strong, and the outcome (about a fifth bad)."""
    random = np.random.default_rng(5)
    values = random.normal(size=(ROWS, 5))
    odds = -1.9 + 1.1 * values[:, 2] + 0.9 * values[:, 4] + 0.4 * values[:, 0]
    return values, (random.random(ROWS) < 1 / (1 + np.exp(-odds))).astype(np.int64), random


def leaks_with(name: str, column: FloatArray, values: FloatArray, y: NDArray[np.int64]) -> list[Finding]:
    return find_leaks(np.column_stack([values, column]), y, Columns.plain(6), (*HONEST, name))


def test_an_honest_book_has_no_leaks_and_is_searched_in_the_same_way_twice() -> None:
    values, y, _ = book()
    assert find_leaks(values, y, Columns.plain(5), HONEST) == []
    first, again = (leaks_with("fee", np.where(y == 1, 1.0, np.nan), values, y) for _ in range(2))
    assert first == again


Made = Callable[[NDArray[np.int64], np.random.Generator], FloatArray]


def recovered(y: NDArray[np.int64], random: np.random.Generator) -> FloatArray:
    """An amount that is above zero for nearly all bads, and for few others."""
    return np.where((y == 1) & (random.random(ROWS) < 0.97), random.exponential(1000, ROWS), 0.0)


def filled_in_later(y: NDArray[np.int64], random: np.random.Generator) -> FloatArray:
    """Any number, but there only where the loan went bad."""
    return np.where((y == 1) ^ (random.random(ROWS) < 0.02), random.normal(size=ROWS), np.nan)


def shortened_term(y: NDArray[np.int64], random: np.random.Generator) -> FloatArray:
    """Round terms of the contract, cut to any month where the loan was charged off."""
    contract = random.choice([36.0, 60.0, 84.0, 120.0], ROWS)
    return np.where((y == 1) & (random.random(ROWS) < 0.85), random.integers(1, 120, ROWS), contract)


def sold_on(y: NDArray[np.int64], random: np.random.Generator) -> FloatArray:
    """Who bought the loan: nobody buys a bad one, and half of the good ones."""
    return np.where((y == 0) & (random.random(ROWS) < 0.5), random.integers(1, 5, ROWS), 0.0)


@pytest.mark.parametrize(
    ("name", "make", "code"),
    [
        ("fee", recovered, "single_column"),
        ("visited_on", filled_in_later, "missing_tells"),
        ("term", shortened_term, "single_column"),
        ("buyer", sold_on, "pure_values"),
    ],
)
def test_a_column_written_after_the_outcome_is_named(name: str, make: Made, code: str) -> None:
    values, y, random = book()
    found = leaks_with(name, make(y, random), values, y)
    assert [(one.column, one.code, one.is_leak) for one in found] == [(name, code, True)]
    assert name in found[0].en
    assert name in found[0].zh


def test_a_column_that_lifts_a_model_by_a_great_step_is_named() -> None:
    values, y, random = book()
    blurred = y + random.normal(0, 0.6, ROWS)
    found = leaks_with("contact", blurred, values, y)
    assert [(one.column, one.code) for one in found] == [("contact", "lifts_model")]


def test_a_name_that_speaks_of_the_time_after_makes_a_smaller_step_suspicious() -> None:
    values, y, random = book()
    paid = np.where(y == 1, random.normal(-1.1, 1, ROWS), random.normal(0, 1, ROWS))
    assert [one.code for one in leaks_with("paid_total", paid, values, y)] == ["named_after_decision"]
    assert [one.code for one in leaks_with("months_observed", paid, values, y)] == ["named_after_decision"]
    assert leaks_with("savings", paid, values, y) == []
    assert leaks_with("paid_total", random.normal(size=ROWS), values, y) == []


def test_two_copies_of_a_leak_do_not_hide_each_other() -> None:
    values, y, random = book()
    fee = recovered(y, random)
    found = find_leaks(np.column_stack([values, fee, fee * 0.9]), y, Columns.plain(7), (*HONEST, "fee", "net_fee"))
    assert {one.column for one in found} == {"fee", "net_fee"}


def test_a_leaking_category_is_named() -> None:
    values, y, random = book()
    grade = np.where(
        random.random(ROWS) < 0.05, random.integers(0, 4, ROWS), np.where(y == 1, 3, random.integers(0, 3, ROWS))
    )
    columns = Columns((*(False,) * 5, True), (0,) * 6, ((),) * 6)
    found = find_leaks(np.column_stack([values, grade]), y, columns, (*HONEST, "grade"))
    assert [one.column for one in found] == ["grade"]


def test_a_handful_of_bads_proves_nothing() -> None:
    values, y, _ = book()
    few = np.zeros_like(y)
    few[:3] = 1
    assert leaks_with("fee", few.astype(np.float64), values, few) == []


def test_a_few_bads_in_a_big_book_are_all_looked_at() -> None:
    random = np.random.default_rng(9)
    values, y = random.normal(size=(30_000, 5)), np.zeros(30_000, dtype=np.int64)
    y[:60] = 1
    fee = y * random.exponential(1000, len(y))
    assert [one.column for one in leaks_with("fee", fee, values, y)] == ["fee"]


def test_the_sample_book_leaks_only_by_its_outcome_column() -> None:
    table = read_any_table(SAMPLE)
    twice = {**table.columns, "copy": table.columns["Class"]}
    inferred = infer_table(twice, target="Class")
    headers = [inferred.headers[name] for name in inferred.table.names]
    assert find_leaks(inferred.read.values, inferred.y, inferred.table.columns, headers) == []
    assert [(one.column, one.code) for one in inferred.findings if one.is_leak] == [("copy", "restates_outcome")]
