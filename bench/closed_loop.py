"""Two years of a made-up lender: does the product's loop lose less than plainer ways to lend?

Applicants with a known true risk, some of it seen by people alone; reviewers of set skill, lean, dependence and
fatigue; a drift of applicants and one of risk; a source that sends zeros for income. An outcome is seen of granted
loans alone, and only once its window is over. Every way of lending meets the same cases, outcomes and people (common
random numbers):

- no_review: the first model decides everything;
- threshold_review: people see the cases nearest to the cut-off (`half_review`, beside the four: nearest to one half);
- overrides_as_labels: the same, and every quarter a new model learns from outcomes and from what people decided;
- outcomes_unweighted: the same, and every quarter a new model learns from the outcomes that happen to be there;
- product: the loop of this product, made of its own parts (`bench/_loop.py`).

Money is per case: LGD x exposure of a granted loan that turned bad, the margin of a good one that was refused or that
waited too long, and what looks cost. All ways use the same recipe, logistic regression on ranks.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Final

import numpy as np
from scipy.stats import t as student

from bench import _loop, _rivals
from bench._habits import measured
from bench._lender import WORLDS, Calendar, drawn
from bench._lessons import RECIPE, Ledger, Model
from bench._loop import WITHOUT, Parts
from bench._reviewers import Habits, Team
from bench._rivals import RIVALS, Ground

PRODUCT: Final = "product"
LOSSES: Final = {"less": "loss", "less_expected": "expected_loss", "less_late": "late_loss"}
FOUR: Final = ("no_review", "threshold_review", "overrides_as_labels", "outcomes_unweighted")


@dataclass(frozen=True)
class Setting:
    """One simulated lender, apart from its world and its seed."""

    calendar: Calendar = field(default_factory=Calendar)
    habits: Habits = field(default_factory=Habits)
    people: int = 4
    capacity: float = 0.10
    review_cost: float = 30.0
    fails: bool = True
    without: tuple[str, ...] = ()


def simulated(setting: Setting, world_name: str, seed: int) -> dict[str, dict[str, float]]:
    """The figures of every way of lending in one world."""
    ground = ground_of(setting, world_name, seed)
    ledgers = {name: _rivals.lend(rival, ground) for name, rival in RIVALS.items()}
    found = {name: figures(ledger, ground) for name, ledger in ledgers.items()}
    for name, parts in {PRODUCT: Parts()}.items() | {f"without_{one}": WITHOUT[one] for one in setting.without}.items():
        found[name] = of_loop(_loop.lend(parts, ground), ground)
    return found


def ground_of(setting: Setting, world_name: str, seed: int) -> Ground:
    """What all ways of lending meet; the first model learns from the loans of before that are matured."""
    world = WORLDS[world_name]
    world = replace(world, fails=world.fails and setting.fails)
    cases = drawn(world, setting.calendar, seed)
    team = Team.drawn(setting.habits, setting.people, cases, seed)
    before = Ledger(cases)
    rows = before.matured(0.0)
    first = Model.fit(before.sent[rows], before.outcomes(rows, 0.0), seed=seed)
    return Ground(cases, team, setting.calendar, setting.capacity, setting.review_cost, first, seed, world.fails)


def figures(ledger: Ledger, ground: Ground) -> dict[str, float]:
    """What one way of lending came to, over the cases of all months."""
    cases = ledger.cases
    live, granted = cases.live, ledger.granted
    looks = float(ledger.looks[live].sum()) * ground.review_cost
    count = int(live.sum())
    broken, late = live & ~ledger.clean, cases.month >= ground.calendar.months / 2
    spent = cases.expected_loss(granted) + ledger.looks * ground.review_cost
    return {
        "loss": (float(cases.loss(granted)[live].sum()) + looks) / count,
        "expected_loss": (float(cases.expected_loss(granted)[live].sum()) + looks) / count,
        "late_loss": float(spent[late].mean()),
        "missed_bads": float((granted & cases.bad)[live].sum() / cases.bad[live].sum()),
        "refused_goods": float((~granted & ~cases.bad)[live].sum() / (~cases.bad)[live].sum()),
        "granted": float(granted[live].mean()),
        "seen": float(ledger.looks[live].sum() / count),
        "approved_on_zeros": float((broken & granted & ledger.by_machine).sum()),
        "bads_approved_on_zeros": float((broken & granted & ledger.by_machine & cases.bad).sum()),
        "decided_on_zeros": float((broken & ledger.by_machine).sum()),
    }


def of_loop(loop: _loop.Loop, ground: Ground) -> dict[str, float]:
    """The same of the product, with what only it has."""
    ledger, live = loop.ledger, ground.cases.live
    explored = live & ledger.explored
    cost = ground.cases.expected_loss(explored) - ground.cases.expected_loss(np.zeros(len(live), dtype=np.bool_))
    noticed, unnoticed = loop.watch.noticed_after, ground.calendar.unnoticed_days if ground.fails else 0
    return figures(ledger, ground) | {
        "explored": float(explored.sum()),
        "exploration_cost": float(cost[explored].sum() / live.sum()),
        "waited_too_long": float(loop.waited),
        "walked_away": float(loop.walked),
        "noticed_after_days": float(unnoticed if noticed is None else noticed),
        "false_alarms": float(loop.watch.false_alarms),
        "promoted": float(loop.promoted),
        "caution": loop.most_caution,
        "caution_months": float(loop.cautious_months),
    }


def compared(runs: Sequence[Mapping[str, Mapping[str, float]]], loss: str) -> dict[str, Any]:
    """The product less each other way, seed by seed: mean, 95 % interval (Student's t), share of seeds it is lower."""
    found = {}
    for name in runs[0]:
        if name != PRODUCT:
            less = np.array([run[PRODUCT][loss] - run[name][loss] for run in runs])
            base = float(np.mean([run[name][loss] for run in runs]))
            mean, half = float(less.mean()), _half_width(less)
            found[name] = {
                "difference": round(mean, 2),
                "interval": None if half is None else [round(mean - half, 2), round(mean + half, 2)],
                "percent": round(100 * mean / base, 2),
                "seeds_lower": round(float((less < 0).mean()), 2),
            }
    return found


def pooled(worlds: Mapping[str, Sequence[Mapping[str, Mapping[str, float]]]], loss: str) -> dict[str, Any]:
    """The same over all worlds: of each seed the mean over worlds, whose applicants have draws in common."""
    of_seeds = zip(*worlds.values(), strict=True)
    return compared([_mean_of(runs, loss) for runs in of_seeds], loss)


def _mean_of(runs: Sequence[Mapping[str, Mapping[str, float]]], loss: str) -> dict[str, dict[str, float]]:
    return {name: {loss: float(np.mean([run[name][loss] for run in runs]))} for name in runs[0]}


def _half_width(values: np.ndarray[Any, np.dtype[np.float64]]) -> float | None:
    """Half of the 95 % interval of the mean; a single seed has none."""
    if len(values) < 2:
        return None
    return float(student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))


