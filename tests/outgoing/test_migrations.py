"""A secret that still signed along in earlier releases does so afterwards, and on the way back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from tests.migrated import migrate, tables_of_before

BEFORE = [("outgoing", "0006_office_days")]
AFTER = [("outgoing", "0007_retired_secrets")]


@pytest.fixture
def before(shared_db: None) -> Iterator[Any]:
    """The tables as they were; afterwards as they are."""
    yield from tables_of_before(BEFORE)


def test_a_secret_that_signs_along_moves_over_and_back_and_one_that_has_ended_does_not(before: Any) -> None:
    now = timezone.now()
    soon, later, past = now + timedelta(hours=1), now + timedelta(hours=2), now - timedelta(seconds=1)
    admin = before.get_model("cases", "User").objects.create(username="admin-of-old", role="admin")
    for slug, was, until in (("holds", "sealed-a", soon), ("ended", "sealed-b", past), ("never", "", None)):
        before.get_model("outgoing", "Webhook").objects.create(
            slug=slug, url="https://a.example", types=["case.decided"], secret=f"sealed-{slug}", secret_before=was,
            secret_before_until=until, begins_at=now, read_until=now, made_by=admin,
        )  # fmt: skip
    executor = MigrationExecutor(connection)
    migrate(executor, AFTER)
    after = executor.loader.project_state(AFTER).apps
    retired, hooks = (after.get_model("outgoing", name).objects for name in ("RetiredSecret", "Webhook"))
    assert list(retired.values_list("webhook__slug", "secret", "signs_until")) == [("holds", "sealed-a", soon)]
    assert set(hooks.values_list("secret", flat=True)) == {"sealed-holds", "sealed-ended", "sealed-never"}
    retired.create(webhook=hooks.get(slug="holds"), secret="sealed-c", signs_until=later)
    retired.create(webhook=hooks.get(slug="never"), secret="sealed-d", signs_until=later)
    retired.create(webhook=hooks.get(slug="ended"), secret="sealed-e", signs_until=past)
    migrate(MigrationExecutor(connection), BEFORE)
    old = before.get_model("outgoing", "Webhook").objects.order_by("slug")
    assert list(old.values_list("slug", "secret_before", "secret_before_until")) == [
        ("ended", "", None),
        ("holds", "sealed-a", soon),
        ("never", "sealed-d", later),
    ]
