"""The rates beside that of the loan stand in its unit: all of a table in shares, or all in percent."""

from __future__ import annotations

import pytest

from cases.models import Case
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.record.choose import mapping_for
from tests.intake.places import NOW, MakeFile
from tests.intake.test_on_record import counts, take_in

HEADER = "合同号,贷款金额"


def facts(make_file: MakeFile, headers: str, *lines: str) -> list[list[object] | None]:
    text = "".join(f"HT-{at},{5000 + at},{line}\n" for at, line in enumerate(lines))
    table = open_table(make_file("t.csv", f"{HEADER},{headers}\n{text}"))
    rows = read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW)
    return [[*row.submission.features.values()] if row.submission else None for row in rows]


def test_beside_shares_the_other_rates_are_shares(make_file: MakeFile) -> None:
    read = facts(make_file, "年利率,月利率,日利率,逾期利率", "0.12,0.01,0.00033,0.18", "0.096,0.008,0.00027,0.144")
    assert read == [[12, 1, 0.033, 18], [9.6, 0.8, 0.027, 14.4]]


@pytest.mark.parametrize("header", ["罚息利率", "基准利率", "LPR", "Penalty Rate", "Overdue Interest Rate"])
def test_any_other_rate_is(make_file: MakeFile, header: str) -> None:
    assert facts(make_file, f"Interest Rate,{header}", "0.12,0.18", "0.096,0") == [[12, 18], [9.6, 0]]
    # Where the rate of the loan is in percent, and where there is none, nothing says so.
    assert facts(make_file, f"Interest Rate,{header}", "12,0.18", "9.6,0.144") == [[12, 0.18], [9.6, 0.144]]
    assert facts(make_file, header, "0.18", "0.144") == [[0.18], [0.144]]


def test_what_would_be_far_too_dear_or_says_its_unit_stays(make_file: MakeFile) -> None:
    assert facts(make_file, "年利率,月利率", "0.1152,0.96", "0.096,0.8") == [[11.52, 0.96], [9.6, 0.8]]
    assert facts(make_file, "年利率,逾期利率(%)", "0.12,0.18", "0.096,0.144") == [[12, 0.18], [9.6, 0.144]]
    assert facts(make_file, "年利率,逾期利率", "0.12,18", "0.096,14.4") == [[12, 18], [9.6, 14.4]]


@pytest.mark.parametrize("header", ["毛利率", "Exchange Rate", "Default Rate", "首付比例"])
def test_what_is_no_rate_of_interest_stays(make_file: MakeFile, header: str) -> None:
    assert facts(make_file, f"年利率,{header}", "0.12,0.18", "0.096,0.144") == [[12, 0.18], [9.6, 0.144]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("逾期利率\nA-1,5021,0.18\n", "年利率,逾期利率\nA-2,5022,0.12,0.144\n", [0.18, 0.144]),
        ("年利率,逾期利率\nA-1,5021,0.12,0.18\n", "逾期利率\nA-2,5022,0.144\n", [18, 14.4]),
    ],
)
def test_a_source_goes_on_as_its_cases_are(make_file: MakeFile, first: str, second: str, told: list[float]) -> None:
    for name, text in (("a.csv", first), ("b.csv", second)):
        assert counts(take_in(make_file(name, f"{HEADER},{text}"))) == (1, 0, 0)
    assert [case.features["late_interest_rate"] for case in Case.objects.order_by("pk")] == told
