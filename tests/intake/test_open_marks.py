"""Commas that may group digits or part decimals: nothing is read by them unless file or mapping tells which."""

from __future__ import annotations

from decimal import Decimal

import pytest

from intake.mapped.case_mapping import CaseMapping
from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, bind_mapping, read_rows
from intake.recognition.mapping import mapping_as_data, read_mapping
from intake.record.choose import mapping_for
from tests.intake.places import FIELDS, NOW, MakeFile

OPEN = "ambiguous_number"


def read(make_file: MakeFile, text: str, given: CaseMapping | None = None) -> tuple[CaseMapping, list[ReadRow]]:
    table = open_table(make_file("t.csv", text))
    mapping = bind_mapping(given, table) if given else mapping_for(table, "branch-x", None)[1]
    return mapping, list(read_rows(table, mapping, now=NOW))


def refused(rows: list[ReadRow]) -> list[list[tuple[str, str, str]]]:
    return [[(error.field, error.value, error.code) for error in row.errors] for row in rows]


def table(amounts: list[str], incomes: list[str], others: list[str]) -> str:
    lines = [f"A{at};C{at};{amount};12;2026-01-05;{income};{other}"
             for at, (amount, income, other) in enumerate(zip(amounts, incomes, others, strict=True))]  # fmt: skip
    return "\n".join(["申请编号;客户编号;贷款金额;期限;申请日期;年收入;担保方式", *lines, ""])


CODES = ["1,2", "2,3", "1,3"]


@pytest.mark.parametrize(
    "amounts",
    [
        ["5,000", "12,000", "300,000"], ["5，000", "１２，０００", "¥300,000元"], ["12,0000", "8,0000", "15,0000"],
        ["8,5600", "12,3750", "5,000"],
    ],
)  # fmt: skip
def test_codes_with_a_comma_do_not_divide_the_amounts_of_a_file(make_file: MakeFile, amounts: list[str]) -> None:
    mapping, rows = read(make_file, table(amounts, ["100000"] * 3, CODES))
    assert refused(rows) == [[("贷款金额", amount, OPEN)] for amount in amounts]
    again = read_mapping(mapping_as_data(mapping))
    assert (again.fields["amount"].decimal, again.features["guarantee_type"].decimal) == ("?", ",")


def test_incomes_beside_such_codes_are_refused_where_they_have_a_comma(make_file: MakeFile) -> None:
    _, rows = read(make_file, table(["5000", "6000", "7000"], ["120,000", "900", "80,000"], CODES))
    assert refused(rows) == [[("年收入", "120,000", OPEN)], [], [("年收入", "80,000", OPEN)]]
    assert rows[1].submission is not None
    assert rows[1].submission.features == {"annual_income": 900, "guarantee_type": 2.3}


def test_two_groups_tell_that_a_comma_groups(make_file: MakeFile) -> None:
    _, rows = read(make_file, table(["5,000", "1,200,000"], ["120,000", "900"], CODES[:2]))
    told = [row.submission and (row.submission.amount, row.submission.features["annual_income"]) for row in rows]
    assert told == [(Decimal(5_000), 120_000), (Decimal(1_200_000), 900)]
    _, rows = read(make_file, table(["12,0000,0000", "5,000"], ["120,000", "12,0000"], CODES[:2]))
    assert rows[0].submission is not None
    assert (rows[0].submission.amount, rows[0].submission.features["annual_income"]) == (
        Decimal(1_200_000_000),
        120_000,
    )
    assert refused(rows[1:]) == [[("年收入", "12,0000", OPEN)]]


@pytest.mark.parametrize(("column", "at"), [("贷款金额", 0), ("年收入", 1)])
def test_groups_of_four_are_refused_where_nothing_names_the_mark(make_file: MakeFile, column: str, at: int) -> None:
    columns = [["5000", "6000", "7000"], ["100", "200", "300"]]
    columns[at] = ["12,0000", "8,0000", "15,0000"]
    _, rows = read(make_file, table(columns[0], columns[1], ["x", "y", "z"]))
    assert refused(rows) == [[(column, text, OPEN)] for text in columns[at]]


