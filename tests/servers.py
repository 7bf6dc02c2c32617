"""Pytest plugin (`-p tests.servers`): gives the tests a PostgreSQL and a broker before Django reads its settings.

With `-n` the tests run in several processes. The first process starts the servers and ends them; the others use them,
each with its own database (pytest-django names it), its own part of the broker and its own folder, so that no worker,
queue, cache or model of one is seen by another.
"""

import os
import sys
from collections.abc import Generator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from riskreview import embedded
from riskreview.env import var_folder


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Runs around pytest-django's hook of the same name, which loads the settings."""
    os.environ.setdefault("RISKREVIEW_DEBUG", "1")
    if process := os.environ.get("PYTEST_XDIST_WORKER"):
        take_own_part(int(process.removeprefix("gw")))
    else:
        start_servers(early_config)
    yield


def start_servers(early_config: pytest.Config) -> None:
    # Own servers, own files: a running `make demo` shares neither its queue nor its models with the tests.
    os.environ["RISKREVIEW_VAR"] = str(var_folder(os.environ) / "test")
    if not early_config.pluginmanager.is_blocked("django"):
        named = os.environ.get("DATABASE_URL", "").strip()
        embedded.use_if_unset(lambda text: print(text, file=sys.stderr, flush=True))
        if not named:
            suit_the_tests(os.environ["DATABASE_URL"])


def suit_the_tests(url: str) -> None:
    """A commit is seen by all as before, but its test need not wait until it is on disk: only the end of this server
    would lose it. The tests that end servers (`tests/faults`) start their own, which keep what the product promises.

    A plan that a session made and kept while a table was empty would scan the whole of it also for the one row of a
    key, and so for each of the thousand rows that a later test brings: half a minute in one. In use, none become empty.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER ROLE CURRENT_USER SET synchronous_commit = off")
        connection.execute("ALTER ROLE CURRENT_USER SET enable_seqscan = off")


def take_own_part(number: int) -> None:
    """In test process `number`, which inherited the addresses and the folder of the first."""
    os.environ["RISKREVIEW_VAR"] = str(Path(os.environ["RISKREVIEW_VAR"]) / f"gw{number}")
    if url := os.environ.get("REDIS_URL"):
        os.environ["REDIS_URL"] = broker_part(url, number + 1)
    # A team of threads in every process is more threads than cores, and they wait for each other by spinning.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # With the mark, this process and its children would join the servers and take the first process's part of them.
    os.environ.pop(embedded.MARKER, None)


def broker_part(url: str, number: int) -> str:
    """The address of another numbered database of the broker."""
    return urlsplit(url)._replace(path=f"/{number}").geturl()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing running: the servers end with the last test, not a moment later."""
    embedded.stop_held()
