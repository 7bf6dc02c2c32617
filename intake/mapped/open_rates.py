"""Rates of interest whose cells leave open whether they are percents or shares, in a table that nobody mapped: 0.41 is
0.41 % a month, 41 % a year, or neither."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from statistics import median
from typing import Final

from intake.header_words.header_units import percent_scale, says_percent
from intake.header_words.rate_periods import OPEN, YEAR, period_of_rate, told_in
from intake.mapped.case_mapping import CaseMapping, MappingError
from intake.mapped.given import NO_RATIO, Given, Shares
from intake.values.cells import PERCENT_SIGNS, CellError, read_percent, read_to_judge
from intake.values.percent_cells import shown_text
from intake.values.samples import SampleRow, known_numbers
from intake.values.traditional import simplified

# Beyond it hardly a loan is legal, and a share that would be more is rather a percent below 1 or a rate by the month.
MOST_A_YEAR: Final = 36
_RATE_OF_INTEREST: Final = re.compile(r"interest_rate(_\d+)?")
# Cells of one column that mean the same differ by less than this factor; percents and shares by a hundred.
_ALIKE: Final = 10
# Between a share and a percent lies a hundred: what is a tenth of the others, or nearly so, may be either.
_CLEARLY: Final = 5
_BASIS_POINT: Final = Decimal("0.01")
# 流动比率 and "Current Ratio" are rather multiples.
_NAMES_RATE: Final = re.compile(r"(?<!比)率|占比|比例|(?<!corpo)rates?(?![a-z])|pct|growth|margin|yield")
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
    """Whether bare numbers below 1 beside percents are shares: 0.085 beside 8.5%, and not 0.5 beside 0.6%. Of rates by
    the month they are so only where all would be like the percents: 0.0043 beside 0.43%, and not 0.41."""
    usual, bare = _beside(texts, mark)
    if is_by_the_month(header):
        return bool(bare) and all(_is_like(number * 100, usual) for number in bare.values())
    small = _small(bare)
    clear = [number for number in small if number * 100 <= usual * _CLEARLY]
    # Where most can be but shares the others are, too, unless they are like the percents or far above all shares.
    most = max([_most_of(texts, mark), *(number * 100 for number in clear)])
    others = [number for number in small if number not in clear]
    fits = all(number * _CLEARLY < usual and number * 100 <= most * 2 for number in others)
    return not small or (len(clear) * 2 > len(small) and fits)


def has_share_beside(header: str, texts: Sequence[str], mark: str) -> bool:
    """Whether a bare number below 1 beside percents, which are not all shares, may be one: 0.0435 beside 4.35%, 0.5
    beside 5%, and not 0.5 beside 0.6%. Where other bare numbers are percents, or the header says so, only what is
    unlike the percents may be; of rates by the month the whole table is asked about."""
    if is_by_the_month(header):
        return False
    usual, bare = _beside(texts, mark)
    small = _small(bare)
    if any(number > 1 for number in bare.values()):
        return not says_percent(header) and bool(usual) and any(not _is_like(number, usual) for number in small)
    if says_percent(header):
        least = min(_signed(texts, mark), default=Decimal(0))
        return any(not _is_like(number, usual) and number < least for number in small)
    most = _most_of(texts, mark)
    return any(number * _CLEARLY < usual or number > usual * _ALIKE or number * 100 <= most for number in small)


def has_ratio_beside(header: str, texts: Sequence[str], mark: str) -> bool:
    """Whether a bare number above 1 beside percents may be a share of more than the whole: 1.2 beside 65% and 80%, and
    not beside 12%, nor 9.5 beside 120%. Further above them it may be one only where it is a tenth of the least of them
    or less (1.15 beside 18% to 52%), or where one below 1 is a share. Of a header that says percent only what is below
    all percents may be one."""
    signed, bare = _signed(texts, mark), _bare_numbers(texts, mark).values()
    if not signed or is_by_the_month(header):
        return False
    percents = [*signed, *(number for number in bare if number >= NO_RATIO)]
    usual, least, most = median(percents), min(percents), max(percents)
    below = least if says_percent(header) else NO_RATIO
    has_share = any(number < 1 and number * _ALIKE < usual and least <= number * 100 <= most for number in bare)
    for number in bare:
        if 1 < number < below and number * _ALIKE < usual:
            is_no_percent = number * _ALIKE <= least or has_share
            if number * 100 <= most * (_CLEARLY if is_no_percent else 2):
                return True
    return False


def are_no_percents_beside(header: str, texts: Sequence[str], mark: str) -> bool:
    """Whether the bare numbers beside a few percents are of another unit: multiples (1.5 and 2.1 beside 180%), or basis
    points (250 beside 3.5%), for which the header may say so itself."""
    usual, bare = _beside(texts, mark)
    if not usual or not bare:
        return False
    if percent_scale(header) == _BASIS_POINT:
        return True
    plain = unicodedata.normalize("NFKC", header).casefold()
    is_rate = says_percent(header) or is_by_the_month(header) or _NAMES_RATE.search(simplified(plain))
    are_few = len(_signed(texts, mark)) < sum(text in bare for text in texts)
    return are_few and not is_rate and not any(_is_like(number, usual) for number in bare.values())


def refused_beside(header: str, texts: Sequence[str], mark: str) -> Shares:
    """Which bare numbers of a column of percents may be shares, and refuse their rows."""
    if has_ratio_beside(header, texts, mark):
        return "refuse_ratios"
    return "refuse" if has_share_beside(header, texts, mark) else ""


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
        if (is_guessed or _is_open_beside(given, texts)) and _RATE_OF_INTEREST.fullmatch(name):
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


def _is_open_beside(given: Given, texts: Sequence[str]) -> bool:
    """Whether nothing but percents with a sign says what the bare numbers are."""
    is_told = is_by_the_month(given.column) or says_percent(given.column)
    return given.type == "percent" and not is_told and max(_bare_numbers(texts, given.decimal).values(), default=2) <= 1


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
    signed = _signed(texts, mark)
    return (median(signed) if signed else Decimal(0)), _bare_numbers(texts, mark)


def _signed(texts: Sequence[str], mark: str) -> list[Decimal]:
    return [abs(number) for text in texts if text.endswith(PERCENT_SIGNS) and (number := _percent(text, mark))]


def _most_of(texts: Sequence[str], mark: str) -> Decimal:
    return max(_signed(texts, mark), default=Decimal(0))


def _small(bare: Mapping[str, Decimal]) -> list[Decimal]:
    """The numbers below 1, or else those of 1: beside shares these refuse their rows."""
    small = [number for number in bare.values() if number < 1]
    return small or [number for number in bare.values() if number == 1]


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
