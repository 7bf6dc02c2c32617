"""Rules by product and source at the gate: refused, held or marked; mended by a person or sent again by the source."""

from __future__ import annotations

from typing import Any

import pytest

from cases.accounts import create_token
from cases.errors import BadDecision, CaseMoved, NotAllowed
from cases.models import Case, User
from cases.states import State
from intake.gate.held import held_reasons
from intake.gate.rule_sets import rules_of, set_rules, text_in_force
from intake.mending.mending import return_to_source, supply_data
from intake.models import Batch, RejectedRow, RuleSet, Source
from intake.sources.sources import set_source
from tests import make
from tests.api.calls import Caller, a_case, codes, problem
from tests.intake.places import MakeFile
from tests.intake.test_actions import good, table, take_in

REASON = "agreed with the risk committee"
WORDS = "words: {en: Annual income, zh: 年收入}"
REJECTS = f"features: {{annual_income: {{{WORDS}, required: true, severity: reject}}}}"
MARKS = f"features: {{annual_income: {{{WORDS}, usual_maximum: 50000}}}}"
TWICE = "twice: {days: 30, same_amount: false}"


@pytest.fixture
def ingest(db: None) -> Caller:
    return Caller(create_token("los", scopes=["ingest"]))


def test_a_row_that_breaks_a_rejecting_rule_is_refused_with_its_reason(admin: User, make_file: MakeFile) -> None:
    set_rules("consumer", "", REJECTS, by=admin, reason=REASON)
    report = take_in(make_file("a.csv", table("R-1,consumer,5000,24,USD,", good(2))))
    assert (report.accepted, report.rejected, report.held) == (1, 1, 0)
    (error,) = RejectedRow.objects.get().errors
    assert (error["field"], error["code"]) == ("annual_income", "feature_missing")
    assert error["en"] == "Annual income is required for this product and is missing."
    assert error["zh"] == "该产品要求提供年收入，但缺失。"


def test_a_message_that_breaks_a_rejecting_rule_is_answered_with_its_reason(admin: User, ingest: Caller) -> None:
    set_rules("consumer", "", REJECTS, by=admin, reason=REASON)
    refused = problem(ingest.post("/cases", a_case(features={})), 422)
    assert codes(refused["errors"]) == {"annual_income": "feature_missing"}
    assert Case.objects.count() == 0


@pytest.mark.parametrize("named", ["Consumer", "CONSUMER"])
def test_capitals_lead_no_message_around_the_rules_of_its_product(admin: User, ingest: Caller, named: str) -> None:
    set_rules("consumer", "", REJECTS, by=admin, reason=REASON)
    refused = problem(ingest.post("/cases", a_case(product=named, features={})), 422)
    assert codes(refused["errors"]) == {"annual_income": "feature_missing"}
    assert ingest.post("/cases", a_case(product=named, features={"annual_income": 60000})).status_code == 202
    assert Case.objects.get().product == "consumer"


def test_rules_that_were_set_under_capitals_hold_and_are_followed_by_the_next_version(admin: User) -> None:
    RuleSet.objects.create(product="SME", number=1, text=REJECTS, reason=REASON, set_by=admin)
    assert list(rules_of("sme", "branch").features) == list(rules_of("SME", "branch").features) == ["annual_income"]
    assert text_in_force("sme", "branch") == REJECTS
    row = set_rules("SME", "", MARKS, by=admin, reason=REASON, seen=1)
    assert (row.product, row.number) == ("sme", 2)
    assert rules_of("sme", "branch").features["annual_income"].required is False


def test_what_is_only_marked_goes_on_with_its_mark(admin: User, make_file: MakeFile) -> None:
    set_rules("consumer", "", MARKS, by=admin, reason=REASON)
    report = take_in(make_file("a.csv", table(good(1))))
    case = Case.objects.get()
    assert (case.state, report.held) == ("received", 0)
    assert [(each["code"], each["severity"]) for each in case.findings] == [("feature_unusual", "mark")]
    assert Batch.objects.get().marked == 1


def test_of_a_source_of_limited_trust_a_mark_is_reason_to_wait(admin: User, make_file: MakeFile) -> None:
    set_rules("consumer", "", MARKS, by=admin, reason=REASON)
    Source.objects.create(slug="branch")
    set_source("branch", by=admin, reason=REASON, changes={"trust": "limited"})
    assert take_in(make_file("a.csv", table(good(1)))).held == 1
    assert Case.objects.get().state == "needs_data"


