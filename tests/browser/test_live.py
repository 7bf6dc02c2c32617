"""Open pages that read themselves anew, with every count on them, and the queue on a phone."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from cases.models import User
from routing.models import Policy
from tests import make
from tests.browser.conftest import Opens

# What htmx asks before a request of its own accord.
ASKED = """
document.dispatchEvent(new CustomEvent("htmx:beforeRequest", { cancelable: true, detail: {
  elt: document.getElementById("live-refresh"), target: document.getElementById("live"), requestConfig: {} } }))
"""


def reads_anew(page: Page) -> None:
    with page.expect_response(lambda answer: answer.request.headers.get("hx-trigger") == "live-refresh"):
        page.locator("#live-refresh").click()


def test_open_pages_read_their_rows_and_all_counts_anew(
    opens: Opens, ground: Policy, reviewer: User, second_reviewer: User, supervisor: User
) -> None:
    make.queued_case("L-1")
    person = opens()
    person.signs_in("reviewer")
    page = person.page
    expect(page.locator("#waits-queue")).to_have_text("1")
    make.queued_case("L-2")
    reads_anew(page)
    expect(page.locator("#queue-table tr[data-ref]")).to_have_count(2)
    expect(page.locator("#waits-view-open")).to_have_text("2")
    expect(page.locator("#waits-queue")).to_have_text("2")
    page.set_viewport_size({"width": 390, "height": 844})
    row = page.locator("#queue-table tr[data-ref]").first
    assert row.bounding_box()["height"] <= 120  # type: ignore[index]
    assert page.evaluate("document.querySelector('#queue-table .scroll').scrollWidth <= innerWidth")
    signer = opens()
    signer.signs_in("supervisor")
    page = signer.page
    expect(page.locator("#waits-signoff_list")).to_have_text("0")
    waits, _review = make.awaiting_case(second_reviewer, "L-3")
    reads_anew(page)
    expect(page.locator("#live tr[data-ref]")).to_have_attribute("data-ref", waits.ref)
    expect(page.locator("#waits-signoff_list")).to_have_text("1")
    page.goto("/second-looks")
    reads_anew(page)
    expect(page.locator("#live h2").first).to_be_visible()
    page.goto("/team")
    reads_anew(page)
    expect(page.locator("#live .members")).to_be_visible()
    expect(page.locator("#ages .members")).to_be_visible()
    assert page.evaluate(ASKED)
    page.locator("#hand-over-reason").focus()
    assert not page.evaluate(ASKED)
