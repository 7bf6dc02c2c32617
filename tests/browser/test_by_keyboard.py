"""The day of a reviewer and of a supervisor, without a mouse."""

from __future__ import annotations

from playwright.sync_api import expect

from cases import actions
from cases.models import Case, Review, User
from cases.states import State
from routing.models import Policy
from tests import make
from tests.browser.conftest import Opens
from tests.browser.person import Person
from tests.desk.ground import held_case


def state_of(ref: str) -> str:
    found: Case = Case.objects.by_ref(ref)
    return str(found.state)


def counts_mouse(person: Person) -> None:
    person.page.add_init_script("addEventListener('pointerdown', () => { throw new Error('a mouse was used') }, true)")


def test_a_reviewer_approves_declines_asks_and_leaves_without_a_mouse(opens: Opens, ground: Policy) -> None:
    make.cases(4)
    make.run_machine()
    person = opens()
    counts_mouse(person)
    person.signs_in("reviewer")
    expect(person.page.locator("#queue-table tr[data-ref]")).to_have_count(4)
    first = person.starts()
    before = person.presses
    person.press("a", "Enter")
    assert person.presses - before == 2
    second = person.sees_next_after(first)
    expect(person.page.locator("#status")).to_contain_text(f"{first}: Approve.")
    assert state_of(first) == State.APPROVED
    person.press("x", "1", "m")
    person.write("The debts take half of the income.")
    person.press("Control+Enter")
    third = person.sees_next_after(second)
    review = Review.objects.get(case=Case.objects.by_ref(second))
    assert (review.outcome, review.reason_codes, review.note) == (
        "decline", ["high_debt"], "The debts take half of the income.",
    )  # fmt: skip
    person.press("i", "m")
    person.write("Please send three pay slips.")
    person.press("Control+Enter")
    fourth = person.sees_next_after(third)
    expect(person.page.locator("#status")).to_contain_text(f"{third} waits for documents.")
    assert [state_of(ref) for ref in (second, third, fourth)] == ["declined", "waiting_info", "in_review"]
    person.press("Escape")
    person.page.wait_for_url("**/review?view=open")
    expect(person.page.locator("#status")).to_contain_text(f"{fourth} is back in the queue.")
    assert state_of(fourth) == State.QUEUED
    person.signs_out_by_keys()
    person.page.goto("/review")
    assert person.page.url.endswith("/login?next=/review")


def test_a_supervisor_signs_and_sends_back_and_the_case_returns_on_top_with_the_reason(
    opens: Opens, ground: Policy, reviewer: User, supervisor: User
) -> None:
    signed, _review = make.awaiting_case(reviewer, "S-1")
    returned, _review = make.awaiting_case(reviewer, "S-2")
    make.cases(2)
    make.run_machine()
    person = opens()
    counts_mouse(person)
    person.signs_in("supervisor")
    rows = person.page.locator("#queue-table tr[data-ref]")
    expect(rows).to_have_count(2)
    person.press("j", "Enter")
    person.page.wait_for_url(f"**/signoff/{signed.ref}")
    person.reads()
    before = person.presses
    person.press("y", "Enter")
    assert person.presses - before == 2
    # The next one that waits comes by itself.
    person.page.wait_for_url(f"**/signoff/{returned.ref}")
    expect(person.page.locator("#status")).to_contain_text(f"{signed.ref} is signed. {returned.ref} is next.")
    person.reads()
    person.press("n")
    person.write("Please add the pay slips to the file.")
    person.press("Enter")
    person.page.wait_for_url("**/signoff")
    expect(person.page.locator(".empty")).to_contain_text("Nothing to sign")
    assert (state_of(signed.ref), state_of(returned.ref)) == (State.APPROVED, State.QUEUED)
    assert make.reread(returned).reserved_for == reviewer
    person.signs_out_by_keys()

    person.signs_in("reviewer")
    top = person.page.locator("#queue-table tr[data-ref]").first
    expect(top).to_have_attribute("data-ref", returned.ref)
    expect(top.locator(".why")).to_contain_text("Sent back by supervisor: Please add the pay slips to the file.")
    assert person.starts() == returned.ref
    expect(person.page.locator(".timeline")).to_contain_text("Please add the pay slips to the file.")


def test_a_supervisor_cannot_sign_an_own_decision_and_the_page_says_so(
    opens: Opens, ground: Policy, supervisor: User
) -> None:
    own, _review = make.awaiting_case(supervisor)
    person = opens()
    person.signs_in("supervisor")
    expect(person.page.locator(".empty")).to_contain_text("Nothing to sign")
    person.page.goto(f"/signoff/{own.ref}")
    expect(person.page.locator(".decide")).to_contain_text("nobody signs a case they decided or entered themselves")
    person.reads()
    person.press("y", "Enter")
    person.reads()
    assert state_of(own.ref) == State.AWAITING_SIGNOFF


def test_ten_cases_are_decided_in_twenty_presses_and_no_page_load(opens: Opens, ground: Policy) -> None:
    made = make.cases(10)
    make.run_machine()
    person = opens()
    counts_mouse(person)
    person.signs_in("reviewer")
    ref = person.starts()
    person.page.evaluate("window.sameDocument = true")
    before = person.presses
    for _case in made[:-1]:
        person.press("a", "Enter")
        ref = person.sees_next_after(ref)
    assert person.page.evaluate("window.sameDocument") is True
    person.press("a", "Enter")
    person.page.wait_for_url("**/review?view=open")
    assert person.presses - before == 20
    expect(person.page.locator("#status")).to_contain_text("Nothing waits for you right now.")
    expect(person.page.locator(".day")).to_contain_text("10 of 40")
    assert {make.reread(case).state for case in made} == {State.APPROVED}
    assert Review.objects.count() == 10


def test_held_data_is_supplied_by_keys(opens: Opens, ground: Policy, reviewer: User) -> None:
    held = held_case(annual_income=0)
    person = opens()
    counts_mouse(person)
    person.signs_in("reviewer")
    person.press("g", "h")
    person.page.wait_for_url("**/held")
    person.reads()
    person.press("j", "Enter")
    person.page.wait_for_url(f"**/held/{held.ref}")
    person.tabs_to("#feature-annual_income")
    person.write("68,000")
    person.press("Tab")
    person.write("The tax return of last year.")
    person.press("Control+Enter")
    person.page.wait_for_url("**/held")
    assert make.reread(held).state == State.RECEIVED
    assert make.reread(held).features["annual_income"] == 68_000


def test_what_was_asked_for_arrives_and_the_case_is_on_top(opens: Opens, ground: Policy, reviewer: User) -> None:
    held = make.claimed_case(reviewer)
    actions.ask_information(held.pk, by=reviewer, note="Please send three pay slips.", seen_version=held.version)
    make.cases(2)
    make.run_machine()
    person = opens()
    person.signs_in("reviewer")
    person.page.goto(f"/review/{held.ref}")
    person.reads()
    person.press("r")
    expect(person.page.locator(".case-head")).to_contain_text("The information asked for has arrived")
    person.page.goto("/review")
    expect(person.page.locator("#queue-table tr[data-ref]").first).to_have_attribute("data-ref", held.ref)
