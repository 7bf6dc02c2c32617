"""Pulling from a database: each row once whatever happens, nothing written there, and what is wrong has a name."""

from __future__ import annotations

import ipaddress
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from cases.errors import BadDecision, NotAllowed
from cases.models import Case, Notification, User
from intake.models import Batch, CaseOrigin, Connector, Pull, RejectedRow, Source, SourceStep
from intake.signing.mapping_life import sign_mapping
from intake.ways_in.connectors import add_source, ask_now, pause_connector, resume_connector, set_connector
from intake.ways_in.pulling import peek, pull, pull_due, pulls_due
from tests import mapped
from tests.intake.pulled import QUERY, REASON, TYPED, connect, lay_down, loan
from tests.worker import PATIENCE, worker_environ

ROOT = Path(__file__).parents[2]
HERE = (ipaddress.ip_network("127.0.0.0/8"),)


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.SOURCE_DATABASES = tmp_path
    return tmp_path


def again(connector: Connector) -> Connector:
    return Connector.objects.get(pk=connector.pk)


def references() -> list[str]:
    return list(Case.objects.order_by("external_ref").values_list("external_ref", flat=True))


def test_new_rows_come_in_once_each_named_by_its_key(folder: Path, admin: User) -> None:
    path = lay_down(folder, [loan(number) for number in range(25)])
    connector = connect(admin)
    assert pulls_due()
    assert pull_due() == 1
    assert not pulls_due()
    assert references() == [f"A-{number:05d}" for number in range(25)]
    batch = Batch.objects.get()
    assert (batch.kind, batch.rows, batch.accepted, batch.name) == ("sql", 25, 25, "sqlite:///loans.db")
    assert again(connector).position == [["text", "2026-01-05 09:02:00"], ["text", "A-00024"]]
    origin = CaseOrigin.objects.get(case__external_ref="A-00024")
    assert (origin.row_number, origin.message) == (26, "A-00024")
    assert Case.objects.get(external_ref="A-00003").features == {"annual_income": 60000}
    # The same moment as the last row, a key behind it: it is new. A key before it was passed.
    lay_down(folder, [loan(25), loan(26)])
    assert pull(connector.pk).batch is not None
    assert Case.objects.count() == 27
    assert pull(connector.pk).batch is None
    assert Batch.objects.count() == 2
    assert path.exists()


def test_what_is_signed_for_the_source_reads_its_database(folder: Path, admin: User, supervisor: User) -> None:
    lay_down(folder, [loan(1)])
    connector = connect(admin)
    pull(connector.pk)
    text = "id,product,amount,term,currency,annual_income\nA-1,consumer,5000,24,USD,60000\n"
    content = mapped.proposed("los", by=admin, text=text)
    sign_mapping("los", 1, by=supervisor, comparison_sha256=content.comparison_sha256, reason=REASON)
    lay_down(folder, [loan(2)])
    pull(connector.pk)
    assert list(Batch.objects.order_by("pk").values_list("mapping__name", flat=True)) == ["inferred", "signed 1"]
    assert [error for each in peek("los", by=admin).errors for error in each] == []


def test_a_pull_reads_no_more_than_it_may_and_goes_on_at_once(folder: Path, admin: User) -> None:
    lay_down(folder, [loan(number) for number in range(25)])
    connector = connect(admin, rows_most="10")
    for count in (10, 20, 25):
        assert pulls_due()
        pull_due()
        assert Case.objects.count() == count
    assert not pulls_due()
    assert [batch.rows for batch in Batch.objects.order_by("pk")] == [10, 10, 5]
    assert again(connector).due_at > timezone.now()


def test_a_bad_row_is_kept_with_its_key_and_the_mapping_stays_as_it_was_settled(folder: Path, admin: User) -> None:
    lay_down(folder, [loan(1), loan(2, amount=-5)])
    connector = connect(admin)
    pull_due()
    row = RejectedRow.objects.get()
    assert (row.message, row.row_number, row.raw["id"]) == ("A-00002", 3, "A-00002")
    assert [(error["field"], error["code"]) for error in row.errors] == [("amount", "not_positive")]
    settled = again(connector).mapping
    lay_down(folder, [loan(20, annual_income=None)])
    pull(connector.pk)
    assert [batch.mapping for batch in Batch.objects.all()] == [settled, settled]


