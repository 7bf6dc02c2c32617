"""Finds out whether a table writes its decimals with a point or a comma: a property of the file, not of one column."""

import re
from collections.abc import Sequence
from dataclasses import replace

from intake.case_mapping import FIELD_TYPES, CaseMapping
from intake.cells import cell_text, read_percent
from intake.given import Given
from intake.samples import SampleRow, known_numbers, share

_NOT_DIGITS = re.compile(r"[^\d.,]+")
_COMMA_DECIMAL = re.compile(r"\d+,\d{1,2}|0,\d+|\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3}){2,}")
_POINT_DECIMAL = re.compile(
    r"[\d,]*\.(\d{1,2}|\d{4,})|0\.\d+|\d{4,}\.\d+|\d{1,3}(,\d{3})+\.\d+|\d{1,3}(,\d{3}){2,}|\d{1,2}(,\d{2})+,\d{3}"
)
_EITHER = re.compile(r"\D*[1-9]\d{0,2}\.\d{3}\D*")
# What every text that only a comma can read has: a comma, or two points.
_COULD_PROVE = re.compile(r",|\.[^.\n]*\.")
_NUMERIC = frozenset({"number", "integer", "percent", "rate", "money", "months"})


def decimal_mark(texts: Sequence[str]) -> str:
    """A comma where some numbers can only be read with one and none with a point; else undecided."""
    return "," if _proof(texts) == {","} else ""


def settle_amount(mapping: CaseMapping, sample_rows: Sequence[SampleRow]) -> CaseMapping:
    """The mapping with the point as the decimal mark of an amount that names none, where some of its cells can only be
    read with one and others, such as 80.000, with either."""
    amount = mapping.fields.get("amount")
    if amount is None or amount.how != "column" or amount.decimal:
        return mapping
    texts = _written(amount.column, sample_rows)
    if _proof(texts) != {"."} or not any(map(_EITHER.fullmatch, texts)):
        return mapping
    return replace(mapping, fields={**mapping.fields, "amount": replace(amount, decimal=".")})


def settle_marks(mapping: CaseMapping, columns: Sequence[str], sample_rows: Sequence[SampleRow]) -> CaseMapping:
    """The mapping with the comma as the decimal mark of every number that does not name one, where the file proves it.

    The file proves it when some columns of numbers can only be read with a comma and none only with a point. Columns
    that hold numbers rather than text (of spreadsheets) neither prove anything nor need a mark.
    """
    if not any("," in _proof_of_numbers(_written(column, sample_rows)) for column in _with_marks(columns, sample_rows)):
        return mapping
    texts = {column: written for column in columns if (written := _written(column, sample_rows))}
    proofs = {column: _proof_of_numbers(found) for column, found in texts.items()}
    if set().union(*proofs.values()) != {","}:
        return mapping
    fields = {name: _with_comma(given, FIELD_TYPES.get(name, "text"), texts) for name, given in mapping.fields.items()}
    features = {name: _with_comma(given, "", texts) for name, given in mapping.features.items()}
    return replace(mapping, fields=fields, features=features)


def _with_marks(columns: Sequence[str], sample_rows: Sequence[SampleRow]) -> list[str]:
    """The columns that could prove a comma; of most files none, and the thousands of numbers need not be read."""
    return [column for column in columns if _COULD_PROVE.search("\n".join(str(row.get(column)) for row in sample_rows))]


def _proof_of_numbers(texts: Sequence[str]) -> set[str]:
    found = _proof(texts)
    return found if found and _is_number(texts) else set()


def _proof(texts: Sequence[str]) -> set[str]:
    """The marks that some of these numbers can only be read with."""
    digits = [_NOT_DIGITS.sub("", text) for text in texts]
    patterns = ((",", _COMMA_DECIMAL), (".", _POINT_DECIMAL))
    return {mark for mark, pattern in patterns if any(pattern.fullmatch(text) for text in digits)}


def _written(column: str, sample_rows: Sequence[SampleRow]) -> list[str]:
    """The known numbers of a column as they are written; none where the file holds numbers as such."""
    cells = [cell for row in sample_rows if (cell := row.get(column)) is not None]
    if not all(isinstance(cell, str) for cell in cells):
        return []
    return known_numbers([cell_text(cell) for cell in cells])


def _is_number(texts: Sequence[str]) -> bool:
    return share(texts, lambda text: (read_percent(text), True)) >= 0.6


def _with_comma(given: Given, kind: str, texts: dict[str, list[str]]) -> Given:
    if given.how == "compute" and given.name == "percent_of" and "decimal" not in given.options:
        settled = all(column in texts for column in given.sources)
        return replace(given, options={**given.options, "decimal": ","}) if settled else given
    needs = given.how == "column" and (given.type or kind) in _NUMERIC and not given.decimal
    return replace(given, decimal=",") if needs and given.column in texts else given
