"""A cell that names another currency than its row is refused by name: 5,021 dollars never come in as 5,021 yuan."""

from __future__ import annotations

from decimal import Decimal

import pytest

from intake.mapped.header_currencies import currency_in
from intake.reading.parse import open_table
from intake.reading.rows import read_rows, sample_rows
from intake.recognition.mapping import CaseMapping, MappingError, infer_mapping, read_mapping
from intake.recognition.recognise import recognise
from intake.record.choose import mapping_for
from intake.values.cells import CellError, read_number
from intake.values.currency_signs import agreed_currency, currencies_named
from intake.wording.sentences import say
from tests.intake.places import NOW, MakeFile

Told = list[tuple[str, Decimal | str]]


def read(make_file: MakeFile, lines: list[str], mapping: CaseMapping | None = None) -> Told:
    """For each row its currency and amount, or the column and the reason of its one error."""
    table = open_table(make_file("table.csv", "\n".join(lines)))
    rows = read_rows(table, mapping or infer_mapping(table.columns, sample_rows(table), "branch-x"), now=NOW)
    return [
        (row.submission.currency, row.submission.amount)
        if row.submission
        else (row.errors[0].field, row.errors[0].code)
        for row in rows
        if row.submission or len(row.errors) == 1
    ]


@pytest.mark.parametrize(
    ("cell", "number", "may_be", "never"),
    [
        ("USD 5,021", 5021, ("USD",), ("CNY", "HKD")),
        ("$5021", 5021, ("USD", "HKD", "SGD", "AUD", "CAD"), ("CNY", "EUR")),
        ("HK$ 5021", 5021, ("HKD",), ("USD", "CNY")),
        ("5021美元", 5021, ("USD",), ("CNY",)),
        ("1.2万港幣", 12_000, ("HKD",), ("CNY", "USD")),
        ("￥5,021.50", Decimal("5021.50"), ("CNY", "JPY"), ("USD",)),
        ("-¥300", -300, ("CNY", "JPY"), ("USD",)),
        ("(€300)", -300, ("EUR",), ("CNY",)),
        ("5.021,50 €", Decimal("5021.50"), ("EUR",), ("CNY",)),
        ("£300", 300, ("GBP",), ("USD", "CNY")),
        ("人民币5021元整", 5021, ("CNY",), ("USD", "JPY")),
        ("5021元", 5021, ("CNY", "USD", "HKD", "JPY"), ("GBP", "CHF")),
        ("US$5021", 5021, ("USD",), ("HKD", "CNY")),
        ("USD ¥5021", 5021, (), ("USD", "CNY", "JPY")),
    ],
)
def test_a_number_may_be_in_the_currencies_that_its_signs_stand_for(
    cell: str, number: object, may_be: tuple[str, ...], never: tuple[str, ...]
) -> None:
    assert read_number(cell) == number
    named = currencies_named(cell)
    assert named is not None
    assert set(may_be) <= named
    assert not named & set(never)


@pytest.mark.parametrize("cell", ["5021", "-5021", "1.2万", "12%", "", "USD", "loan in USD", "TOP 10"])
def test_other_cells_name_no_currency(cell: str) -> None:
    assert currencies_named(cell) is None


@pytest.mark.parametrize("cell", ["12$50", "5元3", "1¥2"])
def test_a_sign_amid_the_digits_parts_two_numbers(cell: str) -> None:
    with pytest.raises(CellError) as refused:
        read_number(cell)
    assert refused.value.code == "not_a_number"


@pytest.mark.parametrize("cell", ["USD 5021", "$5021", "5021美元", "€5021", "£5021", "HK$5021", "5021 港元"])
def test_beside_a_column_that_says_yuan_no_other_currency_comes_in(make_file: MakeFile, cell: str) -> None:
    lines = ["id,amount,currency", "A,5021,CNY", f"B,{cell},CNY", "C,¥5021,CNY", "D,5021元,人民币"]
    good = ("CNY", Decimal("5021.00"))
    assert read(make_file, lines) == [good, ("amount", "other_currency"), good, good]


def test_a_row_in_another_currency_names_it_in_its_amount_too(make_file: MakeFile) -> None:
    lines = ["id,amount,currency", "A,USD 5021,USD", "B,$5021,HKD", "C,¥5021,JPY", "D,¥5021,USD", "E,5021美元,美元"]
    assert read(make_file, lines) == [
        ("USD", 5021), ("HKD", 5021), ("JPY", 5021), ("amount", "other_currency"), ("USD", 5021),
    ]  # fmt: skip


