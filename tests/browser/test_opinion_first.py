"""A blind case by keyboard: lean and band, then the model's part, then the decision; nothing leaks by a draft."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from cases.models import Opinion, User
from desk.words import percent
from routing.models import Policy
from tests import make
from tests.browser.conftest import Opens
from tests.browser.test_by_keyboard import counts_mouse, state_of
from tests.browser.test_looks import violations


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_blind_case_is_judged_then_decided_by_keys_alone(
    language: str, opens: Opens, ground: Policy, admin: User, reviewer: User
) -> None:
    make.desk_rules(admin, opinion_share=1.0)
    first = make.queued_case("O-1", key_customer=False)
    make.cases(1)
    make.run_machine()
    person = opens(language=language, reduced_motion="reduce")
    counts_mouse(person)
    person.signs_in("reviewer")
    assert person.starts() == first.ref
    page = person.page
    pd = percent(first.pd)
    expect(page.locator("form[data-opinion]")).to_be_visible()
    assert pd not in page.content()
    assert violations(page) == []
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert violations(page, {"runOnly": {"type": "rule", "values": ["color-contrast"]}}) == []
    person.press("Enter")
    expect(page.locator("[name=lean]").first).to_be_focused()
    person.press("x", "3", "Escape")
    expect(page.locator("[data-opinion] :checked[type=radio]")).to_have_count(0)
    person.press("b")
    expect(page.locator("[name=lean]").first).to_be_focused()
    # A reload brings my choice back, and it is taken for no decision.
    person.press("x", "3")
    page.reload()
    person.reads()
    expect(page.locator("[data-opinion] :checked[type=radio]")).to_have_count(2)
    drafts = page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('draft'))")
    assert drafts == [f"draft {reviewer.pk} /review/{first.ref}/opinion "]
    before = person.presses
    person.press("x", "3", "Enter")
    assert person.presses - before == 3
    expect(page.locator("#model-title")).to_be_focused()
    expect(page.locator(".answer")).to_contain_text(pd)
    kept = {"en": "Your opinion is kept.", "zh-hans": "您的判断已保存"}
    leaned = {"en": "you leaned to decline · PD 5 to 10 %", "zh-hans": "您倾向拒绝 · 违约概率 5 % 至 10 %"}
    expect(page.locator(".leaned")).to_have_text(leaned[language])
    expect(page.locator("#status")).to_contain_text(kept[language])
    expect(page.locator("[name=decision]:checked")).to_have_count(0)
    assert Opinion.objects.values_list("case", "lean", "band").get() == (first.pk, "decline", 3)
    assert state_of(first.ref) == "in_review"
    assert violations(page) == []
    person.reads()
    person.press("a", "Enter")
    person.sees_next_after(first.ref)
    assert state_of(first.ref) == "approved"
    # The next one is blind too, and A is a lean there.
    expect(page.locator("form[data-opinion]")).to_be_visible()
    person.press("a")
    expect(page.locator("[name=lean]:checked")).to_have_value("approve")
    page.set_viewport_size({"width": 380, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
