"""Columns of other sources: the latest row from before the application, never a later one, and where it came from."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.models import Case, User
from intake.actions import ImportReport
from intake.admission.files import take_in_file
from intake.mapped.case_mapping import CHINA
from intake.mapped.joined import is_whole_day, known_from
from intake.mending.mending import return_to_source
from intake.models import CaseJoin, ReferenceRow, RejectedRow, Source
from intake.recognition.mapping import MappingError, load_mapping, mapping_as_data, read_mapping
from tests.intake.places import MakeFile
from tests.intake.silent import silent

BUREAU = """
reference:
  key: {column: 身份证号}
  as_of: {column: 查询时间}
"""
LOANS = """
fields:
  external_ref: {column: id}
  product: {constant: consumer}
  amount: {column: amount}
  currency: {constant: CNY}
  term_months: {constant: 12}
  applied_at: {column: applied}
  applicant.id: {column: person}
features:
  bureau_score: {column: bureau.评分, type: number}
joins:
  bureau: {source: credit-bureau, on: applicant.id}
"""


def take(make_file: MakeFile, source: str, mapping: str, text: str, name: str = "a.csv") -> ImportReport:
    path, described = make_file(f"{source}-{name}", text), make_file(f"{source}.yaml", mapping)
    return take_in_file(path, source=source, mapping=str(described), by=None, bars=silent)


def scores(source: str = "branch") -> dict[str, Any]:
    return {case.external_ref: case.features["bureau_score"] for case in Case.objects.filter(source=source)}


@pytest.mark.django_db
def test_a_case_takes_the_latest_row_from_before_its_application_and_never_a_later_one(make_file: MakeFile) -> None:
    bureau = """身份证号,查询时间,评分
P1,2026-01-05 09:29:59,610
p1 ,2026-01-05 09:30:00,620
P1,2026-01-05 09:30:01,630
P1,2025-12-01 00:00:01,500
P2,2026-01-05,700
P3,not a day,1
,2026-01-05,1
"""
    told = take(make_file, "credit-bureau", BUREAU, bureau)
    assert (told.rows, told.accepted, told.rejected, Case.objects.count()) == (7, 5, 2, 0)
    reasons = RejectedRow.objects.order_by("row_number").values_list("errors__0__field", "errors__0__code")
    assert list(reasons) == [("查询时间", "not_a_date"), ("身份证号", "required")]
    loans = """id,amount,applied,person
