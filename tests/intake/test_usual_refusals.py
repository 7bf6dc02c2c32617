"""How many rows are usually refused is learnt at a release from few rows, too, and further until there are enough."""

from __future__ import annotations

import pytest

from cases.models import User
from intake.health.quarantine import release_source
from intake.health.refusals import learn_new_refusals, usual_refusals
from intake.models import Source
from tests.intake.places import MakeFile
from tests.intake.test_actions import take_in
from tests.intake.test_quarantine import REASON, lines
from tests.intake.test_refused_rows import broken, every, usual

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def known(make_file: MakeFile) -> MakeFile:
    """Of a source of which 400 rows have come, each good."""
    take_in(make_file("first.csv", lines(400, first=0)))
    assert usual() == (400, 0)
    return make_file


def send(make_file: MakeFile, rows: int, first: int, share: int) -> str:
    take_in(make_file(f"{first}.csv", broken(rows, first=first, where=every(share))))
    state: str = Source.objects.get().state
    return state


def released(supervisor: User, answer: str = "new") -> Source:
    return release_source("branch", by=supervisor, reason=REASON, usual=answer)


def judged_by() -> tuple[int, int]:
    now = usual_refusals(Source.objects.get())
    return now.rows, now.missing["refused"]


def test_few_rows_teach_it_and_those_that_come_later_too_until_there_are_enough(
    known: MakeFile, supervisor: User
) -> None:
    assert send(known, 100, 400, 30) == "quarantined"
    assert learn_new_refusals(released(supervisor))
    assert (usual(), judged_by()) == ((100, 30), (100, 30))
    assert [send(known, 100, first, 30) for first in (1_000, 2_000)] == ["healthy"] * 2
    assert (usual(), judged_by()) == ((300, 90), (300, 90))
    assert "more_since" not in Source.objects.get().usual_refusals
    assert (send(known, 200, 3_000, 30), usual()) == ("healthy", (300, 90))
    assert send(known, 200, 4_000, 60) == "quarantined"


def test_what_alarms_again_teaches_nothing_even_where_it_is_released(known: MakeFile, supervisor: User) -> None:
    assert send(known, 100, 400, 20) == "quarantined"
    assert learn_new_refusals(released(supervisor))
    assert (send(known, 100, 1_000, 20), judged_by()) == ("healthy", (200, 40))
    assert send(known, 150, 2_000, 80) == "quarantined"
    released(supervisor, "")
    assert (usual(), judged_by()) == ((100, 20), (200, 40))


def test_rows_are_gathered_over_releases_with_the_same_answer(known: MakeFile, supervisor: User) -> None:
    assert send(known, 30, 400, 50) == "quarantined"
    assert not learn_new_refusals(released(supervisor))
    assert usual() == (400, 0)
    assert send(known, 30, 1_000, 50) == "quarantined"
    assert learn_new_refusals(released(supervisor))
    assert usual() == (60, 30)
    assert send(known, 30, 2_000, 50) == "healthy"


@pytest.mark.parametrize("answer", ["", "also"])
def test_rows_that_were_released_with_another_answer_tell_nothing(
    known: MakeFile, supervisor: User, answer: str
) -> None:
    assert send(known, 30, 400, 50) == "quarantined"
    released(supervisor, answer)
    assert send(known, 30, 1_000, 50) == "quarantined"
    assert not learn_new_refusals(released(supervisor))
    assert usual() == (400, 0)