def summary(runs: Sequence[Mapping[str, Mapping[str, float]]]) -> dict[str, Any]:
    """Means over seeds of every figure, and the comparisons: by what was lost, by what was to be expected of the same
    decisions (the true PD in the place of the outcome: the same on average, and less luck), and by the latter over the
    second half of the months alone, where each way has learned what it can."""
    means = {
        name: {key: _rounded(float(np.mean([run[name][key] for run in runs]))) for key in runs[0][name]}
        for name in runs[0]
    }
    return {"ways": means, **{name: compared(runs, loss) for name, loss in LOSSES.items()}}


def _rounded(value: float) -> float:
    return round(value, 4 if abs(value) < 1 else 2)


def all_runs(setting: Setting, worlds: Sequence[str], seeds: Sequence[int]) -> dict[str, list[Any]]:
    """The figures of each world, a run a seed, with a bar on a terminal."""
    found: dict[str, list[Any]] = {world: [] for world in worlds}
    total = len(worlds) * len(seeds)
    for done, (world, seed) in enumerate((world, seed) for seed in seeds for world in worlds):
        _bar(done, total, f"{world}, seed {seed}")
        found[world].append(simulated(setting, world, seed))
    _bar(total, total, "done")
    return found


def _bar(done: int, total: int, what: str) -> None:
    if sys.stderr.isatty():
        full = round(30 * done / total)
        end = "\n" if done == total else ""
        print(f"\r[{'#' * full}{'.' * (30 - full)}] {done}/{total} {what:<30}", end=end, file=sys.stderr, flush=True)


def main() -> None:
    """Simulate, compare, and print one JSON line."""
    parser = argparse.ArgumentParser(prog="python -m bench.closed_loop", description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=10, help="lenders a world")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--world", default="all", choices=("all", *WORLDS))
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--cases-a-month", type=int, default=1_000)
    parser.add_argument("--capacity", type=float, default=0.10, help="share of the cases that people can see")
    parser.add_argument("--people", type=int, default=4)
    parser.add_argument("--review-cost", type=float, default=30.0)
    parser.add_argument("--no-failure", action="store_true", help="no source ever fails")
    parser.add_argument("--without", nargs="*", default=(), choices=tuple(WITHOUT), help="the product less one part")
    parser.add_argument("--overrides", type=Path, help="a table of human decisions to measure habits on")
    given = parser.parse_args()
    habits, told = measured(given.overrides) if given.overrides else (Habits(), None)
    setting = Setting(
        Calendar(given.months, given.cases_a_month), habits, given.people, given.capacity, given.review_cost,
        not given.no_failure, tuple(given.without),
    )  # fmt: skip
    worlds = tuple(WORLDS) if given.world == "all" else (given.world,)
    clock, processor = perf_counter(), process_time()
    runs = all_runs(setting, worlds, range(given.seed, given.seed + given.seeds))
    line = {
        "bench": "closed_loop",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "seconds": round(perf_counter() - clock, 1),
        "processor_seconds": round(process_time() - processor, 1),
        "recipe": RECIPE,
        "seeds": [given.seed, given.seed + given.seeds - 1],
        "months": given.months,
        "cases_a_month": given.cases_a_month,
        "capacity": given.capacity,
        "habits": vars(habits),
        "measured": told,
        "worlds": {world: summary(found) for world, found in runs.items()},
        "all_worlds": {name: pooled(runs, loss) for name, loss in LOSSES.items()},
    }
    print(json.dumps(line, ensure_ascii=False))


if __name__ == "__main__":
    main()
