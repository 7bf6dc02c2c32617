"""Fees, spreads, premiums and other shares of which some cells have a percent sign and others are bare numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.recognition.mapping import MappingError
from intake.record.choose import mapping_for
from tests.intake.places import NOW, MakeFile

CLOSE = "share_or_percent"


def told_of(path: Path) -> list[object]:
    """What every row says: its only feature, or why it is refused."""
    table = open_table(path)
    rows = read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW)
    return [
        row.errors[0].code if row.submission is None else next(iter(row.submission.features.values())) for row in rows
    ]


def text_of(header: str, cells: Sequence[str]) -> str:
    lines = "".join(f"HT-{at},5000,12,{cell}\n" for at, cell in enumerate(cells))
    return f"合同号,贷款金额,期限(月),{header}\n{lines}"


@pytest.mark.parametrize(
    "header",
    [
        "手续费率", "服务费率", "担保费率", "贴现率", "保险费率", "综合费率", "风险准备金率", "增长率", "利差",
        "手续费率(%)", "Processing Fee", "Insurance Premium Rate", "Provision Rate", "Spread", "Commission Rate",
        "Origination Fee %",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["0.5%", "0.6%", "1%", "0.5", "0.8"], [0.5, 0.6, 1, 0.5, 0.8]),
        (["0.5%", "0.6%", "1%", "1.5%", "2%", "0.5", "0.8", "1"], [0.5, 0.6, 1, 1.5, 2, 0.5, 0.8, 1]),
        (["-0.5%", "0.6%", "-0.4", "0"], [-0.5, 0.6, -0.4, 0]),
    ],
)
def test_a_bare_number_that_can_only_be_a_percent_is_one(
    make_file: MakeFile, header: str, cells: Sequence[str], told: Sequence[float]
) -> None:
    assert told_of(make_file("t.csv", text_of(header, cells))) == told


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["45.3%", "31%", "9%", "101%", "0.2", "0.3"], [45.3, 31, 9, 101, 20, 30]),
        (["8.5%", "9%", "0.085", "0.09"], [8.5, 9, 8.5, 9]),
        (["2%", "0.5%", "0.02", "0.005"], [2, 0.5, 2, 0.5]),
        # Far apart from each other, and nearly all can be but shares.
        (["5%", "12%", "40%", "0.05", "0.3", "0.6", "0.9"], [5, 12, 40, 5, 30, 60, 90]),
        (["45%", "60%", "0.35", "0.8", "1"], [45, 60, 35, 80, "rate_of_one"]),
        (["45%", "0.01", "0"], [45, 1, 0]),
    ],
)
@pytest.mark.parametrize("header", ["首付比例", "Down Payment", "费率"])
def test_a_bare_number_that_can_only_be_a_share_is_one(
    make_file: MakeFile, header: str, cells: Sequence[str], told: Sequence[object]
) -> None:
    assert told_of(make_file("t.csv", text_of(header, cells))) == told


@pytest.mark.parametrize(
    ("header", "cells", "told"),
    [
        # 50 % or half a percent, and 1 as well.
        ("费率", ["5%", "4.5%", "0.5"], [5, 4.5, CLOSE]),
        ("Fee Rate", ["5%", "4.5%", "0.5", "1"], [5, 4.5, CLOSE, CLOSE]),
        ("增长率", ["3%", "2%", "150%", "0.8"], [3, 2, 150, CLOSE]),
        # Some are shares, and others are not.
        ("费率", ["0.5%", "0.6%", "0.5", "0.006"], [0.5, 0.6, CLOSE, CLOSE]),
        ("费率", ["8.5%", "9%", "0.085", "0.09", "0.9"], [8.5, 9, CLOSE, CLOSE, CLOSE]),
        ("费率", ["0%", "0%", "0.2"], [0, 0, CLOSE]),
        # The header says percent.
        ("Down Payment %", ["45.3%", "31%", "9%", "0.2", "0.3"], [45.3, 31, 9, CLOSE, CLOSE]),
        ("首付比例(%)", ["45.3%", "31%", "9%", "0.2"], [45.3, 31, 9, CLOSE]),
        ("年利率(%)", ["4.35%", "0.0435"], [4.35, CLOSE]),
    ],
)
def test_a_bare_number_that_may_be_either_refuses_its_row(
    make_file: MakeFile, header: str, cells: Sequence[str], told: Sequence[object]
) -> None:
    assert told_of(make_file("t.csv", text_of(header, cells))) == told


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["10%", "12", "0.5", "0.3%"], [10, 12, 0.5, 0.3]),
        (["45%", "0.3%", "0.4"], [45, 0.3, 0.4]),
    ],
)
def test_a_header_that_says_percent_has_small_percents_too(
    make_file: MakeFile, cells: Sequence[str], told: Sequence[float]
) -> None:
    assert told_of(make_file("t.csv", text_of("Discount %", cells))) == told


@pytest.mark.parametrize(
    ("cells", "value", "percent"),
    [(["0.75%", "0.95%", "1.2%", "0.5", "0.8"], "0.5", "50"), (["8.5%", "9%", "0.9"], "0.9", "90")],
)
def test_rates_of_interest_stay_asked_about_as_a_whole(
    make_file: MakeFile, cells: Sequence[str], value: str, percent: str
) -> None:
    with pytest.raises(MappingError) as refusal:
        told_of(make_file("t.csv", text_of("年利率", cells)))
    assert refusal.value.code == "rate_open"
    assert refusal.value.params == {"name": "年利率", "value": value, "percent": percent}


def test_a_cheap_rate_of_interest_is_what_the_percents_beside_it_are(make_file: MakeFile) -> None:
    assert told_of(make_file("t.csv", text_of("年利率", ["0.25%", "0.35%", "0.3"]))) == [0.25, 0.35, 0.3]


@pytest.mark.parametrize(
    ("form", "shown", "bare", "told"),
    [
        ("0.00%", [0.005, 0.006, 0.01], [0.5, 0.8], [0.5, 0.6, 1, 0.5, 0.8]),
        ("0%", [0.45, 0.31, 0.6], [0.2, 0.3], [45, 31, 60, 20, 30]),
        ("0.0%", [0.05, 0.045], [0.5], [5, 4.5, CLOSE]),
    ],
)
def test_cells_that_a_workbook_shows_in_percent_tell_what_the_others_are(
    tmp_path: Path, form: str, shown: Sequence[float], bare: Sequence[float], told: Sequence[object]
) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["合同号", "贷款金额", "期限(月)", "费率"])
    for at, number in enumerate([*shown, *bare]):
        sheet.append([f"HT-{at}", 5000, 12, number])
    for at in range(len(shown)):
        sheet.cell(at + 2, 4).number_format = form
    book.save(tmp_path / "t.xlsx")
    assert told_of(tmp_path / "t.xlsx") == told