def test_rules_of_one_source_hold_for_it_alone_and_end_with_an_empty_text(admin: User) -> None:
    set_rules("consumer", "branch", REJECTS, by=admin, reason=REASON)
    assert list(rules_of("consumer", "branch").features) == ["annual_income"]
    assert "interest_rate" in rules_of("consumer", "web").features
    assert text_in_force("consumer", "branch") == REJECTS
    set_rules("consumer", "branch", "", by=admin, reason=REASON)
    assert rules_of("consumer", "branch") == rules_of("consumer", "web")
    assert list(RuleSet.objects.values_list("number", flat=True)) == [1, 2]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "short"}, "reason"),
        ({"product": "two words"}, "product"),
        ({"source": "two words"}, "source"),
        ({"text": "features: [x]"}, "text"),
        ({"text": "["}, "text"),
        ({"text": "x" * 100_001}, "text"),
    ],
)
def test_rules_that_cannot_be_used_are_refused_and_named(admin: User, changes: dict[str, str], field: str) -> None:
    given = {"product": "consumer", "source": "", "text": MARKS, "reason": REASON, **changes}
    with pytest.raises(BadDecision) as refusal:
        set_rules(given["product"], given["source"], given["text"], by=admin, reason=given["reason"])
    assert refusal.value.field == field
    assert not RuleSet.objects.exists()


def test_only_an_administrator_sets_rules(supervisor: User) -> None:
    with pytest.raises(NotAllowed):
        set_rules("consumer", "", MARKS, by=supervisor, reason=REASON)


def test_an_applicant_who_applies_twice_is_held_also_within_one_file(admin: User, make_file: MakeFile) -> None:
    set_rules("consumer", "", TWICE, by=admin, reason=REASON)
    header = "id,applicant_id,applicant_name,product,amount,term,currency,applied\n"
    rows = [f"R-{n},P-{n // 2},张三,consumer,{5000 + n},24,USD,2026-01-0{1 + n}\n" for n in range(3)]
    take_in(make_file("a.csv", header + "".join(rows)))
    states = dict(Case.objects.values_list("external_ref", "state"))
    assert states == {"R-0": "needs_data", "R-1": "needs_data", "R-2": "received"}
    take_in(make_file("b.csv", header + "R-3,P-1,张三,consumer,9000,24,USD,2026-01-09\n"))
    assert Case.objects.get(external_ref="R-3").findings[0]["code"] == "applied_twice"


def test_who_has_looked_lets_a_second_application_through_with_a_reason(reviewer: User, admin: User) -> None:
    finding = {"feature": "applicant", "code": "applied_twice", "params": {}, "severity": "hold", "en": "x", "zh": "y"}
    case = make.case("A-1", findings=[finding])
    assert case.state == State.NEEDS_DATA
    after = supply_data(case.pk, by=reviewer, values={}, reason="two cars, two loans", seen_version=case.version)
    assert (after.state, after.findings) == ("received", [])


def held(ingest: Caller) -> Case:
    ingest.post("/cases", a_case("A-1", features={"annual_income": -1}))
    found: Case = Case.objects.get()
    assert found.state == State.NEEDS_DATA
    return found


def test_a_returned_case_is_sent_again_and_what_stood_there_is_kept(ingest: Caller, reviewer: User) -> None:
    case = held(ingest)
    returned = return_to_source(case.pk, by=reviewer, reason="the income is below zero", seen_version=case.version)
    assert (returned.state, returned.findings[-1]["code"]) == ("needs_data", "returned_to_source")
    with pytest.raises(CaseMoved):
        return_to_source(case.pk, by=reviewer, reason="the income is below zero", seen_version=returned.version)
    mended = a_case("A-1", amount="110000.00", features={"annual_income": 90_000})
    answer = ingest.post("/cases", mended)
    assert (answer.status_code, answer.json()) == (202, {"ref": case.ref, "state": "received"})
    now = make.reread(case)
    assert (now.features, float(now.amount), now.findings) == ({"annual_income": 90_000}, 110_000, [])
    event = now.events.get(name="resubmit")
    assert event.facts["before"] == {"annual_income": -1, "amount": 120_000}
    assert event.facts["after"] == {"annual_income": 90_000, "amount": 110_000}
    # A client that sends everything twice, the old content too.
    assert ingest.post("/cases", mended).status_code == 200
    assert ingest.post("/cases", a_case("A-1", features={"annual_income": -1})).status_code == 409
    assert make.reread(case).version == now.version


