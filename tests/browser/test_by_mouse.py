"""The same day with a mouse: everything a key does is also a button."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from cases.models import Case, Review, User
from cases.states import State
from routing.models import Policy
from tests import make
from tests.browser.conftest import Opens


def sign_in_by_mouse(page: Page, username: str) -> None:
    page.goto("/login")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/login" not in url)


def on_screen(page: Page, ref: str) -> str:
    """Wait until another case than `ref` is shown; its reference."""
    expect(page.locator("#case")).not_to_have_attribute("data-ref", ref)
    return page.locator("#case").get_attribute("data-ref") or ""


def test_a_reviewer_decides_three_cases_with_the_mouse(opens: Opens, ground: Policy) -> None:
    make.cases(4)
    make.run_machine()
    page = opens().page
    sign_in_by_mouse(page, "reviewer")
    page.get_by_role("button", name="Start reviewing").click()
    first = on_screen(page, "")
    page.locator(".choice-approve").click()
    page.get_by_role("button", name="Confirm").click()
    second = on_screen(page, first)
    page.locator(".choice-decline").click()
    expect(page.locator("[data-decision-hint]")).to_have_text(
        "Against the advice: choose a reason and say why in the note."
    )
    expect(page.get_by_role("checkbox", name="Stable and verified income")).to_be_disabled()
    page.get_by_text("High debt burden").click()
    page.get_by_label("Note", exact=True).fill("The debts take half of the income.")
    page.get_by_role("button", name="Confirm").click()
    third = on_screen(page, second)
    page.locator(".choice", has_text="Ask for documents").click()
    page.get_by_label("Note", exact=True).fill("Please send three pay slips.")
    page.get_by_role("button", name="Confirm").click()
    fourth = on_screen(page, third)
    page.get_by_role("button", name="Release").click()
    page.wait_for_url("**/review?view=open")
    states = [Case.objects.by_ref(ref).state for ref in (first, second, third, fourth)]
    assert states == ["approved", "declined", "waiting_info", "queued"]
    page.locator("[data-person-menu] summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login")


def test_a_form_that_lacks_something_comes_back_with_what_was_typed(opens: Opens, ground: Policy) -> None:
    make.cases(1)
    make.run_machine()
    page = opens().page
    sign_in_by_mouse(page, "reviewer")
    page.get_by_role("button", name="Start reviewing").click()
    ref = on_screen(page, "")
    page.locator(".choice-decline").click()
    page.get_by_label("Note", exact=True).fill("too short")
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("#reason_codes-problem")).to_have_text("Choose at least one reason.")
    expect(page.get_by_role("checkbox", name="High debt burden")).to_be_focused()
    expect(page.get_by_label("Note", exact=True)).to_have_value("too short")
    expect(page.locator("[name=decision]:checked")).to_have_value("decline")
    page.get_by_text("High debt burden").click()
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("#note-problem")).to_have_text("Say why in the note, in ten characters or more.")
    expect(page.get_by_label("Note", exact=True)).to_be_focused()
    expect(page.get_by_role("checkbox", name="High debt burden")).to_be_checked()
    assert Review.objects.count() == 0
    assert Case.objects.by_ref(ref).state == State.IN_REVIEW


def test_a_supervisor_signs_and_sends_back_with_the_mouse(opens: Opens, ground: Policy, reviewer: User) -> None:
    signed, _review = make.awaiting_case(reviewer, "S-1")
    returned, _review = make.awaiting_case(reviewer, "S-2")
    page = opens().page
    sign_in_by_mouse(page, "supervisor")
    page.get_by_role("link", name=signed.ref).click()
    page.get_by_role("button", name="Sign: Approve").click()
    expect(page.locator("#status")).to_contain_text(f"{signed.ref} is signed.")
    # The next one that waits has come by itself.
    page.wait_for_url(f"**/signoff/{returned.ref}")
    page.get_by_role("button", name="Send back").click()
    expect(page.locator("#reason-problem")).to_have_text("Say why in the note, in ten characters or more.")
    page.get_by_label("Reason for sending back").fill("Please add the pay slips to the file.")
    page.get_by_role("button", name="Send back").click()
    expect(page.locator("#status")).to_contain_text(f"{returned.ref} is sent back.")
    assert (make.reread(signed).state, make.reread(returned).state) == (State.APPROVED, State.QUEUED)


def test_a_refused_form_keeps_its_page_in_another_language_and_after_a_reload(
    opens: Opens, ground: Policy, reviewer: User
) -> None:
    case, _review = make.awaiting_case(reviewer)
    page = opens().page
    sign_in_by_mouse(page, "supervisor")
    page.get_by_role("link", name=case.ref).click()
    page.get_by_role("button", name="Send back").click()
    page.wait_for_url(f"**/signoff/{case.ref}/sign")
    page.get_by_role("button", name="中文").click()
    page.wait_for_url(f"**/signoff/{case.ref}")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.goto(f"/signoff/{case.ref}/sign")
    page.wait_for_url(f"**/signoff/{case.ref}")
    expect(page.locator("#case-title")).to_be_visible()


def test_a_supervisor_takes_over_what_another_holds(opens: Opens, ground: Policy, reviewer: User) -> None:
    case = make.claimed_case(reviewer)
    page = opens().page
    sign_in_by_mouse(page, "supervisor")
    page.goto(f"/review/{case.ref}")
    page.get_by_label("Reason: Take over").fill("The reviewer is ill this week.")
    page.get_by_role("button", name="Take over").click()
    expect(page.locator("#status")).to_contain_text(f"You hold {case.ref} now.")
    expect(page.locator("form[data-decision]")).to_be_visible()
