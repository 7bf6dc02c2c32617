"""Second thoughts, ways out and phrases at the keyboard, with the presses counted."""

from __future__ import annotations

from playwright.sync_api import expect

from cases.models import Case, Phrase, Review, User
from cases.states import State
from routing.models import Policy
from tests import make
from tests.browser.conftest import Opens

NOTE = "The debts take half of the income."


def state_of(ref: str) -> str:
    found: Case = Case.objects.by_ref(ref)
    return str(found.state)


def test_a_decision_is_taken_back_with_one_key_and_made_otherwise(opens: Opens, ground: Policy) -> None:
    make.cases(3)
    make.run_machine()
    person = opens()
    page = person.page
    person.signs_in("reviewer")
    first = person.starts()
    page.evaluate("window.sameDocument = true")
    before = person.presses
    person.press("a", "Enter")
    assert person.presses - before == 2
    second = person.sees_next_after(first)
    undo = page.locator(".undo")
    expect(undo).to_contain_text(f"{first}: Approved, released in")
    clock = page.locator("[data-undo-clock]").inner_text()
    expect(page.locator("[data-undo-clock]")).not_to_have_text(clock)
    person.press("z")
    assert person.sees_next_after(second) == first
    expect(page).to_have_url(f"{page.url.split('/review/')[0]}/review/{first}?view=open")
    expect(page.locator("#status")).to_contain_text(f"The decision on {first} is taken back.")
    expect(page.locator("[name=decision]:checked")).to_have_value("approve")
    expect(undo).to_have_count(0)
    assert (state_of(first), state_of(second)) == (State.IN_REVIEW, State.QUEUED)

    # Decided otherwise, then the last thoughts: everything that was written is there again.
    person.press("x", "1", "m")
    person.write(NOTE)
    person.press("Control+Enter")
    assert person.sees_next_after(first) == second
    person.press("6")
    person.press("z")
    person.sees_next_after(second)
    expect(page.locator("[name=decision]:checked")).to_have_value("decline")
    expect(page.locator("[name=reason_codes]:checked")).to_have_value("high_debt")
    expect(page.locator("#note")).to_have_value(NOTE)
    # The case that somebody had begun on stayed in hand.
    assert state_of(second) == State.IN_REVIEW
    person.press("Enter")
    assert person.sees_next_after(first) == second
    expect(page.locator("[name=reason_codes]:checked")).to_have_value("stable_income")
    assert page.evaluate("window.sameDocument") is True
    assert state_of(first) == State.DECLINED
    assert Review.objects.count() == 3


def test_a_decision_is_taken_back_from_the_queue_too(opens: Opens, ground: Policy) -> None:
    make.cases(1)
    make.run_machine()
    person = opens()
    person.signs_in("reviewer")
    ref = person.starts()
    person.press("a", "Enter")
    person.page.wait_for_url("**/review?view=open")
    person.reads()
    person.press("z")
    person.page.wait_for_url(f"**/review/{ref}?view=open")
    expect(person.page.locator("#case-title")).to_be_focused()
    expect(person.page.locator("[name=decision]:checked")).to_have_value("approve")
    assert state_of(ref) == State.IN_REVIEW


def test_ways_out_are_dialogs_that_esc_closes_and_phrases_come_with_a_slash(
    opens: Opens, ground: Policy, reviewer: User
) -> None:
    Phrase.objects.create(owner=reviewer, words="Income is verified by the tax return.")
    make.cases(1)
    make.run_machine()
    person = opens()
    page = person.page
    person.signs_in("reviewer")
    ref = person.starts()
    page.evaluate("document.getElementById('case-title').focus()")
    for key, name in (("e", "Escalate"), ("t", "Transfer"), ("h", "Set aside"), ("p", "Skip")):
        person.press(key)
        dialog = page.get_by_role("dialog", name=name)
        expect(dialog).to_be_visible()
        person.press("Escape")
        expect(dialog).to_be_hidden()
        expect(page.locator("#case-title")).to_be_focused()
    person.press("m", "/")
    expect(page.locator("[data-phrase]")).to_be_focused()
    person.press("Enter")
    expect(page.locator("#note")).to_have_value("Income is verified by the tax return.")
    expect(page.locator("#note")).to_be_focused()
    person.write(" a/b")
    expect(page.locator("#note")).to_have_value("Income is verified by the tax return. a/b")
    person.press("Escape")
    expect(page.locator("#note")).not_to_be_focused()
    assert state_of(ref) == State.IN_REVIEW
    page.get_by_role("button", name="then: next case").click()
    expect(page.get_by_role("button", name="then: stay on the case")).to_be_visible()
    person.press("e")
    page.locator("#pass-note").fill("short")
    person.press("Control+Enter")
    expect(page.locator("#pass-note-problem")).to_be_visible()
    page.locator("#pass-note").fill("Two firms of one owner.")
    person.press("Control+Enter")
    expect(page.locator("#status")).to_contain_text(f"{ref} is with the supervisors.")
    assert make.reread(Case.objects.by_ref(ref)).for_supervisor is True
