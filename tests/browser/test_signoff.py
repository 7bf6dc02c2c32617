"""A sign-off at the keyboard: putting the reasons right and signing, and somebody signing on behalf of another."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from cases.models import Signature, User
from cases.office import OFFICE
from cases.states import State
from routing.models import Policy
from tests import make
from tests.browser.conftest import Opens


def test_a_decision_is_fixed_and_signed_and_a_delegate_signs_the_other(
    opens: Opens, ground: Policy, reviewer: User, second_reviewer: User, supervisor: User
) -> None:
    fixed, _review = make.awaiting_case(reviewer, "S-1")
    other, _review = make.awaiting_case(reviewer, "S-2")
    person = opens()
    person.signs_in("supervisor")
    person.page.goto(f"/signoff/{fixed.ref}")
    person.reads()
    person.press("f")
    chosen = person.page.locator("[data-fix] [name=outcome][value=approve]")
    expect(chosen).to_be_focused()
    person.press("Enter")
    person.tabs_to("[data-fix] [value=good_record]")
    person.press("Enter", "Space")
    button = person.page.locator("[data-fix] [name=act]")
    expect(button).to_have_text("Sign with these reasons")
    person.page.locator("[data-fix] .choice", has_text="Decline").click()
    expect(button).to_have_text("Decide otherwise: another person must sign")
    expect(person.page.locator("[data-fix] [value=good_record]")).to_be_disabled()
    person.page.locator("[data-fix] .choice", has_text="Approve").click()
    person.tabs_to("#fix-note")
    person.write("The record speaks for it.")
    person.press("Enter")
    assert Signature.objects.count() == 0
    person.press("Escape")
    expect(person.page.locator("#fix-note")).to_be_hidden()
    person.press("f")
    # The panel takes the focus once it is open, an instant later: on the choice Enter signs nothing.
    expect(chosen).to_be_focused()
    button.focus()
    person.press("Enter")
    person.page.wait_for_url(f"**/signoff/{other.ref}")
    expect(person.page.locator("#status")).to_contain_text(f"{fixed.ref} is signed.")
    signature = Signature.objects.get()
    assert (signature.corrected_codes, signature.note) == (
        ["stable_income", "good_record"],
        "The record speaks for it.",
    )
    person.page.goto("/signoff")
    person.page.get_by_role("link", name="Delegations").click()
    person.page.get_by_label("Who signs").select_option(label="second_reviewer · Reviewer")
    person.page.get_by_label("to, included").fill(
        (timezone.now().astimezone(OFFICE).date() + timedelta(days=3)).isoformat()
    )
    person.page.locator("#reason").fill("on leave this week")
    person.page.get_by_role("button", name="Delegate").click()
    expect(person.page.locator("#status")).to_contain_text("second_reviewer signs for you.")

    delegate = opens()
    delegate.signs_in("second_reviewer")
    delegate.press("g", "s")
    delegate.page.wait_for_url("**/signoff")
    expect(delegate.page.locator("#queue-table tr[data-ref]")).to_have_count(1)
    delegate.reads()
    delegate.press("j", "Enter")
    delegate.page.wait_for_url(f"**/signoff/{other.ref}")
    delegate.reads()
    delegate.press("y", "Enter")
    delegate.page.wait_for_url("**/signoff")
    assert make.reread(other).state == State.APPROVED
    last = Signature.objects.latest("id")
    assert (last.signer, last.on_behalf_of) == (second_reviewer, supervisor)
