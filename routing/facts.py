"""What the policy knows of n cases, as arrays, and the fields that follow from a version's own dials and lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing.fields import INCOME, RISK_BANDS
from routing.table.columns import BoolArray, Coded, Column, FloatArray, word_of
from routing.terms import Terms

BAND_WORDS = ("approve", "grey", "decline")
APPROVE_BAND, GREY_BAND, DECLINE_BAND = range(3)
# Fields that are money in the case's own currency.
MONEY: Final = frozenset({"amount", INCOME.key})


@dataclass(frozen=True)
class Facts:
    """n cases. `key` names each in the random draws; `columns` are the fields of `routing/fields.py` that come from
    case and model; `in_currency` says of each case whether its money is in the policy's currency.

    `pd`, `doubt`, `cut_off` (the loan's own), `exposure`, `lgd`, `rate` (percent a year), `term_months` and `debts`
    (what other debts take of the yearly income, a fraction of one) are (n,), NaN where unknown. `draws` holds the
    uniform draw (n,) of each random arm. `places_left` are the places that people have today (None: as many as come),
    on each `day` (n,) where cases of several days are routed at once; `budget_left` is what exploration may spend.
    """

    key: Sequence[str]
    columns: Mapping[str, Column]
    pd: FloatArray
    doubt: FloatArray
    cut_off: FloatArray
    exposure: FloatArray
    lgd: FloatArray
    rate: FloatArray
    term_months: FloatArray
    debts: FloatArray
    applicant: Coded
    in_currency: BoolArray
    monitoring: BoolArray
    explained: BoolArray
    draws: Mapping[str, FloatArray]
    places_left: int | None = None
    budget_left: float | None = None
    day: NDArray[np.int32] | None = None

    def __len__(self) -> int:
        return len(self.key)


def comparable(facts: Facts) -> dict[str, Column]:
    """The columns as rules may compare them: an amount in another currency than the policy's is none."""
    columns = dict(facts.columns)
    for key, column in facts.columns.items():
        if key in MONEY and not isinstance(column, Coded):
            columns[key] = np.where(facts.in_currency, column, np.nan)
    return columns


@dataclass(frozen=True)
class Lines:
    """The PDs (n,) that decide about each case: approve below, decline from on, and the cut-off of the advice; and
    the `segment` whose lines they are, -1 for everybody's."""

    approve_below: FloatArray
    decline_above: FloatArray
    cut_off: FloatArray
    segment: NDArray[np.int32]
    segments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Derived:
    """`band` (n,) 0 approve, 1 grey, 2 decline, -1 unknown; the derived `columns` by field key."""

    lines: Lines
    band: NDArray[np.int32]
    columns: dict[str, Column] = field(default_factory=dict)


def lines_of(terms: Terms, facts: Facts) -> Lines:
    """The lines of each case: its segment's or everybody's, never on the wrong side of its own economics.

    Where the advice turns at each loan's own cut-off t, the machine approves below the lower of its line and t, and
    declines from the higher of its line and t on: no promise and no dial makes it take a loan that is not worth it.
    Caution lowers all of them.
    """
    n = len(facts)
    segments = tuple(terms.segment_bands)
    place = _segments(terms, facts, segments)
    bands = [*terms.segment_bands.values(), terms.bands]
    low = np.array([one.approve_below for one in bands])[place]
    high = np.array([one.decline_above for one in bands])[place]
    # Whose segment is not known may be of the strictest: it has no lines, and people look.
    lost = _without_segment(terms, facts)
    low, high = np.where(lost, np.nan, low), np.where(lost, np.nan, high)
    low, high = lowered(low, terms.caution), lowered(high, terms.caution)
    if terms.cut_off is not None:
        return Lines(low, high, lowered(np.full(n, terms.cut_off), terms.caution), place, segments)
    # An unknown cut-off leaves both lines unknown, and people look.
    own = lowered(facts.cut_off, terms.caution)
    return Lines(np.minimum(low, own), np.maximum(high, own), own, place, segments)


def lowered(line: FloatArray, caution: float) -> FloatArray:
    """The PDs that a model too hopeful by `caution` log-odds must be held to in the place of these lines (n,); without
    caution the lines themselves, to the last digit."""
    if not caution:
        return line
    odds = np.exp(-caution) * line
    result: FloatArray = odds / (odds + 1.0 - line)
    return result


def derive(terms: Terms, facts: Facts, over_limit: FloatArray) -> Derived:
    """The derived fields of n cases; `over_limit` (n,) is 1, 0 or NaN where the limit is unknown."""
    lines = lines_of(terms, facts)
    pd = facts.pd
    known = ~(np.isnan(pd) | np.isnan(lines.approve_below) | np.isnan(lines.decline_above))
    band = np.where(
        pd < lines.approve_below, APPROVE_BAND, np.where(pd >= lines.decline_above, DECLINE_BAND, GREY_BAND)
    )
    band = np.where(known, band, -1).astype(np.int32)
    amount = np.where(facts.in_currency, facts.exposure, np.nan)
    return Derived(
        lines,
        band,
        {
            "band": Coded(band, BAND_WORDS),
            "doubtful": _marked(facts.doubt, facts.doubt > terms.doubt_limit),
            "amount_above_limit": _marked(amount, amount > terms.amount_limit),
            "blacklisted": _listed(facts.applicant, terms.lists.get("blacklist", ())),
            "industry_list": _industry_list(terms, facts),
            "over_limit": over_limit,
        },
    )


def risk_band(points: FloatArray) -> Coded:
    """The risk band A to E of score points (n,)."""
    words = (*(band for band, _least in RISK_BANDS), "E")
    codes = np.full(len(points), len(RISK_BANDS), dtype=np.int32)
    for place in reversed(range(len(RISK_BANDS))):
        codes[points >= RISK_BANDS[place][1]] = place
    codes[np.isnan(points)] = -1
    return Coded(codes, words)


def _segments(terms: Terms, facts: Facts, segments: Sequence[str]) -> NDArray[np.int32]:
    """The place of each case's segment in `segments`, -1 for none; -1 also picks the last of a list."""
    column = facts.columns.get(terms.segment_by) if terms.segment_by else None
    if not isinstance(column, Coded) or not segments:
        return np.full(len(facts), -1, dtype=np.int32)
    places = {word_of(name): place for place, name in enumerate(segments)}
    lookup = np.array([*(places.get(word, -1) for word in column.words), -1], dtype=np.int32)
    return lookup[column.codes]


def _without_segment(terms: Terms, facts: Facts) -> BoolArray:
    """Where there are lines of segments (n,), and the case's segment is missing."""
    if not terms.segment_by or not terms.segment_bands:
        return np.zeros(len(facts), dtype=np.bool_)
    column = facts.columns.get(terms.segment_by)
    if not isinstance(column, Coded):
        return np.ones(len(facts), dtype=np.bool_)
    return np.array([*(not word for word in column.words), True])[column.codes]


def _marked(known: FloatArray, holds: BoolArray) -> FloatArray:
    result: FloatArray = np.where(np.isnan(known), np.nan, holds.astype(np.float64))
    return result


def _listed(column: Coded, words: Sequence[str]) -> FloatArray:
    """1 where the word is on the list, 0 where not, NaN where it is missing and there is a list to be on."""
    if not words:
        return np.zeros(len(column))
    on = frozenset(map(word_of, words))
    lookup = np.array([*(float(word in on) for word in column.words), np.nan])
    result: FloatArray = lookup[column.codes]
    return result


def _industry_list(terms: Terms, facts: Facts) -> Coded:
    column = facts.columns.get("industry")
    words = ("none", "watch", "red")
    n = len(facts)
    if not (terms.lists.get("industry_watch") or terms.lists.get("industry_red")):
        return Coded(np.zeros(n, dtype=np.int32), words)
    if not isinstance(column, Coded):
        return Coded(np.full(n, -1, dtype=np.int32), words)
    watch = _listed(column, terms.lists.get("industry_watch", ()))
    red = _listed(column, terms.lists.get("industry_red", ()))
    codes = np.where(red == 1, 2, np.where(watch == 1, 1, 0))
    return Coded(np.where(column.codes < 0, -1, codes).astype(np.int32), words)
