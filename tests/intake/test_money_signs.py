"""Amounts with the code or the local sign of their currency are read in it, and refused by cell where it is another."""

from __future__ import annotations

from decimal import Decimal

import pytest

from intake.mapped.plain_cells import plain_text
from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, read_rows
from intake.recognition.mapping import CaseMapping
from intake.record.choose import mapping_for
from intake.values.currency_signs import agreed_currency, currencies_named, money_text
from tests.intake.places import NOW, MakeFile


def read(make_file: MakeFile, header: str, *lines: str) -> tuple[CaseMapping, list[ReadRow]]:
    text = "\n".join([f"loan id;{header}", *(f"L{at};{line}" for at, line in enumerate(lines))])
    table = open_table(make_file("t.csv", text + "\n"))
    mapping = mapping_for(table, "branch-x", None)[1]
    return mapping, list(read_rows(table, mapping, now=NOW))


def sums(rows: list[ReadRow]) -> list[tuple[Decimal, str]]:
    return [(row.submission.amount, row.submission.currency) for row in rows if row.submission is not None]


@pytest.mark.parametrize(
    ("cell", "currency", "amount"),
    [
        ("INR 250,000", "INR", 250_000), ("₹12,50,000", "INR", 1_250_000), ("₹250,000", "INR", 250_000),
        ("Rs.250,000", "INR", 250_000), ("Rs 2,50,000/-", "LKR", 250_000), ("₨250,000", "PKR", 250_000),
        ("RM 25,000.00", "MYR", 25_000), ("RM25,000", "MYR", 25_000), ("MYR25,000", "MYR", 25_000),
        ("AED 25,000", "AED", 25_000), ("KES 250,000", "KES", 250_000), ("KSh 250,000", "KES", 250_000),
        ("₦250,000", "NGN", 250_000), ("₱250,000", "PHP", 250_000), ("฿250,000", "THB", 250_000),
        ("Rp 25.000.000", "IDR", 25_000_000), ("₫25.000.000", "VND", 25_000_000), ("250 000 zł", "PLN", 250_000),
        ("250 000,50 PLN", "PLN", Decimal("250000.50")), ("25’000.00", "CHF", 25_000), ("CHF 25’000.00", "CHF", 25_000),
        ("250 000 kr", "SEK", 250_000), ("R 250,000", "ZAR", 250_000), ("250 000 Kč", "CZK", 250_000),
    ],
)  # fmt: skip
def test_a_sum_beside_its_currency_is_read(make_file: MakeFile, cell: str, currency: str, amount: Decimal) -> None:
    _mapping, rows = read(make_file, "loan_amount;currency", f"{cell};{currency}", f"{cell};{currency}")
    assert sums(rows) == [(Decimal(amount), currency)] * 2
    _mapping, rows = read(make_file, "loan_amount;currency", f"{cell};{currency}", f"{cell};USD")
    if any(map(str.isalpha, cell)) or not cell[0].isdigit():
        assert [(error.field, error.code, error.value) for error in rows[1].errors] == [
            ("loan_amount", "other_currency", cell)
        ]


@pytest.mark.parametrize(
    ("cells", "currency"),
    [
        (("INR 250,000", "INR 300,000"), "INR"), (("₹250,000", "INR 300,000"), "INR"), (("RM 25,000", "30,000"), "MYR"),
        (("₫25.000.000", "₫35.000.000"), "VND"),
    ],
)  # fmt: skip
def test_cells_that_agree_say_the_currency_where_nothing_else_does(
    make_file: MakeFile, cells: tuple[str, ...], currency: str
) -> None:
    _mapping, rows = read(make_file, "loan_amount", *cells)
    assert [named for _amount, named in sums(rows)] == [currency] * 2


@pytest.mark.parametrize(
    ("cells"), [("Rs.250,000", "Rs 300,000"), ("250 000 kr", "300 000 kr"), ("AED 250", "KES 300")]
)
def test_a_sign_that_several_share_and_signs_that_differ_say_none(make_file: MakeFile, cells: tuple[str, ...]) -> None:
    _mapping, rows = read(make_file, "loan_amount", *cells)
    assert [(error.field, error.code, error.value) for row in rows for error in row.errors] == [
        ("loan_amount", "other_currency", cell) for cell in cells
    ]


def test_incomes_are_read_so_too_and_codes_are_no_numbers(make_file: MakeFile) -> None:
    mapping, rows = read(
        make_file, "loan_amount;monthly income;branch;manager;income band",
        "RM 25,000;RM 3,500.50;NOK123;RM 12;R1", "RM 26,000;RM4,000;SEK 001;RM 13;R2",
    )  # fmt: skip
    assert [row.submission.features for row in rows if row.submission] == [
        {"monthly_income": 3500.5, "branch": "NOK123", "manager": "RM 12", "income_band": "R1"},
        {"monthly_income": 4000, "branch": "SEK 001", "manager": "RM 13", "income_band": "R2"},
    ]
    assert mapping.features["monthly_income"].type == "number"


def test_an_amount_of_which_no_cell_can_be_read_is_refused_by_its_cells(make_file: MakeFile) -> None:
    mapping, rows = read(make_file, "loan_amount;age", "confidential;30", "*****;40", ";50")
    assert mapping.fields["amount"].column == "loan_amount"
    assert [[(error.field, error.code, error.value) for error in row.errors] for row in rows] == [
        [("loan_amount", "not_a_number", "confidential")],
        [("loan_amount", "not_a_number", "*****")],
        [("loan_amount", "required", "")],
    ]


def test_what_signs_say() -> None:
    assert currencies_named("₹5") == frozenset({"INR"})
    assert currencies_named("KES 250") == frozenset({"KES"})
    assert currencies_named("KES250") is None
    assert currencies_named("KES250", in_money=True) == frozenset({"KES"})
    assert currencies_named("RM 250") is None
    assert currencies_named("Rs.250", in_money=True) == frozenset({"INR", "PKR", "LKR", "NPR", "MUR", "SCR"})
    assert currencies_named("ALL 250", in_money=True) is None
    assert currencies_named("$250", in_money=True) == currencies_named("$250")
    assert money_text("(Rs. 2,50,000/-)") == "(2,50,000)"
    assert money_text("R12") == "R12"
    assert agreed_currency(["Rs 5", "Rs 6"], in_money=True) == ""


def test_rows_without_numbers_are_told_by_such_cells_as_before(make_file: MakeFile) -> None:
    mapping, _rows = read(make_file, "loan_amount", "5000")
    for text, told in (("KES 250", "kes 250"), ("₹250", "₹250"), ("25’000", "25’000"), ("USD 250", "250")):
        assert plain_text(text, text, mapping.fields["amount"], mapping.zone) == told


@pytest.mark.parametrize("day", ["1/5/25", "2/16/25", "01/05/25", "25-1-5", "5.1.25", "25年1月5日", "1/5/25 10:30"])
def test_a_day_whose_year_has_two_digits_is_asked_for_four(make_file: MakeFile, day: str) -> None:
    _mapping, (row,) = read(make_file, "loan_amount;Application Date", f"5000;{day}")
    (error,) = row.errors
    assert (error.field, error.code, error.value) == ("Application Date", "year_of_two_digits", day)
    assert "write the year with four digits" in error.sentence("en")
    assert "四位数字" in error.sentence("zh-hans")
