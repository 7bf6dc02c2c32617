"""Imports and messages that were taken in before there were batches are batches afterwards, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from tests.migrated import migrate, tables_of_before

BEFORE = [("intake", "0001_initial")]


@pytest.fixture
def before(shared_db: None) -> Iterator[Any]:
    """The tables as they were; afterwards as they are."""
    yield from tables_of_before(BEFORE)


def case_of(apps: Any, reference: str, applicant: Any) -> Any:
    """A received case with its first event, past the actions, which know the tables of today."""
    case = apps.get_model("cases", "Case").objects.create(
        source="branch", external_ref=reference, content_hash="x", product="consumer", amount=1, currency="CNY",
        term_months=12, applied_at="2026-01-05T00:00Z", applicant=applicant, state="received",
    )  # fmt: skip
    apps.get_model("cases", "CaseEvent").objects.create(case=case, seq=1, name="receive", to_state="received")
    return case


def test_files_and_messages_of_old_become_batches(before: Any) -> None:
    models = {name: before.get_model("intake", name) for name in ("Source", "ImportFile", "CaseOrigin", "RejectedRow")}
    source = models["Source"].objects.create(slug="branch")
    applicant = before.get_model("cases", "Applicant").objects.create(source="branch", external_id="P-1")
    token = before.get_model("cases", "ApiToken").objects.create(name="los", token_hash="h", scopes=["ingest"])
    mapping = {"columns": ["a"], "fields": {}}
    files = [
        models["ImportFile"].objects.create(
            source=source, file_name=f"{name}.csv", sha256=name * 64, mapping_name="m.yaml", mapping=content,
            rows=2, accepted=1, rejected=1,
        )
        for name, content in (("a", mapping), ("b", mapping), ("c", {**mapping, "about": "x"}))
    ]  # fmt: skip
    with transaction.atomic():
        from_file, from_message = (case_of(before, reference, applicant) for reference in ("A-1", "A-2"))
    models["CaseOrigin"].objects.create(case=from_file, import_file=files[0], row_number=7)
    models["CaseOrigin"].objects.create(case=from_message, token=token)
    models["RejectedRow"].objects.create(import_file=files[0], row_number=3, row_hash="r", raw={}, errors=[])

    executor = MigrationExecutor(connection)
    migrate(executor, executor.loader.graph.leaf_nodes("intake"))
    apps = executor.loader.project_state(executor.loader.graph.leaf_nodes()).apps
    batches = apps.get_model("intake", "Batch").objects.order_by("pk")
    assert [(each.kind, each.name, each.mapping and each.mapping.number) for each in batches] == [
        ("file", "a.csv", 1), ("file", "b.csv", 1), ("file", "c.csv", 2), ("push", "los", None),
    ]  # fmt: skip
    origins = apps.get_model("intake", "CaseOrigin").objects.order_by("case__external_ref")
    assert [(each.batch.name, each.row_number) for each in origins] == [("a.csv", 7), ("los", None)]
    messages = batches.get(kind="push")
    assert (messages.token_id, messages.rows, messages.accepted) == (token.pk, 1, 1)
    assert messages.finished_at is not None
    assert apps.get_model("intake", "RejectedRow").objects.get().batch.name == "a.csv"
    assert [step.name for step in apps.get_model("intake", "SourceStep").objects.all()] == ["opened"]
