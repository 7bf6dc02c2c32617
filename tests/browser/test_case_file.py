"""The file of a case at the keyboard: a comment that names somebody, cases like it, a document, the inbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from cases.models import User
from routing.models import Policy
from tests import make
from tests.browser.conftest import Opens
from tests.cases.files import PDF_FILE


def test_a_comment_names_somebody_by_keys_and_the_file_grows_without_a_reload(
    opens: Opens, ground: Policy, reviewer: User, supervisor: User, tmp_path: Path, settings: Any
) -> None:
    own = {**settings.STORAGES["attachments"], "OPTIONS": {"location": str(tmp_path / "kept")}}
    settings.STORAGES = {**settings.STORAGES, "attachments": own}
    make.cases(1)
    make.run_machine()
    person, boss = opens(), opens(language="zh-hans", theme="dark")
    person.signs_in("reviewer")
    ref, page = person.starts(), person.page
    person.press("s")
    expect(page.locator("#similar")).to_contain_text("known outcome")
    page.locator("[name=decision][value=approve]").check()
    person.press("c")
    expect(page.locator("#comment")).to_be_focused()
    person.write("Is the employer known, @sup")
    expect(page.locator("#people-suggested [aria-selected=true]")).to_contain_text("supervisor")
    expect(page.locator("#comment")).to_have_attribute("aria-activedescendant", "person-0")
    person.press("Enter")
    expect(page.locator("#comment")).to_have_value("Is the employer known, @supervisor ")
    expect(page.locator("#people-suggested")).to_be_hidden()
    person.press("Control+Enter")
    expect(page.locator(".said")).to_have_text("Is the employer known, @supervisor")
    expect(page.locator("#comments [role=status]")).to_have_text("Told: supervisor")
    # The decision that was being made is still there, and nothing was decided by Enter.
    expect(page.locator("[name=decision]:checked")).to_have_value("approve")
    assert person.ref == ref
    slip = tmp_path / "slip.pdf"
    slip.write_bytes(PDF_FILE)
    page.locator("#files").set_input_files(slip)
    page.locator(".add-documents button[type=submit]").click()
    expect(page.locator(".document-name")).to_contain_text("slip.pdf")
    boss.signs_in("supervisor")
    expect(boss.page.locator(".inbox .count")).to_contain_text("1")
    boss.press("g", "n")
    boss.page.wait_for_url("**/notifications")
    expect(boss.page.locator(".notice-words")).to_contain_text("reviewer 提到了您")
    boss.page.get_by_role("button", name=f"标为已读：{ref}").press("Enter")
    expect(boss.page.locator(".inbox .count")).to_have_count(0)
    boss.page.locator(".notice-list .row-link").press("Enter")
    boss.page.wait_for_url(f"**/review/{ref}")
