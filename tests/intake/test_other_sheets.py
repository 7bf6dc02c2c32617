"""A workbook of several sheets: no loan of a sheet that is not read is lost without a word."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from intake.reading.mapping_sample import sample_of, table_of
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.record.choose import mapping_for
from intake.tabular.tables import TableError
from tests.intake.places import NOW

Rows = list[list[object]]
HEADER: list[object] = ["申请编号", "客户编号", "贷款金额", "期限", "申请日期", "年收入", "利率"]
LOANS: Rows = [[f"A{n}", f"C{n}", 5000 + n, 12, date(2026, 1, 5), 100_000, 4.35] for n in range(3)]
NAMED: Rows = [["客户编号", "客户名称", "电话"], ["C0", "张三", "13800000000"]]


def book(path: Path, **sheets: Rows) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


@pytest.mark.parametrize(
    "other",
    [
        [HEADER, *LOANS],
        [[*HEADER, "备注"], *([*row, "加急"] for row in LOANS)],
        [["序号", *HEADER], *([1, *row] for row in LOANS)],
        [[*HEADER[:2], "贷款金额（元）", *HEADER[3:]], *LOANS],
        [[*HEADER[:2], "拟贷", *HEADER[3:]], *LOANS],
        LOANS,
        [["二月"], *LOANS],
        [[None, *LOANS[0][1:]], *LOANS[1:]],
        LOANS[:1],
        [["企业名称", "统一社会信用代码", "授信金额"], ["甲公司", "91310000000000000X", 5_000_000]],
        [["合同号", "金额"], ["A", 5021]],
    ],
)
def test_a_sheet_that_may_hold_loans_refuses_the_file_by_its_name(tmp_path: Path, other: Rows) -> None:
    with pytest.raises(TableError) as refused:
        open_table(book(tmp_path / "t.xlsx", 一月=[HEADER, *LOANS], 说明=[["填表说明"]], 二月=other))
    assert (refused.value.code, refused.value.params) == ("sheets_alike", {"names": "一月, 二月"})
    assert refused.value.sentence("zh-hans").startswith("多个工作表都有可能是业务数据的行（一月, 二月）")


def test_a_first_sheet_that_holds_no_loans_is_not_read_instead_of_them(tmp_path: Path) -> None:
    with pytest.raises(TableError) as refused:
        open_table(book(tmp_path / "t.xlsx", 客户=NAMED, 贷款=[HEADER, *LOANS]))
    assert (refused.value.code, refused.value.params) == ("sheets_alike", {"names": "客户, 贷款"})


@pytest.mark.parametrize(
    "other",
    [
        [["填表说明"], ["金额单位：元", "请勿改动"], ["1. 期限为月", "2. 日期为 2026-01-05"]],
        [["字段", "说明"], ["贷款金额", "单位为元"], ["期限", "12 为一年"]],
        [["客户编号", "客户经理"], ["C0", "王"]],
        [["代码", "含义", "状态"], [1, "消费", "启用"], [2, "经营", "停用"]],
        [["产品", "笔数", "贷款金额"], ["消费", 3, 15_003], ["合计", 3, 15_003]],
        [["日期", "笔数", "金额"], [date(2026, 1, 5), 3, 15_003]],
        [["产品", "贷款金额"], ["消费", 15_003]],
        [["行标签", "求和项:贷款金额"], ["消费", 15_003], ["总计", 15_003]],
        [["产品", "2026-01", "2026-02", "2026-03", "2026-04"], ["消费", 1, 2, 3, 4], ["经营", 1, 2, 3, 4]],
        [HEADER],
        [],
    ],
)
def test_a_sheet_of_notes_codes_or_totals_refuses_nothing(tmp_path: Path, other: Rows) -> None:
    table = open_table(book(tmp_path / "t.xlsx", 一月=[HEADER, *LOANS], 其他=other))
    assert [number for number, _row in table.rows()] == [2, 3, 4]


def test_a_bare_number_is_no_date_in_a_workbook_that_counts_from_1904(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.epoch = CALENDAR_MAC_1904
    sheet = made.worksheets[0]
    sheet.append(["申请编号", "贷款金额", "期限", "申请日期"])
    sheet.append(["A0", 44_000, 12, 44_564])
    sheet.append(["A1", 5000, 12, date(2026, 1, 5)])
    made.save(tmp_path / "t.xlsx")
    table = open_table(tmp_path / "t.xlsx")
    mapping = mapping_for(table, "branch", None)[1]
    kept = table_of(json.loads(json.dumps(sample_of(table, "t.xlsx"))))
    for each in (table, kept):
        refused, good = read_rows(each, mapping, now=NOW)
        assert [(error.field, error.value, error.code) for error in refused.errors] == [
            ("申请日期", "44564", "day_of_1904")
        ]
        assert good.submission is not None
        assert (good.submission.amount, good.submission.applied_at.date()) == (Decimal(5000), date(2026, 1, 5))
