"""Refused rows are given out, mended and sent again: they come in as if they had been right at first."""

import csv
import io

import pytest
from django.test import Client
from django.utils import timezone

from cases.csv_cells import safe_cell
from cases.models import Case, User
from intake.actions import import_rows, start_import
from intake.mapped.case_mapping import CHINA
from intake.models import Batch
from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, bind_mapping, read_rows, sample_rows
from intake.recognition.mapping import infer_mapping, mapping_as_data
from intake.record.choose import mapping_for
from intake.values.cells import cell_text
from tests.intake.places import NOW, MakeFile
from tests.intake.test_on_record import counts, take_in

HEADER = "zweck,id,amount,城市备注,term"
GOOD = "".join(f"car,A-{number},1200,x,12\n" for number in range(30))


def rows_of(make_file: MakeFile, name: str, text: str) -> list[ReadRow]:
    table = open_table(make_file(name, text))
    mapping = bind_mapping(infer_mapping(table.columns, sample_rows(table), "branch"), table)
    return list(read_rows(table, mapping, now=NOW))


@pytest.mark.django_db(transaction=True)
def test_a_mended_row_is_the_row_as_if_it_had_been_right_at_first(
    make_file: MakeFile, supervisor: User, client: Client
) -> None:
    broken = "+car,B-1,abc,@x,12\ncar,B-2,1300,y,12,7,8\n"
    path = make_file("loans.csv", f"{HEADER}\n{GOOD}{broken}")
    table = open_table(path)
    name, mapping = mapping_for(table, "branch", None)
    file = start_import(path, source="branch", mapping_name=name, mapping=mapping_as_data(mapping), by=None)
    import_rows(file, read_rows(table, mapping, now=timezone.now()))
    assert Batch.objects.get().rejected == 2
    client.force_login(supervisor)
    answer = client.get(f"/imports/{file.pk}/rejected.csv")
    given_out = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    lines = list(csv.reader(io.StringIO(given_out.removeprefix("\ufeff"))))
    assert lines[0] == [*HEADER.split(","), "extra_1", "extra_2", "riskreview_row", "riskreview_reasons"]
    assert lines[1][:5] == ["'+car", "B-1", "abc", "'@x", "12"]
    lines[1][2] = "1250"
    lines[2][5:7] = ["", ""]
    mended = io.StringIO()
    csv.writer(mended).writerows(lines)
    again = [row.submission for row in rows_of(make_file, "mended.csv", mended.getvalue())]
    at_first = rows_of(make_file, "right.csv", f"{HEADER}\n{GOOD}+car,B-1,1250,@x,12\ncar,B-2,1300,y,12\n")
    assert again == [row.submission for row in at_first[-2:]]
    assert again[0] is not None
    assert again[0].features["zweck"] == "+car"


def test_a_row_refused_for_a_cell_without_a_name_is_mended_outside_of_its_columns(make_file: MakeFile) -> None:
    *_, bad = rows_of(make_file, "a.csv", "id,,amount,term\n" + "A,,100,12\n" * 12 + "B,x,100,12\n")
    assert bad.raw == {"id": "B", "amount": "100", "term": "12", "extra_1": "x"}
    (error,) = bad.errors
    assert (error.value, error.as_dict()["en"], error.as_dict()["zh"]) == (
        "B | 100 | 12 | x",
        "Column 2 has no name in the header, and this row holds something in it.",
        "第 2 列在表头中没有名称，而该行在此列中有内容。",
    )
    (back,) = rows_of(make_file, "b.csv", "id,amount,term,extra_1,riskreview_row,riskreview_reasons\nB,100,12,,14,x\n")
    assert back.submission is not None
    assert (back.submission.external_ref, back.submission.features) == ("B", {})


def test_a_reference_made_of_the_row_is_the_same_when_it_comes_back(make_file: MakeFile) -> None:
    first = rows_of(make_file, "a.csv", "amount,purpose\n100,=car\n200,house\n")
    back = rows_of(
        make_file, "b.csv", "amount,purpose,riskreview_row,riskreview_reasons\n100,'=car,2,x\n200,house,3,y\n"
    )
    assert [row.submission for row in back] == [row.submission for row in first]
    assert all(row.submission for row in back)


