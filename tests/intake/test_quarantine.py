"""A source that turns bad is quarantined by itself, before the machine decides; a person releases it with a reason."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from cases.accounts import create_token
from cases.errors import BadDecision, CaseMoved, NotAllowed
from cases.models import Case, Notification, User
from cases.move import Move, move_cases
from intake.health.message_looks import look_at_messages
from intake.health.quarantine import hold_waiting, quarantine_source, release_source, settle_quarantines
from intake.mending.mending import supply_data
from intake.models import Batch, Source, SourceStep
from intake.sources.sources import set_source
from scoring.actions import take_chunk
from tests import make
from tests.api.calls import Caller, a_case
from tests.intake.places import MakeFile
from tests.intake.test_actions import HEADER, take_in

REASON = "the export was mended today"


def lines(count: int, *, first: int, broken: bool = False, seed: int = 1) -> str:
    """Rows whose amounts are about 5,000; broken, they are a hundred times too small (yuan became 百元)."""
    draw = random.Random(f"{first} {seed}")
    rows = []
    for number in range(first, first + count):
        amount = max(100, round(draw.gauss(5_000, 1_000))) / (100 if broken else 1)
        rows.append(f"R-{number},consumer,{amount},24,USD,{round(draw.gauss(60_000, 9_000))}\n")
    return HEADER + "".join(rows)


@pytest.fixture
def known(db: None, make_file: MakeFile) -> Source:
    """A source that has sent four hundred cases, which are what is usual."""
    take_in(make_file("first.csv", lines(400, first=0)))
    source: Source = Source.objects.get()
    assert list(source.reference) == ["consumer"]
    return source


def states(first: int) -> set[str]:
    refs = Case.objects.in_bulk(field_name="pk").values()
    return {case.state for case in refs if int(case.external_ref.removeprefix("R-")) >= first}


def signs_of(step: SourceStep) -> Sequence[Any]:
    return [(sign["feature"], sign["what"], sign["grade"]) for sign in step.facts["signs"]]


def test_a_file_like_the_usual_ones_goes_through(known: Source, make_file: MakeFile) -> None:
    report = take_in(make_file("second.csv", lines(300, first=400)))
    assert (report.accepted, report.held) == (300, 0)
    batch = Batch.objects.latest("pk")
    assert (batch.signs, batch.profile["consumer"]["rows"]) == ([], 300)
    assert Source.objects.get().state == "healthy"


def test_a_file_that_breaks_at_once_is_held_before_the_machine_sees_a_row_of_it(
    known: Source, admin: User, supervisor: User, make_file: MakeFile
) -> None:
    set_source("branch", by=admin, reason=REASON, changes={"owner": supervisor})
    report = take_in(make_file("second.csv", lines(1_200, first=400, broken=True)))
    assert (report.accepted, report.held) == (1_200, 1_200)
    source = Source.objects.get()
    batch = Batch.objects.latest("pk")
    assert (source.state, source.bad_since) == ("quarantined", batch.started_at)
    assert states(400) == {"needs_data"}
    # What waited for the machine from before waits for a person too.
    assert states(0) == {"needs_data"}
    step = source.steps.get(name="quarantined")
    assert ("amount", "distribution", "bad") in signs_of(step)
    notice = Notification.objects.get()
    assert (notice.person, notice.code, notice.params) == (supervisor, "source_quarantined", {"source": "branch"})


@pytest.mark.parametrize(("still_broken", "state", "held"), [(False, "healthy", 0), (True, "quarantined", 1_600)])
def test_a_file_whose_source_is_released_while_it_comes_in_is_looked_at_anew_from_there_on(
    known: Source, supervisor: User, make_file: MakeFile, still_broken: bool, state: str, held: int
) -> None:
    text = lines(1_000, first=400, broken=True) + lines(200, first=1_400, broken=still_broken).removeprefix(HEADER)
    released: list[Source] = []

    def release_after_the_first_chunk(_rows: int) -> None:
        if not released:
            released.append(release_source("branch", by=supervisor, reason=REASON))

    take_in(make_file("second.csv", text), progress=release_after_the_first_chunk)
    batch = Batch.objects.latest("pk")
    assert (batch.rows, batch.accepted, batch.profile["consumer"]["rows"]) == (1_200, 1_200, 200)
    assert Source.objects.get().state == state
    assert Case.objects.filter(state="needs_data").count() == held
    assert SourceStep.objects.filter(name="quarantined").count() == 1 + still_broken


def first_cases(count: int, *, income: str, slug: str = "newcomer") -> str:
    rows = [f"N-{number},consumer,5000,24,USD,{income or 60_000 + number}\n" for number in range(count)]
    return HEADER + "".join(rows)


def test_a_new_source_that_sends_zeros_is_held_before_anybody_knows_what_is_usual_for_it(
    known: Source, admin: User, make_file: MakeFile
) -> None:
    report = take_in(make_file("new.csv", first_cases(25, income="0")), source="newcomer")
    newcomer = Source.objects.get(slug="newcomer")
    assert (report.accepted, report.held, newcomer.state, known.state) == (25, 25, "quarantined", "healthy")
    step = newcomer.steps.get(name="quarantined")
    assert signs_of(step) == [("annual_income", "zeros", "bad")]
    # Whoever has looked into it is believed: what comes after the release is judged by the rules alone.
    release_source("newcomer", by=admin, reason=REASON)
    take_in(make_file("again.csv", first_cases(60, income="0")), source="newcomer")
    assert Source.objects.get(slug="newcomer").state == "healthy"


@pytest.mark.parametrize("source", ["branch", "newcomer"])
def test_few_rows_in_a_mistaken_unit_are_held_whether_the_source_is_known_or_new(
    known: Source, make_file: MakeFile, source: str
) -> None:
    report = take_in(make_file("unit.csv", first_cases(25, income="6000000")), source=source)
    found = Source.objects.get(slug=source)
    assert (report.accepted, report.held, found.state) == (25, 25, "quarantined")
    assert signs_of(found.steps.get(name="quarantined"))[0] == ("annual_income", "scale", "bad")


def test_a_new_source_that_sends_what_others_send_goes_through(known: Source, make_file: MakeFile) -> None:
    report = take_in(make_file("new.csv", first_cases(60, income="")), source="newcomer")
    assert (report.accepted, report.held) == (60, 0)
    assert Source.objects.get(slug="newcomer").state == "healthy"


def test_without_an_owner_the_administrators_are_told_and_once(known: Source, admin: User) -> None:
    now = timezone.now()
    assert quarantine_source(known.pk, signs=[], since=now)
    assert not quarantine_source(known.pk, signs=[], since=now)
    assert [notice.person for notice in Notification.objects.all()] == [admin]
    assert SourceStep.objects.filter(name="quarantined").count() == 1


def test_slow_decay_is_found_over_several_files_and_dated_by_its_first_sign(known: Source, make_file: MakeFile) -> None:
    begun = []
    for turn in range(8):
        drawn = random.Random(turn)
        text = lines(60, first=1_000 * (turn + 1), seed=turn)
        decayed = [line if drawn.random() > 0.09 * turn else f"{line.rpartition(',')[0]}," for line in text.split("\n")]
        take_in(make_file(f"{turn}.csv", "\n".join(decayed[:1] + decayed[1:])))
        begun.append(Batch.objects.latest("pk"))
        if Source.objects.get().state == "quarantined":
            break
    source = Source.objects.get()
    assert source.state == "quarantined"
    assert 2 <= len(begun) <= 6
    signed = [batch.started_at for batch in begun if batch.signs]
    assert source.bad_since == signed[0]
    assert source.steps.get(name="quarantined").facts["signs"][0]["feature"] == "annual_income"


def test_many_messages_at_once_are_looked_at_before_they_are_taken_in(db: None) -> None:
    caller = Caller(create_token("los", scopes=["ingest"]))
    usual = [a_case(f"A-{n}", amount=f"{100_000 + n * 97 % 9_000}.00") for n in range(400)]
    assert caller.post("/cases/batch", usual).json()["accepted"] == 400
    look_at_messages()
    assert list(Source.objects.get().reference) == ["consumer"]
    broken = [a_case(f"B-{n}", amount=f"{10 + n}.00") for n in range(60)]
    assert caller.post("/cases/batch", broken).json()["accepted"] == 60
    assert set(Case.objects.filter(external_ref__startswith="B-").values_list("state", flat=True)) == {"needs_data"}


def test_single_messages_that_turn_bad_are_found_by_the_sweep(db: None) -> None:
    caller = Caller(create_token("los", scopes=["ingest"]))
    caller.post("/cases/batch", [a_case(f"A-{n}", amount=f"{100_000 + n * 97 % 9_000}.00") for n in range(400)])
    look_at_messages()
    Batch.objects.update(finished_at=timezone.now())
    for number in range(55):
        caller.post("/cases", a_case(f"B-{number}", amount=f"{10 + number}.00"))
    look_at_messages()
    assert Source.objects.get().state == "quarantined"
    assert caller.post("/cases", a_case("B-99")).json()["state"] == "needs_data"


def test_a_release_needs_a_person_and_a_reason_and_lets_the_cases_go_on(
    known: Source, supervisor: User, reviewer: User, make_file: MakeFile
) -> None:
    take_in(make_file("second.csv", lines(60, first=400, broken=True)))
    without_income = Case.objects.get(external_ref="R-459")
    with pytest.raises(NotAllowed):
        release_source("branch", by=reviewer, reason=REASON)
    with pytest.raises(BadDecision):
        release_source("branch", by=supervisor, reason="well")
    assert Source.objects.get().state == "quarantined"
    source = release_source("branch", by=supervisor, reason=REASON)
    assert (source.state, source.bad_since) == ("healthy", None)
    assert states(0) == {"received"}
    step = source.steps.get(name="released")
    assert (step.actor, step.reason) == (supervisor, REASON)
    case = make.reread(without_income)
    assert (case.findings, [event.name for event in case.events.all()]) == ([], ["receive", "hold", "end_quarantine"])
    with pytest.raises(CaseMoved):
        release_source("branch", by=supervisor, reason=REASON)
    # What was bad before is no sign against what comes from here on.
    take_in(make_file("third.csv", lines(60, first=600)))
    assert Source.objects.get().state == "healthy"


def test_a_case_that_lacks_data_too_stays_held_after_the_release(known: Source, supervisor: User) -> None:
    quarantine_source(known.pk, signs=[], since=timezone.now())
    held = make.case("R-9000", source="branch", findings=[{"feature": "x", "code": "feature_missing"}])
    release_source("branch", by=supervisor, reason=REASON)
    assert make.reread(held).state == "needs_data"


def test_what_a_person_lets_through_is_not_held_again(known: Source, reviewer: User) -> None:
    quarantine_source(known.pk, signs=[], since=timezone.now())
    case = Case.objects.get(external_ref="R-7")
    supply_data(case.pk, by=reviewer, values={}, reason="checked against the form", seen_version=case.version)
    settle_quarantines()
    assert make.reread(case).state == "received"


def test_what_a_process_that_died_left_to_do_is_done_by_the_sweep(known: Source) -> None:
    Source.objects.update(state="quarantined", bad_since=timezone.now() - timedelta(hours=1))
    assert states(0) == {"received"}
    settle_quarantines()
    assert states(0) == {"needs_data"}
    assert hold_waiting(known) == 0


def test_a_case_that_comes_back_to_the_machine_while_its_source_is_bad_waits_until_it_is_held(
    known: Source, reviewer: User
) -> None:
    quarantine_source(known.pk, signs=[], since=timezone.now())
    passed = Case.objects.get(external_ref="R-7")
    supply_data(passed.pk, by=reviewer, values={}, reason="checked against the form", seen_version=passed.version)
    back = Case.objects.get(external_ref="R-8")
    with transaction.atomic():
        assert move_cases("end_quarantine", [Move(back.pk, back.version, {"findings": []}, {})]) == [back.pk]
    other = make.case("A-1")
    taken = [case.external_ref for case in take_chunk("worker", attempts=0, size=10)]
    assert taken == [passed.external_ref, other.external_ref]
    settle_quarantines()
    assert make.reread(back).state == "needs_data"


def test_a_look_that_was_under_way_at_a_release_neither_holds_nor_quarantines_again(
    known: Source, supervisor: User
) -> None:
    quarantine_source(known.pk, signs=[], since=timezone.now())
    seen = Source.objects.get()
    assert release_source("branch", by=supervisor, reason=REASON).state == "healthy"
    assert hold_waiting(seen) == 0
    assert not quarantine_source(known.pk, signs=[], since=timezone.now(), releases=0)
    assert (Source.objects.get().state, states(0)) == ("healthy", {"received"})
    assert SourceStep.objects.filter(name="quarantined").count() == 1
    assert quarantine_source(known.pk, signs=[], since=timezone.now(), releases=1)


def aged(count: int, *, first: int, broken: bool = False) -> str:
    """As `lines`, applied for five hours ago."""
    at = (timezone.now() - timedelta(hours=5)).isoformat(timespec="seconds")
    head, *rows = lines(count, first=first, broken=broken).splitlines()
    return "\n".join([f"{head},application_date", *(f"{row},{at}" for row in rows)]) + "\n"


@pytest.mark.parametrize(("trust", "state", "codes"), [
    ("full", "received", ["later_than_promised"]),
    ("limited", "needs_data", ["later_than_promised", "source_quarantined"]),
    ("none", "needs_data", ["later_than_promised", "source_quarantined", "source_not_trusted"]),
])  # fmt: skip
def test_what_is_only_marked_besides_goes_on_with_its_marks_and_what_waits_for_more_waits(
    known: Source, admin: User, supervisor: User, make_file: MakeFile, trust: str, state: str, codes: list[str]
) -> None:
    set_source("branch", by=admin, reason=REASON, changes={"promise_hours": 2, "trust": trust})
    report = take_in(make_file("second.csv", aged(300, first=400, broken=True)))
    assert (report.accepted, report.held, Source.objects.get().state) == (300, 300, "quarantined")
    release_source("branch", by=supervisor, reason=REASON)
    settle_quarantines()
    assert (Source.objects.get().state, states(400)) == ("healthy", {state})
    late = Case.objects.filter(applied_at__lt=timezone.now() - timedelta(hours=4))
    assert [[finding["code"] for finding in case.findings] for case in late] == [codes] * 300
