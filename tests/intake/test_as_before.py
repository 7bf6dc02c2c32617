"""A table that nobody mapped is read in the words of its source's earlier ones."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from cases.models import Case
from intake.reading.parse import open_table
from intake.reading.rows import sample_rows
from intake.recognition.mapping import MappingError, mapping_as_data, read_mapping
from intake.recognition.recognise import recognise
from intake.record.as_before import draft_as_before
from tests.intake.places import MakeFile
from tests.intake.test_on_record import counts, on_record, take_in

ROWS = 24


def as_text(yes: str, no: str, rows: int = ROWS, *, numbered: bool = False) -> str:
    head = "贷款合同编号," if numbered else ""
    lines = ((f"HT-{n}," if numbered else "") + f"{5000 + 10 * n},{12 + n},{yes if n % 3 else no}" for n in range(rows))
    return "\n".join([f"{head}贷款金额,贷款期限,有房产", *lines])


def as_workbook(path: Path, yes: Any, no: Any, rows: int = ROWS, *, numbered: bool = False) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([*["贷款合同编号"] * numbered, "贷款金额", "贷款期限", "有房产"])
    for n in range(rows):
        sheet.append([*[f"HT-{n}"] * numbered, 5000 + 10 * n, 12 + n, yes if n % 3 else no])
    book.save(path)
    return path


def homes() -> set[object]:
    """What the cases hold of their one feature."""
    return {value for case in Case.objects.all() for value in case.features.values()}


@pytest.mark.parametrize("numbered", [False, True])
@pytest.mark.parametrize(
    ("yes", "no", "held"),
    [("是", "否", {"是", "否"}), ("有", "无", {"有", "无"}), ("YES", "NO", {"YES", "NO"}), ("1", "0", {1, 0})],
)
def test_true_of_a_workbook_is_the_word_that_its_column_held_before(
    transactional_db: None, make_file: MakeFile, tmp_path: Path, yes: str, no: str, held: set[object], numbered: bool
) -> None:
    assert counts(take_in(make_file("a.csv", as_text(yes, no, numbered=numbered)))) == (ROWS, 0, 0)
    before = on_record()
    assert homes() == held
    again = as_workbook(tmp_path / "b.xlsx", True, False, ROWS + 2, numbered=numbered)
    assert counts(take_in(again)) == (2, ROWS, 0)
    assert on_record()[:ROWS] == before
    assert {type(value) for value in homes()} == {type(value) for value in held}
    # However often it changes.
    assert counts(take_in(make_file("c.csv", as_text(yes, no, ROWS + 4, numbered=numbered)))) == (2, ROWS + 2, 0)
    again = as_workbook(tmp_path / "d.xlsx", True, False, ROWS + 6, numbered=numbered)
    assert counts(take_in(again)) == (2, ROWS + 4, 0)
    assert {type(value) for value in homes()} == {type(value) for value in held}
    assert homes() == held


@pytest.mark.parametrize(("yes", "no"), [("是", "否"), ("Y", "N"), ("1", "0")])
def test_a_word_is_the_true_that_its_column_held_before(
    transactional_db: None, make_file: MakeFile, tmp_path: Path, yes: str, no: str
) -> None:
    assert counts(take_in(as_workbook(tmp_path / "a.xlsx", True, False))) == (ROWS, 0, 0)
    assert counts(take_in(make_file("b.csv", as_text(yes, no, ROWS + 2)))) == (2, ROWS, 0)
    assert {type(value) for value in homes()} == {bool}


def test_a_word_that_was_never_held_is_the_counterpart_of_the_one_that_was(
    transactional_db: None, make_file: MakeFile, tmp_path: Path
) -> None:
    assert counts(take_in(make_file("a.csv", as_text("否", "否")))) == (ROWS, 0, 0)
    assert counts(take_in(as_workbook(tmp_path / "b.xlsx", True, True, 3))) == (3, 0, 0)
    assert homes() == {"否", "是"}


def test_a_gap_among_ones_and_noughts_and_a_two_leave_true_a_one(
    transactional_db: None, make_file: MakeFile, tmp_path: Path
) -> None:
    assert counts(take_in(make_file("a.csv", as_text("1", "") + "\n9000,12,2"))) == (ROWS + 1, 0, 0)
    assert counts(take_in(as_workbook(tmp_path / "b.xlsx", True, None, ROWS + 3))) == (3, ROWS, 0)
    assert {type(value) for value in homes()} == {int, type(None)}


SAID: tuple[tuple[Any, Any], ...] = (("是", "否"), ("Y", "N"), ("1", "0"), (True, False), ("yes", "no"), ("有", "无"))


@pytest.mark.parametrize("numbered", [False, True])
@pytest.mark.parametrize("first", range(len(SAID)))
def test_however_yes_and_no_are_said_the_words_of_before_stay(
    transactional_db: None, make_file: MakeFile, tmp_path: Path, first: int, numbered: bool
) -> None:
    held: set[object] = set()
    for turn, (yes, no) in enumerate(SAID[first:] + SAID[:first] + SAID[first:]):
        rows = ROWS + turn
        if isinstance(yes, bool):
            path = as_workbook(tmp_path / f"{turn}.xlsx", yes, no, rows, numbered=numbered)
        else:
            path = make_file(f"{turn}.csv", as_text(yes, no, rows, numbered=numbered))
        assert counts(take_in(path)) == ((1, rows - 1, 0) if turn else (ROWS, 0, 0)), (yes, no)
        held = held or homes()
        assert {(type(value), value) for value in homes()} == {(type(value), value) for value in held}


def test_more_than_yes_and_no_is_not_read_in_words_of_before(
    transactional_db: None, make_file: MakeFile, tmp_path: Path
) -> None:
    assert counts(take_in(make_file("a.csv", as_text("2", "0", numbered=True)))) == (ROWS, 0, 0)
    assert counts(take_in(make_file("b.csv", as_text("是", "否", numbered=True)))) == (0, 0, ROWS)
    assert homes() == {2, 0}


def test_words_that_are_neither_yes_nor_no_leave_true_as_it_is(
    transactional_db: None, make_file: MakeFile, tmp_path: Path
) -> None:
    assert counts(take_in(make_file("a.csv", as_text("自有", "租赁")))) == (ROWS, 0, 0)
    assert counts(take_in(as_workbook(tmp_path / "b.xlsx", True, False, 3))) == (3, 0, 0)
    assert homes() == {"自有", "租赁", True, False}


def workbook_of_shares(path: Path, *shares: float, form: str = "General", name: str = "负债收入比") -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["贷款合同编号", "贷款金额", name])
    for n, share in enumerate(shares):
        sheet.append([f"HT-{n}", 5000 + n, share])
        sheet.cell(n + 2, 3).number_format = form
    book.save(path)
    return path


def test_a_draft_reads_percent_as_the_shares_that_the_column_held_before(
    transactional_db: None, make_file: MakeFile, tmp_path: Path
) -> None:
    head = "贷款合同编号,贷款金额,负债率\n"
    assert counts(take_in(make_file("a.csv", head + "HT-0,5000,0.2\nHT-1,5001,0.355\nHT-2,5002,0.08\n"))) == (3, 0, 0)
    text = make_file("b.csv", head + "HT-0,5000,20%\nHT-1,5001,35.5%\nHT-2,5002,8%\nHT-3,5003,0.5\n")
    for path in (text, workbook_of_shares(tmp_path / "b.xlsx", 0.2, 0.355, 0.08, 0.5, form="0.0%", name="负债率")):
        with pytest.raises(MappingError) as refusal:
            take_in(path)
        assert refusal.value.code == "percent_new"
        table = open_table(path)
        rows = sample_rows(table)
        draft = draft_as_before("branch", recognise(table.columns, rows, "branch", [])[0], rows)
        share = draft.features["debt_ratio"]
        assert (share.type, share.scale) == ("rate", Decimal("0.01"))
        assert read_mapping(mapping_as_data(draft), source="branch").features["debt_ratio"] == share
        signed = make_file("signed.yaml", json.dumps(mapping_as_data(draft)))
        assert counts(take_in(path, signed)) == ((1, 3, 0) if path == text else (0, 4, 0))
    values = Case.objects.order_by("pk").values_list("features__debt_ratio", flat=True)
    assert [*values] == [0.2, 0.355, 0.08, 0.5]


def test_the_noise_of_binary_fractions_makes_no_other_content(
    transactional_db: None, make_file: MakeFile, tmp_path: Path
) -> None:
    head = "贷款合同编号,贷款金额,负债收入比\n"
    assert 0.1 + 0.2 != 0.3
    assert counts(take_in(make_file("a.csv", head + "HT-0,5000,0.3\nHT-1,5001,0.15\n"))) == (2, 0, 0)
    assert counts(take_in(workbook_of_shares(tmp_path / "b.xlsx", 0.1 + 0.2, 0.05 + 0.1, 0.1 * 3))) == (1, 2, 0)
    assert counts(take_in(make_file("c.csv", head + "HT-2,5002,0.3\nHT-1,5001,0.150000000001\n"))) == (0, 1, 1)