def test_a_sign_within_parentheses_is_no_number(make_file: MakeFile) -> None:
    _, rows = read(make_file, table(["(-6000)", "6000", "7000"], ["100", "(-5)", "(5)"], ["x", "y", "z"]))
    assert refused(rows)[:2] == [[("贷款金额", "(-6000)", "not_a_number")], [("年收入", "(-5)", "not_a_number")]]
    assert rows[2].submission is not None
    assert rows[2].submission.features["annual_income"] == -5


def test_where_points_group_no_comma_does(make_file: MakeFile) -> None:
    _, rows = read(make_file, "id;amount;rate;weight\nA;16.469,50;7,3750;12,000\nB;5.000,00;8,0000;5,125\n")
    told = [row.submission and (row.submission.amount, row.submission.features) for row in rows]
    assert told == [
        (Decimal("16469.5"), {"rate": 7.375, "weight": 12}), (Decimal(5_000), {"rate": 8, "weight": 5.125}),
    ]  # fmt: skip
    _, rows = read(make_file, "id;amount;income\nA;16.469,50;12,0000\nB;5.000,00;8,5000\n")
    assert refused(rows) == [[("income", "12,0000", OPEN)], [("income", "8,5000", OPEN)]]


def test_a_column_that_shows_its_decimal_comma_is_read_by_it(make_file: MakeFile) -> None:
    _, rows = read(make_file, "id;amount;rate;income\nA;5000,00;7,375;71.912\nB;600,50;0,5;100.000\nC;7;8,1250;1\n")
    told = [row.submission and (row.submission.amount, list(row.submission.features.values())) for row in rows]
    assert told == [(Decimal(5_000), [7.375, 71_912]), (Decimal("600.5"), [0.5, 100_000]), (Decimal(7), [8.125, 1])]


SUMS = ["1.500,50", "2.000,00", "3.250,75", "4.100,10", "5.000,00", "6.750,25", "7.000,00", "8.800,80", "9.900,90"]


@pytest.mark.parametrize(
    ("slip", "code"), [("12.a00", "not_a_number"), ("12.50", "not_a_number"), ("1.5k", "not_a_number")]
)
def test_one_slip_does_not_change_how_all_other_rows_are_read(make_file: MakeFile, slip: str, code: str) -> None:
    lines = [f"A{at};{amount};3,0{at};{at + 1}0.000" for at, amount in enumerate([*SUMS, slip])]
    _, rows = read(make_file, "\n".join(["id;amount;rate;annual income", *lines]))
    assert refused(rows) == [*[[]] * 9, [("amount", slip, code)]]
    told = [row.submission and row.submission.features["annual_income"] for row in rows[:9]]
    assert told == [(at + 1) * 10_000 for at in range(9)]


def test_what_is_no_sum_has_its_own_mark_and_says_nothing_of_sums(make_file: MakeFile) -> None:
    lines = [f"A{at};{amount};{at}.5{at};{at + 1}0.000" for at, amount in enumerate(SUMS)]
    _, rows = read(make_file, "\n".join(["id;amount;rate;annual income", *lines]))
    told = [row.submission and list(row.submission.features.values()) for row in rows]
    assert told == [[float(f"{at}.5{at}"), (at + 1) * 10_000] for at in range(9)]


@pytest.mark.parametrize("others", [["7.25"], ["7"], ["7,25", "2.1"]])
def test_sums_say_nothing_of_ratios(make_file: MakeFile, others: list[str]) -> None:
    header = ";".join(["id;amount;dscr;weight", *(f"other {at}" for at in range(len(others)))])
    lines = [";".join([f"A{at};{amount};1.25{at};{at}", *others]) for at, amount in enumerate(SUMS)]
    _, rows = read(make_file, "\n".join([header, *lines]))
    assert refused(rows) == [[("dscr", f"1.25{at}", OPEN)] for at in range(9)]
    # Where what is no money has the comma, the point groups there, too.
    header = "id;amount;dscr;rate"
    _, rows = read(make_file, "\n".join([header, *(f"A{at};{amount};1.25{at};7,2" for at, amount in enumerate(SUMS))]))
    assert [row.submission and row.submission.features["dscr"] for row in rows] == [1_250 + at for at in range(9)]


