"""The desk of the simulated lender: who is handed what, who must sign, and whom a second look finds right.

Nobody overrules the machine alone where the product asks for a second person: an approval against the advice is signed
under every policy (`cases/rules.py`), a decline against it where the policy's table of signatures says so. Whom the
second person does not follow gets the case back, and decides as advised.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench._lender import Cases
from bench._reviewers import Team, in_turn, positions
from bench._sources import PRODUCT
from bench._terms import SECRET
from cases.draws import draw, draws
from learning.bands import BANDS
from learning.early_caution import Views
from learning.reviewer_accuracy import Judged, shrunk
from routing.assignment import Person, WaitingCase, assign
from routing.opinion_first import DRAWN, OPINION, OpinionRules, opinion_causes
from routing.policy import APPROVE, DECLINE, TIER_UNCERTAIN, Routed
from scoring.ml.calibration import sigmoid

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

SECOND_LOOKS: Final = 0.05
RANDOM_SHARE: Final = 0.05
# How many looks a second look comes to, with the supervisor's where two people differ.
LOOKS_A_SECOND: Final = 1.4
# Looks that signatures take for each first look, before the desk has counted its own.
SIGNING_AT_FIRST: Final = 0.3
OPINIONS: Final = OpinionRules(share=0.2, on_high_amounts=True, on_grey_band=True)
# An opinion that the lot alone asked for stands for so many.
DRAWN_WEIGHT: Final = 1.0 / OPINIONS.share


@dataclass(frozen=True)
class Decided:
    """What came of m looks: granted, and how many looks each took (m,)."""

    granted: BoolArray
    looks: IntArray


@dataclass
class Desk:
    """People and what is known of them so far: `judged` counts who was upheld by a second look, `opinions` are those
    given before the score was seen (case, person, band, for how many it stands), `first` and `signing` how many looks
    went into cases and into signatures."""

    cases: Cases
    team: Team
    opinion_first: bool
    by_accuracy: bool
    judged: Counter[tuple[int, bool]] = field(default_factory=Counter)
    opinions: list[tuple[int, int, int, float]] = field(default_factory=list)
    first: int = 0
    signing: int = 0

    @property
    def looks_a_case(self) -> float:
        """How many looks a case takes, signature and second look included."""
        signing = self.signing / self.first if self.first else SIGNING_AT_FIRST
        return 1.0 + signing + SECOND_LOOKS * LOOKS_A_SECOND

    def decide(self, rows: IntArray, log_odds: FloatArray, routed: Routed, looked: IntArray) -> Decided:
        """One week's looks (m,), places in `rows`: handed out, decided, signed, and some of them looked at again."""
        who = self._handed_out(rows, routed, looked)
        chosen, shown = rows[looked], log_odds[looked]
        tiers = zip(chosen.tolist(), routed.tier[looked].tolist(), strict=True)
        opinion = np.array([self._opinion_first(key, tier) for key, tier in tiers], dtype=np.bool_)
        said = self.team.approves(self.cases, chosen, who, shown, positions(who), opinion)
        weight = np.where(routed.tier[looked] == TIER_UNCERTAIN, 1.0, DRAWN_WEIGHT)
        self._keep_opinions(chosen, who, positions(who), weight, opinion)
        looks = np.ones(len(chosen), dtype=np.int64)
        for place in np.flatnonzero(draws(SECRET, "second_look", _keys(chosen)) < SECOND_LOOKS):
            looks[place] += self._look_again(int(chosen[place]), int(who[place]), bool(said[place]), shown[place])
        advised = routed.advice[looked] == APPROVE
        asked = _signatures(routed, looked, said)
        held = ~asked | self._confirmed(chosen, who, said, shown)
        # The signature, and the look of whoever gets the case back.
        looks += asked.astype(np.int64) + ~held
        self.first += len(chosen)
        self.signing += int(asked.sum() + (~held).sum())
        return Decided(np.where(held, said, advised), looks)

    def _confirmed(self, chosen: IntArray, who: IntArray, said: BoolArray, shown: FloatArray) -> BoolArray:
        """Whether somebody else, who sees the model's figure as well, comes to the same (m,)."""
        signer = self._others(chosen, who, "signer")
        nobody = np.zeros(len(chosen), dtype=np.int64)
        view = self.team.approves(self.cases, chosen, signer, shown, nobody, nobody.astype(np.bool_))
        return np.asarray(view == said)

    def _others(self, chosen: IntArray, who: IntArray, arm: str) -> IntArray:
        """Somebody else than `who` (m,) for each case, by lot."""
        step = 1 + (draws(SECRET, arm, _keys(chosen)) * (len(self.team) - 1)).astype(np.int64)
        return np.asarray((who + step) % len(self.team))

    def _opinion_first(self, row: int, tier: int) -> bool:
        if not self.opinion_first:
            return False
        reasons = ["grey_band"] if tier == TIER_UNCERTAIN else []
        drawn = draw(SECRET, OPINION, f"case/{row}")
        causes = opinion_causes(OPINIONS, is_scored=True, is_application=True, reasons=reasons, drawn=drawn)
        return bool(causes) or DRAWN in causes

    def _keep_opinions(
        self, rows: IntArray, who: IntArray, position: IntArray, weight: FloatArray, asked: BoolArray
    ) -> None:
        """The bands that people named who were asked before they saw the score, of those (m,) who were."""
        band = np.searchsorted(BANDS, sigmoid(self.team.own_view(self.cases, rows, who, position)), side="right") + 1
        told = zip(rows[asked].tolist(), who[asked].tolist(), band[asked].tolist(), weight[asked].tolist(), strict=True)
        self.opinions.extend(told)

    def views(self, log_odds: Callable[[IntArray], FloatArray]) -> Views:
        """The opinions so far, with what a model says of their cases (`log_odds` of their places)."""
        told = np.array(self.opinions, dtype=np.float64).reshape(-1, 4)
        rows, person, band = (told[:, each].astype(np.int64) for each in range(3))
        return Views(person, rows, log_odds(rows), band, told[:, 3])

    def _handed_out(self, rows: IntArray, routed: Routed, looked: IntArray) -> IntArray:
        """The person (m,) of each look: by measured accuracy and the lot, or in turn."""
        people = len(self.team)
        if not self.by_accuracy:
            return in_turn(len(looked), people)
        measured = shrunk(
            Judged(one, PRODUCT, self.judged[one, True] + self.judged[one, False], self.judged[one, True])
            for one in range(people)
        )
        staff = [Person(str(one), -(-len(looked) // people), accuracy=measured.get(one, {})) for one in range(people)]
        keys = _keys(rows[looked])
        waiting = [
            WaitingCase(key, int(tier), float(value), PRODUCT)
            for key, tier, value in zip(keys, routed.tier[looked], routed.saving[looked], strict=True)
        ]
        given = {one.case: int(one.person or 0) for one in assign(waiting, staff, SECRET, RANDOM_SHARE)}
        return np.array([given[key] for key in keys], dtype=np.int64)

    def _look_again(self, row: int, first: int, said: bool, shown: float) -> int:
        """A blind second look by somebody else, and a third person's where they differ: it tells who was right, and
        changes nothing about the case. Returns how many looks that took."""
        people = len(self.team)
        if people < 3:
            return 0
        turn = int(draw(SECRET, "second_looker", f"case/{row}") * (people - 1))
        others = [one for one in range(people) if one != first]
        second, third = others[turn], others[(turn + 1) % len(others)]
        view = self._view(row, second, shown)
        one = np.array([row])
        self._keep_opinions(
            one, np.array([second]), np.zeros(1, dtype=np.int64), np.ones(1), np.ones(1, dtype=np.bool_)
        )
        upheld = view if view == said else self._view(row, third, shown)
        for person, opinion in ((first, said), (second, view)):
            self.judged[person, opinion == upheld] += 1
        return 1 + (view != said)

    def _view(self, row: int, person: int, shown: float) -> bool:
        one = np.array([0])
        found = self.team.approves(
            self.cases, np.array([row]), np.array([person]), np.array([shown]), one, np.array([True])
        )
        return bool(found[0])


def _signatures(routed: Routed, looked: IntArray, said: BoolArray) -> BoolArray:
    """Which decisions (m,) a second person must sign: the floor of the product, and the policy's table."""
    against = said & (routed.advice[looked] == DECLINE)
    table = np.where(said, routed.signatures[APPROVE][looked], routed.signatures[DECLINE][looked])
    return np.asarray(against | (table > 0))


def _keys(rows: IntArray) -> list[str]:
    return [f"case/{row}" for row in rows.tolist()]
