"""What comes as messages is looked at in small pieces, and a break shows all the same; what a new source is held to."""

from __future__ import annotations

import pytest
from django.utils import timezone

from cases.accounts import create_token
from cases.models import Case, User
from intake.health.message_looks import look_at_messages
from intake.health.quarantine import release_source
from intake.health.usual import usual_elsewhere
from intake.health.watching import look_after
from intake.models import Batch, Source, Tally
from scoring.actions import take_chunk
from tests.api.calls import Caller, a_case
from tests.intake.places import MakeFile
from tests.intake.test_actions import take_in
from tests.intake.test_quarantine import REASON, first_cases, lines


@pytest.fixture
def sender(db: None) -> Caller:
    """Of a source that is known and has been sound all hour, in the batch that still goes on."""
    caller = Caller(create_token("los", scopes=["ingest"]))
    usual = [sound(f"A-{number}", number) for number in range(400)]
    assert caller.post("/cases/batch", usual).json()["accepted"] == 400
    look_at_messages()
    for first in (1_000, 2_000):
        assert caller.post("/cases/batch", [sound(f"A-{n}", n) for n in range(first, first + 400)]).status_code == 200
        look_at_messages()
    source = Source.objects.get()
    assert (source.state, list(source.reference)) == ("healthy", ["consumer"])
    return caller


def sound(reference: str, number: int, *, source: str = "branch-los", **features: object) -> dict[str, object]:
    usual = {**a_case()["features"], "annual_income": 50_000 + number * 97 % 9_000}
    return a_case(reference, source=source, features={**usual, **features})


def test_a_break_in_single_messages_is_found_within_fifty_and_not_diluted_by_the_hour(sender: Caller) -> None:
    for number in range(50):
        sender.post("/cases", sound(f"B-{number}", number, annual_income=10 + number))
        look_at_messages()
        if Source.objects.get().state == "quarantined":
            break
    assert Source.objects.get().state == "quarantined"
    assert number < 50
    assert Case.objects.get(external_ref=f"B-{number}").state == "needs_data"


def test_no_case_of_a_message_is_taken_before_it_was_looked_at(sender: Caller) -> None:
    taken = take_chunk("earlier", attempts=0, size=5_000)
    assert len(taken) == 1_200
    sender.post("/cases", sound("C-1", 1))
    assert take_chunk("one", attempts=0, size=10) == []
    look_at_messages()
    assert [case.external_ref for case in take_chunk("one", attempts=0, size=10)] == ["C-1"]


def test_a_look_that_was_cut_off_before_it_was_kept_is_taken_again_and_counts_once(sender: Caller) -> None:
    sender.post("/cases", sound("C-1", 1))
    tally, before = Tally.objects.get(), Batch.objects.get()
    look_after(tally.batch_id, tally.case_ids)
    assert (Batch.objects.get().profile, Tally.objects.count()) == (before.profile, 1)
    look_at_messages()
    batch = Batch.objects.get()
    assert (batch.rows, batch.profile["consumer"]["rows"]) == (before.rows + 1, before.profile["consumer"]["rows"] + 1)
    assert Tally.objects.count() == 0


def test_what_waited_for_its_look_at_a_release_does_not_bring_the_quarantine_back(sender: Caller, admin: User) -> None:
    broken = [sound(f"B-{number}", number, annual_income=10 + number) for number in range(60)]
    assert sender.post("/cases/batch", broken).json()["accepted"] == 60
    assert (Source.objects.get().state, Tally.objects.count()) == ("quarantined", 1)
    release_source(Source.objects.get().slug, by=admin, reason=REASON)
    look_at_messages()
    assert (Source.objects.get().state, Tally.objects.count()) == ("healthy", 0)


def test_a_new_source_is_held_to_what_a_quarantined_one_sent_where_there_is_no_other(
    db: None, make_file: MakeFile
) -> None:
    take_in(make_file("first.csv", lines(400, first=0)))
    Source.objects.update(state="quarantined", bad_since=timezone.now())
    known = Source.objects.get()
    usual = usual_elsewhere("consumer", known.pk + 1)
    assert usual is not None
    assert usual.as_dict() == known.reference["consumer"]
    report = take_in(make_file("new.csv", first_cases(25, income="0")), source="newcomer")
    newcomer = Source.objects.get(slug="newcomer")
    signs = newcomer.steps.get(name="quarantined").facts["signs"]
    assert (report.accepted, report.held, newcomer.state) == (25, 25, "quarantined")
    assert [(sign["feature"], sign["what"], sign["grade"]) for sign in signs] == [("annual_income", "zeros", "bad")]


