"""Numbers that run on are new ones each day, and no break; numbers with a meaning are judged as ever."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import pytest

from intake.health.health import compare
from intake.health.profiles import Reference, make_profile, make_reference
from intake.models import Batch, Source
from intake.recognition.running_numbers import run_on
from tests.intake.places import MakeFile
from tests.intake.test_actions import take_in
from tests.intake.test_quarantine import lines

ONE_BY_ONE = [[float(number) for number in range(day, day + 60)] for day in range(50_001, 50_301, 60)]


def shuffled(batch: Sequence[float]) -> list[float]:
    return random.Random(7).sample(batch, len(batch))


@pytest.mark.parametrize(
    ("batches", "runs"),
    [
        (ONE_BY_ONE, True),
        (ONE_BY_ONE[::-1], True),
        ([*map(shuffled, ONE_BY_ONE)], True),
        # All together, and from one on anew each day.
        ([[*chain(*ONE_BY_ONE)]], True),
        ([[*range(1, 61)], [*range(1, 84)]], True),
        # Numbers that other branches draw from, too: sparse, but each day beyond the last.
        ([[number * 17 for number in batch] for batch in ONE_BY_ONE], True),
        ([[number * 17 for number in batch] for batch in ONE_BY_ONE[:2]], False),
        ([[number * 17 for number in batch] for batch in (*ONE_BY_ONE[1:], ONE_BY_ONE[0])], False),
        # A row of last week and one that came again.
        ([[40_000, *batch[1:-1], batch[1]] for batch in ONE_BY_ONE], True),
        ([[*batch, *batch] for batch in ONE_BY_ONE], False),
        ([[number + 0.5 for number in batch] for batch in ONE_BY_ONE], False),
        # Days are known as such.
        ([[20_260_901.0 + day for day in range(30)], [20_261_001.0 + day for day in range(30)]], False),
        ([[], *ONE_BY_ONE], False),
    ],
)
def test_numbers_run_on_where_they_are_counted_up(batches: list[list[float]], runs: bool) -> None:
    assert run_on("queue_no", batches) is runs
    assert run_on("annual_income", batches) is False


@pytest.mark.parametrize("seed", range(5))
def test_numbers_with_a_meaning_do_not_run_on(seed: int) -> None:
    draw = random.Random(seed)
    numbers: list[Callable[[], int]] = [
        lambda: draw.randint(18, 70),
        lambda: round(draw.gauss(650, 50)),
        lambda: round(draw.lognormvariate(9, 0.4)),
        lambda: draw.choice([12, 24, 36]),
        lambda: draw.randint(0, 9),
    ]
    for number in numbers:
        for count in (5, 60, 300):
            batches = [[number() for _row in range(count)] for _batch in range(300 // count)]
            assert run_on("x", batches) is run_on("x", [sorted(each) for each in batches]) is False


def rows(first: int, count: int = 60) -> list[dict[str, Any]]:
    draw = random.Random(first)
    return [{"queue_no": first + at, "score": round(draw.gauss(650, 50))} for at in range(count)]


def usual() -> Reference:
    made = make_reference([*chain(*map(rows, range(1, 301, 60)))], batches=[at // 60 for at in range(300)])
    assert made is not None
    return made


def test_the_next_numbers_are_no_sign_and_one_or_none_for_all_is_a_break() -> None:
    known = usual()
    assert ([*known.edges], known.free) == (["score"], ("queue_no",))
    found = {}
    for name, now in {
        "next": rows(301),
        "later": rows(90_000),
        "stuck": [{**row, "queue_no": 7} for row in rows(301)],
        "zeros": [{**row, "queue_no": 0} for row in rows(301)],
        "missing": [{**row, "queue_no": None} for row in rows(301)],
        "score": [{**row, "score": row["score"] / 100} for row in rows(301)],
    }.items():
        signs = compare(make_profile(now, known), known)
        found[name] = [(sign.feature, sign.what) for sign in signs if sign.grade == "bad"]
    assert found == {
        "next": [],
        "later": [],
        "stuck": [("queue_no", "one_value")],
        "zeros": [("queue_no", "one_value")],
        "missing": [("queue_no", "missing")],
        "score": [("score", "distribution")],
    }


def test_what_few_rows_hold_is_compared_as_ever() -> None:
    few = [{**row, "queue_no": row["queue_no"] if row["queue_no"] <= 100 else None} for row in rows(1, 300)]
    made = make_reference(few)
    assert made is not None
    assert (sorted(made.edges), made.free) == (["queue_no", "score"], ())


@pytest.mark.django_db(transaction=True)
def test_files_of_many_days_with_a_running_number_keep_their_source_healthy(make_file: MakeFile) -> None:
    for turn in range(9):
        head, *loans = lines(60, first=60 * turn).splitlines()
        numbered = [f"{row},{50_001 + 60 * turn + at}" for at, row in enumerate(loans)]
        take_in(make_file(f"{turn}.csv", "\n".join([f"{head},进件序号", *numbered]) + "\n"))
    source = Source.objects.get()
    assert (source.state, source.batches.exclude(signs=[]).count()) == ("healthy", 0)
    assert sum(batch.accepted for batch in Batch.objects.all()) == 540