def test_counts_beside_sums_are_grouped_as_they_are(make_file: MakeFile) -> None:
    _, rows = read(make_file, "id;amount;employees\nA;12.500,50;1.250\nB;8.000,10;850\n")
    assert [row.submission and row.submission.features["employees"] for row in rows] == [1_250, 850]


def test_a_version_says_nothing_of_money(make_file: MakeFile) -> None:
    text = "id;amount;version;rate;annual income\nA;12500;2.1;7,25;45.000\nB;8000;2.1;9,9;800\n"
    _, rows = read(make_file, text)
    assert refused(rows) == [[("annual income", "45.000", OPEN)], []]
    assert rows[1].submission is not None
    assert list(rows[1].submission.features.values()) == [2.1, 9.9, 800]
    # Where commas group sums, points part decimals.
    text = 'id,amount,code,rate,annual income\nA,"12,500","1,2",7.25,45.125\nB,"8,000","1,2",9.5,38.500\n'
    _, rows = read(make_file, text)
    assert [row.submission and row.submission.features["annual_income"] for row in rows] == [45.125, 38.5]


def test_where_sums_have_both_marks_what_proves_nothing_is_refused(make_file: MakeFile) -> None:
    lines = [f"A{at};{amount};{at}.5{at};{at + 1}0.000" for at, amount in enumerate(SUMS)]
    _, rows = read(make_file, "\n".join(["id;amount;total debt;annual income", *lines, "B;5,5;0.5;500"]))
    assert refused(rows) == [*([("annual income", f"{at + 1}0.000", OPEN)] for at in range(9)), []]
    assert rows[9].submission is not None
    assert (rows[9].submission.amount, rows[9].submission.features) == (
        Decimal("5.5"), {"total_debt": 0.5, "annual_income": 500},
    )  # fmt: skip


@pytest.mark.parametrize("slip", ["12,5", "15,00", "0,500", "57,5O0"])
@pytest.mark.parametrize("rate", ["6.25", "6"])
def test_one_slip_does_not_make_units_of_thousands(make_file: MakeFile, slip: str, rate: str) -> None:
    lines = [f'A{at},"{at + 1}0,000",{rate},"{at + 1},000"' for at in range(18)]
    _, rows = read(make_file, "\n".join(["id,loan amnt,rate,annual income", *lines, f'B,"{slip}",{rate},"5,000"']))
    assert refused(rows) == [*[[]] * 18, [("loan amnt", slip, "not_a_number")]]
    told = [row.submission and (row.submission.amount, row.submission.features["annual_income"]) for row in rows[:18]]
    assert told == [(Decimal((at + 1) * 10_000), (at + 1) * 1_000) for at in range(18)]


@pytest.mark.parametrize("rate", ["7.25", "7"])
@pytest.mark.parametrize("mark", ["", ","])
def test_one_careless_cell_says_nothing_of_its_column(make_file: MakeFile, mark: str, rate: str) -> None:
    lines = [f"A{at};{at + 10}{mark}000;{rate};{at + 40}{mark}000" for at in range(8)]
    text = "\n".join(["id;amount;rate;annual income", *lines, f"B;1250,000;{rate};65{mark}000", f"C;9;{rate};1350,000"])
    mapping, rows = read(make_file, text)
    assert refused(rows) == [*[[]] * 8, [("amount", "1250,000", OPEN)], [("annual income", "1350,000", OPEN)]]
    told = [row.submission and (row.submission.amount, row.submission.features["annual_income"]) for row in rows[:8]]
    assert told == [(Decimal((at + 10) * 1_000), (at + 40) * 1_000) for at in range(8)]
    assert {given.decimal for given in mapping.named.values()} == {""}


