"""How long a reviewer waits between the key that confirms a decision and the next case, in Chromium.

Cases of the sample, scored and routed by its policy, are decided by keys alone: the decision that agrees with the
advice, a reason where one is asked for, Enter. Measured in the page, from the press of Enter until the next case is
swapped in, settled, its heading focused, and two frames are drawn; from the decision key to its frame apart. The
reference, in turns in the same run: the same markup out of memory by a bare server, swapped in by htmx alone. The
server of the desk is a process of its own, as in use. Where other programs share the processors, read the processor
time: what the server's process and the page's main thread used up for one decision.
"""

from __future__ import annotations

import argparse
import gc
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import mean, quantiles
from typing import Any, Final

import django_htmx
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import connection, transaction
from django.test.testcases import LiveServerThread
from playwright.sync_api import CDPSession, Page, sync_playwright

from bench._ground import ready_to_decide, report, sample_submissions, say, scratch, use_database
from cases.arrivals import insert_cases
from cases.desk_rules import set_desk_rules
from cases.models import Case, User
from cases.states import State
from intake.admission.new_cases import new_case
from routing.actions import route_scored_cases
from scoring.actions import score_waiting_cases
from tests.find_chromium import installed

PASSWORD: Final = "riskreview-bench"  # noqa: S105  of a scratch database
LIMIT_MS: Final = 150
# The keys of a case that has just come are not read for 300 ms; a person takes longer.
READ_MS: Final = 400
# Told from within the page: asking it again and again would take processor time from what is measured.
TELL: Final = """(name) => new Promise((tell, fail) => {
  const end = performance.now() + 60000;
  const look = () => {
    if (name in window.times) tell(window.times[name]);
    else if (performance.now() > end) fail(new Error(`no ${name}`));
    else setTimeout(look, 20);
  };
  look();
})"""
WATCH: Final = """
window.times = {};
document.addEventListener("keydown", (event) => {
  const start = event.timeStamp;
  if (event.key === "Enter") {
    window.times.start = start;
    const before = document.getElementById("case");
    const look = () => {
      const now = document.getElementById("case");
      const settled = now && now !== before && !now.matches(".htmx-added, .htmx-settling")
        && document.activeElement?.id === "case-title";
      if (settled) requestAnimationFrame(() => { window.times.end = performance.now(); });
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  } else {
    requestAnimationFrame(() => requestAnimationFrame(() => { window.times.key = performance.now() - start; }));
  }
}, true);
"""
BARE: Final = """<!doctype html><title>bare</title><script src="/htmx.js"></script>
<body><button hx-get="/next" hx-target="#case" hx-swap="outerHTML">next</button><article id="case"></article>
<script>
document.addEventListener("keydown", (event) => { if (event.key === "Enter") htmx.trigger("button", "click"); });
document.addEventListener("htmx:afterSettle", () => document.getElementById("case-title").focus());</script>"""


def take_in(number: int) -> None:
    """The first applications of 2018, scored and routed; every one may be decided at once."""
    nowhere = {"opinion_share": 0.0, "opinion_on_high_amounts": False, "opinion_on_grey_band": False}
    set_desk_rules(by=User.objects.get(username="admin"), reason="No opinion is asked first here.", changes=nowhere)
    with transaction.atomic(durable=True):
        insert_cases("bench", [new_case(each) for each in sample_submissions()[:number]], entered_by=None, facts={})
    while score_waiting_cases("bench") + route_scored_cases():
        pass
    say(f"{Case.objects.filter(state=State.QUEUED).count()} cases wait for a person")


def signs_in(page: Page) -> None:
    page.goto("/login")
    page.fill("input[name=username]", "reviewer")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/review*")
    page.keyboard.press("r")
    page.wait_for_selector("#decision")


def decide(page: Page) -> dict[str, float]:
    """One decision by keys; milliseconds until its key was drawn, and until the next case was there."""
    page.wait_for_timeout(READ_MS)
    approve = page.locator("[name=decision][value=approve]")
    declines = approve.get_attribute("data-needs-codes") is not None
    page.keyboard.press("x" if declines else "a")
    key = told(page, "key")
    if declines:
        page.keyboard.press("1")
    return {"key": key, "next": press_enter(page)}


