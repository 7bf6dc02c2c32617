"""A source's mapping in the browser: an administrator recognises, corrects and proposes, a second person signs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from cases.models import User
from intake.models import Source, SourceMapping
from tests.browser.conftest import Opens
from tests.browser.test_looks import too_wide, violations
from tests.mapped import REASON, SAMPLE


def test_an_admin_maps_a_sample_and_a_supervisor_signs_it(
    transactional_db: None, opens: Opens, admin: User, supervisor: User, tmp_path: Path, settings: Any
) -> None:
    settings.INCOMING = tmp_path / "incoming"
    Source.objects.create(slug="branch", title="Branch 1")
    file = tmp_path / "loans.csv"
    file.write_text(SAMPLE, encoding="utf-8")
    person = opens(reduced_motion="reduce")
    page = person.page
    person.signs_in("admin")
    page.goto("/sources/branch/mapping")
    found = looked_at(page)
    page.get_by_label("From a sample file").set_input_files(file)
    page.get_by_role("button", name="Recognise its columns").click()
    page.wait_for_url(re.compile(r"/mapping/1$"))
    expect(page.locator("#preview")).to_contain_text("Good rows: 2; refused: 1")
    # The preview follows what is chosen by keyboard, before anything is saved.
    choice = page.get_by_label("Becomes: 贷款金额(万元)")
    choice.focus()
    choice.select_option("feature")
    expect(page.locator("#preview")).to_contain_text("Good rows: 0; refused: 3")
    choice.select_option("amount")
    expect(page.locator("#preview")).to_contain_text("Good rows: 2; refused: 1")
    assert SourceMapping.objects.get().content["fields"]["amount"]["column"] == "贷款金额(万元)"
    page.get_by_label("Means empty: 年收入").fill("-1")
    page.get_by_label("Name of the feature: 职级").fill("grade")
    page.get_by_role("button", name="Codes: 职级").click()
    page.wait_for_url(re.compile(r"/codes\?of=features.grade$"))
    found += looked_at(page)
    page.get_by_label("One line each").fill("A,junior\nB,senior\nC,chief")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile(r"/mapping/1#rows-title$"))
    expect(page.locator("#preview")).to_contain_text("senior")
    found += looked_at(page)
    page.get_by_label("Why").fill(REASON)
    page.get_by_role("button", name="Propose", exact=True).click()
    expect(page.locator("#status")).to_contain_text("a second person has to sign it")
    expect(page.get_by_role("button", name="Sign", exact=True)).to_have_count(0)
    signs(opens, found)
    assert found == []


def signs(opens: Opens, found: list[str]) -> None:
    other = opens(language="zh-hans", reduced_motion="reduce").page
    other.goto("/login")
    other.locator("input[name=username]").fill("supervisor")
    other.locator("input[name=password]").fill("a-long-test-password")
    other.keyboard.press("Enter")
    other.wait_for_url(lambda url: "/login" not in url)
    other.goto("/sources/branch/mapping/1")
    found += looked_at(other)
    other.locator("#reason").fill(REASON)
    other.get_by_role("button", name="签署", exact=True).click()
    expect(other.locator("#status")).to_contain_text("已签署")
    version = SourceMapping.objects.get()
    assert (version.status, version.signed_by and version.signed_by.username) == ("in_force", "supervisor")
    assert version.content["features"]["grade"]["values"] == {"a": "junior", "b": "senior", "c": "chief"}
    assert version.content["features"]["annual_income"]["missing"] == ["-1"]


def looked_at(page: Page) -> list[str]:
    """What axe finds in either colour, and how far the page is wider than a narrow screen."""
    found = violations(page)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    found += violations(page, {"runOnly": {"type": "rule", "values": ["color-contrast"]}})
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    return found + too_wide(page)
