"""Rates of interest that may be percents or shares: those by the month lie below 1 %, and hardly a loan costs 41 %."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from intake.mapped.open_rates import is_by_the_month
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.recognition.mapping import MappingError, mapping_of_text
from intake.record.choose import mapping_for
from intake.tabular.tables import Table
from tests.intake.places import NOW, MakeFile


def table_of(make_file: MakeFile, header: str, cells: Sequence[str]) -> Table:
    lines = "".join(f"HT-{at},5000,{cell}\n" for at, cell in enumerate(cells))
    return open_table(make_file("t.csv", f"合同号,贷款金额,{header}\n{lines}"))


def rates(table: Table) -> list[object]:
    rows = read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW)
    return [value for row in rows if row.submission for value in row.submission.features.values()]


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (["0.41", "0.42", "0.43%", "0"], [0.41, 0.42, 0.43, 0]),
        (["0.43%", "0.45%", "0.41", "4.3‰"], [0.43, 0.45, 0.41, 0.43]),
        (["1.2%", "1", "0.95"], [1.2, 1, 0.95]),
        (["0.43%", "0.0041", "0.0055"], [0.43, 0.41, 0.55]),
        (["0.41", "0.42"], [0.41, 0.42]),
    ],
)
@pytest.mark.parametrize("header", ["月利率", "Monthly interest rate"])
def test_rates_by_the_month_are_percents_below_1(
    make_file: MakeFile, header: str, cells: Sequence[str], read: Sequence[float]
) -> None:
    assert rates(table_of(make_file, header, cells)) == read


@pytest.mark.parametrize(
    ("cells", "bare"),
    [
        (["0.43%", "0.41", "0.0042"], "0.0042"),
        (["0.43%", "0.44%", "0.00042"], "0.00042"),
        (["0.43%", "0.44%", "41"], "41"),
    ],
)
def test_a_bare_rate_by_the_month_unlike_the_percents_is_asked_about(
    make_file: MakeFile, cells: Sequence[str], bare: str
) -> None:
    with pytest.raises(MappingError) as refusal:
        mapping_for(table_of(make_file, "月利率", cells), "branch-x", None)
    assert refusal.value.code == "rate_mixed"
    assert refusal.value.params == {"name": "月利率", "own": "0.43%", "bare": bare}


@pytest.mark.parametrize("header", ["利率", "Interest Rate", "年利率"])
def test_shares_beyond_what_is_legal_are_asked_about(make_file: MakeFile, header: str) -> None:
    for cells in (["0.41", "0.42", "0.05"], ["0.41", "0.55", "0.43%", "0.44%"]):
        table = table_of(make_file, header, cells)
        with pytest.raises(MappingError) as refusal:
            mapping_for(table, "branch-x", None)
        assert refusal.value.code == "rate_open"
        assert refusal.value.params == {"name": header, "value": "0.41", "percent": "41"}
    assert "0.41%" in refusal.value.sentence("zh-hans")


@pytest.mark.parametrize(
    ("cells", "low", "high"),
    [
        (["4.35", "6.35"] * 10 + ["0.0435", "0.0485"], "0.0435", "6.35"),
        (["12", "24", "18.5", "0.18"], "0.18", "24"),
        (["0.072", "7.2", "15.4", "0"], "0.072", "15.4"),
    ],
)
@pytest.mark.parametrize("header", ["年利率", "利率(%)", "Interest Rate"])
def test_shares_among_percents_are_asked_about(
    make_file: MakeFile, header: str, cells: Sequence[str], low: str, high: str
) -> None:
    with pytest.raises(MappingError) as refusal:
        mapping_for(table_of(make_file, header, cells), "branch-x", None)
    assert (refusal.value.code, refusal.value.params) == ("share_open", {"name": header, "low": low, "high": high})
    assert f"“{low}”" in refusal.value.sentence("zh-hans")


@pytest.mark.parametrize(
    "cells",
    [
        ["4.35", "6.35", "0.5"], ["4.35", "6.35", "0.9", "0"], ["1.2", "0.9", "0.35"], ["1.5", "2.5", "0.25"],
        ["4.35", "4.35", "0.01"], ["8.5", "29.9", "0.49"],
    ],
)  # fmt: skip
def test_small_percents_among_others_are_read(make_file: MakeFile, cells: Sequence[str]) -> None:
    assert rates(table_of(make_file, "年利率", cells)) == [float(each) for each in cells]


def test_a_second_column_of_rates_is_asked_about_as_the_first(make_file: MakeFile) -> None:
    with pytest.raises(MappingError) as refusal:
        mapping_for(table_of(make_file, "年利率,执行利率", ["0.12,0.41", "0.13,0.42"]), "branch-x", None)
    assert refusal.value.params["name"] == "执行利率"


@pytest.mark.parametrize(
    ("header", "cells", "read"),
    [
        ("利率", ["0.0435", "0.36", "0.12"], [4.35, 36, 12]),
        ("利率", ["0.12", "0.18", "0.41"], [12, 18, 41]),
        ("利率(%)", ["0.41", "0.42"], [0.41, 0.42]),
        ("利率", ["0.41%", "0.42%"], [0.41, 0.42]),
        ("信用卡使用率", ["0.85", "0.95"], [85, 95]),
        ("负债收入比", ["0.85", "0.95"], [85, 95]),
    ],
)
def test_shares_that_may_be_and_other_shares_are_read(
    make_file: MakeFile, header: str, cells: Sequence[str], read: Sequence[float]
) -> None:
    assert rates(table_of(make_file, header, cells)) == read


def test_a_mapping_can_say_what_bare_rates_are(make_file: MakeFile) -> None:
    table = table_of(make_file, "利率", ["0.41", "0.42"])
    text = (
        "fields: {external_ref: {column: 合同号}, applicant.id: {column: 合同号}, amount: {column: 贷款金额},"
        " currency: {constant: CNY}, term_months: {constant: 12}, product: {constant: car},"
        " applied_at: {import_time: true}}\nfeatures: {interest_rate: {column: 利率, type: percent}}\n"
    )
    rows = list(read_rows(table, mapping_of_text(text, source="branch-x"), now=NOW))
    assert [row.submission and row.submission.features for row in rows] == [
        {"interest_rate": 0.41}, {"interest_rate": 0.42},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "is_so"),
    [
        ("月利率", True), ("日利率(%)", True), ("日息", True), ("利率（月）", True), ("月综合费率", True),
        ("monthly_rate", True), ("Daily Interest Rate", True), ("Interest rate per month", True), ("rate (pm)", True),
        ("年利率", False), ("利率", False), ("Interest Rate", False), ("年利率(按月还款)", False),
        ("APR monthly", False), ("月供", False), ("monthly income", False),
    ],
)  # fmt: skip
def test_headers_of_rates_by_the_month_or_day(header: str, is_so: bool) -> None:
    assert is_by_the_month(header) is is_so


@pytest.mark.parametrize(
    "cell", ["10.5% p.a.", "10.5% per annum", "435bp", "1.2%/月", "4.35%/年", "12 % / year", "5‰ per month"]
)
def test_rates_that_say_their_unit_or_period_in_every_cell_are_asked_about(make_file: MakeFile, cell: str) -> None:
    """As texts no rule on the rate would be asked."""
    with pytest.raises(MappingError) as refusal:
        mapping_for(table_of(make_file, "利率", [cell, cell, "4.35"]), "branch-x", None)
    assert (refusal.value.code, refusal.value.params) == ("rate_unread", {"name": "利率", "value": cell})
    assert f"“{cell}”" in refusal.value.sentence("zh-hans")
    assert f"“{cell}”" in refusal.value.sentence("en")


@pytest.mark.parametrize("cell", ["LPR+50bp", "浮动", "fixed"])
def test_words_below_a_rate_of_interest_stay_words(make_file: MakeFile, cell: str) -> None:
    assert rates(table_of(make_file, "利率", [cell, cell])) == [cell, cell]
