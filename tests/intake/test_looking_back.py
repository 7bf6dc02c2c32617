"""Rows that came late are read by the look-back, once each, and what is known adds nothing."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from cases.models import Case, User
from intake.admission.files import take_in_file
from intake.models import Batch, Connector, Pull, ReferenceRow, RejectedRow
from intake.record.reference import look_up
from intake.ways_in import pulling
from intake.ways_in.connectors import set_connector
from intake.ways_in.pulling import pull
from tests.intake.places import MakeFile
from tests.intake.pulled import QUERY, REASON, TYPED, connect, lay_down, loan
from tests.intake.silent import silent


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.SOURCE_DATABASES = tmp_path
    return tmp_path


def some_hours_later(connector: Connector, hours: int = 7) -> None:
    Connector.objects.filter(pk=connector.pk).update(looked_back_at=timezone.now() - timedelta(hours=hours))


def looked_back(connector: Connector) -> tuple[int, int]:
    """How many rows the next pull reads again, and how many of them were late."""
    some_hours_later(connector)
    turn = pull(connector.pk)
    assert turn.problem == {}
    return turn.read_again, turn.late.rows if turn.late else 0


def test_rows_that_were_committed_late_are_taken_in_once_and_what_is_known_is_left_alone(
    folder: Path, admin: User
) -> None:
    lay_down(folder, [loan(10), loan(11, amount=-5), loan(20), loan(5_000)])
    connector = connect(admin)
    assert pull(connector.pk).read_again == 0
    # Behind the watermark: in the middle, at the same moment with a lower key, and one that is bad, too.
    lay_down(folder, [loan(13), loan(2_001, updated_at="2026-01-05 17:20:00"), loan(15, amount=0)])
    assert pull(connector.pk).read_again == 0
    assert looked_back(connector) == (7, 3)
    late = Batch.objects.latest("pk")
    assert (late.accepted, late.duplicates, late.rejected) == (2, 0, 1)
    refused = list(RejectedRow.objects.order_by("pk").values_list("message", flat=True))
    assert refused == ["A-00011", "A-00015"]
    # Neither they nor the rejected rows come again.
    assert looked_back(connector) == (7, 0)
    assert (Case.objects.count(), RejectedRow.objects.count(), Batch.objects.count()) == (5, 2, 2)


def test_a_refused_row_that_was_corrected_comes_in_and_one_that_was_changed_is_refused_once(
    folder: Path, admin: User
) -> None:
    path = lay_down(folder, [loan(1, amount=-5), loan(2), loan(3)])
    connector = connect(admin)
    pull(connector.pk)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE loans SET amount = 700 WHERE id = 'A-00001'")
        database.execute("UPDATE loans SET amount = 800, updated_at = '2026-01-05 10:00:00' WHERE id = 'A-00002'")
        database.execute("UPDATE loans SET amount = 900 WHERE id = 'A-00003'")
    database.close()
    pull(connector.pk)
    assert looked_back(connector) == (3, 1)
    assert looked_back(connector) == (3, 0)
    assert dict(Case.objects.values_list("external_ref", "amount")) == {
        "A-00001": 700,
        "A-00002": 5002,
        "A-00003": 5003,
    }
    reused = [error["code"] for errors in RejectedRow.objects.values_list("errors", flat=True) for error in errors]
    assert sorted(reused) == ["not_positive", "reference_reused"]


def test_it_goes_on_in_pieces_and_one_that_was_killed_takes_each_row_in_once(
    folder: Path, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_down(folder, [loan(number) for number in range(0, 60, 2)])
    connector = connect(admin)
    pull(connector.pk)
    lay_down(folder, [loan(number) for number in range(1, 60, 2)])
    set_connector("los", kind="sql", address="", typed={**TYPED, "rows_most": "25"}, by=admin, reason=REASON)
    pull(connector.pk)

    def killed(*_args: object) -> None:
        raise KeyboardInterrupt

    some_hours_later(connector)
    with monkeypatch.context() as patched:
        patched.setattr(pulling._Place, "look_back", killed)
        with pytest.raises(KeyboardInterrupt):
            pull(connector.pk)
    assert Case.objects.count() == 31 + 12
    done = []
    for _piece in range(3):
        assert pulling.pulls_due()
        turn = pull(connector.pk)
        done.append((turn.read_again, turn.late.rows if turn.late else 0, Case.objects.count()))
    assert done == [(25, 12, 43), (25, 13, 56), (10, 4, 60)]
    assert not pulling.pulls_due()
    assert Pull.objects.filter(read_again__gt=0).count() == 3


@pytest.mark.parametrize(
    ("column", "read_again"),
    [("CAST(substr(id, 3) AS INTEGER)", 8), ("date(updated_at)", 4), ("updated_at", 3)],
)
def test_numbers_are_read_again_from_where_the_pulls_were_and_times_from_so_long_before(
    folder: Path, admin: User, column: str, read_again: int
) -> None:
    days = [loan(number, updated_at=f"2026-01-{number:02d} 09:00:00") for number in (1, 2, 3, 4, 5, 6, 7)]
    lay_down(folder, days)
    query = QUERY.replace("updated_at", f"updated_at, {column} AS changed")
    connector = connect(admin, query=query, watermark="changed", look_back_hours="48")
    pull(connector.pk)
    lay_down(folder, [loan(100, updated_at="2026-01-06 08:00:00")])
    pull(connector.pk)
    assert looked_back(connector)[0] == read_again
    assert Case.objects.count() == 8
    set_connector("los", kind="sql", address="", typed={**TYPED, "look_back_hours": "0"}, by=admin, reason=REASON)
    assert looked_back(connector) == (0, 0)


def test_kept_rows_without_a_moment_of_their_own_are_kept_once_and_again_where_they_were_changed(
    folder: Path, admin: User
) -> None:
    file = lay_down(folder, [loan(1), loan(2)])
    mapping = "reference: {key: {column: id}, as_of: {import_time: true}}"
    connector = connect(admin, mapping=mapping)
    pull(connector.pk)
    assert looked_back(connector) == (2, 0)
    with sqlite3.connect(file) as database:
        database.execute("UPDATE loans SET amount = 9 WHERE id = 'A-00002'")
    database.close()
    assert (looked_back(connector), looked_back(connector)) == ((2, 1), (2, 0))
    kept = ReferenceRow.objects.order_by("pk").values_list("key", "cells__amount")
    assert list(kept) == [("a-00001", "5001"), ("a-00002", "5002"), ("a-00002", "9")]


def test_a_row_that_first_came_in_a_file_is_known_and_counted_by_no_look_back(
    folder: Path, make_file: MakeFile, admin: User
) -> None:
    names = ("id", "product", "amount", "term", "currency", "annual_income", "updated_at")
    mapping = (
        "fields: {external_ref: {column: id}, product: {column: product}, amount: {column: amount},"
        " term_months: {column: term}, currency: {column: currency}, applied_at: {column: updated_at},"
        " applicant.id: {column: id}}"
    )
    table = "\n".join([",".join(names), *(",".join(map(str, loan(number))) for number in (1, 2))])
    described = make_file("los.yaml", mapping)
    take_in_file(make_file("a.csv", table), source="los", mapping=str(described), by=None, bars=silent)
    # One of them has other content by now, and one is new.
    lay_down(folder, [loan(1), loan(2, amount=9), loan(3), loan(4)])
    connector = connect(admin, mapping=mapping)
    assert pull(connector.pk).problem == {}
    pulled = Batch.objects.get(kind="sql")
    assert (pulled.accepted, pulled.duplicates, pulled.rejected) == (2, 1, 1)
    batches = Batch.objects.count()
    assert [looked_back(connector) for _time in range(3)] == [(4, 0)] * 3
    assert (Batch.objects.count(), Case.objects.count(), RejectedRow.objects.count()) == (batches, 4, 1)
    # What is late counts beside it, and what is known does not.
    lay_down(folder, [loan(0)])
    assert (looked_back(connector), Batch.objects.latest("pk").duplicates) == ((5, 1), 0)


@pytest.mark.parametrize("as_of", ["{import_time: true}", "{column: updated_at}"])
def test_a_kept_row_that_first_came_in_a_file_is_counted_by_no_look_back_and_the_newest_truth_wins(
    folder: Path, make_file: MakeFile, admin: User, as_of: str
) -> None:
    mapping = f"reference: {{key: {{column: id}}, as_of: {as_of}}}"
    table = "id,amount,updated_at\nA-00001,5001.0,2026-01-05 09:00:00\n"
    described = make_file("los.yaml", mapping)
    take_in_file(make_file("a.csv", table), source="los", mapping=str(described), by=None, bars=silent)
    file = lay_down(folder, [loan(1, amount=5001.0)])
    query = "SELECT id, CAST(amount AS TEXT) AS amount, updated_at FROM loans"
    connector = connect(admin, query=query, mapping=mapping)
    pull(connector.pk)
    assert ReferenceRow.objects.count() == 1
    assert [looked_back(connector) for _time in range(2)] == [(1, 0)] * 2
    for amount in (9.0, 5001.0):
        with sqlite3.connect(file) as database:
            database.execute("UPDATE loans SET amount = ?", [amount])
        database.close()
        looked_back(connector)
    [found] = look_up("los", [("a-00001", timezone.now())])
    # A row that names its own moment says the same of that moment, and is no later truth.
    newest, kept = ("5001.0", 3) if "import_time" in as_of else ("9.0", 2)
    assert found is not None
    assert (found.cells["amount"], ReferenceRow.objects.count()) == (newest, kept)
    assert looked_back(connector) == (1, 0)
