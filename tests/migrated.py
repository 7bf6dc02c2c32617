"""The database that the migrations leave, made by one test process and copied by the others."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.migrations.executor import MigrationExecutor

from tests.quick_migrations import options_change_in_place

LOCK = 7_031_999


def copy_what_migrations_leave(meanwhile: Callable[[], object]) -> None:
    """From now on the database of this test process is made as a copy: the migrations cost nine seconds of CPU.

    The first process that comes makes the original, the others do `meanwhile` before they wait for it. A comment names
    the run that made it, so that what a run has left which was killed is not taken for this run's.
    """
    wanted = connection.settings_dict
    name, own = wanted["NAME"], wanted["TEST"]["NAME"]
    run = os.environ["PYTEST_XDIST_TESTRUNUID"]
    with alone(meanwhile) as cursor:
        cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [original()])
        if cursor.fetchone() != (run,):
            wanted["TEST"]["NAME"] = original()
            with options_change_in_place():
                connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
            connection.close()
            settings.DATABASES[connection.alias]["NAME"] = wanted["NAME"] = name
            wanted["TEST"]["NAME"] = own
            cursor.execute(f"COMMENT ON DATABASE {connection.ops.quote_name(original())} IS %s", [run])
    wanted["TEST"]["TEMPLATE"] = original()


def drop_original() -> None:
    """A process that comes later than the first that ends would make it again."""
    with alone(lambda: None) as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(original())}")


def original() -> str:
    return f"test_{connection.settings_dict['NAME']}_migrated"


@contextmanager
def alone(meanwhile: Callable[[], object]) -> Iterator[CursorWrapper]:
    """On the server; any other test process does `meanwhile` and waits."""
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if cursor.fetchone() != (True,):
            meanwhile()
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield cursor


def migrate(executor: MigrationExecutor, targets: Sequence[tuple[str, str | None]]) -> None:
    """To `targets`, forwards or backwards."""
    with options_change_in_place():
        executor.migrate(targets)


def tables_of_before(targets: Sequence[tuple[str, str]]) -> Iterator[Any]:
    """The models as they were at `targets`, with their tables; afterwards the tables are as they are."""
    executor = MigrationExecutor(connection)
    migrate(executor, targets)
    yield executor.loader.project_state(targets).apps
    executor = MigrationExecutor(connection)
    migrate(executor, executor.loader.graph.leaf_nodes())
