"""The example that a form was sent with is no loan."""

from __future__ import annotations

import pytest

from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.record.choose import mapping_for
from intake.tabular.totals import says_example
from tests.intake.places import NOW, MakeFile


@pytest.mark.parametrize(
    ("text", "is_example"),
    [
        ("示例：A00001", True), ("例：A00001", True), ("样例", True), ("填写示例", True), ("(示例)A001", True),
        ("A001（示例）", True), ("例1", True), ("例如：A1", True), ("示例行", True), ("Example:", True),
        ("Example", True), ("Example: A00001", True), ("e.g. A1", True), ("e.g., A1", True), ("Sample row", True),
        ("A1 (sample)", True),
        ("Sample Ltd", False), ("sample", False), ("sample_1", False), ("Sample 12", False), ("Example Corp", False),
        ("例兴公司", False), ("示例公司", False), ("比例", False), ("惯例银行", False), ("A00001", False), ("", False),
    ],
)  # fmt: skip
def test_words_of_examples(text: str, is_example: bool) -> None:
    assert says_example(text) is is_example


@pytest.mark.parametrize("row", ["示例：A00001,张三", "A00001,示例：张三", "Example: A00001,张三"])
def test_the_example_of_a_form_is_refused_and_says_so(make_file: MakeFile, row: str) -> None:
    lines = [f"{row},100000,12,2026-01-01", "A2,李四,200000,12,2026-01-02", "A3,王五,300000,12,2026-01-03"]
    table = open_table(make_file("t.csv", "\n".join(["借据号,客户名称,贷款金额,期限,申请日期", *lines])))
    rows = list(read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW))
    assert [row.submission and row.submission.external_ref for row in rows] == [None, "A2", "A3"]
    (wrong,) = rows[0].errors
    assert wrong.code == "row_of_example"
    assert wrong.value in row
    assert wrong.as_dict()["en"] == f"“{wrong.value}” names this row as the example of a form, and not a loan."
    assert wrong.as_dict()["zh"] == f"“{wrong.value}”表明此行是填写示例，不是一笔业务。"
