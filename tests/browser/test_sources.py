"""The board of the sources and the page of kept messages: their columns in both languages, and what Enter does."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from cases.models import User
from intake.models import MessageStep, Source
from tests.browser.conftest import Opens
from tests.browser.test_looks import too_wide
from tests.intake.kept import keep, of_crm

# Of each cell, how many lines its text takes.
LINES = """cells => cells.map(cell => Math.round(cell.getBoundingClientRect().height
    / parseFloat(getComputedStyle(cell).lineHeight)))"""


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_column_of_the_board_is_narrower_than_what_it_says(
    transactional_db: None, opens: Opens, admin: User, language: str
) -> None:
    Source.objects.create(
        slug="branch-los", title="Branch loan origination", kind="push", owner=admin, every_hours=24, promise_hours=48
    )
    person = opens(language=language)
    page = person.page
    person.signs_in("admin")
    for width in (1440, 1024):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto("/sources")
        parts = page.locator("tbody td:nth-child(5) > div")
        expect(parts).to_have_count(2)
        assert parts.evaluate_all(LINES) == [1, 1]
        assert too_wide(page) == []


def test_enter_in_the_reason_starts_nothing_and_the_buttons_do(
    transactional_db: None, opens: Opens, supervisor: User
) -> None:
    first, _second = keep(of_crm("A-1"), of_crm("A-2"))
    person = opens()
    page = person.page
    person.signs_in("supervisor")
    page.goto("/sources/crm/kept")
    reason = page.get_by_label("What was mended, or why it is set aside")
    reason.fill("the sender withdrew it")
    reason.press("Enter")
    expect(reason).to_have_value("the sender withdrew it")
    assert MessageStep.objects.count() == 0
    page.get_by_role("button", name=f"Set aside {first.message}").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The message is set aside; it can be taken up again.")).to_be_visible()
    step = MessageStep.objects.get()
    assert (step.row_id, step.name, step.reason, step.actor) == (
        first.pk, "set_aside", "the sender withdrew it", supervisor,
    )  # fmt: skip
