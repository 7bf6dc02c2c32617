"""Taking files in: nothing is lost, nothing is taken in twice, and what cannot be judged waits for a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.errors import BadDecision, CaseMoved, NotAllowed, StaleCase
from cases.models import Case, CaseEvent, User
from intake.actions import ImportReport, import_rows, rejected_rows, start_import
from intake.mending.mending import supply_data
from intake.models import Batch, CaseOrigin, RejectedRow, Source
from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, read_rows
from intake.recognition.mapping import mapping_as_data
from intake.record.choose import mapping_for
from tests import make
from tests.intake.places import MakeFile
from tests.together import together

HEADER = "id,product,amount,term,currency,annual_income\n"
REASON = "from the tax return of 2025"


def table(*rows: str) -> str:
    return HEADER + "".join(f"{row}\n" for row in rows)


def good(number: int, *, amount: int = 5000) -> str:
    return f"R-{number},consumer,{amount},24,USD,60000"


def reading(path: Path, source: str = "branch") -> tuple[Batch, Iterator[ReadRow]]:
    opened = open_table(path)
    name, mapping = mapping_for(opened, source, None)
    file = start_import(path, source=source, mapping_name=name, mapping=mapping_as_data(mapping), by=None)
    return file, read_rows(opened, mapping, now=timezone.now())


def take_in(path: Path, source: str = "branch", **options: Any) -> ImportReport:
    file, rows = reading(path, source)
    return import_rows(file, rows, **options)


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.rows, report.accepted, report.duplicates, report.rejected


def stored(file: Batch | None) -> tuple[int, int, int, int]:
    assert file is not None
    file = Batch.objects.get(pk=file.pk)
    return file.rows, file.accepted, file.duplicates, file.rejected


def everything() -> tuple[int, ...]:
    models: Iterable[Any] = (Case, CaseEvent, CaseOrigin, Batch, RejectedRow, Source)
    return tuple(model.objects.count() for model in models)


def test_every_row_becomes_a_case_a_known_case_or_a_kept_rejected_row(db: None, make_file: MakeFile) -> None:
    path = make_file("a.csv", table(good(1), good(2), "R-3,consumer,abc,24,USD,60000", good(1), good(2, amount=9)))
    report = take_in(path)
    assert counts(report) == stored(report.file) == (5, 2, 1, 2)
    assert list(Case.objects.order_by("pk").values_list("external_ref", "state")) == [
        ("R-1", "received"), ("R-2", "received"),
    ]  # fmt: skip
    origins = CaseOrigin.objects.order_by("row_number").values_list("case__external_ref", "row_number")
    assert list(origins) == [("R-1", 2), ("R-2", 3)]
    assert report.file is not None
    assert Batch.objects.get().finished_at is not None


def test_a_rejected_row_is_kept_whole_with_field_value_and_reason_in_both_languages(
    db: None, make_file: MakeFile
) -> None:
    path = make_file("a.csv", table("R-3,consumer,abc,1000,XXX,60000", good(1), good(1, amount=9)))
    report = take_in(path)
    assert report.file is not None
    unreadable, conflict = rejected_rows(report.file)
    assert unreadable.row_number == 2
    assert unreadable.raw["amount"] == "abc"
    assert unreadable.raw["id"] == "R-3"
    assert [(error["field"], error["value"], error["code"]) for error in unreadable.errors] == [
        ("currency", "XXX", "not_a_currency"),
        ("amount", "abc", "not_a_number"),
        ("term", "1000", "out_of_range"),
    ]
    assert (conflict.row_number, conflict.errors[0]["code"]) == (4, "reference_reused")
    assert conflict.errors[0]["en"] == "The reference “R-1” is already known with other content: amount."
    for row in (unreadable, conflict):
        assert all(error["en"] and error["zh"] and error["en"] != error["zh"] for error in row.errors)


def test_the_same_file_twice_adds_nothing(db: None, make_file: MakeFile) -> None:
    path = make_file("a.csv", table(good(1), good(2), "R-3,consumer,abc,24,USD,60000", good(2, amount=9)))
    first = take_in(path)
    before = everything()
    second = take_in(path)
    assert counts(second) == (4, 0, 2, 2)
    assert second.file == first.file
    assert stored(second.file) == (4, 2, 0, 2)
    assert everything() == before


def test_the_same_file_under_another_name_is_the_same_file(db: None, make_file: MakeFile) -> None:
    content = table(good(1), "R-3,consumer,abc,24,USD,60000")
    take_in(make_file("a.csv", content))
    before = everything()
    take_in(make_file("b.csv", content))
    assert everything() == before


def test_a_longer_file_adds_what_is_new_and_keeps_its_own_rejected_rows(db: None, make_file: MakeFile) -> None:
    bad = "R-3,consumer,abc,24,USD,60000"
    take_in(make_file("a.csv", table(good(1), bad)))
    report = take_in(make_file("b.csv", table(good(1), bad, good(2))))
    assert counts(report) == stored(report.file) == (3, 1, 1, 1)
    assert report.file is not None
    assert [row.row_number for row in rejected_rows(report.file)] == [3]
    assert Batch.objects.count() == 2


class BrokenOff(Exception):
    """The process that imports is killed here."""


def test_an_import_that_broke_off_goes_on_where_it_stopped(db: None, make_file: MakeFile) -> None:
    path = make_file("a.csv", table(*[good(number) for number in range(2500)], "R-x,consumer,abc,24,USD,60000"))

    def broken_off(rows: Iterator[ReadRow]) -> Iterator[ReadRow]:
        for number, row in enumerate(rows):
            if number == 1700:
                raise BrokenOff
            yield row

    file, rows = reading(path)
    with pytest.raises(BrokenOff):
        import_rows(file, broken_off(rows))
    assert Case.objects.count() == 1000
    assert Batch.objects.get().finished_at is None
    report = take_in(path)
    assert counts(report) == (2501, 1500, 1000, 1)
    assert stored(report.file) == (2501, 2500, 0, 1)
    assert Case.objects.count() == CaseOrigin.objects.count() == 2500
    assert Batch.objects.get().finished_at is not None


def test_two_runs_of_one_file_at_once_take_each_row_in_once(shared_db: None, make_file: MakeFile) -> None:
    path = make_file("a.csv", table(*[good(number) for number in range(1500)], "R-x,consumer,abc,24,USD,60000"))
    reports = together([lambda: take_in(path)] * 2)
    assert sum(report.accepted for report in reports) == 1500
    assert (Case.objects.count(), RejectedRow.objects.count(), Batch.objects.count()) == (1500, 1, 1)
    assert stored(Batch.objects.get()) == (1501, 1500, 0, 1)


def test_a_case_without_the_data_it_needs_is_held_with_its_findings(db: None, make_file: MakeFile) -> None:
    take_in(make_file("a.csv", table("R-1,consumer,5000,24,USD,", good(2))))
    held = Case.objects.get(external_ref="R-1")
    assert held.state == "needs_data"
    assert [(finding["feature"], finding["code"]) for finding in held.findings] == [
        ("annual_income", "feature_missing")
    ]
    assert [event.name for event in held.events.all()] == ["receive", "hold"]
    assert Case.objects.get(external_ref="R-2").state == "received"


@pytest.mark.parametrize(("decided", "outcome"), [("approved", "approve"), ("declined", "decline")])
def test_a_historical_book_is_recorded_as_decided_by_the_lender_and_not_judged_again(
    db: None, make_file: MakeFile, decided: str, outcome: str
) -> None:
    report = take_in(make_file("a.csv", table("R-1,consumer,5000,24,USD,", good(2))), decided=decided)
    assert counts(report) == (2, 2, 0, 0)
    for case in Case.objects.all():
        assert (case.state, case.outcome, case.decided_by) == (decided, outcome, "lender")
        assert (case.decided_at, case.why) == (case.applied_at, [{"code": "history", "params": {}}])
        assert [event.name for event in case.events.all()] == ["receive", f"record_{decided}"]
    assert not Case.objects.waiting_for_machine().exists()


def test_progress_counts_every_row(db: None, make_file: MakeFile) -> None:
    steps: list[int] = []
    take_in(make_file("a.csv", table(*[good(number) for number in range(1200)])), progress=steps.append)
    assert steps == [1000, 200]


def test_the_database_refuses_an_import_whose_counts_do_not_add_up(db: None, make_file: MakeFile) -> None:
    take_in(make_file("a.csv", table(good(1))))
    with pytest.raises(IntegrityError, match="import_every_row_counted"), transaction.atomic():
        Batch.objects.update(accepted=5)


def held_case(**features: Any) -> Case:
    finding = {"feature": "annual_income", "code": "feature_missing", "params": {}, "en": "x", "zh": "y"}
    return make.case("H-1", features=features, findings=[finding])


def test_data_supplied_with_its_reason_lets_the_case_go_on(reviewer: User) -> None:
    held = held_case(interest_rate=9.5)
    case = supply_data(held.pk, by=reviewer, values={"annual_income": 50_000}, reason=REASON, seen_version=held.version)
    after = make.reread(held)
    assert (case.state, after.state, after.findings) == ("received", "received", [])
    assert after.features == {"interest_rate": 9.5, "annual_income": 50_000}
    event = after.events.get(name="supply_data")
    assert (event.seq, event.actor) == (3, reviewer)
    assert event.facts == {"before": {"annual_income": None}, "after": {"annual_income": 50_000}, "reason": REASON}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": "short"}, "reason"),
        ({"reason": " " * 20}, "reason"),
        ({"values": {}}, "feature-annual_income"),
        ({"values": {"annual_income": -5}}, "feature-annual_income"),
        ({"values": {"annual_income": 50_000, "interest_rate": 900}}, "feature-interest_rate"),
    ],
)
def test_data_that_is_still_not_good_enough_is_refused_and_its_field_named(
    reviewer: User, change: dict[str, Any], field: str
) -> None:
    held = held_case()
    given: dict[str, Any] = {"values": {"annual_income": 50_000}, "reason": REASON, **change}
    with pytest.raises(BadDecision) as refusal:
        supply_data(held.pk, by=reviewer, seen_version=held.version, **given)
    assert refusal.value.field == field
    after = make.reread(held)
    assert (after.state, after.features, after.version) == ("needs_data", {}, 2)
    assert after.findings == held.findings


def test_neither_admin_nor_auditor_supplies_data(admin: User, auditor: User) -> None:
    held = held_case()
    for person in (admin, auditor):
        with pytest.raises(NotAllowed):
            supply_data(held.pk, by=person, values={"annual_income": 1}, reason=REASON, seen_version=held.version)
    assert make.reread(held).state == "needs_data"


def test_data_for_a_case_that_changed_or_is_not_held_is_refused(reviewer: User) -> None:
    held, received = held_case(), make.case("A-1")
    with pytest.raises(StaleCase):
        supply_data(held.pk, by=reviewer, values={"annual_income": 1}, reason=REASON, seen_version=1)
    with pytest.raises(CaseMoved):
        supply_data(received.pk, by=reviewer, values={"annual_income": 1}, reason=REASON, seen_version=received.version)
    assert make.reread(held).version == 2
    assert make.reread(received).features == dict(make.CLEAR_FEATURES)


def test_a_case_that_was_held_starts_its_attempts_anew(reviewer: User) -> None:
    held = held_case()
    Case.objects.filter(pk=held.pk).update(attempts=3, taken_until=timezone.now() + timedelta(hours=1))
    supply_data(held.pk, by=reviewer, values={"annual_income": 1000}, reason=REASON, seen_version=held.version)
    assert make.reread(held).attempts == 0