def press_enter(page: Page) -> float:
    page.evaluate("window.times = {}")
    page.keyboard.press("Enter")
    return told(page, "end") - told(page, "start")


def told(page: Page, name: str) -> float:
    """A time that the page has noted, once it is there. Playwright's own waiting would need `eval`, which the policy of
    the pages forbids."""
    return float(page.evaluate(TELL, name))


@contextmanager
def bare_server(markup: str) -> Iterator[str]:
    """The address of a server that gives the same markup again and again out of memory."""
    htmx = (Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js").read_bytes()
    answers = {
        "/": ("text/html", BARE.encode()),
        "/htmx.js": ("text/javascript", htmx),
        "/next": ("text/html", markup.encode()),
    }

    class Bare(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = answers.get(self.path, ("text/plain", b""))
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Bare)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()


@contextmanager
def desk_server() -> Iterator[tuple[str, Callable[[], float]]]:
    """The address of the desk, served by a process of its own, and how many seconds of processor time it has used."""
    here, there = get_context("spawn").Pipe()
    server = get_context("spawn").Process(target=serve, args=(connection.settings_dict["NAME"], there), daemon=True)
    server.start()

    def used() -> float:
        here.send("used")
        return float(here.recv())

    try:
        yield f"http://127.0.0.1:{here.recv()}", used
    finally:
        here.send("end")
        server.join()


def serve(database: str, asked: Connection) -> None:
    """The desk over one database: tells its port, then its processor time whenever it is asked, until the end."""
    use_database(database)
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    gc.freeze()  # as riskreview/wsgi.py does
    asked.send(server.port)
    while asked.recv() == "used":
        asked.send(time.process_time())
    server.terminate()


def worked(session: CDPSession) -> float:
    """Seconds of processor time that the main thread of the page has used."""
    told_now = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    return float(told_now["TaskDuration"])


def figures(milliseconds: list[float]) -> dict[str, float]:
    cuts = quantiles(milliseconds, n=20)
    return {"p50_ms": round(cuts[9], 1), "p95_ms": round(cuts[18], 1), "most_ms": round(max(milliseconds), 1)}


def measure(decisions: int) -> dict[str, Any]:
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with desk_server() as (url, used), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=installed(), args=[*root, "--disable-dev-shm-usage", "--disable-gpu"]
        )
        context = browser.new_context(base_url=url, viewport={"width": 1440, "height": 900})
        context.add_init_script(WATCH)
        page = context.new_page()
        signs_in(page)
        decide(page)  # the first of a process also loads what the others find there
        session = context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        with bare_server(page.locator("#case").evaluate("element => element.outerHTML")) as bare_url:
            bare = context.new_page()
            bare.goto(bare_url)
            found: dict[str, list[float]] = {"key": [], "next": [], "bare": [], "server": [], "page": []}
            for turn in range(decisions):
                page.bring_to_front()
                before = used(), worked(session)
                for name, value in decide(page).items():
                    found[name].append(value)
                found["server"].append((used() - before[0]) * 1000)
                found["page"].append((worked(session) - before[1]) * 1000)
                bare.bring_to_front()
                found["bare"].append(press_enter(bare))
                if turn % 10 == 0:
                    say(f"{turn} decisions")
        browser.close()
    return {
        "decisions": decisions,
        "enter_to_next_case": figures(found["next"]),
        "decision_key_to_frame": figures(found["key"]),
        "bare_swap": figures(found["bare"]),
        "server_processor_ms": round(mean(found["server"]), 1),
        "page_processor_ms": round(mean(found["page"]), 1),
        "to_bare": round(quantiles(found["next"], n=2)[0] / quantiles(found["bare"], n=2)[0], 1),
        "within_limit": figures(found["next"])["p95_ms"] <= LIMIT_MS,
        "load": [round(each, 1) for each in os.getloadavg()],
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.next_case", description=__doc__)
    parser.add_argument("--decisions", type=int, default=60, help="decisions that are timed (default 60)")
    parser.add_argument("--cases", type=int, default=1_500, help="applications that are taken in (default 1,500)")
    options = parser.parse_args()
    with scratch():
        ready_to_decide()
        take_in(options.cases)
        report("next_case", measure(options.decisions))


if __name__ == "__main__":
    main()
