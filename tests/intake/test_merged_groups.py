"""The units of groups in the header of a workbook: its merged cells say of which columns they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest

from intake.header_words.header_units import money_scale
from intake.mapped.case_mapping import MappingError
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.record.choose import mapping_for
from intake.tabular.group_names import name_in_group
from intake.tabular.tables import Table
from tests.intake.places import NOW, MakeFile
from tests.intake.test_open_documents import text_cell, write_ods

TITLE: Final = "信贷业务申请明细表（单位：元）"
UPPER: Final[list[str | None]] = [
    "申请编号",
    "申请人信息",
    None,
    "贷款信息",
    None,
    None,
    None,
    "财务信息（万元）",
    None,
]
LOWER: Final[list[str | None]] = [
    None,
    "姓名",
    "身份证号",
    "申请金额",
    "期限",
    "申请时间",
    "利率",
    "年营业收入",
    "负债总额",
]
MERGED: Final = ("A2:A3", "B2:C2", "D2:G2", "H2:I2")
LOAN: Final[list[Any]] = ["SQ-1", "王伟", "110101197001011000", 710000, "24个月", "2026-01-05", 4.35, 369, 48]
NAMES: Final = [UPPER[0], *LOWER[1:7], "年营业收入(万元)", "负债总额(万元)"]


def book(
    path: Path, changed: dict[str, Any] | None = None, merged: tuple[str, ...] = MERGED, title: str = TITLE
) -> Path:
    """Such a table as lenders keep it, its cells changed at these places."""
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    for cells in ([title], UPPER, LOWER, LOAN):
        sheet.append(cells)
    for place, cell in (changed or {}).items():
        sheet[place] = cell
    for place in ("A1:I1", *merged):
        sheet.merge_cells(place)
    made.save(path)
    return path


def told(table: Table) -> tuple[object, ...]:
    (row,) = read_rows(table, mapping_for(table, "branch", None)[1], now=NOW)
    assert row.submission is not None
    case = row.submission
    return case.external_ref, str(case.amount), case.term_months, case.features


def refused(table: Table) -> tuple[str, dict[str, str]]:
    with pytest.raises(MappingError) as refusal:
        mapping_for(table, "branch", None)
    return refusal.value.code, refusal.value.params


def test_a_unit_in_a_merged_group_is_that_of_the_columns_below_it(tmp_path: Path) -> None:
    table = open_table(book(tmp_path / "a.xlsx"))
    assert table.columns == NAMES
    assert told(table) == (
        "SQ-1", "710000.00", 24, {"interest_rate": 4.35, "year_revenue": 3690000, "total_debt": 480000},
    )  # fmt: skip


def test_it_is_so_in_an_ods_too(tmp_path: Path) -> None:
    def over(text: str, columns: int, rows: int = 1) -> str:
        spans = f'table:number-columns-spanned="{columns}" table:number-rows-spanned="{rows}"'
        return text_cell(text).replace("<table:table-cell", f"<table:table-cell {spans}") + covered * (columns - 1)

    covered, empty = "<table:covered-table-cell/>", "<table:covered-table-cell/>"
    upper = [over("申请编号", 1, 2), over("申请人信息", 2), over("贷款信息", 4), over("财务信息（万元）", 2)]
    rows = [
        [over(TITLE, 9)], upper, [empty, *(text_cell(str(name)) for name in LOWER[1:])],
        [text_cell(str(cell)) for cell in LOAN],
    ]  # fmt: skip
    table = open_table(write_ods(tmp_path / "a.ods", rows))
    assert table.columns == NAMES
    assert told(table) == (
        "SQ-1", "710000.00", 24, {"interest_rate": 4.35, "year_revenue": 3690000, "total_debt": 480000},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "merged", "columns"),
    [
        # A header with its own unit wins.
        ({"H3": "年营业收入(元)"}, MERGED, ["年营业收入(元)", "负债总额(万元)"]),
        # No column is merged down, and each stands below a group.
        (
            {"A2": "业务信息", "A3": "申请编号"}, ("A2:C2", "D2:G2", "H2:I2"),
            ["年营业收入(万元)", "负债总额(万元)"],
        ),
        # A group of one column, and none.
        ({"I2": "其他"}, ("A2:A3", "B2:C2", "D2:G2"), ["年营业收入(万元)", "负债总额"]),
        ({}, ("A2:A3", "B2:C2", "D2:G2", "H2:H3"), None),
    ],
)  # fmt: skip
def test_the_unit_is_of_no_column_beside_the_group(
    tmp_path: Path, changed: dict[str, object], merged: tuple[str, ...], columns: list[str] | None
) -> None:
    table = open_table(book(tmp_path / "a.xlsx", changed, merged))
    if columns is None:
        # What is merged over both lines is the name of a column.
        assert table.columns[-2:] == ["财务信息（万元）", "负债总额"]
        return
    assert table.columns[-2:] == columns
    assert table.columns[:7] == NAMES[:7]


@pytest.mark.parametrize(
    ("changed", "merged", "said", "column"),
    [
        # Nothing tells how far the group reaches.
        ({}, ("A2:A3", "B2:C2", "D2:G2"), "财务信息（万元）", "申请金额"),
        # No name takes such a unit over.
        ({"H2": "财务信息 万元"}, MERGED, "财务信息 万元", "年营业收入"),
        # A note and no group.
        ({"H2": "单位：万元"}, MERGED, "单位：万元", "申请金额"),
        # Titles, each merged over some columns.
        (
            {"A2": "贷款台账（万元）", "D2": None, "H2": "城东支行", "A3": "申请编号"}, ("A2:G2", "H2:I2"),
            "贷款台账（万元）", "申请金额",
        ),
    ],
)  # fmt: skip
def test_what_a_line_says_of_columns_that_it_leaves_open_is_asked_about(
    tmp_path: Path, changed: dict[str, object], merged: tuple[str, ...], said: str, column: str
) -> None:
    if merged[0] == "A2:G2":
        changed |= {"B2": None}
    table = open_table(book(tmp_path / "a.xlsx", changed, merged, title="信贷业务申请"))
    assert refused(table) == ("unit_above_header", {"said": said, "column": column})


def test_a_text_tells_no_extent_and_is_asked_about_at_the_group(make_file: MakeFile) -> None:
    lines: list[list[Any]] = [[TITLE, *[""] * 8], UPPER, LOWER, LOAN]
    text = "\n".join(",".join("" if cell is None else str(cell) for cell in line) for line in lines)
    table = open_table(make_file("a.csv", f"{text}\n"))
    assert refused(table) == ("unit_above_header", {"said": "财务信息（万元）", "column": "年营业收入"})


def test_groups_that_tell_no_unit_and_titles_leave_the_names_alone(tmp_path: Path) -> None:
    plain: dict[str, object] = {"A2": "某某融资担保有限公司", "B2": None, "D2": None, "H2": "经办人", "A3": "申请编号"}
    table = open_table(book(tmp_path / "a.xlsx", plain, ("A2:G2", "H2:I2")))
    assert table.columns == ["申请编号", *LOWER[1:]]
    assert told(table)[:2] == ("SQ-1", "710000.00")


@pytest.mark.parametrize(
    ("name", "joined", "scale"),
    [
        ("日均存款余额", "日均存款余额(万元)", 10_000), ("名下资产", "名下资产(万元)", 10_000),
        ("年营业收入(含税)", "年营业收入(含税)(万元)", 10_000), ("年营业收入(元)", "年营业收入(元)", None),
        ("年营业收入_元", "年营业收入_元", None), ("负债(笔)", "负债(笔)", None), ("还款日", "还款日", None),
    ],
)  # fmt: skip
def test_a_name_takes_the_unit_of_its_group_unless_it_says_one(name: str, joined: str, scale: int | None) -> None:
    assert name_in_group("财务信息（万元）", name) == joined
    assert money_scale(joined) == scale
