"""Rates of interest whose cells leave open whether they are percents or shares, in a table that nobody mapped: 0.41 is
0.41 % a month, 41 % a year, or neither."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from statistics import median
from typing import Final

from intake.case_mapping import CaseMapping, MappingError
from intake.cells import PERCENT_SIGNS, CellError, read_percent, read_to_judge
from intake.given import Given
from intake.header_units import says_percent
from intake.percent_cells import shown_text
from intake.rate_periods import OPEN, YEAR, period_of_rate, told_in
from intake.samples import SampleRow, known_numbers
from intake.traditional import simplified

# Beyond it hardly a loan is legal, and a share that would be more is rather a percent below 1 or a rate by the month.
MOST_A_YEAR: Final = 36
_RATE_OF_INTEREST: Final = re.compile(r"interest_rate(_\d+)?")
# Cells of one column that mean the same differ by less than this factor; percents and shares by a hundred.
_ALIKE: Final = 10
_WITH_UNIT: Final = re.compile(r"[+-]?\d[\d.,]*\s*(\D+)")
_BY_THE_YEAR: Final = re.compile(r"年|annual|yearly|peryear|apr")
_BY_THE_MONTH: Final = re.compile(
    r"[月日天](综合)?(利率|息|费率|化)|(利|费|息)率.{0,3}[月日天]$"
    r"|(monthly|mthly|daily|month|day)(nominal|flat)?(interest)?rate|(monthly|mthly|daily)interest"
    r"|(interest|rate)(monthly|mthly|daily|pm|(in|by|per|a|of)?(the)?(month|day))$"
)


def is_by_the_month(header: str) -> bool:
    """Whether a header says that its rates are by the month or the day: of these percents below 1 are the rule."""
    plain = simplified(unicodedata.normalize("NFKC", header)).casefold()
    key = re.sub(r"[\W_]+", "", plain)
    is_so = bool(_BY_THE_MONTH.search(key)) and not _BY_THE_YEAR.search(key)
    return is_so or period_of_rate(header) not in ("", YEAR, OPEN)


def are_shares_beside(header: str, texts: Sequence[str], mark: str) -> bool:
    """Whether bare numbers below 1 beside percents are shares. Of rates by the month they are so only where they would
    be like the percents: 0.0043 beside 0.43%, and not 0.41."""
    if not is_by_the_month(header):
        return True
    usual, bare = _beside(texts, mark)
    return bool(bare) and all(_is_like(number * 100, usual) for number in bare.values())


def has_share_beside(header: str, texts: Sequence[str], mark: str) -> bool:
    """Whether a bare number below 1 beside percents is unlike them, so that it may be a share: 0.0435 beside 4.35%, and
    not 0.9 beside 8.5%. Of a header that says percent nothing is, and of rates by the month the whole table is asked
    about."""
    if says_percent(header) or is_by_the_month(header):
        return False
    usual, bare = _beside(texts, mark)
    return bool(usual) and any(number < 1 and not _is_like(number, usual) for number in bare.values())


def refuse_open_rates(mapping: CaseMapping, sample: Sequence[SampleRow]) -> None:
    """Raises MappingError for the first column of rates whose bare numbers may be percents or shares, or most of whose
    cells are a rate and its unit or period, which are not read."""
    for name, given in mapping.features.items():
        if given.how != "column":
            continue
        texts = known_numbers([shown_text(row.get(given.column)) for row in sample])
        if given.type == "text" and _RATE_OF_INTEREST.fullmatch(name):
            _refuse_unread(given, texts)
        if given.type in ("percent", "rate") and is_by_the_month(given.column):
            _refuse_unlike(given, texts)
        if given.type == "number" and _RATE_OF_INTEREST.fullmatch(name):
            _refuse_shares_among(given, texts)
        is_guessed = given.type == "rate" or (given.type == "number" and given.scale == 100)
        if is_guessed and _RATE_OF_INTEREST.fullmatch(name):
            _refuse_high(given, texts)


def _refuse_unread(given: Given, texts: Sequence[str]) -> None:
    """Of 435bp, "10.5% p.a." and 1.2%/月 as texts no rule on the rate would be asked. LPR+50bp is no number."""
    unread = [text for text in texts if (found := _WITH_UNIT.fullmatch(text.strip())) and told_in(found[1])]
    if len(unread) * 2 > len(texts):
        raise MappingError("rate_unread", name=given.column, value=unread[0])


def _refuse_unlike(given: Given, texts: Sequence[str]) -> None:
    """Of rates by the month every bare number must be like the percents beside it, as it is read."""
    usual, bare = _beside(texts, given.decimal)
    factor = 100 if given.type == "rate" else 1
    unlike = next((text for text, number in bare.items() if usual and not _is_like(number * factor, usual)), "")
    if unlike:
        signed = next(text for text in texts if text.endswith(PERCENT_SIGNS))
        raise MappingError("rate_mixed", name=given.column, own=signed, bare=unlike)


def _refuse_high(given: Given, texts: Sequence[str]) -> None:
    bare = _bare_numbers(texts, given.decimal)
    shares = {text: number for text, number in bare.items() if 0 < number < 1}
    high = [text for text in texts if shares.get(text, 0) * 100 > MOST_A_YEAR]
    if len(high) * 2 > sum(text in shares for text in texts):
        percent = f"{shares[high[0]] * 100:f}".rstrip("0").rstrip(".")
        raise MappingError("rate_open", name=given.column, value=high[0], percent=percent)


def _refuse_shares_among(given: Given, texts: Sequence[str]) -> None:
    """Bare shares among bare percents: nobody lends at 0.0435 % beside 4.35 % and 6.35 %."""
    bare = _bare_numbers(texts, given.decimal)
    percents = [number for text in texts if (number := bare.get(text, Decimal(0))) > 1]
    if len(percents) * 2 <= sum(text in bare for text in texts):
        return
    # 0.5 % is lent at beside 4.35 %, as a share it would be dearer than all the others.
    usual, most = median(percents), max(percents)
    small = {text: number for text, number in bare.items() if number < 1 and not _is_like(number, usual)}
    share = next((text for text, number in small.items() if min(percents) <= number * 100 <= most), "")
    if share:
        high = next(text for text, number in bare.items() if number == most)
        raise MappingError("share_open", name=given.column, low=share, high=high)


def _beside(texts: Sequence[str], mark: str) -> tuple[Decimal, Mapping[str, Decimal]]:
    """The usual one of the percents with a sign, nought for none, and the bare numbers other than nought."""
    signed = [abs(number) for text in texts if text.endswith(PERCENT_SIGNS) and (number := _percent(text, mark))]
    return (median(signed) if signed else Decimal(0)), _bare_numbers(texts, mark)


def _bare_numbers(texts: Sequence[str], mark: str) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for text in texts:
        try:
            number = Decimal(0) if text.endswith(PERCENT_SIGNS) else abs(read_to_judge(text, mark))
        except CellError:
            continue
        if number:
            found[text] = number
    return found


def _percent(text: str, mark: str) -> Decimal | None:
    try:
        return read_percent(text, mark)
    except CellError:
        return None


def _is_like(number: Decimal, usual: Decimal) -> bool:
    return usual <= number * _ALIKE and number <= usual * _ALIKE
