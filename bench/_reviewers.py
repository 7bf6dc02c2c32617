"""Made-up reviewers: how well, how evenly and how independently they judge, and what they decide of a case.

The idea is that of OpenL2D (Alves et al. 2024), the code is not. A reviewer puts the log-odds of a case where
everybody who sees what people see would put them on average, plus a lean of their own and noise, and moves from there
towards the model's figure by as much as they depend on it. `bench/_habits.py` measures these four on real people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench._lender import Cases

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# Looks of one sitting after which noise has grown by a reviewer's whole fatigue.
SITTING: Final = 30
# Who has written down an opinion before the model speaks moves so much less (an assumption: cognitive forcing lowers
# over-reliance, Bucinca, Malaya and Gajos 2021, who give no figure on this scale).
AFTER_OPINION: Final = 0.5


@dataclass(frozen=True)
class Habits:
    """People as a whole. Noise and leans are standard deviations in log-odds, `dependence` is the share of the way to
    the model's figure that people go, the `..._spread` standard deviations between people (that of noise: of its
    logarithm), `fatigue` by what share noise grows over a sitting.

    The defaults are what `bench/_habits.py` found (docs/measurements.md), but for `fatigue`: in sittings of thirty
    cases people became a little steadier, not more tired, so that it is set and not measured.
    """

    noise: float = 0.90
    noise_spread: float = 0.26
    lean_spread: float = 0.68
    dependence: float = 0.31
    dependence_spread: float = 0.32
    fatigue: float = 0.20


@dataclass(frozen=True)
class Team:
    """R reviewers: (R,) each, and the noise (n, R) that each would have on each case, whoever hands it out."""

    noise: FloatArray
    lean: FloatArray
    dependence: FloatArray
    fatigue: float
    moods: FloatArray

    def __len__(self) -> int:
        return len(self.noise)

    @classmethod
    def drawn(cls, habits: Habits, people: int, cases: Cases, seed: int) -> Team:
        """People drawn from the habits; leans add up to nothing, for nobody is lenient on the whole."""
        random = np.random.default_rng([seed, 8])
        lean = random.normal(size=people)
        return cls(
            noise=habits.noise * np.exp(habits.noise_spread * random.normal(size=people)),
            lean=habits.lean_spread * (lean - lean.mean()),
            dependence=np.clip(habits.dependence + habits.dependence_spread * random.normal(size=people), 0.0, 1.0),
            fatigue=habits.fatigue,
            moods=random.normal(size=(len(cases), people)),
        )

    def approves(
        self,
        cases: Cases,
        rows: IntArray,
        who: IntArray,
        shown: FloatArray,
        position: IntArray,
        opinion_first: BoolArray,
    ) -> BoolArray:
        """What reviewers `who` (m,) decide of the cases `rows` (m,): `shown` (m,) are the model's log-odds, `position`
        (m,) how many they had seen before in this sitting, `opinion_first` (m,) whether they spoke before it did."""
        own = self.own_view(cases, rows, who, position)
        follows = self.dependence[who] * np.where(opinion_first, AFTER_OPINION, 1.0)
        said = (1.0 - follows) * own + follows * shown
        cut_off = cases.cut_off[rows]
        return np.asarray(said < np.log(cut_off / (1.0 - cut_off)))

    def own_view(self, cases: Cases, rows: IntArray, who: IntArray, position: IntArray) -> FloatArray:
        """Where they would put the log-odds (m,) before they see the model's."""
        tired = 1.0 + self.fatigue * position / SITTING
        result: FloatArray = cases.seen_risk[rows] + self.lean[who] + self.noise[who] * tired * self.moods[rows, who]
        return result


def in_turn(count: int, people: int) -> IntArray:
    """Who sees the 1st, 2nd … of so many cases when they are dealt out in turn."""
    return np.arange(count) % people


def positions(who: IntArray) -> IntArray:
    """How many cases each person had seen before each of these (m,) of one sitting."""
    found = np.zeros(len(who), dtype=np.int64)
    for one in np.unique(who):
        mine = np.flatnonzero(who == one)
        found[mine] = np.arange(len(mine))
    return found
