"""What must hold after every fault: each case scored and routed exactly once, every sum right, nothing lost."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from subprocess import Popen

from django.db import transaction

from cases.arrivals import insert_cases
from cases.models import Case, CaseEvent
from cases.wake import send_wake
from routing.models import Route
from scoring.models import Assessment
from tests import make
from tests.worker import PATIENCE, running_worker, wait_for

POISONED = "tests.faults.poisoned"
ENDS = {"approve_by_machine": "approved", "decline_by_machine": "declined", "send_to_people": "queued"}


def submit(count: int, *, faults: Mapping[int, str] | None = None) -> list[int]:
    """Take in `count` different cases, the one at position p marked with `faults[p]`. Returns their keys, in order."""
    arrivals = []
    for number in range(count):
        features = {
            **make.CLEAR_FEATURES,
            "interest_rate": 6 + number % 20,
            "sub_grade": 1 + number % 35,
            "credit_utilisation": float(number % 100),
        }
        if faults and number in faults:
            features["fault"] = faults[number]
        arrivals.append(make.new_case(f"F-{number}", amount=Decimal(1000 + 50 * number), features=features))
    with transaction.atomic():
        return insert_cases("branch-los", arrivals, entered_by=None, facts={}).keys


@contextmanager
def faulty_worker(folder: Path, *, concurrency: int = 1) -> Iterator[Popen[bytes]]:
    """A worker with the faults of tests/faults/poisoned.py."""
    log = folder / f"worker-{len(list(folder.glob('worker-*.log')))}.log"
    with running_worker(log, app=POISONED, concurrency=concurrency, RISKREVIEW_FAULTS=str(folder)) as worker:
        yield worker


def paused_pid(folder: Path) -> int:
    """The pool process that stands in the middle of a chunk."""
    wait_for(lambda: any(folder.glob("paused-*")), PATIENCE, "a chunk to be under way")
    return int(next(folder.glob("paused-*")).name.removeprefix("paused-"))


def let_go(folder: Path) -> None:
    """From now on marked cases are scored like all others."""
    (folder / "go").touch()


def wait_until_done() -> None:
    wait_for(lambda: not Case.objects.waiting_for_machine().exists(), PATIENCE, "the machine to be through")


def wake(times: int) -> None:
    for _time in range(times):
        assert send_wake(coalesce=False)


def check_scored_once(keys: Sequence[int], *, parked: Collection[int] = ()) -> None:
    """Every case but the `parked` has one assessment, one route and three events; no lease is left."""
    good = sorted(set(keys) - set(parked))
    assert Case.objects.count() == len(keys)
    assert Counter(Assessment.objects.values_list("case", flat=True)) == Counter(good)
    assert Counter(Route.objects.values_list("case", flat=True)) == Counter(good)
    cases = Case.objects.in_bulk(keys)
    assert {case.taken_until for case in cases.values()} == {None}
    lives: dict[int, list[tuple[int, str]]] = {}
    for case_id, seq, name in CaseEvent.objects.order_by("case", "seq").values_list("case", "seq", "name"):
        lives.setdefault(case_id, []).append((seq, name))
    for key in good:
        *before, (last, end) = lives[key]
        assert before == [(1, "receive"), (2, "score")]
        assert (last, cases[key].state, cases[key].version) == (3, ENDS[end], 3)
    for key in parked:
        assert lives[key] == [(1, "receive"), (2, "park")]
    check_sums(good)


def check_sums(keys: Sequence[int]) -> None:
    """Recomputed from the stored rows: the contributions sum to the log-odds, and these give the PD of the case."""
    assessments = Assessment.objects.filter(case__in=keys).select_related("case")
    for each in assessments:
        assert abs(each.base_value + math.fsum(each.contributions) - each.log_odds) <= 1e-6
        assert math.isclose(each.pd, 1 / (1 + math.exp(-each.log_odds)), rel_tol=1e-9)
        assert (each.case.pd, each.case_version) == (each.pd, 1)
    assert len(assessments) == len(keys)


def check_parked(key: int, *, error: str) -> None:
    """With a person, after three attempts, with the reason."""
    case = Case.objects.get(pk=key)
    assert (case.state, case.attempts, case.advice, case.pd) == ("queued", 3, "", None)
    assert case.why == [{"code": "scoring_failed", "params": {"attempts": 3, "error": error}}]
    assert CaseEvent.objects.get(case=key, name="park").facts == {"reasons": case.why}
