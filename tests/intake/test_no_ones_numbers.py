"""Masked numbers and numbers that a spreadsheet cut make no two people one."""

from __future__ import annotations

import pytest

from intake.mapped.case_mapping import CaseMapping
from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, read_rows, sample_rows
from intake.recognition.recognise import recognise
from intake.record.choose import mapping_for
from intake.wording.field_errors import FieldError
from tests.intake.places import NOW, MakeFile
from tests.intake.test_mapping import read_file, with_fields

# Of the last the check digit fits, though it ends in three noughts.
RIGHT = ("11010519491231002X", "110101199003070003", "110101199101016000")
CUT = ("110101198102167000", "110101198503111000", "440106196507222000")


def read(make_file: MakeFile, header: str, *numbers: str) -> tuple[CaseMapping, list[ReadRow]]:
    lines = [f"L-{at},{number},5000,12,2026-01-05" for at, number in enumerate(numbers)]
    table = open_table(make_file("a.csv", f"贷款编号,{header},贷款金额,期限,申请日期\n" + "\n".join(lines) + "\n"))
    _name, mapping = mapping_for(table, "branch", None)
    return mapping, list(read_rows(table, mapping, now=NOW))


def applicants(rows: list[ReadRow]) -> list[str]:
    return [row.submission.applicant.external_id if row.submission else "" for row in rows]


def errors(rows: list[ReadRow]) -> list[tuple[str, str]]:
    return [(error.value, error.code) for row in rows for error in row.errors]


@pytest.mark.parametrize(
    "masked",
    [
        "110101********1234", "110***********1234", "110101＊＊＊＊＊＊＊＊1234", "110101XXXXXXXX1234",
        "110101xxxxxxxx123X", "110101××××××××1234", "110101 **** **** 1234", "**************1234", "138****5678",
        "########", "******",
    ],
)  # fmt: skip
@pytest.mark.parametrize("header", ["身份证号", "客户编号", "ID Card"])
def test_a_masked_number_is_nobodys(make_file: MakeFile, header: str, masked: str) -> None:
    mapping, rows = read(make_file, header, masked, masked)
    assert (mapping.drop, mapping.features, errors(rows)) == ({header: "personal"}, {}, [])
    assert applicants(rows) == ["P9159697253", "P4164250124"]


def test_a_masked_number_leaves_the_applicant_to_the_number_of_the_customer(make_file: MakeFile) -> None:
    mapping, rows = read(make_file, "身份证号,客户号", "110101********1234,C-1", "110101********1234,C-2")
    assert (mapping.drop, applicants(rows)) == ({"身份证号": "personal"}, ["C-1", "C-2"])


def test_some_masked_numbers_refuse_their_rows(make_file: MakeFile) -> None:
    masked = "110101********1234"
    _mapping, rows = read(make_file, "客户号", "C-1", "C-2", masked, masked, "C-1")
    assert applicants(rows) == ["C-1", "C-2", "", "", "C-1"]
    assert errors(rows) == [(masked, "number_masked")] * 2
    assert rows[2].errors[0].sentence("en") == (
        f"“{masked}” is masked, so that two people may have the same: send the whole number, or a number of the"
        " customer in its place."
    )


def test_what_only_looks_a_little_masked_is_a_number(make_file: MakeFile) -> None:
    numbers = ("C*1001", "AXXXX9", "C#17", "12XXXX7", "11010519491231002X")
    _mapping, rows = read(make_file, "客户号", *numbers)
    assert applicants(rows) == list(numbers)


def test_fifteen_digits_that_a_spreadsheet_kept_are_nobodys(make_file: MakeFile) -> None:
    for numbers in (CUT, (*CUT, RIGHT[2]), (*CUT, *RIGHT)):
        _mapping, rows = read(make_file, "身份证号", *numbers)
        kept = [number for number in numbers if number in RIGHT[:2]]
        assert [each for each in applicants(rows) if each] == kept
        # By chance the check digit of one in eleven fits.
        assert errors(rows) == [(number, "digits_lost") for number in numbers if number not in RIGHT[:2]]


def test_one_number_with_three_noughts_is_judged_by_its_check_digit(make_file: MakeFile) -> None:
    _mapping, rows = read(make_file, "身份证号", RIGHT[2])
    assert applicants(rows) == [RIGHT[2]]
    _mapping, rows = read(make_file, "身份证号", CUT[0])
    assert errors(rows) == [(CUT[0], "digits_lost")]
    # Of numbers that were made up, none of which is right, one may end so.
    made_up = [f"1101051990010100{number:02d}" for number in range(11)]
    _mapping, rows = read(make_file, "身份证号", *made_up)
    assert applicants(rows) == made_up
    # A region, a day and a count make such a number, too.
    _mapping, rows = read(make_file, "客户号", CUT[0])
    assert applicants(rows) == [CUT[0]]


def test_the_applicants_number_beside_that_of_the_customer_is_cut_too(make_file: MakeFile) -> None:
    rights = ("11010519491231002X", "110101199003070003", RIGHT[2], RIGHT[2])
    lines = [f"C-{at},{number}" for at, number in enumerate(rights)]
    mapping, rows = read(make_file, "客户编号,身份证号", *lines)
    assert mapping.fields["applicant.identity_number"].column == "身份证号"
    assert errors(rows) == [(RIGHT[2], "digits_lost")] * 2


def test_a_signed_mapping_makes_no_two_people_one_either(make_file: MakeFile) -> None:
    mapping = with_fields(**{"applicant.id": {"column": "身份证号"}})
    text = f"no,amt,身份证号\n1,100,{RIGHT[0]}\n2,100,110101********1234\n"
    good, bad = read_file(make_file, text, mapping)
    assert good.submission is not None
    assert bad.errors == [FieldError("身份证号", "110101********1234", "number_masked")]


def test_a_draft_takes_no_masked_number_for_the_applicant(make_file: MakeFile) -> None:
    table = open_table(make_file("a.csv", "贷款编号,身份证号,贷款金额\nL-1,110101****1234,5\nL-2,110101****1234,6\n"))
    mapping, clues = recognise(table.columns, sample_rows(table), "branch", [])
    assert (mapping.fields["applicant.id"].how, mapping.features, mapping.drop) == (
        "derive",
        {},
        {"身份证号": "personal"},
    )
    assert (clues["身份证号"].how, clues["身份证号"].detail) == ("dropped", "personal")
