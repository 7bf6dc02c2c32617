"""What other programs read: views without a customer's name, figures as their comments define them, files by night."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.db import connection
from django.utils import timezone
from psycopg import sql

from cases import actions
from cases.desk_rules import set_desk_rules
from cases.models import Case, User
from cases.taking_back import take_back
from learning.actions import ObservedOutcome, record_outcomes
from outgoing.parquet import NIGHTS_KEPT, export_views
from outgoing.reporting import SCHEMA, VIEWS
from routing.models import Policy
from tests import make

PERSONAL = ("name", "external_id", "note", "features", "password", "email", "text")


def rows(view: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT * FROM {}.{} ORDER BY 1").format(sql.Identifier(SCHEMA), sql.Identifier(view)))
        names = [each.name for each in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def decided(case: Case, by: User, outcome: str = "approve", **more: Any) -> Case:
    held = actions.claim_case(case.pk, by=by)
    said = {"reason_codes": [], "note": "", **more}
    actions.decide_case(held.pk, by=by, outcome=outcome, seen_version=held.version, **said)
    return make.reread(held)


@pytest.mark.django_db
def test_every_view_and_column_says_in_the_database_what_it_means() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, obj_description(c.oid), a.attname, col_description(c.oid, a.attnum) "
            "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 "
            "WHERE c.relnamespace = %s::regnamespace ORDER BY c.relname, a.attnum",
            [SCHEMA],
        )
        found = cursor.fetchall()
    said = [(view.name, view.meaning, *each) for view in VIEWS for each in view.columns.items()]
    assert sorted(found) == sorted(said)
    assert not {column for _view, _meaning, column, _said in found} & set(PERSONAL)


def test_a_case_is_one_row_without_its_name(ground: Policy, reviewer: User) -> None:
    case = make.queued_case("A-1", applicant_name="张伟")
    (row,) = rows("cases")
    assert row["ref"] == case.ref
    assert row["applicant"] == case.applicant_id
    assert (row["state"], row["outcome"], row["is_released"], row["hours_to_decision"]) == ("queued", "", False, None)
    assert (row["amount"], row["currency"], row["pd"]) == (case.amount, case.currency, case.pd)
    assert "张" not in str(rows("cases") + rows("routes"))
    (route,) = rows("routes")
    assert (route["ref"], route["way"], route["is_audit"]) == (case.ref, "review", case.routes.get().is_audit)


def test_a_decision_that_was_taken_back_is_no_review(ground: Policy, reviewer: User, admin: User) -> None:
    set_desk_rules(by=admin, reason="for these tests", changes={"release_hold_seconds": 60, "opinion_share": 0.0})
    first = decided(make.queued_case("A-1"), reviewer)
    take_back(first.pk, by=reviewer, seen_version=first.version)
    assert rows("reviews") == []
    decided(make.queued_case("A-2"), reviewer)
    (row,) = rows("reviews")
    assert (row["reviewer"], row["outcome"], row["signed_by"]) == ("reviewer", "approve", [])
    assert 0 <= row["minutes"] < 1


def test_a_correction_stands_in_place_of_the_outcome_it_restates(champion: object, policy: Policy) -> None:
    case = make.case("L-1", applied_at=timezone.now() - timedelta(days=730))
    make.run_machine()
    for days, bad in ((400, False), (500, True)):
        record_outcomes([ObservedOutcome(case.pk, case.applied_at + timedelta(days=days), bad)], given_by="ledger")
    (row,) = rows("outcomes")
    assert (row["ref"], row["is_bad"], row["is_matured"]) == (case.ref, True, True)
    # One loan is no group.
    assert rows("overdue") == []


@pytest.mark.parametrize("session", ["UTC", "Asia/Shanghai", "America/New_York"])
def test_days_and_quarters_are_those_of_the_office_whatever_the_session_says(
    session: str, champion: object, policy: Policy
) -> None:
    # 00:30 of 1 July in Shanghai: in June by UTC and in New York.
    first_of_july = datetime(2024, 6, 30, 16, 30, tzinfo=UTC)
    made = make.cases(20, applied_at=first_of_july)
    make.run_machine()
    Case.objects.update(received_at=first_of_july)
    matured = first_of_july + timedelta(days=400)
    record_outcomes([ObservedOutcome(each.pk, matured, each == made[0]) for each in made], given_by="ledger")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [session])
    assert [(row["day"], row["received"]) for row in rows("daily")] == [(date(2024, 7, 1), 20)]
    told = [(row["quarter"], row["loans"], row["bads"]) for row in rows("overdue")]
    assert told == [(date(2024, 7, 1), 20, 1)]


@pytest.mark.django_db
def test_what_a_program_may_read_it_may_read_after_the_views_are_made_anew() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO PUBLIC")
        cursor.execute("\n".join(view.sql for view in VIEWS))
        cursor.execute("SELECT has_table_privilege('public', %s, 'SELECT')", [f"{SCHEMA}.daily"])
        assert cursor.fetchone() == (True,)


@pytest.mark.django_db(transaction=True)
def test_a_night_is_one_folder_whole_with_a_list_of_what_lies_in_it(tmp_path: Path, ground: Policy) -> None:
    case = make.queued_case("A-1")
    first = timezone.localdate() - timedelta(days=NIGHTS_KEPT)
    told: list[tuple[str, int]] = []
    for night in range(NIGHTS_KEPT + 1):
        folder = export_views(tmp_path, first + timedelta(days=night), lambda name, rows: told.append((name, rows)))
    assert not (tmp_path / first.isoformat()).exists()
    assert sorted(each.name for each in tmp_path.iterdir())[0] == (first + timedelta(days=1)).isoformat()
    listed = json.loads((folder / "manifest.json").read_text())
    assert date.fromisoformat(listed["day"]) == timezone.localdate()
    assert sorted(listed["files"]) == sorted(view.name for view in VIEWS)
    table = pq.read_table(folder / "cases.parquet")
    assert listed["files"]["cases"] == {
        "rows": 1,
        "sha256": hashlib.sha256((folder / "cases.parquet").read_bytes()).hexdigest(),
    }
    (row,) = table.to_pylist()
    assert (row["ref"], row["amount"], row["received_at"]) == (case.ref, case.amount, case.received_at)
    assert table.schema.field("pd").metadata[b"meaning"].decode() == VIEWS[0].columns["pd"]
    assert ("cases", 1) in told
