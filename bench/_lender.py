"""A made-up lender: applicants whose true risk is known, what a source sends of them, and how both change over time.

A case has what the model is told (columns of `values`), something that people see and the model does not, and
something that nobody sees. Its true PD follows from all three. While it fails, a source sends zeros for
income, and with it zeros for every ratio that is worked out from income, as such sources do. Everything random about a
case is drawn once, before anybody decides: every way of lending meets the same applicants, the same outcomes and the
same moods.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scoring.ml.calibration import sigmoid
from scoring.ml.columns import Columns

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

WEEKS: Final = 4
DAYS: Final = 20
# Months before the first: their loans are what the first model learns from.
BEFORE: Final = 12
LGD: Final = 0.6
TERM_MONTHS: Final = 6
NAMES: Final = (
    "bureau", "income", "debts_to_income", "amount_to_income", "job_years", "utilisation", "inquiries", "segment",
)  # fmt: skip
COLUMNS: Final = Columns((False,) * 7 + (True,), (1, -1, 1, 1, -1, 1, 1, 0), ((),) * 8)
INCOME, DEBTS, AMOUNT, SEGMENT = 1, 2, 3, 7
# Salaried, self-employed, newcomers with a thin file, pensioners.
SEGMENT_SHARES: Final = np.array([0.50, 0.20, 0.18, 0.12])
THIN: Final = 2
SOURCES: Final = ("branch", "partner")
FAILING: Final = 1
PARTNER_SHARE: Final = 0.4


@dataclass(frozen=True)
class World:
    """What risk hangs on, in log-odds. `effects` are the slopes of bureau, income (of its logarithm, less is riskier),
    debts, amount, job, utilisation and inquiries, `levels` those of the segments, `crossed` how much bureau and
    utilisation, and debts of the self-employed, matter together. `hidden` is what people see and no model, `thin` times
    as strong for a thin file; `luck` what nobody sees. After the drift slopes and levels move by `effects_move` and
    `levels_move`, and applicants by `mix_move`. Without `fails` no source ever fails."""

    effects: tuple[float, ...]
    levels: tuple[float, ...] = (0.0, 0.3, 0.5, -0.3)
    crossed: float = 0.0
    hidden: float = 0.6
    thin: float = 1.0
    luck: float = 0.5
    effects_move: tuple[float, ...] = (0.0,) * 7
    levels_move: tuple[float, ...] = (0.0,) * 4
    mix_move: float = 0.0
    fails: bool = True
    bad_rate: float = 0.13


WORLDS: Final = {
    "monotone": World(
        effects=(0.7, 0.35, 0.45, 0.35, 0.25, 0.4, 0.25),
        effects_move=(-0.2, 0.15, 0.3, 0.0, 0.0, 0.2, 0.0),
        levels_move=(0.0, 0.5, 0.0, 0.0),
        mix_move=0.3,
    ),
    "crossed": World(
        effects=(0.55, 0.3, 0.4, 0.4, 0.2, 0.35, 0.2),
        crossed=0.35,
        hidden=0.6,
        thin=2.0,
        effects_move=(0.0, 0.0, 0.2, 0.2, 0.0, 0.0, 0.2),
        levels_move=(0.2, 0.0, -0.5, 0.0),
        mix_move=0.5,
    ),
    "turning": World(
        effects=(0.7, 0.4, 0.35, 0.3, 0.4, 0.4, 0.2),
        levels=(0.0, 0.2, 1.2, -0.3),
        effects_move=(-0.3, 0.0, 0.35, 0.0, -0.3, 0.3, 0.0),
        levels_move=(0.3, 0.9, -1.4, 0.0),
    ),
    "calm": World(effects=(0.7, 0.35, 0.45, 0.35, 0.25, 0.4, 0.25), fails=False),
}


@dataclass(frozen=True)
class Calendar:
    """How many months and cases a month, and in which month what changes; a failure that nobody notices is found by
    the monthly report `unnoticed_days` working days later, and a source that was told is mended `mend_days` later."""

    months: int = 24
    cases_a_month: int = 1_000
    unnoticed_days: int = 20
    mend_days: int = 5

    @property
    def mix_moves(self) -> int:
        return round(self.months * 0.25)

    @property
    def risk_moves(self) -> int:
        return round(self.months * 0.375)

    @property
    def failure(self) -> int:
        return round(self.months * 0.6)


@dataclass(frozen=True)
class Cases:
    """n cases in the order in which they came, as arrays (n,) or (n, k): `month` (below 0: before the first), `day` of
    it; `values` as they truly are and `zeroed` as a failing source would send them; `seen_risk` the log-odds as people
    who know all that people can know would put them; `pd` the true one, `bad` what comes of a loan."""

    month: IntArray
    day: IntArray
    source: IntArray
    values: FloatArray
    zeroed: FloatArray
    seen_risk: FloatArray
    pd: FloatArray
    bad: BoolArray
    exposure: FloatArray
    margin: FloatArray
    old_taste: FloatArray
    patience: FloatArray
    tie: FloatArray

    def __len__(self) -> int:
        return len(self.month)

    @property
    def at(self) -> FloatArray:
        """When each came, in months."""
        return self.month + self.day / DAYS

    @property
    def cut_off(self) -> FloatArray:
        """The PD (n,) from which on each is not worth it."""
        return np.asarray(self.margin / (self.margin + LGD))

    @property
    def live(self) -> BoolArray:
        """Those that are decided in the simulation."""
        return self.month >= 0

    def loss(self, approved: BoolArray) -> FloatArray:
        """What each decision (n,) lost: the loan that turned bad, or the margin of a good one that was refused."""
        return np.where(approved, self.bad * LGD, ~self.bad * self.margin) * self.exposure

    def expected_loss(self, approved: BoolArray) -> FloatArray:
        """The same before anybody knows how it ends, by the true PD."""
        return np.where(approved, self.pd * LGD, (1.0 - self.pd) * self.margin) * self.exposure


def drawn(world: World, calendar: Calendar, seed: int) -> Cases:
    """The whole book of a lender, before anybody decided about it."""
    random = np.random.default_rng([seed, 7])
    n = calendar.cases_a_month * (calendar.months + BEFORE)
    month = np.repeat(np.arange(-BEFORE, calendar.months), calendar.cases_a_month)
    day = np.sort(random.integers(0, DAYS, (calendar.months + BEFORE, calendar.cases_a_month)), axis=1).ravel()
    moved = np.where(month >= calendar.mix_moves, world.mix_move, 0.0)
    values, exposure = _applicants(random, n, moved)
    hidden, luck = random.normal(size=(2, n))
    after = month >= calendar.risk_moves
    told_before, told_after = (_told_risk(world, values, late) for late in (False, True))
    thin = np.where(values[:, SEGMENT] == THIN, world.thin, 1.0)
    seen = world.hidden * hidden * thin
    risk = np.where(after, told_after, told_before) + seen + world.luck * luck
    level = _level(risk[month < 0], world.bad_rate)
    pd = sigmoid(risk + level)
    zeroed = values.copy()
    zeroed[:, [INCOME, DEBTS, AMOUNT]] = 0.0
    # What people take for usual changes more slowly than the world: half of the move is noticed.
    believed = np.where(after, (told_before + told_after) / 2, told_before)
    return Cases(
        month=month,
        day=day,
        source=(random.random(n) < PARTNER_SHARE).astype(np.int64),
        values=values,
        zeroed=zeroed,
        seen_risk=believed + seen + level,
        pd=pd,
        bad=random.random(n) < pd,
        exposure=exposure,
        margin=random.uniform(0.06, 0.14, n),
        old_taste=random.normal(size=n),
        patience=random.exponential(10.0, n),
        tie=random.random(n),
    )


def _applicants(random: np.random.Generator, n: int, moved: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What is told of n applicants (n, 8), and what they ask for (n,); `moved` is by how much the mix has moved."""
    common = random.normal(size=n)
    bureau = 0.5 * common + 0.87 * random.normal(size=n) + 0.4 * moved
    income = np.exp(10.9 - 0.2 * common + 0.45 * random.normal(size=n) - 0.2 * moved)
    exposure = np.exp(8.9 + 0.5 * (np.log(income) - 10.9) + 0.7 * random.normal(size=n))
    debts = np.exp(9.3 + 0.3 * common + 0.6 * (np.log(income) - 10.9) + 0.6 * random.normal(size=n))
    job = np.exp(1.2 - 0.2 * common + 0.8 * random.normal(size=n))
    used = 0.4 * common + 0.92 * random.normal(size=n) + moved
    inquiries = random.poisson(np.exp(0.3 + 0.3 * common))
    tilt = random.random(n) < moved * 0.3
    segment = np.where(tilt, THIN, random.choice(4, n, p=SEGMENT_SHARES))
    columns = (bureau, income, debts / income, exposure / income, job, used, inquiries, segment)
    return np.column_stack(columns).astype(np.float64), exposure


