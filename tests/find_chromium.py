"""Finds the browser of the tests, or installs it: `python -m tests.find_chromium` prints its path."""

import os
import shutil
import subprocess
import sys

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = (
    "No Chromium: install the package `chromium`, or set CHROME to the path of a Chromium or Chrome "
    "(`make test BROWSER=no` leaves the browser tests out)."
)


def installed() -> str | None:
    """The browser that CHROME names, or one on the path, or one that Playwright installed earlier."""
    named = os.environ.get("CHROME", "")
    if named:
        return shutil.which(named)
    for name in NAMES:
        if found := shutil.which(name):
            return found
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.access(path, os.X_OK) else None


def install() -> str | None:
    """Try Playwright's own download, then apt-get where we are root."""
    attempts = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        attempts += [["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]]
    for command in attempts:
        print("No Chromium yet, trying:", " ".join(command[-3:]), file=sys.stderr, flush=True)
        try:
            subprocess.run(command, check=False, stdout=sys.stderr, timeout=600)
        except subprocess.TimeoutExpired:
            continue
        if found := installed():
            return found
    return None


def main() -> int:
    """Print the path of a browser; 1 and one line of advice if there is none to be had."""
    if os.environ.get("CHROME") and not installed():
        print(f"CHROME names no program: {os.environ['CHROME']}", file=sys.stderr)
        return 1
    path = installed() or install()
    print(path or ADVICE, file=sys.stdout if path else sys.stderr)
    return 0 if path else 1


if __name__ == "__main__":
    sys.exit(main())
