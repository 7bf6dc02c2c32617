"""A refused row of a workbook is given out as its cells show it, and comes in from text as the cells were read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from django.test import Client

from cases.models import Case, User
from intake.gate.rule_sets import set_rules
from intake.health.refusals import known_as
from intake.models import Batch, RejectedRow
from intake.reading.rows import ReadRow
from tests.intake.places import MakeFile
from tests.intake.returning import given_out, returned
from tests.intake.test_gate import REASON, REJECTS
from tests.intake.test_on_record import counts, take_in

HEADER = [
    "Loan ID",
    "Customer ID",
    "Loan Amount",
    "Term (months)",
    "Application Date",
    "Interest Rate",
    "Annual Income",
]
FORMS = {1: "000000", 2: "00000", 3: '"$"#,##0.00', 5: "dd/mm/yyyy", 6: "0.00%"}
ODD = 15


def workbook(path: Path, *, form_of_term: str = "General", **odd: object) -> Path:
    """Thirty loans, the sixteenth with other cells in these columns."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER)
    for at in range(30):
        cells = [1000 + at, 500 + at, 5000 + at, 24, date(2026, 3, 1 + at % 28), 0.0525 + at / 1000, 52000 + at]
        named = dict(zip(HEADER, cells, strict=True))
        sheet.append(
            [*(named | ({name.replace("_", " "): value for name, value in odd.items()} if at == ODD else {})).values()]
        )
    for row in sheet.iter_rows(min_row=2):
        for place, form in {**FORMS, 4: form_of_term}.items():
            row[place - 1].number_format = form
    book.save(path)
    return path


@pytest.mark.django_db(transaction=True)
def test_a_row_that_a_rule_refuses_is_given_out_as_its_cells_show_it(
    tmp_path: Path, make_file: MakeFile, admin: User, supervisor: User, client: Client
) -> None:
    set_rules("branch", "", REJECTS, by=admin, reason=REASON)
    assert counts(take_in(workbook(tmp_path / "a.xlsx", Annual_Income=None))) == (29, 0, 1)
    client.force_login(supervisor)
    head, row = given_out(client, Batch.objects.get())
    assert head[:7] == HEADER
    assert row[:8] == ["001015", "00515", "$5015", "24", "2026-03-16", "6.75%", "", "17"]
    row[6] = "48000"
    assert counts(take_in(make_file("mended.csv", returned(head, row)))) == (1, 0, 0)
    case = Case.objects.get(external_ref="001015")
    assert (case.applicant.external_id, str(case.amount), case.currency) == ("00515", "5015.00", "USD")
    assert case.features == {"interest_rate": 6.75, "annual_income": 48000}


@pytest.mark.django_db(transaction=True)
def test_a_row_whose_reference_is_known_with_other_content_is_given_out_as_its_cells_show_it(
    tmp_path: Path, supervisor: User, client: Client
) -> None:
    assert counts(take_in(workbook(tmp_path / "a.xlsx"))) == (30, 0, 0)
    assert counts(take_in(workbook(tmp_path / "b.xlsx", Loan_Amount=7000))) == (0, 29, 1)
    client.force_login(supervisor)
    _head, row = given_out(client, Batch.objects.latest("pk"))
    assert row[:8] == ["001015", "00515", "$7000", "24", "2026-03-16", "6.75%", "52015", "17"]
    assert str(Case.objects.get(external_ref="001015").amount) == "5015.00"


@pytest.mark.django_db(transaction=True)
def test_a_row_with_a_cell_that_cannot_be_read_is_given_out_as_its_other_cells_show_it(
    tmp_path: Path, supervisor: User, client: Client
) -> None:
    assert counts(take_in(workbook(tmp_path / "a.xlsx", Loan_Amount="#N/A", form_of_term='0"个月"'))) == (29, 0, 1)
    client.force_login(supervisor)
    _head, row = given_out(client, Batch.objects.get())
    assert [row[0], row[1], row[5]] == ["001015", "00515", "6.75%"]


@pytest.mark.django_db(transaction=True)
def test_a_row_is_known_again_by_what_it_was_known_by(tmp_path: Path, admin: User) -> None:
    """How it is given out tells nothing: what was refused before is no news when it comes again."""
    set_rules("branch", "", REJECTS, by=admin, reason=REASON)
    take_in(workbook(tmp_path / "a.xlsx", Annual_Income=None))
    (kept,) = RejectedRow.objects.all()
    assert kept.known_as == known_as(ReadRow(17, None, [], {}, told_as="001015"))
    assert kept.raw["Interest Rate"] == "6.75%"
