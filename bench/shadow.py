"""What one challenger in shadow costs beside the live score of the same cases, everything durable, in one process.

A worker scores, explains and writes each chunk as ever; with a shadow it then lets a second model of the same make
score the values that were read, and writes a row a case. Both ways alternate on fresh cases in one run; `ratio` is the
median of (with − without) / without over the rounds, `shadow_alone` the time of the shadow's part over the live way's.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median
from typing import Any, Final

from django.conf import settings

from bench._ground import ready_to_decide, report, say, scratch, seconds_of
from bench.flow import arrivals, take_in
from cases.models import User
from scoring import actions, shadow
from scoring.actions import register_model, score_waiting_cases
from scoring.ml.artefact import load_champion
from scoring.models import ModelVersion, ShadowScore

ROUNDS: Final = 7
WARM_UP: Final = 64


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.shadow", description=__doc__)
    parser.add_argument("--cases", type=int, default=2 * settings.MACHINE_CHUNK, help="cases a round")
    cases = parser.parse_args().cases
    with scratch():
        ready_to_decide()
        admin, champion = User.objects.get(username="admin"), ModelVersion.objects.get()
        stored = load_champion(settings.ARTEFACTS, champion.sha256)
        challenger = register_model(replace(stored, seed=stored.seed + 1))
        source = arrivals()
        spent: list[float] = []
        # The worker's own name for it, so that its part can be told from the live one.
        setattr(actions, "score_in_shadow", _timed(spent))  # noqa: B010

        def score(number: int) -> float:
            take_in(source, number)
            return seconds_of(_score_all)

        say("Scoring with and without a shadow, in turns")
        shadow.start_shadow(challenger.pk, by=admin, reason="To see what it costs.")
        score(WARM_UP)
        shares, alone, rates = [], [], []
        for _round in range(ROUNDS):
            spent.clear()
            with_shadow = score(cases)
            part = sum(spent)
            shadow.stop_shadow(challenger.pk, by=admin, reason="For the other way.")
            without = score(cases)
            shadow.start_shadow(challenger.pk, by=admin, reason="For the next round.")
            shares.append((with_shadow - without) / without)
            alone.append(part / (with_shadow - part))
            rates.append((cases / without, cases / with_shadow))
        report(
            "shadow",
            {
                "cases_a_round": cases,
                "rounds": ROUNDS,
                "ratio": round(median(shares), 3),
                "shadow_alone": round(median(alone), 3),
                "cases_per_second": {
                    "live": round(median(live for live, _both in rates)),
                    "live_with_shadow": round(median(both for _live, both in rates)),
                },
                "shadow_scores": ShadowScore.objects.count(),
            },
        )


def _score_all() -> None:
    while score_waiting_cases("bench"):
        pass


def _timed(spent: list[float]) -> Callable[..., None]:
    """The shadow's part, with what each call took noted."""

    def score(*given: Any) -> None:
        start = time.perf_counter()
        shadow.score_in_shadow(*given)
        spent.append(time.perf_counter() - start)

    return score


if __name__ == "__main__":
    main()
