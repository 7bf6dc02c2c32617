"""The page of quality rules: what is typed outlives a refusal, another language and a reload; versions are compared."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import expect

from cases.models import User
from intake.gate.rule_sets import set_rules
from intake.models import RuleSet
from tests.browser.conftest import Opens
from tests.browser.test_looks import too_wide, violations

RULES = "features:\n  age:\n    words: {en: Age, zh: 年龄}\n    minimum: 18\n"
REASON = "agreed with the committee"
PLACE = "/quality/rules?product=consumer&source=branch"


def test_rules_half_written_outlive_a_refusal_another_language_and_a_reload(
    transactional_db: None, opens: Opens, admin: User
) -> None:
    person = opens()
    page = person.page
    person.signs_in("admin")
    page.goto(PLACE)
    page.locator("#text").fill("features: [broken")
    page.locator("#reason").fill(REASON)
    page.get_by_role("button", name="Set the rules").click()
    expect(page.locator("#text-problem")).to_be_visible()
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    assert page.url.endswith(PLACE)
    expect(page.locator("#text")).to_have_value("features: [broken")
    page.locator("#text").fill(RULES)
    page.reload()
    expect(page.locator("#text")).to_have_value(RULES)
    expect(page.locator("#reason")).to_have_value(REASON)
    # Somebody else sets rules meanwhile: what is typed was written over none.
    theirs = set_rules("consumer", "branch", RULES.replace("18", "21"), by=admin, reason=REASON)
    page.reload()
    page.locator("form[data-draft] button[type=submit]").click()
    expect(page.locator("#over-problem")).to_be_visible()
    expect(page.locator("#text")).to_have_value(RULES)
    expect(page.locator("#version")).to_contain_text("minimum: 21")
    assert list(RuleSet.objects.all()) == [theirs]
    page.locator("[name=over]").check()
    page.locator("form[data-draft] button[type=submit]").click()
    expect(page.locator("#over-problem")).to_have_count(0)
    assert [row.number for row in RuleSet.objects.all()] == [1, 2]
    page.reload()
    expect(page.locator("#text")).to_have_value(RULES.strip())
    expect(page.locator("#reason")).to_have_value("")


@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "dark"), ("en", "light")])
def test_a_version_is_opened_with_what_differs_from_the_one_before(
    transactional_db: None, opens: Opens, admin: User, auditor: User, language: str, theme: str
) -> None:
    for least in ("18", "21"):
        set_rules("consumer", "branch", RULES.replace("18", least), by=admin, reason=REASON)
    person = opens(language=language, theme=theme)
    page = person.page
    person.signs_in("auditor")
    page.goto(PLACE)
    page.locator("tbody a").first.click()
    expect(page.locator("#version del")).to_have_text("−     minimum: 18")
    expect(page.locator("#version ins")).to_have_text("+     minimum: 21")
    if shots := os.environ.get("SHOTS"):
        page.screenshot(path=f"{shots}/rules-{language}.png", full_page=True)
    assert violations(page) == []
    assert too_wide(page) == []