def test_a_column_that_shows_its_mark_reads_the_careless_cell_by_it(make_file: MakeFile) -> None:
    text = 'id,amount,income\nA,"25,000.50","45,000"\nB,"1250,000","52,000"\nC,"1000,000.00","1350,000"\n'
    features = {"income": {"column": "income", "type": "number"}}
    given = read_mapping({"source": "bank", "fields": FIELDS, "features": features})
    for mapping in (given, None):
        _, rows = read(make_file, text, mapping)
        told = [row.submission and (row.submission.amount, list(row.submission.features.values())) for row in rows]
        assert told == [(Decimal("25000.5"), [45_000]), (Decimal(1_250_000), [52_000]), None]
        assert refused(rows)[2] == [("income", "1350,000", OPEN)]
    _, rows = read(make_file, 'id,amount\nA,"2500,50"\nB,"1250,000"\n')
    assert [row.submission and row.submission.amount for row in rows] == [Decimal("2500.5"), Decimal(1_250)]


def test_where_sums_are_grouped_in_two_ways_none_is_read(make_file: MakeFile) -> None:
    _, rows = read(make_file, 'id,amount\nA,"6,000"\nB,"7,000"\nC,"1.500,50"\n')
    assert refused(rows) == [[("amount", "6,000", OPEN)], [("amount", "7,000", OPEN)], []]
    lines = [f'A{at},"{at + 1}6,000"' for at in range(9)]
    _, rows = read(make_file, "\n".join(["id,amount", *lines, 'C,"1.500,50"']))
    assert refused(rows) == [*[[]] * 9, [("amount", "1.500,50", "not_a_number")]]
    assert rows[0].submission is not None
    assert rows[0].submission.amount == 16_000


def test_a_sum_grouped_by_a_comma_is_asked_about_beside_decimal_commas(make_file: MakeFile) -> None:
    lines = [f"A{at};{amount}" for at, amount in enumerate(SUMS)]
    _, rows = read(make_file, "\n".join(["id;amount", *lines, "B;6,000"]))
    assert refused(rows) == [*[[]] * 9, [("amount", "6,000", OPEN)]]


def test_a_currency_of_three_decimals_shows_it(make_file: MakeFile) -> None:
    amounts = [f"{600 + 50 * at},{at % 10}50" for at in range(18)]
    _, rows = read(make_file, "\n".join(["id;amount", *(f"A{at};{each}" for at, each in enumerate(amounts))]))
    told = [row.submission and row.submission.amount for row in rows]
    assert told == [Decimal(each.replace(",", ".")) for each in amounts]
    # Where the table has a decimal point, or too few cells say so, they may be careless thousands.
    for text in (
        "\n".join(["id;amount;rate", *(f"A{at};{each};7.25" for at, each in enumerate(amounts))]),
        "\n".join(["id;amount", *(f"A{at};{each}" for at, each in enumerate(amounts[8:16]))]),
    ):
        _, rows = read(make_file, text)
        assert refused(rows)[-1] == [("amount", rows[-1].errors[0].value, OPEN)]
        assert len(rows[-1].errors[0].value) == len("1350,750")


def test_a_currency_of_three_decimals_shows_it_in_fewer_cells_beside_decimal_commas(make_file: MakeFile) -> None:
    lines = [f"A{at};{700 + 20 * at},120;3,{at + 10};{950 + at},500" for at in range(28)]
    mapping, rows = read(make_file, "\n".join(["id;amount;rate;annual income", *lines, "B;700,120;3,5;1000,500"]))
    assert (mapping.fields["amount"].decimal, mapping.features["annual_income"].decimal) == (",", "?")
    assert rows[27].errors[0].value == "977,500"
    lines = [f"A{at};{700 + 20 * at},120;3,{at + 10};{980 + at},500" for at in range(28)]
    _, rows = read(make_file, "\n".join(["id;amount;rate;annual income", *lines]))
    told = [row.submission and (row.submission.amount, row.submission.features["annual_income"]) for row in rows]
    assert told == [(Decimal(f"{700 + 20 * at}.12"), 980.5 + at) for at in range(28)]


