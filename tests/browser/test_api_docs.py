"""The page that describes the API: it shows every operation, under our content policy, with nothing from elsewhere."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from riskreview.api import api
from tests.browser.conftest import Opens


@pytest.mark.django_db(transaction=True)
def test_the_api_describes_itself_without_asking_another_host(opens: Opens) -> None:
    schema = api.get_openapi_schema(path_prefix="/api/v1/")
    operations = sum(len(methods) for methods in schema["paths"].values())
    assert operations > 0
    page = opens().page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/api/v1/docs")
    expect(page.get_by_role("heading", name="RiskReview")).to_be_visible()
    shown = page.locator(".opblock")
    expect(shown).to_have_count(operations)
    expect(shown.first).to_be_visible()
    shown.first.get_by_role("button").first.click()
    expect(shown.first.locator(".opblock-body")).to_be_visible()
    page.wait_for_load_state("networkidle")
    hosts = {urlsplit(url).netloc for url in asked if not url.startswith("data:")}
    assert hosts == {urlsplit(page.url).netloc}
