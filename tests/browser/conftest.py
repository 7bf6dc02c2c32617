"""A real Chromium against the live server. A CSP violation, a script error or a missing file fails the test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from cases.models import User
from routing.models import Policy
from scoring.models import ModelVersion
from tests import make
from tests.browser.person import Person
from tests.find_chromium import installed

# Playwright's synchronous calls run inside an event loop, where Django refuses the database unless it is told so.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# A page comes in a fraction of a second; on a machine that others keep busy it may take many.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)

VIEWPORT: ViewportSize = {"width": 1440, "height": 900}
WATCH = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""
Opens = Callable[..., Person]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The installed browser; without its sandbox only where we are root, which Chromium's sandbox refuses."""
    path = installed()
    assert path, "No Chromium: run `python -m tests.find_chromium`."
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    # Containers often give /dev/shm too little room; without a display there is no GPU to wait for.
    args = [*root, "--disable-dev-shm-usage", "--disable-gpu"]
    return {**browser_type_launch_args, "executable_path": path, "args": args}


@pytest.fixture
def opens(browser: Browser, live_server: LiveServer) -> Iterator[Opens]:
    """Opens a browser of its own for one person; what goes wrong in any of them fails the test at its end."""
    wrong: list[str] = []
    contexts = []

    def open_for(*, language: str = "en", theme: str = "light", **options: Any) -> Person:
        context = browser.new_context(viewport=VIEWPORT, locale="en-US", base_url=live_server.url, **options)
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(WATCH)
        context.add_cookies(
            [
                {"name": "django_language", "value": language, "url": live_server.url},
                {"name": "theme", "value": theme, "url": live_server.url},
            ]
        )
        contexts.append(context)
        page = context.new_page()
        watch(page, wrong)
        return Person(page)

    yield open_for
    for context in contexts:
        context.close()
    assert wrong == []


def watch(page: Page, wrong: list[str]) -> None:
    """Collects script errors, console errors and files that did not come. A refusal of the server is no error here:
    the browser writes a line about every answer of 400 and above."""

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            wrong.append(f"{page.url}: {message.text}")

    def answered(response: Response) -> None:
        kind = response.request.resource_type
        if response.status >= 500 or (response.status >= 400 and kind not in ("document", "xhr", "fetch")):
            wrong.append(f"{response.url}: {response.status}")

    page.on("console", heard)
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    page.on("response", answered)


@pytest.fixture
def ground(
    transactional_db: None, champion: ModelVersion, admin: User, supervisor: User, reviewer: User, second_reviewer: User
) -> Policy:
    """People, a champion, and a policy that audits everything: what the machine would decide waits with its advice."""
    return make.policy(admin, supervisor, audit_share=1.0)
