"""Sources: opened by the first arrival, stated by an administrator with a reason, each batch counted and kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from cases.accounts import create_token
from cases.errors import BadDecision, NotAllowed
from cases.models import Case, Notification, User
from cases.office import OFFICE
from intake.health.message_looks import MESSAGES_TOGETHER, look_at_messages
from intake.health.silence import tell_of_silence
from intake.models import Batch, MappingVersion, RejectedRow, Source, SourceStep, Tally
from intake.sources.sources import SourceNotFound, set_source
from tests.api.calls import Caller, a_case
from tests.intake.places import MakeFile
from tests.intake.test_actions import good, table, take_in
from tests.together import together

REASON = "agreed with the branch"


@pytest.fixture
def ingest(db: None) -> Caller:
    return Caller(create_token("los", scopes=["ingest"]))


def counted(batch: Batch) -> tuple[int, int, int, int, int]:
    return batch.rows, batch.accepted, batch.duplicates, batch.rejected, batch.held


def test_the_first_file_opens_its_source_and_its_mapping_is_version_one(db: None, make_file: MakeFile) -> None:
    report = take_in(make_file("a.csv", table(good(1))))
    source = Source.objects.get()
    assert (source.slug, source.kind, source.state, source.trust) == ("branch", "file", "healthy", "full")
    assert [step.name for step in source.steps.all()] == ["opened"]
    assert report.file is not None
    assert report.file.mapping is not None
    assert (report.file.mapping.number, report.file.mapping.source) == (1, source)
    take_in(make_file("b.csv", table(good(2))))
    assert MappingVersion.objects.count() == 1
    take_in(make_file("c.csv", "ref,product,amount,term,currency,annual_income\nR-9,consumer,5000,24,USD,60000\n"))
    assert list(MappingVersion.objects.order_by("number").values_list("number", flat=True)) == [1, 2]


def test_messages_of_a_system_come_together_in_one_batch_that_is_added_up(ingest: Caller) -> None:
    ingest.post("/cases", a_case("A-1"))
    ingest.post("/cases", a_case("A-1"))
    ingest.post("/cases", a_case("A-2", amount="0"))
    ingest.post("/cases/batch", [a_case("A-3", features={"annual_income": -1}), {"source": "branch-los"}])
    batch = Batch.objects.get()
    assert (batch.kind, batch.name, batch.source.kind) == ("push", "los", "push")
    assert Tally.objects.count() == 4
    look_at_messages()
    batch = Batch.objects.get()
    assert counted(batch) == (5, 2, 1, 2, 1)
    assert (Tally.objects.count(), batch.finished_at) == (0, None)
    look_at_messages()
    assert counted(Batch.objects.get()) == (5, 2, 1, 2, 1)


def test_a_rejected_message_is_kept_as_it_was_sent_and_once_however_often(ingest: Caller) -> None:
    ingest.post("/cases", a_case("A-1"))
    bad = a_case("A-2", amount="0")
    for _turn in range(3):
        ingest.post("/cases", bad)
    ingest.post("/cases/batch", [a_case("A-1"), bad])
    row = RejectedRow.objects.get()
    assert [(error["field"], error["code"]) for error in row.errors] == [("amount", "not_positive")]
    assert row.raw["external_ref"] == "A-2"
    assert row.raw["applicant.name"] == "张三"
    assert row.raw["features.annual_income"] == "180000"


def test_a_bad_message_alone_opens_no_source(ingest: Caller) -> None:
    ingest.post("/cases", a_case("A-2", amount="0"))
    assert (Source.objects.count(), Batch.objects.count(), RejectedRow.objects.count()) == (0, 0, 0)


def test_messages_after_an_hour_are_a_new_batch(ingest: Caller) -> None:
    ingest.post("/cases", a_case("A-1"))
    Batch.objects.update(started_at=timezone.now() - MESSAGES_TOGETHER - timedelta(minutes=1))
    look_at_messages()
    assert Batch.objects.get().finished_at is not None
    ingest.post("/cases", a_case("A-2"))
    assert [counted(batch)[1] for batch in Batch.objects.order_by("pk")] == [1, 0]
    look_at_messages()
    assert [counted(batch)[1] for batch in Batch.objects.order_by("pk")] == [1, 1]


def test_eight_senders_at_once_share_one_batch_and_each_case_is_counted(shared_db: None) -> None:
    caller = Caller(create_token("los", scopes=["ingest"]))
    together([lambda n=n: caller.post("/cases", a_case(f"A-{n}")) for n in range(8)])  # type: ignore[misc]
    look_at_messages()
    assert counted(Batch.objects.get()) == (8, 8, 0, 0, 0)
    assert Case.objects.count() == 8


def test_an_administrator_states_who_answers_and_what_is_promised(admin: User, supervisor: User) -> None:
    Source.objects.create(slug="branch")
    changes = {"owner": supervisor, "every_hours": 24, "promise_hours": 48, "trust": "limited", "title": "Branch"}
    set_source("branch", by=admin, reason=REASON, changes=changes)
    source = Source.objects.get()
    assert (source.owner, source.every_hours, source.promise_hours, source.trust) == (supervisor, 24, 48, "limited")
    step = SourceStep.objects.get()
    assert (step.name, step.actor, step.reason) == ("changed", admin, REASON)
    assert step.facts["before"]["owner"] is None
    assert step.facts["after"]["owner"] == supervisor.display_name
    assert "kind" not in step.facts["after"]


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"trust": "limited"}, "short", "reason"),
        ({}, REASON, ""),
        ({"trust": "much"}, REASON, "trust"),
        ({"kind": "pigeon"}, REASON, "kind"),
        ({"every_hours": 0}, REASON, "every_hours"),
        ({"promise_hours": 10_001}, REASON, "promise_hours"),
        ({"title": "x" * 101}, REASON, "title"),
    ],
)
def test_what_does_not_fit_is_refused_and_named(admin: User, changes: dict[str, Any], reason: str, field: str) -> None:
    Source.objects.create(slug="branch")
    with pytest.raises(BadDecision) as refusal:
        set_source("branch", by=admin, reason=reason, changes=changes)
    assert refusal.value.field == field
    assert (Source.objects.get().trust, SourceStep.objects.count()) == ("full", 0)


def test_only_an_administrator_changes_a_source_that_there_is(admin: User, supervisor: User) -> None:
    Source.objects.create(slug="branch")
    with pytest.raises(NotAllowed):
        set_source("branch", by=supervisor, reason=REASON, changes={"trust": "none"})
    with pytest.raises(SourceNotFound):
        set_source("other", by=admin, reason=REASON, changes={"trust": "none"})


def test_every_case_of_a_source_that_nobody_trusts_waits_for_a_person(
    admin: User, db: None, make_file: MakeFile
) -> None:
    Source.objects.create(slug="branch")
    set_source("branch", by=admin, reason=REASON, changes={"trust": "none"})
    report = take_in(make_file("a.csv", table(good(1), good(2))))
    assert (report.accepted, report.held) == (2, 2)
    for case in Case.objects.all():
        assert (case.state, [finding["code"] for finding in case.findings]) == ("needs_data", ["source_not_trusted"])


def heard(at: datetime) -> None:
    """The one batch began and ended then."""
    Batch.objects.update(started_at=at, finished_at=at)


def test_a_silent_source_is_told_of_once_a_silence(
    shared_db: None, admin: User, supervisor: User, make_file: MakeFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(make_file("a.csv", table(good(1))))
    set_source("branch", by=admin, reason=REASON, changes={"owner": supervisor, "every_hours": 2})
    hours = timedelta(hours=1)
    heard(timezone.now() - 2.9 * hours)
    assert tell_of_silence() == 0
    last = timezone.now() - 3.1 * hours
    heard(last)
    assert sorted(together([tell_of_silence] * 2)) == [0, 1]
    assert tell_of_silence() == 0
    told = Notification.objects.get()
    assert (told.person, told.code, told.params) == (supervisor, "source_silent", {"source": "branch"})
    step = SourceStep.objects.get(name="silent")
    assert (step.actor, step.facts, Source.objects.get().state) == (None, {"last": last.isoformat()}, "healthy")
    # It delivers, and falls silent anew: the clock goes on, since what stands in the record is never changed.
    heard(timezone.now())
    assert tell_of_silence() == 0
    later = timezone.now() + 3.1 * hours
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert (tell_of_silence(), Notification.objects.count()) == (1, 2)


def test_messages_that_still_come_together_are_no_silence(admin: User, ingest: Caller) -> None:
    ingest.post("/cases", a_case("A-1"))
    set_source("branch-los", by=admin, reason=REASON, changes={"every_hours": 1})
    Batch.objects.update(started_at=timezone.now() - timedelta(hours=2))
    assert tell_of_silence() == 0
    # An hour's messages ended 89 minutes ago: the last may have come just then.
    Batch.objects.update(finished_at=timezone.now() - timedelta(minutes=89))
    assert tell_of_silence() == 0
    Batch.objects.update(finished_at=timezone.now() - timedelta(minutes=91))
    assert tell_of_silence() == 1


def test_a_case_that_comes_later_than_its_source_promises_is_marked(admin: User, ingest: Caller) -> None:
    late = (timezone.now() - timedelta(hours=49)).isoformat()
    in_time = (timezone.now() - timedelta(hours=47)).isoformat()
    Source.objects.create(slug="branch-los", kind="push")
    set_source("branch-los", by=admin, reason=REASON, changes={"promise_hours": 48})
    for reference, applied in (("in-time", in_time), ("late", late)):
        assert ingest.post("/cases", a_case(reference, applied_at=applied)).json()["state"] == "received"
    cases = Case.objects.order_by("pk")
    assert [[each["code"] for each in case.findings] for case in cases] == [[], ["later_than_promised"]]
    assert (cases[1].findings[0]["severity"], cases[1].findings[0]["params"]["hours"]) == ("mark", "48")
    # On the office clock, as pages say times.
    applied = cases[1].applied_at.astimezone(OFFICE).strftime("%Y-%m-%d %H:%M")
    assert cases[1].findings[0]["zh"].endswith(f"承诺在申请后 48 小时内送达；该业务的申请时间为 {applied}。")
    # Of a source of limited trust a mark is reason enough to wait.
    set_source("branch-los", by=admin, reason=REASON, changes={"trust": "limited"})
    assert ingest.post("/cases", a_case("late-too", applied_at=late)).json()["state"] == "needs_data"


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE intake_source SET state = 'quarantined'", "source_quarantined_since_a_first_sign"),
        ("UPDATE intake_source SET trust = 'much'", "source_trust_known"),
        ("UPDATE intake_source SET every_hours = 0", "source_schedule_positive"),
        ("UPDATE intake_batch SET held = 9", "batch_held_among_the_accepted"),
        ("UPDATE intake_batch SET kind = 'push'", "batch_of_a_known_way"),
        (
            "INSERT INTO intake_sourcestep (source_id, name, reason, facts) SELECT id, 'released', '', '{}' "
            "FROM intake_source",
            "source_step_by_a_person_has_a_reason",
        ),
    ],
)
def test_the_database_refuses_what_no_source_can_be(
    db: None, make_file: MakeFile, statement: str, constraint: str
) -> None:
    take_in(make_file("a.csv", table(good(1))))
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
