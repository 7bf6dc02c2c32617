"""What is half written outlives a reload, another language and a released claim, in its tab and for its writer only."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from cases.models import User
from cases.states import Role
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


def test_a_draft_outlives_a_reload_and_a_change_of_the_language_until_it_is_decided(
    person: Person, reviewer: User
) -> None:
    page, ref = person.page, person.ref
    write_draft(person)
    page.reload()
    expect_draft(page)
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect_draft(page)
    expect(page.locator("[data-decision-hint]")).not_to_be_empty()
    assert kept(page) == [f"draft {reviewer.pk} /review/{ref}/decide "]
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


def test_a_draft_comes_back_with_the_case_that_was_released_by_esc(person: Person) -> None:
    page, ref = person.page, person.ref
    person.press("m")
    person.write(NOTE)
    person.press("Escape", "Escape")
    page.wait_for_url("**/review?view=open")
    assert len(kept(page)) == 1
    page.goto(f"/review/{ref}")
    person.reads()
    page.get_by_role("button", name="Claim").click()
    expect(page.locator("#note")).to_have_value(NOTE)


def test_a_comment_and_a_way_out_half_written_outlive_a_reload_until_they_are_sent(person: Person) -> None:
    page = person.page
    page.locator("#comment").fill("Who knows the employer?")
    page.get_by_role("link", name="Skip", exact=True).click()
    page.locator("#panel [name=why]").first.check()
    page.locator("#pass-note").fill("I know the")
    page.reload()
    expect(page.locator("#comment")).to_have_value("Who knows the employer?")
    page.get_by_role("link", name="Skip", exact=True).click()
    expect(page.locator("#pass-note")).to_have_value("I know the")
    expect(page.locator("#panel [name=why]").first).to_be_checked()
    page.keyboard.press("Escape")
    page.locator("[data-comment] button").click()
    expect(page.locator(".comment-list li")).to_have_count(1)
    expect(page.locator("#comment")).to_have_value("")
    assert [key.rsplit("/", 1)[1] for key in kept(page)] == ["skip "]


def test_what_a_signer_half_wrote_outlives_a_reload_and_a_refusal_and_nobody_else_sees_it(
    opens: Opens, ground: Policy, reviewer: User, supervisor: User
) -> None:
    case, _review = make.awaiting_case(reviewer, "D-1")
    make.user("another", Role.SUPERVISOR)
    person = opens()
    page = person.page
    person.signs_in("supervisor")
    page.goto(f"/signoff/{case.ref}")
    page.locator("[data-fix-panel] summary").click()
    page.locator("#fix-note").fill("The record speaks for it.")
    page.locator("#reason").fill("no")
    page.reload()
    expect(page.locator("#reason")).to_have_value("no")
    expect(page.locator("#fix-note")).to_have_value("The record speaks for it.")
    person.reads()
    page.get_by_role("button", name="Send back").click()
    expect(page.locator("#reason-problem")).to_be_visible()
    expect(page.locator("#fix-note")).to_have_value("The record speaks for it.")
    assert len(kept(page)) == 2
    page.context.clear_cookies(name="sessionid")
    person.signs_in("another")
    assert kept(page) == []
    page.goto(f"/signoff/{case.ref}")
    expect(page.locator("#reason")).to_have_value("")
    page.locator("#reason").fill("The income is not proven by the file.")
    assert len(kept(page)) == 1
    person.reads()
    page.get_by_role("button", name="Send back").click()
    page.wait_for_url("**/signoff")
    assert kept(page) == []


def test_what_was_sent_after_the_session_had_ended_is_there_again_after_signing_in(person: Person) -> None:
    write_draft(person)
    page = person.page
    before = page.url
    page.context.clear_cookies(name="sessionid")
    person.reads()
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/login?next=**")
    person.says_who("reviewer")
    page.wait_for_url(before)
    expect(page.locator("#note")).to_have_value(NOTE)


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


def test_the_page_stays_where_it_is_while_a_note_is_typed_in_the_bar(person: Person) -> None:
    page = person.page
    person.press("m")
    person.write("The debts take half of the income, says the file.")
    person.press("Enter")
    person.write("And more.")
    assert page.evaluate("scrollY") == 0
    page.evaluate("scrollTo(0, 120)")
    person.write(" And still more.")
    assert page.evaluate("scrollY") == 120
    # At its end nothing of the page is under the bar, which stays in sight on a phone too.
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    covered = """[...document.querySelectorAll(".case > .columns .card")].filter((card) =>
      card.getBoundingClientRect().bottom > document.querySelector(".decide").getBoundingClientRect().top).length"""
    assert page.evaluate(covered) == 0
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("getComputedStyle(document.querySelector('.decide')).position") == "fixed"
    # The room below the page follows the height of the bar a frame later.
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    assert page.evaluate(covered) == 0
