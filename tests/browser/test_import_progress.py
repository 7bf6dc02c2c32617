"""The page of imports reads itself anew while files come in, and says which source a name means before it is sent."""

from __future__ import annotations

import os
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from cases.models import User
from intake.models import Batch, IncomingFile, MappingVersion, Source
from tests.browser.conftest import Opens
from tests.browser.test_looks import too_wide, violations


@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "dark"), ("en", "light")])
def test_a_running_file_comes_on_by_itself_and_ends_as_complete(
    transactional_db: None, opens: Opens, supervisor: User, language: str, theme: str
) -> None:
    source = Source.objects.create(slug="bank-cn")
    mapping = MappingVersion.objects.create(source=source, number=1, name="m", sha256="0" * 64, content={})
    IncomingFile.objects.create(source="bank-cn", name="big.csv", sha256="1" * 64, uploaded_by=supervisor)
    person = opens(language=language, theme=theme)
    page = person.page
    person.signs_in("supervisor")
    page.goto("/imports")
    expect(page.locator("progress")).to_have_count(0)
    page.locator("#source").focus()
    batch = Batch.objects.create(
        source=source, name="big.csv", sha256="1" * 64, mapping=mapping, rows=12_000, accepted=12_000,
        rows_expected=60_000, moved_at=timezone.now(),
    )  # fmt: skip
    bar = page.get_by_role("progressbar", name="big.csv")
    expect(bar).to_have_attribute("value", "12000")
    expect(bar).to_have_accessible_description(
        "12,000 of about 60,000 rows" if language == "en" else "已读 12,000 行，共约 60,000 行"
    )
    if shots := os.environ.get("SHOTS"):
        page.screenshot(path=f"{shots}/progress-{language}.png", full_page=True)
    assert violations(page) == []
    assert too_wide(page) == []
    Batch.objects.filter(pk=batch.pk).update(rows=48_000, accepted=48_000, moved_at=timezone.now())
    expect(bar).to_have_attribute("value", "48000")
    Batch.objects.filter(pk=batch.pk).update(rows=60_000, accepted=60_000, finished_at=timezone.now())
    IncomingFile.objects.update(batch=batch, done_at=timezone.now())
    expect(page.locator("progress")).to_have_count(0)
    expect(page.get_by_text("complete" if language == "en" else "完成", exact=True)).to_be_visible()
    expect(page.locator("#source")).to_be_focused()


@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "dark"), ("en", "light")])
def test_a_name_tells_its_source_while_it_is_typed_and_what_was_not_sent_is_listed(
    transactional_db: None, opens: Opens, supervisor: User, settings: Any, tmp_path: Any, language: str, theme: str
) -> None:
    settings.INCOMING = tmp_path
    Source.objects.create(slug="bank-cn")
    person = opens(language=language, theme=theme)
    page = person.page
    person.signs_in("supervisor")
    page.goto("/imports")
    hint = page.locator("#source-hint")
    page.locator("#source").press_sequentially("Bank-CN2")
    expect(hint).to_contain_text("opens a new one" if language == "en" else "将新建该来源")
    page.locator("#source").press("Backspace")
    expect(hint).to_contain_text("bank-cn")
    files = [{"name": name, "mimeType": "text/csv", "buffer": data} for name, data in (
        ("f_en.csv", b"a,b\n1,2\n"), ("empty.csv", b""), ("b.xlsx", b"x"),
    )]  # fmt: skip
    page.locator("#file").set_input_files(files)  # type: ignore[arg-type]
    page.locator("form[enctype] button[type=submit]").click()
    expect(page.locator("#file-problem li")).to_have_count(1)
    expect(page.locator("#file-problem")).to_contain_text("empty.csv")
    expect(page.locator("#file-problem ~ ul li")).to_have_text(["f_en.csv", "b.xlsx"])
    assert set(IncomingFile.objects.values_list("source", "name")) == {("bank-cn", "f_en.csv"), ("bank-cn", "b.xlsx")}
    if shots := os.environ.get("SHOTS"):
        page.screenshot(path=f"{shots}/sent-{language}.png", full_page=True)
    assert violations(page) == []
    assert too_wide(page) == []
