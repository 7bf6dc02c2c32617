"""The model's part of a case in a browser: asking the model by key, unfolding, and axe on what is then open."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from cases.models import User
from routing.models import Policy
from tests import make
from tests.browser.conftest import Opens
from tests.browser.test_looks import violations


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_w_asks_the_model_in_place_and_what_opens_is_open_to_everybody(
    language: str, opens: Opens, ground: Policy, reviewer: User
) -> None:
    case = make.claimed_case(reviewer)
    person = opens(language=language, reduced_motion="reduce")
    person.signs_in("reviewer")
    person.page.goto(f"/review/{case.ref}")
    answer = person.page.locator("#what-if")
    expect(answer).to_be_empty()
    person.press("w")
    expect(answer).to_contain_text("12.0%")
    assert person.page.url.endswith(case.ref)
    for fold in person.page.locator("details.fold summary").all():
        fold.click()
    found = violations(person.page)
    person.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    found += violations(person.page, {"runOnly": {"type": "rule", "values": ["color-contrast"]}})
    assert found == []
    person.page.set_viewport_size({"width": 380, "height": 900})
    assert person.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_decision_is_taken_by_the_same_keys_after_the_model_was_asked(
    opens: Opens, ground: Policy, reviewer: User
) -> None:
    case = make.claimed_case(reviewer)
    person = opens()
    person.signs_in("reviewer")
    person.page.goto(f"/review/{case.ref}")
    person.press("a", "w")
    expect(person.page.locator("#what-if")).to_contain_text("12.0%")
    person.press("Enter")
    expect(person.page.locator("#status")).to_contain_text(case.ref)
