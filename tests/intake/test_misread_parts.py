"""A part of a file in an order that is in a mistaken unit, and what only looks like one."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from intake.health.misread_parts import misread_parts
from intake.health.ordered import Order
from intake.health.profiles import Reference, make_profile, make_reference, reference_from
from intake.models import Batch, Source
from tests.intake.places import MakeFile
from tests.intake.test_ordered import HEADER, INCOME, Line, day, take_in

Rows = list[dict[str, Any]]
AMOUNT, BRANCH = 2, 7
BRANCHES = ["a", "b", "c", "d", "e", "f", "g"]
WITH_FLAW = "c"


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day's file comes in six chunks; of the second, the third branch is the last third."""
    monkeypatch.setattr("intake.actions.CHUNK", 250)


def branches(first: int, change: Callable[[Line], Line] = lambda cells: cells, by: int = BRANCH) -> str:
    """A day's loans of seven branches, sorted; of one branch they are changed."""
    lines = [[*cells[:BRANCH], BRANCHES[at % 7]] for at, cells in enumerate(day(first, 1_500))]
    lines = [change(cells) if cells[BRANCH] == WITH_FLAW else cells for cells in lines]
    lines.sort(key=lambda cells: float(cells[by]) if by != BRANCH else cells[by])
    return HEADER.replace("way", "branch") + "".join(",".join(cells) + "\n" for cells in lines)


def times(place: int, factor: float) -> Callable[[Line], Line]:
    return lambda cells: [*cells[:place], f"{float(cells[place]) * factor:.4f}", *cells[place + 1 :]]


@pytest.mark.parametrize("factor", [1e-4, 1e-2, 0.1, 10, 1e3])
def test_a_branch_in_another_unit_is_held_with_what_comes_behind_it(
    db: None, make_file: MakeFile, factor: float
) -> None:
    take_in(make_file("0.csv", branches(0)))
    report = take_in(make_file("1.csv", branches(5_000, times(INCOME, factor))))
    # Only the first chunk is through.
    assert (report.accepted, report.held, Source.objects.get().state) == (1_500, 1_250, "quarantined")
    bad = {(sign["feature"], sign["what"]) for sign in Batch.objects.latest("pk").signs if sign["grade"] == "bad"}
    assert ("annual_income", "scale") in bad


def test_a_branch_with_amounts_in_another_unit_is_held(db: None, make_file: MakeFile) -> None:
    take_in(make_file("0.csv", branches(0)))
    report = take_in(make_file("1.csv", branches(5_000, times(AMOUNT, 1e-2))))
    assert (report.held, Source.objects.get().state) == (1_250, "quarantined")


@pytest.mark.parametrize(
    ("by", "factor"), [(BRANCH, 1), (BRANCH, 1.6), (BRANCH, 0.7), (INCOME, 1.6), (INCOME, 0.7), (AMOUNT, 1)]
)
def test_sorted_files_whose_branch_earns_more_or_less_go_through(
    db: None, make_file: MakeFile, by: int, factor: float
) -> None:
    take_in(make_file("0.csv", branches(0, times(INCOME, factor), by)))
    report = take_in(make_file("1.csv", branches(5_000, times(INCOME, factor), by)))
    assert (report.accepted, report.held, Source.objects.get().state) == (1_500, 0, "healthy")
    assert Batch.objects.latest("pk").signs == []


def rows(count: int, seed: int, draw: Callable[[random.Random], float]) -> Rows:
    source = random.Random(seed)
    return [{"balance": draw(source)} for _number in range(count)]


def usual(seen: Rows) -> Reference:
    made = make_reference(seen)
    assert made is not None
    return made


def found(part: Rows, known: Reference, whole: int) -> list[tuple[str, str, str]]:
    order = Order(frozenset({"balance"}), whole)
    return [(sign.feature, sign.what, sign.grade) for sign in misread_parts(make_profile(part, known), known, order)]


@pytest.mark.parametrize("draw", [
    lambda source: source.uniform(0, 1_000),
    lambda source: source.lognormvariate(8, 2),
    lambda source: source.paretovariate(1.2),
], ids=["even", "skewed", "far-reaching"])  # fmt: skip
@pytest.mark.parametrize("backwards", [False, True])
def test_the_ends_of_a_large_file_sorted_by_itself_are_none(
    draw: Callable[[random.Random], float], backwards: bool
) -> None:
    known = usual(rows(3_000, 1, draw))
    large = sorted(rows(60_000, 2, draw), key=lambda row: row["balance"], reverse=backwards)
    assert [found(large[at : at + 1_000], known, len(large)) for at in (0, 1_000, 2_000)] == [[], [], []]


def test_numbers_beyond_all_before_them_are_none_where_no_unit_tells_why() -> None:
    known = usual(rows(3_000, 1, lambda source: source.gauss(5_000, 1_000)))
    doubled = rows(100, 2, lambda source: source.gauss(20_000, 1_000))
    as_one = rows(100, 2, lambda source: 60_000 + source.random())
    hundred = rows(100, 2, lambda source: source.gauss(500_000, 100_000))
    assert found(doubled, known, 1_000) == found(as_one, known, 1_000) == []
    assert found(hundred, known, 1_000) == [("balance", "scale", "bad")]
    # Fewer than twenty tell nothing.
    assert found(hundred[:19], known, 1_000) == []


def test_what_was_learnt_before_its_ends_were_kept_is_compared_with_twenty_times_its_tenths() -> None:
    known = usual(rows(3_000, 1, lambda source: source.gauss(5_000, 1_000)))
    data = known.as_dict()
    assert reference_from(data) == known
    del data["ends"]
    old = reference_from(data)
    part = rows(300, 2, lambda source: source.gauss(5_000, 1_000))
    tenth, hundredth = ([{"balance": row["balance"] * by} for row in part] for by in (0.1, 0.01))
    assert (found(tenth, known, 1_000), found(tenth, old, 1_000)) == ([("balance", "scale", "bad")], [])
    assert found(hundredth, old, 1_000) == [("balance", "scale", "bad")]


def test_what_a_person_has_called_usual_as_well_is_no_mistaken_unit() -> None:
    known = usual(rows(3_000, 1, lambda source: source.gauss(5_000, 1_000)))
    part = rows(300, 2, lambda source: source.gauss(50_000, 10_000))
    assert found(part, known, 1_000) == [("balance", "scale", "bad")]
    assert found(part, replace(known, also=(make_profile(part, known),)), 1_000) == []


@pytest.mark.parametrize(("place", "factor"), [(INCOME, 1e-4), (AMOUNT, 1e-2)])
def test_a_branch_in_another_unit_is_held_in_a_file_that_stands_in_no_order(
    db: None, make_file: MakeFile, place: int, factor: float
) -> None:
    """One of nine branches: too few rows to change what a thousand of them look like."""

    def mixed(first: int, change: Callable[[Line], Line] = lambda cells: cells) -> str:
        lines = [change(cells) if at % 9 == 4 else cells for at, cells in enumerate(day(first, 900))]
        return HEADER + "".join(",".join(cells) + "\n" for cells in lines)

    take_in(make_file("0.csv", mixed(0)))
    good = take_in(make_file("1.csv", mixed(5_000)))
    assert (good.accepted, good.held, Source.objects.get().state) == (900, 0, "healthy")
    report = take_in(make_file("2.csv", mixed(9_000, times(place, factor))))
    assert (report.accepted, Source.objects.get().state) == (900, "quarantined")
    assert report.held >= 650