def _told_risk(world: World, values: FloatArray, late: bool) -> FloatArray:
    """What the told features add to the log-odds (n,), before or after the drift."""
    standard = np.column_stack(
        [
            values[:, 0],
            -(np.log(values[:, INCOME]) - 10.9) / 0.5,
            (np.log(values[:, DEBTS]) + 1.6) / 0.75,
            (np.log(values[:, AMOUNT]) + 2.0) / 0.75,
            -(np.log(values[:, 4]) - 1.2) / 0.8,
            values[:, 5],
            np.log1p(values[:, 6]) - 0.7,
        ]
    )
    segment = values[:, SEGMENT].astype(np.int64)
    effects, levels = np.array(world.effects), np.array(world.levels)
    if late:
        effects, levels = effects + np.array(world.effects_move), levels + np.array(world.levels_move)
    pairs = standard[:, 0] * standard[:, 5] + (segment == 1) * standard[:, 2]
    result: FloatArray = standard @ effects + levels[segment] + world.crossed * pairs
    return result


def _level(risk: FloatArray, rate: float) -> float:
    """What makes the mean PD of these log-odds (n,) the rate, by halving."""
    low, high = -20.0, 20.0
    for _halving in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if sigmoid(risk + middle).mean() < rate else (low, middle)
    return low
