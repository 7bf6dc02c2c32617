"""Bad cells and bad rows in text files: each is refused by field and reason, and its neighbours come in."""

from __future__ import annotations

from typing import Final

from tests.intake.dirt.kinds import HEADER, Dirt, among_good, as_text, cell, lines, refs, row

TWENTY: Final = [row(number) for number in range(1, 21)]

CELLS: Final = (
    cell("amount", "abc", "not_a_number", "a word as amount"),
    cell("amount", "", "required", "no amount"),
    cell("amount", "0", "not_positive", "an amount of nothing"),
    cell("amount", "-5000", "not_positive", "a negative amount"),
    cell("amount", "(5000)", "not_positive", "an amount in brackets, as accountants write a loss"),
    cell("amount", "5000.123", "too_many_decimals", "tenths of a cent"),
    cell("amount", "9" * 14, "too_many_digits", "an amount beyond all sense"),
    cell("amount", "Infinity", "not_a_number", "an infinite amount"),
    cell("amount", "1e400", "not_a_number", "a number no computer holds"),
    cell("amount", "#REF!", "not_a_number", "an error of a spreadsheet"),
    cell("amount", "=1+1", "not_a_number", "a formula as text"),
    cell("amount", "01.02.2024", "not_a_number", "a date in the place of an amount"),
    cell("amount", "5000元整5", "not_a_number", "words in an amount"),
    cell("currency", "XXX", "not_a_currency", "a currency that is none"),
    cell("currency", "三块", "not_a_currency", "a currency as it is spoken"),
    cell("term", "0", "out_of_range", "a term of no month"),
    cell("term", "1000", "out_of_range", "a term of eighty years"),
    cell("term", "soon", "not_a_duration", "a term in words"),
    cell("term", "24.5", "not_an_integer", "half a month"),
    cell("applied", "2999-01-01", "in_the_future", "an application in the future"),
    cell("applied", "2025-02-30", "not_a_date", "the 30th of February"),
    cell("applied", "0000-00-00", "not_a_date", "the date of a database that knows none"),
    cell("applied", "1899-12-31", "too_early", "the first day of a spreadsheet program"),
    cell("applied", "yesterday", "not_a_date", "a date in words"),
    cell("id", "R-" + "9" * 200, "too_long", "a reference without an end"),
    cell("id", "", "required", "no reference"),
    cell("id", "R-3", "reference_reused", "the reference of another row"),
    cell("annual_income", "a lot", "not_a_number", "a word among numbers"),
)
ROWS: Final = (
    among_good(22, "R-21,consumer,5021", ("row", "too_few_cells"), name="a row that ends early"),
    among_good(22, row(21) + ",1,2", ("row", "too_many_cells"), name="a row that goes on"),
    among_good(22, row(21, product='"consumer'), ("row", "broken_quotes"), name="a quotation mark that never closes"),
    among_good(22, row(21, amount="5,021"), ("row", "too_many_cells"), name="a thousands mark that is the separator"),
    among_good(22, "Total,,105210,,,,", ("id", "row_of_totals"), name="a line of totals"),
    among_good(22, row(21, id="本页合计："), ("id", "row_of_totals"), name="a line of totals that looks like a loan"),
    among_good(22, row(21, amount="x", term="y"), ("amount", "not_a_number"), ("term", "not_a_duration"),
               name="two bad cells in one row"),
    Dirt("a half-written file", as_text(lines(*TWENTY) + "R-21,consumer,50"), refs(1, 20),
         {22: [("row", "too_few_cells")]}),
    Dirt("a NUL in a cell", as_text(lines(*TWENTY, row(21, id="R-\x0021"), row(22))),
         [*refs(1, 20), "R-22"], {22: [("id", "forbidden_character")]}),
)  # fmt: skip
# What looks bad and is not: it is understood, and nothing is refused.
UNDERSTOOD: Final = (
    *(
        Dirt(name, as_text(lines(*TWENTY, row(21, **{column: value}))), refs(1, 21))
        for name, column, value in (
            ("an amount with a thousands mark in quotes", "amount", '"5,021.00"'),
            ("an amount in ten thousands", "amount", "1.2万"),
            ("an amount with its sign", "amount", "￥5021"),
            ("an amount in full-width digits", "amount", "５０２１"),
            ("an amount with blanks around it", "amount", "  5021  "),
            ("an amount with a no-break space", "amount", "\u00a05021"),
            ("a date in Chinese", "applied", "2025年1月5日"),
            ("a date without marks", "applied", "20250105"),
            ("a serial number of a spreadsheet", "applied", "45662"),
            ("a term in Chinese", "term", "24个月"),
            ("a term in years", "term", "2年"),
            ("a currency by its name", "currency", "人民币"),
            ("a currency in small letters", "currency", "cny"),
            ("an income that is not known", "annual_income", "NaN"),
            ("an income with its unit", "annual_income", "6万"),
            ("a cell in quotes with quotes", "id", '"R-21"'),
        )
    ),
    Dirt("a line break inside a cell", as_text(lines(*TWENTY, row(21, product='"consumer\n"'), row(22))), refs(1, 22)),
    Dirt("blank lines between rows", as_text("\n\n".join(lines(*TWENTY).split("\n"))), refs(1, 20)),
    Dirt("rows that are blank but for separators", as_text(lines(*TWENTY, ",,,,,,", row(21))), refs(1, 21)),
    Dirt("a separator too much at each end", as_text(lines(*(f"{each}," for each in TWENTY), header=f"{HEADER},")),
         refs(1, 20)),
    Dirt("a line that names the separator", as_text("sep=,\n" + lines(*TWENTY)), refs(1, 20)),
    Dirt("a title above the header", as_text("Loans of branch 1\n\n" + lines(*TWENTY)), refs(1, 20)),
    Dirt("lines that end as on old machines", as_text(lines(*TWENTY, end="\r")), refs(1, 20)),
    Dirt("lines that end in two ways", as_text(lines(*TWENTY[:10], end="\r\n") + "\n".join(TWENTY[10:])), refs(1, 20)),
    Dirt("headers in other cases", as_text(lines(*TWENTY, header=HEADER.upper().replace(",", " , "))), refs(1, 20)),
)  # fmt: skip
