"""Fixtures every test may use: a trained champion, a policy in force, people, a database a worker process can see."""

from __future__ import annotations

import gc
import os
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone, translation
from pytest_django import DjangoDbBlocker
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

from cases.models import DeskRules, User
from cases.states import Role
from intake.reading.rows import read_rows
from riskreview import sample
from routing.models import Policy
from scoring.ml.champion import Champion
from scoring.ml.features import feature_table_for
from scoring.ml.pipeline import HeldOut, train_held_out
from scoring.models import ModelVersion
from tests import make
from tests.emptying import sql_to_empty
from tests.migrated import copy_what_migrations_leave, drop_original
from tests.promotion import Promotion


@dataclass(frozen=True)
class TrainedBook:
    """A training with the names of its loans, what the model read of them and whether they went bad, in its order."""

    held_out: HeldOut
    names: tuple[str, ...]
    bad: tuple[int, ...]
    rows: tuple[dict[str, Any], ...]


# The tests that take or wait longest, one group for the beginning of each process's share: at the end of a run one of
# them would leave the other processes without work, and all in one share would take longer than all others together.
# Those that compute stand apart from those that wait, so that they have the processors meanwhile.
FIRST = (
    ("tests/browser/test_looks.py", "tests/riskreview/test_sample_history.py"),
    ("tests/riskreview/test_demo.py", "tests/house/test_addresses.py", "tests/desk/test_costs_of_pages.py"),
    ("tests/faults/", "tests/house/test_wiring.py"),
    ("tests/intake/test_kafka_topics.py", "tests/cases/test_wake.py", "tests/intake/test_migrations.py"),
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The order within a file stays, and so what its tests share. Each process is given an equal share of what is left
    for it and the processes after it (xdist, `worksteal`)."""
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    begin: list[list[pytest.Item]] = [[] for _process in range(processes)]
    others: list[pytest.Item] = []
    for item in items:
        group = next((at for at, names in enumerate(FIRST) if item.nodeid.startswith(names)), None)
        (others if group is None else begin[group % processes]).append(item)
    ordered: list[pytest.Item] = []
    for at, first in enumerate(begin):
        share = (len(items) - len(ordered)) // (processes - at)
        rest = max(0, share - len(first))
        ordered += first + others[:rest]
        del others[:rest]
    items[:] = ordered + others


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What is there now stays to the end. To look through it all for garbage, a second each time, was a fifth of the
    tests' own CPU."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def trained_book(tmp_path_factory: pytest.TempPathFactory) -> TrainedBook:
    """A training on the first 3,000 loans of the sample book: real, and quick to make. Of several test processes one
    makes it."""
    book: TrainedBook = pickle.loads(_kept_book(tmp_path_factory).read_bytes())  # noqa: S301
    return book


def _kept_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that holds it, made now if no process has made it yet."""
    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    kept = folder / "trained_book"
    with (folder / "trained_book_lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not kept.exists():
            kept.write_bytes(pickle.dumps(_train_book()))
    return kept


def _train_book() -> TrainedBook:
    table, _name, mapping = sample.HISTORY.open()
    rows: list[dict[str, Any]] = []
    outcomes: list[int] = []
    names: list[str] = []
    for row in read_rows(table, mapping, now=timezone.now()):
        if len(rows) == 3000:
            break
        if row.submission and row.outcome:
            case = row.submission
            rows.append(
                {
                    **case.features,
                    "amount": float(case.amount),
                    "currency": case.currency,
                    "term_months": case.term_months,
                }
            )
            outcomes.append(int(row.outcome.bad))
            names.append(case.external_ref)
    held_out = train_held_out(feature_table_for(sample.PRODUCT), rows, outcomes, dataset_sha256="0" * 64)
    return TrainedBook(held_out, tuple(names), tuple(outcomes), tuple(rows))


@pytest.fixture(scope="session")
def trained(trained_book: TrainedBook) -> Champion:
    """The champion of that training."""
    return trained_book.held_out.champion


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """The language of the last page that a test has asked for ends with the test, so that their order tells nothing."""
    yield
    translation.deactivate()


@pytest.fixture
def reviewer(db: None) -> User:
    return make.user("reviewer", Role.REVIEWER, authority=25_000)


@pytest.fixture
def second_reviewer(db: None) -> User:
    return make.user("second_reviewer", Role.REVIEWER, authority=25_000)


@pytest.fixture
def supervisor(db: None) -> User:
    return make.user("supervisor", Role.SUPERVISOR, authority=100_000)


@pytest.fixture
def admin(db: None) -> User:
    return make.user("admin", Role.ADMIN)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Of several test processes one runs the migrations; one of those that wait for it trains the book meanwhile."""
    several = "PYTEST_XDIST_WORKER" in os.environ
    if several:
        with django_db_blocker.unblock():
            copy_what_migrations_leave(lambda: _kept_book(tmp_path_factory))
    yield
    if several:
        with django_db_blocker.unblock():
            drop_original()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database; at the end without the sessions that a worker which was killed has left for a moment."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


@pytest.fixture
def released_at_once(admin: User) -> DeskRules:
    """A desk on which decisions are final as soon as they are taken."""
    return make.desk_rules(admin, release_hold_seconds=0)


@pytest.fixture
def auditor(db: None) -> User:
    return make.user("auditor", Role.AUDITOR)


@pytest.fixture(scope="session")
def promotion(trained: Champion) -> Promotion:
    return Promotion(trained)


@pytest.fixture
def champion(promotion: Promotion, admin: User) -> ModelVersion:
    """The trained champion, registered and in force for `consumer`, and hidden on no case."""
    return promotion.repeat_in_sight(by=admin)


@pytest.fixture
def policy(admin: User, supervisor: User) -> Policy:
    """The sample's policy in force, without the random audit: cases go where their figures send them."""
    return make.policy(admin, supervisor, audit_share=0.0)


@pytest.fixture(scope="session", autouse=True)
def emptying() -> Iterator[None]:
    """How Django empties the tables after a test with a shared database."""
    # The class, not this connection's: a test in an event loop (Playwright) has a connection of its own.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(connection.ops), "sql_flush", sql_to_empty)
        yield


@pytest.fixture(scope="session", autouse=True)
def static_files() -> Iterator[None]:
    """A server looks for its static files when it starts, and every test client starts one: the first finds for all."""
    found: dict[str, StaticFile] = {}
    find = WhiteNoiseMiddleware.add_files_from_finders

    def find_once(server: WhiteNoiseMiddleware) -> None:
        if not found:
            find(server)
            found.update(server.files)
        server.files = dict(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", find_once)
        yield


@pytest.fixture
def shared_db(transactional_db: None) -> None:
    """A database whose commits other processes see."""