def test_what_no_header_calls_money_is_asked_about_where_one_cell_contradicts(make_file: MakeFile) -> None:
    lines = [f'A{at},5000,"{at + 1},250"' for at in range(9)]
    _, rows = read(make_file, "\n".join(["id,amount,weight", *lines, 'B,6000,"12,5"']))
    assert refused(rows) == [*([("weight", f"{at + 1},250", OPEN)] for at in range(9)), []]
    # No rate is grouped by thousands.
    _, rows = read(make_file, "\n".join(["id,amount,rate", *lines, 'B,6000,"12,5"']))
    assert [row.submission and row.submission.features["rate"] for row in rows] == [
        *(at + 1.25 for at in range(9)),
        12.5,
    ]


def test_money_that_may_be_thousands_is_refused_where_no_cell_tells(make_file: MakeFile) -> None:
    _, rows = read(make_file, "id;amount;annual income;score\nA;5000;21.000;1.234\nB;6000;800;2.345\n")
    assert refused(rows) == [[("annual income", "21.000", OPEN)], []]
    assert rows[1].submission is not None
    assert rows[1].submission.features == {"annual_income": 800, "score": 2.345}
    for other in ("800.5;", "800;9.5"):
        _, rows = read(make_file, f"id;amount;annual income;rate\nA;5000;21.000;\nB;6000;{other}\n")
        assert rows[0].submission is not None
        assert rows[0].submission.features["annual_income"] == 21


def test_a_mapping_that_names_the_mark_reads_such_cells(make_file: MakeFile) -> None:
    text = "id;amount;income;code\nA;5,000;12,0000;1,2\nB;12,000;7,3750;2,3\n"
    amount = {"column": "amount", "decimal": "."}
    features = {
        "income": {"column": "income", "type": "number", "decimal": ","},
        "open": {"column": "income", "type": "number", "values": {"12,0000": 1, "7,3750": 2}},
    }
    given = read_mapping({"source": "bank", "fields": {**FIELDS, "amount": amount}, "features": features})
    _, rows = read(make_file, text, given)
    told = [row.submission and (row.submission.amount, row.submission.features) for row in rows]
    assert told == [
        (Decimal(5_000), {"income": 12, "open": 1}),
        (Decimal(12_000), {"income": 7.375, "open": 2}),
    ]


@pytest.mark.parametrize("name", ["percent_of", "ratio_of", "difference_of"])
def test_what_is_computed_of_such_cells_is_refused_too(make_file: MakeFile, name: str) -> None:
    text = "id;amount;part;whole;code\nA;5;50;1,000;1,2\nB;5;50;100;2,3\n"
    features = {
        "told": {"compute": name, "from": ["part", "whole"]},
        "code": {"column": "code", "type": "number"},
    }
    given = read_mapping({"source": "bank", "fields": FIELDS, "features": features})
    _, rows = read(make_file, text, given)
    assert refused(rows) == [[("part, whole", "50 | 1,000", OPEN)], []]
    assert rows[1].submission is not None
    value = {"percent_of": 50, "ratio_of": 0.5, "difference_of": -50}[name]
    assert rows[1].submission.features == {"told": value, "code": 2.3}


def test_why_such_a_cell_is_refused_is_said_in_both_languages(make_file: MakeFile) -> None:
    _, rows = read(make_file, table(["5,000", "12,000", "300,000"], ["1"] * 3, CODES))
    (error,) = rows[0].errors
    assert error.sentence("en") == (
        "“5,000” has digits in groups or decimals; say in the mapping which is the decimal mark."
    )
    assert error.sentence("zh-hans") == "“5,000”中的逗号或点可能是数字分组符，也可能是小数点；请在映射中注明小数点。"


def of_percents(header: str, cells: list[str], amount: str) -> str:
    lines = [f"A{at};C{at};{amount.format(at)};12;2026-01-05;{cell}" for at, cell in enumerate(cells)]
    return "\n".join([f"申请编号;客户编号;贷款金额;期限;申请日期;{header}", *lines, ""])


def only_features(rows: list[ReadRow]) -> list[object]:
    return [next(iter(row.submission.features.values())) if row.submission else None for row in rows]


