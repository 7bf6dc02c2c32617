"""What is typed in a mapping's draft: kept over a reload, proposed as it is seen, and given back after a conflict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cases.models import User
from intake.models import Source, SourceMapping
from tests.browser.conftest import Opens
from tests.browser.test_drafts import kept
from tests.browser.test_mapping import looked_at
from tests.mapped import REASON, drafted

TABLE = "合同号,贷款金额(元),期限,申请日期,身份证号,年收入\nHT-1,124000,24期,2026-01-05,11010519491231002X,90000\n"
UNIT = "Unit: 贷款金额(元)"


@pytest.fixture
def page(transactional_db: None, opens: Opens, admin: User, tmp_path: Path, settings: Any) -> Page:
    settings.INCOMING = tmp_path / "incoming"
    Source.objects.create(slug="branch", title="Branch 1")
    drafted("branch", by=admin, text=TABLE)
    person = opens(reduced_motion="reduce")
    person.signs_in("admin")
    person.page.goto("/sources/branch/mapping/1")
    return person.page


def types(page: Page) -> None:
    page.get_by_label(UNIT).select_option("10000")
    expect(page.locator("#preview")).to_contain_text("1240000000")


def test_what_was_typed_outlives_a_reload_with_its_preview_and_is_proposed_as_it_is_seen(
    page: Page, opens: Opens, supervisor: User
) -> None:
    unsaved = page.locator("[data-unsaved]")
    expect(unsaved).to_be_hidden()
    types(page)
    expect(unsaved).to_be_visible()
    page.get_by_label("Why").fill(REASON)
    page.reload()
    expect(page.get_by_label(UNIT)).to_have_value("10000")
    expect(page.get_by_label("Why")).to_have_value(REASON)
    expect(page.locator("#preview")).to_contain_text("1240000000")
    expect(unsaved).to_be_visible()
    assert "scale" not in SourceMapping.objects.get().content["fields"]["amount"]
    page.get_by_role("button", name="Only try it").click()
    page.wait_for_url("**/preview")
    expect(page.locator("th", has_text="贷款金额(元)")).to_contain_text("saved is: as it stands")
    page.goto("/sources/branch/mapping/1")
    expect(page.get_by_label(UNIT)).to_have_value("10000")
    found = looked_at(page)
    page.get_by_role("button", name="Propose", exact=True).click()
    expect(page.locator("#status")).to_contain_text("a second person has to sign it")
    expect(page.locator("#preview")).to_contain_text("1240000000")
    now = SourceMapping.objects.get()
    assert (now.status, now.content["fields"]["amount"]["scale"], kept(page)) == ("proposed", "10000", [])
    other = opens(language="zh-hans", reduced_motion="reduce")
    other.signs_in("supervisor")
    other.page.goto("/signoff")
    found += looked_at(other.page)
    other.page.get_by_role("link", name="Branch 1").click()
    expect(other.page.locator("#preview")).to_contain_text("1240000000")
    for place in ("/sources", "/sources/branch", "/notifications"):
        other.page.goto(place)
        found += looked_at(other.page)
    assert found == []


def test_comparing_and_enter_keep_what_was_typed(page: Page) -> None:
    types(page)
    page.get_by_label("Why").fill(REASON)
    page.get_by_role("button", name="Save and compare with past rows").click()
    expect(page.locator("#comparison-title")).to_be_visible()
    expect(page.get_by_label(UNIT)).to_have_value("10000")
    expect(page.get_by_label("Why")).to_have_value(REASON)
    page.get_by_label("Means empty: 年收入").fill("-1")
    expect(page.locator("[data-outdated]")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_contain_text("Saved.")
    # Nothing was left out: all that was typed is saved.
    expect(page.locator("[data-outdated]")).to_be_hidden()
    now = SourceMapping.objects.get()
    assert (now.status, now.content["features"]["annual_income"]["missing"]) == ("draft", ["-1"])
    assert kept(page) == []


def test_a_draft_open_in_two_tabs_comes_back_with_what_was_typed_and_stays_so(page: Page) -> None:
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Means empty: 年收入").fill("-1")
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.locator("#status")).to_contain_text("Saved.")
    types(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#form-problem")).to_contain_text("saved this draft at")
    expect(page.get_by_label(UNIT)).to_have_value("10000")
    expect(page.locator("th", has_text="年收入")).to_contain_text("saved is: -1")
    found = looked_at(page)
    # Left and come back to, it is still there, and no draft of the state before.
    page.goto("/sources/branch/mapping")
    page.goto("/sources/branch/mapping/1")
    expect(page.get_by_label(UNIT)).to_have_value("10000")
    expect(page.locator("[data-unsaved]")).to_be_visible()
    assert len(kept(page)) == 1
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#status")).to_contain_text("Saved.")
    assert SourceMapping.objects.get().content["fields"]["amount"]["scale"] == "10000"
    # The other tab has typed more meanwhile, and reloads: it is told that this is left out.
    other.get_by_label("Means empty: 年收入").fill("-9")
    other.reload()
    expect(other.locator("[data-outdated]")).to_be_visible()
    expect(other.get_by_label("Means empty: 年收入")).not_to_have_value("-9")
    assert found == []
