"""The claim on a case: two people never hold the same one, it counts down, and it can be kept (WCAG 2.2.1)."""

from __future__ import annotations

import re

from playwright.sync_api import expect
from pytest_django.fixtures import Settings

from cases import actions
from cases.models import Claim, Review, User
from cases.states import State
from routing.models import Policy
from tests import make
from tests.browser.conftest import Opens
from tests.worker import PATIENCE, wait_for


def test_two_reviewers_never_hold_the_same_case(opens: Opens, ground: Policy) -> None:
    make.cases(6)
    make.run_machine()
    one, two = opens(), opens()
    one.signs_in("reviewer")
    two.signs_in("second_reviewer")
    held = [one.starts(), two.starts()]
    assert held[0] != held[1]
    two.page.goto(f"/review/{held[0]}")
    expect(two.page.locator(".decide")).to_contain_text("reviewer is reviewing this case.")
    expect(two.page.locator("form[data-decision]")).to_have_count(0)
    two.page.goto("/review")
    two.reads()
    assert two.starts() == held[1]
    for _turn in range(2):
        for person in (one, two):
            ref = person.ref
            person.press("a", "Enter")
            held.append(person.sees_next_after(ref))
    assert len(set(held)) == 6
    assert Review.objects.count() == 4
    assert Claim.objects.filter(ended_at__isnull=True).count() == 2


def test_a_claim_counts_down_warns_and_can_be_kept(
    opens: Opens, ground: Policy, reviewer: User, settings: Settings
) -> None:
    settings.CLAIM_LEASE_MINUTES = 1
    case = make.claimed_case(reviewer)
    settings.CLAIM_LEASE_MINUTES = 15
    person = opens()
    person.signs_in("reviewer")
    person.page.goto(f"/review/{case.ref}")
    clock = person.page.locator("[data-lease-clock]")
    expect(clock).to_have_text(re.compile(r"^0:[0-5]\d$"))
    expect(person.page.locator("[data-lease-warning]")).to_have_text(
        "Your claim ends in two minutes. Any key keeps it."
    )
    person.page.get_by_role("button", name="Keep the case").click()
    expect(clock).to_have_text(re.compile(r"^1[45]:\d\d$"))
    expect(person.page.locator("[data-lease-warning]")).to_have_text("")
    expect(person.page.locator("[data-lease-keep]")).to_be_hidden()


def test_a_claim_that_ended_is_said_and_decides_nothing(
    opens: Opens, ground: Policy, reviewer: User, settings: Settings
) -> None:
    settings.CLAIM_LEASE_MINUTES = 2 / 60
    case = make.claimed_case(reviewer)
    person = opens()
    person.signs_in("reviewer")
    person.page.goto(f"/review/{case.ref}")
    expect(person.page.locator("[data-lease-warning]")).to_have_text(
        "Your claim has ended. Claim the case again to go on."
    )
    wait_for(lambda: actions.expire_claims() == 1, PATIENCE, "the lease to run out")
    person.press("a", "Enter")
    toast = person.page.locator(".toast")
    expect(toast).to_contain_text("The case has changed since you opened it.")
    assert (make.reread(case).state, Review.objects.count()) == (State.QUEUED, 0)
    toast.get_by_role("link", name="Look again").click()
    expect(person.page.get_by_role("button", name="Claim this case")).to_be_visible()
    person.reads()
    person.press("r")
    expect(person.page.locator("form[data-decision]")).to_be_visible()
    assert make.reread(case).state == State.IN_REVIEW
