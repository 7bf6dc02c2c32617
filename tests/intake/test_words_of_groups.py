"""Names below a group of a workbook's header that say nothing without it: years, persons, and the same name twice."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.record.choose import mapping_for
from tests.intake.places import NOW

LOAN = ("贷款编号", "客户编号", "申请日期", "申请金额(元)", "期限(月)")


def book(path: Path, groups: Sequence[tuple[str, Sequence[object]]], cells: Sequence[object]) -> Path:
    """A table of one loan, with columns below merged groups behind those of the loan, which are merged down."""
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    upper: list[object] = [*LOAN]
    lower: list[object] = [None] * len(LOAN)
    for group, names in groups:
        upper += [group, *[None] * (len(names) - 1)]
        lower += names
    for row in (upper, lower, ["L-1", "C-1", "2026-01-05", 50_000, 12, *cells]):
        sheet.append(row)
    at = len(LOAN) + 1
    for column in range(1, at):
        sheet.merge_cells(start_row=1, end_row=2, start_column=column, end_column=column)
    for _group, names in groups:
        sheet.merge_cells(start_row=1, end_row=1, start_column=at, end_column=at + len(names) - 1)
        at += len(names)
    made.save(path)
    return path


def read(path: Path) -> tuple[list[str], dict[str, Any], dict[str, str]]:
    """The names behind those of the loan, the features of the one row by their column, and what is dropped."""
    table = open_table(path)
    mapping = mapping_for(table, "branch", None)[1]
    (row,) = read_rows(table, mapping, now=NOW)
    assert row.submission is not None, row.errors
    assert (row.submission.external_ref, row.submission.amount) == ("L-1", Decimal(50_000))
    features = {given.column: row.submission.features[name] for name, given in mapping.features.items()}
    return table.columns[len(LOAN) :], features, mapping.drop


@pytest.mark.parametrize(
    "years", [("2022年", "2023年", "2024年"), (2022, 2023, 2024), ("2022年度", "2023年度", "2024年末")]
)
def test_years_are_names_below_the_group_of_what_they_are_of(tmp_path: Path, years: Sequence[object]) -> None:
    groups = [("营业收入(万元)", years), ("净利润(元)", years[:2])]
    names, features, drop = read(book(tmp_path / "a.xlsx", groups, [230, 128, 254, 70_000, 57_000]))
    assert names == [
        *(f"营业收入 {year}(万元)" for year in years),
        *(f"净利润 {year}(元)" for year in years[:2]),
    ]
    assert [*features.values()] == [2_300_000, 1_280_000, 2_540_000, 70_000, 57_000]
    assert drop == {}


def test_whose_income_it_is_stands_with_the_group(tmp_path: Path) -> None:
    groups = [("家庭收入(元)", ("本人", "配偶"))]
    names, features, drop = read(book(tmp_path / "a.xlsx", groups, [8_000, 5_000]))
    assert names == ["家庭收入 本人(元)", "家庭收入 配偶(元)"]
    assert (features, drop) == ({"家庭收入 本人(元)": 8_000, "家庭收入 配偶(元)": 5_000}, {})


def test_equal_names_are_told_apart_by_their_groups_and_keep_the_unit(tmp_path: Path) -> None:
    names_below = ("授信额度", "余额")
    groups = [("本行授信(万元)", names_below), ("他行授信(万元)", names_below)]
    names, features, _drop = read(book(tmp_path / "a.xlsx", groups, [586, 385, 614, 771]))
    assert names == ["本行授信 授信额度(万元)", "本行授信 余额(万元)", "他行授信 授信额度(万元)", "他行授信 余额(万元)"]
    assert [*features.values()] == [5_860_000, 3_850_000, 6_140_000, 7_710_000]


def test_groups_that_only_tell_equal_names_apart_are_a_line_of_the_header(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    rows: list[list[Any]] = [
        ["编号", "申请人", None, "申请", None, "共同借款人", None],
        ["编号", "姓名", "月收入", "金额", "日期", "姓名", "月收入"],
        ["L-1", "李伟", 8_287, 560_000, "2026-01-05", "王芳", 6_358],
    ]
    for each in rows:
        sheet.append(each)
    for place in ("B1:C1", "D1:E1", "F1:G1"):
        sheet.merge_cells(place)
    made.save(tmp_path / "a.xlsx")
    table = open_table(tmp_path / "a.xlsx")
    mapping = mapping_for(table, "branch", None)[1]
    assert mapping.fields["applicant.name"].column == "申请人 姓名"
    assert mapping.drop == {"共同借款人 姓名": "personal"}
    (row,) = read_rows(table, mapping, now=NOW)
    assert row.submission is not None
    assert (row.submission.amount, row.submission.applicant.name) == (Decimal(560_000), "李伟")
    columns = {given.column: row.submission.features[name] for name, given in mapping.features.items()}
    assert columns == {"申请人 月收入": 8_287, "共同借款人 月收入": 6_358}
