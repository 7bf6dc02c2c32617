"""A column that says the currency of the loans is understood, or refuses its rows or the file by name: no column of
dollars comes in as yuan."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from cases.models import Case
from intake.header_words.headers import field_matches
from intake.reading.parse import open_table
from intake.reading.rows import read_rows, sample_rows
from intake.recognition.mapping import CaseMapping, MappingError
from intake.recognition.recognise import recognise
from intake.record.choose import mapping_for
from intake.values.currency_words import are_currencies, currency_named
from intake.wording.sentences import say
from tests.intake.places import NOW, MakeFile
from tests.intake.test_on_record import counts, take_in


def file_of(make_file: MakeFile, head: str, cells: Sequence[str], name: str = "t.csv") -> Path:
    lines = [f"{name[0]}{at},{5000 + at},{cell}\n" for at, cell in enumerate(cells)]
    return make_file(name, f"loan id,{head}\n" + "".join(lines))


def told(
    make_file: MakeFile, header: str, cells: Sequence[str], amount: str = "loan amount"
) -> tuple[CaseMapping, list[str]]:
    """The mapping, and of each row its currency, or the column and value and code of its one error."""
    table = open_table(file_of(make_file, f"{amount},{header}", cells))
    mapping = mapping_for(table, "branch", None)[1]
    found = []
    for row in read_rows(table, mapping, now=NOW):
        if row.submission:
            found.append(row.submission.currency)
        else:
            (error,) = row.errors
            found.append(f"{error.field} {error.value} {error.code}")
    return mapping, found


def refusal(make_file: MakeFile, header: str, cells: Sequence[str], amount: str = "loan amount") -> MappingError:
    with pytest.raises(MappingError) as refused:
        told(make_file, header, cells, amount)
    return refused.value


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("usd", "USD"), ("US Dollar", "USD"), ("U.S. Dollars", "USD"), ("United States Dollar", "USD"),
        ("Euros", "EUR"),
        ("Pound Sterling", "GBP"), ("Pounds Sterling", "GBP"), ("Japanese Yen", "JPY"), ("Philippine Peso", "PHP"),
        ("Thai Baht", "THB"), ("Indian Rupees", "INR"), ("Naira", "NGN"), ("KSh", "KES"), ("S$", "SGD"),
        ("Swiss Francs", "CHF"), ("泰铢", "THB"), ("泰国铢", "THB"), ("韩元", "KRW"), ("韓幣", "KRW"),
        ("越南盾", "VND"),
        ("卢布", "RUB"), ("新加坡元", "SGD"), ("美圆", "USD"), ("日圓", "JPY"), ("156", "CNY"), ("840", "USD"),
        ("840.0", "USD"),
        ("978", "EUR"), ("036", "AUD"), ("CNY-人民币", "CNY"), ("人民币（CNY）", "CNY"), ("01-人民币", "CNY"),
        ("14-美元", "USD"),
        ("USD - US Dollar", "USD"), ("人民币CNY", "CNY"), ("USD 美元", "USD"), ("156-人民币", "CNY"),
        ("RMB/人民币", "CNY"),
        ("NTD", "TWD"), ("￥", "CNY"), ("RMB￥", "CNY"), ("CN¥", "CNY"), ("USD$", "USD"), ("GBP £", "GBP"),
        ("£ GBP", "GBP"), ("HKD$", "HKD"), ("人民币¥", "CNY"),
    ],
)  # fmt: skip
def test_a_cell_names_its_currency(cell: str, code: str) -> None:
    assert currency_named(cell) == code


@pytest.mark.parametrize(
    "cell",
    ["", "01", "14", "8400", "36", "001", "Rupees", "Peso", "Pounds", "Krone", "Rs", "本币", "外币", "FCY",
     "CNY-美元", "840-人民币",
     "CNY/USD", "人民币-本币", "01-14", "12.5", "U", "USD€", "GBP¥", "$$", "abc$", "Indian Rupee Peso"],
)  # fmt: skip
def test_a_cell_that_may_be_several_currencies_or_none_names_none(cell: str) -> None:
    assert currency_named(cell) == ""


def test_only_cells_that_can_hardly_be_anything_else_make_a_column_one_of_currencies() -> None:
    assert are_currencies(["USD", "EUR", "美元"])
    assert are_currencies([*["CNY"] * 9, "?"])
    assert not are_currencies(["RM", "RM", "RP"])
    for cells in (["USD", "EUR"], ["ALL", "TOP", "ALL"], ["元", "元", "元"], ["840", "978", "156"], ["$", "$", "$"],
                  [*["CNY"] * 8, "?"]):  # fmt: skip
        assert not are_currencies(cells)


@pytest.mark.parametrize(
    ("header", "rank"),
    [
        *[(header, 0) for header in (
            "币种", "幣別", "贷款币种", "合同币种", "申请币种", "授信币种", "放款币种", "业务币种", "交易币种",
            "币种名称",
            "货币名称", "货币代码", "货币类型", "币种 Currency", "Currency / 币种", "币种(CCY)", "Currency",
            "ccy_code", "Loan Ccy",
            "Facility Currency", "Contract Currency", "CurrencyIsoCode", "WAERS", "currency_name", "currency_type",
            "Amount Currency", "LOAN_CCY", "currency of the loan",
        )],
        *[(header, 1) for header in ("Account Currency", "Original Currency", "原币币种", "账户币种", "外币币种")],
        *[(header, 2) for header in ("CURR", "CUR", "CURR_CD", "Curr.")],
        *[(header, None) for header in (
            "amount in local currency", "currency amount", "外币金额", "货币资金", "Exchange Rate", "汇率",
            "货币单位", "currency unit",
            "Income Currency", "抵押物币种", "current", "foreign currency", "accuracy",
        )],
    ],
)  # fmt: skip
def test_a_header_says_that_its_column_is_the_currency(header: str, rank: int | None) -> None:
    assert field_matches("currency", header) == rank


@pytest.mark.parametrize(
    "header", ["Facility Currency", "贷款币种", "币种 Currency", "CURR", "WAERS", "Account Currency", "Base C."]
)
def test_the_draft_and_the_import_take_the_same_column(make_file: MakeFile, header: str) -> None:
    cells = ["USD", "EUR", "US Dollar", "USD"]
    mapping, found = told(make_file, header, cells)
    assert found == ["USD", "EUR", "USD", "USD"]
    table = open_table(file_of(make_file, f"loan amount,{header}", cells))
    drafted, clues = recognise(table.columns, sample_rows(table), "branch", [])
    assert drafted.fields["currency"] == mapping.fields["currency"]
    assert (drafted.features, mapping.features) == ({}, {})
    assert clues[header].how == ("content" if header == "Base C." else "name")


def test_a_word_that_is_not_understood_refuses_its_row(make_file: MakeFile) -> None:
    _mapping, found = told(make_file, "币种", ["人民币", "外币", "USD", "Rupees", ""])
    assert found == [
        "CNY", "币种 外币 not_a_currency", "USD", "币种 Rupees not_a_currency", "币种  required",
    ]  # fmt: skip


def test_a_column_of_currencies_of_which_nothing_is_understood_refuses_every_row(make_file: MakeFile) -> None:
    mapping, found = told(make_file, "币种", ["01", "14", "13"])
    assert found == [f"币种 {cell} not_a_currency" for cell in ("01", "14", "13")]
    assert mapping.features == {}
    table = open_table(file_of(make_file, "loan amount,币种", ["01", "14", "13"]))
    _drafted, clues = recognise(table.columns, sample_rows(table), "branch", [])
    assert (clues["币种"].detail, clues["币种"].confidence, clues["币种"].share) == ("currency", "guess", 0)


def test_a_column_of_currencies_without_a_cell_leaves_the_default(make_file: MakeFile) -> None:
    mapping, found = told(make_file, "currency", ["", "", ""])
    assert found == ["CNY"] * 3
    assert mapping.fields["currency"].how == "default"


def test_an_abbreviation_is_a_currency_only_by_its_cells(make_file: MakeFile) -> None:
    mapping, found = told(make_file, "cur", ["yes", "no", "yes"])
    assert found == ["CNY"] * 3
    assert mapping.features["cur"].type == "text"


def test_the_currency_of_the_loan_goes_before_any_other(make_file: MakeFile) -> None:
    assert told(make_file, "account currency,contract currency", ["CNY,USD", "CNY,EUR", "CNY,USD"])[1] == [
        "USD", "EUR", "USD",
    ]  # fmt: skip
    assert told(make_file, "currency,loan currency", ["CNY,人民币", "USD,840", "EUR,"])[1] == ["CNY", "USD", "EUR"]
    refused = refusal(make_file, "currency,loan currency", ["CNY,CNY", "USD,EUR"])
    assert refused.code == "currencies_differ"
    assert refused.params == {"name": "currency", "value": "USD", "other": "loan currency", "said": "EUR"}
    assert refusal(make_file, "ca,cb", ["USD,EUR", "USD,USD", "EUR,EUR"]).code == "currencies_differ"


def test_what_an_income_or_a_collateral_is_in_is_no_currency_of_the_loan(make_file: MakeFile) -> None:
    refused = refusal(make_file, "income currency", ["CNY", "USD", "CNY"])
    assert refused.code == "currency_open"
    assert refused.params == {"name": "income currency", "value": "USD", "currency": "CNY"}
    assert told(make_file, "income currency", ["CNY", "CNY", "CNY"])[1] == ["CNY"] * 3
    assert told(make_file, "抵押物币种,币种", ["EUR,USD", "EUR,USD", "EUR,CNY"])[1] == ["USD", "USD", "CNY"]


def test_beside_an_amount_whose_header_names_its_currency_only_that_of_the_loan_counts(make_file: MakeFile) -> None:
    cells, amount = ["EUR", "PHP", "EUR"], "loan amount (USD)"
    assert told(make_file, "original currency", cells, amount)[1] == ["USD"] * 3
    assert told(make_file, "Base C.", cells, amount)[1] == ["USD"] * 3
    assert told(make_file, "original currency", cells, "贷款金额(元)")[1] == ["EUR", "PHP", "EUR"]
    for header in ("Base C.", "income currency"):
        named = amount if header == "Base C." else "loan amount"
        table = open_table(file_of(make_file, f"{named},{header}", cells))
        drafted, _clues = recognise(table.columns, sample_rows(table), "branch", [])
        assert (drafted.fields["currency"].how, len(drafted.features)) == (
            "constant" if header == "Base C." else "default", 1,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "cells", "named"),
    [
        ("贷款金额(折人民币)", ["人民币", "美元", "欧元"], "CNY"),
        ("贷款金额(折合人民币万元)", ["USD", "USD", "USD"], "CNY"),
        ("贷款金额（等值人民币）", ["", "USD", "USD"], "CNY"),
        ("贷款金额(折美元)", ["人民币", "人民币", "USD"], "USD"),
        ("Loan Amount (CNY)", ["CNY", "CNY", "USD"], "CNY"),
        ("Loan Amount (USD)", ["EUR", "USD", "USD"], "USD"),
        ("Loan Amount (THB)", ["EUR", "THB", "THB"], "THB"),
    ],
)
def test_an_amount_in_another_currency_than_the_column_says_refuses_the_file(
    make_file: MakeFile, amount: str, cells: list[str], named: str
) -> None:
    refused = refusal(make_file, "币种", cells, amount)
    said = next(cell for cell in cells if cell and currency_named(cell) != named)
    assert refused.code == "amount_other_currency"
    assert refused.params == {"name": amount, "named": named, "other": "币种", "said": said}


def test_an_amount_in_the_currency_that_the_column_says_is_read(make_file: MakeFile) -> None:
    assert told(make_file, "币种", ["美元", "USD", "USD"], "贷款金额(折美元)")[1] == ["USD"] * 3
    # A bare 元 says nothing of the currency.
    assert told(make_file, "币种", ["USD", "EUR", "USD"], "贷款金额(万元)")[1] == ["USD", "EUR", "USD"]
    found = told(make_file, "币种", [*["CNY"] * 1_000, "USD", "CNY"], "贷款金额(人民币)")[1]
    assert found[999:] == ["CNY", "币种 USD value_not_listed", "CNY"]


@pytest.mark.parametrize(
    ("original", "converted"),
    [
        ("贷款金额(原币)", "贷款金额(折人民币)"), ("贷款金额(原币)", "申请金额(等值人民币)"),
        ("Loan Amount (original currency)", "Loan Amount (CNY equivalent)"),
    ],
)  # fmt: skip
def test_of_an_original_and_a_converted_amount_the_original_one_is_it(
    make_file: MakeFile, original: str, converted: str
) -> None:
    for amount, cell in ((f"{original},{converted}", "1000,7100,USD"), (f"{converted},{original}", "7100,1000,USD")):
        lines = "".join(f"{at},{cell}\n" for at in range(3))
        table = open_table(make_file("t.csv", f"loan id,{amount},currency\n{lines}"))
        mapping = mapping_for(table, "branch", None)[1]
        rows = [row.submission for row in read_rows(table, mapping, now=NOW)]
        assert [(each.amount, each.currency) for each in rows if each] == [(Decimal(1000), "USD")] * 3


def test_the_words_of_an_agreed_currency_may_change_in_the_next_file(
    transactional_db: None, make_file: MakeFile
) -> None:
    first = file_of(make_file, "loan amount (USD),currency", ["USD", "USD", "USD"], "a.csv")
    assert counts(take_in(first)) == (3, 0, 0)
    then = file_of(make_file, "loan amount (USD),currency", ["美元", "USD", "US Dollar"], "b.csv")
    assert counts(take_in(then)) == (3, 0, 0)
    assert [*Case.objects.values_list("currency", flat=True)] == ["USD"] * 6


@pytest.mark.parametrize("then", ["US Dollar", "840", "facility"])
def test_the_same_currency_in_other_words_comes_in_behind_the_first_file(
    transactional_db: None, make_file: MakeFile, then: str
) -> None:
    first = file_of(make_file, "loan amount,currency", ["USD", "EUR", "USD"], "a.csv")
    assert counts(take_in(first)) == (3, 0, 0)
    header, cell = ("facility currency", "USD") if then == "facility" else ("currency", then)
    assert counts(take_in(file_of(make_file, f"loan amount,{header}", [cell] * 3, "b.csv"))) == (3, 0, 0)
    assert [*Case.objects.order_by("pk").values_list("currency", flat=True)] == ["USD", "EUR", "USD", *["USD"] * 3]


def test_a_table_without_the_currency_that_its_source_told_is_refused(
    transactional_db: None, make_file: MakeFile
) -> None:
    first = file_of(make_file, "loan amount,currency", ["CNY", "EUR", "USD"], "a.csv")
    assert counts(take_in(first)) == (3, 0, 0)
    for header, cells in (("purpose", ["car", "car", "home"]), ("currency", ["", "", ""])):
        with pytest.raises(MappingError) as refused:
            take_in(file_of(make_file, f"loan amount,{header}", cells, "b.csv"))
        assert refused.value.code == "currency_lost"
        assert refused.value.params == {"name": "currency", "said": "USD"}
    assert Case.objects.count() == 3
    yuan = file_of(make_file, "贷款金额(元),purpose", ["car", "car", "home"], "c.csv")
    assert counts(take_in(yuan)) == (3, 0, 0)


def test_a_table_that_came_without_a_currency_before_may_do_so_again(
    transactional_db: None, make_file: MakeFile
) -> None:
    plain = ("loan amount,purpose", ["car", "car", "home"])
    assert counts(take_in(file_of(make_file, *plain, "a.csv"))) == (3, 0, 0)
    assert counts(take_in(file_of(make_file, "loan amount,currency", ["USD"] * 3, "b.csv"))) == (3, 0, 0)
    assert counts(take_in(file_of(make_file, *plain, "c.csv"))) == (3, 0, 0)


def test_a_source_whose_column_only_ever_said_yuan_may_leave_it_out(
    transactional_db: None, make_file: MakeFile
) -> None:
    assert counts(take_in(file_of(make_file, "loan amount,currency", ["CNY"] * 3, "a.csv"))) == (3, 0, 0)
    assert counts(take_in(file_of(make_file, "loan amount,purpose", ["car"] * 3, "b.csv"))) == (3, 0, 0)


def test_the_refusals_are_said_in_both_languages() -> None:
    differ = {"name": "currency", "value": "USD", "other": "loan currency", "said": "EUR"}
    lost = {"name": "币种", "said": "USD"}
    not_sure = {"name": "income currency", "value": "USD", "currency": "CNY"}
    amount = {"name": "loan amount (USD)", "named": "USD", "other": "currency", "said": "EUR"}
    told_apart = (("currencies_differ", differ), ("amount_other_currency", amount))
    for code, params in (*told_apart, ("currency_lost", lost), ("currency_open", not_sure)):
        for language in ("en", "zh-hans"):
            assert all(value in say(code, language, params) for value in params.values())
