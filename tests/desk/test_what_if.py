"""What would change the model's answer: on the page of a case, when somebody asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from cases import actions
from cases.models import Case, User
from routing.models import Policy
from scoring.models import Assessment
from scoring.queries import reasons_hold, what_would_change
from scoring.registry import load_by_hash
from tests import make
from tests.desk.conftest import SignsIn
from tests.desk.ground import reassessed
from tests.desk.test_case_page import text_of

RISKY = {**make.CLEAR_FEATURES, "interest_rate": 14.0, "sub_grade": 13, "annual_income": 45_000}


def part(client: Client, case: Case) -> str:
    answer = client.get(f"/review/{case.ref}/what-if", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "HX-Request" in answer["Vary"]
    page = answer.content.decode()
    assert "<html" not in page
    return text_of(page)


@pytest.fixture
def risky(champion: object, admin: User, supervisor: User) -> Case:
    """A case just above the PD at which the machine may approve."""
    first = make.case("A-0", features=RISKY, amount=20_000)
    make.run_machine()
    pd = Assessment.objects.get(case=first).pd
    line = pd - 0.002
    make.policy(admin, supervisor, audit_share=1.0, approve_below=line, cut_off=pd + 0.05, decline_above=pd + 0.1)
    return make.queued_case("A-1", features=RISKY, amount=20_000)


def test_the_model_is_asked_on_demand_and_answers_what_it_would_say_itself(
    risky: Case, reviewer: User, signs_in: SignsIn
) -> None:
    client = signs_in(reviewer)
    page = client.get(f"/review/{risky.ref}").content.decode()
    assert f'href="/review/{risky.ref}/what-if"' in page
    assert f'hx-get="/review/{risky.ref}/what-if" hx-target="#what-if"' in page
    assert "It is no promise." not in page
    shown = part(client, risky)
    found = Assessment.objects.select_related("model").get(case=risky)
    line = found.pd - 0.002
    changes = what_would_change(found, line)
    assert changes
    champion = load_by_hash(found.model.sha256)
    assert f"Below a PD of {line:.1%} the machine may approve." in shown
    assert "Only the model's answer would change. It is no promise." in shown
    for change in changes:
        assert change.pd < line
        assert f"{change.text(champion.table, 'en')} PD {change.pd:.1%}" in shown


def test_without_a_script_the_whole_page_answers(risky: Case, reviewer: User, signs_in: SignsIn) -> None:
    page = signs_in(reviewer).get(f"/review/{risky.ref}/what-if").content.decode()
    assert "<html" in page
    assert "It is no promise." in text_of(page)
    chinese = text_of(signs_in(reviewer, "zh-hans").get(f"/review/{risky.ref}/what-if").content.decode())
    assert "并非承诺" in chinese
    assert "Loan amount" not in chinese


def test_a_reason_that_the_model_does_not_bear_out_is_named(risky: Case, reviewer: User, signs_in: SignsIn) -> None:
    client = signs_in(reviewer)
    found = Assessment.objects.select_related("model").get(case=risky)
    norm = found.model.norms["inquiries_12m"]
    idle = {
        "code": "inquiries",
        "direction": "up",
        "contribution": 0.1,
        "pd_points": 0.5,
        "features": ["inquiries_12m"],
        "value": norm,
        "norm": norm,
    }
    names = [feature["name"] for feature in found.model.feature_table["features"]]
    values = [norm if name == "inquiries_12m" else value for name, value in zip(names, found.values, strict=True)]
    later = reassessed(risky, reasons=[idle], values=values)
    assert reasons_hold(later, later.reasons) == [False]
    shown = part(client, risky)
    assert f"Not borne out by the model Credit inquiries in the last 12 months: {norm:.0f}" in shown
    assert "At its usual value the PD would not fall." in shown


def test_a_refused_artefact_is_a_sentence_and_no_error(
    risky: Case, reviewer: User, signs_in: SignsIn, settings: Any, tmp_path: Path
) -> None:
    settings.ARTEFACTS = tmp_path
    assert "is missing or cannot be read." in part(signs_in(reviewer), risky)
    assert "文件缺失或无法读取" in part(signs_in(reviewer, "zh-hans"), risky)


def test_where_nothing_can_be_asked_the_part_says_why(ground: Policy, reviewer: User, signs_in: SignsIn) -> None:
    fresh = make.case("N-1")
    assert "The machine has not assessed this case yet." in part(signs_in(reviewer), fresh)
    parked = make.queued_case("N-2", product="boat_loan", features={"length": 12})
    assert "The machine has not assessed this case yet." in part(signs_in(reviewer), parked)


def test_what_is_out_of_reach_is_said_to_be(
    champion: object, admin: User, supervisor: User, reviewer: User, signs_in: SignsIn
) -> None:
    make.policy(admin, supervisor, audit_share=1.0, approve_below=1e-6, cut_off=1e-5, decline_above=1e-4)
    case = make.queued_case()
    shown = part(signs_in(reviewer), case)
    assert "the machine no longer declines." in shown
    assert "No feasible change was found that would carry the case over this line." in shown


def test_a_closed_case_offers_no_question_but_answers_one(
    risky: Case, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    client = signs_in(reviewer)
    assert "Ask the model" in client.get(f"/review/{risky.ref}").content.decode()
    actions.withdraw_case(risky.pk, by=supervisor, note="the applicant went elsewhere")
    assert "Ask the model" not in client.get(f"/review/{risky.ref}").content.decode()
    assert "It is no promise." in part(client, risky)


def test_the_question_costs_no_more_queries_than_a_page(
    risky: Case, reviewer: User, signs_in: SignsIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = signs_in(reviewer)
    with django_assert_max_num_queries(10):
        part(client, risky)
