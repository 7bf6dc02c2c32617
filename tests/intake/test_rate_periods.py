"""Rates of interest by the month or the day, and periods and scales beside the header: none is read as by the year."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from cases.models import Case
from intake.header_words.feature_naming import feature_name
from intake.header_words.rate_periods import Told, period_of_rate, rate_scale, told_in
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.recognition.mapping import MappingError
from intake.record.choose import mapping_for
from tests.intake.places import NOW, MakeFile
from tests.intake.test_on_record import counts, take_in

HEAD = "合同号,贷款金额"
DAILY = feature_name("日利率")


def features(path: Path) -> list[Mapping[str, object]]:
    table = open_table(path)
    rows = read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW)
    return [row.submission.features for row in rows if row.submission]


def of_rates(make_file: MakeFile, header: str, *cells: str) -> list[Mapping[str, object]]:
    lines = "".join(f"HT-{at},5021,{cell}\n" for at, cell in enumerate(cells))
    return features(make_file("t.csv", f"{HEAD},{header}\n{lines}"))


def refusal_of(make_file: MakeFile, text: str) -> tuple[str, dict[str, str]]:
    table = open_table(make_file("t.csv", text))
    with pytest.raises(MappingError) as refused:
        mapping_for(table, "branch-x", None)
    return refused.value.code, refused.value.params


@pytest.mark.parametrize(
    ("header", "name", "read"),
    [
        ("Interest Rate (% per month)", "monthly_interest_rate", 2.5),
        ("Interest Rate (monthly)", "monthly_interest_rate", 2.5),
        ("Interest Rate (% p.m.)", "monthly_interest_rate", 2.5),
        ("Interest Rate (%/month)", "monthly_interest_rate", 2.5),
        ("Interest Rate (%) (pm)", "monthly_interest_rate", 2.5),
        ("Interest Rate [p/m, flat]", "monthly_interest_rate", 2.5),
        ("Interest Rate (%/m)", "monthly_interest_rate", 2.5), ("Loan Rate (per mil)", "monthly_interest_rate", 0.25),
        ("Interest rate (daily)", "daily_interest_rate", 2.5), ("Loan Rate (per day %)", "daily_interest_rate", 2.5),
        ("Interest Rate (weekly)", "weekly_interest_rate", 2.5), ("利率(月)", "month_interest_rate", 2.5),
        ("利率（月息）", "month_interest_rate", 2.5), ("利率(%/月)", "month_interest_rate", 2.5),
        ("执行利率(月‰)", "month_interest_rate", 0.25), ("利率（‰，月）", "month_interest_rate", 0.25),
        ("执行利率(‰)", "month_interest_rate", 0.25), ("利率(千分之几)", "month_interest_rate", 0.25),
        ("利率(千分之)", "month_interest_rate", 0.25),
        ("利率(日息)", DAILY, 2.5), ("利率(万分之)", DAILY, 0.025), ("贷款利率(日万分之)", DAILY, 0.025),
        ("Interest Rate (% p.a.)", "interest_rate", 2.5), ("Interest Rate (annual)", "interest_rate", 2.5),
        ("利率(年)", "interest_rate", 2.5), ("年利率(‰)", "interest_rate", 0.25), ("利率(年‰)", "interest_rate", 0.25),
        ("APR (‰)", "interest_rate", 0.25), ("Interest Rate (bps)", "interest_rate", 0.025),
        ("Interest Rate (bps p.a.)", "interest_rate", 0.025), ("利率(%)", "interest_rate", 2.5),
        ("Interest Rate (compounded monthly)", "interest_rate", 2.5), ("利率(按月付息)", "interest_rate", 2.5),
        ("利率(3个月)", "interest_rate", 2.5), ("年利率(按月还款)", "interest_rate", 2.5),
    ],
)  # fmt: skip
def test_a_rate_has_the_period_that_its_header_says(make_file: MakeFile, header: str, name: str, read: float) -> None:
    header = f'"{header}"' if "," in header else header
    assert of_rates(make_file, header, "2.5", "2.5") == [{name: read}] * 2


def test_a_share_of_a_rate_by_the_day_is_not_brought_to_percent(make_file: MakeFile) -> None:
    assert of_rates(make_file, "利率(日息)", "0.05", "0.04") == [{DAILY: 0.05}, {DAILY: 0.04}]


@pytest.mark.parametrize(
    "header",
    ["利率(年/月)", "年利率（月）", "APR (monthly)", "利率(月/日)", "利率(厘)", "Interest Rate (% per 30 days)"],
)
def test_a_rate_of_two_periods_or_of_none_that_is_known_refuses_the_file(make_file: MakeFile, header: str) -> None:
    refused = refusal_of(make_file, f"{HEAD},{header}\nA,5021,2.5\n")
    assert refused == ("unit_unknown", {"name": header})


def test_cells_in_per_mille_are_by_the_month(make_file: MakeFile) -> None:
    assert of_rates(make_file, "利率", "4.35‰", "5.5‰", "") == [
        {"month_interest_rate": 0.435}, {"month_interest_rate": 0.55}, {"month_interest_rate": None},
    ]  # fmt: skip
    assert of_rates(make_file, "Interest Rate", "4.35‰") == [{"monthly_interest_rate": 0.435}]
    assert of_rates(make_file, "年利率", "43.5‰", "4.5%") == [{"interest_rate": 4.35}, {"interest_rate": 4.5}]


@pytest.mark.parametrize("other", ["4.35%", "4.35"])
def test_cells_in_per_mille_beside_others_are_asked_about(make_file: MakeFile, other: str) -> None:
    refused = refusal_of(make_file, f"{HEAD},利率\nA,5021,{other}\nB,5021,5.5‰\nC,5021,0\n")
    assert refused == ("rate_period_mixed", {"name": "利率", "own": "5.5‰", "other": other})


@pytest.mark.parametrize("form", ['0.00"‰"', "0.00\\‰"])
def test_a_workbook_that_shows_per_mille_reads_as_the_text_does(tmp_path: Path, form: str) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (["合同号", "贷款金额", "利率"], ["A", 5021, 4.35], ["B", 5021, 4.359999999999999]):
        sheet.append(row)
    for cell in sheet["C"][1:]:
        cell.number_format = form
    book.save(tmp_path / "t.xlsx")
    assert features(tmp_path / "t.xlsx") == [{"month_interest_rate": 0.435}, {"month_interest_rate": 0.436}]


@pytest.mark.django_db(transaction=True)
def test_a_rate_by_the_month_behind_one_by_the_year_is_another_feature(make_file: MakeFile) -> None:
    for name, header, rate in (("a", "Interest Rate", "8.5"), ("b", "Interest Rate (% per month)", "0.8")):
        lines = "".join(f"{name}-{at},{5000 + at},{rate}{at}\n" for at in range(9))
        assert counts(take_in(make_file(f"{name}.csv", f"id,amount,{header}\n{lines}"))) == (9, 0, 0)
    assert Case.objects.get(external_ref="a-0").features == {"interest_rate": 8.5}
    assert Case.objects.get(external_ref="b-1").features == {"monthly_interest_rate": 0.81}


@pytest.mark.parametrize(
    ("columns", "cells", "said"),
    [
        ("利率,利率类型", ("4.35,年利率", "5.35,月利率"), "月利率"),
        ("执行利率,利率单位", ("4.35,年%", "3.6,月‰"), "月‰"),
        ("利率,计息周期", ("4.35,月利率", "5.35,按月"), "月利率"), ("利率,计息单位", ("4.35,月‰", "5.35,月‰"), "月‰"),
        ("Interest Rate,Rate Frequency", ("24,Annual", "2,Monthly"), "Monthly"),
        ("Interest Rate,Rate Type", ("24,Y", "2,M"), "M"), ("年利率,利率单位", ("4.35,月‰", "5.35,月‰"), "月‰"),
        ("Interest Rate,Interest Rate Frequency Type", ("2.5,Per month", "2.5,Per month"), "Per month"),
        ("int_rate,int_rate_unit", ("0.65,month", "0.65,month"), "month"),
        ("int_rate,contract_rate_type", ("0.65,monthly rate", "0.65,monthly rate"), "monthly rate"),
        ("Interest Rate,Interest Rate Period Type", ("24,Year", "2.5,Month"), "Month"),
        ("Interest Rate,Interest Rate Charged", ("12.5,per month", "12.5,per month"), "per month"),
        ("Interest Rate,Interest Charge Frequency", ("2.5,ANNUALIZED", "2.5,EVERY_MONTH"), "EVERY_MONTH"),
        ("Loan Rate,Interest Charge Frequency", ("2.5,EVERY_FOUR_WEEKS", "2.5,EVERY_FOUR_WEEKS"), "EVERY_FOUR_WEEKS"),
        ("利率,利率单位", ("4.35,01", "5.35,02"), "01"),
        ("利率,利率单位", ("4.35,‰", "5.35,‰"), "‰"), ("月利率,利率单位", ("4.35,年", "5.35,年"), "年"),
        ("Annual Income,Income Frequency", ("60000,Annual", "5000,Monthly"), "Monthly"),
        ("收入,收入周期", ("60000,年", "5000,月"), "年"),
        ("收入,收入类型", ("60000,年薪", "5000,月薪"), "年薪"), ("收入,收入周期", ("60000,月薪", "5000,年薪"), "月薪"),
        ("收入,收入类型", ("60000,经营", "5000,月薪"), "月薪"),
        ("年收入,收入周期", ("6000,月薪", "5000,月薪"), "月薪"),
        ("月收入,收入类型", ("60000,年薪", "5000,月薪"), "年薪"),
        ("Income,Income Period", ("500,Weekly", "500,Weekly"), "Weekly"),
        ("年收入,收入频率", ("60000,月", "5000,月"), "月"),
        ("Annual Income,Income Frequency", ("600,Bi-weekly", "500,Bi-weekly"), "Bi-weekly"),
    ],
)  # fmt: skip
def test_a_period_in_a_column_of_its_own_refuses_the_file(
    make_file: MakeFile, columns: str, cells: tuple[str, str], said: str
) -> None:
    column, name = columns.split(",")
    text = f"{HEAD},{columns}\nA,5021,{cells[0]}\nB,5021,{cells[1]}\n"
    assert refusal_of(make_file, text) == ("period_in_column", {"said": said, "name": name, "column": column})


@pytest.mark.parametrize(
    ("columns", "cells", "name", "read"),
    [
        ("利率,利率类型", ("4.35,固定", "5.35,浮动"), "interest_rate", [4.35, 5.35]),
        ("利率,利率类型", ("4.35,LPR", "5.35,年利率"), "interest_rate", [4.35, 5.35]),
        ("Interest Rate,Rate Type", ("4.35,F", "5.35,M"), "interest_rate", [4.35, 5.35]),
        ("利率,利率单位", ("4.35,%", "5.35,年%"), "interest_rate", [4.35, 5.35]),
        ("Interest Rate,Rate Frequency", ("24,Annual", "25,yearly"), "interest_rate", [24, 25]),
        ("月利率(‰),利率单位", ("4.35,月‰", "5.35,月‰"), "month_interest_rate", [0.435, 0.535]),
        ("Income,Income Frequency", ("5000,Monthly", "6000,Monthly"), "monthly_income", [5000, 6000]),
        ("收入,收入周期", ("50000,年", "60000,年"), "income", [50000, 60000]),
        ("Monthly Income,Income Type", ("5000,Salary", "6000,Business"), "monthly_income", [5000, 6000]),
        ("月收入,收入周期", ("5000,按月", "6000,每月"), "monthly_income", [5000, 6000]),
        ("收入,收入类型", ("5000,月薪", "6000,月薪"), "monthly_income", [5000, 6000]),
        ("年收入,收入类型", ("50000,月薪", "60000,经营"), "annual_income", [50000, 60000]),
        ("Annual Income,Income Type", ("50000,Monthly salary", "60000,Hourly"), "annual_income", [50000, 60000]),
        ("Annual Income,Salary Frequency", ("50000,Monthly", "60000,Weekly"), "annual_income", [50000, 60000]),
        ("Income,Salary Frequency", ("50000,Monthly", "60000,Monthly"), "income", [50000, 60000]),
        ("Income,Income Frequency,Income Type", ("5000,Monthly,Salary", "6000,Monthly,Other"), "monthly_income",
         [5000, 6000]),
        ("利率,计息周期", ("4.35,按月", "5.35,按季"), "interest_rate", [4.35, 5.35]),
        ("年利率,计息频率", ("4.35,月利率", "5.35,月"), "interest_rate", [4.35, 5.35]),
        ("年利率,利率单位", ("4.35,月", "5.35,月"), "interest_rate", [4.35, 5.35]),
        ("Interest Rate (% p.a.),Interest Frequency", ("4.35,Monthly", "5.35,Daily"), "interest_rate", [4.35, 5.35]),
        ("Interest Rate,Interest Basis", ("4.35,Daily", "5.35,Daily"), "interest_rate", [4.35, 5.35]),
        ("Annual Interest Rate,Interest Rate Basis", ("4.35,Daily", "5.35,Daily"), "interest_rate", [4.35, 5.35]),
        ("APR,Interest Rate Period", ("4.35,Monthly", "5.35,Monthly"), "interest_rate", [4.35, 5.35]),
        ("Interest Rate,Interest Charge Frequency", ("4.35,ANNUALIZED", "5.35,"), "interest_rate", [4.35, 5.35]),
    ],
)  # fmt: skip
def test_kinds_and_periods_that_agree_change_nothing(
    make_file: MakeFile, columns: str, cells: tuple[str, str], name: str, read: list[float]
) -> None:
    found = features(make_file("t.csv", f"{HEAD},{columns}\nA,5021,{cells[0]}\nB,5021,{cells[1]}\n"))
    assert [each[name] for each in found] == read


@pytest.mark.parametrize(
    ("header", "below"),
    [
        ("利率", "%/月"), ("执行利率", "月利率"), ("执行利率", "(月‰)"), ("利率", "‰"), ("年利率(%)", "%/月"),
        ("月利率", "年"), ("Interest Rate", "% p.m."), ("月利率(%)", "‰"),
    ],
)  # fmt: skip
def test_a_period_in_the_row_below_the_header_refuses_the_file(make_file: MakeFile, header: str, below: str) -> None:
    for count in (1, 20):
        rows = "".join(f"HT-{at},5021,4.35\n" for at in range(count))
        refused = refusal_of(make_file, f"{HEAD},{header}\n,,{below}\n{rows}")
        assert refused == ("unit_below_header", {"said": below, "column": header})


@pytest.mark.parametrize(
    ("header", "below", "name"),
    [("利率", "%/年", "interest_rate"), ("利率", "%", "interest_rate"), ("月利率(‰)", "‰", "month_interest_rate"),
     ("月利率", "%/月", "month_interest_rate"), ("利率", "浮动", "interest_rate")],
)  # fmt: skip
def test_a_row_of_units_that_agrees_is_a_row_that_is_no_loan(
    make_file: MakeFile, header: str, below: str, name: str
) -> None:
    rows = "".join(f"HT-{at},5021,4.35\n" for at in range(20))
    found = features(make_file("t.csv", f"{HEAD},{header}\n,,{below}\n{rows}"))
    assert found == [{name: 0.435 if "‰" in header else 4.35}] * 20


def test_a_scale_in_the_column_of_the_unit_of_incomes_refuses_the_file(make_file: MakeFile) -> None:
    refused = refusal_of(make_file, f"{HEAD},收入,收入单位\nA,5021,8,万元\nB,5021,80000,元\n")
    assert refused == ("unit_in_column", {"said": "万元", "column": "收入"})
    refused = refusal_of(make_file, f"{HEAD},Income,Income Unit\nA,5021,8,thousand\nB,5021,9,thousand\n")
    assert refused == ("unit_in_column", {"said": "thousand", "column": "Income"})
    scaled = features(make_file("u.csv", f"{HEAD},收入(万元),收入单位\nA,5021,8,万元\nB,5021,9,万元\n"))
    assert [each["income"] for each in scaled] == [80000, 90000]
    employers = features(make_file("v.csv", f"{HEAD},收入,收入单位\nA,5021,8000,亿元科技有限公司\nB,5021,9000,一中\n"))
    assert [each["income"] for each in employers] == [8000, 9000]


def test_a_column_of_periods_beside_rates_of_several_periods_is_passed_over(make_file: MakeFile) -> None:
    text = f"{HEAD},年利率,月利率,计息周期\nA,5021,12,1,月\nB,5021,6,0.5,月\n"
    assert [each["interest_rate"] for each in features(make_file("t.csv", text))] == [12, 6]


@pytest.mark.parametrize(("name", "said"), [("Scale", "1000"), ("比例因子", "0.01"), ("Unit Multiplier", "thousand")])
def test_a_scale_in_a_column_of_its_own_refuses_the_file(make_file: MakeFile, name: str, said: str) -> None:
    refused = refusal_of(make_file, f"{HEAD},{name}\nA,7,1\nB,9,{said}\n")
    assert refused == ("unit_in_column", {"said": said, "column": "贷款金额"})
    for others in ("1", "7.5", "small", "8"):
        assert len(features(make_file("u.csv", f"{HEAD},{name}\nA,7021,1\nB,9021,{others}\n"))) == 2


@pytest.mark.parametrize(
    "note",
    [
        "金额单位：元；利率单位：‰（月）；期限单位：天", "rates per month",
        "Amounts in yuan and rates are quoted per month.",
        "注：以上利率均为月利率", "说明：1.利率单位：万分之（日）", "金额单位：元 利率单位：‰",
        "All interest rates in % p.m.",
    ],
)  # fmt: skip
def test_a_note_of_the_period_of_rates_refuses_the_file(make_file: MakeFile, note: str) -> None:
    rows = "".join(f"HT-{at},5021,4.35,3\n" for at in range(3))
    above = refusal_of(make_file, f"{note},,,\n{HEAD},利率,年龄\n{rows}")
    assert above == ("unit_above_header", {"said": note, "column": "利率"})
    below = refusal_of(make_file, f"{HEAD},利率,年龄\n{rows}{note},,,\n")
    assert below == ("unit_below_rows", {"said": note, "column": "利率"})


@pytest.mark.parametrize(
    ("note", "header"),
    [
        ("利率单位：%（年）", "利率"), ("rates in % p.a.", "Interest Rate"), ("固定利率,按月付息", "利率"),
        ("利率按月调整", "利率"), ("利率单位：‰（月）", "利率(月‰)"), ("利率单位：‰", "月利率(‰)"),
        ("期限单位：月", "利率"), ("利率以放款日为准", "利率"),
    ],
)  # fmt: skip
def test_a_note_that_agrees_or_says_more_is_passed_over(make_file: MakeFile, note: str, header: str) -> None:
    rows = "".join(f"HT-{at},5021,4.35,3\n" for at in range(3))
    assert len(features(make_file("t.csv", f'"{note}",,,\n{HEAD},{header},年龄\n{rows}'))) == 3


def test_a_note_that_contradicts_the_only_rate_refuses_the_file(make_file: MakeFile) -> None:
    refused = refusal_of(make_file, f"利率单位：‰（月）,,\n{HEAD},年利率\nA,5021,4.35\n")
    assert refused == ("unit_above_header", {"said": "利率单位：‰（月）", "column": "年利率"})
    both = f"利率单位：‰（月）,,,\n{HEAD},年利率(%),月利率(‰)\nA,5021,4.35,3.6\n"
    assert len(features(make_file("u.csv", both))) == 1


def test_what_a_text_says_of_rates() -> None:
    assert told_in("月‰") == Told("month", Decimal("0.1"))
    assert told_in("% p. a.") == Told("year")
    assert told_in("basis points") == Told("", Decimal("0.01"))
    assert [told_in(text) for text in ("", "compounded monthly", "2026年", "固定")] == [None] * 4
    assert (period_of_rate("利率(‱)"), period_of_rate("Interest Rate (‱)")) == ("day", "")
    assert (period_of_rate("贷款金额(月)"), rate_scale("罚息率(‰/日)")) == ("", Decimal("0.1"))