def test_a_row_that_is_too_young_waits_for_those_that_are_committed_late(folder: Path, admin: User) -> None:
    young = timezone.localtime().replace(tzinfo=None).isoformat(sep=" ")
    lay_down(folder, [loan(1), loan(2, updated_at=young)])
    connector = connect(admin, settle_seconds="3600")
    pull(connector.pk)
    assert references() == ["A-00001"]
    set_connector("los", kind="sql", address="", typed={**TYPED, "settle_seconds": "0"}, by=admin, reason=REASON)
    pull(connector.pk)
    assert references() == ["A-00001", "A-00002"]


def test_the_database_itself_is_never_written_to_and_no_question_gets_past(folder: Path, admin: User) -> None:
    path = lay_down(folder, [loan(1)])
    connector = connect(admin, query=f"{QUERY} -- of today: 10:30 %s\n WHERE id <> ':x'")
    assert pull(connector.pk).problem == {}
    assert Case.objects.count() == 1
    before = path.read_bytes()
    for query in ("DELETE FROM loans", "SELECT id FROM loans; DELETE FROM loans", "", "PRAGMA query_only = OFF"):
        with pytest.raises(BadDecision) as refusal:
            set_connector("los", kind="sql", address="", typed={**TYPED, "query": query}, by=admin, reason=REASON)
        assert refusal.value.field == "query"
    assert path.read_bytes() == before
    assert SourceStep.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"query": "SELECT nothing FROM loans"}, "no_answer"),
        ({"query": "SELECT id FROM loans"}, "no_answer"),
        ({"query": "SELECT id, updated_at FROM loans"}, ""),
    ],
)
def test_what_is_wrong_has_a_name_and_the_owner_is_told_once(
    changes: dict[str, str], code: str, folder: Path, admin: User
) -> None:
    lay_down(folder, [loan(1)])
    connector = connect(admin, **changes)
    assert [pull(connector.pk).problem.get("code", "") for _turn in range(2)] == [code, code]
    assert (again(connector).problem_at is None) is (code == "")
    assert Notification.objects.filter(code="source_unreached").count() == bool(code)
    assert Case.objects.count() == 0


def test_a_question_that_takes_too_long_is_broken_off(folder: Path, admin: User) -> None:
    lay_down(folder, [loan(1)])
    endless = QUERY + ", (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n) WHERE i < 0"  # noqa: S608
    connector = connect(admin, query=endless, seconds_most="1")
    assert pull(connector.pk).problem["code"] == "too_slow"


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("postgresql://reader:s3cret@127.0.0.1/loans", "address_inside"),
        ("postgresql://reader:s3cret@169.254.169.254/loans", "address_inside"),
        ("postgresql://reader:s3cret@1.1.1.1/loans", "address_scheme"),
        ("postgresql://reader:s3cret@nobody.invalid/loans?sslmode=verify-full", "address_unknown"),
        ("postgresql://reader:s3cret@1.1.1.1/loans?sslmode=verify-full&hostaddr=127.0.0.1", "address_option"),
        ("postgresql://reader:s3cret@1.1.1.1/host=127.0.0.1?sslmode=verify-full", "address_option"),
        ("postgresql:///loans?host=/var/run/postgresql", "address_form"),
        ("mysql://reader:s3cret@127.0.0.1/x", "address_inside"),
        ("sqlite:////etc/passwd", "no_file"),
        ("sqlite:///../secret.db", "no_file"),
        ("sqlite:///loans.db?mode=rwc", "no_file"),
    ],
)
def test_no_address_leads_where_the_operator_named_nothing(address: str, code: str, folder: Path, admin: User) -> None:
    lay_down(folder, [loan(1)])
    (folder.parent / "secret.db").touch()
    connector = connect(admin, address=address)
    problem = pull(connector.pk).problem
    assert problem["code"] == code
    assert "s3cret" not in str(problem)
    assert "s3cret" not in connector.address
    assert "s3cret" not in str(SourceStep.objects.order_by("id").last().facts)  # type: ignore[union-attr]
    assert Case.objects.count() == 0


def test_a_kind_of_database_without_its_driver_is_named(folder: Path, admin: User, settings: Any) -> None:
    settings.SOURCE_NETWORKS = HERE
    problem = pull(connect(admin, "mssql://reader:s3cret@127.0.0.1/x").pk).problem
    assert (problem["code"], "mssql" in problem["en"], "pyodbc" in problem["en"]) == ("no_driver", True, True)


