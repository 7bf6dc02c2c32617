"""What columns were taken for by themselves waits for a person's look, where it comes in unattended; nothing of it is
decided before, and a reading that was wrong is put right in the same cases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cases.errors import BadDecision, CaseMoved, NotAllowed
from cases.models import Applicant, Case, Notification, User
from cases.states import State
from intake.actions import ImportReport
from intake.admission.files import take_in_file
from intake.health.quarantine import quarantine_source, release_source
from intake.mending.mending import supply_data
from intake.models import Batch, CaseOrigin, MappingVersion, ReadingLook, RejectedRow, Source, SourceStep
from intake.signing.first_look import confirm_reading, free_looked_at, settle_looks, unnamed_columns
from scoring.actions import take_chunk
from tests.intake.places import MakeFile
from tests.intake.silent import silent

LOANS = "Loan No,Customer,Guarantor,Loan Amount,Term (months),Application Date\n"
ROWS = "L-1,C-1,G-1,5000,24,2026-01-05\nL-2,C-2,G-2,8000,36,2026-01-06\n"
REASON = "the branch has confirmed it"
WAITS = [{"code": "reading_not_looked_at", "params": {"version": "1"}}]

Arrive = Callable[..., ImportReport]


@pytest.fixture
def arrive(db: None, make_file: MakeFile) -> Arrive:
    """Takes a table in as the watched folder does."""

    def take(
        text: str, name: str = "loans.csv", *, mapping: Path | None = None, unattended: bool = True
    ) -> ImportReport:
        path = make_file(name, text)
        given = str(mapping) if mapping else None
        return take_in_file(path, source="branch", mapping=given, by=None, bars=silent, unattended=unattended)

    return take


def states() -> list[tuple[str, str]]:
    return list(Case.objects.order_by("external_ref").values_list("external_ref", "state"))


def holding(case: Case) -> list[dict[str, Any]]:
    return [{name: finding[name] for name in ("code", "params")} for finding in case.findings]


def test_what_was_recognised_waits_until_somebody_has_looked_and_then_goes_on(
    arrive: Arrive, admin: User, supervisor: User
) -> None:
    report = arrive(LOANS + ROWS)
    assert (report.accepted, report.held, report.rejected) == (2, 2, 0)
    assert states() == [("L-1", "needs_data"), ("L-2", "needs_data")]
    assert holding(Case.objects.get(external_ref="L-1")) == WAITS
    assert take_chunk("worker", attempts=0, size=10) == []
    notice = Notification.objects.get()
    assert (notice.person, notice.code, notice.params) == (admin, "reading_to_look_at", {"source": "branch"})
    with pytest.raises(BadDecision) as refusal:
        confirm_reading("branch", 1, by=supervisor)
    assert refusal.value.field == "known_before"
    assert (states()[0], SourceStep.objects.filter(name="looked").exists()) == (("L-1", "needs_data"), False)
    confirm_reading("branch", 1, by=supervisor, known_before=True)
    assert states() == [("L-1", "received"), ("L-2", "received")]
    case = Case.objects.get(external_ref="L-1")
    assert (case.findings, [event.name for event in case.events.all()]) == (
        [],
        ["receive", "hold", "confirm_reading"],
    )
    look = ReadingLook.objects.get()
    assert (look.looked_by, look.looked_at is not None) == (supervisor, True)
    step = SourceStep.objects.get(name="looked")
    answered = {"versions": [1], "known_before": ["Customer", "Guarantor"]}
    assert (step.actor, step.reason, step.facts) == (supervisor, "", answered)


def test_a_usual_name_and_what_was_answered_for_need_no_answer(arrive: Arrive, supervisor: User) -> None:
    header = "Loan No,Customer ID,Loan Amount,Term (months),Application Date,Annual Income"
    arrive(f"{header}\nL-1,C-1,5000,24,2026-01-05,90000\n")
    confirm_reading("branch", 1, by=supervisor)
    arrive(f"{header},Decisioning\nL-2,C-2,8000,36,2026-01-06,80000,A\n", "second.csv")
    with pytest.raises(BadDecision):
        confirm_reading("branch", 2, by=supervisor)
    confirm_reading("branch", 2, by=supervisor, known_before=True)
    arrive(f"{header},Decisioning,Gender\nL-3,C-3,8000,36,2026-01-06,80000,B,F\n", "third.csv")
    assert unnamed_columns(MappingVersion.objects.get(number=3)) == ("Gender",)


def test_what_somebody_has_looked_at_is_not_asked_about_again(arrive: Arrive, supervisor: User) -> None:
    arrive(LOANS + ROWS)
    confirm_reading("branch", 1, by=supervisor, known_before=True)
    report = arrive(LOANS + "L-3,C-3,G-3,9000.50,12,2026-01-07\n", "next.csv")
    assert (report.accepted, report.held) == (1, 0)
    # Another order of the columns, and one fewer, says nothing new.
    fewer = arrive(
        "Application Date,Loan No,Customer,Loan Amount,Term (months)\n2026-01-08,L-4,C-4,700,12\n", "few.csv"
    )
    assert (fewer.accepted, fewer.held, ReadingLook.objects.count()) == (1, 0, 1)


@pytest.mark.parametrize(
    "header",
    [
        LOANS.replace("Loan Amount", "Loan Amount (USD)"),
        LOANS.replace("Term (months)", "Term (years)"),
        LOANS.replace("\n", ",Monthly Income\n"),
        LOANS.replace("Term (months)", "Colour"),
    ],
)
def test_another_currency_unit_column_or_stand_in_is_asked_about(arrive: Arrive, supervisor: User, header: str) -> None:
    arrive(LOANS + ROWS)
    confirm_reading("branch", 1, by=supervisor, known_before=True)
    row = "L-3,C-3,G-3,5000,12,2026-01-05" + (",900" if "Income" in header else "")
    report = arrive(header + row + "\n", "next.csv")
    assert (report.accepted, report.held) == (1, 1)
    assert ReadingLook.objects.filter(looked_at=None).count() == 1
    assert Notification.objects.count() == 0


def test_a_decimal_comma_that_was_not_there_before_is_asked_about(arrive: Arrive, supervisor: User) -> None:
    arrive(LOANS + ROWS)
    confirm_reading("branch", 1, by=supervisor, known_before=True)
    comma = LOANS.replace(",", ";")
    assert arrive(comma + "L-3;C-3;G-3;9000,50;12;2026-01-07\n", "comma.csv").held == 1
    confirm_reading("branch", 2, by=supervisor, known_before=True)
    assert arrive(comma + "L-4;C-4;G-4;7000,25;12;2026-01-07\n", "more.csv").held == 0
    assert arrive(LOANS + "L-5,C-5,G-5,9000.50,12,2026-01-07\n", "point.csv").held == 0


def test_a_table_in_our_own_words_a_given_mapping_and_the_command_line_need_no_look(
    arrive: Arrive, tmp_path: Path
) -> None:
    own = "external_ref,product,amount,term_months,applied_at,annual_income\n"
    assert arrive(own + "R-1,consumer,5000,24,2026-01-05,60000\n").held == 0
    given = tmp_path / "own.yaml"
    given.write_text(
        "fields: {external_ref: {column: Loan No}, amount: {column: Loan Amount}, product: {constant: equipment},"
        " currency: {constant: USD}, term_months: {column: Term (months)}, applied_at: {column: Application Date},"
        " applicant.id: {column: Customer}}\n",
        encoding="utf-8",
    )
    assert arrive(LOANS + ROWS, mapping=given).held == 0
    by_hand = arrive("Contract No,Loan Amount,Tenor (months),Apply Date\nK-1,500,12,2026-01-05\n", unattended=False)
    assert (by_hand.accepted, by_hand.held, ReadingLook.objects.exists()) == (1, 0, False)
    # What came by hand is known when it comes by itself.
    again = arrive("Contract No,Loan Amount,Tenor (months),Apply Date\nK-2,600,12,2026-01-06\n", "next.csv")
    assert (again.accepted, again.held) == (1, 0)


def test_only_a_supervisor_or_administrator_looks_and_only_once(
    arrive: Arrive, reviewer: User, auditor: User, supervisor: User
) -> None:
    arrive(LOANS + ROWS)
    for by in (reviewer, auditor):
        with pytest.raises(NotAllowed):
            confirm_reading("branch", 1, by=by)
    with pytest.raises(BadDecision) as refusal:
        confirm_reading("branch", 1, by=supervisor, note="x" * 4_001)
    assert refusal.value.field == "note"
    with pytest.raises(CaseMoved):
        confirm_reading("branch", 2, by=supervisor, known_before=True)
    assert (states()[0], SourceStep.objects.filter(name="looked").exists()) == (("L-1", "needs_data"), False)
    confirm_reading("branch", 1, by=supervisor, note="as on the form", known_before=True)
    with pytest.raises(CaseMoved):
        confirm_reading("branch", 1, by=supervisor, known_before=True)
    assert SourceStep.objects.get(name="looked").reason == "as on the form"


def test_nobody_lets_a_case_on_before_the_look(arrive: Arrive, reviewer: User) -> None:
    arrive(LOANS + ROWS)
    case = Case.objects.get(external_ref="L-1")
    with pytest.raises(BadDecision, match="Nobody has looked at how its columns are read"):
        supply_data(case.pk, by=reviewer, values={}, reason=REASON, seen_version=case.version)
    assert states()[0] == ("L-1", "needs_data")


def test_a_case_that_waits_for_more_waits_on_and_one_of_a_quarantined_source_too(
    arrive: Arrive, supervisor: User
) -> None:
    arrive(LOANS + ROWS)
    source = Source.objects.get()
    quarantine_source(source.pk, signs=[], since=Batch.objects.get().started_at)
    arrive(LOANS + ROWS + "L-3,C-3,G-3,700,12,2026-01-07\n", "more.csv")
    confirm_reading("branch", 1, by=supervisor, known_before=True)
    assert {state for _ref, state in states()} == {"needs_data"}
    assert {finding["code"] for case in Case.objects.all() for finding in case.findings} == {"source_quarantined"}
    release_source("branch", by=supervisor, reason=REASON)
    assert {state for _ref, state in states()} == {"received"}


def test_the_sweep_does_what_a_look_that_died_had_left(arrive: Arrive, supervisor: User) -> None:
    arrive(LOANS + ROWS)
    look = ReadingLook.objects.get()
    ReadingLook.objects.update(looked_by=supervisor, looked_at=look.asked_at)
    assert free_looked_at(Source.objects.get()) == 2
    Case.objects.all()
    assert states() == [("L-1", "received"), ("L-2", "received")]
    settle_looks()
    assert [event.name for event in Case.objects.get(external_ref="L-2").events.all()][-1] == "confirm_reading"


def test_one_look_settles_what_another_version_says_alike(arrive: Arrive, supervisor: User) -> None:
    arrive(LOANS + ROWS)
    arrive("Loan No,Customer,Loan Amount,Term (months),Application Date\nL-9,C-9,700,12,2026-01-08\n", "few.csv")
    assert ReadingLook.objects.filter(looked_at=None).count() == 2
    confirm_reading("branch", 1, by=supervisor, known_before=True)
    assert not ReadingLook.objects.filter(looked_at=None).exists()
    assert [state for _ref, state in states()] == ["received", "received", "received"]
    assert SourceStep.objects.get(name="looked").facts == {
        "versions": [1, 2],
        "known_before": ["Customer", "Guarantor"],
    }


WRONG = "Guarantor No,Loan No,Client,Loan Amount,Term (months),Application Date\n"
WRONG_ROWS = "G-1,L-1,C-1,5000,24,2026-01-05\nG-2,L-2,C-2,8000,36,2026-01-06\n"
RIGHT = """
fields:
  external_ref: {column: Guarantor No}
  product: {constant: equipment}
  amount: {column: Loan Amount}
  currency: {constant: MYR}
  term_months: {column: Term (months)}
  applied_at: {column: Application Date}
  applicant.id: {column: Client, prefix: "K"}
