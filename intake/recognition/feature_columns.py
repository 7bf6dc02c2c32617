"""Makes features of the columns that no field claims: a name from the header, a type from the values below it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from intake.header_words import feature_naming, header_units, headers
from intake.header_words.amount_units import cents_scale
from intake.header_words.feature_names import NUMBERS
from intake.header_words.rate_periods import rate_scale, spelled_out
from intake.header_words.stated_zones import OPEN_ZONE, stated_zone
from intake.mapped.case_mapping import CHINA, CaseMapping
from intake.mapped.derive import grade_rank
from intake.mapped.fields import MAX_FEATURE_TEXT, MAX_FEATURES
from intake.mapped.given import Given, Shares, read_cell
from intake.mapped.open_rates import are_no_percents_beside, are_shares_beside, has_ratio_beside, refused_beside
from intake.mapped.shares import are_shares, in_percent
from intake.recognition.date_orders import NO_DAY, PACKED_FORM, are_packed, form_of, order_of
from intake.recognition.decimal_marks import decimal_mark
from intake.recognition.other_rates import in_one_unit
from intake.recognition.written_days import are_days, is_for_ever
from intake.shown.padded_numbers import PaddedNumber
from intake.values.cells import PERCENT_SIGNS, lookup_key, read_number, read_to_judge
from intake.values.currency_signs import money_text
from intake.values.own_patterns import YEARS
from intake.values.percent_cells import shown_text
from intake.values.samples import SampleRow, enough, known, known_numbers, mostly_fit, share
from intake.values.unread_cells import UnreadCell

_LEADING_ZERO = re.compile(r"0\d+")
# What is counted or scored is no code, however many zeros a form shows before it: 评分 075 is 75.
_COUNTED = re.compile(r".*(?:[评得]分|分值|信用分|芝麻分|数|数量|scores?|counts?|days|months|years)")
_PERCENT_MOST = 1_000
_HALF = 0.5
_EMPLOYMENT = {
    "< 1 year": 0, "<1 year": 0, "< 1": 0, "<1": 0, "less than 1 year": 0, "emp_lt_1": 0, "不足1年": 0, "1年以下": 0,
    "10+ years": 10, "10+": 10, "10 + years": 10, "emp_ge_10": 10, "10年以上": 10,
}  # fmt: skip
_VERIFIED = {
    "not verified": "not_verified", "not_verified": "not_verified",
    "source verified": "source_verified", "source_verified": "source_verified", "verified": "verified",
}  # fmt: skip
_SHARE: Final = r"\d+(?:\.\d+)?\s*[%％]"
_BAND: Final = re.compile(
    rf"(?:[<>≤≥]=?|below|above|under|over|less than|more than|低于|高于|小于|大于)\s*{_SHARE}"
    rf"|\d+(?:\.\d+)?\s*[%％]?\s*(?:[-–—~～至到]|to)\s*[<≤]?=?\s*{_SHARE}|{_SHARE}\s*(?:\+|(?:及|含)?以[上下内])",
    re.IGNORECASE,
)


def with_features(mapping: CaseMapping, columns: Sequence[str], sample_rows: Sequence[SampleRow]) -> CaseMapping:
    """The mapping with a feature for every column that it does not name; its type is judged from the sample."""
    features = dict(mapping.features)
    drop = dict(mapping.drop)
    spoken_for = mapping.used_columns | mapping.outcome_columns() | set(drop)
    found: list[tuple[str, str, Given]] = []
    told: dict[str, list[str]] = {}
    for column in columns:
        if column in spoken_for:
            continue
        # What nobody can read says nothing of its column: its rows are refused.
        cells = [cell for row in sample_rows if not isinstance(cell := row.get(column), UnreadCell)]
        # Zeros that a workbook shows before a code are written into a text file.
        texts = [cell.shown if isinstance(cell, PaddedNumber) else shown_text(cell) for cell in cells]
        said = known(texts)
        is_too_long = bool(said) and not mostly_fit(said, MAX_FEATURE_TEXT)
        if len(features) + len(found) >= MAX_FEATURES or is_too_long or _is_no_text(column, sample_rows):
            drop[column] = "not_used"
            continue
        told[column] = texts
        found.append((column, *_feature(column, texts)))
    surest_rate = headers.surest_rate([column for column, usual, _given in found if usual == "interest_rate"])
    for column, usual, given in found:
        name = usual
        number = 2
        while name in features or (name == "interest_rate" and column != surest_rate):
            name = f"{usual}_{number}"
            number += 1
        features[name] = given
    return replace(mapping, features=in_one_unit(features, told), drop=drop, rest_as_features=False)


def _is_no_text(column: str, sample_rows: Sequence[SampleRow]) -> bool:
    """Whether a column holds pictures, keys or other bytes only: its rows are good ones without it. A column of
    formulas without results is none: what they should have told would be missing in silence."""
    cells = [row.get(column) for row in sample_rows]
    filled = [cell for cell in cells if cell is not None]
    return bool(filled) and all(isinstance(cell, UnreadCell) and not cell.stands_for_value for cell in filled)


def _feature(column: str, texts: Sequence[str]) -> tuple[str, Given]:
    """The name of a column as a feature, and how it is read."""
    name = feature_naming.feature_name(spelled_out(column, tuple(known_numbers(texts))))
    if name in _CODED:
        coded = _CODED[name](column, texts)
        # "verification_status" of another lender may hold anything: then it is a feature of its own name.
        name = name if coded or name not in _NEED_CODES else feature_naming.plain_name(column)
        if coded:
            return name, coded
    given = infer_type(column, texts, is_number=name in NUMBERS)
    if given.type == "number":
        scales = (header_units.money_scale(column), rate_scale(column), cents_scale(column))
        given = replace(given, scale=next(filter(None, scales), None))
    return name, _with_shares(name, given, texts)


def infer_type(column: str, texts: Sequence[str], *, is_number: bool = False) -> Given:
    """How a column is read: date, percent, rate, number, flag or text, whichever fits nine of ten of its known values
    (six of ten in a small sample, where one slip weighs more; half of what `is_number` in every table: the rows of
    "confidential" are refused, and not all the others held)."""
    said = known_numbers(texts)
    if not said:
        return Given("column", column=column, type="text")
    if header_units.is_money(column):
        said = [money_text(text) for text in said]
    if all(text.casefold() in ("true", "false") for text in said):
        return Given("column", column=column, type="flag")
    days = [text for text in said if not is_for_ever(text)]
    if form := form_of(days, order_of(days)):
        # Kept in one form, 2026-04-03, so that rules of freshness can read what the mapping understood.
        given = Given("column", column=column, type="date", format=form)
        return _in_its_zone(replace(given, unread="keep") if len(days) < len(said) else given, days)
    if not is_number and are_packed(column, said):
        return Given("column", column=column, type="date", format=PACKED_FORM, missing=NO_DAY)
    if not is_number and are_days(column, said):
        return _in_its_zone(Given("column", column=column, type="date", unread="keep"), said)
    mark = decimal_mark(column, said)
    # The 年% of a column of units is none.
    percents = sum(text.endswith(PERCENT_SIGNS) and any(map(str.isdigit, text)) for text in said)
    bands = sum(map(_is_band, said))
    if bands * 4 >= len(said) and bands * 2 > percents:
        # Of public tables: exact numbers in the middle, and bands below and above.
        return Given("column", column=column, type="text")
    least = _HALF if is_number else enough(said)
    readable = share(said, lambda text: (read_to_judge(text.rstrip("%％‰‱ "), mark), True)) >= least
    bare = [text for text in said if not text.endswith(PERCENT_SIGNS)]
    if percents * 2 >= len(said) or (percents and readable and _are_percents(bare, mark)):
        # A bare 1 may be the whole: its row is refused and says so.
        are_shares = share(bare, lambda text: abs(read_to_judge(text, mark)) <= 1) >= 0.9
        are_shares = are_shares and not header_units.says_percent(column) and are_shares_beside(column, said, mark)
        if are_shares:
            ratios: Shares = "refuse_ratios" if has_ratio_beside(column, said, mark) else ""
            return Given("column", column=column, type="rate", decimal=mark, shares=ratios)
        if are_no_percents_beside(column, said, mark):
            return Given("column", column=column, type="number", decimal=mark, shares="refuse_signed")
        refused = refused_beside(column, said, mark)
        return Given("column", column=column, type="percent", decimal=mark, shares=refused)
    is_counted = _COUNTED.fullmatch(header_units.squeeze(column))
    is_code = (not is_counted and any(map(_LEADING_ZERO.fullmatch, said))) or max(map(len, said)) > 25
    if (is_number or not is_code) and share(said, lambda text: abs(read_to_judge(text, mark)) < 2**53) >= least:
        return Given("column", column=column, type="number", decimal=mark)
    return Given("column", column=column, type="text")


def _is_band(text: str) -> bool:
    """Whether a text is a range of percentages: <20%, 20%-<30%, 5%以下."""
    return _BAND.fullmatch(text) is not None


def _in_its_zone(given: Given, texts: Sequence[str]) -> Given:
    """With the zone that its header states. Where none is sure, a time stays the text it is."""
    zone = stated_zone(given.column, texts, given.format)
    return replace(given, utc_offset=zone, unread="keep") if zone == OPEN_ZONE else replace(given, utc_offset=zone)


def _are_percents(bare: Sequence[str], mark: str) -> bool:
    """Whether numbers without a sign may be percentages, too: a slip among incomes makes none of them."""
    return share(bare, lambda text: abs(read_to_judge(text, mark)) <= _PERCENT_MOST) >= _HALF


def _with_shares(name: str, given: Given, texts: Sequence[str]) -> Given:
    """As percent what is kept in percent and written as shares: 0.1189 for a rate of 11.89 %, 0.85 of a limit used.
    All of a column is: beside 0.35 of an income owed 1.85 is 185 %, and 35.2 refuses its row."""
    if given.type != "number" or given.scale or not are_shares(name, given, texts):
        return given
    return in_percent(name, given)


def _employment(column: str, texts: Sequence[str]) -> Given | None:
    """Years of employment in words: "10+ years", "< 1 year", "3 years"; plain numbers need no such reading."""
    said = known_numbers(texts)
    given = Given(
        "column", column=column, type="integer", values=_EMPLOYMENT, pattern=YEARS, missing=frozenset({"emp_unk"})
    )
    is_plain = share(said, lambda text: (read_number(text), True)) == 1
    fits = share(said, lambda text: (read_cell(given, text, "integer", CHINA), True)) >= enough(said)
    return given if said and fits and not is_plain else None


def _verified(column: str, texts: Sequence[str]) -> Given | None:
    said = known(texts)
    fits = share(said, lambda text: lookup_key(text) in _VERIFIED) >= enough(said)
    return Given("column", column=column, type="text", values=_VERIFIED) if said and fits else None


def _grade(column: str, texts: Sequence[str]) -> Given | None:
    said = known_numbers(texts)
    fits = share(said, lambda text: grade_rank([text], {})) >= enough(said)
    return Given("compute", name="grade_rank", sources=(column,)) if said and fits else None


# Features whose values have a meaning of their own, and how they are read where the column holds these values.
_CODED: dict[str, Callable[[str, Sequence[str]], Given | None]] = {
    "employment_years": _employment,
    "income_verified": _verified,
    "sub_grade": _grade,
}
_NEED_CODES = frozenset({"income_verified"})
