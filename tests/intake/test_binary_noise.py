"""Numbers of a workbook that were computed in binary are kept as everybody sees them, and are no other content."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from cases.models import Case
from tests.intake.test_on_record import counts, take_in

HEADER = ["申请号", "客户号", "申请日期", "贷款金额(元)", "期限(月)", "执行利率(%)", "月收入(万元)", "负债率"]


def workbook(path: Path, rate: float, income: float, debt: float) -> Path:
    book = openpyxl.Workbook()
    for row in (HEADER, ["N1", "K1", "2026-01-15", 33_000, 12, rate, income, debt]):
        book.worksheets[0].append(row)
    book.save(path)
    return path


@pytest.mark.django_db(transaction=True)
def test_a_feature_is_the_number_that_everybody_sees(tmp_path: Path) -> None:
    noisy = workbook(tmp_path / "a.xlsx", 4.350000000000001, 6.600000000000001, 0.7999999999999999)
    assert counts(take_in(noisy)) == (1, 0, 0)
    case = Case.objects.get()
    assert case.features == {"interest_rate": 4.35, "monthly_income": 66_000, "debt_ratio": 0.8}
    plain = workbook(tmp_path / "b.xlsx", 4.35, 6.6, 0.8)
    assert counts(take_in(plain)) == (0, 1, 0)
    assert counts(take_in(noisy)) == (0, 1, 0)