@pytest.mark.parametrize("currency", [{"constant": "CNY"}, {"default": "CNY"}])
def test_beside_a_currency_that_the_mapping_gives_the_cell_is_refused_too(
    make_file: MakeFile, currency: dict[str, str]
) -> None:
    fields = {
        "external_ref": {"column": "id"}, "product": {"constant": "consumer"}, "amount": {"column": "amount"},
        "currency": currency, "term_months": {"default": 12}, "applied_at": {"import_time": True},
        "applicant.id": {"derive": "applicant_reference"},
    }  # fmt: skip
    mapping = read_mapping(
        {"fields": fields, "features": {"income": {"column": "income", "type": "number"}}}, source="x"
    )
    lines = ["id,amount,income", "A,5021,¥9000", "B,$5021,9000", "C,5021,9000 USD", "D,5021,"]
    good = ("CNY", Decimal(5021))
    assert read(make_file, lines, mapping) == [good, ("amount", "other_currency"), ("income", "other_currency"), good]


def test_where_nothing_else_names_the_currency_the_cells_do_if_they_agree(make_file: MakeFile) -> None:
    dollars = ["id,amount", *(f"{at},$5021" for at in range(8)), "8,USD 5021", "9,5021", "10,€5021"]
    read_first = read(make_file, [*dollars[:-1]])
    assert read_first == [("USD", Decimal(5021))] * 10
    # One that says otherwise: nobody can tell, and those that are no yuan are refused.
    assert read(make_file, dollars) == [
        *[("amount", "other_currency")] * 9,
        ("CNY", 5021),
        ("amount", "other_currency"),
    ]
    # One of many is a slip of its own row.
    few = ["id,amount", *(f"{at},5021" for at in range(8)), "8,$5021"]
    assert read(make_file, few) == [*[("CNY", Decimal(5021))] * 8, ("amount", "other_currency")]


def test_what_only_the_income_names_counts_as_well(make_file: MakeFile) -> None:
    lines = ["id,amount,annual_income", *(f'{at},5021,"$60,000"' for at in range(9)), "9,5021,€60000"]
    assert read(make_file, lines[:-1]) == [("USD", Decimal(5021))] * 9
    assert agreed_currency(["$5", "HK$5"]) == agreed_currency(["$5", "5", "5"]) == agreed_currency([]) == ""
    assert (agreed_currency(["$5", "US$5"]), agreed_currency(["￥5", "5元"])) == ("USD", "CNY")


def test_the_refusal_is_said_in_both_languages() -> None:
    params = {"field": "amount", "value": "$5021", "currency": "CNY"}
    assert say("other_currency", "en", params) == (
        "“$5021” names another currency than the row's, which is CNY; mend the one or the other."
    )
    assert say("other_currency", "zh-hans", params) == "“$5021”所写的货币与该行的货币 CNY 不同；请更正其中之一。"


def test_a_bare_yuan_beside_another_currency_is_refused_unless_somebody_named_that_currency(
    make_file: MakeFile,
) -> None:
    good, refused = ("USD", Decimal("5021.00")), ("amount", "other_currency")
    rows = ["A,5021 元,USD", "B,5021元整,港币", "C,5021 元,CNY", "D,5021美元,USD", "E,5021,USD", "F,US$5021元,USD"]
    assert read(make_file, ["id,amount,currency", *rows]) == [
        refused, refused, ("CNY", Decimal("5021.00")), good, good, good,
    ]  # fmt: skip
    assert read(make_file, ["id,amount(美元),currency", "A,5021 元,USD", "B,5021 元,HKD"]) == [
        good, ("amount(美元)", "other_currency"),
    ]  # fmt: skip
    assert read(make_file, ["id,amount(美元)", "A,5021 元", "B,5021"]) == [good, good]


