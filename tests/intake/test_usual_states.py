"""Several states may be usual for a source, where a person has said so: each look is judged against the most alike."""

from __future__ import annotations

import random

import pytest

from cases.models import User
from intake.health.quarantine import release_source
from intake.health.usual import ALSO_MOST, learn_also_usual
from intake.models import Batch, Source
from tests.intake.places import MakeFile
from tests.intake.test_actions import take_in
from tests.intake.test_quarantine import REASON, lines, signs_of

pytestmark = pytest.mark.django_db(transaction=True)
WEEKDAY, WEEKEND = (4, 5, 1), (90, 3, 7)


def mixed(count: int, first: int, weights: tuple[int, int, int], *, income: float = 1) -> str:
    draw = random.Random(first)
    head, *rows = lines(count, first=first).splitlines()
    told = []
    for row in rows:
        rest, _comma, last = row.rpartition(",")
        way = draw.choices(["online", "branch", "agent"], weights)[0]
        told.append(f"{rest},{round(int(last) * income)},{way}")
    return "\n".join([f"{head},way", *told]) + "\n"


@pytest.fixture
def weekly(make_file: MakeFile, supervisor: User) -> MakeFile:
    """A source that is known, and of which a first weekend came and was released as usual beside its working days."""
    for turn in range(3):
        take_in(make_file(f"{turn}.csv", mixed(150, 1_000 * turn, WEEKDAY)))
    take_in(make_file("weekend.csv", mixed(60, 3_000, WEEKEND)))
    source = Source.objects.get()
    assert source.state == "quarantined"
    assert ("way", "distribution", "bad") in signs_of(source.steps.get(name="quarantined"))
    source = release_source("branch", by=supervisor, reason=REASON)
    assert learn_also_usual(source) == ["consumer"]
    return make_file


def states(make_file: MakeFile, *texts: str) -> list[str]:
    found = []
    for at, text in enumerate(texts):
        take_in(make_file(f"later {at}.csv", text))
        found.append(Source.objects.get().state)
    return found


def test_what_was_released_as_usual_too_is_no_sign_and_neither_are_the_days_between(weekly: MakeFile) -> None:
    weeks = [WEEKEND, *[WEEKDAY] * 3, WEEKEND, WEEKEND, *[WEEKDAY] * 3, WEEKEND]
    texts = [mixed(60 if each == WEEKEND else 150, 10_000 + 1_000 * at, each) for at, each in enumerate(weeks)]
    assert states(weekly, *texts) == ["healthy"] * len(weeks)
    assert [*Batch.objects.filter(name__startswith="later").exclude(signs=[])] == []


@pytest.mark.parametrize("weights", [WEEKDAY, WEEKEND])
def test_a_break_is_one_in_either_state(weekly: MakeFile, weights: tuple[int, int, int]) -> None:
    assert states(weekly, mixed(150, 10_000, weights, income=0.5)) == ["quarantined"]
    signs = signs_of(Source.objects.get().steps.filter(name="quarantined").latest("pk"))
    assert [feature for feature, _what, grade in signs if grade == "bad"] == ["annual_income"]


def test_a_mix_that_is_like_neither_state_is_bad(weekly: MakeFile) -> None:
    assert states(weekly, mixed(150, 10_000, (1, 1, 8))) == ["quarantined"]


def test_slow_decay_is_found_among_changing_states(weekly: MakeFile) -> None:
    texts = [
        mixed(150, 10_000 + 1_000 * at, WEEKEND if at % 4 == 3 else WEEKDAY, income=1 - 0.02 * at) for at in range(16)
    ]
    assert "quarantined" in states(weekly, *texts)


def test_what_is_released_without_a_word_teaches_nothing(weekly: MakeFile, supervisor: User) -> None:
    for at in range(2):
        assert states(weekly, mixed(150, 10_000 + 1_000 * at, (1, 1, 8))) == ["quarantined"]
        release_source("branch", by=supervisor, reason=REASON)
    assert len(Source.objects.get().reference["consumer"]["also"]) == 1


def test_only_the_newest_states_are_kept_and_few_cases_teach_none(weekly: MakeFile) -> None:
    source = Source.objects.get()
    for _time in range(ALSO_MOST + 2):
        assert learn_also_usual(source) == ["consumer"]
        source.refresh_from_db()
    assert len(source.reference["consumer"]["also"]) == ALSO_MOST
    step = source.steps.get(name="quarantined")
    assert source.reference["consumer"]["also"][-1]["rows"] == Batch.objects.get(pk=step.facts["batch"]).rows == 60


def test_mended_rows_that_come_back_are_not_judged_by_their_look(weekly: MakeFile) -> None:
    odd = mixed(151, 10_000, (0, 0, 1), income=9).splitlines()
    back = [f"{row},{at},x" for at, row in enumerate(odd[1:], 2)]
    text = "\n".join([f"{odd[0]},riskreview_row,riskreview_reasons", *back]) + "\n"
    assert states(weekly, text) == ["healthy"]
    assert (Batch.objects.latest("pk").accepted, Batch.objects.latest("pk").signs) == (151, [])
    assert states(weekly, "\n".join(odd).replace("R-1", "R-5") + "\n") == ["quarantined"]
