"""The question as each kind of database is asked it, and how one is opened; no database is reached."""

from __future__ import annotations

import ipaddress
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.dialects import mssql
from sqlalchemy.engine import Dialect

from intake.sources.connector_settings import SqlSettings
from intake.sources.database_rows import DatabaseTable, kept_value, plain_cell
from intake.sources.reaching import ConnectorProblem
from intake.ways_in.databases import checked_engine, is_listed, question

SETTINGS = SqlSettings(
    query="SELECT * FROM loans WHERE name LIKE '贷%' -- at 10:30 :x", watermark="updated_at", key="Id"
)
AFTER, UNTIL = (datetime.fromisoformat("2026-01-01"), 5), (datetime.fromisoformat("2026-01-02"), 9)
MSSQL: Dialect = mssql.dialect()  # type: ignore[no-untyped-call]
HERE = (ipaddress.ip_network("127.0.0.0/8"),)


@pytest.mark.parametrize(
    ("dialect", "begin", "end"),
    [
        (create_engine("mysql+pymysql://h/x").dialect, "LIKE '贷%%' -- at 10:30 :x\n) AS pulled", "pulled.`Id` LIMIT"),
        (create_engine("oracle://h/x").dialect, "LIKE '贷%' -- at 10:30 :x\n) pulled", 'pulled."Id" FETCH FIRST'),
        (MSSQL, "SELECT TOP", "ORDER BY pulled.updated_at, pulled.[Id]"),
    ],
)
def test_the_question_is_worded_as_each_kind_of_database_reads_it(dialect: Dialect, begin: str, end: str) -> None:
    worded = str(question(SETTINGS, after=AFTER, until=UNTIL, most=10).compile(dialect=dialect))
    assert begin in worded
    assert end in " ".join(worded.split())
    values = question(SETTINGS, after=AFTER, until=UNTIL, most=10).compile(dialect=dialect).params.values()
    assert sorted(map(str, values)) == ["10", "2026-01-01 00:00:00", "2026-01-02 00:00:00", "5", "9"]


@pytest.mark.parametrize(
    ("address", "driver"),
    [("mysql", "pymysql"), ("mariadb", "pymysql"), ("mysql+pymysql", "pymysql"), ("oracle", "oracledb")],
)
def test_the_drivers_at_hand_serve_an_address_that_names_none(settings: Any, address: str, driver: str) -> None:
    settings.SOURCE_NETWORKS = HERE
    engine = checked_engine(f"{address}://reader:s3cret@127.0.0.1/x", 5)
    assert (engine.driver, engine.url.host) == (driver, "127.0.0.1")


@pytest.mark.parametrize(
    ("scheme", "code", "named"),
    [
        ("mysql+mysqldb", "no_driver", "mysqlclient"),
        ("mssql", "no_driver", "pyodbc"),
        ("oracle+cx_oracle", "no_driver", "cx_Oracle"),
        ("dm+dmPython", "no_dialect", "dm+dmPython"),
    ],
)
def test_what_is_not_installed_is_named_in_both_languages(settings: Any, scheme: str, code: str, named: str) -> None:
    settings.SOURCE_NETWORKS = HERE
    with pytest.raises(ConnectorProblem) as problem:
        checked_engine(f"{scheme}://reader:s3cret@127.0.0.1/x", 5)
    assert problem.value.code == code
    for language in ("en", "zh-hans"):
        said = problem.value.sentence(language)
        assert named in said
        assert "s3cret" not in said


def test_a_date_of_zeros_is_no_date() -> None:
    given = [
        "0000-00-00",
        "0000-00-00 00:00:00.000000",
        "0000-00-001",
        "2026-02-00",
        datetime.fromisoformat("2026-01-01"),
    ]
    assert [plain_cell(each) for each in given] == [
        None,
        None,
        "0000-00-001",
        "2026-02-00",
        datetime.fromisoformat("2026-01-01"),
    ]


def test_a_database_that_gives_out_the_last_row_again_does_not_compare_what_it_gives_out() -> None:
    rows = [(16777200.0, 4), (16777200.0, 5), (16777300.0, 6)]
    behind = [kept_value("updated_at", 16777200.0), kept_value("Id", 5)]
    settings = SqlSettings(query="SELECT 1", watermark="updated_at", key="Id")
    table = DatabaseTable(["updated_at", "Id"], iter(rows), settings, behind=behind)
    with pytest.raises(ConnectorProblem) as problem:
        list(table.rows())
    assert problem.value.code == "position_rounded"
    assert len(list(DatabaseTable(["updated_at", "Id"], iter(rows), settings).rows())) == 3


def test_enum_and_set_are_told_by_their_flags_and_bits_and_numbers_are_none() -> None:
    """The flags are those that MariaDB 10.11 gives for INT PRIMARY KEY, ENUM, SET, BIT(8), BOOLEAN and VARCHAR."""
    fields = [SimpleNamespace(flags=flags) for flags in (20483, 256, 2048, 32, 32768, 0)]
    cursor = SimpleNamespace(_result=SimpleNamespace(fields=fields))
    assert [is_listed(cursor, at) for at in range(6)] == [False, True, True, False, False, False]
    assert is_listed(SimpleNamespace(), 0) is False
    assert is_listed(SimpleNamespace(_result=None), 0) is False
    assert is_listed(None, 0) is False
    said = ConnectorProblem("position_listed", name="grade")
    assert said.sentence("en").startswith("grade is an ENUM or SET: ")
    assert said.sentence("zh-hans").startswith("grade 列是 ENUM 或 SET 类型：")
