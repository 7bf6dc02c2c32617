"""Which order of looks saves how much, in a made-up book whose truth is known, with good and with poor reviewers.

For each seed a new book and, apart from it, audited cases to learn from. `orders` are shares of the cost of no review
that looks save, in per cent: mean and standard error over the seeds, for each share of the cases that can be seen.
`learned_used` is how often the cross-validated check let the learned order be used.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.look_value import LearnedValue, expected_costs, expected_saving, order_in_use, start_rank
from tests.routing.simulated_book import CUT_OFF, LGD, MARGIN, POOR, REVIEW_COST, Book, Reviewers, book

FloatArray = NDArray[np.float64]

REVIEWERS = {"good": Reviewers(), "poor": POOR}
SHARES = (0.05, 0.1, 0.2)
AUDITED = (3_000, 6_000, 24_000)


def orders(cases: Book, learned: dict[int, LearnedValue]) -> dict[str, FloatArray]:
    """What each order gives the cases (n,), the highest looked at first."""
    known = (cases.pd, CUT_OFF, cases.machine_approves, cases.exposure, cases.doubt, LGD, MARGIN, REVIEW_COST)
    accuracy = learned[AUDITED[-1]].accuracy
    return {
        "random": np.random.default_rng(0).random(len(cases.pd)),
        "distance to one half": -np.abs(cases.pd - 0.5),
        "expected loss": expected_costs(cases.pd, cases.exposure, LGD, MARGIN).approve,
        "distance to the cut-off": -np.abs(cases.pd - CUT_OFF),
        "start order": -start_rank(cases.pd, CUT_OFF, cases.exposure),
        "expected saving": expected_saving(
            cases.pd, cases.machine_approves, cases.exposure, LGD, MARGIN, accuracy, REVIEW_COST
        ),
        **{f"learned from {count:,}": one.value(*known) for count, one in learned.items()},
        "the truth": cases.saved(),
    }


def judged(who: Reviewers, seeds: int, size: int) -> dict[str, Any]:
    """Mean and standard error of every order over the seeds."""
    saved: dict[str, list[list[float]]] = {}
    used: dict[int, list[bool]] = {count: [] for count in AUDITED}
    for seed in range(seeds):
        learned = {count: LearnedValue.fit(book(count, seed, who).audited(0.05)) for count in AUDITED}
        for count, one in learned.items():
            used[count].append(order_in_use(one) == "learned")
        cases = book(size, 1_000 + seed, who)
        for name, value in orders(cases, learned).items():
            saved.setdefault(name, []).append([100 * cases.saved_share(value, share) for share in SHARES])
    figures = {}
    for name, rows in saved.items():
        table = np.array(rows)
        error = table.std(axis=0, ddof=1) / np.sqrt(seeds)
        figures[name] = [
            (round(float(m), 2), round(float(e), 2)) for m, e in zip(table.mean(axis=0), error, strict=True)
        ]
    return {"orders": figures, "learned_used": {count: round(float(np.mean(each)), 2) for count, each in used.items()}}


def main() -> None:
    """Measure, and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="books to average over, at least two")
    parser.add_argument("--cases", type=int, default=20_000, help="cases of each book")
    given = parser.parse_args()
    figures = {name: judged(who, given.seeds, given.cases) for name, who in REVIEWERS.items()}
    at = datetime.now(UTC).isoformat(timespec="seconds")
    line = {"bench": "look_value", "at": at, "seeds": given.seeds, "cases": given.cases, "shares": SHARES, **figures}
    print(json.dumps(line, ensure_ascii=False))


if __name__ == "__main__":
    main()
