"""Finds out whether a table writes its decimals with a point or a comma: a property of the file, not of one column."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from intake.header_words.header_units import is_money, percent_scale, says_percent, squeeze, unit_of
from intake.mapped.case_mapping import FIELD_TYPES, CaseMapping
from intake.mapped.derive import COMPUTATIONS
from intake.mapped.given import Given
from intake.mapped.shares import is_kept_in_percent
from intake.recognition.mark_proofs import (
    BY_TEN_THOUSANDS,
    CLEARLY,
    EITHER,
    GROUPED,
    UNGROUPED,
    Numbers,
    count_grouped,
    count_proofs,
    digits_of,
    mark_of,
    numbers_of,
    proof_of,
    proof_of_numbers,
    written_numbers,
)
from intake.values.cells import OPEN_MARK, PERCENT_SIGNS
from intake.values.samples import SampleRow

_RATE = re.compile(r"率|rate|ratio|percent|apr")
# Of which 1,250 may be 1.25, whatever else it is; in basis points nobody writes three decimals.
_RATIO = re.compile(r"率|(占比|比|比例|倍数|ratio|(?<!corpo)rate|multiple|dscr|ltv|growth|percent|percentage)$")
# So many cells tell that a column has three decimals.
_TELLING = 3
_PER_MILLE = Decimal("0.1")
_BASIS_POINT = Decimal("0.01")
_THREE_DECIMALS = re.compile(r"\d{1,3},\d{3}")
# What every text that only a comma can read has: a comma, or two points.
_COULD_PROVE = re.compile(r",|\.[^.\n]*\.")
_NUMERIC = frozenset({"number", "integer", "percent", "rate", "money", "months"})


def decimal_mark(column: str, texts: Sequence[str], *, is_sum: bool = False) -> str:
    """A comma where some numbers can only be read with one and none with a point; else undecided. OPEN_MARK where these
    are few among many that commas may group, or of a column of money (`is_sum`, or so by its header) are not by far the
    most: one 12,5 must not make 6 of each 6,000."""
    counts = count_proofs(texts)
    if set(counts) != {","}:
        return ""
    grouped = count_grouped(texts)
    if not grouped or _are_rates(column, texts):
        return ","
    if is_sum or is_money(column):
        # Where points group, 10.000 would be asked about as well.
        is_comma = counts[","] >= CLEARLY * grouped and any(map(EITHER.fullmatch, map(digits_of, texts)))
    else:
        is_comma = grouped < CLEARLY * counts[","]
    return "," if is_comma else OPEN_MARK


def settle_points(mapping: CaseMapping, columns: Sequence[str], sample_rows: Sequence[SampleRow]) -> CaseMapping:
    """The mapping with the point as the decimal mark of columns that prove it, where it names none and others of their
    cells are refused without one: 1250,000, and of an amount 80.000."""
    amount = mapping.fields.get("amount")
    marks: dict[str, str] = {}
    for column in {*_with_marks(columns, sample_rows), *([amount.column] if amount else ())}:
        texts = written_numbers(column, sample_rows)
        refused = [UNGROUPED, EITHER] if amount and column == amount.column else [UNGROUPED]
        if any(each.fullmatch(digits_of(text)) for each in refused for text in texts) and proof_of(texts) == {"."}:
            marks[column] = "."
    return _with_marks_of(mapping, marks)


def settle_money(mapping: CaseMapping, columns: Sequence[str], sample_rows: Sequence[SampleRow]) -> CaseMapping:
    """The mapping with OPEN_MARK for features of money that may be 80.000 or 80, unless the money of the table, or else
    all its numbers, show a point and no decimal comma: such an amount is refused without that."""
    either = [name for name, given in mapping.features.items() if _is_open_money(given, sample_rows)]
    if not either:
        return mapping
    table = numbers_of(mapping, columns, sample_rows)
    of_money = table.told(money=True)
    # Where commas group sums, a point parts decimals.
    if set(of_money or table.told(money=False)) == {"."} or (table.sums and not of_money):
        return mapping
    opened = {name: replace(mapping.features[name], decimal=OPEN_MARK) for name in either}
    return replace(mapping, features={**mapping.features, **opened})


def _is_open_money(given: Given, sample_rows: Sequence[SampleRow]) -> bool:
    if given.how != "column" or given.type != "number" or given.decimal or given.scale or not is_money(given.column):
        return False
    return any(map(EITHER.fullmatch, written_numbers(given.column, sample_rows)))


def settle_percents(mapping: CaseMapping, columns: Sequence[str], sample_rows: Sequence[SampleRow]) -> CaseMapping:
    """The mapping with the decimal comma of rates of interest, debt to income and use of limits whose every cell has
    three decimals behind one: no loan costs 3,875 %, but 3.875 %. Where a number of the table shows a point, or of a
    few rows, or whose header says another unit, nothing tells. Basis points (1,250) are none of these. Other ratios
    (debt_ratio, a growth of 1,250 %) are open, unless a point shows that commas group."""
    commas: dict[str, bool] = {}
    ratios: set[str] = set()
    for name, given in mapping.features.items():
        is_percent = is_kept_in_percent(name)
        if given.how != "column" or _BASIS_POINT in (given.scale, percent_scale(given.column)):
            continue
        if not is_percent and _RATIO.search(squeeze(given.column)) is None:
            continue
        texts = written_numbers(given.column, sample_rows)
        if texts and all(map(_THREE_DECIMALS.fullmatch, map(digits_of, texts))):
            if is_percent:
                says = given.scale != _PER_MILLE and (says_percent(given.column) or not unit_of(given.column))
                commas[given.column] = says and len(texts) >= _TELLING
            else:
                ratios.add(given.column)
    if not commas and not ratios:
        return mapping
    has_point = any("." in proof_of_numbers(written_numbers(column, sample_rows)) for column in columns)
    marks = {each: "," if tells and not has_point else OPEN_MARK for each, tells in commas.items()}
    return _with_marks_of(mapping, marks if has_point else {**marks, **dict.fromkeys(ratios, OPEN_MARK)})


def settle_marks(mapping: CaseMapping, columns: Sequence[str], sample_rows: Sequence[SampleRow]) -> CaseMapping:
    """The mapping with the decimal mark of every number that does not name one, where some prove a comma.

    The cells that only one mark can read are counted for money and for all others (rates, ratios, codes); a few slips
    among many change nothing. Then, for the columns that prove nothing themselves:

        sums such as 6,000 outnumber all commas   those sums have a point, the others are read by themselves
        points proven, no comma by the amount     each cell is read by itself
        money proves both                         all are open
        else                                      money has a comma, and so have the others where they prove it; where
                                                  they prove a point, or nothing and all are as 1.250, they are open

    Columns that hold numbers rather than text (of spreadsheets) neither prove anything nor need a mark. A column whose
    every comma may group as well is open: a column of codes (1,2) must not make 5 of its 5,000.
    """
    if not any(_may_part(written_numbers(column, sample_rows)) for column in _with_marks(columns, sample_rows)):
        return mapping
    table = numbers_of(mapping, columns, sample_rows)
    of_money, of_others = table.told(money=True), table.told(money=False)
    commas = of_money[","] + of_others[","]
    if not commas:
        return mapping
    if table.sums and sum(table.sums.values()) >= CLEARLY * commas:
        # The few commas that only part decimals refuse their rows here, and are read by themselves in other columns.
        return _with_marks_of(mapping, dict.fromkeys(table.sums, "."))
    amount = mapping.fields.get("amount")
    in_amount = table.counts.get(amount.column) if amount else None
    if (of_money["."] or of_others["."]) and not table.points_group and not (in_amount and in_amount[","]):
        return mapping
    kinds = mark_of(of_money), mark_of(of_others)
    return _with_marks_of(mapping, {column: _mark_beside(column, table, *kinds) for column in table.texts})


def _mark_beside(column: str, table: Numbers, of_money: str, of_others: str) -> str:
    """The mark of a column, beside what money and all other numbers of its table prove."""
    texts, own = table.texts[column], mark_of(table.counts[column])
    if of_money in (".", OPEN_MARK):
        mark = own or OPEN_MARK
    elif column in table.money:
        mark = ","
    elif own or of_others:
        mark = own or ("," if of_others == "," else OPEN_MARK)
    else:
        # 1.250 beside 12.500,50 may be a ratio; where others of its column are 850 it is a count.
        mark = OPEN_MARK if all(map(EITHER.fullmatch, texts)) else ","
    if mark != "," or column in table.of_three:
        return mark
    if column in table.sums:
        return decimal_mark(column, texts, is_sum=True) or OPEN_MARK
    return OPEN_MARK if _is_open(column, texts, table.points_group) else ","


def left_open(mapping: CaseMapping, last: Mapping[str, str], sample_rows: Sequence[SampleRow]) -> CaseMapping:
    """The mapping with the marks of the `last` table by column where this one proves none, OPEN_MARK for a comma: of a
    few rows 80.000 would be 80."""
    texts = {column: written for column in mapping.columns if (written := written_numbers(column, sample_rows))}
    if any(map(proof_of_numbers, texts.values())):
        return mapping
    return _with_marks_of(mapping, {each: mark for each, mark in last.items() if each in texts})


def _with_marks_of(mapping: CaseMapping, marks: Mapping[str, str]) -> CaseMapping:
    fields = {name: _with_mark(given, FIELD_TYPES.get(name, "text"), marks) for name, given in mapping.fields.items()}
    features = {name: _with_mark(given, "", marks) for name, given in mapping.features.items()}
    return replace(mapping, fields=fields, features=features)


def _are_rates(column: str, texts: Sequence[str]) -> bool:
    """Whether a column is one of rates, of which none is 14,390 by thousands; operating income is none."""
    is_named = _RATE.search(squeeze(column)) is not None and not is_money(column)
    return is_named or any(text.endswith(PERCENT_SIGNS) for text in texts)


def _is_open(column: str, texts: Sequence[str], points_group: bool) -> bool:
    """Whether every comma of a column, or all but a few, may group its digits, and nothing else in the file tells that
    none does."""
    if _are_rates(column, texts):
        return False
    if not points_group and decimal_mark(column, texts) == OPEN_MARK:
        return True
    commas = [digits for digits in map(digits_of, texts) if "," in digits]
    if not commas or not all(map(GROUPED.fullmatch, commas)) or "," in proof_of(texts):
        return False
    if not points_group:
        return True
    # Amounts grouped by 万 end in noughts; 7,3750 is a rate.
    return all(BY_TEN_THOUSANDS.fullmatch(digits) and digits.endswith("00") for digits in commas)


def _with_marks(columns: Sequence[str], sample_rows: Sequence[SampleRow]) -> list[str]:
    """The columns that could prove a comma; of most files none, and the thousands of numbers need not be read."""
    return [column for column in columns if _COULD_PROVE.search("\n".join(str(row.get(column)) for row in sample_rows))]


def _may_part(texts: Sequence[str]) -> bool:
    """Whether a comma of these numbers may part decimals where all others of the table are asked."""
    return "," in proof_of_numbers(texts) or any(map(UNGROUPED.fullmatch, map(digits_of, texts)))


def _with_mark(given: Given, kind: str, marks: Mapping[str, str]) -> Given:
    if given.how == "compute" and "decimal" in COMPUTATIONS[given.name][3]:
        told = {marks.get(column, "") for column in given.sources}
        mark = OPEN_MARK if OPEN_MARK in told else "," if told == {","} else ""
        is_named = given.options.get("decimal", OPEN_MARK) != OPEN_MARK
        return given if is_named or not mark else replace(given, options={**given.options, "decimal": mark})
    needs = given.how == "column" and (given.type or kind) in _NUMERIC and given.decimal in ("", OPEN_MARK)
    return replace(given, decimal=marks[given.column]) if needs and given.column in marks else given
