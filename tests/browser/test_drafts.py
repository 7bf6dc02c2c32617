"""A half-written decision outlives a reload and a change of the language, in its tab and for its case only."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from cases.models import User
from routing.models import Policy
from tests import make
from tests.browser.conftest import Opens
from tests.browser.person import Person

NOTE = "The debts take half of the income."
KEPT = "Object.keys(sessionStorage).filter((key) => key.startsWith('draft '))"


def kept(page: Page) -> list[str]:
    found: list[str] = page.evaluate(KEPT)
    return found


def write_draft(person: Person) -> None:
    person.page.locator(".choice-decline").click()
    person.page.locator("[name=reason_codes][value=high_debt]").check()
    person.page.locator("#note").fill(NOTE)


def expect_draft(page: Page) -> None:
    expect(page.locator("[name=decision]:checked")).to_have_value("decline")
    expect(page.locator("[name=reason_codes]:checked")).to_have_count(1)
    expect(page.locator("[name=reason_codes][value=high_debt]")).to_be_checked()
    expect(page.locator("[name=reason_codes][value=stable_income]")).to_be_disabled()
    expect(page.locator("#note")).to_have_value(NOTE)


@pytest.fixture
def person(opens: Opens, ground: Policy, reviewer: User) -> Person:
    make.cases(2)
    make.run_machine()
    somebody = opens()
    somebody.signs_in("reviewer")
    somebody.starts()
    return somebody


def test_a_draft_outlives_a_reload_and_a_change_of_the_language_until_it_is_decided(person: Person) -> None:
    page, ref = person.page, person.ref
    write_draft(person)
    page.reload()
    expect_draft(page)
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect_draft(page)
    expect(page.locator("[data-decision-hint]")).not_to_be_empty()
    assert kept(page) == [f"draft {ref} "]
    person.reads()
    page.locator("[data-confirm]").click()
    following = person.sees_next_after(ref)
    assert following != ref
    assert kept(page) == []
    expect(page.locator("#note")).to_have_value("")
    expect(page.locator("[name=decision]:checked")).to_have_count(0)


def test_a_note_sent_from_its_field_is_not_left_over_for_the_next_case(person: Person) -> None:
    page, ref = person.page, person.ref
    person.press("x", "1", "m")
    person.write(NOTE)
    person.press("Control+Enter")
    person.sees_next_after(ref)
    assert kept(page) == []
    expect(page.locator("#note")).to_have_value("")
    expect(page.locator("[name=decision]:checked, [name=reason_codes]:checked")).to_have_count(0)


def test_a_refused_draft_is_kept_and_an_emptied_one_is_not(person: Person) -> None:
    page = person.page
    page.locator(".choice-decline").click()
    page.locator("#note").fill("too short")
    person.reads()
    page.locator("[data-confirm]").click()
    expect(page.locator("#reason_codes-problem")).to_be_visible()
    page.reload()
    expect(page.locator("#note")).to_have_value("too short")
    expect(page.locator("[name=decision]:checked")).to_have_value("decline")
    page.locator("#note").fill("")
    page.locator("#case-title").focus()
    person.press("Escape")
    expect(page.locator("[name=decision]:checked")).to_have_count(0)
    assert kept(page) == []


def test_a_draft_is_forgotten_when_the_case_is_released(person: Person) -> None:
    write_draft(person)
    assert len(kept(person.page)) == 1
    person.page.get_by_role("button", name="Release").click()
    person.page.wait_for_url("**/review?view=open")
    assert kept(person.page) == []


def test_a_draft_is_forgotten_when_its_writer_signs_out(person: Person) -> None:
    write_draft(person)
    person.page.locator("[data-person-menu] summary").click()
    person.page.get_by_role("button", name="Sign out").click()
    person.page.wait_for_url("**/login")
    assert kept(person.page) == []


def test_another_tab_knows_nothing_of_a_draft(person: Person) -> None:
    write_draft(person)
    other = person.page.context.new_page()
    other.goto(person.page.url)
    expect(other.locator("#note")).to_have_value("")
    expect(other.locator("[name=decision]:checked")).to_have_count(0)
