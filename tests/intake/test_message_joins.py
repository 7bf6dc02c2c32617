"""Cases that come as messages and what a signed mapping joins to them: never what came or was true later."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Case, CaseEvent, User
from intake.mending.mending import return_to_source
from intake.models import CaseJoin, Connector, ReferenceRow, Source
from intake.ways_in.stream_messages import Message, take_in_messages
from tests import mapped
from tests.api.calls import Caller, a_case
from tests.intake.test_rows_as_messages import ROWS, a_row, bureau

__all__ = ["bureau"]

JOINING: dict[str, Any] = {
    "fields": {"applicant.id": {"column": "applicant.id"}, "applied_at": {"column": "applied_at"}},
    "joins": {"bureau": {"source": "credit-bureau", "on": "applicant.id"}},
    "features": {
        "bureau_score": {"column": "bureau.评分", "type": "number"},
        "bureau_grade": {"column": "bureau.grade", "type": "text"},
        "debt_share": {"compute": "ratio_of", "from": ["bureau.debt", "features.annual_income"]},
        "purpose": {"column": "bureau.purpose", "type": "text"},
        "branch_only": {"column": "年收入", "type": "number"},
    },
    "reference": {"key": {"column": "applicant.id"}, "as_of": {"column": "applied_at"}},
}


@pytest.fixture
def joined(bureau: Caller, admin: User, supervisor: User) -> Caller:
    mapped.signed("branch-los", JOINING, by=admin, second=supervisor)
    return bureau


def applied(ref: str, **changes: Any) -> dict[str, Any]:
    return a_case(ref, applicant={"id": "P1"}, **changes)


def added(ref: str) -> dict[str, Any]:
    features = Case.objects.get(external_ref=ref).features
    return {name: features.get(name) for name in ("bureau_score", "bureau_grade", "debt_share", "purpose")}


def lineage_page(ref: str, reader: User) -> str:
    client = Client()
    client.force_login(reader)
    return client.get(reverse("desk:lineage", args=[Case.objects.get(external_ref=ref).ref])).content.decode()


def joined_fields(ref: str, reader: User) -> dict[str, list[str]]:
    """By joined field what its row of the lineage page tells: column, value and where it was taken from."""
    rows = re.findall(r'<tr id="fact-([a-z-]+)">(.*?)</tr>', lineage_page(ref, reader), re.DOTALL)
    shown = {name: [text.strip() for text in re.findall(r">([^<>]+)<", row) if text.strip()] for name, row in rows}
    return {name: shown[name][1:4] for name in ("applicant-name", "industry", "region", "channel") if name in shown}


def test_a_posted_case_takes_the_latest_row_and_keeps_it_whatever_comes_later(joined: Caller, admin: User) -> None:
    joined.post(
        ROWS, [a_row(score=610, grade="B", debt=90_000, purpose="house"), a_row("2026-01-05T09:30:00+08:00", 1)]
    )
    taken = {"bureau_score": 610, "bureau_grade": "B", "debt_share": 0.5, "purpose": "car"}
    assert joined.post("/cases", applied("A-1")).status_code == 202
    assert added("A-1") == taken
    case = Case.objects.get()
    assert "branch_only" not in case.features
    join = CaseJoin.objects.get()
    assert (join.name, join.features) == ("bureau", ["bureau_grade", "bureau_score", "debt_share"])
    born = CaseEvent.objects.filter(case=case).order_by("seq")[0]
    assert born.facts["mapping"] == 1
    # Kept for others, as the mapping says; found by its applicant.
    assert ReferenceRow.objects.get(source__slug="branch-los").key == "p1"
    # A row that arrives later, with a moment before the application, alters nothing; the retry is a duplicate.
    joined.post(ROWS, a_row("2026-01-05T09:29:59.5+08:00", 700, grade="A"))
    again = joined.post("/cases", applied("A-1"))
    assert (again.status_code, added("A-1"), CaseJoin.objects.count()) == (200, taken, 1)
    many = [applied(f"B-{at}") for at in range(50)]
    told = joined.post("/cases/batch", [applied("A-1"), applied("A-2"), a_case("A-3"), *many]).json()
    assert (told["accepted"], told["duplicates"]) == (52, 1)
    assert added("A-2") == {"bureau_score": 700, "bureau_grade": "A", "debt_share": None, "purpose": "car"}
    assert added("A-3") == {"bureau_score": None, "bureau_grade": None, "debt_share": None, "purpose": "car"}
    connector = Connector(source=Source.objects.get(slug="branch-los"), kind="redis", settings={})
    message = Message("1-0", json.dumps(applied("C-1")).encode())
    take_in_messages(connector, "test:loans", [message], lambda some: range(len(some)))
    assert added("C-1") == added("A-2")
    client = Client()
    client.force_login(admin)
    page = client.get(reverse("desk:lineage", args=[case.ref])).content.decode()
    assert page.count("joined: credit-bureau, message of bureau (version 1), as of") == 3
    assert "bureau.purpose" not in page
    page = client.get(reverse("desk:lineage", args=[Case.objects.get(external_ref="A-3").ref])).content.decode()
    assert page.count("joined: credit-bureau had no row from before the application") == 3


def test_a_joined_value_that_cannot_be_read_waits_for_a_person_and_harms_no_retry(
    joined: Caller, reviewer: User
) -> None:
    joined.post(ROWS, a_row(score="abc"))  # type: ignore[arg-type]
    answer = joined.post("/cases", applied("A-1"))
    assert (answer.status_code, answer.json()["state"]) == (202, "needs_data")
    case = Case.objects.get()
    found = [each for each in case.findings if each["code"] == "joined_unreadable"]
    assert [(each["feature"], each["params"]) for each in found] == [
        ("bureau_score", {"column": "bureau.评分", "value": "abc"})
    ]
    assert joined.post("/cases", applied("A-1")).status_code == 200
    return_to_source(case.pk, by=reviewer, reason="the amount is wrong", seen_version=case.version)
    joined.post(ROWS, a_row("2026-01-05T09:29:59.5+08:00", 700))
    assert joined.post("/cases", applied("A-1", amount="1000.00")).status_code == 202
    assert added("A-1")["bureau_score"] == 700
    assert list(CaseJoin.objects.order_by("id").values_list("row__cells__评分", flat=True)) == ["abc", "700"]


def test_a_case_of_a_source_that_joins_nothing_costs_no_question_more(bureau: Caller, admin: User) -> None:
    def asked() -> list[str]:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert bureau.post("/cases", a_case(f"A-{Case.objects.count()}")).status_code == 202
        return [query["sql"] for query in captured.captured_queries]

    asked()
    questions = asked()
    assert [sql for sql in questions if "intake_sourcemapping" in sql] == [
        sql for sql in questions if "FOR SHARE OF s" in sql
    ]
    assert not any("intake_referencerow" in sql or "intake_casejoin" in sql for sql in questions)
    assert Source.objects.count() == 2


def test_fields_that_a_message_lacks_come_of_joined_sources_and_harm_no_retry(
    bureau: Caller, admin: User, supervisor: User
) -> None:
    read = {"region": {"column": "bureau.place", "type": "region"}, "industry": {"column": "bureau.trade"}}
    read |= {"applicant.name": {"column": "bureau.name"}, "term_months": {"column": "bureau.months"}}
    mapped.signed("branch-los", {**JOINING, "fields": {**JOINING["fields"], **read}}, by=admin, second=supervisor)
    row = a_row(place="310000", trade="retail", name="李小妮", months="6")
    bureau.post(ROWS, row)
    lacking = {**applied("A-1", region=""), "industry": ""}
    assert bureau.post("/cases", lacking).status_code == 202
    told = joined_fields("A-1", admin)
    assert {name: each[:2] for name, each in told.items()} == {
        "applicant-name": ["李*妮", "bureau.name"],
        "industry": ["retail", "bureau.trade"],
        "region": ["310000", "bureau.place"],
        "channel": ["branch", "--"],
    }
    assert all(
        each[2].startswith("joined: credit-bureau, message of bureau (version 1), as of")
        for name, each in told.items()
        if name != "channel"
    )
    assert "李小妮" not in lineage_page("A-1", admin)
    stated = applied("A-2", region="Zhejiang", industry="farming")
    stated["applicant"]["name"] = "王五"
    assert bureau.post("/cases", stated).status_code == 202

    def fields(ref: str) -> tuple[Any, ...]:
        case = Case.objects.select_related("applicant").get(external_ref=ref)
        return case.region, case.industry, case.term_months

    first = fields("A-1")
    assert first == ("310000", "retail", lacking["term_months"])
    assert fields("A-2") == ("Zhejiang", "farming", stated["term_months"])
    took = CaseJoin.objects.get(case__external_ref="A-1").features
    assert [name for name in took if "." in name] == ["case.applicant.name", "case.industry", "case.region"]
    assert {tuple(each[1:]) for each in joined_fields("A-2", admin).values()} == {
        ("--", "text, without signs that nobody sees")
    }
    bureau.post(ROWS, a_row("2026-01-05T09:29:59.5+08:00", 700, place="no such place"))
    # The retry is a duplicate, whatever is known meanwhile; a field that cannot be read is missing and waits.
    assert (bureau.post("/cases", lacking).status_code, fields("A-1")) == (200, first)
    answer = bureau.post("/cases", {**lacking, "external_ref": "A-3"}).json()
    assert (answer["state"], fields("A-3")[:2]) == ("needs_data", ("", ""))
    found = Case.objects.get(external_ref="A-3").findings
    assert [(each["feature"], each["code"]) for each in found if each["code"] == "joined_unreadable"] == [
        ("case.region", "joined_unreadable")
    ]


def test_a_joined_number_in_another_currency_than_the_case_waits_for_a_person(joined: Caller) -> None:
    joined.post(ROWS, a_row(score="USD 610"))  # type: ignore[arg-type]
    assert joined.post("/cases", applied("A-1")).json()["state"] == "needs_data"
    assert added("A-1")["bureau_score"] is None
    assert joined.post("/cases", applied("A-2", currency="USD")).status_code == 202
    assert added("A-2")["bureau_score"] == 610
