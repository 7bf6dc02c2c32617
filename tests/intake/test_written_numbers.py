"""Whole numbers that a workbook shows as identifiers, JJ000001, are these texts, as in a text file of the loans."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

import openpyxl
import pytest
import yaml

from cases.models import Case
from intake.mapped.case_mapping import CaseMapping
from intake.models import RejectedRow
from intake.reading.mapping_sample import sample_of, table_of
from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, read_rows
from intake.recognition.mapping import read_mapping
from intake.record.choose import mapping_for
from intake.shown.padded_numbers import without_zeros
from intake.shown.written_numbers import WrittenNumber, written_out
from tests.intake.places import NOW, MakeFile
from tests.intake.test_on_record import counts, on_record, take_in
from tests.intake.test_open_documents import text_cell
from tests.intake.test_open_number_styles import marks, number, style, text
from tests.intake.test_open_number_styles import write as write_ods

HEADER: Final = ["借据编号", "客户编号", "贷款金额", "期限(月)", "申请日期", "信用评分"]
# Number, customer, amount, term, day and score of a loan.
LOANS: Final = [(1, 7, 12001, 24, "2026-01-05", 601), (12, 8, 12002, 12, "2026-01-06", 602)]
FORMS: Final = {1: '"JJ"000000', 2: "000-0000"}
TOLD: Final = "JJ000001,000-0007,12001,24,2026-01-05,601\nJJ000012,000-0008,12002,12,2026-01-06,602\n"
CSV: Final = ",".join(HEADER) + "\n" + TOLD
OLD: Final = Path(__file__).parent / "dirt" / "whole_numbers.xls"


def write(path: Path, forms: dict[int, str] = FORMS, loans: Sequence[tuple[int | str, ...]] = LOANS) -> Path:
    book = openpyxl.Workbook()
    book.worksheets[0].append(HEADER)
    for row, loan in enumerate(loans, 2):
        book.worksheets[0].append(loan)
        for column, form in forms.items():
            book.worksheets[0].cell(row, column).number_format = form
    book.save(path)
    return path


def digits(least: int, more: str = "", inside: str = "") -> str:
    return (
        f'<number:number number:decimal-places="0" number:min-integer-digits="{least}"{more}>{inside}</number:number>'
    )


def after(position: int, sign: str) -> str:
    return f'<number:embedded-text number:position="{position}">{sign}</number:embedded-text>'


def write_open(path: Path) -> Path:
    styles = style("note", text("JJ") + digits(6)) + style("customer", digits(7, inside=after(4, "-")))
    rows = [[text_cell(name) for name in HEADER]]
    for loan, customer, amount, term, day, score in LOANS:
        rows.append([number(loan, "note"), number(customer, "customer"), number(amount), number(term), text_cell(day)])
        rows[-1].append(number(score))
    return write_ods(path, styles, rows)


def read(path: Path, mapping: CaseMapping | None = None) -> list[ReadRow]:
    table = open_table(path)
    return list(read_rows(table, mapping or mapping_for(table, "branch", None)[1], now=NOW))


def shown(form: str, value: float = 12) -> str:
    """What a cell of such a format is read as, "" where it stays its number."""
    cell = written_out(value, form)
    if isinstance(cell, WrittenNumber):
        assert cell.number == value
        return cell
    assert cell == value
    return ""


def test_a_format_that_writes_signs_into_a_whole_number_shows_an_identifier() -> None:
    forms = {
        '"JJ"000000': "JJ000012", r"\J\J000000": "JJ000012", '"HT-"0000': "HT-0012", '"No."000': "No.012",
        '"KH"0': "KH12", '"JJ"General': "JJ12", '"JJ"G/通用格式': "JJ12", '"HT-"0': "HT-12", '"No."0': "No.12",
        "000-0000": "000-0012", r"000\-0000": "000-0012", "000-00-0000": "000-00-0012", r"000\/000": "000/012",
        "(000) 000-0000": "(000) 000-0012", '0000"号"': "0012号", "0000号": "0012号", '"第"000"号"': "第012号",
        '"A"000"-X"': "A012-X", '"A"00': "A12", '"借据"000': "借据012", '"编号："000': "编号：012",
        '"JJ2026"0000': "JJ20260012", '[Red]"JJ"000': "JJ012", '[$-804]"JJ"000_ ;-0': "JJ012", '"JJ"#0000': "JJ0012",
        # Elsewhere a scale or money, which nobody fills up.
        '"M"0000': "M0012", '"CR-"000': "CR-012", '"R"000': "R012", '"W"000': "W012",
    }  # fmt: skip
    assert {form: shown(form) for form in forms} == forms


@pytest.mark.parametrize(
    "forms",
    [
        ("General", "0", "00000", "#,##0", "0.00", "@", "", "---", "yyyy-mm-dd", '"JJ"yyyy', "0%", '0"%"', "0.00E+00"),
        # Money, as far as it is known.
        ('"USD"0', '"USD "000', '"Rs "0', '"Rs."0', '"Rs. "000', '"RMB "0', '"RMB"000', '"¥"000', "¥000", '"KSh"0',
         '"BAHT"0', '"TK"0', '0"元"', '000"USD"', '"N$"000', '"美元"000', "[$€-2] 000", "[$Kz]000"),
        # A scale, a time, things that are counted.
        ('0"万元"', '000"万元"', '000"k"', '"M"00', '"K"0', '"RMB mn "000', '0"万"0000', '000"bp"', '00"个月"',
         '00"期"', '"第"00"期"', '0"年"', '00"年"', '0000"年"00"月"', '000"天"', '00"岁"', '000"笔"', '"共"000"笔"',
         '000"户"'),
        # Unknown signs before or behind a number that is not filled up, and names of numbers.
        ('"Kz"0', '"Birr "0', '"A"0', '"Q"0', '"约"0', '"约"000', '"额度"0', '"期限"00', '"金额"000', '"DTI"0', '0"x"',
         '00"x"', '0"号"'),
        # Marks of thousands, negatives, times, fractions, conditions, decimals and what shows no digit.
        ("000 0000", '0" "000', '00":"00', "000/000", "-000", '"-"000', '"JJ"0.00', '"JJ"00.0', '"JJ"0,', '"JJ"#,##0',
         '"JJ"0%', '"JJ"@', '"JJ"?00', '"JJ"###', '"JJ"', '[<100]"JJ"000', '[DBNum1]"JJ"000', '#,##0"号"'),
    ],
)  # fmt: skip
def test_any_other_format_leaves_the_number_what_it_was(forms: tuple[str, ...]) -> None:
    assert {form: shown(form) for form in forms} == dict.fromkeys(forms, "")


def test_only_whole_numbers_from_nought_to_fifteen_digits_are_written_out() -> None:
    values = (0, 7, 1234567, 12345678901, 999_999_999_999_999.0, 1e15, -5, 12.5)
    assert [shown("000-0000", value) for value in values] == [
        "000-0000", "000-0007", "123-4567", "1234567-8901", "99999999999-9999", "", "", "",
    ]  # fmt: skip
    assert [shown('"JJ"000;-0;"-"', value) for value in (0, 5)] == ["", "JJ005"]
    assert [shown('"JJ"000;-0', value) for value in (0, 5)] == ["JJ000", "JJ005"]
    copied = pickle.loads(pickle.dumps(written_out(7.0, '"JJ"000')))  # noqa: S301 - its own
    assert (type(copied), copied, copied.number) == (WrittenNumber, "JJ007", 7.0)
    assert without_zeros({"a": copied, "b": "x"}) == {"a": 7.0, "b": "x"}


def test_a_text_file_and_workbooks_tell_the_same_cases(tmp_path: Path, make_file: MakeFile) -> None:
    paths = make_file("t.csv", CSV), write(tmp_path / "t.xlsx"), write_open(tmp_path / "t.ods")
    told = [[(row.submission, row.raw) for row in read(path)] for path in paths]
    assert told[0] == told[1] == told[2]
    cases = [case for case, _raw in told[0] if case]
    assert [(case.external_ref, case.applicant.external_id, case.amount, case.term_months) for case in cases] == [
        ("JJ000001", "000-0007", Decimal(12001), 24), ("JJ000012", "000-0008", Decimal(12002), 12),
    ]  # fmt: skip
    assert [case.features for case in cases] == [{"credit_score": 601}, {"credit_score": 602}]
    # A draft keeps what its sample showed.
    for path in paths[1:]:
        sample = table_of(sample_of(open_table(path), path.name))
        again = list(read_rows(sample, mapping_for(sample, "branch", None)[1], now=NOW))
        assert [(row.submission, row.raw) for row in again] == told[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_text_first", [True, False])
@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_the_same_loans_are_one_case_each_in_any_order(
    tmp_path: Path, make_file: MakeFile, kind: str, is_text_first: bool
) -> None:
    book = write(tmp_path / "t.xlsx") if kind == "xlsx" else write_open(tmp_path / "t.ods")
    files = [make_file("t.csv", CSV), book]
    first, second = files if is_text_first else files[::-1]
    assert counts(take_in(first)) == (2, 0, 0)
    before = on_record()
    assert [case["external_ref"] for case in before] == ["JJ000001", "JJ000012"]
    assert counts(take_in(second)) == (0, 2, 0)
    assert on_record() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_text_first", [True, False])
def test_an_old_workbook_shows_its_identifiers_too(make_file: MakeFile, is_text_first: bool) -> None:
    """The last amount of this workbook has a format of its own, which is made one of an identifier."""
    own, form = "[$€-407]#,##0", '"JJ"000000000'
    content = OLD.read_bytes().replace(own.encode("utf-16-le"), form.encode("utf-16-le"))
    lines = ("HT-1,5000", "HT-2,6000", "HT-3,7000", "HT-4,8000", "HT-5,JJ000009000")
    told = "贷款合同编号,贷款金额,币种,自有资金占比\n" + "".join(f"{line},CNY,1\n" for line in lines)
    mapping = make_file(
        "m.yaml",
        """source: branch
