"""Which column says the currency of the loans, by its header or else by its cells."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from intake.header_words.header_units import squeeze, unit_of
from intake.header_words.headers import field_matches, surest_first
from intake.header_words.person_headers import names_somebody
from intake.mapped.case_mapping import CaseMapping, MappingError
from intake.mapped.given import Given
from intake.mapped.header_currencies import currency_in
from intake.shown.shown_numbers import shown_with_unit
from intake.values.cells import cell_text, lookup_key
from intake.values.currencies import KNOWN
from intake.values.currency_signs import currencies_named
from intake.values.currency_words import CONVERTED, FOREIGN, OF_FOREIGN_MONEY, are_currencies, currency_named
from intake.values.percent_cells import shown_text
from intake.values.samples import SampleRow, known, known_numbers, share

# Ranks of CURRENCY_HEADERS; the last are abbreviations.
_OF_THE_LOAN: Final = 0
_MAY_BE_ANOTHER: Final = 1
# Whose currency is not that of the loan.
_OF_ANOTHER: Final = re.compile(
    r"income|salary|wage|collateral|guarant|pledge|deposit|asset|spouse|收入|工资|抵押|质押|押品|担保|保证|存款|资产|配偶"
)

# So many amounts tell what a table writes, and of these so large a part is no slip.
_AMOUNTS_LEAST: Final = 10
_MANY: Final = 0.1
_YEAR_OF_TAIWAN: Final = re.compile("民[国國]")


def currency_column(
    columns: Sequence[str], samples: Mapping[str, Sequence[str]], amount: Given | None, by_values: bool = True
) -> dict[str, Given]:
    """The field of the loans' currency, where a column tells it. Beside an `amount` whose header names one only a
    column that is surely of the loan counts, and without `by_values` only headers tell. Where its cells say the same as
    that header, rows behind the first ones that say another are refused.

    A column that is called so is taken though its cells are not understood: each row then says so. Abbreviations such
    as "cur" must be confirmed by half of their cells.
    """
    named = _named_in(amount.column) if amount is not None else ""
    for column in surest_first("currency", columns):
        rank, texts = field_matches("currency", column), known(samples[column])
        is_sure = rank == _OF_THE_LOAN or (rank == _MAY_BE_ANOTHER and not named)
        if texts and (is_sure or (not named and share(texts, currency_named) >= 0.5)):
            agreed = bool(named) and {*map(currency_named, texts)} == {named}
            values = {lookup_key(text): named for text in (*texts, named)} if agreed else {}
            return {"currency": Given("column", column=column, values=values, other="refuse" if values else "keep")}
    told = [] if named or not by_values else _by_cells(columns, samples)
    return {"currency": Given("column", column=told[0])} if told else {}


def refuse_open_currency(mapping: CaseMapping, sample: Sequence[SampleRow]) -> None:
    """Raises MappingError where two columns alike name different currencies for one row, where the column of the
    currency names another one than the header of the amount or is that of foreign money beside an amount that need not
    be, where only one that is of something else, as of an income, names another one than the loans are taken to be in,
    where so many amounts are of another one that the bare ones beside them may be, too,
    or where the days are of a calendar of Taiwan and nothing says that the money is not."""
    currency = mapping.fields.get("currency")
    if currency is None:
        return
    _refuse_other_than_header(mapping, currency, sample)
    _refuse_foreign(mapping, currency)
    _refuse_years_of_taiwan(mapping, currency, sample)
    free = [given.column for given in mapping.features.values() if given.how == "column"]
    texts = {column: [cell_text(row.get(column)) for row in sample] for column in [*free, *currency.columns]}
    if currency.how == "column":
        rank, first = field_matches("currency", currency.column), texts[currency.column]
        alike = _by_cells(free, texts) if rank is None else [c for c in free if field_matches("currency", c) == rank]
        for column in alike:
            for one, other in zip(first, texts[column], strict=True):
                if one and other and currency_named(one) != currency_named(other):
                    raise MappingError("currencies_differ", name=currency.column, value=one, other=column, said=other)
    elif currency.how == "default":
        _refuse_amounts_beside_foreign(mapping, str(currency.value), sample)
        for column in free:
            if not are_currencies(known(texts[column])):
                continue
            for text in known(texts[column]):
                if currency_named(text) not in ("", currency.value):
                    raise MappingError("currency_open", name=column, value=text, currency=str(currency.value))


def _refuse_amounts_beside_foreign(mapping: CaseMapping, taken: str, sample: Sequence[SampleRow]) -> None:
    """Where $50,000 stands in every third row, 30,000 beside it is hardly of yuan. A few are slips, and their rows are
    refused alone."""
    amount = mapping.fields.get("amount")
    if amount is None or _named_in(amount.column):
        return
    cells = [row.get(amount.column) for row in sample]
    texts = known_numbers([shown_with_unit(cell, shown_text(cell)) for cell in cells])
    named = [(text, currencies_named(text, in_money=True)) for text in texts]
    foreign = [text for text, codes in named if codes and taken not in codes]
    if len(texts) >= _AMOUNTS_LEAST and len(foreign) >= _MANY * len(texts):
        raise MappingError("currency_open", name=amount.column, value=foreign[0], currency=taken)


def _refuse_other_than_header(mapping: CaseMapping, currency: Given, sample: Sequence[SampleRow]) -> None:
    """What stands under 贷款金额(折人民币) beside USD is no sum of dollars."""
    amount = mapping.fields.get("amount")
    named = _named_in(amount.column) if amount is not None else ""
    if amount is None or not named or currency.how != "column":
        return
    for text in known([cell_text(row.get(currency.column)) for row in sample]):
        if currency_named(text) not in ("", named):
            raise MappingError(
                "amount_other_currency", name=amount.column, named=named, other=currency.column, said=text
            )


def _refuse_foreign(mapping: CaseMapping, currency: Given) -> None:
    """50,000 under 贷款金额 beside 外币金额 7,000 and 币种 USD are yuan, and so are those under 金额(本币)."""
    amount = mapping.fields.get("amount")
    if amount is None or currency.how != "column":
        return
    if OF_FOREIGN_MONEY.search(amount.column) or _named_in(amount.column):
        return
    others = [given.column for _name, given in mapping.numbers if OF_FOREIGN_MONEY.search(given.column)]
    if others or FOREIGN.search(currency.column) or CONVERTED.search(amount.column):
        other = (others or [currency.column])[0]
        raise MappingError("amount_foreign", name=amount.column, other=other, column=currency.column)


def _refuse_years_of_taiwan(mapping: CaseMapping, currency: Given, sample: Sequence[SampleRow]) -> None:
    amount, applied = mapping.fields.get("amount"), mapping.fields["applied_at"]
    if amount is None or currency.how == "column" or _named_in(amount.column):
        return
    dates = [cell_text(row.get(column)) for row in sample for column in applied.columns]
    if found := next(filter(_YEAR_OF_TAIWAN.search, dates), ""):
        raise MappingError("currency_of_years", name=applied.column, value=found, amount=amount.column)


def _named_in(header: str) -> str:
    """The currency that the header of an amount names, "" for none: a bare 元 does not."""
    code = unit_of(header).upper()
    return currency_in(header) or (code if code in KNOWN else "")


def _by_cells(columns: Collection[str], samples: Mapping[str, Sequence[str]]) -> list[str]:
    """The columns of currencies whose header says neither that nor of what else they are."""
    nameless = [column for column in columns if field_matches("currency", column) is None]
    # Bob is no boliviano.
    nameless = [column for column in nameless if not names_somebody(column)]
    of_loans = [column for column in nameless if not _OF_ANOTHER.search(squeeze(column))]
    return [column for column in of_loans if are_currencies(known(samples[column]))]
