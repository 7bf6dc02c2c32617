"""What a person does at the keyboard, with the presses counted."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests import make

# keys.js ignores presses for 300 ms after the next case has appeared; a person takes longer to read it.
READ_MS = 350
CASE = re.compile(r"/review/(CR-\d+)")


class Person:
    """One person at one browser."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.presses = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.presses += 1

    def write(self, text: str) -> None:
        """Typing into a field is not counted."""
        self.page.keyboard.type(text)

    def signs_in(self, username: str) -> None:
        self.page.goto("/login")
        self.says_who(username)

    def says_who(self, username: str) -> None:
        """At the door: the user name has the focus; Tab, and Enter sends."""
        expect(self.page.locator("input[name=username]")).to_be_focused()
        self.write(username)
        self.press("Tab")
        self.write(make.PASSWORD)
        self.press("Enter")
        self.page.wait_for_url(lambda url: "/login" not in url)
        self.reads()

    def reads(self) -> None:
        self.page.wait_for_timeout(READ_MS)

    @property
    def ref(self) -> str:
        """The case on the screen."""
        return self.page.locator("#case").get_attribute("data-ref") or ""

    def starts(self) -> str:
        """R on the queue: the first case."""
        self.press("r")
        self.page.wait_for_url(CASE)
        self.reads()
        return self.ref

    def sees_next_after(self, ref: str) -> str:
        """The next case has taken the place of `ref`, with the focus on its heading."""
        expect(self.page.locator(f"#case[data-ref='{ref}']")).to_have_count(0)
        expect(self.page.locator("#case-title")).to_be_focused()
        self.reads()
        return self.ref

    def tabs_to(self, selector: str) -> None:
        """Tab until `selector` has the focus."""
        wanted = self.page.locator(selector)
        for _press in range(120):
            if wanted.evaluate("element => element === document.activeElement"):
                return
            self.press("Tab")
        raise AssertionError(f"Tab does not reach {selector}")

    def signs_out_by_keys(self) -> None:
        self.tabs_to("[data-person-menu] summary")
        self.press("Enter")
        self.tabs_to("form[action='/logout'] button")
        self.press("Enter")
        self.page.wait_for_url("**/login")
