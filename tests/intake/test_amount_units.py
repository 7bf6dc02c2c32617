"""What stands in the brackets of an amount beside its currency is known, or asked about."""

from __future__ import annotations

import pytest

from intake.amount_units import leaves_unit_open
from intake.choose import mapping_for
from intake.mapping import MappingError
from intake.parse import open_table
from intake.rows import read_rows
from tests.intake.places import NOW, MakeFile


@pytest.mark.parametrize(
    ("unit", "amount", "currency"),
    [
        ("PKR '000", 50_500, "PKR"), ("AED k", 50_500, "AED"), ("NGN m", 50_500_000, "NGN"), ("KES", 50.5, "KES"),
        ("KES, at disbursement", 50.5, "KES"), ("USD, gross", 50.5, "USD"), ("RMB 含税", 50.5, "CNY"),
        ("CNY, incl. fees", 50.5, "CNY"), ("USD eq.", 50.5, "USD"), ("MAD", 50.5, "MAD"), ("all", 50.5, "CNY"),
        ("thousands, EUR", 50_500, "EUR"), ("without fees", 50.5, "CNY"), ("at origination", 50.5, "CNY"),
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
        "THB million, net of fees", "USD x", "PKR lacs",
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


def test_a_code_in_the_header_of_what_is_no_money_is_no_currency(make_file: MakeFile) -> None:
    table = open_table(make_file("t.csv", "loan no,loan amount,sar_count,income_sar\nA,50,2,10\n"))
    with pytest.raises(MappingError) as refusal:
        mapping_for(table, "branch-x", None)
    assert refusal.value.params == {"name": "income_sar", "named": "SAR", "currency": "CNY"}


def test_where_a_factor_is_said_nothing_is_open() -> None:
    assert [leaves_unit_open(f"amount ({unit})") for unit in ("RMB thousands", "万元,含税", "USD x")] == [
        False, False, True,
    ]  # fmt: skip
