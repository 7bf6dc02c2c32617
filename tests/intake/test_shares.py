"""Shares of what is kept in percent: a column is all shares or all percents, and one that fits neither is named."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

import pytest

from cases.models import Case
from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, read_rows
from intake.recognition.mapping import CaseMapping, MappingError, mapping_as_data, read_mapping
from intake.record.choose import mapping_for
from tests.intake.places import NOW, MakeFile
from tests.intake.test_on_record import counts, take_in

DEBT: Final = "负债收入比"
SHARES: Final = tuple(f"0.{at}" for at in range(28, 39))


def table(*cells: str, header: str = DEBT, first: int = 0) -> str:
    lines = (f"HT-{first + at},{5000 + first + at},{cell}\n" for at, cell in enumerate(cells))
    return f"合同号,贷款金额,{header}\n" + "".join(lines)


def read(
    make_file: MakeFile, cells: Sequence[str], header: str = DEBT, mapping: CaseMapping | None = None
) -> tuple[CaseMapping, list[ReadRow]]:
    found = open_table(make_file("t.csv", table(*cells, header=header)))
    mapping = mapping or mapping_for(found, "branch", None)[1]
    return mapping, list(read_rows(found, mapping, now=NOW))


def values(rows: Sequence[ReadRow]) -> list[object]:
    """The only feature of each row, None where the row was refused."""
    return [next(iter(row.submission.features.values())) if row.submission else None for row in rows]


def refused(rows: Sequence[ReadRow]) -> list[tuple[str, str, str]]:
    return [(error.field, error.value, error.code) for row in rows for error in row.errors]


def held(first: int) -> list[object]:
    """What the cases hold of their only feature, from this number on."""
    cases = Case.objects.order_by("pk")
    return [next(iter(case.features.values())) for case in cases if int(case.external_ref[3:]) >= first]


@pytest.mark.parametrize("header", [DEBT, "资产负债率", "all_util", "信用卡使用率"])
def test_shares_above_the_whole_are_percent_as_those_below_it(make_file: MakeFile, header: str) -> None:
    mapping, rows = read(make_file, [*SHARES, "1.20", "1.85"], header)
    assert values(rows) == [*range(28, 39), 120, 185]
    (given,) = mapping.features.values()
    assert (given.type, given.scale) == ("number", Decimal(100))
    assert read_mapping(mapping_as_data(mapping), source="branch").features == mapping.features


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["0.35", "0.42", "2.1"], [35, 42, 210]),
        (["0.35", "0.42", "0.28", "9.9"], [35, 42, 28, 990]),
        # Of so few, a number that is no share tells more than the others.
        (["0.9", "15.2", "1.1"], [0.9, 15.2, 1.1]),
        (["0.42", "28.5", "41"], [0.42, 28.5, 41]),
        (["1", "2", "0", "1"], [1, 2, 0, 1]),
    ],
)
def test_a_few_rows_are_shares_where_all_but_one_are(
    make_file: MakeFile, cells: Sequence[str], told: Sequence[float]
) -> None:
    assert values(read(make_file, cells)[1]) == told


def test_a_limit_may_be_used_up_to_twice(make_file: MakeFile) -> None:
    assert values(read(make_file, ["0.2", "0.25", "1.6", "0.26"], "all_util")[1]) == [20, 25, 160, 26]


@pytest.mark.parametrize(
    ("header", "cells", "bare", "told"),
    [(DEBT, SHARES, "35.2", [*range(28, 39)]), ("利率", [f"0.0{at}" for at in range(40, 51)], "1.2", None)],
)
def test_a_number_that_is_too_large_among_shares_refuses_its_row(
    make_file: MakeFile, header: str, cells: Sequence[str], bare: str, told: Sequence[float] | None
) -> None:
    _mapping, rows = read(make_file, [*cells, bare, cells[0]], header)
    assert refused(rows) == [(header, bare, "not_a_share")]
    first = 28 if told else 4
    assert values(rows) == [*(told or [4 + at / 10 for at in range(11)]), None, first]
    (error,) = rows[-2].errors
    assert f"“{bare}”" in error.as_dict()["en"]
    assert f"“{bare}”" in error.as_dict()["zh"]


def test_a_share_beside_cells_that_say_percent_refuses_its_row(make_file: MakeFile) -> None:
    mapping, rows = read(make_file, ["4.35%", "0.0435", "5.1", "4.9%", "0.9", "0.5%", "0"], "年利率")
    assert values(rows) == [4.35, None, 5.1, 4.9, None, 0.5, 0]
    assert refused(rows) == [("年利率", bare, "share_or_percent") for bare in ("0.0435", "0.9")]
    stored = read_mapping(mapping_as_data(mapping), source="branch")
    assert stored.features == mapping.features
    assert refused(read(make_file, ["4.35%", "0.0435"], "年利率", stored)[1]) == [
        ("年利率", "0.0435", "share_or_percent")
    ]


@pytest.mark.parametrize(
    ("header", "cells", "told"),
    [
        # What is like the percents beside it is one.
        ("年利率", ["8.5%", "9.5", "0.9"], [8.5, 9.5, 0.9]),
        ("年利率(%)", ["4.35%", "0.5"], [4.35, 0.5]),
        ("年利率", ["4.35%", "0.0435", "0.051", "4.9%"], [4.35, 4.35, 5.1, 4.9]),
    ],
)
def test_bare_numbers_whose_unit_is_told_are_read_beside_percents(
    make_file: MakeFile, header: str, cells: Sequence[str], told: Sequence[float]
) -> None:
    assert values(read(make_file, cells, header)[1]) == told


def test_a_source_of_shares_goes_on_with_them(transactional_db: None, make_file: MakeFile) -> None:
    assert counts(take_in(make_file("a.csv", table("0.35", "1.20", "0.28")))) == (3, 0, 0)
    assert counts(take_in(make_file("b.csv", table(*SHARES, "1.20", "1.85", first=10)))) == (13, 0, 0)
    assert counts(take_in(make_file("c.csv", table("0.35", "0.92", "0.28", first=30)))) == (3, 0, 0)
    # Noughts alone are no other unit, and a few shares above the whole are some of this source.
    assert counts(take_in(make_file("d.csv", table("0", "0", first=40)))) == (2, 0, 0)
    assert counts(take_in(make_file("e.csv", table("0.35", "1.9", "2.1", "2.4", first=50)))) == (4, 0, 0)
    assert held(21) == [120, 185, 35, 92, 28, 0, 0, 35, 190, 210, 240]


def test_a_source_whose_shares_were_read_one_by_one_goes_on_with_them(
    transactional_db: None, make_file: MakeFile
) -> None:
    first = make_file("a.csv", table(*SHARES))
    found = open_table(first)
    mapping = mapping_for(found, "branch", None)[1]
    features = {"debt_to_income": replace(mapping.features["debt_to_income"], type="rate", scale=None, limits=None)}
    by_one = make_file("m.yaml", json.dumps(mapping_as_data(replace(mapping, features=features))))
    assert counts(take_in(first, by_one)) == (11, 0, 0)
    assert counts(take_in(make_file("b.csv", table("0.35", "0.92", "2.1", "1.6", first=20)))) == (4, 0, 0)
    assert held(20) == [35, 92, 210, 160]


@pytest.mark.parametrize("cells", [("0.5", "1.1", "30", "62.5"), ("0.9", "35.2"), ("0.35", "0.42", "28.5", "41")])
def test_numbers_that_are_half_percents_refuse_the_file_of_a_source_of_shares(
    transactional_db: None, make_file: MakeFile, cells: Sequence[str]
) -> None:
    assert counts(take_in(make_file("a.csv", table("0.35", "0.92", "0.28", header="all_util")))) == (3, 0, 0)
    with pytest.raises(MappingError) as refusal:
        take_in(make_file("b.csv", table(*cells, header="all_util", first=10)))
    assert refusal.value.code == "share_open"
    assert refusal.value.params == {"name": "all_util", "low": cells[0], "high": cells[-1]}
    assert Case.objects.count() == 3
    # Nor need any of them be a usual share: all borrowers of a file may owe more than they earn.
    with pytest.raises(MappingError, match="all_util"):
        take_in(make_file("d.csv", table("2.10", "3.40", "10.50", header="all_util", first=30)))
    # What is percent by all but a few of its numbers says so itself.
    assert counts(take_in(make_file("c.csv", table("0.9", "35.2", "41", header="all_util", first=20)))) == (3, 0, 0)
    assert held(20) == [0.9, 35.2, 41]


@pytest.mark.parametrize(
    ("cells", "header"),
    [
        ([*SHARES[:8], "35.2"], DEBT), (["0.35", "2.1"], DEBT), (["0.35", "0.42", "0.28", "35.2"], DEBT),
        # Or small percents of borrowers who owe little.
        (["0.5", "1.2", "3.4"], DEBT), (["0.5", "0.9", "3.4"], "all_util"), (["0.5", "0.9", "3.4"], "信用卡使用率"),
    ],
)  # fmt: skip
def test_one_number_that_is_no_share_makes_no_small_percents_of_the_others(
    transactional_db: None, make_file: MakeFile, cells: Sequence[str], header: str
) -> None:
    with pytest.raises(MappingError) as refusal:
        take_in(make_file("a.csv", table(*cells, header=header)))
    assert refusal.value.code == "share_open"
    assert Case.objects.count() == 0


def test_a_first_table_that_may_be_in_either_unit_is_asked_about(transactional_db: None, make_file: MakeFile) -> None:
    path = make_file("a.csv", table("0.35", "0.42", "1.6", "2.1"))
    with pytest.raises(MappingError) as refusal:
        take_in(path)
    assert (refusal.value.code, refusal.value.params) == (
        "share_open", {"name": DEBT, "low": "0.35", "high": "2.1"},
    )  # fmt: skip
    assert Case.objects.count() == 0
    # Behind percents of another size, too.
    assert counts(take_in(make_file("b.csv", table("35", "28.5", "41", first=10)))) == (3, 0, 0)
    with pytest.raises(MappingError, match=DEBT):
        take_in(path)
    assert Case.objects.count() == 3


PERCENTS: Final = ("0.4", "12.5", "3.2", "0.9", "61", "8.5", "1.2", "4.4", "9.9", "8.1")


@pytest.mark.parametrize(
    "cells", [("0.8", "4.5"), ("0.4", "1.2", "3.3", "8.8"), ("0.9", "1.4", "6.0"), ("0.7", "5.5", "9.0", "1.1")]
)
def test_small_percents_of_a_source_of_percents_are_percents(
    transactional_db: None, make_file: MakeFile, cells: Sequence[str]
) -> None:
    assert counts(take_in(make_file("a.csv", table(*PERCENTS, header="all_util")))) == (10, 0, 0)
    assert counts(take_in(make_file("b.csv", table(*cells, header="all_util", first=20)))) == (len(cells), 0, 0)
    assert held(20) == [float(cell) for cell in cells]


@pytest.mark.parametrize(
    ("header", "first", "cells", "code"),
    [
        ("all_util", ("0.4", "35.2", "61", "28.5"), ("0.35", "0.42", "1.2", "0.61"), "percent_lost"),
        ("资产负债率", ("0.5", "45", "60", "70", "55"), ("0.85", "0.42", "0.98", "1.2", "0.6"), "percent_lost"),
        ("年利率", ("4.35", "0.5", "3.85", "12.5"), ("0.36", "0.24", "0.18", "1.5"), "share_open"),
    ],
)
def test_shares_of_a_source_of_percents_are_none_because_it_has_sent_a_small_one(
    transactional_db: None, make_file: MakeFile, header: str, first: Sequence[str], cells: Sequence[str], code: str
) -> None:
    assert counts(take_in(make_file("a.csv", table(*first, header=header)))) == (len(first), 0, 0)
    with pytest.raises(MappingError) as refusal:
        take_in(make_file("b.csv", table(*cells, header=header, first=20)))
    assert refusal.value.code == code
    assert Case.objects.count() == len(first)


@pytest.mark.parametrize(
    "cells", [["0.90", "0.90", "0.90", "3.90"], ["0.50", "0.90", "0.99", "2.90"], [*["0.99"] * 16, *["3.49"] * 4]]
)
def test_low_rates_of_interest_are_percents_where_shares_would_be_too_dear(
    transactional_db: None, make_file: MakeFile, cells: Sequence[str]
) -> None:
    assert counts(take_in(make_file("a.csv", table(*cells, header="APR")))) == (len(cells), 0, 0)
    assert held(0) == [float(cell) for cell in cells]
