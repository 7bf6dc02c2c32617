"""What the pages of a working day may weigh, and that nothing on them moves while they come."""

from __future__ import annotations

import gzip
from typing import Final

from playwright.sync_api import Page, Response

from cases.models import User
from routing.models import Policy
from tests import make
from tests.browser.conftest import Opens

KILOBYTE: Final = 1024
HTML_MOST: Final = 60 * KILOBYTE
CSS_MOST: Final = 20 * KILOBYTE
# Of which htmx alone takes 16.2.
JS_MOST: Final = 25 * KILOBYTE
SHIFT_MOST: Final = 0.05
WATCH: Final = """
window.shifted = 0;
new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
  if (!entry.hadRecentInput) window.shifted += entry.value;
})).observe({ type: "layout-shift", buffered: true });
"""


def weight(page: Page, path: str) -> dict[str, int]:
    """The bytes of a page by kind, scripts and styles compressed; what only a developer's server adds is left out."""
    answers: list[Response] = []

    def answered(answer: Response) -> None:
        answers.append(answer)

    page.on("response", answered)
    page.goto(path, wait_until="networkidle")
    page.remove_listener("response", answered)
    found = {"document": 0, "script": 0, "stylesheet": 0}
    for answer in answers:
        kind = answer.request.resource_type
        if kind in found and "django-htmx" not in answer.url:
            found[kind] += len(answer.body()) if kind == "document" else len(gzip.compress(answer.body()))
    return found


def test_queue_case_signoff_and_team_are_light_and_hold_still(
    opens: Opens, ground: Policy, reviewer: User, supervisor: User
) -> None:
    make.cases(60)
    make.run_machine()
    mine = make.claimed_case(reviewer, "A-1", signing=make.signing(approve=2, decline=1))
    waits, _review = make.awaiting_case(reviewer, "A-2")
    pages = {
        reviewer: ["/review", f"/review/{mine.ref}"],
        supervisor: ["/signoff", f"/signoff/{waits.ref}", f"/review/{waits.ref}", "/team"],
    }
    too_much = []
    for user, paths in pages.items():
        person = opens()
        person.page.context.add_init_script(WATCH)
        person.signs_in(user.username)
        # What is routed comes without the cache, so that every page tells all that it asks for.
        person.page.route("**/*", lambda route: route.continue_())
        for path in paths:
            found = weight(person.page, path)
            found_shift = person.page.evaluate("window.shifted")
            assert found["script"] > 0
            assert found["stylesheet"] > 0
            limits = {"document": HTML_MOST, "script": JS_MOST, "stylesheet": CSS_MOST}
            too_much += [f"{path}: {kind} {found[kind]}" for kind, most in limits.items() if found[kind] > most]
            too_much += [f"{path}: shifts {found_shift}"] if found_shift > SHIFT_MOST else []
    assert too_much == []
