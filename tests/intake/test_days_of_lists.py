"""The day as of which a list is tells nothing of its loans: the next list holds the same ones under another day."""

from __future__ import annotations

import pytest

from cases.models import Case
from intake.recognition.infer import infer_mapping
from tests.intake.test_first_look import Arrive, arrive
from tests.intake.test_left_out import counts

__all__ = ["arrive"]

LOANS = "Customer ID,Loan Amount,Term (months),Application Date"


def as_of(header: str, day: str, last: int) -> str:
    rows = (f"C{n * 7 + 100},{5_000 + 137 * n},12,2026-01-{n % 27 + 1:02},{day}\n" for n in range(1, last + 1))
    return f"{LOANS},{header}\n" + "".join(rows)


@pytest.mark.parametrize(
    ("header", "first", "then"),
    [
        ("Report Date", "2026-01-31", "2026-02-28"),
        ("As Of Date", "2026-01-31", "2026-02-28"),
        ("Snapshot Date", "2026-01-31", "2026-02-28"),
        ("Data as of", "2026-01-31", "2026-02-28"),
        ("Cut-off Date", "31/01/2026", "28/02/2026"),
        ("Reporting Month", "2026-01", "2026-02"),
        ("数据日期", "2026-01-31", "2026-02-28"),
        ("统计月份", "202601", "202602"),
        ("数据时点", "2026-01-31", "2026-02-28"),
        ("报表日期", "20260131", "20260228"),
        ("截止日期", "2026-01-31", "2026-02-28"),
        ("截至日期", "2026-01-31", "2026-02-28"),
        ("Export Date", "2026-01-31", "2026-02-28"),
        ("etl_time", "2026-01-31 02:00:13", "2026-02-28 02:00:11"),
        ("Last Updated", "2026-01-31 02:00", "2026-02-28 02:00"),
        ("打印时间", "2026-01-31 09:11", "2026-02-28 09:12"),
        ("入库时间", "2026-01-31 02:00", "2026-02-28 02:00"),
        ("更新时间", "2026-01-31 02:00", "2026-02-28 02:00"),
        ("批次号", "20260131", "20260228"),
        ("Batch ID", "B0131", "B0228"),
    ],
)
def test_a_later_list_adds_only_what_is_new(arrive: Arrive, header: str, first: str, then: str) -> None:
    assert counts(arrive(as_of(header, first, 30), "jan.csv", unattended=False)) == (30, 0, 0, 0)
    assert counts(arrive(as_of(header, then, 35), "feb.csv", unattended=False)) == (5, 30, 0, 0)
    assert {tuple(features) for features in Case.objects.values_list("features", flat=True)} == {()}


@pytest.mark.parametrize("header", ["Report Date", "报告日期", "截止日期", "Cutoff Date"])
def test_a_day_that_may_be_of_each_row_is_kept_where_it_differs(header: str) -> None:
    columns = [*LOANS.split(","), header]
    rows = [[f"C{n}", 5_000 + n, "12", "2026-01-05", f"2026-01-{n % 20 + 1:02}"] for n in range(30)]
    mapping = infer_mapping(columns, [dict(zip(columns, row, strict=True)) for row in rows], "branch")
    assert header not in mapping.drop
    same = [dict(zip(columns, [*row[:-1], "2026-01-31"], strict=True)) for row in rows]
    assert infer_mapping(columns, same, "branch").drop[header] == "known_after_decision"


@pytest.mark.parametrize(
    "header",
    [
        "Credit Report Date", "征信报告日期", "Birth Date", "Data Source", "Report Type", "Statement Date", "统计口径",
        "数据来源", "有效截止日期", "Snapshot Score", "Reporting Branch",
        "Address Change Date", "更新次数", "Batch Size", "下载渠道", "生成方式",
    ],
)  # fmt: skip
def test_what_tells_of_the_loan_is_none(header: str) -> None:
    columns = [*LOANS.split(","), header]
    rows = [dict(zip(columns, [f"C{n}", 5_000 + n, "12", "2026-01-05", "2026-01-31"], strict=True)) for n in range(30)]
    assert infer_mapping(columns, rows, "branch").drop.get(header) != "known_after_decision"