fields: {external_ref: {column: 贷款金额}, applicant.id: {column: 贷款合同编号},
 product: {default: branch}, amount: {default: 5000}, currency: {default: CNY}, term_months: {default: 12},
 applied_at: {default: 2026-01-05}}
drop: {币种: not_used, 自有资金占比: not_used}
""",
    )
    files = [make_file("t.csv", told), make_file("t.xls", content)]
    cases = [
        [row.submission for row in read(path, read_mapping(yaml.safe_load(mapping.read_text())))] for path in files
    ]
    assert cases[0] == cases[1]
    assert [case and case.external_ref for case in cases[1]] == ["5000", "6000", "7000", "8000", "JJ000009000"]
    first, second = files if is_text_first else files[::-1]
    assert counts(take_in(first, mapping)) == (5, 0, 0)
    before = on_record()
    assert counts(take_in(second, mapping)) == (0, 5, 0)
    assert on_record() == before


@pytest.mark.django_db(transaction=True)
def test_a_workbook_that_came_as_bare_numbers_is_known_and_one_with_other_content_is_asked_about(
    tmp_path: Path,
) -> None:
    assert counts(take_in(write(tmp_path / "a.xlsx", forms={}))) == (2, 0, 0)
    before = on_record()
    assert [case["external_ref"] for case in before] == ["1", "12"]
    assert counts(take_in(write(tmp_path / "b.xlsx"))) == (0, 2, 0)
    assert on_record() == before
    changed = [LOANS[0], (12, 8, 13000, 12, "2026-01-06", 602), (13, 9, 14000, 12, "2026-01-07", 603)]
    assert counts(take_in(write(tmp_path / "c.xlsx", loans=changed))) == (2, 1, 0)
    assert on_record()[:2] == before
    new = list(Case.objects.order_by("pk").values_list("external_ref", "state"))[2:]
    assert new == [("JJ000012", "needs_data"), ("JJ000013", "received")]
    (finding,) = Case.objects.get(external_ref="JJ000012").findings
    assert (finding["code"], finding["params"]["value"]) == ("may_be_on_record", "12")


@pytest.mark.django_db(transaction=True)
def test_an_identifier_where_a_number_is_read_refuses_its_row_as_it_is_shown(tmp_path: Path) -> None:
    assert counts(take_in(write(tmp_path / "t.xlsx", forms={1: '"JJ"000', 3: '"Kw"000000'}))) == (0, 0, 2)
    assert on_record() == []
    rows = [(row.raw["借据编号"], row.raw["贷款金额"]) for row in RejectedRow.objects.order_by("row_number")]
    assert rows == [("JJ001", "Kw012001"), ("JJ012", "Kw012002")]
    errors = [[(each.field, each.value, each.code) for each in row.errors] for row in read(tmp_path / "t.xlsx")]
    assert errors == [[("贷款金额", value, "not_a_number")] for _note, value in rows]
    # An unknown sign before amounts that are not filled up says nothing of them, as ever.
    cases = [row.submission for row in read(write(tmp_path / "u.xlsx", forms={3: '"Kz"0'}))]
    told = [(case.external_ref, case.amount) for case in cases if case]
    assert told == [("1", Decimal(12001)), ("12", Decimal(12002))]


def test_only_what_an_ods_shows_as_an_identifier_is_one(tmp_path: Path) -> None:
    grouped = ' number:grouping="true"'
    shown = {
        "plain": text("JJ") + digits(6),
        "grouped": text("JJ") + digits(6, grouped),
        "dates": digits(8, inside=after(4, "-") + after(2, "-")),
        "blank": digits(7, inside=after(4, " ")),
        "short": digits(4, inside=after(4, "-")),
        "units": digits(3) + text("万元"),
        "behind": digits(4) + text("号"),
        "thousands": digits(1, grouped) + text("万元"),
    }
    styles = "".join(style(name, parts) for name, parts in shown.items())
    for name, condition in (("all", "&gt;=0"), ("above", "&gt;0"), ("small", "&lt;100")):
        mapped = f'<style:map style:condition="value(){condition}" style:apply-style-name="Nplain"/>'
        styles += style(name, digits(1) + mapped)
    found = marks(tmp_path / "t.ods", styles, [number(12, name) for name in (*shown, "all", "above", "small")])
    forms = {0: '"JJ"000000', 2: '0000"-"00"-"00', 3: '000" "0000', 6: '0000"号"', 8: '"JJ"000000', 9: '"JJ"000000;;'}
    assert found.written_out == {column: {1: form} for column, form in forms.items()}
    assert found.signs == {5: {1: "万元"}, 7: {1: "万元"}}
    assert found.padded == {}