@pytest.mark.parametrize(
    ("header", "currency"),
    [
        ("月收入(美元)", "USD"), ("月收入（港幣）", "HKD"), ("income_usd", "USD"), ("Income (USD thousands)", "USD"),
        ("monthlyIncome[EUR]", "EUR"), ("usd_income", "USD"), ("收入美元", "USD"), ("income_rmb", "CNY"),
        ("收入(人民币)", "CNY"), ("收入(元)", ""), ("收入(万元)", ""), ("annual_income", ""), ("cadence", ""),
        ("total_all", ""), ("收入(top)", ""), ("总额(all)", ""), ("eurozone", ""), ("income ($)", ""),
    ],
)  # fmt: skip
def test_a_header_names_its_currency(header: str, currency: str) -> None:
    assert currency_in(header) == currency


def test_a_column_in_another_currency_than_the_cases_is_asked_about(make_file: MakeFile) -> None:
    """Without a mapping the file is refused by the column's name; a draft leaves the column out and says so."""
    rows = [f"{at},5021,{9000 + at}" for at in range(12)]
    table = open_table(make_file("table.csv", "\n".join(["id,金额,月收入(美元)", *rows])))
    with pytest.raises(MappingError) as refused:
        mapping_for(table, "branch-x", None)
    assert refused.value.code == "column_other_currency"
    assert refused.value.params == {"name": "月收入(美元)", "named": "USD", "currency": "CNY"}
    for language in ("en", "zh-hans"):
        assert "月收入(美元)" in refused.value.sentence(language)
    drafted, clues = recognise(table.columns, sample_rows(table), "branch-x", [])
    assert drafted.features == {}
    assert drafted.drop == {"月收入(美元)": "other_currency"}
    assert (clues["月收入(美元)"].how, clues["月收入(美元)"].detail) == ("dropped", "other_currency")
    for header in ("id,金额(美元),月收入(美元)", "id,金额,月收入(元)", "id,金额(元),income_cny"):
        table = open_table(make_file("table.csv", "\n".join([header, *rows])))
        assert len(mapping_for(table, "branch-x", None)[1].features) == 1


def test_a_dollar_in_a_header_is_no_yuan(make_file: MakeFile) -> None:
    table = open_table(make_file("table.csv", "id,贷款金额(元),年收入($)\nA,5021,50000\nB,5022,60000"))
    with pytest.raises(MappingError) as refused:
        mapping_for(table, "branch-x", None)
    assert refused.value.params == {"name": "年收入($)", "named": "$", "currency": "CNY"}


@pytest.mark.parametrize(
    ("header", "named"),
    [("贷款金额(外币)", "外币"), ("amount (foreign currency)", "foreign currency"), ("贷款金额（外幣，万元）", "外币")],
)
def test_a_foreign_currency_that_nobody_names_is_asked_about(make_file: MakeFile, header: str, named: str) -> None:
    table = open_table(make_file("table.csv", f"id,{header}\nA,5021\nB,5022"))
    with pytest.raises(MappingError) as refused:
        mapping_for(table, "branch-x", None)
    assert refused.value.code == "column_other_currency"
    assert refused.value.params == {"name": header, "named": named, "currency": "CNY"}
    assert read(make_file, [f"id,{header},币种", "A,5021,USD"])[0][0] == "USD"


@pytest.mark.parametrize(
    ("dollars", "bare", "code"),
    [(4, 6, "currency_open"), (1, 9, "currency_open"), (1, 19, ""), (5, 5, ""), (0, 10, ""), (2, 3, "")],
)
def test_bare_amounts_beside_many_in_dollars_are_asked_about(
    make_file: MakeFile, dollars: int, bare: int, code: str
) -> None:
    amounts = ["$50k"] * dollars + ["30000"] * bare
    rows = "".join(f"L{at},C{at},2026-01-05,{amount},12\n" for at, amount in enumerate(amounts))
    header = "Deal ID,Customer ID,Submitted,Requested Amount,Term (months)\n"
    table = open_table(make_file("a.csv", header + rows))
    if code:
        with pytest.raises(MappingError) as refusal:
            mapping_for(table, "branch", None)
        assert (refusal.value.code, refusal.value.params) == (
            code, {"name": "Requested Amount", "value": "$50k", "currency": "CNY"}
        )  # fmt: skip
        return
    read = list(read_rows(table, mapping_for(table, "branch", None)[1], now=NOW))
    currency = "USD" if dollars >= bare else "CNY"
    assert {row.submission.currency for row in read if row.submission} == {currency}
    refused = [error.code for row in read for error in row.errors]
    assert refused == ([] if currency == "USD" else ["other_currency"] * dollars)
