"""The rate of interest by its usual names is `interest_rate`, of several the one that is paid by."""

from __future__ import annotations

import pytest

from intake.header_words.feature_naming import feature_name
from intake.reading.parse import open_table
from intake.reading.rows import read_rows, sample_rows
from intake.recognition.mapping import MappingError
from intake.recognition.recognise import recognise
from intake.record.choose import mapping_for
from tests.intake.places import NOW, MakeFile

HEADERS = (
    "年化利率", "年化利率(%)", "贷款年化利率", "年化利率（单利）", "综合年化利率", "執行年利率", "实际年利率",
    "名义利率", "名義利率", "合同年利率", "年化综合利率", "借款利率", "贷款执行利率", "Rate of Interest", "ROI (%)",
    "Int. Rate %", "Annualized Rate", "Annualised Interest Rate", "Nominal Interest Rate", "Contract Rate", "Note Rate",
    "Coupon Rate",
    "Effective Annual Interest Rate", "Original Interest Rate", "rate_of_interest",
)  # fmt: skip


def features_of(make_file: MakeFile, header: str, *cells: str) -> list[object]:
    lines = "".join(f"HT-{at},{5000 + at},{each}\n" for at, each in enumerate(cells))
    table = open_table(make_file("t.csv", f"合同号,贷款金额,{header}\n{lines}"))
    rows = read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW)
    return [row.submission and row.submission.features for row in rows]


@pytest.mark.parametrize("header", HEADERS)
def test_the_rate_has_many_names(make_file: MakeFile, header: str) -> None:
    assert features_of(make_file, header, "7.20", "6.5") == [{"interest_rate": 7.2}, {"interest_rate": 6.5}]
    assert features_of(make_file, header, "7.20%", "6.5%") == [{"interest_rate": 7.2}, {"interest_rate": 6.5}]


@pytest.mark.parametrize("header", ["年化利率", "实际年利率", "Rate of Interest", "Contract Rate"])
def test_it_is_read_in_percent_and_by_the_year_by_any_of_them(make_file: MakeFile, header: str) -> None:
    assert features_of(make_file, header, "0.072", "0.065") == [{"interest_rate": 7.2}, {"interest_rate": 6.5}]
    for cells, code in ((("0.41", "0.42"), "rate_open"), (("4.35", "5.5", "0.0435"), "share_open")):
        with pytest.raises(MappingError) as refusal:
            features_of(make_file, header, *cells)
        assert (refusal.value.code, refusal.value.params["name"]) == (code, header)


def test_a_period_beside_the_name_is_no_year(make_file: MakeFile) -> None:
    assert features_of(make_file, "Rate of Interest (% p.m.)", "2.5") == [{"monthly_interest_rate": 2.5}]
    assert features_of(make_file, "借款利率(月‰)", "5.5") == [{"month_interest_rate": 0.55}]
    with pytest.raises(MappingError) as refusal:
        features_of(make_file, "年化利率(月)", "2.5")
    assert (refusal.value.code, refusal.value.params) == ("unit_unknown", {"name": "年化利率(月)"})
    with pytest.raises(MappingError) as refusal:
        features_of(make_file, "合同利率,利率单位", "5.5,月‰")
    assert refusal.value.code == "period_in_column"


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ("名义利率,执行利率", {"interest_rate_2": 7.2, "interest_rate": 6.1}),
        ("年化利率,综合年化利率", {"interest_rate": 7.2, "interest_rate_2": 6.1}),
        ("ROI,Interest Rate", {"interest_rate_2": 7.2, "interest_rate": 6.1}),
        ("年利率,执行利率", {"interest_rate": 7.2, "interest_rate_2": 6.1}),
        ("合同利率,名义利率", {"interest_rate": 7.2, "interest_rate_2": 6.1}),
        ("基准利率,执行利率", {feature_name("基准利率"): 7.2, "interest_rate": 6.1}),
    ],
)
def test_of_several_rates_one_is_the_rate(make_file: MakeFile, header: str, read: dict[str, float]) -> None:
    assert features_of(make_file, header, "7.2,6.1") == [read]


def test_a_rate_in_per_mille_is_by_the_month_and_leaves_the_name_to_the_other(make_file: MakeFile) -> None:
    assert features_of(make_file, "名义利率,利率", "7.2,5.5‰") == [{"interest_rate": 7.2, "month_interest_rate": 0.55}]


def test_a_draft_names_them_alike(make_file: MakeFile) -> None:
    table = open_table(make_file("t.csv", "合同号,贷款金额,名义利率,年化利率\nA,5021,7.2,6.1\nB,5022,7.3,6.2\n"))
    mapping, clues = recognise(table.columns, sample_rows(table), "branch-x", ())
    assert {name: given.column for name, given in mapping.features.items()} == {
        "interest_rate_2": "名义利率", "interest_rate": "年化利率",
    }  # fmt: skip
    assert clues["年化利率"].how == "name"


@pytest.mark.parametrize("header", ["年化综合费率", "费率", "Coupon", "Exchange Rate", "基准利率", "Discount Rate"])
def test_other_rates_keep_their_own_names(header: str) -> None:
    assert feature_name(header) != "interest_rate"
