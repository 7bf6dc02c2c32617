"""Ratios of more than the whole beside percents with a sign, and percents among numbers of another unit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import openpyxl
import pytest

from cases.models import Case
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.recognition.mapping import mapping_as_data, read_mapping
from intake.record.choose import mapping_for
from tests.intake.places import NOW, MakeFile
from tests.intake.test_fee_rates import CLOSE, text_of, told_of
from tests.intake.test_on_record import counts, take_in

AMONG: Final = "percent_among_numbers"


@pytest.mark.parametrize(
    ("header", "cells", "told"),
    [
        ("资产负债率", ["65%", "72%", "1.2", "55%", "80%"], [65, 72, CLOSE, 55, 80]),
        ("Leverage", ["150%", "80%", "2.5", "210%"], [150, 80, CLOSE, 210]),
        ("Debt Ratio", ["65%", "72%", "-1.1", "55%"], [65, 72, CLOSE, 55]),
        ("LTV", ["80%", "0.75", "95", "110%", "1.05", "60.5"], [80, CLOSE, 95, 110, CLOSE, 60.5]),
        # By its other bare numbers it is in percent, and so is the one percent with a sign.
        ("LTV", ["10%", "95", "60.5", "85", "1.05"], [10, 95, 60.5, 85, CLOSE]),
        ("LTV (%)", ["80%", "110%", "1.05"], [80, 110, CLOSE]),
        # Far below all of the percents, or beside another share, also where it is more than twice the largest.
        ("DTI", ["18%", "33%", "1.15", "52%", "41%"], [18, 33, CLOSE, 52, 41]),
        ("负债收入比", ["35%", "28%", "1.2", "12%", "33%"], [35, 28, CLOSE, 12, 33]),
        ("DTI", ["8%", "33%", "1.15", "52%", "0.41"], [8, 33, CLOSE, 52, CLOSE]),
        # Of shares that are clear the one above the whole is not.
        ("首付比例", ["45%", "60%", *["0.35"] * 10, "1.2"], [45, 60, *[35] * 10, CLOSE]),
    ],
)
def test_a_ratio_above_the_whole_beside_percents_refuses_its_row(
    make_file: MakeFile, header: str, cells: Sequence[str], told: Sequence[object]
) -> None:
    assert told_of(make_file("t.csv", text_of(header, cells))) == told


@pytest.mark.parametrize(
    ("header", "cells", "told"),
    [
        ("年利率", ["4.35%", "4.35", "12%", "1.2"], [4.35, 4.35, 12, 1.2]),
        ("年利率", ["12%", "24%", "36%", "2.1"], [12, 24, 36, 2.1]),
        ("DTI", ["8%", "33%", "1.15", "52%", "41%"], [8, 33, 1.15, 52, 41]),
        ("增长率", ["-5%", "120%", "9.5", "3", "15"], [-5, 120, 9.5, 3, 15]),
        ("增长率", ["-5%", "120%", "0.5%", "150%"], [-5, 120, 0.5, 150]),
        ("Profit Margin", ["12%", "8%", "-4%", "1.8"], [12, 8, -4, 1.8]),
        ("Down Payment", ["30%", "20%", "5"], [30, 20, 5]),
        ("Discount %", ["45%", "60%", "0.8%", "1.2"], [45, 60, 0.8, 1.2]),
        ("Discount", ["5%", "10", "12", "8"], [5, 10, 12, 8]),
        ("负债收入比", ["0.35", "0.42", "1.2", "0.61"], None),
    ],
)
def test_what_is_like_the_percents_stays_a_percent(
    transactional_db: None, make_file: MakeFile, header: str, cells: Sequence[str], told: Sequence[object] | None
) -> None:
    assert told_of(make_file("t.csv", text_of(header, cells))) == (told or [35, 42, 120, 61])


@pytest.mark.parametrize(
    ("header", "cells", "told"),
    [
        ("流动比率", ["1.5", "2.1", "1.1", "180%", "0.8"], [1.5, 2.1, 1.1, AMONG, 0.8]),
        ("Debt/Equity", ["1.2", "0.8", "80%", "2.5", "1"], [1.2, 0.8, AMONG, 2.5, 1]),
        ("Spread", ["250", "3.5%", "200"], [250, AMONG, 200]),
        # The header says basis points, which are kept in percent; 0.025 of one is nobody's spread.
        ("Spread (bps)", ["250", "3.5%", "200", "0.025"], [2.5, AMONG, 2, CLOSE]),
        ("利差(bp)", ["250", "3.5%", "4%"], [2.5, AMONG, AMONG]),
        ("利差(bp)", ["3.5%", "4%"], [3.5, 4]),
    ],
)
def test_a_percent_among_numbers_of_another_unit_refuses_its_row(
    make_file: MakeFile, header: str, cells: Sequence[str], told: Sequence[object]
) -> None:
    assert told_of(make_file("t.csv", text_of(header, cells))) == told


def test_cells_that_a_workbook_shows_in_percent_are_told_apart_as_well(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["合同号", "贷款金额", "期限(月)", "流动比率"])
    for at, number in enumerate([1.5, 2.1, 1.8, 1.2]):
        sheet.append([f"HT-{at}", 5000, 12, number])
    sheet.cell(4, 4).number_format = "0%"
    book.save(tmp_path / "t.xlsx")
    assert told_of(tmp_path / "t.xlsx") == [1.5, 2.1, AMONG, 1.2]
    table = open_table(tmp_path / "t.xlsx")
    rows = list(read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW))
    (error,) = rows[2].errors
    assert (error.field, error.value) == ("流动比率", "180%")
    assert "“180%” is a percent" in error.as_dict()["en"]
    assert "“180%”是百分数" in error.as_dict()["zh"]


@pytest.mark.parametrize(
    ("header", "cells", "kept"),
    [("资产负债率", ["65%", "1.2"], "refuse_ratios"), ("流动比率", ["1.5", "180%", "1.2"], "refuse_signed")],
)
def test_a_mapping_keeps_what_refuses_rows(make_file: MakeFile, header: str, cells: Sequence[str], kept: str) -> None:
    table = open_table(make_file("t.csv", text_of(header, cells)))
    mapping = mapping_for(table, "branch-x", None)[1]
    assert [given.shares for given in mapping.features.values()] == [kept]
    assert read_mapping(mapping_as_data(mapping), source="branch-x").features == mapping.features


def test_only_the_row_in_question_is_held_back(transactional_db: None, make_file: MakeFile) -> None:
    cells = ["65%", "72%", "1.2", "55%", "80%"]
    assert counts(take_in(make_file("t.csv", text_of("资产负债率", cells)))) == (4, 0, 1)
    assert [case.features for case in Case.objects.order_by("pk")] == [
        {"debt_to_assets": value} for value in (65, 72, 55, 80)
    ]
