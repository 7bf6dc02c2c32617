"""Held data: what was found, completing it, what cannot be read, and the rejected rows of a file."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from cases.accounts import create_token
from cases.models import Case, User
from cases.move import lock_case, move_case
from cases.states import State
from intake.actions import import_rows, start_import
from intake.gate.gate import SOURCE, SOURCE_WORDS
from intake.gate.quality import QualityFinding, Severity
from intake.mending.mending import return_to_source
from intake.models import Batch
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.recognition.mapping import mapping_as_data
from intake.record.choose import mapping_for
from intake.values.outliers import MAY_BE_ON_RECORD
from tests import make
from tests.api.calls import Caller, a_case
from tests.desk.conftest import SignsIn
from tests.desk.ground import held_case

REASON = "The tax return of last year."


def supply(client: Client, case: Case, *, reason: str = REASON, **values: str) -> Any:
    form = {f"feature-{name}": value for name, value in values.items()}
    return client.post(f"/held/{case.ref}/supply", {**form, "reason": reason, "version": case.version})


def test_a_value_is_supplied_with_its_source_and_the_case_goes_on(reviewer: User, signs_in: SignsIn) -> None:
    held = held_case(annual_income=0)
    client = signs_in(reviewer)
    page = client.get(f"/held/{held.ref}").content.decode()
    assert "Annual income is 0; possible is 1 to 1,000,000,000." in page
    assert 'name="feature-annual_income"' in page
    assert supply(client, held, annual_income="68，000")["Location"] == "/held"
    assert f"{held.ref} is complete and goes to scoring." in client.get("/held").content.decode()
    now = make.reread(held)
    assert (now.state, now.features["annual_income"], now.findings) == (State.RECEIVED, 68_000, [])
    event = now.events.latest("seq")
    assert (event.name, event.actor, event.facts["reason"]) == ("supply_data", reviewer, REASON)
    assert "0 → 68,000" in client.get(f"/review/{held.ref}").content.decode()


def test_where_nothing_is_missing_the_page_asks_why_it_goes_on_and_leads_to_the_other_case(
    reviewer: User, supervisor: User, auditor: User, signs_in: SignsIn
) -> None:
    source = Caller(create_token("los", scopes=["ingest"]))
    for name in ("A-1", "A-2"):
        source.post("/cases", a_case(name, features={"annual_income": 90_000}))
    old, case = Case.objects.order_by("pk")
    found = QualityFinding(SOURCE, MAY_BE_ON_RECORD, {"value": "A-1"}, SOURCE_WORDS).as_dict()
    with transaction.atomic():
        case = lock_case(case.pk)
        move_case(case, "hold", by=None, facts={}, findings=[found])
    client = signs_in(reviewer)
    page = client.get(f"/held/{case.ref}").content.decode()
    assert f'<a class="row-link" href="/review/{old.ref}">{old.ref}</a>' in page
    for words in ("Let it go on", "Why it may go on", "A supervisor or administrator can withdraw it."):
        assert words in page
    for words in ("Supply the values", "Where the values come from"):
        assert words not in page
    answer = supply(client, case, reason="no")
    assert (answer.status_code, "Say why, in ten characters or more." in answer.content.decode()) == (422, True)
    assert make.reread(case).state == State.NEEDS_DATA
    page = signs_in(supervisor, "zh-hans").get(f"/held/{case.ref}").content.decode()
    assert f'action="/review/{case.ref}/withdraw"' in page
    assert "可由主管或管理员撤回。" not in page
    assert supply(client, case, reason="another loan of the same sum")["Location"] == "/held"
    assert make.reread(case).state == State.RECEIVED


def test_what_the_source_sent_again_is_told_by_the_name_of_its_field(reviewer: User, signs_in: SignsIn) -> None:
    source = Caller(create_token("los", scopes=["ingest"]))
    source.post("/cases", a_case("A-1", features={"annual_income": -1}))
    case = Case.objects.get()
    return_to_source(case.pk, by=reviewer, reason="the income is below zero", seen_version=case.version)
    source.post("/cases", a_case("A-1", amount="110000.00", features={"annual_income": 90_000}))
    client = signs_in(reviewer)
    assert "Amount: 120,000 → 110,000" in client.get(f"/review/{case.ref}").content.decode()
    client.cookies["django_language"] = "zh-hans"
    assert "金额: 120,000 → 110,000" in client.get(f"/review/{case.ref}").content.decode()


@pytest.mark.parametrize(("typed", "value"), [("5.2万", 52_000), ("52,000.50", 52_000.5), ("61234,5", 61_234.5)])
def test_a_number_is_typed_as_files_write_it(typed: str, value: float, reviewer: User, signs_in: SignsIn) -> None:
    held = held_case(annual_income=0)
    assert supply(signs_in(reviewer), held, annual_income=typed)["Location"] == "/held"
    assert make.reread(held).features["annual_income"] == value


@pytest.mark.parametrize(
    ("value", "reason", "sentence"),
    [
        ("a lot", REASON, "This value cannot be read."),
        ("nan", REASON, "This value cannot be read."),
        ("1e999", REASON, "This value cannot be read."),
        ("-5", REASON, "This value is still missing or not possible."),
        ("", REASON, "This value is still missing or not possible."),
        ("68000", "short", "Say where the values come from, in ten characters or more."),
    ],
)
def test_a_bad_value_or_reason_is_refused_and_kept_on_the_form(
    value: str, reason: str, sentence: str, reviewer: User, signs_in: SignsIn
) -> None:
    held = held_case(annual_income=0)
    answer = supply(signs_in(reviewer), held, reason=reason, annual_income=value)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert f'value="{value}"' in page
    assert reason in page
    now = make.reread(held)
    assert (now.state, now.version, now.features["annual_income"]) == (State.NEEDS_DATA, held.version, 0)


def test_a_form_of_an_older_version_or_another_state_is_refused(reviewer: User, signs_in: SignsIn) -> None:
    held = held_case(annual_income=0)
    client = signs_in(reviewer)
    form = {"feature-annual_income": "68000", "reason": REASON, "version": held.version - 1}
    assert client.post(f"/held/{held.ref}/supply", form).status_code == 409
    assert make.reread(held).state == State.NEEDS_DATA
    supply(client, held, annual_income="68000")
    assert supply(client, held, annual_income="1").status_code == 409
    assert client.get(f"/held/{held.ref}")["Location"] == f"/review/{held.ref}"


AMOUNT_WORDS = "The amount must come from the lender again; the case can only be withdrawn or sent anew."


def test_an_amount_is_not_supplied_and_the_page_says_so(reviewer: User, supervisor: User, signs_in: SignsIn) -> None:
    held = held_case(amount="0.50", annual_income=0)
    client = signs_in(reviewer)
    page = client.get(f"/held/{held.ref}").content.decode()
    assert AMOUNT_WORDS in page
    assert "<textarea" not in page
    assert "feature-" not in page
    assert "/withdraw" not in page
    refused = supply(client, held, annual_income="68000")
    assert refused.status_code == 422
    assert f'<p class="problem" id="form-problem">{AMOUNT_WORDS}</p>' in refused.content.decode()
    assert make.reread(held).version == held.version
    boss = signs_in(supervisor)
    assert f'action="/review/{held.ref}/withdraw"' in boss.get(f"/held/{held.ref}").content.decode()
    boss.post(f"/review/{held.ref}/withdraw", {"reason": "The lender sends it anew."})
    assert make.reread(held).state == State.WITHDRAWN


def test_an_auditor_reads_and_supplies_nothing(auditor: User, signs_in: SignsIn) -> None:
    held = held_case(annual_income=0)
    page = signs_in(auditor).get(f"/held/{held.ref}").content.decode()
    assert "You read this case; you cannot change it." in page
    assert "<textarea" not in page


def imported(path: Path, text: str) -> Batch:
    path.write_text(text, encoding="utf-8")
    table = open_table(path)
    name, mapping = mapping_for(table, "branch", None)
    file = start_import(path, source="branch", mapping_name=name, mapping=mapping_as_data(mapping), by=None)
    import_rows(file, read_rows(table, mapping, now=timezone.now()))
    return Batch.objects.get(pk=file.pk)


def test_rejected_rows_come_back_as_a_table_that_no_spreadsheet_runs(
    tmp_path: Path, supervisor: User, reviewer: User, signs_in: SignsIn
) -> None:
    good = "".join(f"A-{number},1200,car\n" for number in range(30))
    bad = 'B-1,=1+1,"=HYPERLINK(""http://example.org"")"\nB-2,-5,@SUM(A1)\n'
    file = imported(tmp_path / "loans.csv", f"id,amount,purpose\n{good}{bad}")
    assert (file.rows, file.accepted, file.rejected) == (32, 30, 2)
    client = signs_in(supervisor)
    page = client.get("/imports").content.decode()
    assert f'href="/imports/{file.pk}/rejected.csv"' in page
    assert "loans.csv" in client.get(f"/imports?file={file.pk}").content.decode()
    assert "loans.csv" not in client.get(f"/imports?file={file.pk + 1}").content.decode()
    link = f'<a href="/imports?file={file.pk}">branch: file loans.csv, row '
    shown = client.get(f"/review/{Case.objects.filter(origin__batch=file)[0].ref}").content.decode()
    assert link in shown
    answer = client.get(f"/imports/{file.pk}/rejected.csv")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert text.startswith("\ufeff")
    lines = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [line["riskreview_row"] for line in lines] == ["32", "33"]
    assert [line["amount"] for line in lines] == ["'=1+1", "-5"]
    assert [line["purpose"] for line in lines] == ['\'=HYPERLINK("http://example.org")', "'@SUM(A1)"]
    assert all(line["riskreview_reasons"].startswith("amount: ") for line in lines)
    assert signs_in(reviewer).get(f"/imports/{file.pk}/rejected.csv").status_code == 403
    assert client.get("/imports/999999/rejected.csv").status_code == 404


def test_without_any_held_data_or_file_the_pages_say_so(supervisor: User, signs_in: SignsIn) -> None:
    client = signs_in(supervisor)
    assert "No data is held" in client.get("/held").content.decode()
    assert "No file imported yet" in client.get("/imports").content.decode()
    assert "Nothing to sign" in client.get("/signoff").content.decode()
    assert "Nothing waits here" in client.get("/review").content.decode()
    overview = client.get("/overview").content.decode()
    assert overview.count('class="value"') == 5


def test_the_list_of_a_reason_is_as_long_as_it_is_counted_and_leaves_out_what_is_only_marked_so(
    reviewer: User, signs_in: SignsIn
) -> None:
    hours = {"value": "2026-01-05T09:30+08:00", "hours": "2"}
    late = QualityFinding(SOURCE, "later_than_promised", hours, SOURCE_WORDS, Severity.MARK).as_dict()
    bad = QualityFinding(SOURCE, "source_quarantined", {}, SOURCE_WORDS).as_dict()
    marked = make.case("R-1", source="branch", findings=[late, bad])
    waits = make.case("R-2", source="branch", findings=[{**late, "severity": "hold"}])
    client = signs_in(reviewer)
    shown = client.get("/held?source=branch&code=later_than_promised").content.decode()
    assert [f'href="/held/{case.ref}"' in shown for case in (marked, waits)] == [False, True]
    shown = client.get("/held?source=branch&code=source_quarantined").content.decode()
    assert [f'href="/held/{case.ref}"' in shown for case in (marked, waits)] == [True, False]
    assert client.get("/held", {"code": '" || true)'}).status_code == 200
