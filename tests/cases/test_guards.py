"""What the database itself refuses, whoever asks it: every attempt is raw SQL past the product's own doors."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from psycopg import sql

from cases.models import (
    Adjudication,
    AskedSigner,
    Case,
    Claim,
    Comment,
    DeskRules,
    Document,
    Opinion,
    Review,
    SecondLook,
    Skip,
    User,
)
from cases.revealing import reveal_applicant
from cases.states import Role
from intake.models import (
    ApplicantLink,
    Batch,
    CaseJoin,
    LinkStep,
    MappingVersion,
    ReferenceRow,
    RejectedRow,
    RuleSet,
    Source,
    SourceStep,
)
from intake.stored.kept_models import MessageStep
from learning.models import LabelWeights, MonitoringMeasure, MonitoringWindow
from outgoing.feeds import make_feed
from outgoing.models import Webhook, WebhookStep
from routing.models import Route
from scoring.models import Assessment, Breaker, BreakerRules, BreakerStep, ModelReference, ModelVersion
from tests import make, mapped
from tests.cases.history import everything
from tests.cases.refusals import attempt, refusal_of
from tests.kept import KEPT


def fill_the_file(case: Case, review: Review) -> None:
    """A row in each table of what lies around a decision."""
    by, claim = review.reviewer, Claim.objects.filter(case=case).latest("pk")
    other = make.user("another", Role.REVIEWER)
    third = make.user("a-third", Role.SUPERVISOR)
    Document.objects.create(
        case=case, case_version=2, name="a.pdf", media_type="application/pdf", size=1, sha256="a" * 64, added_by=by
    )
    Comment.objects.create(case=case, author=by, text="collateral?")
    Skip.objects.create(case=case, person=by, why="cannot_judge")
    reveal_applicant(case.pk, by=by, why="identity")
    Opinion.objects.create(case=case, claim=claim, person=by, lean="unsure", band=3, seen_version=3)
    look = SecondLook.objects.create(
        case=case,
        review=review,
        reviewer=by,
        probability=0.05,
        looker=other,
        outcome="decline",
        band=5,
        done_at=review.at,
    )
    Adjudication.objects.create(second_look=look, reviewer=by, looker=other, judge=third, outcome="approve", note="n")
    _case, waits = make.awaiting_case(by, "A-2")
    AskedSigner.objects.create(review=waits, reviewer=by, signer=third, asked_by=by, reason="his field")
    DeskRules.objects.create(set_by=third)
    RuleSet.objects.create(product="consumer", number=1, reason="for the test", set_by=third)
    source = Source.objects.create(slug="kept")
    SourceStep.objects.create(source=source, name="opened")
    version = MappingVersion.objects.create(source=source, number=1, name="m", sha256="a" * 64, content={})
    batch = Batch.objects.create(source=source, kind="file", name="a.csv", sha256="a" * 64, mapping=version)
    kept = ReferenceRow.objects.create(
        source=source, batch=batch, row_number=2, key="A-1", as_of=review.at, row_hash="a" * 64, cells={}
    )
    CaseJoin.objects.create(case=case, name="bureau", row=kept)
    whole = RejectedRow.objects.create(batch=batch, row_number=3, row_hash="b" * 64, raw={}, errors=[])
    MessageStep.objects.create(row=whole, attempt=1, name="asked", actor=third, reason="mended for this test")
    first, second = sorted((case.applicant_id, waits.case.applicant_id))
    link = ApplicantLink.objects.create(first_id=first, second_id=second, state="doubtful", evidence=["same_name"])
    LinkStep.objects.create(link=link, state="doubtful")
    fill_the_watch(third)
    fill_what_administrators_make(make.user("an-admin", Role.ADMIN))


def fill_what_administrators_make(admin: User) -> None:
    mapped.drafted("kept", by=admin)
    said = {"kind": "redis", "address": "redis://127.0.0.1", "target": "t", "most_kept": ""}
    make_feed(slug="core", by=admin, reason="for this very test", **said)


def fill_the_watch(admin: User) -> None:
    """A row in each table of what watches over models, weighs labels and tells others."""
    model, now = ModelVersion.objects.earliest("pk"), timezone.now()
    BreakerRules.objects.create(set_by=admin, reason="for the test")
    breaker = Breaker.objects.create(model=model, signs=[], since=now)
    BreakerStep.objects.create(breaker=breaker, name="open")
    ModelReference.objects.create(model=model, origin="first_cases", rows=1, content={})
    window = MonitoringWindow.objects.create(
        model=model, kind="day", first_id=1, last_id=2, starts_at=now, ends_at=now, cases=2
    )
    MonitoringMeasure.objects.create(window=window, name="score", rows=2, grade="few")
    LabelWeights.objects.create(number=1, reason="for the test", set_by=admin)
    webhook = Webhook.objects.create(
        slug="crm", url="https://a.example", types=["case.decided"], secret="s", begins_at=now, read_until=now,
        made_by=admin,
    )  # fmt: skip
    WebhookStep.objects.create(webhook=webhook, name="made", actor=admin)


@pytest.mark.django_db
def test_histories_can_be_added_to_and_never_changed(signed: tuple[Case, Review]) -> None:
    fill_the_file(*signed)
    for table in KEPT:
        assert everything(table)[table], f"nothing in {table} to protect"
        keeps = f"{table} keeps what was written: {{}} is refused"
        name = sql.Identifier(table)
        assert refusal_of(sql.SQL("UPDATE {} SET id = id").format(name)) == (None, keeps.format("UPDATE"))
        assert refusal_of(sql.SQL("DELETE FROM {}").format(name)) == (None, keeps.format("DELETE"))
        # A cascade may meet another kept table first.
        emptying = refusal_of(sql.SQL("TRUNCATE {} CASCADE").format(name))
        assert emptying[1].endswith("keeps what was written: TRUNCATE is refused")


@pytest.mark.django_db
def test_a_case_cannot_disappear(signed: tuple[Case, Review]) -> None:
    case, _review = signed
    message = refusal_of("DELETE FROM cases_case WHERE id = %s", case.pk)[1]
    assert message.startswith('update or delete on table "cases_case" violates foreign key constraint')
    assert "TRUNCATE is refused" in refusal_of("TRUNCATE cases_case CASCADE")[1]


@pytest.mark.django_db
def test_a_version_is_not_skipped_repeated_or_taken_back() -> None:
    case = make.case(findings=[{"feature": "annual_income", "code": "missing"}])
    move = "UPDATE cases_case SET state = 'withdrawn', version = %s WHERE id = %s"
    for version in (1, 2, 4):
        said = f"case {case.pk} moves from version 2 to {version}"
        assert refusal_of(move, version, case.pk) == (None, said)
    only_version = "UPDATE cases_case SET version = 3 WHERE id = %s"
    assert refusal_of(only_version, case.pk) == (None, f"case {case.pk} has no event for version 3")


@pytest.mark.django_db
@pytest.mark.parametrize("target", ["in_review", "waiting_info", "awaiting_signoff", "resolved", "withdrawn"])
def test_a_step_the_machine_does_not_know_is_refused(target: str) -> None:
    case = make.case()
    said = f"case {case.pk}: no step leads from received to {target}"
    statement = "UPDATE cases_case SET state = %s, version = 2 WHERE id = %s"
    assert refusal_of(statement, target, case.pk) == (None, said)


@pytest.mark.django_db
def test_what_is_decided_stays_decided(signed: tuple[Case, Review]) -> None:
    case, _review = signed
    statement = "UPDATE cases_case SET state = %s, version = version + 1 WHERE id = %s"
    for target in ("declined", "received", "awaiting_signoff", "waiting_info"):
        said = f"case {case.pk}: no step leads from approved to {target}"
        assert refusal_of(statement, target, case.pk) == (None, said)


MOVE_ON = """UPDATE cases_case SET state = %(to)s, version = version + 1, outcome = '', decided_by = '',
    decided_at = NULL WHERE id = %(case)s;
    INSERT INTO cases_caseevent (case_id, seq, name, from_state, to_state, facts)
    SELECT id, version, %(name)s, 'approved', state, '{}' FROM cases_case WHERE id = %(case)s; """
ASK = """INSERT INTO cases_reopening (case_id, case_version, asked_by_id, reason, answered_by_id, verdict, note,
    answered_at)
    SELECT id, version, %(asks)s, 'new facts', %(answers)s, %(verdict)s, '', now()
    FROM cases_case WHERE id = %(case)s; """


@pytest.mark.django_db(transaction=True)
def test_a_decision_is_taken_back_before_its_release_only(signed: tuple[Case, Review]) -> None:
    case, _review = signed
    named = {"case": case.pk, "name": "take_back", "to": "in_review"}
    late = (None, f"case {case.pk} was taken back after its release")
    assert refusal_of(MOVE_ON, **named) == late
    past = "UPDATE cases_case SET released_at = now() + interval '1 hour' WHERE id = %(case)s;"
    assert refusal_of(past, **named) == (None, f"case {case.pk}: its facts change only with a move")


@pytest.mark.django_db
def test_a_decided_case_is_opened_again_by_two_people_only(signed: tuple[Case, Review], supervisor: User) -> None:
    case, review = signed
    named = {"case": case.pk, "name": "reopen", "to": "queued", "asks": review.reviewer_id, "answers": supervisor.pk}
    nobody = (None, f"case {case.pk} was opened again by nobody")
    assert refusal_of(MOVE_ON, **named) == nobody
    assert refusal_of(ASK + MOVE_ON, **named, verdict="refuse") == nobody
    alone = {**named, "answers": review.reviewer_id}
    assert refusal_of(ASK + MOVE_ON, **alone, verdict="approve")[0] == "reopening_four_eyes"
    attempt(ASK + MOVE_ON, **named, verdict="approve")
    assert make.reread(case).state == "queued"


@pytest.mark.django_db
def test_a_state_nobody_knows_is_refused() -> None:
    case = make.case()
    assert refusal_of("UPDATE cases_case SET state = 'limbo', version = 2 WHERE id = %s", case.pk) == (
        None,
        f"case {case.pk}: no step leads from received to limbo",
    )


@pytest.mark.django_db
def test_a_move_without_its_event_is_refused_when_it_is_committed() -> None:
    case = make.case()
    statement = "UPDATE cases_case SET state = 'scored', version = 2 WHERE id = %s"
    assert refusal_of(statement, case.pk) == (None, f"case {case.pk} has no event for version 2")


@pytest.mark.django_db(transaction=True)
def test_the_commit_itself_fails_when_the_event_is_missing() -> None:
    case = make.case()
    before = everything()
    with (
        pytest.raises(IntegrityError, match=f"^case {case.pk} has no event for version 2"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE cases_case SET state = 'scored', version = 2 WHERE id = %s", [case.pk])
    assert everything() == before


def birth(**changes: Any) -> tuple[sql.Composed, list[Any]]:
    """An INSERT of a copy of the only case, with other values."""
    values = {"external_ref": "copy", **changes}
    names = [field.column for field in Case._meta.local_concrete_fields if field.column not in ("id", *values)]
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    own = sql.SQL(", ").join(map(sql.Identifier, values))
    given = sql.SQL(", ").join(sql.Placeholder() for _value in values)
    statement = sql.SQL("INSERT INTO cases_case ({}, {}) SELECT {}, {} FROM cases_case").format(
        columns, own, columns, given
    )
    return statement, list(values.values())


@pytest.mark.django_db
@pytest.mark.parametrize("changes", [{"state": "scored"}, {"version": 2}, {"state": "approved", "outcome": "approve"}])
def test_a_case_is_born_received_at_version_one(changes: dict[str, Any]) -> None:
    make.case()
    statement, params = birth(**changes)
    assert refusal_of(statement, *params) == (None, "a case is born received, at version 1")


@pytest.mark.django_db
def test_a_case_is_born_with_its_event_and_once() -> None:
    make.case()
    statement, params = birth()
    assert refusal_of(statement, *params)[1].endswith("has no event for version 1")
    statement, params = birth(external_ref="A-1")
    assert refusal_of(statement, *params)[0] == "case_once_a_source"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ("amount = 0", "case_amount_positive"),
        ("term_months = 0", "case_term_positive"),
        ("kind = 'gift'", "case_kind_known"),
        ("pd = 0.5, pd_low = 0.6, pd_high = 0.7", "case_pd_inside_its_bounds"),
        ("pd = 0.5, pd_low = 0.1, pd_high = 0.4", "case_pd_inside_its_bounds"),
        ("pd = 0.5, pd_low = 0.1, pd_high = 1.1", "case_pd_inside_its_bounds"),
        ("outcome = 'approve'", "case_decided_or_not"),
        ("decided_by = 'person'", "case_decided_or_not"),
        ("queue_tier = NULL", "case_queued_has_a_place"),
        ("queue_rank = NULL", "case_queued_has_a_place"),
        ("queued_at = NULL", "case_queued_has_a_place"),
        ("due_at = NULL", "case_queued_has_a_place"),
    ],
)
def test_a_queued_case_keeps_to_its_bounds(changes: str, constraint: str) -> None:
    make.queued_case()
    step = "" if changes.endswith("NULL") else ", version = version + 1, state = 'in_review'"
    assert refusal_of(sql.SQL("UPDATE cases_case SET {}").format(sql.SQL(changes + step)))[0] == constraint


@pytest.mark.django_db
def test_a_pd_without_bounds_is_refused() -> None:
    make.queued_case()
    step = "UPDATE cases_case SET version = version + 1, state = 'in_review', pd = 0.5"
    assert refusal_of(step)[0] == "case_pd_inside_its_bounds"
    assert refusal_of(f"{step}, pd_low = 0.4")[0] == "case_pd_inside_its_bounds"


EVENT = "INSERT INTO cases_caseevent (case_id, seq, name, from_state, to_state, facts) "


@pytest.mark.django_db
def test_a_version_has_one_event() -> None:
    case = make.case()
    statement = EVENT + "VALUES (%s, 1, 'receive', '', 'received', '{}')"
    assert refusal_of(statement, case.pk)[0] == "event_once_a_move"


@pytest.mark.django_db
def test_a_case_has_one_open_claim(reviewer: User, second_reviewer: User) -> None:
    case = make.claimed_case(reviewer)
    statement = "INSERT INTO cases_claim (case_id, holder_id, lease_until) VALUES (%s, %s, now())"
    assert refusal_of(statement, case.pk, second_reviewer.pk)[0] == "claim_one_open_a_case"


REVIEW = (
    "INSERT INTO cases_review (case_id, reviewer_id, outcome, advice, is_override, reason_codes, note, "
    "signature_reasons, seen_version, claimed_at) VALUES (%s, %s, %s, %s, %s, %s, '', '{}', %s, now())"
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("outcome", "advice", "override", "codes", "constraint"),
    [
        ("decline", "", False, [], "review_override_or_decline_has_reasons"),
        ("approve", "decline", True, [], "review_override_or_decline_has_reasons"),
        ("approve", "approve", True, ["other"], "review_override_differs_from_advice"),
        ("approve", "", True, ["other"], "review_override_differs_from_advice"),
    ],
)
def test_a_review_is_consistent(
    outcome: str, advice: str, override: bool, codes: list[str], constraint: str, reviewer: User
) -> None:
    case = make.claimed_case(reviewer)
    assert refusal_of(REVIEW, case.pk, reviewer.pk, outcome, advice, override, codes, 3)[0] == constraint


SIGNATURE = (
    "INSERT INTO cases_signature (review_id, reviewer_id, signer_id, verdict, note) VALUES (%s, %s, %s, 'confirm', '')"
)


@pytest.mark.django_db
def test_a_review_and_a_signature_stand_once_and_by_two_people(reviewer: User, supervisor: User) -> None:
    case, review = make.awaiting_case(reviewer)
    again: tuple[Any, ...] = (case.pk, reviewer.pk, "approve", "", False, [], review.seen_version)
    assert refusal_of(REVIEW, *again)[0] == "review_once_a_version"
    assert refusal_of(SIGNATURE, review.pk, reviewer.pk, reviewer.pk)[0] == "signature_four_eyes"
    # Naming somebody else as the reviewer does not help: the pair must be the review's own.
    for posed in (supervisor, make.user("posed", Role.REVIEWER)):
        signer = reviewer if posed == supervisor else supervisor
        constraint, _message = refusal_of(SIGNATURE, review.pk, posed.pk, signer.pk)
        assert constraint == "signature_reviewer_is_the_reviews"
    attempt(SIGNATURE, review.pk, reviewer.pk, supervisor.pk)
    assert refusal_of(SIGNATURE, review.pk, reviewer.pk, supervisor.pk)[0] == "signature_once_a_person"


@pytest.mark.django_db
def test_a_person_has_a_role_and_no_debt_of_authority(reviewer: User) -> None:
    assert refusal_of("UPDATE cases_user SET role = 'god'")[0] == "user_role_known"
    assert refusal_of("UPDATE cases_user SET authority_amount = -1")[0] == "user_authority_not_negative"


@pytest.mark.django_db
@pytest.mark.usefixtures("signed")
def test_assessments_and_routes_stand_once_a_version() -> None:
    assert (Assessment.objects.count(), Route.objects.count()) == (1, 1)
    for table, constraint in (
        ("scoring_assessment", "assessment_once_a_case_version"),
        ("routing_route", "routing_route_assessment_id_key"),
    ):
        copy = sql.SQL("INSERT INTO {0} ({1}) SELECT {1} FROM {0}").format(sql.Identifier(table), _columns(table))
        assert refusal_of(copy)[0] == constraint


def _columns(table: str) -> sql.Composed:
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, table)
    return sql.SQL(", ").join(sql.Identifier(column.name) for column in described if column.name != "id")
