"""The page of a case: figures that add up, facts with their source, and the right foot in every state."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.utils import timezone, translation

from cases import actions
from cases.models import Case, CaseEvent, User
from cases.states import State
from desk import charts
from desk.build.assessment import assessment_of, margin_words
from desk.build.facts import fact_groups
from desk.dossier import open_dossier
from intake.gate.rule_sets import set_rules
from routing.models import Policy
from tests import make
from tests.desk.conftest import SignsIn

BOATS = "features: {length: {words: {en: Length, zh: 长度}, required: true, severity: hold}}"
DERIVED = ["applicant.name", "applicant.key_customer", "applied_at", "external_ref"]


def printed(text: str) -> Decimal:
    return Decimal(text.replace("−", "-").removesuffix("%"))


def text_of(page: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page)))


@pytest.mark.parametrize(("low", "high", "text"), [(0.10, 0.12, "(545–551)"), (0.02, 0.02, "(599–599)")])
def test_the_range_of_a_score_is_told_by_its_two_ends(low: float, high: float, text: str) -> None:
    assert margin_words(low, high) == text


def test_a_score_stands_inside_its_range_on_every_page(
    ground: Policy, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    case, _review = make.awaiting_case(reviewer)
    waiting = make.queued_case("A-2")
    client = signs_in(supervisor)
    for path in (f"/review/{case.ref}", f"/signoff/{case.ref}", "/review", f"/review/{waiting.ref}"):
        found = re.search(r"\b(\d+) +\((\d+)–(\d+)\)", text_of(client.get(path).content.decode()))
        assert found, path
        points, low, high = map(int, found.groups())
        assert low <= points <= high
        assert low < high
    assert high == round(charts.points_of(waiting.pd_low or 0))


def test_the_steps_of_every_explanation_sum_to_the_printed_difference(ground: Policy) -> None:
    for number in range(25):
        rate, income = 5 + number, 20_000 + 7_000 * number
        features = {**make.CLEAR_FEATURES, "interest_rate": rate, "annual_income": income, "inquiries_12m": number % 6}
        make.case(f"W-{number}", features=features)
    make.run_machine()
    for case in Case.objects.all():
        shown = assessment_of(open_dossier(case))
        assert shown is not None
        assert shown.why is not None
        assert (shown.why.pd, shown.why.base_pd) == (shown.pd, shown.book_pd)
        for drawn in (shown.why, shown.cohort):
            assert drawn is not None
            assert drawn.others is not None
            steps = [printed(points) for points in (*(reason.points for reason in drawn.reasons), drawn.others.points)]
            assert sum(steps) == printed(drawn.pd) - printed(drawn.base_pd), case


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_fact_has_a_source_and_a_date_and_what_we_derived_is_marked(
    language: str, ground: Policy, reviewer: User, signs_in: SignsIn
) -> None:
    features = {**make.CLEAR_FEATURES, "purpose": "credit_card", "credit_utilisation": None, "shoe_size": 43.5}
    case = make.queued_case("F-1", features=features, derived=DERIVED)
    with translation.override(language):
        groups = fact_groups(open_dossier(case))
    facts = {fact.name: fact for group in groups for fact in group.facts}
    assert len(facts) == sum(len(group.facts) for group in groups)
    for fact in facts.values():
        assert fact.value
        assert fact.norm
        assert fact.source
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", fact.as_of)
        assert fact.missing == (fact.value == "--") == bool(fact.why)
    marked = {name for name, fact in facts.items() if fact.derived}
    assert marked == {"loan_to_income", "instalment_to_income", *(name.replace(".", "-") for name in DERIVED)}
    assert facts["amount"].value == "$8,000"
    assert facts["interest_rate"].value == "7.5%"
    assert facts["shoe_size"].value == "43.5"
    assert (facts["annual_income"].peers[0], facts["shoe_size"].peers) == ("$", "")
    page = text_of(signs_in(reviewer, language).get(f"/review/{case.ref}").content.decode())
    words = {
        "en": ["Derived by us, not supplied by the lender", "name derived", "credit card", "-- (not supplied)"],
        "zh-hans": ["由本系统推导，机构未提供", "姓名为推导", "偿还信用卡", "--（未提供）"],
    }
    for expected in words[language]:
        assert expected in page


def test_what_the_lender_supplied_is_not_called_derived(ground: Policy, reviewer: User, signs_in: SignsIn) -> None:
    case = make.queued_case()
    page = text_of(signs_in(reviewer).get(f"/review/{case.ref}").content.decode())
    assert "Derived by us" not in page
    assert "name derived" not in page


def foot(page: str) -> str:
    return text_of(re.split(r'class="decide"', page, maxsplit=1)[1].split("</article>")[0])


def test_the_foot_says_what_can_be_done_in_every_state(
    ground: Policy, reviewer: User, second_reviewer: User, supervisor: User, auditor: User, signs_in: SignsIn
) -> None:
    received, held = make.case("R-1"), make.case("R-2", findings=[])
    assert (received.state, held.state) == (State.RECEIVED, State.RECEIVED)
    client, boss = signs_in(reviewer), signs_in(supervisor)

    def shown(case: Case, by: object = client) -> str:
        return foot(by.get(f"/review/{case.ref}").content.decode())  # type: ignore[attr-defined]

    page = text_of(client.get(f"/review/{received.ref}").content.decode())
    assert "The machine has not assessed this case yet." in page
    queued = make.queued_case("Q-1")
    assert "Claim this case" in shown(queued)
    assert "Withdraw" in shown(queued, boss)
    assert "Withdraw" not in shown(queued)
    assert "Take over" not in shown(queued, boss)
    assert "You read this case; you cannot change it." in shown(queued, signs_in(auditor))
    mine = actions.claim_case(queued.pk, by=reviewer)
    assert "An approval needs a second signature" in shown(mine)
    assert "reviewer is reviewing this case." in shown(mine, signs_in(second_reviewer))
    assert "Take over" in shown(mine, boss)
    assert "Take over" not in shown(mine, signs_in(second_reviewer))
    awaiting, _review = make.awaiting_case(reviewer, "Q-2")
    assert "Nothing has changed since the decision." in shown(awaiting)
    assert "Why a signature is needed Key customer: always reviewed by a person Approve reviewer" in shown(awaiting)
    assert "Open sign-off" in shown(awaiting, boss)
    assert "Open sign-off" not in shown(awaiting)


def test_a_decision_that_holds_is_worded_as_one(
    champion: object, policy: Policy, reviewer: User, signs_in: SignsIn
) -> None:
    by_machine = make.case("M-1")
    make.run_machine()
    assert make.reread(by_machine).state == State.APPROVED
    assert "Approved Machine" in foot(signs_in(reviewer).get(f"/review/{by_machine.ref}").content.decode())


def test_a_case_parked_without_a_score_says_why(ground: Policy, reviewer: User, signs_in: SignsIn) -> None:
    case = make.queued_case("P-1", product="boat_loan", features={"length": 12})
    page = text_of(signs_in(reviewer).get(f"/review/{case.ref}").content.decode())
    assert "No score No model is in force for this product" in page
    assert "No quality rules are set for this product" in page
    assert "Other facts, not read by the model" in page
    row = text_of(signs_in(reviewer).get("/review").content.decode())
    assert "boat loan" in row


def test_rules_that_somebody_set_are_rules_of_the_cases_that_came_after_them(
    ground: Policy, reviewer: User, admin: User, signs_in: SignsIn
) -> None:
    def told(ref: str) -> str:
        return text_of(signs_in(reviewer).get(f"/review/{ref}").content.decode())

    before = make.queued_case("P-1", product="boat_loan", features={"length": 12})
    set_rules("boat_loan", "", BOATS, by=admin, reason="Boats have a length.")
    after = make.queued_case("P-2", product="boat_loan", features={"length": 12})
    assert "No quality rules are set for this product" in told(before.ref)
    assert "The data passed the quality rules" in told(after.ref)
    set_rules("boat_loan", "", "", by=admin, reason="Boats have no rules any more.")
    later = make.queued_case("P-3", product="boat_loan", features={"length": 12})
    assert "No quality rules are set for this product" in told(later.ref)


def test_markup_in_what_a_lender_sent_stays_text(ground: Policy, reviewer: User, signs_in: SignsIn) -> None:
    bad = "<img src=x onerror=alert(1)>\"'&"
    case = make.queued_case(
        "X-1", applicant_name=bad, region=bad[:40], features={**make.CLEAR_FEATURES, "job_title": bad}
    )
    for path in (f"/review/{case.ref}", "/review", "/cases"):
        assert "<img src=x" not in signs_in(reviewer).get(path).content.decode()


def test_the_wish_for_no_automated_decision_is_told_in_chinese(champion: object, policy: Policy) -> None:
    features = {**make.CLEAR_FEATURES, "no_automated_decision": "true"}
    made = make.queued_case("O-1", key_customer=False, features=features)
    with translation.override("zh-hans"):
        told = {fact.words: fact.value for group in fact_groups(open_dossier(made)) for fact in group.facts}
    assert told["拒绝自动化决策"] == "是"


def test_the_age_that_most_facts_have_is_said_once_and_another_where_it_is(
    ground: Policy, reviewer: User, signs_in: SignsIn
) -> None:
    case = make.queued_case("F-2", applied_at=timezone.now() - timedelta(days=40, hours=1))
    client, told = signs_in(reviewer), "(40 days old) where a row says nothing else"
    for path in (f"/review/{case.ref}", f"/review/{case.ref}/print"):
        page = text_of(client.get(path).content.decode())
        assert page.count("40 days old") == page.count(told) == 1
    facts = {"before": {"annual_income": 1}, "after": {"annual_income": 60_000}, "reason": "the tax return"}
    mended = CaseEvent(case=case, name="supply_data", at=timezone.now(), actor=reviewer, facts=facts)
    dossier = replace(open_dossier(case), events=(mended,))
    rows = [fact for group in fact_groups(dossier, reviewer) for fact in group.facts if fact.age]
    assert [(fact.name, fact.age) for fact in rows] == [("annual_income", "today")]


def test_until_when_a_case_is_held_reads_as_a_time_of_day_before_any_script_runs(
    ground: Policy, reviewer: User, signs_in: SignsIn
) -> None:
    case = make.claimed_case(reviewer)
    for language, words in (("en", "until "), ("zh-hans", "至 ")):
        page = signs_in(reviewer, language).get(f"/review/{case.ref}").content.decode()
        (clock,) = re.findall(r"data-lease-clock>([^<]*)<", page)
        assert re.fullmatch(words + r"\d\d:\d\d", clock)
