"""One branch of many in a mistaken unit, a few rows at a time: they add up over files, batches and messages, and what
only looks like one does not."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cases.accounts import create_token
from cases.models import Case
from intake.health.message_looks import look_at_messages
from intake.health.misread_parts import misread_so_far
from intake.health.ordered import Order
from intake.health.profiles import Profile, Reference, make_profile, make_reference, profile_from
from intake.health.watch import windows
from intake.models import Batch, Source
from tests.api.calls import Caller, a_case
from tests.intake.places import MakeFile
from tests.intake.test_ordered import HEADER, INCOME, day, take_in

Draw = Callable[[random.Random, int], float]
DAY = 120
BRANCHES = 12


def file_of(first: int, count: int, factor: float = 1) -> str:
    """The loans of a day, in no order; every twelfth is of the branch with the flaw."""
    lines = day(first, count)
    for cells in lines[5::BRANCHES]:
        cells[INCOME] = f"{float(cells[INCOME]) * factor:.4f}"
    return HEADER + "".join(",".join(cells) + "\n" for cells in lines)


def income(number: int, factor: float = 1) -> dict[str, object]:
    usual = 50_000 + number * 97 % 9_000
    return {**a_case()["features"], "annual_income": usual * (factor if number % BRANCHES == 5 else 1)}


def loans(first: int, count: int, factor: float = 1) -> list[dict[str, Any]]:
    return [a_case(f"A-{at}", source="branch-los", features=income(at, factor)) for at in range(first, first + count)]


def scale_signs() -> list[tuple[str, int, str]]:
    signs = Batch.objects.latest("pk").signs
    return [(sign["feature"], sign["rows"], sign["grade"]) for sign in signs if sign["what"] == "scale"]


@pytest.mark.parametrize("factor", [1e-4, 1e-2, 1e2])
def test_small_daily_files_add_up_and_are_held_since_the_first_sign(
    db: None, make_file: MakeFile, factor: float
) -> None:
    take_in(make_file("0.csv", file_of(0, 1_000)))
    told = []
    for turn in range(1, 6):
        report = take_in(make_file(f"{turn}.csv", file_of(1_000 * turn, DAY, factor if turn > 2 else 1)))
        told.append((report.accepted, report.held, scale_signs()))
    # Ten rows of the third and fourth file each are twenty; all that came since is held.
    watched, bad = [("annual_income", DAY, "watch")], [("annual_income", 2 * DAY, "bad")]
    assert told[:4] == [(DAY, 0, []), (DAY, 0, []), (DAY, 0, watched), (DAY, DAY, bad)]
    assert told[4][:2] == (DAY, DAY)
    source, first = Source.objects.get(), Batch.objects.get(name="3.csv")
    assert (source.state, source.bad_since) == ("quarantined", first.started_at)
    assert Case.objects.filter(received_at__gte=source.bad_since).count() == 3 * DAY


def test_batches_of_forty_messages_add_up(db: None) -> None:
    caller = Caller(create_token("los", scopes=["ingest"]))
    assert caller.post("/cases/batch", loans(0, 1_000)).json()["accepted"] == 1_000
    look_at_messages()
    sent = 0
    for first in range(1_200, 2_000, 40):
        assert Source.objects.get().state == "healthy"
        # The hour is over: each is a batch of its own.
        Batch.objects.update(finished_at="2026-01-01T00:00Z")
        assert caller.post("/cases/batch", loans(first, 40, 1e-4)).json()["accepted"] == 40
        look_at_messages()
        sent += 40
        if Source.objects.get().state == "quarantined":
            break
    assert sent == 240
    assert [sign for sign in scale_signs() if sign[2] == "bad"] == [("annual_income", 240, "bad")]
    # The first three such rows were too few for a sign; those since the first one are listed.
    small = Case.objects.filter(features__annual_income__lt=10)
    assert (small.count(), small.filter(received_at__gte=Source.objects.get().bad_since).count()) == (20, 17)


def test_single_messages_add_up_within_their_hour(db: None) -> None:
    caller = Caller(create_token("los", scopes=["ingest"]))
    assert caller.post("/cases/batch", loans(0, 400)).json()["accepted"] == 400
    look_at_messages()
    Batch.objects.update(finished_at="2026-01-01T00:00Z")
    (known,) = Source.objects.get().reference.values()
    for number in range(1_200, 1_500):
        (loan,) = loans(number, 1, 1e-4)
        assert caller.post("/cases", loan).status_code in (201, 202)
        look_at_messages()
        if Source.objects.get().state == "quarantined":
            break
    assert known["usual"]["rows"] == 400
    assert Case.objects.filter(features__annual_income__lt=10).count() == 20


def lognormal(spread: float, times: Callable[[random.Random, int], float] = lambda source, at: 1) -> Draw:
    return lambda source, at: source.lognormvariate(8, spread) * times(source, at)


def weeks(draw: Draw, *, days: int = 40, count: int = DAY) -> list[str]:
    """The worst grade of each of so many days, after which nobody has looked."""
    source = random.Random(7)
    known = make_reference([{"income": draw(source, 0)} for _row in range(1_000)])
    assert known is not None
    earlier: list[Profile] = []
    grades = []
    for at in range(1, days + 1):
        newest = make_profile([{"income": draw(source, at)} for _row in range(count)], known)
        looks = windows(newest, newest, earlier)
        found = {sign.grade for each in looks for sign in so_far(each, known, looks=len(looks))}
        grades.append("bad" if "bad" in found else "watch" if found else "")
        earlier = [newest, *earlier][:10]
    return grades


def so_far(now: Profile, known: Reference, *, looks: int = 1) -> list[Any]:
    return misread_so_far(now, known, Order(frozenset(), now.rows), looks=looks)


@pytest.mark.parametrize("draw", [
    lognormal(0.45), lognormal(1.5), lambda source, at: source.paretovariate(1.2),
    lognormal(0.45, lambda source, at: 1.005**at), lognormal(1, lambda source, at: 1.005**at),
    lognormal(0.45, lambda source, at: 30 if source.random() < 0.01 else 1),
], ids=["usual", "skewed", "far-reaching", "growth", "growth of skewed", "rich"])  # fmt: skip
def test_weeks_of_what_is_usual_tell_of_no_unit(draw: Draw) -> None:
    assert weeks(draw) == [""] * 40


@pytest.mark.parametrize("draw", [
    lognormal(0.75, lambda source, at: 3 if at > 20 and source.random() < 0.33 else 1),
    lognormal(0.45, lambda source, at: 2 if at > 20 else 1),
    lognormal(0.6, lambda source, at: 4 if at > 20 and source.random() < 0.15 else 1),
    lognormal(0.45, lambda source, at: 12 if at > 20 and source.random() < 0.08 else 1),
], ids=["bonus", "all twice", "loans four times as large", "a year for a month"])  # fmt: skip
def test_tenths_are_watched_and_never_bad_since_more_than_a_unit_brings_them(draw: Draw) -> None:
    grades = weeks(draw)
    assert grades[:20] == [""] * 20
    assert "bad" not in grades


def test_a_branch_in_another_unit_is_bad_once_twenty_rows_of_it_came() -> None:
    draw = lognormal(0.45, lambda source, at: 1e-4 if at > 20 and source.random() < 0.08 else 1)
    grades = weeks(draw)
    assert grades[:20] == [""] * 20
    assert (grades[20], set(grades[22:])) == ("watch", {"bad"})


def known_and_part() -> tuple[Reference, list[dict[str, Any]]]:
    source = random.Random(3)
    made = make_reference([{"income": source.gauss(5_000, 1_000), "currency": "CNY"} for _row in range(1_000)])
    assert made is not None
    return made, [{"income": source.gauss(5_000, 1_000) / 10_000, "currency": "CNY"} for _row in range(20)]


def test_of_profiles_from_before_nothing_is_known() -> None:
    known, part = known_and_part()
    now = make_profile(part, known)
    assert profile_from(now.as_dict()) == now
    old = now.as_dict()
    del old["beyond"]
    before = profile_from(old)
    assert ([sign.grade for sign in so_far(now, known)], so_far(before, known)) == (["bad"], [])
    # Their rows are no rows of which none lay beyond.
    (sign,) = so_far(now.add(before), known)
    assert (sign.rows, sign.value, sign.grade) == (20, 1.0, "bad")


def test_what_a_person_has_called_usual_and_other_currencies_are_none() -> None:
    known, part = known_and_part()
    called = replace(known, also=(make_profile(part, known),))
    assert so_far(make_profile(part, known), called) == []
    yen = [{**row, "currency": "JPY"} for row in part]
    assert so_far(make_profile(yen, known), known) == []
    assert make_profile([*yen, *part], known).beyond["income"]["of"] == 20


def test_nineteen_rows_are_watched_and_four_are_nothing() -> None:
    known, part = known_and_part()
    grades = [[sign.grade for sign in so_far(make_profile(part[:count], known), known)] for count in (4, 5, 19, 20)]
    assert grades == [[], ["watch"], ["watch"], ["bad"]]


@pytest.mark.parametrize("rows", [50, 1_000])
def test_what_was_called_usual_as_well_hides_no_mistaken_unit(rows: int) -> None:
    """An ordinary answer, as of a new channel: a branch of 8 % in another unit was not even watched after it."""
    known, part = known_and_part()
    source = random.Random(4)

    def ordinary(count: int) -> list[dict[str, Any]]:
        return [{"income": source.gauss(5_000, 1_000), "currency": "CNY"} for _row in range(count)]

    called = replace(known, also=(make_profile(ordinary(rows), known),))
    (sign,) = so_far(make_profile([*ordinary(230), *part], known), called)
    assert (sign.what, sign.rows, sign.grade) == ("scale", 250, "bad")
    (older,) = called.also
    unknown = replace(called, also=(replace(older, beyond={}),))
    assert so_far(make_profile([*ordinary(230), *part], known), unknown) == []
