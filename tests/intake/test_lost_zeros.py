"""Mended rows that a spreadsheet program saved: the zeros before a number, which it drops, are put back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client

from cases.models import Case, User
from intake.admission.files import take_in_file
from intake.gate.rule_sets import set_rules
from intake.models import Batch
from tests.intake.places import MakeFile
from tests.intake.returning import given_out, returned
from tests.intake.silent import silent
from tests.intake.test_on_record import counts, take_in

HEADER = "借据号,客户号,客户名称,借款金额,借款期限(月),放款日期\n"


def loans(*refused: str, zeros: str = "00") -> str:
    good = [
        f"{zeros}{1000 + at},{zeros}0{at:03d},张伟{at % 7},{50000 + at},12,2026-{at % 9 + 1:02d}-{at % 28 + 1:02d}\n"
        for at in range(40)
    ]
    return HEADER + "".join(good) + "".join(f"{row}\n" for row in refused)


def saved(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """The cells as a spreadsheet program writes them into a text file that it has opened and saved."""
    return [
        [str(int(cell)) if cell.isdecimal() else cell.replace("2026-02-20", "2026/2/20") for cell in row]
        for row in rows
    ]


def told(reference: str) -> tuple[str, str, str]:
    case = Case.objects.get(external_ref=reference)
    return case.applicant.external_id, str(case.amount), case.applied_at.date().isoformat()


def _of_zeros(reference: str) -> list[dict[str, Any]]:
    findings: list[dict[str, Any]] = Case.objects.get(external_ref=reference).findings
    return [each for each in findings if each["code"] == "zeros_put_back"]


@pytest.fixture
def kept(transactional_db: None, make_file: MakeFile, supervisor: User, client: Client) -> list[list[str]]:
    """The header and the refused row, as they were given out."""
    client.force_login(supervisor)
    assert counts(take_in(make_file("a.csv", loans("001500,000007,张伟0,待定,12,2026-02-20")))) == (40, 0, 1)
    lines = given_out(client, Batch.objects.get())
    assert lines[1][:7] == ["001500", "000007", "张伟0", "待定", "12", "2026-02-20", "42"]
    return lines


def test_a_mended_row_that_lost_its_zeros_is_the_loan_of_the_customer_that_it_was(
    kept: list[list[str]], make_file: MakeFile
) -> None:
    head, row = saved(kept)
    assert row[:6] == ["1500", "7", "张伟0", "待定", "12", "2026/2/20"]
    row[3] = "80000"
    assert counts(take_in(make_file("mended.csv", returned(head, row)))) == (1, 0, 0)
    assert told("001500") == ("000007", "80000.00", "2026-02-19")
    said = [(each["feature"], each["severity"]) for each in _of_zeros("001500")]
    assert said == [("借据号", "mark"), ("客户号", "mark")]
    assert not Case.objects.filter(external_ref="1500").exists()
    # Nor is it another one where the source sends its own table again.
    again = loans("001500,000007,张伟0,80000,12,2026-02-20")
    assert counts(take_in(make_file("b.csv", again))) == (0, 41, 0)


def test_so_it_is_where_it_comes_back_as_a_workbook(kept: list[list[str]], tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    head, row = kept
    sheet.append(head)
    sheet.append([1500, 7, row[2], 80000, 12, row[5], 42, row[7]])
    book.save(tmp_path / "mended.xlsx")
    assert counts(take_in(tmp_path / "mended.xlsx")) == (1, 0, 0)
    assert told("001500") == ("000007", "80000.00", "2026-02-19")


def test_what_a_person_wrote_in_its_place_is_theirs(kept: list[list[str]], make_file: MakeFile) -> None:
    head, row = saved(kept)
    row[:4] = ["1501", "00008", "张伟0", "80000"]
    assert counts(take_in(make_file("mended.csv", returned(head, row)))) == (1, 0, 0)
    assert told("1501") == ("00008", "80000.00", "2026-02-19")
    assert _of_zeros("1501") == []


def test_zeros_that_a_person_takes_away_stay_away(kept: list[list[str]], make_file: MakeFile) -> None:
    """Where another cell has its zeros no program dropped any."""
    head, row = kept
    mended = [*row]
    mended[1], mended[3] = "7", "80000"
    assert counts(take_in(make_file("mended.csv", returned(head, mended)))) == (1, 0, 0)
    assert told("001500") == ("7", "80000.00", "2026-02-19")


CLASSES = """
features: {risk_class: {words: {en: Risk class, zh: 风险分类}, choices: ['1', '2', '3'], severity: reject}}
"""


@pytest.mark.parametrize(
    ("header", "good", "wrong", "right"),
    [("联系电话", "138001300{}", "0013800130017", "13800130017"), ("Risk Class", "{0[0]}", "01", "1")],
)
def test_a_cell_that_was_refused_for_its_zeros_is_what_it_was_mended_to(
    transactional_db: None,
    make_file: MakeFile,
    supervisor: User,
    admin: User,
    client: Client,
    header: str,
    good: str,
    wrong: str,
    right: str,
) -> None:
    set_rules("branch", "", CLASSES, by=admin, reason="the classes of the office")
    rows = [f"{row},{good.format(str(at + 10))}\n" for at, row in enumerate(loans().splitlines()[1:21])]
    refused = f"001500,000007,张伟0,80000,12,2026-02-20,{wrong}\n"
    table = f"{HEADER.strip()},{header}\n" + "".join(rows) + refused
    assert counts(take_in(make_file("a.csv", table))) == (20, 0, 1)
    client.force_login(supervisor)
    head, row = given_out(client, Batch.objects.get())
    row[6] = right
    assert counts(take_in(make_file("mended.csv", returned(*saved([head, row]))))) == (1, 0, 0)
    assert told("001500")[0] == "000007"


def test_a_mended_row_that_is_refused_again_is_given_out_with_its_zeros(
    kept: list[list[str]], make_file: MakeFile, client: Client
) -> None:
    head, row = saved(kept)
    assert counts(take_in(make_file("mended.csv", returned(head, row)))) == (0, 0, 1)
    lines = given_out(client, Batch.objects.latest("pk"))
    assert lines[1][:7] == ["001500", "000007", "张伟0", "待定", "12", "2026/2/20", "2"]
    head, row = saved(lines)
    row[3] = "80000"
    assert counts(take_in(make_file("again.csv", returned(head, row)))) == (1, 0, 0)
    assert told("001500") == ("000007", "80000.00", "2026-02-19")


def test_of_two_files_with_a_refused_row_in_that_place_the_one_counts_of_which_more_came_back(
    kept: list[list[str]], make_file: MakeFile
) -> None:
    assert counts(take_in(make_file("b.csv", loans("01500,007,王芳,未定,24,2026-02-21")))) == (0, 40, 1)
    head, row = saved(kept)
    row[3] = "80000"
    assert counts(take_in(make_file("mended.csv", returned(head, row)))) == (1, 0, 0)
    assert told("001500") == ("000007", "80000.00", "2026-02-19")


def test_of_two_such_rows_that_came_back_alike_only_what_both_say_is_put_back(
    kept: list[list[str]], make_file: MakeFile
) -> None:
    assert counts(take_in(make_file("b.csv", loans("01500,000007,张伟0,未定,12,2026-02-20")))) == (0, 40, 1)
    head, row = saved(kept)
    row[3] = "80000"
    assert counts(take_in(make_file("mended.csv", returned(head, row)))) == (1, 0, 0)
    assert told("1500") == ("000007", "80000.00", "2026-02-19")


def test_no_row_of_another_source_says_how_a_number_stood(kept: list[list[str]], make_file: MakeFile) -> None:
    head, row = saved(kept)
    row[3] = "80000"
    path = make_file("mended.csv", returned(head, row))
    assert counts(take_in_file(path, source="other", mapping=None, by=None, bars=silent)) == (1, 0, 0)
    assert told("1500")[0] == "7"