@pytest.mark.parametrize(
    ("header", "cells", "told"),
    [
        ("Interest Rate", ["3,875 %", "4,125 %", "3,250 %"], [3.875, 4.125, 3.25]),
        ("利率", ["3,875", "4,125", "12,500"], [3.875, 4.125, 12.5]),
        ("dti", ["20,584", "39,736", "8,100"], [20.584, 39.736, 8.1]),
    ],
)
@pytest.mark.parametrize("amount", ["15{}000", "15{}000,50"])
def test_no_comma_groups_the_thousands_of_percents(
    make_file: MakeFile, header: str, cells: list[str], told: list[float], amount: str
) -> None:
    _, rows = read(make_file, of_percents(header, cells, amount))
    assert (refused(rows), only_features(rows)) == ([[]] * 3, told)
    # Where the table parts its decimals with a point, and of one row, nothing tells.
    for text in (of_percents(header, cells, "15{}00.50"), of_percents(header, cells[:1], "15{}000")):
        _, rows = read(make_file, text)
        assert refused(rows) == [[(header, cell, OPEN)] for cell in cells[: len(rows)]]


@pytest.mark.parametrize(
    ("header", "cells", "told"),
    [
        # English exports group the odd one above a thousand, and part decimals with a point.
        ("dti", ["20.5", "1,039.7", "8.1"], [20.5, 1039.7, 8.1]),
        ("dti", ["205", "1,039", "81"], [205, 1039, 81]),
        ("Interest Rate (bps)", ["1,250", "980", "1,075"], [12.5, 9.8, 10.75]),
        ("Interest Rate (basis points)", ["1,250", "1,075", "1,325"], [12.5, 10.75, 13.25]),
        ("利率(BP值)", ["1,250", "1,075", "1,325"], [12.5, 10.75, 13.25]),
        ("Interest Rate (bps p.a.)", ["1,250", "1,075", "1,325"], [12.5, 10.75, 13.25]),
        ("Revenue growth", ["1,250%", "35%", "80%"], [1250, 35, 80]),
        ("operating income", ["20,584", "39,736", "8,100"], [20584, 39736, 8100]),
    ],
)
@pytest.mark.parametrize("amount", ["15{}000", "15{}00.50"])
def test_commas_of_other_numbers_group_their_thousands(
    make_file: MakeFile, header: str, cells: list[str], told: list[float], amount: str
) -> None:
    _, rows = read(make_file, of_percents(header, cells, amount))
    assert (refused(rows), only_features(rows)) == ([[]] * 3, told)


@pytest.mark.parametrize("header", ["debt_ratio", "负债率", "增长率", "Exchange rate", "DSCR", "杠杆倍数"])
def test_the_commas_of_other_ratios_are_open_where_no_point_parts_decimals(make_file: MakeFile, header: str) -> None:
    cells = ["1,250", "3,875", "2,125"]
    _, rows = read(make_file, of_percents(header, cells, "15{}000"))
    assert refused(rows) == [[(header, cell, OPEN)] for cell in cells]
    _, rows = read(make_file, of_percents(header, cells, "15{}00.50"))
    assert only_features(rows) == [1250, 3875, 2125]
    # Beside decimal commas what is called a rate has them, too; of the others nothing tells.
    _, rows = read(make_file, of_percents(header, cells, "15{}00,50"))
    told = [1.25, 3.875, 2.125] if header not in ("DSCR", "杠杆倍数") else [None] * 3
    assert only_features(rows) == told


def test_commas_of_what_is_no_ratio_group_its_thousands(make_file: MakeFile) -> None:
    _, rows = read(make_file, of_percents("corporate staff", ["1,250", "3,875", "2,125"], "15{}000"))
    assert only_features(rows) == [1250, 3875, 2125]


@pytest.mark.parametrize("header", ["利率（‰）", "Interest Rate (bps over LPR)"])
def test_a_unit_that_may_be_another_leaves_the_comma_of_a_rate_open(make_file: MakeFile, header: str) -> None:
    cells = ["1,250", "1,075", "1,325"]
    _, rows = read(make_file, of_percents(header, cells, "15{}000"))
    assert refused(rows) == [[(header, cell, OPEN)] for cell in cells]