def test_only_an_administrator_sets_a_connector_and_bad_input_changes_nothing(
    folder: Path, admin: User, supervisor: User
) -> None:
    lay_down(folder, [loan(1)])
    connect(admin)
    good: dict[str, Any] = {"kind": "sql", "address": "", "typed": TYPED, "by": admin, "reason": REASON}
    with pytest.raises(NotAllowed):
        set_connector("los", **{**good, "by": supervisor})
    for changes, field in (
        ({"reason": "short"}, "reason"),
        ({"kind": "redis", "typed": {"stream": "s"}}, "kind"),
        ({"address": "no address"}, "address"),
        ({"typed": {**TYPED, "rows_most": "0"}}, "rows_most"),
        ({"typed": {**TYPED, "watermark": "a;b"}}, "watermark"),
        ({"typed": {**TYPED, "mapping": "fields: ["}}, "mapping"),
    ):
        with pytest.raises(BadDecision) as refusal:
            set_connector("los", **{**good, **changes})
        assert refusal.value.field == field
    assert [step.name for step in SourceStep.objects.order_by("id")] == ["opened", "connected"]
    with pytest.raises(BadDecision):
        add_source("los", by=admin, reason=REASON)
    assert Source.objects.get().kind == "sql"


def test_a_paused_database_is_left_alone_and_one_asked_for_is_asked_once(folder: Path, admin: User) -> None:
    lay_down(folder, [loan(1)])
    connect(admin)
    pull_due()
    assert ask_now("los", by=admin) == ask_now("los", by=admin)
    assert pulls_due()
    pause_connector("los", by=admin, reason=REASON)
    assert not pulls_due()
    resume_connector("los", by=admin, reason=REASON)
    assert pull_due() == 1
    assert [turn.asked_by for turn in Pull.objects.order_by("id")] == [None, admin]
    assert SourceStep.objects.filter(name__in=["paused", "resumed"], actor=admin).count() == 2


def test_a_peek_reads_five_rows_tells_what_is_wrong_with_them_and_writes_nothing(
    folder: Path, admin: User, django_assert_num_queries: Any
) -> None:
    lay_down(folder, [loan(1, amount=-1), *[loan(number) for number in range(2, 9)]])
    connect(admin)
    # The connection, and what is signed for its source.
    with django_assert_num_queries(2):
        found = peek("los", by=admin)
    assert found.columns == ("id", "product", "amount", "term", "currency", "annual_income", "updated_at")
    assert [row[0] for row in found.rows] == [f"A-{number:05d}" for number in range(1, 6)]
    assert [[error["code"] for error in errors] for errors in found.errors] == [["not_positive"], [], [], [], []]
    assert (Case.objects.count(), Pull.objects.count()) == (0, 0)


