"""How many past cases a second are replayed under another version of a policy, with every figure of the page.

Drawn cases with the fields of the sample's product, its tables and its limit matrix, 90 days, stated capacity and a
random audit. Beside it, in the same run and on the same cases: `route` alone, and one case at a time in plain Python
(`route` on a single case, as a loop over cases would call it). Medians of rounds, on one thread.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median
from time import perf_counter, process_time

import numpy as np

from riskreview import sample
from routing.capacity import Capacity
from routing.facts import Facts
from routing.given_facts import facts_from
from routing.policy import route
from routing.simulate import Past, simulate
from routing.table.columns import Coded, Column, FloatArray

DAYS = 90
SINGLE = 200
REGIONS = 50


def drawn(n: int, random: np.random.Generator) -> Past:
    """n cases like those of the sample: most are clear, some uncertain, some large, some asking for too much."""
    base = facts_from(sample.TERMS, [{"region": "R0", "currency": "USD"}])
    pd = np.exp(random.normal(-3.0, 0.8, n)).clip(0.001, 0.9)
    amount = random.lognormal(9.4, 0.7, n).clip(1_000, 60_000)
    figures: dict[str, FloatArray] = {
        "amount": amount,
        "pd": pd,
        "doubt": random.beta(1, 4, n),
        "points": 600 - 28.85 * (np.log(pd / (1 - pd)) + np.log(50)),
        "term_months": random.choice([36.0, 60.0], n),
        "yearly_income": random.lognormal(11, 0.5, n),
        "key_customer": (random.random(n) < 0.02).astype(np.float64),
        "opted_out": np.zeros(n),
    }
    columns: dict[str, Column] = {
        name: figures.get(name, np.full(n, np.nan)) if not isinstance(column, Coded) else _words(column, n)
        for name, column in base.columns.items()
    }
    regions = Coded(random.integers(0, REGIONS, n).astype(np.int32), tuple(f"R{place}" for place in range(REGIONS)))
    facts = Facts(
        key=[""] * n,
        columns=columns | {"region": regions},
        pd=pd,
        doubt=figures["doubt"],
        cut_off=np.full(n, 1 / 7),
        exposure=amount,
        lgd=np.full(n, 0.6),
        rate=np.full(n, 12.0),
        term_months=figures["term_months"],
        debts=np.full(n, 0.18),
        applicant=Coded(np.zeros(n, dtype=np.int32), ("somebody",)),
        in_currency=np.ones(n, dtype=np.bool_),
        monitoring=np.zeros(n, dtype=np.bool_),
        explained=np.ones(n, dtype=np.bool_),
        draws={arm: random.random(n) for arm in base.draws},
        day=np.sort(random.integers(0, DAYS, n)).astype(np.int32),
    )
    bad = np.where(random.random(n) < 0.5, np.nan, (random.random(n) < pd).astype(np.float64))
    was = random.integers(0, 3, n).astype(np.int8)
    return Past(facts, np.arange(n, dtype=np.int64), was, bad, DAYS, {"region": regions})


def _words(column: Coded, n: int) -> Coded:
    return Coded(np.full(n, 0 if column.words else -1, dtype=np.int32), column.words)


def seconds(work: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Median seconds of processor time and by the clock."""
    taken = []
    for _round in range(rounds):
        clock, processor = perf_counter(), process_time()
        work()
        taken.append((process_time() - processor, perf_counter() - clock))
    return median(each[0] for each in taken), median(each[1] for each in taken)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=int, default=200_000)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    places = given.cases / DAYS * 0.05
    terms = replace(sample.TERMS, audit_share=0.01, capacity=Capacity(round(places / 10, 1), 6.0, "wait"))
    past = drawn(given.cases, np.random.default_rng(0))
    one = drawn(1, np.random.default_rng(1)).facts
    whole, whole_clock = seconds(lambda: simulate(terms, past), given.rounds)
    routing, _clock = seconds(lambda: route(terms, past.facts), given.rounds)
    single, _clock = seconds(lambda: [route(terms, one) for _case in range(SINGLE)], given.rounds)
    figures = {
        "bench": "simulate",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "cases": given.cases,
        "cases_a_second": round(given.cases / whole),
        "by_the_clock": round(given.cases / whole_clock),
        "route_alone_a_second": round(given.cases / routing),
        "one_at_a_time_a_second": round(SINGLE / single),
        "ratio_to_one_at_a_time": round(given.cases / whole * single / SINGLE, 1),
        "goal": "200,000 cases a second",
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
