"""The term of a loan is never read in a unit that the file does not mean: 1 年 is 12, and 90 天 are no 90 months."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from cases.models import Case
from intake.mapped.derive import COMPUTATIONS
from intake.reading.parse import open_table
from intake.reading.rows import read_rows, sample_rows
from intake.reading.table_notes import lines_beside, notes_below
from intake.recognition.mapping import CaseMapping, MappingError, infer_mapping
from intake.recognition.open_terms import with_stated_term
from intake.recognition.recognise import recognise
from intake.record.choose import mapping_for
from tests.intake.places import NOW, MakeFile
from tests.intake.test_on_record import counts, take_in


def table_of(header: str, cells: Sequence[str]) -> str:
    return f"合同号,贷款金额,{header}\n" + "".join(f"HT-{at},{50_000 + at},{each}\n" for at, each in enumerate(cells))


def read(make_file: MakeFile, text: str) -> tuple[CaseMapping, list[object]]:
    """The mapping of a table, and of each row its term or what it is refused for."""
    table = open_table(make_file("t.csv", text))
    mapping = mapping_for(table, "branch-x", None)[1]
    rows = read_rows(table, mapping, now=NOW)
    return mapping, [
        row.submission.term_months if row.submission else [(error.code, error.value) for error in row.errors]
        for row in rows
    ]


def refused(make_file: MakeFile, text: str) -> tuple[str, dict[str, str]]:
    with pytest.raises(MappingError) as refusal:
        read(make_file, text)
    assert refusal.value.sentence("zh-hans")
    return refusal.value.code, refusal.value.params


@pytest.mark.parametrize(
    ("header", "cells", "terms"),
    [
        ("贷款期限,期限单位", ["12,M", "1,Y", "90,D"], [12, 12, [("not_a_duration", "90 | D")]]),
        ("期限,期限单位代码", ["2,02-年", "6,01-月"], [24, 6]),
        ("期限,期限类型", ["1,年", "6,月", "3,个月"], [12, 6, 3]),
        ("期限,期限周期", ["1,年", "6,月"], [12, 6]),
        ("贷款期数,期数单位", ["12,月", "12,周"], [12, [("not_a_duration", "12 | 周")]]),
        ("Loan Term,Term Period Frequency Type", ["6,Years", "6,Months"], [72, 6]),
        ("期限,单位", ["1,年", "6,月", "30,天"], [12, 6, [("not_a_duration", "30 | 天")]]),
        ("Term,Term Unit", ["5,Years", "60,Months", "26,Weeks"], [60, 60, [("not_a_duration", "26 | Weeks")]]),
        ("Term,Term Type", ["5,Y", "60,M"], [60, 60]),
        ("Tenor,Tenor UOM", ["0.5,Y", "60,M"], [6, 60]),
        ("Tenure,Tenure Type", ["12,Months", "12,Months"], [12, 12]),
        # A cell may say its unit itself; one that nobody says is not made up.
        ("期限,期限单位", ["3年,", "12,", "12,月"], [36, [("not_a_duration", "12 | ")], 12]),
    ],
)
def test_each_row_is_read_in_the_unit_that_stands_beside_it(
    make_file: MakeFile, header: str, cells: list[str], terms: list[object]
) -> None:
    mapping, told = read(make_file, table_of(header, cells))
    assert told == terms
    assert mapping.features == {}


def test_a_day_that_does_not_fit_behind_the_first_thousand_rows_refuses_its_row(make_file: MakeFile) -> None:
    cells = [
        *["2026-01-01,2027-01-01", "2026-01-01,2026-07-01"] * 500,
        "2026-01-01,9999-12-31",
        "2026-01-01,2025-01-01",
    ]
    told = read(make_file, table_of("起息日,到期日", cells))[1]
    assert told[:2] == [12, 6]
    assert [each[0][0] for each in told[1_000:] if isinstance(each, list)] == ["out_of_range", "dates_reversed"]


def test_a_unit_behind_the_first_thousand_rows_is_read(make_file: MakeFile) -> None:
    cells = [*["12,月"] * 1_100, "2,年"]
    assert read(make_file, table_of("期限,期限单位", cells))[1][-2:] == [12, 24]


def test_a_kind_of_loan_is_no_unit(make_file: MakeFile) -> None:
    mapping, told = read(make_file, table_of("期限,期限类型", ["12,短期", "60,中长期"]))
    assert (told, mapping.fields["term_months"].column) == ([12, 60], "期限")
    assert [given.column for given in mapping.features.values()] == ["期限类型"]


@pytest.mark.parametrize(
    ("header", "cells", "said"),
    [
        ("期限(月),期限单位", ["12,月", "90,天"], "天"),
        ("贷款期限,用途,单位", ["12,装修,月", "90,购车,天"], "天"),
        ("Term,Purpose,Repayment Frequency", ["12,car,Months", "12,home,Weeks"], "Weeks"),
    ],
)
def test_a_unit_that_contradicts_refuses_the_table(
    make_file: MakeFile, header: str, cells: list[str], said: str
) -> None:
    assert refused(make_file, table_of(header, cells)) == (
        "unit_in_column",
        {"said": said, "column": header.split(",")[0]},
    )


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("期限(月),期限单位", ["12,月", "36,个月"]),
        ("期限,单位", ["12,支行", "36,总行"]),
        ("Term,Repayment Frequency", ["12,Month", "36,Quarter"]),
    ],
)
def test_other_columns_change_nothing(make_file: MakeFile, header: str, cells: list[str]) -> None:
    mapping, told = read(make_file, table_of(header, cells))
    assert (told, mapping.fields["term_months"].how) == ([12, 36], "column")
    assert "term_employer" not in mapping.features


@pytest.mark.parametrize(
    ("header", "cells", "terms"),
    [
        ("贷款期限(年),贷款期限(月)", ["1,6", "2,0", "0,9"], [18, 24, 9]),
        ("期限年,期限月,期限日", ["1,6,0", "2,0,0"], [18, 24]),
        ("Term (Years),Term (Months)", ["1,6", "2,"], [18, 24]),
        ("Tenor Months,Tenor Years", ["6,1", "0,2"], [18, 24]),
        # The same in every row.
        ("期限(月),期限(年)", ["12,1", "8,0.67"], [12, 8]),
        ("期限(月),期限(天)", ["12,365", "3,90"], [12, 3]),
        ("期限(月),期限(天)", ["120,3600", "36,1080"], [120, 36]),
        # A slip of the pen.
        ("期限(年),期限(月)", [*["1,6"] * 20, "1,15"], [*[18] * 20, [("not_a_duration", "1 | 15")]]),
    ],
)
def test_years_and_months_of_two_columns_add_up(
    make_file: MakeFile, header: str, cells: list[str], terms: list[object]
) -> None:
    assert read(make_file, table_of(header, cells))[1] == terms


@pytest.mark.parametrize(
    ("header", "cells", "terms"),
    [
        ("借款期限", ["90天", "180 天", "7天", "400天"], [3, 6, 1, 13]),
        ("Term", ["90 days", "30 Days", "1 day"], [3, 1, 1]),
        # Behind the rows that are looked at one may say another unit.
        ("期限", [*["90日"] * 1_000, "3个月"], [*[3] * 1_000, [("not_a_number", "3个月")]]),
        # Not all of them say it, or the header says otherwise: each row says what it is.
        ("期限", ["90天", "3个月"], [[("not_a_duration", "90天")], 3]),
        ("期限(月)", ["90天", "30天"], [[("not_a_duration", "90天")], [("not_a_duration", "30天")]]),
    ],
)
def test_terms_that_all_say_days_count_in_months(
    make_file: MakeFile, header: str, cells: list[str], terms: list[object]
) -> None:
    assert read(make_file, table_of(header, cells))[1] == terms


@pytest.mark.parametrize(
    ("header", "cells", "values"),
    [
        ("期限(年),期限(月)", ["1,15", "2,0", "1,6"], "1 | 15"),
        ("期限(年),期限(月)", ["1,12", "2,24", "1,6"], "1 | 6"),
        ("期限(月),期限(天)", ["6,15", "12,0"], "6 | 15"),
    ],
)
def test_parts_that_contradict_refuse_the_table(
    make_file: MakeFile, header: str, cells: list[str], values: str
) -> None:
    first, second = header.split(",")
    told = refused(make_file, table_of(header, cells))
    assert told == ("term_parts", {"first": first, "second": second, "values": values})


def test_terms_of_other_loans_are_no_parts(make_file: MakeFile) -> None:
    assert read(make_file, table_of("贷款期限(月),授信期限(年)", ["6,3", "12,1"]))[1] == [6, 12]


@pytest.mark.parametrize(
    ("header", "cells", "terms"),
    [
        ("起始日,到期日", ["2026-07-26,2028-07-26", "2026-01-01,2026-12-31", "2026-01-31,2026-02-28"], [24, 12, 1]),
        ("申请日期,放款日期,贷款到期日",
         ["2026-01-02,2026-01-15,2027-07-14", "2026-01-02,2026-01-15,2027-01-15"], [18, 12]),
        ("Start Date,Maturity Date", ["03/01/2026,03/07/2026", "25/01/2026,25/01/2027"], [6, 12]),
        ("放款日期,合同终止日期", ["2026-07-01,2027-01-01", "2026-07-01,2029-07-01"], [6, 36]),
        ("起息日,到期日", ["2026-07-01,2027-01-01"], [6]),
        # One of many is not paid out yet.
        ("起息日,到期日", ["2026-07-01,2027-01-01"] * 9 + ["2026-07-01,2026-08-01", "2026-07-01,"],
         [6] * 9 + [1, [("required", "")]]),
        # That of an instalment.
        ("起息日,截止日期", ["2026-07-01,2026-11-30", "2026-01-01,2026-04-01"], [12, 12]),
        ("起息日,还款到期日", ["2026-07-01,2026-08-01", "2026-01-01,2026-03-01"], [12, 12]),
        # A card expires for itself.
        ("Issue Date,Expiry Date", ["2020-07-01,2030-07-01"] * 2, [12, 12]),
        ("起始日,到期日,期限", ["2026-07-01,2027-07-01,36"] * 2, [36, 36]),
    ],
)  # fmt: skip
def test_a_term_of_two_days_alone_is_not_made_up(
    make_file: MakeFile, header: str, cells: list[str], terms: list[object]
) -> None:
    mapping, told = read(make_file, table_of(header, cells))
    assert told == terms
    assert ("term_months" in mapping.derived) == (mapping.fields["term_months"].how == "default")


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        # Not paid out yet, or open-ended, or the wrong way round.
        ("起息日,到期日", ["2026-07-01,2026-01-01", "2026-01-01,2026-04-01"]),
        ("起息日,到期日", ["2026-07-01,2026-07-01", "2026-01-01,2026-04-01"]),
        ("起息日,到期日", [",2026-07-01", "2026-01-01,2026-04-01"]),
        ("起息日,到期日", ["2026-07-01,9999-12-31", "2026-01-01,2026-04-01"]),
        ("起始日,到期日", ["2026-07-01,2029-07-01", "2026-07-01,", "2026-07-01,"]),
        # The day of the report, that of the line, and what may be of anything.
        ("起息日,到期日", ["2026-07-01,2026-11-30", "2026-01-01,2026-11-30"]),
        ("授信起始日,授信到期日", ["2026-07-01,2027-01-01", "2026-07-01,2029-07-01"]),
        ("授信起始日,借据到期日", ["2026-07-01,2027-01-01"] * 2),
        ("Start Date,End Date", ["2026-07-01,2026-11-30", "2026-01-01,2026-04-01"]),
    ],
)  # fmt: skip
def test_days_of_which_none_make_terms_are_asked_about(make_file: MakeFile, header: str, cells: list[str]) -> None:
    assert refused(make_file, table_of(header, cells)) == ("term_unread", {"name": header.split(",")[1]})


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("期限单位：年,,\n合同号,贷款金额,期限\nHT-1,5000,3\n", "unit_above_header", "期限单位：年"),
        ("利率：%；期限单位：天,,\n合同号,贷款金额,期限\nHT-1,5000,90\n", "unit_above_header", "利率：%；期限单位：天"),
        ("合同号,贷款金额,期限\nHT-1,5000,3\n注：期限以年计,,\n", "unit_below_rows", "注：期限以年计"),
        ("Loans; Terms in years,,\n合同号,贷款金额,期限\nHT-1,5000,3\n", "unit_above_header", "Loans; Terms in years"),
        ("合同号,贷款金额,期限\nHT-1,5000,90\nNote: term is given in days,,\n", "unit_below_rows",
         "Note: term is given in days"),
        ("Tenor: weeks,,\n合同号,贷款金额,期限\nHT-1,5000,26\n", "unit_above_header", "Tenor: weeks"),
        ("合同号,贷款金额,期限\n,元,(年)\nHT-1,5000,3\n", "unit_below_header", "(年)"),
    ],
)  # fmt: skip
def test_a_unit_of_the_term_beside_the_table_refuses_it(make_file: MakeFile, text: str, code: str, said: str) -> None:
    assert refused(make_file, text) == (code, {"said": said, "column": "期限"})


@pytest.mark.parametrize(
    "note",
    [
        "期限单位：月",
        "Terms in months",
        "贷款期限为1年以内",
        "Terms of 3 years and more",
        "单位：元",
        "长期限额管理",
        "期限：详见合同",
    ],
)
def test_other_notes_are_no_unit_of_the_term(make_file: MakeFile, note: str) -> None:
    assert read(make_file, f"{note},,\n合同号,贷款金额,期限\nHT-1,5000,24\n")[1] == [24]
    assert read(make_file, table_of("期限", ["2年", "36"]))[1] == [24, 36]
    # The header says its unit.
    assert read(make_file, "期限单位：年,,\n合同号,贷款金额,期限(月)\nHT-1,5000,24\n")[1] == [24]


def test_a_name_of_a_sheet_may_say_the_unit_of_the_term(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "台账(期限以天计)"
    for cells in (["合同号", "贷款金额", "期限"], ["HT-1", 5000, 90]):
        book.worksheets[0].append(cells)
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(MappingError) as refusal:
        mapping_for(open_table(tmp_path / "t.xlsx"), "branch-x", None)
    assert (refusal.value.code, refusal.value.params["said"]) == ("unit_in_sheet_name", "台账(期限以天计)")


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ((10, 20, 30), "term_open"), ((10, 15, 25), "term_open"), ((90, 180, 365), "term_open_days"),
        ((30, 90, 180), "term_open_days"), ((91, 182), "term_open_days"),
        ((120, 180, 240, 300, 360), ""), ((3, 6, 9, 12, 18, 24, 30, 36, 48, 60), ""), ((12, 20, 30), ""),
        ((30, 60, 120), ""), ((90, 150, 270), ""), ((60, 90, 120, 240, 360), ""),
        ((30, 90, 270), "term_open_days"), (tuple(range(80, 100)), ""),
    ],
)  # fmt: skip
def test_terms_that_are_plainly_no_months_are_asked_about(
    make_file: MakeFile, terms: tuple[int, ...], code: str
) -> None:
    text = table_of("期限", [str(terms[at % len(terms)]) for at in range(20)])
    if not code:
        assert read(make_file, text)[1][: len(terms)] == list(terms)[:20]
        return
    told = (code, {"name": "期限", "values": ", ".join(map(str, sorted(terms)))})
    assert refused(make_file, text) == told
    # Of five rows it follows, too, and of four it does not.
    assert refused(make_file, text.split("HT-5", 1)[0]) == told
    assert len(read(make_file, text.split("HT-4", 1)[0])[1]) == 4
    assert len(read(make_file, text.replace("期限", "期限(月)"))[1]) == 20


@pytest.mark.parametrize(("term", "code"), [(3, "term_open"), (30, "term_open"), (365, "term_open_days")])
def test_one_term_alone_is_asked_about_in_many_rows(make_file: MakeFile, term: int, code: str) -> None:
    text = table_of("期限", [str(term)] * 20)
    assert refused(make_file, text) == (code, {"name": "期限", "values": str(term)})
    assert read(make_file, text.rsplit("HT-19", 1)[0])[1] == [term] * 19


@pytest.mark.parametrize(
    ("cells", "terms"),
    [(["半年", "一年", "两年", "三年"], [6, 12, 24, 36]), (["半年", "6个月"], [6, 6]), (["半年"], [6])],
)
def test_half_a_year_in_the_first_row_is_a_term_among_such(
    make_file: MakeFile, cells: list[str], terms: list[object]
) -> None:
    assert read(make_file, table_of("期限", cells))[1] == terms
    # Above bare numbers it is their unit.
    told = refused(make_file, table_of("期限", ["半年", "3", "2"]))
    assert told == ("unit_below_header", {"said": "半年", "column": "期限"})


def test_a_draft_reads_the_term_in_the_unit_beside_the_table(make_file: MakeFile) -> None:
    for note, how, scale in (("期限单位：年", "column", Decimal(12)), ("期限单位：天", "compute", None)):
        table = open_table(make_file("t.csv", f"{note},,\n合同号,贷款金额,期限\nHT-1,5000,3\n"))
        rows = sample_rows(table)
        drafted = infer_mapping(table.columns, rows, "branch-x")
        drafted = with_stated_term(drafted, rows, lines_beside(table, notes_below(table)))
        assert (drafted.fields["term_months"].how, drafted.fields["term_months"].scale) == (how, scale)
    table = open_table(make_file("t.csv", "期限单位：周,,\n合同号,贷款金额,期限\nHT-1,5000,3\n"))
    drafted = infer_mapping(table.columns, sample_rows(table), "branch-x")
    drafted = with_stated_term(drafted, sample_rows(table), lines_beside(table, []))
    assert ("term_months" in drafted.fields, drafted.drop) == (False, {"期限": "not_used"})


def test_a_draft_says_of_both_columns_what_they_are(make_file: MakeFile) -> None:
    table = open_table(make_file("t.csv", table_of("期限,期限单位", ["1,年", "6,月"])))
    mapping, clues = recognise(table.columns, sample_rows(table), "branch-x", [])
    assert mapping.fields["term_months"].sources == ("期限", "期限单位")
    assert [(clues[each].how, clues[each].detail) for each in ("期限", "期限单位")] == [("name", "term_months")] * 2


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2026-01-15", "2026-07-14", 6), ("2026-01-01", "2026-01-08", 1), ("2024-02-29", "2025-02-28", 12),
        ("2026-01-01", "2026-02-15", 1), ("2026-01-01", "2026-02-16", 2), ("2026-01-30", "2056-01-30", 360),
    ],
)  # fmt: skip
def test_months_between_two_days_are_of_thirty_days(start: str, end: str, months: int) -> None:
    assert COMPUTATIONS["months_between"][0]((start, end), {}) == months
    assert COMPUTATIONS["months_between"][0]((start, ""), {}) is None


@pytest.mark.django_db(transaction=True)
def test_a_unit_is_read_behind_a_good_file_of_its_source(make_file: MakeFile) -> None:
    first = table_of("Term,Term Unit", ["24,Months", "12,Months"])
    assert counts(take_in(make_file("a.csv", first))) == (2, 0, 0)
    then = table_of("Term,Term Unit", ["5,Years", "90,Days"]).replace("HT-", "HT-9")
    assert counts(take_in(make_file("b.csv", then))) == (1, 0, 1)
    assert list(Case.objects.order_by("pk").values_list("term_months", flat=True)) == [24, 12, 60]


@pytest.mark.parametrize("header", ["期次,期限", "期次,贷款期数", "期限,期次"])
def test_the_number_of_an_instalment_is_no_term_beside_one(make_file: MakeFile, header: str) -> None:
    cells = ["12,3", "24,3"] if header.startswith("期限") else ["3,12", "3,24"]
    mapping, terms = read(make_file, table_of(header, cells))
    assert (mapping.fields["term_months"].column, terms) == (header.replace("期次", "").strip(","), [12, 24])
    assert [given.column for given in mapping.features.values()] == ["期次"]
