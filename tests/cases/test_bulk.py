"""Set-based writes: every type arrives as it was given, nothing is cut to fit, conflicts are skipped."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import DataError, IntegrityError, transaction

from cases.bulk import copy_rows, insert_new, update_rows
from cases.models import Applicant, Case, CaseEvent, User
from tests import make
from tests.cases.history import everything

pytestmark = pytest.mark.django_db
EVENT = ("case", "seq", "name", "from_state", "to_state", "actor", "facts")
NASTY = {"quote": "'\"\\", "tab": "a\tb\nc\r", "null": None, "中": ["文", 1.5, True, {"deep": None}], "copy": "\\N \\."}


def applicant(number: int, **changes: Any) -> tuple[Any, ...]:
    row = {"source": "s", "external_id": f"P-{number}", "name": "n", "segment": "retail", "key_customer": False}
    return tuple({**row, **changes}.values())


LENGTHS = {"name": 200, "segment": 50, "source": 50, "external_id": 64}
APPLICANT = ("source", "external_id", "name", "segment", "key_customer")


def test_copied_rows_arrive_as_they_were_given(reviewer: User) -> None:
    case = make.case()
    rows = [(case.pk, 2, "\\N", "", "it's", reviewer.pk, NASTY), (case.pk, 3, "a\tb\\.", "x\ny", "", None, {})]
    with transaction.atomic():
        copy_rows(CaseEvent, EVENT, rows)
        second, third = CaseEvent.objects.filter(case=case, seq__gt=1).select_related("actor")
        transaction.set_rollback(True)  # events of versions that the case never had would not outlive a commit
    assert (second.name, second.from_state, second.to_state, second.actor, second.facts) == (
        "\\N", "", "it's", reviewer, NASTY,
    )  # fmt: skip
    assert (third.name, third.from_state, third.to_state, third.actor, third.facts) == ("a\tb\\.", "x\ny", "", None, {})
    assert second.at is not None


def test_inserted_rows_return_their_keys_and_known_ones_are_skipped() -> None:
    kept = Applicant.objects.create(source="s", external_id="P-1", name="before")
    rows = [applicant(1, name="after"), applicant(2, name=NASTY["quote"]), applicant(3, key_customer=True)]
    keys = insert_new(Applicant, APPLICANT, rows, conflict=("source", "external_id"))
    assert set(keys) == {("s", "P-2"), ("s", "P-3")}
    assert Applicant.objects.get(pk=kept.pk).name == "before"
    assert Applicant.objects.get(pk=keys["s", "P-2"]).name == NASTY["quote"]
    assert Applicant.objects.get(pk=keys["s", "P-3"]).key_customer is True
    assert insert_new(Applicant, APPLICANT, rows, conflict=("source", "external_id")) == {}
    assert insert_new(Applicant, APPLICANT, [], conflict=("source", "external_id")) == {}


def test_rows_are_updated_with_every_type() -> None:
    one, two, untouched = make.cases(3)
    now = datetime(2026, 1, 5, 9, 30, 0, 123456, tzinfo=UTC)
    names = (
        "id", "version", "state", "pd", "pd_low", "pd_high", "amount", "due_at", "features", "last_error", "attempts",
        "reserved_for",
    )  # fmt: skip
    before = everything("cases_case")["cases_case"][2]
    rows = [
        (one.pk, 2, "scored", 0.1 + 0.2, 0.0, 1.0, Decimal("1234567890123.45"), now, NASTY, "%s {}", 7, None),
        (two.pk, 2, "scored", None, None, None, Decimal("0.01"), None, {}, "", 0, None),
        (untouched.pk + 100, 2, "scored", None, None, None, Decimal(1), None, {}, "", 0, None),
    ]
    with transaction.atomic():
        changed = update_rows(Case, names, rows)
        first, second = make.reread(one), make.reread(two)
        third = everything("cases_case")["cases_case"][2]
        transaction.set_rollback(True)  # a move without its event would not outlive a commit
    assert changed == 2
    assert (first.pd, first.amount, first.due_at, first.features, first.last_error, first.attempts) == (
        0.1 + 0.2, Decimal("1234567890123.45"), now, NASTY, "%s {}", 7,
    )  # fmt: skip
    assert (second.pd, second.amount, second.due_at, second.features) == (None, Decimal("0.01"), None, {})
    assert third == before
    assert update_rows(Case, names, []) == 0


def test_json_null_is_no_sql_null() -> None:
    case = make.case()
    before = everything()
    with pytest.raises(IntegrityError, match='null value in column "why"'), transaction.atomic():
        update_rows(Case, ("id", "why"), [(case.pk, None)])
    assert everything() == before


@pytest.mark.parametrize("column", list(LENGTHS))
def test_a_text_that_is_too_long_is_refused_and_not_cut(column: str) -> None:
    kept = Applicant.objects.create(source="s", external_id="P-0", name="before")
    limit = LENGTHS[column]
    before = everything()
    long = "字" * (limit + 1)
    with pytest.raises(DataError, match="value too long"), transaction.atomic():
        insert_new(Applicant, APPLICANT, [applicant(1), applicant(2, **{column: long})], conflict=APPLICANT[:2])
    with pytest.raises(DataError, match="value too long"), transaction.atomic():
        update_rows(Applicant, ("id", column), [(kept.pk, long)])
    with pytest.raises(DataError, match="value too long"), transaction.atomic():
        copy_rows(Applicant, APPLICANT, [applicant(1, **{column: long})])
    assert everything() == before
    assert len(insert_new(Applicant, APPLICANT, [applicant(3, **{column: "字" * limit})], conflict=APPLICANT[:2])) == 1


def test_a_number_that_is_too_large_is_refused() -> None:
    case = make.case()
    before = everything()
    for name, value in (("amount", Decimal(10**13)), ("attempts", 40_000), ("queue_tier", -1)):
        with pytest.raises((DataError, IntegrityError)), transaction.atomic():
            update_rows(Case, ("id", name), [(case.pk, value)])
    assert everything() == before
