"""The pages of the quality rules, and the list of what is held and why."""

from __future__ import annotations

import pytest

from cases.models import User
from intake.models import RuleSet
from tests import make
from tests.desk.conftest import SignsIn
from tests.desk.ground import held_case

REASON = "agreed with the committee"
RULES = "features: {age: {words: {en: Age, zh: 年龄}, minimum: 18}}"


@pytest.mark.parametrize(("language", "words"), [("en", "all sources"), ("zh-hans", "全部来源")])
def test_rules_are_listed_opened_and_set_with_a_reason(
    admin: User, signs_in: SignsIn, language: str, words: str
) -> None:
    client = signs_in(admin, language)
    assert words in client.get("/quality").content.decode()
    assert "annual_income" in client.get("/quality/rules?product=consumer").content.decode()
    form = {"product": "consumer", "source": "branch", "text": RULES, "reason": REASON}
    assert client.post("/quality/rules/set", form)["Location"] == "/quality/rules?product=consumer&source=branch"
    assert RuleSet.objects.get().text == RULES
    page = client.get("/quality/rules?product=consumer&source=branch").content.decode()
    assert REASON in page
    assert "minimum: 18" in page


def test_rules_that_are_not_understood_are_kept_on_the_form_with_the_reason(admin: User, signs_in: SignsIn) -> None:
    form = {"product": "consumer", "source": "", "text": "features: {age: {needed: true}}", "reason": REASON}
    answer = signs_in(admin).post("/quality/rules/set", form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "features.age: needed is not known here." in page
    assert "needed: true" in page
    assert not RuleSet.objects.exists()


def test_who_only_reads_finds_no_button(auditor: User, signs_in: SignsIn) -> None:
    client = signs_in(auditor)
    assert 'name="reason"' not in client.get("/quality/rules?product=consumer").content.decode()
    assert client.post("/quality/rules/set", {}).status_code == 403


def test_held_data_is_counted_by_reason_and_filtered(reviewer: User, signs_in: SignsIn) -> None:
    low, missing = held_case("H-1", annual_income=0), held_case("H-2", annual_income=None)
    client = signs_in(reviewer)
    page = client.get("/held").content.decode()
    assert "Completeness: a value is missing" in page
    only = client.get("/held?source=branch-los&code=feature_missing").content.decode()
    assert missing.ref in only
    assert low.ref not in only


def test_a_held_case_is_returned_to_its_source(reviewer: User, auditor: User, signs_in: SignsIn) -> None:
    held = held_case(annual_income=0)
    client = signs_in(reviewer)
    assert "Return to the source" in client.get(f"/held/{held.ref}").content.decode()
    assert "Return to the source" not in signs_in(auditor).get(f"/held/{held.ref}").content.decode()
    refused = client.post(f"/held/{held.ref}/return", {"reason": "short", "version": held.version})
    assert refused.status_code == 422
    assert make.reread(held).version == held.version
    form = {"reason": "the income is not possible", "version": held.version}
    assert client.post(f"/held/{held.ref}/return", form)["Location"] == "/held"
    page = client.get(f"/held/{held.ref}").content.decode()
    assert "It was returned to its source" in page
    assert "Return to the source" not in page


def test_a_mark_is_shown_beside_the_facts_and_holds_nothing(reviewer: User, signs_in: SignsIn) -> None:
    mark = {
        "feature": "age",
        "code": "feature_unusual",
        "params": {},
        "severity": "mark",
        "en": "Age is 99.",
        "zh": "年",
    }
    case = make.case("A-1", findings=[mark])
    assert case.state == "received"
    assert "Age is 99." in signs_in(reviewer).get(f"/review/{case.ref}").content.decode()
