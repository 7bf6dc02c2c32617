"""Which of the cases that the machine declines for their score alone it approves by lot, to learn how they turn out."""

from __future__ import annotations

from typing import Final

import numpy as np

from routing import arms
from routing.facts import DECLINE_BAND, Derived, Facts
from routing.table.columns import BoolArray, FloatArray
from routing.table.evaluate import Hits
from routing.table.tables import APPROVE, WAY, Table
from routing.terms import Terms

BAND: Final = frozenset({"band"})


def declined_by_score_alone(table: Table, hits: Hits) -> BoolArray:
    """Where nothing but the PD's band speaks against a case (n,): no other row declines it or sends it to people, not
    even one that only might hold. A row of the band and something more is a rule of its own."""
    found = np.ones(len(hits.certain), dtype=np.bool_)
    for place, row in enumerate(table.rows):
        if row.outputs[WAY] != APPROVE and {key for key, _cell in row.used} != BAND:
            found &= ~(hits.certain[:, place] | hits.possible[:, place])
    return found


def explored_declines(
    terms: Terms, facts: Facts, derived: Derived, hits: Hits, open_: BoolArray
) -> tuple[BoolArray, FloatArray]:
    """Which of the cases that are open to it (n,) the lot approves within the budget left, and every case's chance."""
    if terms.exploration is None or facts.budget_left is None:
        return np.zeros(len(open_), dtype=np.bool_), np.zeros(len(open_))
    found = arms.explore(
        facts.draws[arms.EXPLORE],
        facts.draws[arms.EXPLORE_ORDER],
        facts.pd,
        derived.lines.cut_off,
        facts.exposure,
        open_ & (derived.band == DECLINE_BAND) & declined_by_score_alone(terms.rules, hits),
        terms.exploration,
        facts.budget_left,
    )
    return found.chosen, found.probability
