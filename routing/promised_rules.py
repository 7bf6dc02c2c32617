"""Whom the rules let the machine approve, read on what the evidence of a promise holds: never too few."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from routing.facts import APPROVE_BAND, BAND_WORDS, DECLINE_BAND, GREY_BAND
from routing.promise_evidence import BoolArray, Evidence
from routing.table.columns import Coded, Column, FloatArray
from routing.table.evaluate import evaluate
from routing.table.tables import APPROVE, WAY, Row
from routing.terms import Terms

BAND: Final = "band"
FIGURES: Final = frozenset({"pd", "amount", "amount_above_limit", BAND})


def keeps_to_the_line(terms: Terms) -> bool:
    """Whether the rules let the machine approve below the approval line only: every row that approves asks for the
    band, and nothing is approved for want of a row. (Beyond the places the fallback keeps to a promised line.)"""
    return not _approves_by_default(terms) and all(_asks_for_band(row) for row in terms.rules.rows if _approves(row))


def unread_fields(terms: Terms, evidence: Evidence) -> tuple[str, ...]:
    """The fields that the evidence does not hold, of the rows that approve beyond the line (of all rows where the
    default approves): what they ask is taken as fulfilled, so that more loans count as missed than are."""
    asked = {
        key
        for row in terms.rules.rows
        if _approves_by_default(terms) or (_approves(row) and not _asks_for_band(row))
        for key in row.cells
    }
    return tuple(sorted(asked - _held(evidence)))


def may_approve(terms: Terms, evidence: Evidence) -> BoolArray:
    """Which loans (n,) the machine might approve: by a row whose cells hold as far as the evidence can tell, with no
    other row in its way that holds for certain.

    Nothing that the machine approves is left out, so a bound on the misses among these bounds those of the policy. The
    lots of an exploration are apart, as everywhere in a promise.
    """
    n = len(evidence)
    low, high = _lines(terms, evidence)
    by_line = np.where(evidence.pd < low, APPROVE_BAND, np.where(evidence.pd >= high, DECLINE_BAND, GREY_BAND))
    bands = [by_line.astype(np.int32)]
    if terms.cut_off is None:
        # Each loan's own cut-off may put it between the lines instead, and the evidence does not know it.
        bands.append(np.full(n, GREY_BAND, dtype=np.int32))
    certain, possible = _rows_holding(terms, evidence, bands)
    approved = _approved(terms, certain, possible)
    if terms.capacity is not None and terms.capacity.fallback == "approve":
        approved |= evidence.pd < np.minimum(low, terms.capacity.appetite)
    return approved


def _approved(terms: Terms, certain: BoolArray, possible: BoolArray) -> BoolArray:
    rows, first = terms.rules.rows, terms.rules.hit == "first"
    approves = np.array([_approves(row) for row in rows], dtype=np.bool_)
    approved = np.zeros(len(certain), dtype=np.bool_)
    for place in np.flatnonzero(approves):
        in_the_way = ~approves & (np.arange(len(rows)) < place if first else True)
        approved |= possible[:, place] & ~certain[:, in_the_way].any(axis=1)
    if _approves_by_default(terms):
        approved |= ~certain[:, ~approves].any(axis=1)
    return approved


def _rows_holding(terms: Terms, evidence: Evidence, bands: list[NDArray[np.int32]]) -> tuple[BoolArray, BoolArray]:
    """Of each row (n, rows) whether it holds whichever of the `bands` is the true one, and whether under one of them
    it might. A cell about what is not held is taken as fulfilled, and such a row never as certain."""
    held = _held(evidence)
    rows = terms.rules.rows
    table = replace(
        terms.rules,
        rows=tuple(replace(row, cells={key: cell for key, cell in row.cells.items() if key in held}) for row in rows),
    )
    whole = np.array([held.issuperset(row.cells) for row in rows], dtype=np.bool_)
    certain = np.ones((len(evidence), len(rows)), dtype=np.bool_) & whole
    possible = np.zeros((len(evidence), len(rows)), dtype=np.bool_)
    columns = _columns(terms, evidence)
    for band in bands:
        hits = evaluate(table, terms.kinds.rules, {**columns, BAND: Coded(band, BAND_WORDS)}, len(evidence))
        certain &= hits.certain
        possible |= hits.certain | hits.possible
    return certain, possible


def _lines(terms: Terms, evidence: Evidence) -> tuple[FloatArray, FloatArray]:
    """The approval line and the decline line (n,) of each loan's segment."""
    low, high = np.full(len(evidence), terms.approve_below), np.full(len(evidence), terms.decline_above)
    words = evidence.words(terms.segment_by)
    for name, own in terms.segment_bands.items():
        here = words == name
        low[here], high[here] = own.approve_below, own.decline_above
    return low, high


def _columns(terms: Terms, evidence: Evidence) -> Mapping[str, Column]:
    """What the evidence holds, by field key. Loans in another currency are never the machine's, so that their amounts
    may be read as they are."""
    words: dict[str, Column] = {name: Coded.of(words.tolist()) for name, words in evidence.segments.items()}
    return {
        **words,
        "pd": evidence.pd,
        "amount": evidence.exposure,
        "amount_above_limit": (evidence.exposure > terms.amount_limit).astype(np.float64),
    }


def _held(evidence: Evidence) -> frozenset[str]:
    return FIGURES | frozenset(evidence.segments)


def _approves(row: Row) -> bool:
    return row.outputs[WAY] == APPROVE


def _approves_by_default(terms: Terms) -> bool:
    return terms.rules.default[WAY] == APPROVE


def _asks_for_band(row: Row) -> bool:
    cell = row.cells.get(BAND)
    return cell is not None and cell.op in ("=", "in") and set(cell.operands) == {APPROVE}
