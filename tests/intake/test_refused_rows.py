"""A source of which far more rows than usual cannot be taken in is quarantined, and its owner is told."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cases.accounts import create_token
from cases.models import Case, Notification, User
from intake.gate.rule_sets import set_rules
from intake.health.message_looks import look_at_messages
from intake.health.quarantine import release_source
from intake.health.refusals import learn_new_refusals, learn_refusals
from intake.models import Batch, RejectedRow, Source, SourceStep, Tally
from intake.sources.sources import set_source
from intake.ways_in.pulling import pull_due
from tests.api.calls import Caller
from tests.intake.places import MakeFile
from tests.intake.pulled import connect, lay_down, loan
from tests.intake.test_actions import HEADER, take_in
from tests.intake.test_gate import REJECTS
from tests.intake.test_looks import sound
from tests.intake.test_quarantine import REASON, lines, signs_of, states

Broken = Callable[[int], bool]


def broken(count: int, *, first: int, where: Broken, column: str = "amount", cell: str = "") -> str:
    """As `lines`, with another cell in one column of the rows at these places."""
    at, rows = HEADER.strip().split(",").index(column), []
    for place, line in enumerate(lines(count, first=first).splitlines()[1:]):
        cells = line.split(",")
        rows.append(",".join([*cells[:at], cell, *cells[at + 1 :]]) if where(place) else line)
    return HEADER + "\n".join(rows) + "\n"


def every(share: int) -> Broken:
    """So many of a hundred rows, spread over them."""
    return lambda place: place * share % 100 < share


@pytest.fixture
def known(db: None, make_file: MakeFile) -> Source:
    """A source of which 400 rows have come, each good."""
    take_in(make_file("first.csv", lines(400, first=0)))
    assert usual() == (400, 0)
    source: Source = Source.objects.get()
    return source


def usual() -> tuple[int, int]:
    """Of how many rows how many are usually refused."""
    known = Source.objects.get().usual_refusals
    return known.get("rows", 0), known.get("missing", {}).get("refused", 0)


def newest() -> Batch:
    return Batch.objects.latest("pk")


@pytest.mark.parametrize(("column", "cell"), [("amount", ""), ("term", "soon"), ("id", ""), ("currency", "5")])
def test_a_field_that_breaks_is_seen_by_the_rows_that_are_refused_and_the_others_are_held(
    known: Source, admin: User, supervisor: User, make_file: MakeFile, column: str, cell: str
) -> None:
    set_source("branch", by=admin, reason=REASON, changes={"owner": supervisor})
    report = take_in(make_file("second.csv", broken(300, first=400, where=every(30), column=column, cell=cell)))
    assert (report.accepted, report.rejected, report.held) == (210, 90, 210)
    source, batch = Source.objects.get(), newest()
    assert (source.state, source.bad_since) == ("quarantined", batch.started_at)
    assert states(400) == states(0) == {"needs_data"}
    sign = {"product": "", "feature": "", "what": "refused", "value": 0.3, "usual": 0.0, "rows": 300, "grade": "bad"}
    assert source.steps.get(name="quarantined").facts["signs"] == batch.signs == [sign]
    assert (batch.rows, batch.measures["refused"], RejectedRow.objects.count()) == (300, 0.3, 90)
    notice = Notification.objects.get()
    assert (notice.person, notice.code, notice.params) == (supervisor, "source_quarantined", {"source": "branch"})


def test_a_file_of_which_all_rows_are_refused_is_seen(known: Source, make_file: MakeFile) -> None:
    report = take_in(make_file("second.csv", broken(300, first=400, where=every(100))))
    assert (report.accepted, report.rejected) == (0, 300)
    assert (Source.objects.get().state, newest().measures) == ("quarantined", {"refused": 1.0})
    # What a quarantined source sends moves nothing of what is usual.
    assert usual() == (400, 0)


@pytest.mark.parametrize(
    ("rows", "bad", "state"),
    [(5, 1, "healthy"), (20, 4, "healthy"), (49, 12, "healthy"), (300, 12, "healthy"), (5, 5, "quarantined")],
)
def test_a_few_refused_rows_alarm_nobody(known: Source, make_file: MakeFile, rows: int, bad: int, state: str) -> None:
    report = take_in(make_file("few.csv", broken(rows, first=400, where=lambda place: place < bad)))
    assert (report.rejected, Source.objects.get().state) == (bad, state)
    assert [sign["grade"] for sign in newest().signs] == (["bad"] if state == "quarantined" else [])


def test_where_many_are_refused_as_a_rule_only_far_more_are_a_sign(db: None, make_file: MakeFile) -> None:
    take_in(make_file("first.csv", broken(500, first=0, where=every(20))))
    assert usual() == (500, 100)
    take_in(make_file("second.csv", broken(300, first=500, where=every(25))))
    assert (Source.objects.get().state, newest().signs) == ("healthy", [])
    take_in(make_file("third.csv", broken(300, first=800, where=every(45))))
    assert Source.objects.get().state == "quarantined"


def test_a_new_source_whose_first_file_is_mostly_refused_has_taught_nothing(db: None, make_file: MakeFile) -> None:
    take_in(make_file("first.csv", broken(400, first=0, where=every(90))))
    assert (Source.objects.get().state, usual()) == ("healthy", (0, 0))
    # The refused rows are mended and sent again; from then on it is known what is usual.
    take_in(make_file("mended.csv", lines(400, first=0)))
    assert usual() == (360, 0)
    take_in(make_file("second.csv", broken(300, first=400, where=every(30))))
    assert Source.objects.get().state == "quarantined"


def test_rows_that_were_refused_before_are_no_news_nor_are_those_that_tell_otherwise_of_a_case(
    known: Source, make_file: MakeFile
) -> None:
    take_in(make_file("second.csv", broken(300, first=400, where=every(4))))
    refused = [row.raw for row in RejectedRow.objects.order_by("pk")]
    assert (len(refused), Source.objects.get().state) == (12, "healthy")
    # Mended, but wrongly; then mended, in the file as it was with another amount everywhere else.
    again = [",".join((raw | {"amount": "unknown"}).values()) for raw in refused]
    report = take_in(make_file("again.csv", HEADER + "\n".join(again) + "\n"))
    assert (report.accepted, report.rejected) == (0, 12)
    report = take_in(make_file("other.csv", lines(300, first=400, seed=2)))
    assert (report.accepted, report.rejected) == (12, 288)
    other, wrong = Batch.objects.order_by("-pk")[:2]
    assert (wrong.signs, wrong.profile, other.signs) == ([], {}, [])
    assert (other.profile[""]["rows"], other.profile[""]["missing"]) == (12, {})
    assert (Source.objects.get().state, SourceStep.objects.filter(name="quarantined").count()) == ("healthy", 0)


def test_a_table_that_comes_whole_every_day_is_judged_by_its_new_rows(known: Source, make_file: MakeFile) -> None:
    """Its few bad rows come again with it, and they would be most of the few that are no known cases."""
    bad: Broken = lambda place: place < 6  # noqa: E731
    for day in range(4):
        take_in(make_file(f"{day}.csv", broken(300 + 8 * day, first=400, where=bad)))
    assert (Source.objects.get().state, newest().signs) == ("healthy", [])
    assert newest().profile[""]["rows"] == 8


def test_rows_that_the_rules_refuse_count_too(known: Source, admin: User, make_file: MakeFile) -> None:
    set_rules("consumer", "", REJECTS, by=admin, reason=REASON)
    text = broken(300, first=400, where=every(30), column="annual_income")
    report = take_in(make_file("second.csv", text))
    assert (report.accepted, report.rejected, report.held) == (210, 90, 210)
    step = Source.objects.get().steps.get(name="quarantined")
    assert signs_of(step) == [("annual_income", "missing", "bad")]
    assert ("", "refused", "bad") in [(sign["feature"], sign["what"], sign["grade"]) for sign in newest().signs]


def test_slow_decay_is_found_over_several_files_and_dated_by_its_first_sign(known: Source, make_file: MakeFile) -> None:
    begun = []
    for turn in range(8):
        drawn = random.Random(turn)
        lost = {place for place in range(60) if drawn.random() < 0.03 * turn}
        take_in(make_file(f"{turn}.csv", broken(60, first=1_000 * (turn + 1), where=lost.__contains__)))
        begun.append(newest())
        if Source.objects.get().state == "quarantined":
            break
    assert 3 <= len(begun) <= 6
    first = next(batch for batch in begun if batch.signs)
    assert (Source.objects.get().state, Source.objects.get().bad_since) == ("quarantined", first.started_at)


def test_the_new_usual_is_learnt_with_a_release(known: Source, supervisor: User, make_file: MakeFile) -> None:
    take_in(make_file("second.csv", broken(300, first=400, where=every(30))))
    source = release_source("branch", by=supervisor, reason=REASON, usual="new")
    assert states(0) == states(400) == {"received"}
    learn_refusals(source)
    assert usual() == (400, 0)
    assert learn_new_refusals(source)
    assert usual() == (300, 90)
    take_in(make_file("third.csv", broken(300, first=700, where=every(32))))
    assert (Source.objects.get().state, newest().signs) == ("healthy", [])


def test_after_a_release_without_it_the_same_is_seen_again(
    known: Source, supervisor: User, make_file: MakeFile
) -> None:
    take_in(make_file("second.csv", broken(300, first=400, where=every(30))))
    release_source("branch", by=supervisor, reason=REASON)
    take_in(make_file("third.csv", lines(300, first=700)))
    assert (Source.objects.get().state, newest().signs) == ("healthy", [])
    take_in(make_file("fourth.csv", broken(300, first=1_000, where=every(30))))
    assert (Source.objects.get().state, SourceStep.objects.filter(name="quarantined").count()) == ("quarantined", 2)


def test_a_source_that_is_released_while_its_broken_file_comes_in_begins_anew(
    known: Source, supervisor: User, make_file: MakeFile
) -> None:
    text = broken(1_200, first=400, where=lambda place: place < 1_000 and place % 3 == 0)
    released: list[Source] = []

    def release(_rows: int) -> None:
        if not released:
            released.append(release_source("branch", by=supervisor, reason=REASON))

    take_in(make_file("second.csv", text), progress=release)
    batch = newest()
    assert (batch.rows, batch.accepted, batch.rejected) == (1_200, 866, 334)
    assert (Source.objects.get().state, batch.signs, batch.measures["refused"]) == ("healthy", [], 0.0)
    assert (batch.profile[""]["rows"], states(0)) == (200, {"received"})


def test_a_pull_that_breaks_goes_on_from_its_last_row(tmp_path: Path, settings: Any, admin: User) -> None:
    settings.SOURCE_DATABASES = tmp_path
    lay_down(tmp_path, [loan(number) for number in range(400)])
    connector = connect(admin)
    pull_due()
    lay_down(tmp_path, [loan(number, amount=None if number % 2 else 5_000) for number in range(400, 700)])
    Source.objects.get().connector.pulls.update(ended_at="2026-01-01T00:00:00Z")
    type(connector).objects.update(due_at="2026-01-01T00:00:00Z")
    assert pull_due() == 1
    batch = newest()
    assert (batch.rows, batch.accepted, batch.rejected, batch.held) == (300, 150, 150, 150)
    assert Source.objects.get().state == "quarantined"
    connector.refresh_from_db()
    assert connector.position is not None
    assert connector.position[1] == ["text", "A-00699"]


@pytest.fixture
def sender(db: None) -> Caller:
    """Of a source that has sent 400 good messages."""
    caller = Caller(create_token("los", scopes=["ingest"]))
    assert caller.post("/cases/batch", [sound(f"A-{n}", n) for n in range(400)]).json()["accepted"] == 400
    look_at_messages()
    assert usual() == (400, 0)
    return caller


def without_amount(reference: str) -> dict[str, object]:
    return {**sound(reference, 1), "amount": ""}


def test_messages_of_which_many_are_refused_are_seen_before_the_machine_sees_the_others(sender: Caller) -> None:
    rows = [without_amount(f"B-{n}") if n % 3 == 0 else sound(f"B-{n}", n) for n in range(60)]
    answer = sender.post("/cases/batch", rows).json()
    assert (answer["accepted"], len(answer["rejected"]), Tally.objects.get().refused) == (40, 20, 20)
    look_at_messages()
    assert Source.objects.get().state == "quarantined"
    assert set(Case.objects.filter(external_ref__startswith="B-").values_list("state", flat=True)) == {"needs_data"}
    sign = next(sign for sign in Batch.objects.get().signs if sign["what"] == "refused")
    assert (sign["value"], sign["rows"], sign["grade"]) == (0.3333, 60, "bad")


def test_a_break_in_single_messages_is_found_within_fifty(sender: Caller) -> None:
    for number in range(50):
        assert sender.post("/cases", without_amount(f"B-{number}")).status_code == 422
        look_at_messages()
        if Source.objects.get().state == "quarantined":
            break
    assert (number, Source.objects.get().state) == (4, "quarantined")
    assert (Batch.objects.get().rejected, Tally.objects.count()) == (5, 0)


def test_a_message_that_is_sent_again_and_again_is_refused_once(sender: Caller) -> None:
    for number in range(30):
        amount = "" if number % 2 else "unknown"
        assert sender.post("/cases", {**sound("B-1", 1), "amount": amount}).status_code == 422
        assert sender.post("/cases", sound("A-1", 1)).status_code == 200
        look_at_messages()
    batch = Batch.objects.get()
    assert (batch.rejected, batch.profile[""]["rows"], batch.profile[""]["missing"]) == (30, 401, {"refused": 1})
    assert (Source.objects.get().state, batch.signs) == ("healthy", [])
