"""What stands in the brackets of an amount beside its currency is known, or asked about."""

from __future__ import annotations

import pytest

from intake.header_words.amount_units import leaves_unit_open
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.recognition.mapping import MappingError
from intake.record.choose import mapping_for
from tests.intake.places import NOW, MakeFile


@pytest.mark.parametrize(
    ("unit", "amount", "currency"),
    [
        ("PKR '000", 50_500, "PKR"), ("AED k", 50_500, "AED"), ("NGN m", 50_500_000, "NGN"), ("KES", 50.5, "KES"),
        ("KES, at disbursement", 50.5, "KES"), ("USD, gross", 50.5, "USD"), ("RMB 含税", 50.5, "CNY"),
        ("CNY, incl. fees", 50.5, "CNY"), ("USD eq.", 50.5, "USD"), ("MAD", 50.5, "MAD"), ("all", 50.5, "CNY"),
        ("thousands, EUR", 50_500, "EUR"), ("without fees", 50.5, "CNY"), ("at origination", 50.5, "CNY"),
        ("Naira", 50.5, "NGN"), ("in Naira", 50.5, "NGN"), ("Nigerian Naira", 50.5, "NGN"), ("Rupiah", 50.5, "IDR"),
        ("Cedis", 50.5, "GHS"), ("GH₵", 50.5, "GHS"), ("TShs", 50.5, "TZS"), ("Indian Rupees", 50.5, "INR"),
        ("Zambian Kwacha", 50.5, "ZMW"), ("Reais", 50.5, "BRL"), ("S/.", 50.5, "PEN"), ("Kč", 50.5, "CZK"),
        ("Lek", 50.5, "ALL"), ("Frw", 50.5, "RWF"), ("yen", 50.5, "JPY"), ("₹", 50.5, "INR"), ("泰铢", 50.5, "THB"),
        ("马币", 50.5, "MYR"), ("Naira, gross", 50.5, "NGN"), ("US Dollars", 50.5, "USD"),
        ("gross", 50.5, "CNY"), ("max", 50.5, "CNY"), ("A", 50.5, "CNY"), ("1", 50.5, "CNY"), ("s", 50.5, "CNY"),
        ("RM", 50.5, "MYR"), ("Rp", 50.5, "IDR"), ("Tk.", 50.5, "BDT"), ("INR lakhs", 5_050_000, "INR"),
        ("PKR in lacs", 5_050_000, "PKR"), ("₹ Crore", 505_000_000, "INR"), ("Crores of INR", 505_000_000, "INR"),
        ("p.a.", 50.5, "CNY"),
        ("verified", 50.5, "CNY"), ("incl. fees", 50.5, "CNY"), ("含税", 50.5, "CNY"), ("人民币元", 50.5, "CNY"),
    ],
)  # fmt: skip
def test_a_currency_is_known_beside_its_scale_and_beside_remarks(
    make_file: MakeFile, unit: str, amount: float, currency: str
) -> None:
    table = open_table(make_file("t.csv", f'loan no,"Loan Amount ({unit})",term (months)\nA,50.5,12\nB,50.5,24\n'))
    rows = [row.submission for row in read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW)]
    assert [(float(row.amount), row.currency) for row in rows if row] == [(amount, currency)] * 2


@pytest.mark.parametrize(
    "unit",
    [
        "RMB mn, gross", "INR 00000", "CHF T", "000s, net", "Rp juta", "MXN miles", "万,含税",
        "THB million, net of fees", "USD x", "PKR arab", "Ks", "P", "R", "KD", "ZK", "Le", "Som", "Real", "juta",
        "Naira '000",
    ],
)  # fmt: skip
@pytest.mark.parametrize("currency", ["", ",currency"])
def test_a_word_that_may_be_a_scale_refuses_the_file(make_file: MakeFile, unit: str, currency: str) -> None:
    """Also beside a column of currencies."""
    header = f"Loan Amount ({unit})"
    cells = ",USD" if currency else ""
    table = open_table(make_file("t.csv", f'loan no,"{header}",term{currency}\nA,50.5,12{cells}\nB,60.5,24{cells}\n'))
    with pytest.raises(MappingError) as refusal:
        mapping_for(table, "branch-x", None)
    assert refusal.value.code in ("unit_unknown", "amount_other_currency")
    assert header in refusal.value.params["name"]


@pytest.mark.parametrize(
    "unit", ["Peso", "Pesos", "Shillings", "in Shillings", "Kwacha", "FCFA", "Dirhams", "Riyal", "Kr", "卢比", "文莱元"]
)
def test_a_currency_of_several_countries_is_asked_about(make_file: MakeFile, unit: str) -> None:
    header = f"Loan Amount ({unit})"
    table = open_table(make_file("t.csv", f"loan no,{header},term\nA,50500,12\nB,60500,24\n"))
    with pytest.raises(MappingError) as refusal:
        mapping_for(table, "branch-x", None)
    assert (refusal.value.code, refusal.value.params) == ("unit_unknown", {"name": header})


@pytest.mark.parametrize(
    ("header", "currency"),
    [
        ("Loan Amount Naira", "NGN"), ("Loan Amount - Rupiah", "IDR"), ("amount_naira", "NGN"), ("贷款金额泰铢", "THB"),
        ("Loan Amount in US Dollars", "USD"), ("loan_amount_kwacha", ""), ("Loan Amount Rs", ""), ("贷款金额卢比", ""),
    ],
)  # fmt: skip
def test_a_currency_may_stand_bare_behind_the_name(make_file: MakeFile, header: str, currency: str) -> None:
    table = open_table(make_file("t.csv", f"loan no,{header},term\nA,50500,12\nB,60500,24\n"))
    if currency:
        assert mapping_for(table, "branch-x", None)[1].fields["currency"].value == currency
        return
    with pytest.raises(MappingError) as refusal:
        mapping_for(table, "branch-x", None)
    assert (refusal.value.code, refusal.value.params) == ("unit_unknown", {"name": header})


@pytest.mark.parametrize(
    "line", ["Amounts in Naira", "Currency: Nigerian Naira", "All amounts in Kwacha", "币种：卢比"]
)
def test_a_currency_above_the_table_is_asked_about(make_file: MakeFile, line: str) -> None:
    table = open_table(make_file("t.csv", f"{line}\n\nloan no,loan amount,term\nA,50500,12\nB,60500,24\n"))
    with pytest.raises(MappingError) as refusal:
        mapping_for(table, "branch-x", None)
    assert (refusal.value.code, refusal.value.params) == (
        "unit_above_header", {"said": line, "column": "loan amount"},
    )  # fmt: skip


def test_a_place_above_the_table_is_no_currency(make_file: MakeFile) -> None:
    table = open_table(make_file("t.csv", "Loans in Lagos\n\nloan no,loan amount,term\nA,50500,12\nB,60500,24\n"))
    assert mapping_for(table, "branch-x", None)[1].fields["currency"].value == "CNY"


def test_a_code_in_the_header_of_what_is_no_money_is_no_currency(make_file: MakeFile) -> None:
    table = open_table(make_file("t.csv", "loan no,loan amount,sar_count,income_sar\nA,50,2,10\n"))
    with pytest.raises(MappingError) as refusal:
        mapping_for(table, "branch-x", None)
    assert refusal.value.params == {"name": "income_sar", "named": "SAR", "currency": "CNY"}


def test_where_a_factor_is_said_nothing_is_open() -> None:
    assert [leaves_unit_open(f"amount ({unit})") for unit in ("RMB thousands", "万元,含税", "USD x")] == [
        False, False, True,
    ]  # fmt: skip