@pytest.mark.parametrize(
    ("head", "good", "refused", "mended", "case"),
    [
        (
            "loan id;amount;term;annual income;debt ratio\n",
            [f"G{at};1.234,50;12;80.000;7,5\n" for at in range(20)],
            "H1;2.000,00;xx;95.000;7\n",
            "H1;2.000,00;24;95.000;7;22;x\n",
            ("2000.00", "CNY", 24, {"annual_income": 95000, "debt_ratio": 7}),
        ),
        (
            "loan id;amount;term\n",
            [f"G{at};$1234;12\n" for at in range(20)],
            "H1;5000;xx\n",
            "H1;5000;24;22;x\n",
            ("5000.00", "USD", 24, {}),
        ),
        (
            "loan id;amount;term;interest rate\n",
            [f"G{at};1234;12;{4 + at}\n" for at in range(20)],
            "H1;5000;xx;0.9\n",
            "H1;5000;24;0.9;22;x\n",
            ("5000.00", "CNY", 24, {"interest_rate": 0.9}),
        ),
        # Nothing was of use at first: the columns are recognised anew.
        ("loan id;amount;term\n", [], "H1;unknown;24\n", "H1;5000;24;2;x\n", ("5000.00", "CNY", 24, {})),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_mended_rows_are_read_as_the_file_was_that_they_stood_in(
    make_file: MakeFile, head: str, good: list[str], refused: str, mended: str, case: tuple[object, ...]
) -> None:
    assert counts(take_in(make_file("a.csv", "".join([head, *good, refused])))) == (len(good), 0, 1)
    back = head.replace("\n", ";riskreview_row;riskreview_reasons\n") + mended
    assert counts(take_in(make_file("mended.csv", back))) == (1, 0, 0)
    found = Case.objects.get(external_ref="H1")
    assert (str(found.amount), found.currency, found.term_months, found.features) == case


@pytest.mark.parametrize(
    ("code", "applicants", "feature"),
    [("C{}", ("C901", "C902"), {}), ("K/{}", ("", ""), {"customer": ("C901", "C902")})],
)
@pytest.mark.django_db(transaction=True)
def test_what_a_few_mended_rows_tell_of_a_column_does_not_undo_what_the_file_told_of_all(
    make_file: MakeFile, code: str, applicants: tuple[str, str], feature: dict[str, tuple[str, str]]
) -> None:
    """Neither whose loan it is, nor what the other rows say of the dates."""
    head = "Loan No,Customer,Loan Amount,Term (months),Application Date\n"
    good = "".join(f"L{at},{code.format(at)},{5000 + at},24,{at % 28 + 1:02d}/03/2026\n" for at in range(60))
    refused = "L901,C901,abc,24,03/04/2026\nL902,C902,7000,abc,04/05/2026\n"
    assert counts(take_in(make_file("a.csv", head + good + refused))) == (60, 0, 2)
    back = head.replace("\n", ",riskreview_row,riskreview_reasons\n")
    mended = "L901,C901,7000,24,03/04/2026,62,x\nL902,C902,7000,36,04/05/2026,63,x\n"
    assert counts(take_in(make_file("mended.csv", back + mended))) == (2, 0, 0)
    cases = Case.objects.filter(external_ref__startswith="L90").order_by("external_ref")
    assert [f"{case.applied_at.astimezone(CHINA):%Y-%m-%d}" for case in cases] == ["2026-04-03", "2026-05-04"]
    told = [case.applicant.external_id for case in cases]
    assert (told == [*applicants]) is bool(applicants[0])
    assert [case.features for case in cases] == [{name: texts[at] for name, texts in feature.items()} for at in (0, 1)]


@pytest.mark.django_db(transaction=True)
def test_mended_rows_of_a_source_that_wrote_in_two_ways_are_not_read_in_the_other(make_file: MakeFile) -> None:
    head = "loan id;amount;term\n"
    english = "".join(f"A{at};1,234.50;12\n" for at in range(20))
    assert counts(take_in(make_file("a.csv", f"{head}{english}H1;2,000;xx\n"))) == (20, 0, 1)
    german = "".join(f"B{at};1.234,50;12\n" for at in range(20))
    assert counts(take_in(make_file("b.csv", head + german))) == (20, 0, 0)
    back = head.replace("\n", ";riskreview_row;riskreview_reasons\n") + "H1;2,000;24;22;x\n"
    assert counts(take_in(make_file("mended.csv", back))) == (0, 0, 1)
    assert not Case.objects.filter(external_ref="H1").exists()


def test_a_broken_row_that_comes_back_as_it_was_is_refused_again(make_file: MakeFile) -> None:
    text = "id,amount,extra_1,riskreview_row,riskreview_reasons\nA-1,1,500,2,too many\nA-2,600,,3,x\n"
    bad, good = rows_of(make_file, "b.csv", text)
    assert [(error.field, error.value, error.code, error.params) for error in bad.errors] == [
        ("row", "500", "too_many_cells", {"found": "3", "expected": "2"})
    ]
    assert good.submission is not None
    assert good.submission.features == {}


def test_a_column_named_extra_of_a_table_that_was_never_given_out_is_a_feature(make_file: MakeFile) -> None:
    (row,) = rows_of(make_file, "a.csv", "id,amount,extra_1\nA-1,1,500\n")
    assert row.submission is not None
    assert row.submission.features == {"extra_1": 500}


@pytest.mark.parametrize("text", ["=1+1", "+a", "-a", "@SUM(A1)", "%x", "|x", "a\n=b"])
def test_the_quote_before_a_formula_is_taken_off_again(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    assert cell_text(safe_cell(text)) == text


@pytest.mark.parametrize("text", ["'quoted'", "'s-Gravenhage", "'", "'5 apples"])
def test_a_quote_that_guards_nothing_stays(text: str) -> None:
    assert cell_text(text) == text
