"""Labels of earlier releases get their window and reason of exclusion; what nobody knows any more stays unknown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from tests.migrated import migrate, tables_of_before

BEFORE = [("learning", "0004_held_out_by_odds")]
AFTER = [("learning", "0006_label_guards")]


@pytest.fixture
def before(shared_db: None) -> Iterator[Any]:
    """The tables as they were; afterwards as they are."""
    yield from tables_of_before(BEFORE)


def test_labels_of_old_are_given_their_window_and_keep_what_they_said(before: Any) -> None:
    applicant = before.get_model("cases", "Applicant").objects.create(source="branch", external_id="P-1")
    labels = before.get_model("learning", "Label").objects
    with transaction.atomic():
        case = before.get_model("cases", "Case").objects.create(
            source="branch", external_ref="A-1", content_hash="x", product="consumer", amount=1, currency="CNY",
            term_months=6, applied_at="2025-01-01T00:00Z", applicant=applicant, state="received",
        )  # fmt: skip
        before.get_model("cases", "CaseEvent").objects.create(case=case, seq=1, name="receive", to_state="received")
        for source, is_bad, at in (
            ("outcome", False, "2026-01-01T00:00Z"),
            ("early_bad", True, "2025-04-02T07:30Z"),
            ("immature_good", False, "2025-01-01T00:00Z"),
        ):
            labels.create(case=case, source=source, is_bad=is_bad, observed_at=at, given_by="tests")
    executor = MigrationExecutor(connection)
    migrate(executor, AFTER)
    found = executor.loader.project_state(AFTER).apps.get_model("learning", "Label").objects.order_by("pk")
    assert list(found.values_list("source", "is_bad", "maturity", "exclusion", "propensity", "basis")) == [
        ("outcome", False, 1.0, "", None, "unknown"),
        ("early_bad", True, pytest.approx(0.5, abs=0.001), "early_bad", None, "unknown"),
        ("immature_good", False, 0.0, "immature", None, "unknown"),
    ]
    assert {(each.window_until - each.window_from).total_seconds() for each in found} == {365.25 / 12 * 6 * 86_400}