"""


def test_the_same_file_under_another_mapping_is_read_anew_into_the_same_cases(
    arrive: Arrive, tmp_path: Path, supervisor: User
) -> None:
    arrive(WRONG + WRONG_ROWS)
    before = {case.external_ref: case.pk for case in Case.objects.all()}
    assert sorted(before) == ["L-1", "L-2"]
    right = tmp_path / "right.yaml"
    right.write_text(RIGHT, encoding="utf-8")
    report = arrive(WRONG + WRONG_ROWS, mapping=right)
    assert (report.rows, report.accepted, report.duplicates, report.rejected) == (2, 2, 0, 0)
    now = {case.external_ref: case for case in Case.objects.select_related("applicant")}
    assert {ref: case.pk for ref, case in now.items()} == {"G-1": before["L-1"], "G-2": before["L-2"]}
    case = now["G-1"]
    assert (case.currency, case.state, case.applicant.external_id, case.findings) == ("MYR", "received", "KC-1", [])
    event = case.events.latest("seq")
    assert (event.name, event.facts["row"], event.facts["batch"]) == ("resubmit", 2, Batch.objects.latest("pk").pk)
    changed = {name: (event.facts["before"][name], event.facts["after"][name]) for name in ("external_ref", "currency")}
    assert changed == {"external_ref": ("L-1", "G-1"), "currency": ("CNY", "MYR")}
    # Once more: every row is known.
    again = arrive(WRONG + WRONG_ROWS, mapping=right)
    assert (again.accepted, again.duplicates, Case.objects.count()) == (0, 2, 2)


def test_of_a_name_that_was_misread_nothing_stays(arrive: Arrive, tmp_path: Path) -> None:
    rows = "".join(f"L-{at},C-{at},Guarantor {at} Ltd,5000,24,2026-01-05\n" for at in range(2))
    table = f"Loan No,Client ID,Client Name,Loan Amount,Term (months),Application Date\n{rows}"
    arrive(table)
    assert Applicant.objects.get(external_id="C-1").name == "Guarantor 1 Ltd"
    right = tmp_path / "right.yaml"
    right.write_text(
        "fields:\n  external_ref: {column: Loan No}\n  product: {constant: equipment}\n"
        "  amount: {column: Loan Amount}\n  currency: {constant: CNY}\n  term_months: {column: Term (months)}\n"
        "  applied_at: {column: Application Date}\n  applicant.id: {column: Client ID}\n"
        "drop: {Client Name: personal}\n",
        encoding="utf-8",
    )
    assert arrive(table, mapping=right).accepted == 2
    assert (Applicant.objects.get(external_id="C-1").name, states()[1]) == ("", ("L-1", "received"))


def test_only_the_rows_of_the_same_file_are_read_anew(arrive: Arrive, tmp_path: Path) -> None:
    arrive(WRONG + WRONG_ROWS)
    right = tmp_path / "right.yaml"
    right.write_text(RIGHT.replace("Guarantor No", "Loan No"), encoding="utf-8")
    other = WRONG + "G-7,L-1,C-7,9000,12,2026-02-05\n"
    report = arrive(other, "other.csv", mapping=right)
    assert (report.accepted, report.rejected) == (0, 1)
    assert RejectedRow.objects.get().errors[0]["code"] == "reference_reused"
    assert Case.objects.get(external_ref="L-1").amount == 5000
    assert states()[0] == ("L-1", "needs_data")


def test_a_case_that_was_let_on_is_not_read_anew(arrive: Arrive, tmp_path: Path, supervisor: User) -> None:
    arrive(WRONG + WRONG_ROWS)
    confirm_reading("branch", 1, by=supervisor, known_before=True)
    right = tmp_path / "right.yaml"
    right.write_text(RIGHT.replace("Guarantor No", "Loan No"), encoding="utf-8")
    report = arrive(WRONG + WRONG_ROWS, mapping=right)
    assert report.accepted == 0
    assert set(Case.objects.values_list("currency", "state")) == {("CNY", State.RECEIVED)}
    assert set(CaseOrigin.objects.values_list("batch__mapping__number", flat=True)) == {1}


def test_the_database_knows_no_look_without_a_person(arrive: Arrive, supervisor: User) -> None:
    arrive(LOANS + ROWS)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReadingLook.objects.update(looked_by=supervisor)
