"""What a person says at a release is kept for the products that were bad, be their cases few, and for no other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from cases.models import User
from intake.health.profiles import reference_from
from intake.health.quarantine import release_source
from intake.health.usual import bad_when_released, learn_also_usual, learn_more_also, learn_new_usual
from intake.models import Batch, Source
from tests.intake.places import MakeFile
from tests.intake.test_actions import take_in
from tests.intake.test_quarantine import REASON, signs_of
from tests.intake.test_usual_states import WEEKDAY, WEEKEND, mixed

pytestmark = pytest.mark.django_db(transaction=True)
AGENTS = (0, 0, 1)


def day(first: int, small: int, way: tuple[int, int, int] = WEEKDAY, *, large: int = 200) -> str:
    """Consumer loans as ever, and so many of another product."""
    loans = mixed(large, first, WEEKDAY)
    _head, *rest = mixed(small, first + 5_000, way).replace(",consumer,", ",business,").splitlines(keepends=True)
    return loans + "".join(rest)


@pytest.fixture
def send(make_file: MakeFile) -> Any:
    """Sends a file of a source that is known, and tells its state."""

    def sent(first: int, small: int, way: tuple[int, int, int] = WEEKDAY) -> str:
        take_in(make_file(f"{first}.csv", day(first, small, way)))
        return Source.objects.get().state

    take_in(make_file("first.csv", day(0, 400, large=600)))
    assert sorted(Source.objects.get().reference) == ["business", "consumer"]
    return sent


def known(product: str) -> dict[str, Any]:
    found: dict[str, Any] = Source.objects.get().reference[product]
    return found


def released(supervisor: User, usual: str) -> Source:
    return release_source("branch", by=supervisor, reason=REASON, usual=usual)


def test_it_is_kept_for_the_product_that_was_bad_and_the_others_stay(send: Any, supervisor: User) -> None:
    before = known("consumer")
    assert send(10_000, 60, WEEKEND) == "quarantined"
    source = released(supervisor, "also")
    assert source.steps.get(name="released").facts["products"] == bad_when_released(source) == ["business"]
    assert learn_also_usual(source) == ["business"]
    assert ([each["rows"] for each in known("business")["also"]], known("consumer")) == ([60], before)
    assert send(20_000, 60, WEEKEND) == "healthy"
    assert Batch.objects.latest("pk").signs == []


def test_few_cases_of_a_day_are_gathered_over_releases_with_the_same_answer(send: Any, supervisor: User) -> None:
    before = Source.objects.get().reference
    assert send(10_000, 30, AGENTS) == "quarantined"
    assert learn_also_usual(released(supervisor, "also")) == []
    assert Source.objects.get().reference == before
    assert send(20_000, 30, AGENTS) == "quarantined"
    assert learn_also_usual(released(supervisor, "also")) == ["business"]
    assert ([each["rows"] for each in known("business")["also"]], known("consumer")) == ([50], before["consumer"])
    assert send(30_000, 30, AGENTS) == "healthy"


def test_what_few_cases_were_called_usual_by_is_learnt_further_until_there_are_enough(
    send: Any, supervisor: User, make_file: MakeFile
) -> None:
    consumer, usual = known("consumer"), known("business")["usual"]
    assert send(10_000, 60, WEEKEND) == "quarantined"
    assert learn_also_usual(released(supervisor, "also")) == ["business"]
    grown = []
    # Working days in between are of the other state, and six rows tell of none.
    for at, (count, way) in enumerate([(90, WEEKEND), (80, WEEKDAY), (6, WEEKEND), (100, WEEKEND), (70, WEEKEND)]):
        assert send(20_000 + 10_000 * at, count, way) == "healthy"
        grown.append([each["rows"] for each in known("business")["also"]])
    assert grown == [[150], [150], [150], [250], [320]]
    also = known("business")["also"]
    assert send(80_000, 90, WEEKEND) == "healthy"
    assert (known("business")["also"], known("business")["usual"], known("consumer")) == (also, usual, consumer)
    assert (sum(also[0]["counts"]["way"].values()), also[0]["missing"].keys()) == (320, usual["missing"].keys())
    lacking = "\n".join(row.rpartition(",")[0] + "," for row in day(90_000, 60, WEEKEND).splitlines()[-60:])
    head = day(90_000, 0).splitlines()[0]
    take_in(make_file("lacking.csv", f"{head}\n{lacking}\n"))
    assert ("way", "missing", "bad") in signs_of(Source.objects.get().steps.filter(name="quarantined").latest("pk"))


def test_what_alarms_again_is_no_part_of_what_was_called_usual(send: Any, supervisor: User) -> None:
    assert send(10_000, 60, WEEKEND) == "quarantined"
    assert learn_also_usual(released(supervisor, "also")) == ["business"]
    before = Source.objects.get().reference
    assert send(20_000, 60, AGENTS) == "quarantined"
    assert Source.objects.get().reference == before


def test_by_a_mapping_that_was_signed_meanwhile_nothing_is_added(send: Any, supervisor: User) -> None:
    assert send(10_000, 60, WEEKEND) == "quarantined"
    source = released(supervisor, "also")
    assert learn_also_usual(source) == ["business"]
    judged_by = reference_from(known("business"))
    came = {"business": (judged_by, judged_by.also[0], judged_by.also[0])}
    anew = replace(judged_by, since=timezone.now().isoformat())
    for reference in ({"business": anew.as_dict()}, {}):
        Source.objects.update(reference=reference)
        learn_more_also(source, came)
        assert Source.objects.get().reference == reference


@pytest.mark.parametrize("answer", ["", "new"])
def test_what_another_answer_was_given_of_teaches_nothing(send: Any, supervisor: User, answer: str) -> None:
    before = Source.objects.get().reference
    assert send(10_000, 30, AGENTS) == "quarantined"
    released(supervisor, answer)
    assert send(20_000, 30, AGENTS) == "quarantined"
    assert learn_also_usual(released(supervisor, "also")) == []
    assert Source.objects.get().reference == before


def test_cases_that_were_enough_for_one_state_are_no_part_of_the_next(send: Any, supervisor: User) -> None:
    assert send(10_000, 60, WEEKEND) == "quarantined"
    assert learn_also_usual(released(supervisor, "also")) == ["business"]
    before = Source.objects.get().reference
    assert send(20_000, 30, AGENTS) == "quarantined"
    assert learn_also_usual(released(supervisor, "also")) == []
    assert Source.objects.get().reference == before


def test_the_new_usual_is_learnt_from_few_cases_and_once_more_from_enough(send: Any, supervisor: User) -> None:
    before = known("consumer")
    assert send(10_000, 60, WEEKEND) == "quarantined"
    since = Source.objects.get().bad_since
    assert since is not None
    assert learn_new_usual(released(supervisor, "new")) == ["business"]
    now = known("business")
    assert (now["usual"]["rows"], now["is_anew"], now["since"], now["also"]) == (60, True, since.isoformat(), [])
    assert [send(first, 60, WEEKEND) for first in range(20_000, 60_000, 10_000)] == ["healthy"] * 4
    now = known("business")
    assert (now["usual"]["rows"], now["is_anew"], known("consumer")) == (300, False, before)
    assert send(60_000, 60) == "quarantined"


def test_too_few_cases_are_no_new_usual(send: Any, supervisor: User) -> None:
    before = Source.objects.get().reference
    assert send(10_000, 30, AGENTS) == "quarantined"
    assert learn_new_usual(released(supervisor, "new")) == []
    assert Source.objects.get().reference == before


def test_a_product_that_turned_bad_while_others_were_quarantined_is_one_of_them(send: Any, supervisor: User) -> None:
    assert send(10_000, 60, WEEKEND) == "quarantined"
    step = Source.objects.get().steps.get(name="quarantined")
    batch = Batch.objects.create(
        source_id=step.source_id, name="later", sha256="1" * 64, mapping=Batch.objects.latest("pk").mapping,
        signs=[{**step.facts["signs"][0], "product": "consumer"}], finished_at=step.at,
    )  # fmt: skip
    assert batch.pk > step.facts["batch"]
    assert bad_when_released(released(supervisor, "also")) == ["business", "consumer"]