def test_a_new_source_is_held_to_its_own_first_rows_where_nobody_else_is_known(db: None, make_file: MakeFile) -> None:
    report = take_in(make_file("own.csv", lines(60, first=0)))
    source = Source.objects.get()
    assert (report.held, source.reference, source.state) == (0, {}, "healthy")
    assert usual_elsewhere("consumer", source.pk) is None
    zeros = lines(25, first=100).splitlines()
    text = "\n".join([zeros[0], *(f"{line.rpartition(',')[0]},0" for line in zeros[1:])]) + "\n"
    report = take_in(make_file("zeros.csv", text))
    signs = Source.objects.get().steps.get(name="quarantined").facts["signs"]
    assert (report.accepted, report.held) == (25, 25)
    assert [(sign["feature"], sign["what"], sign["grade"]) for sign in signs] == [("annual_income", "zeros", "bad")]


@pytest.mark.parametrize(("income", "what"), [("0", "zeros"), ("", "missing"), ("600000000", "scale")])
def test_a_new_source_that_lacks_a_column_of_others_is_still_held_to_its_own_first_rows_within_one_file(
    db: None, make_file: MakeFile, monkeypatch: pytest.MonkeyPatch, income: str, what: str
) -> None:
    head, *known = lines(400, first=0).splitlines()
    scored = [f"{line},{600 + number % 90}" for number, line in enumerate(known)]
    take_in(make_file("others.csv", "\n".join([f"{head},credit_score", *scored]) + "\n"), source="others")
    monkeypatch.setattr("intake.actions.CHUNK", 100)
    rows = lines(500, first=1_000).splitlines()
    broken = [f"{line.rpartition(',')[0]},{income}" for line in rows[301:]]
    report = take_in(make_file("new.csv", "\n".join([*rows[:301], *broken]) + "\n"))
    source = Source.objects.get(slug="branch")
    assert (report.accepted, report.held, source.state) == (500, 200, "quarantined")
    (step,) = source.steps.filter(name="quarantined")
    assert ("annual_income", what) in [
        (sign["feature"], sign["what"]) for sign in step.facts["signs"] if sign["grade"] == "bad"
    ]


def test_slow_decay_in_small_files_is_found_over_many_and_dated_back_to_its_first_sign(
    db: None, make_file: MakeFile
) -> None:
    """Every third file of three rows lacks an income: no file tells, nor do the last ten of them together."""
    take_in(make_file("first.csv", lines(400, first=0)))
    signed: list[Batch] = []
    for turn in range(60):
        *before, last = lines(3, first=1_000 + 3 * turn).splitlines()
        last = last if turn % 3 else f"{last.rpartition(',')[0]},"
        take_in(make_file(f"{turn}.csv", "\n".join([*before, last]) + "\n"))
        batch = Batch.objects.latest("pk")
        signed += [batch] if batch.signs else []
        if Source.objects.get().state == "quarantined":
            break
    source = Source.objects.get()
    assert (source.state, source.bad_since) == ("quarantined", signed[0].started_at)
    assert 10 < turn < 59
    signs = source.steps.get(name="quarantined").facts["signs"]
    assert [(sign["feature"], sign["what"], sign["grade"]) for sign in signs] == [("annual_income", "missing", "bad")]
    # Nothing of it came before the first sign, nothing after it is left out.
    listed = set(Case.objects.filter(received_at__gte=source.bad_since).values_list("origin__batch", flat=True))
    assert listed == set(Batch.objects.filter(pk__gte=signed[0].pk).values_list("pk", flat=True))


def test_a_look_that_fails_stops_its_own_source_and_no_other(sender: Caller, admin: User) -> None:
    """What its batch has kept cannot be read: an error of the program, whatever the messages hold."""
    sender.post("/cases", sound("A-9000", 1, source="other"))
    sender.post("/cases", sound("B-9000", 1))
    batch = Batch.objects.earliest("pk")
    slug = batch.source.slug
    Batch.objects.filter(pk=batch.pk).update(profile={"consumer": "broken"})
    look_at_messages()
    states = dict(Source.objects.values_list("slug", "state"))
    assert states == {slug: "quarantined", "other": "healthy"}
    assert Tally.objects.count() == 0
    held = Case.objects.get(external_ref="B-9000")
    assert (held.state, held.source) == ("needs_data", slug)
    assert Case.objects.get(external_ref="A-9000").state == "received"
    sign = Source.objects.get(slug=slug).steps.get(name="quarantined").facts["signs"][0]
    assert (sign["what"], sign["grade"], sign["rows"]) == ("unreadable", "bad", 1)


def test_single_messages_of_one_branch_in_a_mistaken_unit_are_found_among_those_of_others(sender: Caller) -> None:
    """Looked at all at once, as after a pause of the worker: one of seven has its income in units of 10,000."""
    for number in range(210):
        factor = 1e-4 if number % 7 == 3 else 1
        usual = 50_000 + number * 97 % 9_000
        sender.post("/cases", sound(f"B-{number}", number, annual_income=usual * factor))
    look_at_messages()
    source = Source.objects.get()
    bad = {(sign["feature"], sign["what"]) for sign in Batch.objects.latest("pk").signs if sign["grade"] == "bad"}
    assert (source.state, ("annual_income", "scale") in bad) == ("quarantined", True)
    waiting = Case.objects.filter(external_ref__startswith="B-").values_list("state", flat=True)
    assert set(waiting) == {"needs_data"}
