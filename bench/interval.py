"""How often the interval of a PD holds what is true, on made-up loans whose PD is known.

Five worlds: a plain line, bent and stepped effects, interactions, segments with slopes of their own, and a floor of bad
loans that no score foresees, so that no smooth calibration fits. In each a champion is trained on books of three sizes,
with the three bad rates taking turns (`--every`: each size with each rate), and once on a large book; each is asked
about 20,000 new loans. Of hundredths of these in order of score, `mean` is the share whose mean true PD lies in the
interval; of single loans, `single` is the share whose own true PD does. `half_width` is the median of half the interval
over the PD.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench._ground import report, say
from scoring.ml.calibration import sigmoid
from scoring.ml.columns import Columns
from scoring.ml.pd_interval import PdInterval
from scoring.ml.training import train

FloatArray = NDArray[np.float64]

NEW_LOANS = 20_000
PARTS = 100
SIZES = (1_000, 3_000, 10_000)
RATES = (0.03, 0.10, 0.30)
# One book of a large lender; the world is one in which single loans differ much from others of their score.
LARGE = ("segments", 30_000, 0.10)
SEGMENT_LEVELS = np.array([-0.6, 0.0, 0.3, 0.6, -0.2])
SEGMENT_SLOPES = np.array([1.2, 0.3, 0.8, 0.1, 0.6])
# Of the floor: how many of the usual bads are unforeseeable, and how far the PD rises at most.
UNFORESEEN: Final = 0.3
CEILING: Final = 0.75
COLUMNS = Columns((False,) * 10 + (True,), (0,) * 11, ((),) * 11)


def bent(z: FloatArray, code: NDArray[np.int64]) -> FloatArray:
    smooth = 0.9 * np.abs(z[:, 0]) + 0.5 * np.tanh(2 * z[:, 2]) + 0.5 * np.maximum(z[:, 3], 0) + 0.3 * z[:, 4]
    return np.asarray(smooth + 0.8 * (z[:, 1] > 1) + 0.4 * (code == 2))


def crossed(z: FloatArray, code: NDArray[np.int64]) -> FloatArray:
    pairs = 0.6 * z[:, 0] * z[:, 2] + 0.5 * z[:, 3] * (z[:, 4] > 0)
    return np.asarray(pairs + 0.5 * z[:, 0] + 0.5 * z[:, 1] + 0.4 * z[:, 5])


def segments(z: FloatArray, code: NDArray[np.int64]) -> FloatArray:
    slope = SEGMENT_SLOPES[code]
    return np.asarray(SEGMENT_LEVELS[code] + slope * z[:, 0] + 0.5 * z[:, 1] + (1 - slope) * z[:, 2] + 0.3 * z[:, 3])


WORLDS: dict[str, Callable[[FloatArray, NDArray[np.int64]], FloatArray]] = {
    "plain": lambda z, code: z[:, :5] @ np.array([0.7, 0.5, 0.5, 0.4, 0.3]),
    "bent": bent,
    "crossed": crossed,
    "segments": segments,
    "floor": lambda z, code: z[:, :4] @ np.array([1.3, 1.04, 0.78, 0.65]),
}


def drawn(world: str, size: int, rate: float, seed: int) -> tuple[FloatArray, FloatArray]:
    """Values (size, 11), of which eight columns lack a twentieth, and true PDs (size,) of about this mean."""
    random = np.random.default_rng(seed)
    z = random.normal(size=(size, 10))
    z[:, 1] = 0.6 * z[:, 0] + 0.8 * z[:, 1]
    code = random.integers(0, 5, size)
    low, high = (UNFORESEEN * rate, CEILING) if world == "floor" else (0.0, 1.0)
    raw = WORLDS[world](z, code)
    pd = low + (high - low) * sigmoid(raw + _level(raw, (rate - low) / (high - low)))
    values = np.column_stack([z, code])
    values[:, 2] = np.exp(z[:, 2])
    values[:, 3] = np.round(np.maximum(1.5 * z[:, 3] + 2, 0))
    values[:, 2:10][random.random((size, 8)) < 0.05] = np.nan
    return values, pd


def _level(raw: FloatArray, rate: float) -> float:
    low, high = -20.0, 20.0
    for _halving in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if sigmoid(raw + middle).mean() < rate else (low, middle)
    return low


def covered(world: str, size: int, rate: float, seed: int) -> dict[str, float]:
    """What one training gives."""
    values, pd = drawn(world, size, rate, 2 * seed)
    y = (np.random.default_rng(seed).random(size) < pd).astype(np.int64)
    trained = train(values, y, COLUMNS)
    new, truth = drawn(world, NEW_LOANS, rate, 2 * seed + 1)
    shown = trained.log_odds(new)
    low, high = PdInterval.fit(trained.out_of_fold, y).interval(shown)
    parts = np.array_split(np.argsort(shown, kind="stable"), PARTS)
    held = [low[part].mean() <= truth[part].mean() <= high[part].mean() for part in parts]
    return {
        "mean": float(np.mean(held)),
        "single": float(((low <= truth) & (truth <= high)).mean()),
        "half_width": float(np.median((high - low) / 2 / sigmoid(shown))),
    }


def cases(*, every: bool) -> Iterator[tuple[str, int, float]]:
    """World, size and bad rate of each training; without `every` a world meets each size once, at one of the rates."""
    for turn, world in enumerate(WORLDS):
        for place, size in enumerate(SIZES):
            for rate in RATES if every else (RATES[(turn + place) % len(RATES)],):
                yield world, size, rate
    yield LARGE


def averaged(runs: list[dict[str, float]]) -> dict[str, float]:
    means = {name: round(float(np.mean([run[name] for run in runs])), 3) for name in runs[0]}
    return {**means, "mean_of_worst_run": round(min(run["mean"] for run in runs), 3), "runs": len(runs)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.interval", description=__doc__)
    parser.add_argument("--every", action="store_true", help="each size with each bad rate in each world")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    found = {}
    for world, size, rate in cases(every=given.every):
        say(f"{world}, {size} loans, {rate:.0%} bad")
        found[world, size, rate] = covered(world, size, rate, given.seed)
        say(f"  {averaged([found[world, size, rate]])}")
    names = ("worlds", "sizes", "rates")
    report(
        "interval",
        {
            "all": averaged(list(found.values())),
            **{
                name: {
                    value: averaged([run for key, run in found.items() if key[place] == value])
                    for value in dict.fromkeys(key[place] for key in found)
                }
                for place, name in enumerate(names)
            },
        },
    )


if __name__ == "__main__":
    main()
