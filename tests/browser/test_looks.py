"""What everybody must be able to see: language, colours, narrow screens, and axe (WCAG 2.2 AA) on every page."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from cases import actions
from cases.models import Case, User
from cases.placing import hand_over_cases
from cases.reopening import ask_reopening
from cases.saved_views import save_view
from cases.second_looks import adjudicate, record_second_look, take_second_look
from cases.states import Role
from intake.ways_in.connectors import add_source
from intake.ways_in.kept_messages import ask_again, try_asked
from intake.ways_in.pulling import pull
from outgoing.feeds import make_feed
from routing.duty import state_duty
from routing.models import Policy
from scoring.models import ModelVersion
from tests import make
from tests.browser.conftest import VIEWPORT, Opens
from tests.cases.signing import attach, pen
from tests.conftest import TrainedBook
from tests.desk.ground import ECONOMICS, LIMIT, held_case, routed_anew
from tests.intake.kept import keep, of_crm
from tests.intake.pulled import connect
from tests.learning.book import keep_book

# The rule for targets of at least 24 px is off in axe unless asked for.
AXE: dict[str, Any] = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
ALL_BUT_COLOURS = {**AXE["rules"], "color-contrast": {"enabled": False}}


def violations(page: Page, only: dict[str, Any] | None = None) -> list[str]:
    # Once a page: to hand over half a megabyte of script and compile it takes as long as to run it.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    run = "options => axe.run(options).then((results) => results.violations)"
    found = page.evaluate(run, {**AXE, **(only or {})})
    return [f"{page.url} {rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def as_tall_as_its_content(page: Page) -> None:
    """A window in which nothing is under a sticky bar: what one covers before the page is moved tells no size."""
    tall = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({**VIEWPORT, "height": max(tall, VIEWPORT["height"])})


def violations_when_narrow(page: Page) -> list[str]:
    """Below 1100 px the top bar shows less, and the columns stand one below another."""
    page.set_viewport_size({**VIEWPORT, "width": 320})
    found = violations(page)
    page.set_viewport_size(VIEWPORT)
    return found


def too_wide(page: Page) -> list[str]:
    """The widths of a small window and of the narrowest at which the page must be moved sideways to be read."""
    found = []
    # WCAG 1.4.10: 320 px is a window of 1280 px at 400 %.
    for width in (1000, 320):
        page.set_viewport_size({"width": width, "height": VIEWPORT["height"]})
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found += [f"{page.url} is {over} px wider than {width}"] * (over > 0)
    page.set_viewport_size(VIEWPORT)
    return found


def settled_dispute(decided_by: User, looked_by: User, settled_by: User) -> str:
    look = make.second_look(decided_by, "P-0")
    take_second_look(by=looked_by)
    record_second_look(
        look.pk, by=looked_by, outcome="decline", band=4, reason_codes=["high_debt"], note="Too much debt."
    )
    adjudicate(look.pk, by=settled_by, outcome="decline", note="The debts decide it.")
    return f"/second-looks/disputes/{look.pk}"


def uneven_days(cases: list[Case], idle: User, busy: User, by: User) -> None:
    """So that the board of the team proposes to move cases."""
    state_duty(idle.pk, by=by, hours_a_day=Decimal(8), most_cases_a_day=None, products=[])
    hand_over_cases([case.pk for case in cases], by=by, to=busy, reason="for the test of it")


def connected(by: User) -> list[str]:
    """A source that cannot be reached, one that is to be set, and a feed; the pages about them."""
    pull(connect(by).pk)
    add_source("erp", by=by, reason="for the test of it")
    told = {"kind": "redis", "address": "redis://:secret@127.0.0.1", "target": "decisions", "most_kept": ""}
    make_feed(slug="core", by=by, reason="for the test of it", **told)
    bad = keep(of_crm("P-90", amount="0"), of_crm("P-91"))[0]
    ask_again("crm", by=by, reason="for the test of it", row_ids=[bad.pk])
    try_asked()
    return ["/sources", "/sources/los", "/sources/crm/kept", "/sources/erp?kind=sql", "/webhooks", "/feeds/core"]


@pytest.fixture
def places(
    ground: Policy,
    trained_book: TrainedBook,
    reviewer: User,
    second_reviewer: User,
    supervisor: User,
    admin: User,
) -> dict[str, list[str]]:
    """Every page, with a case in every state, by the person who looks at it."""
    make.desk_rules(admin, release_hold_seconds=0, second_look_share=1.0)
    dispute = settled_dispute(reviewer, second_reviewer, supervisor)
    make.desk_rules(admin, release_hold_seconds=0, second_look_share=0.0)
    save_view("Cards that are late", by=second_reviewer, query="view=open&product=credit_card&sla=late", is_shared=True)
    awaiting, _review = make.awaiting_case(reviewer, "P-1")
    own, _review = make.awaiting_case(supervisor, "P-2")
    half, _review = make.awaiting_case(reviewer, "P-9", signing=make.signing(approve=2))
    other = make.user("another", Role.SUPERVISOR, authority=100_000)
    actions.sign_case(half.pk, by=other, verdict="confirm", note="The income is proven.", seen_version=half.version)
    routed_anew(half, limit=LIMIT, economics=ECONOMICS)
    others = make.claimed_case(second_reviewer, "P-3")
    asked = make.claimed_case(reviewer, "P-4")
    actions.ask_information(asked.pk, by=reviewer, note="Please send three pay slips.", seen_version=asked.version)
    declined = make.claimed_case(reviewer, "P-5", key_customer=False)
    actions.decide_case(
        declined.pk,
        by=reviewer,
        outcome="decline",
        reason_codes=["high_debt"],
        note="The debts take half of the income.",
        seen_version=declined.version,
    )
    void, _review = make.awaiting_case(reviewer, "P-10", signing=make.signing(approve=2))
    actions.sign_case(void.pk, by=other, verdict="confirm", note="", seen_version=void.version)
    attach(void, reviewer)
    pen(supervisor, second_reviewer)
    ask_reopening(declined.pk, by=reviewer, reason="the pay slips were forged")
    unscored = make.queued_case("P-6", product="credit_card", features={"limit": 5000})
    warning = make.queued_case("P-7", kind="monitoring")
    uneven_days([unscored, warning], reviewer, second_reviewer, supervisor)
    held = held_case(annual_income=0)
    unmended = held_case("H-2", amount="0.50")
    mine = make.claimed_case(reviewer, "P-8", signing=make.signing(approve=2, decline=1))
    routed_anew(mine, limit=LIMIT, economics=ECONOMICS)
    model = ModelVersion.objects.get()
    # Bads enough for lines, so that the page of the promise shows all its parts.
    keep_book(trained_book, model, loans=200)
    draft, proposed = make.tested(admin), make.proposed(admin, sla_hours=8)
    cases: list[Case] = [awaiting, half, others, asked, declined, unscored, warning]
    return {
        "": ["/login"],
        "reviewer": ["/review", f"/review/{mine.ref}", "/overview"],
        "supervisor": [
            "/review?view=doubt", *(f"/review/{case.ref}" for case in cases), "/held", "/held/links",
            f"/held/{held.ref}",
            f"/held/{unmended.ref}", "/cases", "/signoff", f"/signoff/{awaiting.ref}", f"/signoff/{own.ref}",
            f"/signoff/{half.ref}", f"/signoff/{void.ref}", f"/signoff/{half.ref}/signer", "/signoff/delegations",
            "/imports", "/overview", "/capacity", f"/capacity?person={reviewer.pk}", "/models",
            f"/models/{model.pk}", "/review/CR-999999", "/policies", f"/policies/{ground.pk}",
            f"/policies/{ground.pk}/promise", f"/policies/{proposed.pk}", f"/policies/{proposed.pk}/approval",
            "/logout", "/notifications", f"/review/{awaiting.ref}/documents?check=1", f"/review/{awaiting.ref}/similar",
            f"/review/{awaiting.ref}/print", f"/review/{awaiting.ref}/lineage", "/team", "/team/names-shown", dispute,
        ],
        "admin": [f"/policies/{draft.pk}", *connected(admin)],
    }  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_axe_finds_nothing_on_any_page_in_either_colour_and_none_is_wider_than_the_screen(
    language: str, opens: Opens, places: dict[str, list[str]]
) -> None:
    """One walk for all that is looked at on every page: making and opening them takes the time."""
    found: list[str] = []
    for username, paths in places.items():
        person = opens(language=language, reduced_motion="reduce")
        if username:
            person.signs_in(username)
        for path in paths:
            person.page.goto(path)
            as_tall_as_its_content(person.page)
            # Colours are all that the dark theme changes, in place, and no language changes them.
            found += violations(person.page, {} if language == "en" else {"rules": ALL_BUT_COLOURS})
            if language == "en":
                person.page.evaluate("document.documentElement.dataset.theme = 'dark'")
                found += violations(person.page, {"runOnly": {"type": "rule", "values": ["color-contrast"]}})
                found += too_wide(person.page)
        # What is left out of a narrow top bar is the same on every page: the last of each person tells.
        found += violations_when_narrow(person.page) if language == "en" else []
    assert found == []


def test_axe_finds_nothing_where_something_is_open(opens: Opens, ground: Policy, reviewer: User) -> None:
    case = make.claimed_case(reviewer)
    person = opens()
    person.signs_in("reviewer")
    person.page.locator("[data-person-menu] summary").click()
    found = violations(person.page)
    person.page.goto(f"/review/{case.ref}")
    person.reads()
    person.press("Shift+?")
    found += violations(person.page)
    person.press("Escape", "x", "Enter")
    expect(person.page.locator("#reason_codes-problem")).to_be_visible()
    assert found + violations(person.page) == []


def test_the_language_changes_in_place_and_stays(opens: Opens, ground: Policy) -> None:
    person = opens()
    person.signs_in("reviewer")
    person.page.get_by_role("button", name="中文").click()
    expect(person.page.get_by_role("heading", level=1)).to_have_text("待审队列")
    expect(person.page.locator("html")).to_have_attribute("lang", "zh-Hans")
    person.page.goto("/cases")
    expect(person.page.get_by_role("heading", level=1)).to_have_text("案件")
    person.page.get_by_role("button", name="English").click()
    expect(person.page.get_by_role("heading", level=1)).to_have_text("Cases")
    assert person.page.url.endswith("/cases")


def test_the_colours_change_at_once_and_stay(opens: Opens, ground: Policy) -> None:
    person = opens(theme="auto")
    person.signs_in("reviewer")
    shade = "getComputedStyle(document.body.parentElement).backgroundColor"
    light = person.page.evaluate(shade)
    switch = person.page.locator("[data-theme-set]")
    switch.click()
    assert person.page.evaluate(shade) == light
    switch.click()
    dark = person.page.evaluate(shade)
    assert dark != light
    person.page.goto("/cases")
    assert person.page.evaluate(shade) == dark
    expect(person.page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_decision_bar_stays_where_it_is_and_never_hides_the_focus(
    opens: Opens, ground: Policy, reviewer: User
) -> None:
    make.cases(2, amount=make.new_case().amount)
    make.run_machine()
    person = opens()
    person.signs_in("reviewer")
    first = person.starts()
    bar = person.page.locator("form[data-decision]")
    choices = bar.locator(".choices")
    closed, hand = bar.bounding_box(), choices.bounding_box()
    assert closed
    # It opens upwards with the first choice, and what is under the hand stays there.
    person.press("x")
    opened = bar.bounding_box()
    assert opened
    assert opened["height"] > closed["height"]
    assert opened["y"] + opened["height"] == closed["y"] + closed["height"]
    person.press("a")
    assert bar.bounding_box() == opened
    assert choices.bounding_box() == hand
    person.press("Enter")
    person.sees_next_after(first)
    assert (bar.bounding_box(), choices.bounding_box()) == (closed, hand)
    # WCAG 2.4.11: whatever Tab reaches is not under the sticky head or foot.
    covered = """() => { const at = document.activeElement, box = at.getBoundingClientRect();
      const on = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height, 20) / 2);
      return !on || on === at || at.contains(on) || on.contains(at) ? "" : at.outerHTML.slice(0, 120); }"""
    for _press in range(30):
        person.press("Tab")
        assert person.page.evaluate(covered) == ""
    # On a phone too: the choices stay in sight, and what Tab reaches is above them.
    person.page.set_viewport_size({"width": 320, "height": 700})
    person.page.reload()
    expect(person.page.locator(".jump")).to_be_hidden()
    for place in ("0", "document.body.scrollHeight"):
        person.page.evaluate(f"scrollTo(0, {place})")
        expect(choices.locator("label").first).to_be_in_viewport(ratio=1)
    assert person.page.evaluate("document.documentElement.scrollWidth") == 320
    person.page.evaluate("scrollTo(0, 0)")
    person.page.locator("#case-title").focus()
    for _press in range(40):
        person.press("Tab")
        assert person.page.evaluate(covered) == ""
    choices.locator("label").first.click()
    expect(bar.locator("[data-confirm]")).to_be_in_viewport(ratio=1)
    taken = bar.bounding_box()
    assert taken
    assert taken["height"] <= 0.6 * 700
    # A window too low for a bar keeps a link to it.
    person.page.set_viewport_size({"width": 320, "height": 256})
    person.page.reload()
    person.page.evaluate("scrollTo(0, 0)")
    expect(choices).not_to_be_in_viewport()
    person.page.locator(".jump").click()
    expect(choices).to_be_in_viewport()
