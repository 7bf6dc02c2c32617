"""The pages of the quality rules, and the list of what is held and why."""

from __future__ import annotations

import pytest
from django.test import Client

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


def set_three(client: Client) -> None:
    for seen, text in enumerate((RULES, RULES.replace("18", "21"), "")):
        form = {"product": "consumer", "source": "branch", "text": text, "reason": REASON, "seen": str(seen)}
        assert client.post("/quality/rules/set", form).status_code == 302


@pytest.mark.parametrize(
    ("language", "differs", "first", "back"),
    [
        (
            "en",
            "What differs from version 1",
            "nobody had set rules here before",
            "it set back to what holds otherwise",
        ),
        ("zh-hans", "与第 1 版的差异", "此前无人在此设置规则", "恢复为通常适用的规则"),
    ],
)
def test_each_version_can_be_opened_with_what_differs(
    admin: User, auditor: User, signs_in: SignsIn, language: str, differs: str, first: str, back: str
) -> None:
    set_three(signs_in(admin))
    client = signs_in(auditor, language)
    place = "/quality/rules?product=consumer&source=branch"
    page = client.get(place).content.decode()
    listed = [f'{place.replace("&", "&amp;")}&amp;version={n}#version"' for n in (1, 2, 3)]
    assert [each in page for each in listed] == [True] * 3
    assert 'id="version"' not in page
    one, two, three = (client.get(f"{place}&version={n}").content.decode() for n in (1, 2, 3))
    assert first in one
    assert differs in two
    assert f"<del>− {RULES}</del>" in two
    assert f"<ins>+ {RULES.replace('18', '21')}</ins>" in two
    assert back in three
    assert [client.get(f"{place}&version={n}").status_code for n in ("4", "0", "x", "9" * 30)] == [404] * 4


def test_the_later_of_two_administrators_is_refused_with_what_was_typed_and_may_put_it_in_place_knowingly(
    admin: User, signs_in: SignsIn
) -> None:
    client, typed = signs_in(admin), RULES.replace("18", "30")
    form = {"product": "consumer", "source": "branch", "text": RULES, "reason": REASON, "seen": "0"}
    assert client.post("/quality/rules/set", form).status_code == 302
    late = {**form, "text": typed}
    for each in (late, {**late, "over": "7"}, {**late, "seen": "x"}):
        answer = client.post("/quality/rules/set", each)
        page = answer.content.decode()
        assert (answer.status_code, RuleSet.objects.count()) == (409, 1)
        assert "Somebody else has set other rules meanwhile. What you wrote is kept here." in page
        assert "minimum: 30" in page
        assert 'name="over" value="1"' in page
        assert RULES in page
    assert client.post("/quality/rules/set", {**late, "over": "1"}).status_code == 302
    assert [row.text for row in RuleSet.objects.order_by("number")] == [RULES, typed]


def test_a_refused_form_stays_at_its_product_and_source(admin: User, signs_in: SignsIn) -> None:
    form = {"product": "consumer", "source": "branch", "text": "features: [", "reason": REASON}
    page = signs_in(admin).post("/quality/rules/set", form).content.decode()
    assert '<input type="hidden" name="next" value="/quality/rules?product=consumer&amp;source=branch">' in page
    assert 'data-draft="consumer branch"' in page


@pytest.mark.parametrize(("language", "told"), [("en", "possible is at least 5."), ("zh-hans", "不得低于 5。")])
def test_findings_of_before_name_no_limit_that_is_none(
    reviewer: User, signs_in: SignsIn, language: str, told: str
) -> None:
    finding = {
        "feature": "age", "code": "feature_out_of_range", "params": {"value": "3"}, "severity": "hold",
        "en": "Age is 3; possible is 5 to inf.", "zh": "年龄为 3；可能的范围是 5 至 inf。",
    }  # fmt: skip
    case = make.case("A-1", findings=[finding])
    client = signs_in(reviewer, language)
    for address in ("/held", f"/held/{case.ref}", f"/review/{case.ref}"):
        page = client.get(address).content.decode()
        assert told in page
        assert " inf" not in page
