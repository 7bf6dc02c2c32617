"""What the benches share: a scratch database, the sample's champion, stored bytes for a bare COPY, and the report."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from psycopg import sql

from intake.mapped.submission import Submission
from intake.reading.rows import read_rows
from riskreview import sample
from scoring.ml.features import Row


def say(text: str) -> None:
    """Progress; the result alone goes to standard output."""
    print(text, file=sys.stderr, flush=True)


def report(name: str, figures: Mapping[str, Any]) -> None:
    """The result as one JSON line, with what one must know of the place to read it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('fsync')")
        version, fsync = cursor.fetchone()
    place = {"cpus": os.cpu_count(), "postgresql": version, "fsync": fsync}
    line = {"bench": name, "at": timezone.now().isoformat(timespec="seconds"), **figures, "place": place}
    print(json.dumps(line, ensure_ascii=False))


def sample_rows(book: sample.Book) -> tuple[list[Row], list[int]]:
    """A table of the sample as a model reads it, with the outcomes that are known; no database is needed."""
    table, _name, mapping = book.open()
    rows: list[Row] = []
    outcomes: list[int] = []
    for row in read_rows(table, mapping, now=timezone.now()):
        if row.submission is not None and (row.outcome is not None or not mapping.decided):
            case = row.submission
            facts = {"amount": float(case.amount), "currency": case.currency, "term_months": case.term_months}
            rows.append({**case.features, **facts, "applied_at": case.applied_at.isoformat()})
            outcomes += [int(row.outcome.bad)] if row.outcome else []
    return rows, outcomes


@contextmanager
def scratch() -> Iterator[str]:
    """A migrated, empty database of this run's own, and a folder for its models; both are gone afterwards."""
    say("Making a scratch database")
    connection.settings_dict["TEST"]["NAME"] = f"riskreview_bench_{os.getpid()}"
    before = connection.settings_dict["NAME"]
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        with tempfile.TemporaryDirectory(prefix="riskreview-bench-") as folder:
            settings.ARTEFACTS = Path(folder) / "artefacts"
            settings.DATASETS = Path(folder) / "datasets"
            yield name
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)


def use_database(name: str) -> None:
    """Let a client process of a bench work in the scratch database of its parent."""
    connection.close()
    connection.settings_dict["NAME"] = name


def seconds_of(work: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def ready_to_decide() -> None:
    """The sample's accounts, its champion trained on the loans of 2016, and its policy, made by the real actions."""
    say("Training the sample's champion")
    sample.make_accounts("riskreview-bench")
    sample.load_book(sample.HISTORY)
    sample.load_outcomes(sample.HISTORY)
    sample.make_champion()
    sample.make_policy()


def sample_submissions() -> list[Submission]:
    """The 10,000 applications of 2018 as valid submissions."""
    table, _name, mapping = sample.NEW_CASES.open()
    rows = read_rows(table, mapping, now=timezone.now())
    return [row.submission for row in rows if row.submission is not None]


@contextmanager
def stored_bytes(tables: Sequence[str], where: str) -> Iterator[Callable[[], None]]:
    """What COPY would have to carry to store the rows `where` of `tables` once more.

    Yields a function that copies these bytes into bare tables (no index, no constraint, no trigger) and commits. The
    condition may use `{case}`, which stands for the column that names the case in each table.
    """
    loads = {table: _copy_out(table, where) for table in tables}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(sql.SQL("CREATE TABLE {} (LIKE {})").format(_bare(table), sql.Identifier(table)))

    def copy_in() -> None:
        connection.set_autocommit(False)
        with connection.cursor() as cursor:
            for table, data in loads.items():
                with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(_bare(table))) as copy:
                    copy.write(data)
        connection.commit()
        connection.set_autocommit(True)

    yield copy_in
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(sql.SQL("DROP TABLE {}").format(_bare(table)))


def _bare(table: str) -> sql.Identifier:
    return sql.Identifier(f"bare_{table}")


def _copy_out(table: str, where: str) -> bytes:
    condition = sql.SQL(where.format(case="id" if table == "cases_case" else "case_id"))
    statement = sql.SQL("COPY (SELECT * FROM {} WHERE {}) TO STDOUT").format(sql.Identifier(table), condition)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        return b"".join(bytes(part) for part in copy)