def test_what_somebody_else_moved_meanwhile_is_not_taken_in_twice(
    folder: Path, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_down(folder, [loan(number) for number in range(5)])
    connector = connect(admin)
    real = Connector.objects.select_for_update

    def moved(*args: Any, **options: Any) -> Any:
        monkeypatch.setattr(Connector.objects, "select_for_update", real)
        Connector.objects.filter(pk=connector.pk).update(position=[["text", "x"], ["text", "y"]])
        return real(*args, **options)

    monkeypatch.setattr(Connector.objects, "select_for_update", moved)
    assert pull(connector.pk).problem["code"] == "position_moved"
    assert (Case.objects.count(), again(connector).position) == (0, None)


def test_postgresql_is_read_by_types_of_its_own_and_cannot_be_written_to(
    shared_db: None, admin: User, settings: Any
) -> None:
    settings.SOURCE_NETWORKS = HERE
    known = django_settings.DATABASES["default"]
    address = f"postgresql://{known['USER']}:{known['PASSWORD']}@{known['HOST']}:{known['PORT']}/{known['NAME']}"
    with psycopg.connect(address, autocommit=True) as database:
        database.execute(
            "CREATE TABLE pulled_loans (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), product text, amount numeric,"
            " term int, currency text, annual_income numeric, updated_at timestamptz)"
        )
        database.execute(
            "INSERT INTO pulled_loans SELECT gen_random_uuid(), 'consumer', 5000 + n, 24, 'USD', 60000.5,"
            " '2026-01-05 09:00+08'::timestamptz + n / 10 * interval '1 s' FROM generate_series(1, 2300) n"
        )
        try:
            connector = connect(
                admin, address, query="SELECT * FROM pulled_loans WHERE updated_at::date > '2026-01-01'"
            )
            assert pull(connector.pk).problem == {}
            assert Case.objects.count() == 2300
            position = again(connector).position
            assert position is not None
            assert [kind for kind, _value in position] == ["datetime", "uuid"]
            for number in range(3):
                database.execute(
                    "INSERT INTO pulled_loans VALUES (DEFAULT, 'consumer', 9000, 24, 'USD', 1, %s)",
                    [f"2026-01-06 09:00:00.00000{number}Z"],
                )
                assert pull(connector.pk).batch is not None
                assert Case.objects.count() == 2301 + number
            database.execute(
                "CREATE FUNCTION pulled_gone() RETURNS int LANGUAGE sql AS 'DELETE FROM pulled_loans; SELECT 1'"
            )
            for rounded in ({"watermark": "near"}, {"watermark": "updated_at", "key": "near"}):
                typed = {**TYPED, "query": "SELECT *, amount::real AS near FROM pulled_loans", **rounded}
                set_connector("los", kind="sql", address="", typed=typed, by=admin, reason=REASON, anew=True)
                assert pull(connector.pk).problem["code"] == "position_rounded"
            assert again(connector).position is None
            evil = {**TYPED, "query": "SELECT *, pulled_gone() FROM pulled_loans"}
            set_connector("los", kind="sql", address="", typed=evil, by=admin, reason=REASON, anew=True)
            problem = pull(connector.pk).problem
            assert (problem["code"], "read-only transaction" in problem["en"]) == ("no_answer", True)
            wrong = address.replace(str(known["PASSWORD"]), "s3cret-wrong")
            set_connector("los", kind="sql", address=wrong, typed=evil, by=admin, reason=REASON)
            problem = pull(connector.pk).problem
            assert problem["code"] == "no_connection"
            assert "s3cret-wrong" not in str(problem)
        finally:
            database.execute("DROP FUNCTION IF EXISTS pulled_gone")
            database.execute("DROP TABLE pulled_loans")


def advisory_locks() -> int:
    """Locks by name that are held in this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        (count,) = cursor.fetchone()
    return int(count)


def test_a_pull_that_was_killed_goes_on_and_every_row_is_in_once(shared_db: None, admin: User) -> None:
    folder = django_settings.SOURCE_DATABASES
    lay_down(folder, [loan(number) for number in range(4_000)], "killed.db")
    try:
        connect(admin, "sqlite:///killed.db")
        command = [sys.executable, "manage.py", "pull_source", "los", "--json"]
        with subprocess.Popen(command, cwd=ROOT, env=worker_environ(), stdout=subprocess.PIPE) as pulling:
            end = time.monotonic() + PATIENCE
            while Case.objects.count() < 1_000:
                assert time.monotonic() < end
                assert pulling.poll() is None, "it was through before it could be killed"
                time.sleep(0.02)
            pulling.kill()
        # The database may be in the middle of a statement, and sees after it that nobody is there any more.
        while advisory_locks():
            assert time.monotonic() < end
            time.sleep(0.02)
        broken_off = Pull.objects.get()
        assert (broken_off.ended_at, Case.objects.count() < 4_000) == (None, True)
        call_command("pull_source", "los", "--json")
        assert (Case.objects.count(), Pull.objects.count(), Batch.objects.get().rows) == (4_000, 1, 4_000)
        assert list(CaseOrigin.objects.order_by("row_number").values_list("row_number", flat=True)) == [
            *range(2, 4_002)
        ]
    finally:
        (folder / "killed.db").unlink()


def test_sealed_addresses_open_under_the_older_key(folder: Path, admin: User, settings: Any) -> None:
    lay_down(folder, [loan(1)])
    connector = connect(admin)
    settings.FIELD_KEYS = ("A" * 43 + "=", *settings.FIELD_KEYS)
    assert pull(connector.pk).problem == {}
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    assert pull(connector.pk).problem["code"] == "address_sealed"


def test_a_connector_is_of_a_known_kind(db: None) -> None:
    source = Source.objects.create(slug="los")
    with pytest.raises(Exception, match="connector_kind_known"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO intake_connector (source_id, kind, state, address, settings, problem)"
            " VALUES (%s, 'file', 'active', '', '{}', '{}')",
            [source.pk],
        )
