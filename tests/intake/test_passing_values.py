"""Days, batch numbers and periods are always new ones, and no break; what is none of them is judged as ever."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from intake.health.first_signs import first_signs, signs_alone
from intake.health.health import compare
from intake.health.profiles import Reference, make_profile, make_reference, reference_from
from intake.models import Batch, Source
from intake.values.packed_days import is_day, is_packed
from tests.intake.places import MakeFile
from tests.intake.test_actions import take_in
from tests.intake.test_quarantine import lines

Cell = Callable[[int, random.Random], Any]
Found = list[tuple[str, str]]


def rows(cell: Cell, batch: int, count: int = 150) -> list[dict[str, Any]]:
    draw = random.Random(batch)
    return [{"x": cell(batch, draw), "income": round(draw.gauss(50_000, 9_000))} for _number in range(count)]


def usual(cell: Cell, *batches: int) -> Reference:
    told = [row for batch in batches for row in rows(cell, batch, 450 // len(batches))]
    made = make_reference(told, batches=[batch for batch in batches for _row in range(450 // len(batches))])
    assert made is not None
    return reference_from(made.as_dict())


def found(now: list[dict[str, Any]], reference: Reference) -> Found:
    return [(sign.what, sign.grade) for sign in compare(make_profile(now, reference), reference)]


def day(batch: int, draw: random.Random) -> int:
    return 20260101 + draw.randrange(28) + 100 * batch


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("20260815", True), ("20260815.0", True), ("202608", True), ("19800229", True), ("20260230", False),
     ("202613", False), ("20261301", False), ("20000000", False), ("18991231", False), ("20260815.5", False),
     ("2026", False)],
)  # fmt: skip
def test_a_packed_day_is_one_that_exists(text: str, is_one: bool) -> None:
    assert (is_packed(text), is_day(float(text))) == (is_one, is_one)


@pytest.mark.parametrize("form", [int, float, str, lambda at: f"{at}.0"], ids=["int", "float", "text", "text.0"])
def test_packed_days_are_always_new_ones(form: Callable[[int], Any]) -> None:
    def cell(batch: int, draw: random.Random) -> Any:
        return form(day(batch, draw))

    known = usual(cell, 0, 1, 2)
    assert found(rows(cell, 8), known) == []
    # One day for all, and days written otherwise.
    assert found(rows(lambda *_: form(20261101), 8), known) == []
    assert found(rows(lambda *_: "2026-11-01", 8), known) == []
    assert found(rows(lambda *_: None, 8), known) == [("missing", "bad")]


def test_what_is_no_day_below_days_is_told_of() -> None:
    known = usual(day, 0, 1, 2)
    assert found(rows(lambda *_: 0, 8), known) == [("new_values", "bad"), ("one_value", "bad")]
    assert found(rows(lambda _batch, draw: draw.randrange(40, 900), 8), known) == [("new_values", "bad")]
    some = rows(lambda batch, draw: 0 if draw.random() < 0.3 else day(batch, draw), 8)
    assert ("new_values", "bad") in found(some, known)
    # A third that was never given is usual where it always was so.
    lacking = usual(lambda batch, draw: 0 if draw.random() < 0.3 else day(batch, draw), 0, 1, 2)
    assert found(some, lacking) == []


def test_a_reference_of_before_days_were_known_is_read_as_one_of_days() -> None:
    known = usual(day, 0, 1, 2).as_dict()
    known = {name: each for name, each in known.items() if name in ("edges", "usual", "free")}
    assert found(rows(day, 8), reference_from(known)) == []


def test_numbers_among_which_one_looks_like_a_day_stay_numbers() -> None:
    known = usual(lambda _batch, draw: draw.randrange(100_000, 900_000), 0, 1, 2)
    assert (known.days, found(rows(lambda *_: 202_609, 8), known)[0]) == (frozenset(), ("distribution", "bad"))


def test_first_signs_know_packed_days_and_what_changes_with_each_batch() -> None:
    known = usual(day, 0, 1, 2)
    assert first_signs(rows(lambda *_: 20261101, 8, 40), known, is_own=True) == []
    (zeros,) = first_signs(rows(lambda *_: 0, 8, 40), known, is_own=True)
    assert (zeros.feature, zeros.what, zeros.grade) == ("x", "zeros", "bad")
    counter = usual(lambda batch, _draw: batch, 1, 2, 3)
    assert first_signs(rows(lambda *_: 90, 8, 40), counter, is_own=True) == []
    assert [sign.feature for sign in signs_alone([{"a": 20261101, "b": 7, "c": at} for at in range(20)])] == ["b"]


@pytest.mark.parametrize(
    "cell",
    [lambda b, _: f"PC202609{b:02}", lambda b, _: b, lambda b, _: f"第{30 + b}周", lambda b, _: f"loan_{b}.csv",
     lambda b, _: 202600 + b, lambda b, _: f"2026Q{1 + b % 4}", lambda b, _: f"V1.{b}", lambda b, _: 3.1 - b / 100],
)  # fmt: skip
def test_what_has_one_value_in_each_batch_may_have_another_one_in_the_next(cell: Cell) -> None:
    known = usual(cell, 1, 2, 3)
    assert found(rows(cell, 9), known) == []
    together = make_profile(rows(cell, 8), known).add(make_profile(rows(cell, 9), known))
    assert compare(together, known, batch=make_profile(rows(cell, 9), known)) == []
    assert found(rows(lambda *_: None, 9), known) == [("missing", "bad")]


def test_what_never_changed_is_watched_when_it_does() -> None:
    known = usual(lambda *_: 3.1, 1, 2, 3)
    assert found(rows(lambda *_: 3.0, 9), known) == [("distribution", "watch"), ("one_value", "watch")]
    assert found(rows(lambda *_: "b", 9), usual(lambda *_: "a", 1, 2, 3))[0] == ("new_values", "watch")


@pytest.mark.parametrize(
    ("before", "now"),
    [(3.1, 0), (3.1, 0.031), (0.031, 3.1), (50_000, 5), (3.1, -1), (3.1, "n/a")],
)  # fmt: skip
def test_noughts_mistaken_units_and_words_are_breaks_all_the_same(before: float, now: object) -> None:
    assert "bad" in {grade for _what, grade in found(rows(lambda *_: now, 9), usual(lambda *_: before, 1, 2, 3))}


def test_what_had_several_values_and_has_one_is_stuck_and_several_where_one_was_are_a_break() -> None:
    several = usual(lambda _batch, draw: draw.randrange(9), 1, 2, 3)
    assert ("one_value", "bad") in found(rows(lambda *_: 5, 9), several)
    one = usual(lambda batch, _draw: f"PC{batch}", 1, 2, 3)
    assert ("new_values", "bad") in found(rows(lambda _batch, draw: draw.choice("abc"), 9), one)


def test_what_the_case_is_about_may_not_change_for_all() -> None:
    told = [{"currency": "CNY", "income": 50_000 + at} for at in range(400)]
    known = make_reference(told)
    assert known is not None
    assert ("new_values", "bad") in found([{**row, "currency": "USD"} for row in told[:150]], known)


def test_batches_too_small_to_tell_are_taken_as_one() -> None:
    told = [{"x": at % 7, "income": 50_000 + at} for at in range(400)]
    made = make_reference(told, batches=[*range(400)])
    assert made is not None
    assert (made.steady, make_reference(told, batches=[at % 7 for at in range(400)]).steady) == ((), ("x",))  # type: ignore[union-attr]


@pytest.mark.django_db(transaction=True)
def test_files_with_packed_days_and_a_number_of_their_own_keep_their_source_healthy(make_file: MakeFile) -> None:
    for turn in range(6):
        draw = random.Random(turn)
        head, *loans = lines(150, first=1_000 * turn).splitlines()
        dated = [f"{row},{day(turn, draw)},{turn + 1}" for row in loans]
        take_in(make_file(f"{turn}.csv", "\n".join([f"{head},credit_report_date,round_no", *dated]) + "\n"))
    # Of the first file alone nobody knows that one number for all is its own.
    told = [(batch.name, batch.signs[0]["grade"]) for batch in Batch.objects.exclude(signs=[])]
    assert (told, Source.objects.get().state) == ([("0.csv", "watch")], "healthy")
    steady = Source.objects.get().reference["consumer"]["steady"]
    assert [name for name in ("annual_income", "round_no", "credit_report_date") if name in steady] == ["round_no"]
