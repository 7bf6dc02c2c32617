"""The page of imports: an archive that is uploaded, of which one table is bad, in both languages and both colours."""

from __future__ import annotations

import io
import os
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from cases.models import Case, User
from intake.ways_in.incoming import take_in_waiting
from tests.browser.conftest import Opens
from tests.browser.test_looks import too_wide, violations
from tests.intake.dirt.kinds import HEADER
from tests.intake.dirt.kinds import row as line

FIRST = "\n".join([HEADER, line(1), line(2, amount="$5021"), line(3)])


def archive() -> bytes:
    """Two tables, one of them with a row to refuse, and a workbook that is none."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as parts:
        parts.writestr("一月.csv", FIRST)
        parts.writestr("february.csv", "\n".join([HEADER, line(4), line(5)]))
        parts.writestr("march.xlsx", b"PK\x03\x04 half of a workbook")
    return packed.getvalue()


@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "dark"), ("en", "light")])
def test_an_archive_with_one_bad_table_tells_of_each_of_its_tables(
    transactional_db: None,
    opens: Opens,
    supervisor: User,
    settings: Any,
    tmp_path: Path,
    language: str,
    theme: str,
) -> None:
    settings.INCOMING = tmp_path
    person = opens(language=language, theme=theme)
    page = person.page
    person.signs_in("supervisor")
    page.goto("/imports")
    page.locator("#source").fill("branch")
    file = {"name": "month.zip", "mimeType": "application/zip", "buffer": archive()}
    page.locator("#file").set_input_files(file)  # type: ignore[arg-type]
    page.locator("form[enctype] button[type=submit]").click()
    expect(page.get_by_text("month.zip")).to_be_visible()
    assert Case.objects.count() == 0
    os.utime(tmp_path / "branch" / "month.zip", (time.time() - 60,) * 2)
    assert take_in_waiting() == 1
    page.goto("/imports")
    for name in ("一月.csv", "february.csv", "march.xlsx"):
        expect(page.get_by_text(f"month.zip › {name}").first).to_be_visible()
    assert Case.objects.count() == 4
    with page.expect_download() as given:
        page.locator("a[download]").click()
    told = given.value.path().read_text("utf-8-sig")
    assert "$5021" in told
    assert "R-1" not in told
    if shots := os.environ.get("SHOTS"):
        page.screenshot(path=f"{shots}/imports-{language}.png", full_page=True)
    assert violations(page) == []
    assert too_wide(page) == []
