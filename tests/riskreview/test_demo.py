"""`demo --once` on a database of its own: the sample book from file to decision, twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg import sql

from tests.servers import broker_part
from tests.worker import worker_environ

CASES = 300


@pytest.fixture
def environ(db: None, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a demonstration with its own database, files and part of the broker."""
    name = f"demo_{os.getpid()}"
    with psycopg.connect(worker_environ()["DATABASE_URL"], autocommit=True) as server:
        create = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template := connection.settings_dict["TEST"].get("TEMPLATE"):
            # Of several test processes one has run the migrations, which take a quarter of the time.
            create += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        server.execute(create)
        try:
            yield worker_environ(
                DATABASE_URL=worker_environ()["DATABASE_URL"].rpartition("/")[0] + f"/{name}",
                REDIS_URL=broker_part(settings.REDIS_URL, 15 - int(settings.REDIS_URL.rpartition("/")[2])),
                RISKREVIEW_VAR=str(tmp_path / "var"),
                DJANGO_SETTINGS_MODULE="riskreview.settings",
            )
        finally:
            # With FORCE an autovacuum worker would be ended by our role, which may not; without, the server does it.
            server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
    connection.close()


def demonstrate(environ: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "manage.py", "demo", "--once", "--cases", str(CASES), "--json"],
        cwd=settings.BASE_DIR,
        env=environ,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def test_the_sample_book_is_carried_to_decisions_and_a_second_run_adds_nothing(environ: dict[str, str]) -> None:
    first = demonstrate(environ)
    assert first["cases"] == CASES
    assert first["approved"] + first["declined"] + first["queued"] + first.get("needs_data", 0) == CASES
    assert min(first["approved"], first["declined"], first["queued"]) > 0
    assert 0.02 < first["seen_by_people_share"] < 0.25
    assert first["labels"]["outcome"] == 9857
    assert 0.65 < first["auc"] < 0.80
    # Nothing is taken in, trained or decided again.
    assert demonstrate(environ) == first