def test_what_is_sent_again_twice_at_once_is_a_duplicate_of_itself(ingest: Caller, reviewer: User) -> None:
    case = held(ingest)
    return_to_source(case.pk, by=reviewer, reason="the income is below zero", seen_version=case.version)
    mended = a_case("A-1", features={"annual_income": 90_000})
    answer = ingest.post("/cases/batch", [mended, mended]).json()
    assert (answer["accepted"], answer["duplicates"], answer["rejected"]) == (1, 1, [])
    assert make.reread(case).features == {"annual_income": 90_000}
    # Of two contents the first counts.
    ingest.post("/cases", a_case("A-2", features={"annual_income": -1}))
    second = Case.objects.get(external_ref="A-2")
    return_to_source(second.pk, by=reviewer, reason="the income is below zero", seen_version=second.version)
    told = [a_case("A-2", features={"annual_income": income}) for income in (70_000, 80_000)]
    answer = ingest.post("/cases/batch", told).json()
    assert (answer["accepted"], answer["duplicates"]) == (1, 0)
    assert [(each["index"], each["errors"][0]["code"]) for each in answer["rejected"]] == [(1, "reference_reused")]
    assert "annual_income" in answer["rejected"][0]["errors"][0]["en"]
    assert make.reread(second).features == {"annual_income": 70_000}
    # Somebody else's before it takes nobody's place.
    ingest.post("/cases", a_case("A-3", features={"annual_income": -1}))
    third = Case.objects.get(external_ref="A-3")
    return_to_source(third.pk, by=reviewer, reason="the income is below zero", seen_version=third.version)
    others: dict[str, Any] = {"id": "another", "name": "李四"}
    pair = [a_case("A-3", applicant=others), a_case("A-3", features={"annual_income": 60_000})]
    answer = ingest.post("/cases/batch", pair).json()
    assert (answer["accepted"], [each["index"] for each in answer["rejected"]]) == (1, [0])
    assert make.reread(third).features == {"annual_income": 60_000}


def test_what_is_sent_again_and_still_not_good_is_held_again(ingest: Caller, reviewer: User) -> None:
    case = held(ingest)
    return_to_source(case.pk, by=reviewer, reason="the income is below zero", seen_version=case.version)
    answer = ingest.post("/cases", a_case("A-1", features={"annual_income": 0}))
    assert answer.json()["state"] == "needs_data"
    now = make.reread(case)
    assert [event.name for event in now.events.all()] == ["receive", "hold", "return_to_source", "resubmit", "hold"]
    assert [finding["code"] for finding in now.findings] == ["feature_out_of_range"]


def test_nobody_elses_case_takes_the_place_of_what_was_returned(ingest: Caller, reviewer: User) -> None:
    case = held(ingest)
    returned = return_to_source(case.pk, by=reviewer, reason="the income is below zero", seen_version=case.version)
    other: dict[str, Any] = {"id": "another", "name": "李四"}
    answer = ingest.post("/cases", a_case("A-1", applicant=other, features={"annual_income": 9_000}))
    assert answer.status_code == 409
    assert make.reread(case).version == returned.version


def test_a_case_that_was_not_returned_is_not_replaced(ingest: Caller) -> None:
    case = held(ingest)
    assert ingest.post("/cases", a_case("A-1", features={"annual_income": 9_000})).status_code == 409
    assert make.reread(case).version == case.version


def test_what_is_held_is_counted_by_source_and_reason(ingest: Caller, admin: User) -> None:
    held(ingest)
    ingest.post("/cases", a_case("A-2", features={"annual_income": -2}))
    ingest.post("/cases", a_case("A-3", features={}))
    counted = [(each.source, each.code, each.cases) for each in held_reasons()]
    assert counted == [("branch-los", "feature_out_of_range", 2), ("branch-los", "feature_missing", 1)]
