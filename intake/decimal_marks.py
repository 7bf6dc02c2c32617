"""Finds out whether a table writes its decimals with a point or a comma: a property of the file, not of one column."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace

from intake.case_mapping import FIELD_TYPES, CaseMapping
from intake.cells import OPEN_MARK, cell_text, read_to_judge
from intake.derive import COMPUTATIONS
from intake.given import Given
from intake.header_units import is_money, squeeze
from intake.samples import SampleRow, known_numbers, share

_NOT_DIGITS = re.compile(r"[^\d.,]+")
_COMMA_DECIMAL = re.compile(r"\d+,\d{1,2}|0,\d+|\d{4,},\d{3}|\d{5,},\d+|\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3}){2,}")
_POINT_DECIMAL = re.compile(
    r"[\d,]*\.(\d{1,2}|\d{4,})|0\.\d+|\d{4,}\.\d+|\d{1,3}(,\d{3})+\.\d+|\d{1,3}(,\d{3}){2,}|\d{1,2}(,\d{2})+,\d{3}"
    r"|\d{1,4}(,\d{4}){2,}"
)
# Each of these is grouped by thousands or ten thousands, or has three or four decimals.
_GROUPED = re.compile(r"[1-9]\d{0,2}(,\d{3})+|[1-9]\d{0,3}(,\d{4})+")
_BY_THOUSANDS = re.compile(r"[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
_THREE_DECIMALS = re.compile(r"\d{4,},\d{3}")
_BY_TEN_THOUSANDS = re.compile(r"[1-9]\d{0,3}(,\d{4})+")
# Where points group, no comma does. A code such as 1,2 looks like a decimal comma, but not like this.
_GROUPED_BY_POINTS = re.compile(r"\d{1,3}(\.\d{3})+,\d+")
_RATE = re.compile(r"率|rate|ratio|percent|apr")
_SIGNS = ("%", "％", "‰")
_EITHER = re.compile(r"\D*[1-9]\d{0,2}\.\d{3}\D*")
# What every text that only a comma can read has: a comma, or two points.
_COULD_PROVE = re.compile(r",|\.[^.\n]*\.")
# 12.a00 proves nothing: a letter between its digits.
_WORD = re.compile(r"\d[.,]?[^\W\d_]+[.,]?\d|\d\.?[A-Za-z]\b")
# So many times more cells must prove one mark than the other.
CLEARLY = 9
_NUMERIC = frozenset({"number", "integer", "percent", "rate", "money", "months"})


def decimal_mark(column: str, texts: Sequence[str], *, is_sum: bool = False) -> str:
    """A comma where some numbers can only be read with one and none with a point; else undecided. OPEN_MARK where these
    are few among many that commas may group, or of a column of money (`is_sum`, or so by its header) are not by far the
    most: one 12,5 must not make 6 of each 6,000."""
    if _proof(texts) != {","}:
        return ""
    grouped, decimals = _grouped(texts), _decimals(texts)
    if not grouped or _are_rates(column, texts) or _have_three_decimals(texts, grouped):
        return ","
    if is_sum or is_money(column):
        # Where points group, 10.000 would be asked about as well.
        is_comma = decimals >= CLEARLY * grouped and any(map(_EITHER.fullmatch, map(_digits, texts)))
    else:
        is_comma = grouped < CLEARLY * decimals
    return "," if is_comma else OPEN_MARK


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


def settle_money(mapping: CaseMapping, columns: Sequence[str], sample_rows: Sequence[SampleRow]) -> CaseMapping:
    """The mapping with OPEN_MARK for features of money that may be 80.000 or 80, where no number of the table can be
    read with one mark alone: such an amount is refused without that."""
    either = [name for name, given in mapping.features.items() if _is_open_money(given, sample_rows)]
    if not either or any(_proof_of_numbers(_written(column, sample_rows)) for column in columns):
        return mapping
    opened = {name: replace(mapping.features[name], decimal=OPEN_MARK) for name in either}
    return replace(mapping, features={**mapping.features, **opened})


def _is_open_money(given: Given, sample_rows: Sequence[SampleRow]) -> bool:
    if given.how != "column" or given.type != "number" or given.decimal or given.scale or not is_money(given.column):
        return False
    return any(map(_EITHER.fullmatch, _written(given.column, sample_rows)))


def settle_marks(mapping: CaseMapping, columns: Sequence[str], sample_rows: Sequence[SampleRow]) -> CaseMapping:
    """The mapping with the comma as the decimal mark of every number that does not name one, where the file proves it.

    The file proves it when some columns of numbers can only be read with a comma and none only with a point; a slip
    among many sums such as 1.500,50 does not count, and where both are many the columns that prove nothing get
    OPEN_MARK. Columns that hold numbers rather than text (of spreadsheets) neither prove anything nor need a mark. A
    column whose every comma may group as well gets OPEN_MARK: a column of codes (1,2) must not make 5 of its 5,000.
    """
    if not any("," in _proof_of_numbers(_written(column, sample_rows)) for column in _with_marks(columns, sample_rows)):
        return mapping
    texts = {column: written for column in columns if (written := _written(column, sample_rows))}
    proofs = {column: _proof_of_numbers(found) for column, found in texts.items()}
    amount = mapping.fields.get("amount")
    sums = _sums_with_commas(amount, texts)
    decimals = sum(_decimals(found) for column, found in texts.items() if proofs[column])
    if sums and sum(_grouped(texts[column]) for column in sums) >= CLEARLY * decimals:
        # The few commas that only part decimals refuse their rows here, and are read by themselves in other columns.
        return _with_marks_of(mapping, dict.fromkeys(sums, "."))
    points_group = not sums and any(_groups_by_points(found) for column, found in texts.items() if proofs[column])
    points: dict[str, str] = {}
    if set().union(*proofs.values()) != {","}:
        in_commas = points_group or (amount is not None and "," in proofs.get(amount.column, ()))
        if not in_commas:
            return mapping
        # A version such as 2.1, or a rate, has its own mark and says nothing of sums.
        own = {column: next(iter(proof)) for column, proof in proofs.items() if len(proof) == 1}
        money = [column for column in texts if (amount and column == amount.column) or is_money(column)]
        if not _are_mostly_commas([text for column in money if proofs[column] for text in texts[column]]):
            return _with_marks_of(mapping, {**dict.fromkeys(texts, OPEN_MARK), **own})
        points = {column: mark for column, mark in own.items() if mark == "." and column not in money}
    marks = {column: OPEN_MARK if _is_open(column, found, points_group) else "," for column, found in texts.items()}
    marks |= {column: decimal_mark(column, texts[column], is_sum=True) or OPEN_MARK for column in sums}
    return _with_marks_of(mapping, marks | points)


def left_open(mapping: CaseMapping, last: Mapping[str, str], sample_rows: Sequence[SampleRow]) -> CaseMapping:
    """The mapping with the marks of the `last` table by column where this one proves none, OPEN_MARK for a comma: of a
    few rows 80.000 would be 80."""
    texts = {column: written for column in mapping.columns if (written := _written(column, sample_rows))}
    if any(map(_proof_of_numbers, texts.values())):
        return mapping
    return _with_marks_of(mapping, {each: mark for each, mark in last.items() if each in texts})


def _with_marks_of(mapping: CaseMapping, marks: Mapping[str, str]) -> CaseMapping:
    fields = {name: _with_mark(given, FIELD_TYPES.get(name, "text"), marks) for name, given in mapping.fields.items()}
    features = {name: _with_mark(given, "", marks) for name, given in mapping.features.items()}
    return replace(mapping, fields=fields, features=features)


def _are_rates(column: str, texts: Sequence[str]) -> bool:
    """Whether a column is one of rates, of which none is 14,390 by thousands."""
    return bool(_RATE.search(squeeze(column))) or any(text.endswith(_SIGNS) for text in texts)


def _groups_by_points(texts: Sequence[str]) -> bool:
    return any(map(_GROUPED_BY_POINTS.fullmatch, map(_digits, texts)))


def _is_open(column: str, texts: Sequence[str], points_group: bool) -> bool:
    """Whether every comma of a column, or all but a few, may group its digits, and nothing else in the file tells that
    none does."""
    if _are_rates(column, texts):
        return False
    if not points_group and decimal_mark(column, texts) == OPEN_MARK:
        return True
    commas = [digits for digits in map(_digits, texts) if "," in digits]
    if not commas or not all(map(_GROUPED.fullmatch, commas)) or "," in _proof(texts):
        return False
    if not points_group:
        return True
    # Amounts grouped by 万 end in noughts; 7,3750 is a rate.
    return all(_BY_TEN_THOUSANDS.fullmatch(digits) and digits.endswith("00") for digits in commas)


def _with_marks(columns: Sequence[str], sample_rows: Sequence[SampleRow]) -> list[str]:
    """The columns that could prove a comma; of most files none, and the thousands of numbers need not be read."""
    return [column for column in columns if _COULD_PROVE.search("\n".join(str(row.get(column)) for row in sample_rows))]


def _sums_with_commas(amount: Given | None, texts: Mapping[str, Sequence[str]]) -> list[str]:
    """The columns of money with cells such as 6,000: hardly any money has three decimals, and then it shows."""
    own = amount.column if amount is not None else ""
    sums = [(column, found, _grouped(found)) for column, found in texts.items() if column == own or is_money(column)]
    return [column for column, found, grouped in sums if grouped and not _have_three_decimals(found, grouped)]


def _grouped(texts: Sequence[str]) -> int:
    return sum(_BY_THOUSANDS.fullmatch(digits) is not None for digits in map(_digits, texts))


def _decimals(texts: Sequence[str]) -> int:
    """How many can only be read with a decimal comma."""
    return sum(_proof([text]) == {","} for text in texts)


def _have_three_decimals(texts: Sequence[str], grouped: int) -> bool:
    """Whether a column is in a currency of three decimals: 1006,350 is no slip beside 600,000."""
    return CLEARLY * sum(_THREE_DECIMALS.fullmatch(digits) is not None for digits in map(_digits, texts)) >= grouped


def _are_mostly_commas(texts: Sequence[str]) -> bool:
    """Whether so many more cells can only be read with a comma that the others are slips; their rows are refused."""
    points = sum(_proof([text]) == {"."} for text in texts)
    return _decimals(texts) >= CLEARLY * points


def _proof_of_numbers(texts: Sequence[str]) -> set[str]:
    found = _proof(texts)
    return found if found and _is_number(texts) else set()


def _proof(texts: Sequence[str]) -> set[str]:
    """The marks that some of these numbers can only be read with."""
    digits = [_digits(text) for text in texts if not _WORD.search(text)]
    patterns = ((",", _COMMA_DECIMAL), (".", _POINT_DECIMAL))
    return {mark for mark, pattern in patterns if any(pattern.fullmatch(text) for text in digits)}


def _digits(text: str) -> str:
    """The digits of a number with their marks, full-width ones as others."""
    return _NOT_DIGITS.sub("", text if text.isascii() else unicodedata.normalize("NFKC", text))


def _written(column: str, sample_rows: Sequence[SampleRow]) -> list[str]:
    """The known numbers of a column as they are written; none where the file holds numbers as such."""
    cells = [cell for row in sample_rows if (cell := row.get(column)) is not None]
    if not all(isinstance(cell, str) for cell in cells):
        return []
    return known_numbers([cell_text(cell) for cell in cells])


def _is_number(texts: Sequence[str]) -> bool:
    return share(texts, lambda text: (read_to_judge(text.rstrip("%％‰ ")), True)) >= 0.6


def _with_mark(given: Given, kind: str, marks: Mapping[str, str]) -> Given:
    if given.how == "compute" and "decimal" in COMPUTATIONS[given.name][3]:
        told = {marks.get(column, "") for column in given.sources}
        mark = OPEN_MARK if OPEN_MARK in told else "," if told == {","} else ""
        is_named = given.options.get("decimal", OPEN_MARK) != OPEN_MARK
        return given if is_named or not mark else replace(given, options={**given.options, "decimal": mark})
    needs = given.how == "column" and (given.type or kind) in _NUMERIC and given.decimal in ("", OPEN_MARK)
    return replace(given, decimal=marks[given.column]) if needs and given.column in marks else given
