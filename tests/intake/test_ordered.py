"""A file that stands in an order is as usual where all of it is; what broke is held before a row of it is decided."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cases.accounts import create_token
from cases.models import Case, User
from intake.actions import ImportReport
from intake.admission.files import take_in_file
from intake.health.health import compare
from intake.health.message_looks import look_at_messages
from intake.health.ordered import Order, order_of
from intake.health.profiles import Profile, make_profile, make_reference
from intake.health.quarantine import release_source
from intake.health.usual import learn_also_usual, learn_usual
from intake.models import Batch, Source
from tests.api.calls import Caller, a_case
from tests.intake.places import MakeFile
from tests.intake.silent import silent
from tests.intake.test_quarantine import REASON, signs_of

HEADER = "external_ref,product,amount,term_months,currency,annual_income,score,way\n"
WAYS = ["agent", "branch", "online", "partner"]
DAY = 600
Line = list[str]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day's file comes in three chunks."""
    monkeypatch.setattr("intake.actions.CHUNK", 200)


def take_in(path: Path) -> ImportReport:
    return take_in_file(path, source="branch", mapping=None, by=None, bars=silent)


def day(first: int, count: int = DAY) -> list[Line]:
    """The loans of a day; who comes by an agent earns more."""
    draw, made = random.Random(first), []
    for number in range(first, first + count):
        way = draw.choices(WAYS, [4, 3, 2, 1])[0]
        income = draw.gauss(60_000, 9_000) * (1.5 if way == "agent" else 1)
        cells = [draw.gauss(5_000, 1_000), 24, "USD", income, draw.gauss(650, 50), way]
        made.append([f"R-{number}", "consumer", *(str(round(c) if isinstance(c, float) else c) for c in cells)])
    return made


def text(lines: list[Line], by: int | None) -> str:
    """As a file, sorted by the column at this place."""
    in_order = lines if by is None else sorted(lines, key=lambda cells: (len(cells[by]), cells[by]))
    return HEADER + "".join(",".join(cells) + "\n" for cells in in_order)


INCOME, SCORE, WAY = 5, 6, 7
BREAKS: dict[str, Callable[[Line], Line]] = {
    "zeros": lambda cells: [*cells[:SCORE], "0", cells[WAY]],
    "unit": lambda cells: [*cells[:INCOME], str(int(cells[INCOME]) / 10_000), *cells[SCORE:]],
    "one value": lambda cells: [*cells[:INCOME], "60000", *cells[SCORE:]],
    "swapped": lambda cells: [*cells[:INCOME], cells[SCORE], cells[INCOME], cells[WAY]],
    "gaps": lambda cells: [*cells[:SCORE], "", cells[WAY]],
    "codes": lambda cells: [*cells[:WAY], str(WAYS.index(cells[WAY]))],
}


@pytest.mark.parametrize("by", [INCOME, WAY])
@pytest.mark.parametrize("at_first", [None, "as later"])
def test_sorted_files_of_the_same_loans_as_ever_go_through(
    db: None, make_file: MakeFile, by: int, at_first: str | None
) -> None:
    take_in(make_file("0.csv", text(day(0), by if at_first else None)))
    for turn in (1, 2):
        report = take_in(make_file(f"{turn}.csv", text(day(1_000 * turn), by)))
        batch = Batch.objects.latest("pk")
        assert (report.accepted, report.held, batch.signs) == (DAY, 0, [])
        assert batch.profile["consumer"]["rows"] == DAY
    assert Source.objects.get().state == "healthy"


@pytest.mark.parametrize(
    ("what", "by"), [*((what, WAY) for what in BREAKS), ("swapped", None), ("unit", INCOME), ("zeros", SCORE)]
)
def test_a_sorted_file_that_broke_is_held_before_a_row_of_it_is_decided(
    db: None, make_file: MakeFile, what: str, by: int | None
) -> None:
    take_in(make_file("0.csv", text(day(0), by)))
    report = take_in(make_file("1.csv", text([BREAKS[what](cells) for cells in day(1_000)], by)))
    assert (report.accepted, report.held, Source.objects.get().state) == (DAY, DAY, "quarantined")


@pytest.mark.parametrize("what", ["zeros", "unit", "gaps", "codes"])
def test_a_part_of_a_sorted_file_that_broke_is_told_from_its_order(db: None, make_file: MakeFile, what: str) -> None:
    """The last two hundred rows of a large file: too few to change what all of it looks like, by half of them."""
    take_in(make_file("0.csv", text(day(0), WAY)))
    sorted_lines = sorted(day(1_000, 4_000), key=lambda cells: cells[WAY])
    broken = [*sorted_lines[:-200], *(BREAKS[what](cells) for cells in sorted_lines[-200:])]
    report = take_in(make_file("1.csv", text(broken, None)))
    assert (report.accepted, report.held, Source.objects.get().state) == (4_000, 200, "quarantined")


