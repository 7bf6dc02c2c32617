"""Rows of a database that no question finds: without a watermark, or behind one that is not where it means."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cases.models import Case, Notification, User
from intake.models import Batch, Connector
from intake.sources.connector_settings import SqlSettings
from intake.sources.database_rows import DatabaseTable, order_form
from intake.sources.reaching import ConnectorProblem
from intake.ways_in.pulling import pull
from tests.intake.pulled import QUERY, connect, lay_down, loan


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.SOURCE_DATABASES = tmp_path
    return tmp_path


def references() -> list[str]:
    return list(Case.objects.order_by("external_ref").values_list("external_ref", flat=True))


def test_rows_without_a_watermark_are_counted_and_told_while_all_others_come_in(folder: Path, admin: User) -> None:
    lay_down(folder, [loan(1), loan(2, updated_at=None), loan(3)])
    connector = connect(admin)
    for _turn in range(2):
        problem = pull(connector.pk).problem
        assert problem["code"] == "position_missing"
        assert problem["en"].startswith("Rows that have no updated_at, by which rows are put in order: 1. They are")
        assert problem["zh"].startswith("有 1 行的 updated_at 列为空，无法据此排序，因此未读取。")
    assert references() == ["A-00001", "A-00003"]
    assert Batch.objects.get().accepted == 2
    assert Connector.objects.get().problem == problem
    told = Notification.objects.filter(code="source_rows_unread")
    assert (
        told.count() == Notification.objects.exclude(code__in=("source_unreached", "reading_to_look_at")).count() == 1
    )
    with pytest.raises(CommandError, match="updated_at"):
        call_command("pull_source", "los")
    # What keeps the source from being read at all is told beside it.
    (folder / "loans.db").rename(folder / "away.db")
    assert pull(connector.pk).problem["code"] == "no_file"
    assert Notification.objects.filter(code="source_unreached").count() == 1


def test_rows_that_the_query_leaves_out_are_not_missed(folder: Path, admin: User) -> None:
    lay_down(folder, [loan(1), loan(2, updated_at=None)])
    connector = connect(admin, query=f"{QUERY} WHERE updated_at IS NOT NULL")
    assert pull(connector.pk).problem == {}
    assert list(Notification.objects.values_list("code", flat=True)) == ["reading_to_look_at"]


def test_a_count_that_takes_too_long_says_so_and_holds_up_nothing(
    folder: Path, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(_address: str, settings: SqlSettings) -> int:
        raise ConnectorProblem("too_slow", seconds=str(settings.seconds_most))

    monkeypatch.setattr("intake.ways_in.databases.rows_without_place", slow)
    lay_down(folder, [loan(1)])
    problem = pull(connect(admin).pk).problem
    assert problem["code"] == "position_uncounted"
    assert "took longer than 60 seconds" in problem["en"]
    assert references() == ["A-00001"]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2026-01-09", "date -"),
        ("2026-01-09 08:30:00.5", "date - "),
        ("2026-01-09T08:30:00+08:00", "date -T"),
        ("2026/01/09", "date /"),
        ("20260109", "8 signs"),
        ("A-00024", "7 signs"),
        ("2026-01-09 08:30:00 America/New_York", "date - "),
        ("2026-01-0009", "12 signs"),
        ("2026-01-09-0001", "15 signs"),
        ("2026/1/9", None),
        ("2026-01-09 8:30", None),
        ("2026-01-09 08:30 PM", None),
        ("09/01/2026", None),
        ("9-Jan-2026", None),
        ("2026年1月9日", None),
    ],
)
def test_a_text_is_in_order_where_it_lies_as_it_means(text: str, form: str | None) -> None:
    assert order_form(text) == form


@pytest.mark.parametrize(
    ("watermarks", "good", "bad"),
    [
        (["2026/1/10", "2026/2/9"], 0, "2026/1/10"),
        (["2026/10/10", "2026/2/9"], 1, "2026/2/9"),
        (["10", "11", "9"], 2, "9"),
        (["2026-01-09 08:30", "2026-01-10T08:30"], 1, "2026-01-10T08:30"),
        (["2026-01-09", "2026-01-09 08:30:00", "2026-01-09 08:30:00.25"], 3, ""),
    ],
)
def test_a_row_whose_text_is_not_in_order_ends_the_pull_by_name(watermarks: list[str], good: int, bad: str) -> None:
    settings = SqlSettings(query="SELECT 1", watermark="at", key="id")
    table = DatabaseTable(["at", "id"], iter([(each, n) for n, each in enumerate(watermarks)]), settings)
    with pytest.raises(ConnectorProblem) if bad else nullcontext() as problem:
        list(table.rows())
    assert list(table.messages.values())[:good] == [str(n) for n in range(good)]
    if bad:
        assert problem is not None
        assert (problem.value.code, problem.value.params) == ("position_unsorted", {"name": "at", "value": bad})


def test_a_pull_that_goes_on_behind_a_text_wants_its_form(folder: Path, admin: User) -> None:
    lay_down(folder, [loan(1, updated_at="8")])
    connector = connect(admin)
    assert pull(connector.pk).problem == {}
    lay_down(folder, [loan(2, updated_at="9"), loan(3, updated_at="91")])
    assert pull(connector.pk).problem["code"] == "position_unsorted"
    assert references() == ["A-00001"]
