"""What a workbook keeps of 4.35 beyond the digits that tell is no part of a feature, and makes no other content."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from cases.models import Case
from intake.mapped.submission import Submission
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.record.choose import mapping_for
from tests.intake.places import NOW, MakeFile
from tests.intake.test_on_record import counts, take_in

HEADERS = ["合同编号", "客户号", "贷款金额", "申请日期", "年利率(%)", "月收入(万元)", "负债率", "评分"]
NOISY = [4.350000000000001, 6.6000000000000005, 0.7999999999999999, 3.0000000000000004]
CLEAN = {"interest_rate": 4.35, "monthly_income": 66000, "debt_ratio": 0.8, "score": 3}

MAPPING = """
fields:
  external_ref: {column: 合同编号}
  product: {constant: tractor}
  amount: {column: 金额}
  currency: {constant: CNY}
  term_months: {default: 12}
  applied_at: {column: 申请日期}
  applicant.id: {column: 客户号}
features:
  interest_rate: {column: 利率, type: number}
  monthly_income: {column: 月收入, type: number, scale: 10000}
  gap: {compute: difference_of, from: [利率, 基准]}
  base_rate: {column: 基准, type: number}
"""
TEXT = (
    "合同编号,客户号,金额,申请日期,利率,月收入,基准\n"
    "A,K1,50000,2026-01-05,4.350000000000001,6.6000000000000005,3.85\n"
    "B,K2,60000,2026-01-06,4.35,6.6,3.85\n"
)


def features_of(path: Path) -> list[dict[str, object]]:
    table = open_table(path)
    rows = [row.submission for row in read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW)]
    return [dict(row.features) for row in rows if isinstance(row, Submission)]


def test_features_of_a_workbook_and_of_a_text_have_the_digits_that_tell(tmp_path: Path, make_file: MakeFile) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(HEADERS)
    for reference in ("A", "B"):
        book.worksheets[0].append([reference, "K1", 5021, date(2026, 1, 5), *NOISY])
    book.save(tmp_path / "t.xlsx")
    line = ",".join(["A", "K1", "5021", "2026-01-05", *map(repr, NOISY)])
    for path, rows in ((tmp_path / "t.xlsx", 2), (make_file("t.csv", f"{','.join(HEADERS)}\n{line}\n"), 1)):
        assert features_of(path) == [CLEAN] * rows


# What the rows were known by when such numbers were computed with as they stand in the file.
THEN = {
    "A": "d88c2d03f330b04580e076f072fd9132cedc71eb7f1589b5f6f26e47ac6701ae",
    "B": "5d48c7410ae08ab6d2895036825b5e05980f42153e577650b304f3fff00a7ff3",
}


@pytest.mark.django_db(transaction=True)
def test_a_file_that_came_when_noise_was_kept_is_known(make_file: MakeFile, monkeypatch: pytest.MonkeyPatch) -> None:
    mapping = make_file("m.yaml", MAPPING)
    with monkeypatch.context() as then:
        then.setattr("intake.mapped.computed.by_digits_that_tell", lambda value: value)
        assert counts(take_in(make_file("t.csv", TEXT), mapping)) == (2, 0, 0)
    assert dict(Case.objects.values_list("external_ref", "content_hash")) == THEN
    assert counts(take_in(make_file("again.csv", TEXT.replace("\n", "\r\n")), mapping)) == (0, 2, 0)
    assert dict(Case.objects.values_list("external_ref", "content_hash")) == THEN


@pytest.mark.django_db(transaction=True)
def test_rows_with_noise_and_without_are_the_same_cases(make_file: MakeFile) -> None:
    mapping = make_file("m.yaml", MAPPING)
    clean = TEXT.replace("4.350000000000001", "4.35").replace("6.6000000000000005", "6.6")
    assert counts(take_in(make_file("noisy.csv", TEXT), mapping)) == (2, 0, 0)
    expected = {"interest_rate": 4.35, "monthly_income": 66000, "gap": 0.5, "base_rate": 3.85}
    assert [case.features for case in Case.objects.all()] == [expected] * 2
    assert counts(take_in(make_file("clean.csv", clean), mapping)) == (0, 2, 0)