def test_of_a_first_file_in_an_order_nothing_is_odd_but_what_is_so_in_all_of_it(db: None, make_file: MakeFile) -> None:
    """Only noughts at first, none later: the first three hundred tell nothing of the others."""
    lines = [[*cells[:SCORE], str(at % 2 * int(cells[SCORE])), cells[WAY]] for at, cells in enumerate(day(0))]
    lines = sorted(lines, key=lambda cells: -int(cells[SCORE]))
    assert take_in(make_file("0.csv", text(lines, None))).held == 0
    assert (Source.objects.get().state, list(Source.objects.get().reference)) == ("healthy", ["consumer"])


def test_a_first_file_in_an_order_is_held_to_what_came_before_it(db: None, make_file: MakeFile) -> None:
    take_in(make_file("0.csv", text(day(0, 120), None)))
    broken = [BREAKS["zeros"](cells) for cells in day(1_000)]
    assert take_in(make_file("1.csv", text(broken, WAY))).held == DAY
    assert signs_of(Source.objects.get().steps.get(name="quarantined"))[0] == ("score", "zeros", "bad")


def test_what_is_usual_is_learnt_from_all_over_a_large_sorted_file(
    db: None, make_file: MakeFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.health.usual.REFERENCE_MOST", 400)
    take_in(make_file("0.csv", text(day(0, 2_000), WAY)))
    usual = Source.objects.get().reference["consumer"]
    assert usual["usual"]["rows"] == 400
    assert set(usual["usual"]["counts"]["way"]) == set(WAYS)
    assert "way" in usual["ordered"]
    assert "score" not in usual["ordered"]
    assert take_in(make_file("1.csv", text(day(5_000), WAY))).held == 0


def told(cells: Line) -> dict[str, object]:
    return {"annual_income": int(cells[INCOME]), "score": int(cells[SCORE]), "way": cells[WAY]}


def sent(caller: Caller, lines: list[Line], by: int, **features: object) -> None:
    """A day in requests of a hundred, each looked at when it came."""
    in_order = sorted(lines, key=lambda cells: (len(cells[by]), cells[by]))
    for at in range(0, len(in_order), 100):
        cases = [
            {**case, "features": {**case["features"], **told(cells), **features}}
            for cells in in_order[at : at + 100]
            for case in [a_case(cells[0], source="branch-los")]
        ]
        assert caller.post("/cases/batch", cases).json()["accepted"] == len(cases)
        look_at_messages()


@pytest.mark.parametrize("learn", ["anew", "also"])
def test_requests_in_the_order_that_was_usual_go_through_once_a_person_has_said_so(
    db: None, admin: User, learn: str
) -> None:
    caller = Caller(create_token("los", scopes=["ingest"]))
    sent(caller, day(0), WAY)
    source = Source.objects.get()
    if source.state == "quarantined":
        source = release_source(source.slug, by=admin, reason=REASON)
        assert (learn_usual(source, ["consumer"]) if learn == "anew" else learn_also_usual(source)) == ["consumer"]
    for turn in (1, 2):
        sent(caller, day(1_000 * turn), WAY)
        assert Source.objects.get().state == "healthy"
    before = Case.objects.count()
    sent(caller, day(5_000, 100), WAY, score=0)
    assert Source.objects.get().state == "quarantined"
    assert set(Case.objects.order_by("pk")[before:].values_list("state", flat=True)) == {"needs_data"}


def rows(count: int, change: Callable[[int, dict[str, Any]], dict[str, Any]]) -> list[dict[str, Any]]:
    draw = random.Random(7)
    return [change(at, {"income": draw.gauss(50_000, 9_000), "way": draw.choice(WAYS)}) for at in range(count)]


def test_an_order_is_one_where_half_of_the_parts_or_more_are_unlike_the_whole() -> None:
    assert order_of(rows(1_000, lambda _at, row: row)) == frozenset()
    assert order_of(rows(1_000, lambda at, row: {**row, "income": row["income"] * (0.1 if at > 800 else 1)})) == set()
    assert order_of(rows(1_000, lambda at, row: {**row, "way": WAYS[at // 250]})) == {"way"}
    assert order_of(rows(90, lambda at, row: {**row, "way": WAYS[at // 25]})) == frozenset()


def test_an_order_explains_no_more_than_a_usual_whole_holds() -> None:
    usual = make_reference(rows(1_000, lambda at, row: {**row, "way": WAYS[at // 250]}))
    assert usual is not None
    part = make_profile([{"way": WAYS[0], "income": None}] * 200, usual)
    found = compare(part, usual)
    assert {(sign.feature, sign.what) for sign in found} == {
        ("income", "missing"),
        ("way", "distribution"),
        ("way", "one_value"),
    }

    def left(features: set[str], rows: int) -> set[str]:
        order = Order(frozenset(features), rows)
        return {sign.feature for sign in order.unexplained(found, part, usual)}

    assert left({"way"}, 1_000) == {"income"}
    assert left({"way", "income"}, 1_000) == {"income"}
    assert left({"way"}, 400) == {"income", "way"}
    assert left(set(), 1_000) == {"income", "way"}
    assert order_of([]) == frozenset()
    assert Order(frozenset({"way"}), 1).unexplained([], Profile(), usual) == []
