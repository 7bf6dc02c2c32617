"""A number between signs that may be an identifier is what its cell shows where a text is read, and else the number."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Final

import pytest

from cases.models import Case
from intake.reading.mapping_sample import sample_of, table_of
from intake.reading.parse import open_table
from intake.shown.padded_numbers import without_zeros
from intake.shown.written_numbers import NumberInSigns, is_written_out, written_out
from tests.intake.places import MakeFile
from tests.intake.test_on_record import counts, take_in
from tests.intake.test_written_numbers import HEADER, LOANS, read, write

SHOWN: Final = {
    '"2026-"0000': "2026-0012", '0000"/2026"': "0012/2026", '"(2026)"000': "(2026)012", '"LN "0': "LN 12",
    '"No. "0': "No. 12", '"Loan "0': "Loan 12", '"ID:"0': "ID:12", '"L"0': "L12", '"贷"0': "贷12", '0"号"': "12号",
    "0000 0000 0000": "0000 0000 0012", '0000" "0000': "0000 0012",
}  # fmt: skip


def told(form: str) -> str:
    cell = written_out(12.0, form)
    assert cell == 12
    return cell.shown if isinstance(cell, NumberInSigns) else ""


def test_it_is_told_beside_its_number() -> None:
    assert {form: told(form) for form in SHOWN} == SHOWN
    others = [
        '"USD "0',
        '"¥"000',
        '0"万元"',
        '0"个月"',
        '00"期"',
        '"RMB"000',
        "# ##0",
        '#" "###',
        '"-"0',
        '"T+"0',
        "0.00",
        "0%",
    ]
    assert {form: told(form) for form in others} == dict.fromkeys(others, "")
    assert not any(map(is_written_out, others))
    cell = pickle.loads(pickle.dumps(written_out(12.0, '"LN "0')))  # noqa: S301 - its own
    assert (type(cell), cell, cell.shown) == (NumberInSigns, 12.0, "LN 12")
    bare = without_zeros({"a": cell})
    assert (bare, bare and type(bare["a"])) == ({"a": 12.0}, float)


@pytest.mark.parametrize("order", ["csv first", "workbook first"])
@pytest.mark.parametrize("form", SHOWN)
def test_a_text_file_and_a_workbook_tell_the_same_loans(
    db: None, tmp_path: Path, make_file: MakeFile, form: str, order: str
) -> None:
    def number(value: int) -> str:
        cell = written_out(float(value), form)
        assert isinstance(cell, NumberInSigns)
        return cell.shown

    text = ",".join(HEADER) + "\n"
    text += "".join(f"{number(loan[0])},{number(loan[1])},{','.join(map(str, loan[2:]))}\n" for loan in LOANS)
    files = [make_file("t.csv", text), write(tmp_path / "t.xlsx", {1: form, 2: form})]
    first, second = files if order == "csv first" else files[::-1]
    assert counts(take_in(first)) == (2, 0, 0)
    assert counts(take_in(second)) == (0, 2, 0)
    cases = Case.objects.select_related("applicant")
    assert {case.external_ref for case in cases} == {number(loan[0]) for loan in LOANS}
    assert {case.applicant.external_id for case in cases} == {number(loan[1]) for loan in LOANS}


def test_an_amount_a_term_and_a_score_stay_numbers(tmp_path: Path) -> None:
    path = write(tmp_path / "t.xlsx", {3: '"贷"0', 4: '"T"0', 6: '"A"0'})
    cases = [row.submission for row in read(path) if row.submission]
    assert [(int(case.amount), case.term_months, case.features) for case in cases] == [
        (12001, 24, {"credit_score": 601}),
        (12002, 12, {"credit_score": 602}),
    ]
    sample = table_of(sample_of(open_table(path), "t.xlsx"))
    cells = [row["贷款金额"] for _number, row in sample.rows() if isinstance(row, dict)]
    assert [(type(cell), getattr(cell, "shown", "")) for cell in cells] == [
        (NumberInSigns, "贷12001"),
        (NumberInSigns, "贷12002"),
    ]
