"""The order in which people look at cases, and the same as far as it may be told of a case whose score is hidden."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from routing.facts import Facts
from routing.look_value import LearnedValue, order_in_use, start_rank
from routing.table.columns import FloatArray
from routing.terms import Terms

# The PD, as a share of the cut-off, that stands for the one which may not be told: half of it, so that a blind case has
# the place of a usual case of its amount, neither before all that lie at the cut-off nor behind all that are clear.
UNTOLD_PD: Final = 0.5


def ranks(terms: Terms, facts: Facts, cut_off: FloatArray, margin: FloatArray) -> FloatArray:
    """The order of looks (n,), smallest first: the start order, until a value was learned that beats it. `cut_off` (n,)
    is that of the advice, `margin` (n,) the share of the exposure that a loan earns."""
    learned = _learned(terms)
    if learned is None or order_in_use(learned) == "start":
        return start_rank(facts.pd, cut_off, facts.exposure)
    approves = facts.pd < cut_off
    worth = learned.value(
        facts.pd, cut_off, approves, facts.exposure, facts.doubt, facts.lgd, margin, terms.review_cost
    )
    # What is not known comes first, as in the start order; JSON and the queue's index know no infinity.
    return -np.nan_to_num(worth, nan=np.finfo(np.float64).max)


def blind_ranks(terms: Terms, facts: Facts, cut_off: FloatArray, margin: FloatArray) -> FloatArray:
    """The same order on the same scale, with the PD and the doubt of no case: a place among rows that print their PD
    must not tell that of a row that hides it."""
    learned = _learned(terms)
    doubt = np.full(len(facts), np.mean(learned.doubt_edges) if learned else np.nan)
    return ranks(terms, replace(facts, pd=UNTOLD_PD * cut_off, doubt=doubt), cut_off, margin)


def _learned(terms: Terms) -> LearnedValue | None:
    return LearnedValue.from_dict(terms.learned_value) if terms.learned_value else None
