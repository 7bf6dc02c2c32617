"""A cell that shows 4.35% comes in as 4.35 percent, as it does from a text file, and not as 0.0435."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest

from intake.reading.mapping_sample import sample_of, table_of
from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, read_rows
from intake.recognition.mapping import CaseMapping, read_mapping
from intake.record.choose import mapping_for
from intake.values.percent_cells import is_written_form, shown_text
from tests.intake.places import NOW

HEADER: Final[list[Any]] = ["合同号", "金额", "年利率(%)", "额度使用率", "负债收入比", "加点"]


def made(path: Path, rows: list[list[Any]], forms: dict[str, str]) -> Path:
    """A workbook whose columns below the header are shown in these number formats."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in [HEADER, *rows]:
        sheet.append(row)
    for letter, form in forms.items():
        for number in range(2, len(rows) + 2):
            sheet[f"{letter}{number}"].number_format = form
    book.save(path)
    return path


def read(path: Path, mapping: CaseMapping | None = None) -> list[ReadRow]:
    table = open_table(path)
    return list(read_rows(table, mapping or mapping_for(table, "branch-x", None)[1], now=NOW))


def test_shares_shown_in_percent_are_percent(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["A", 5021, 0.0435, 1.2, 0.35, 0.5], ["B", 5022, 0.051, 0, None, 0.25]]
    forms = {"C": "0.00%", "D": "0%", "E": '#,##0.0"倍";[Red]-0.0%', "F": '0.00"%"'}
    path = made(tmp_path / "t.xlsx", rows, forms)
    first, second = (row.submission for row in read(path))
    assert first is not None
    assert second is not None
    assert list(first.features.values()) == [4.35, 120, 35, 0.5]
    assert second.features["credit_utilisation"] == 0
    assert second.features["debt_to_income"] is None


def test_the_noise_of_what_a_workbook_counted_is_no_part_of_a_percentage(tmp_path: Path) -> None:
    """The same rows as text say 4.85%: known under their reference, and not refused as other content."""
    rows: list[list[Any]] = [["A", 5021, 0.0435 + 5 * 0.001, -0.05 + 0.06, 1e-5, 1], ["B", "viel", 0.1 + 0.2, 1, 1, 1]]
    assert rows[0][2] == 0.048499999999999995
    path = made(tmp_path / "t.xlsx", rows, {"C": "0.00%", "D": "0%", "E": "0.000%"})
    first, refused = read(path)
    assert first.submission is not None
    assert list(first.submission.features.values()) == [4.85, 1, 0.001, 1]
    assert refused.raw["年利率(%)"] == "30%"


def test_a_mapping_that_reads_the_bare_number_reads_it_as_before(tmp_path: Path) -> None:
    path = made(tmp_path / "t.xlsx", [["A", 5021, 0.0435, 0.45, 0.35, 1]], {"D": "0.00%"})
    fields = {
        "external_ref": {"column": "合同号"}, "amount": {"column": "金额"}, "product": {"constant": "x"},
        "currency": {"constant": "CNY"}, "term_months": {"default": 12}, "applied_at": {"import_time": True},
        "applicant.id": {"derive": "applicant_reference"},
    }  # fmt: skip
    use = {"column": "额度使用率"}
    features = {"share": {**use, "type": "number"}, "scaled": {**use, "type": "percent", "scale": 100}}
    mapping = read_mapping({"fields": fields, "features": features}, source="branch-x")
    (row,) = read(path, mapping)
    assert row.submission is not None
    assert row.submission.features == {"share": 0.45, "scaled": 45}


def test_the_sample_of_a_draft_and_a_refused_row_keep_what_is_shown(tmp_path: Path) -> None:
    path = made(tmp_path / "t.xlsx", [["A", "viel", 0.0435, 0.45, 0.35, 1], ["B", 5, 0.1, 0.1, 1, 1]], {"D": "0.0%"})
    refused, _good = read(path)
    assert (refused.raw["额度使用率"], refused.raw["负债收入比"]) == ("45%", "0.35")
    table = open_table(path)
    kept = table_of(json.loads(json.dumps(sample_of(table, "t.xlsx"))))
    _refused, good = read_rows(kept, mapping_for(table, "branch-x", None)[1], now=NOW)
    assert good.submission is not None
    assert good.submission.features["credit_utilisation"] == 10


def test_a_sign_that_a_format_only_writes_says_that_the_number_is_in_percent(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["A", 5021, 0.5, 0.6, 0.35, 12.5], ["B", 5022, 0.7, 3, 0.4, 1]]
    forms = {"C": '0.00"%"', "D": "0.0\\%;[Red]-0.0\\%", "E": "0.0%", "F": '#,##0.0_ "％"'}
    path = made(tmp_path / "t.xlsx", rows, forms)
    table = open_table(path)
    mapping = mapping_for(table, "branch-x", None)[1]
    first, second = (row.submission for row in read_rows(table, mapping, now=NOW))
    assert first is not None
    assert second is not None
    assert list(first.features.values()) == [0.5, 0.6, 35, 12.5]
    assert list(second.features.values()) == [0.7, 3, 40, 1]
    kept = table_of(json.loads(json.dumps(sample_of(table, "t.xlsx"))))
    assert next(map(shown_texts_of, kept.rows())) == ["A", "5021", "0.5%", "0.6%", "35%", "12.5%"]
    rated = {name: replace(given, type="rate") for name, given in mapping.features.items()}
    (row, _other) = read(path, replace(mapping, features=rated))
    assert row.submission is not None
    assert list(row.submission.features.values()) == [0.5, 0.6, 35, 12.5]


def shown_texts_of(numbered: tuple[int, Any]) -> list[str]:
    return [shown_text(cell) for cell in numbered[1].values()]


@pytest.mark.parametrize(
    ("form", "is_written"),
    [
        ('0.00"%"', True), ("0\\%", True), ('[Blue]#,##0.0 "%"_ ', True), ("0.0%", False), ('0"倍"', False),
        ('0.0,"%"', False), ("General", False), ('0.0%"%"', False),
    ],
)  # fmt: skip
def test_which_formats_only_write_the_sign(form: str, is_written: bool) -> None:
    assert is_written_form(form) is is_written