at,1000,2026-01-05 09:30:00,P1
second-later,1000,2026-01-05 09:30:01,P1
much-later,1000,2026-02-05 10:00:00,P1
before-all,1000,2025-11-30 10:00:00,P1
same-day,1000,2026-01-05 18:00:00,P2
next-day,1000,2026-01-06,P2
nobody,1000,2026-01-06,P9
"""
    assert take(make_file, "branch", LOANS, loans).accepted == 7
    assert scores() == {
        "at": 610, "second-later": 620, "much-later": 630, "before-all": None, "same-day": None, "next-day": 700,
        "nobody": None,
    }  # fmt: skip
    join = CaseJoin.objects.select_related("row__batch").get(case__external_ref="at")
    assert (join.name, join.row.batch.name, join.row.row_number) == ("bureau", "credit-bureau-a.csv", 2)
    assert CaseJoin.objects.count() == 4


@pytest.mark.django_db
def test_a_kept_row_sent_twice_adds_nothing_and_of_one_moment_the_last_to_come_counts(make_file: MakeFile) -> None:
    head = "身份证号,查询时间,评分\n"
    take(make_file, "credit-bureau", BUREAU, head + "P1,2026-01-05 08:00:00,1\n")
    again = take(
        make_file, "credit-bureau", BUREAU, head + "P1,2026-01-05 08:00:00,1\nP1,2026-01-05 08:00:00,2\n", "b.csv"
    )
    assert (again.accepted, again.duplicates, ReferenceRow.objects.count()) == (1, 1, 2)
    take(make_file, "branch", LOANS, "id,amount,applied,person\nA,1,2026-01-06,P1\n")
    assert scores() == {"A": 2}
    # The same row again, in another file and after a newer row has come: known, and as it was taken in.
    take(make_file, "credit-bureau", BUREAU, head + "P1,2026-01-05 08:00:01,3\n", "c.csv")
    told = take(make_file, "branch", LOANS, "id,amount,applied,person\nA,1,2026-01-06,P1\nB,1,2026-01-06,P1\n", "b.csv")
    assert (told.accepted, told.duplicates, told.rejected, scores()) == (1, 1, 0, {"A": 2, "B": 3})


@pytest.mark.django_db
def test_a_case_that_is_returned_and_comes_again_takes_the_row_of_then(make_file: MakeFile, reviewer: User) -> None:
    Source.objects.create(slug="branch", trust="none")
    head = "身份证号,查询时间,评分\n"
    loan = "id,amount,applied,person\nA,%s,2026-01-06,P1\n"
    take(make_file, "credit-bureau", BUREAU, head + "P1,2026-01-04 08:00,1\n")
    take(make_file, "branch", LOANS, loan % 1)
    case = Case.objects.get()
    return_to_source(case.pk, by=reviewer, reason="the amount is wrong", seen_version=case.version)
    take(make_file, "credit-bureau", BUREAU, head + "P1,2026-01-05 08:00,2\n", "b.csv")
    take(make_file, "branch", LOANS, loan % 2, "b.csv")
    assert scores() == {"A": 2}
    assert list(CaseJoin.objects.order_by("id").values_list("row__cells__评分", flat=True)) == ["1", "2"]


def test_a_day_is_known_from_its_end_and_a_moment_at_once() -> None:
    noon = datetime(2026, 1, 5, 12, tzinfo=CHINA)
    assert known_from(noon) == noon
    assert [is_whole_day(known_from(noon - timedelta(hours=each))) for each in (0, 12)] == [False, True]
    assert known_from(noon - timedelta(hours=12)) == noon + timedelta(hours=12) - timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("on: applicant.id", "on: amount"), "joins.bureau.on is “amount”. Allowed: applicant.id, external_ref."),
        (("{column: person}", "{derive: applicant_reference}"), "joins.bureau needs applicant.id from a column"),
        (("{column: applied}", "{column: bureau.time}"), "joins.bureau needs applied_at from a column"),
        (("source: credit-bureau", "source: credit bureau"), "joins.bureau.source is “credit bureau”"),
    ],
)
def test_a_join_that_cannot_be_made_is_refused_by_name(
    make_file: MakeFile, change: tuple[str, str], sentence: str
) -> None:
    with pytest.raises(MappingError, match=sentence):
        load_mapping(make_file("a.yaml", LOANS.replace(*change)))


def test_what_is_stored_of_a_mapping_is_read_back_alike(make_file: MakeFile) -> None:
    for text in (BUREAU, LOANS):
        mapping = load_mapping(make_file("a.yaml", text), source="branch")
        assert read_mapping(mapping_as_data(mapping)) == mapping


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("month", "form"),
    [
        *((month, "") for month in ("2026-01", "202601", "2026年1月", "民国115年1月", "Jan-2026", "2026/1")),
        ("Jan-26", "%b-%y"),
        ("01/2026", "%m/%Y"),
    ],
)
def test_a_month_is_known_from_its_end(make_file: MakeFile, month: str, form: str) -> None:
    before = {"": "2025-12", "%b-%y": "Dec-25", "%m/%Y": "12/2025"}[form]
    read = BUREAU.replace("{column: 查询时间}", f'{{column: 查询时间, format: "{form}"}}') if form else BUREAU
    take(make_file, "credit-bureau", read, f"身份证号,查询时间,评分\nP1,{before},600\nP1,{month},610\n")
    loans = "id,amount,applied,person\nA,1000,2026-01-10,P1\nB,1000,2026-02-01 00:00:01,P1\n"
    take(make_file, "branch", LOANS, loans)
    assert scores() == {"A": 600, "B": 610}


@pytest.mark.django_db
def test_a_list_that_is_as_it_was_some_days_ago_says_that_it_is_so_again(make_file: MakeFile) -> None:
    """Without a moment of its own a file tells what is so when it comes, also where it came before."""
    listed = "reference:\n  key: {column: 身份证号}\n  as_of: {import_time: true}\n"
    yes, no = "身份证号,评分\nP1,1\nP2,0\n", "身份证号,评分\nP1,0\nP2,0\n"
    loans = LOANS.replace("{column: applied}", "{import_time: true}")
    for turn, text in enumerate((yes, no, yes, yes)):
        take(make_file, "credit-bureau", listed, text, f"{turn}.csv")
        take(make_file, "branch", loans, f"id,amount,person\nA{turn},1000,P1\n", f"loans-{turn}.csv")
    assert scores() == {"A0": 1, "A1": 0, "A2": 1, "A3": 1}
    assert ReferenceRow.objects.filter(key="p1").count() == 3
