"""How long the server takes for the queue and for "start reviewing", with a million cases in the database.

Asked by a test client that is signed in as a reviewer, without a network: every tab, its order by what is due,
searches, narrow filters, pages deep in the list, and the claim of the next case with the page it leads to. The
reference, in the same run, is the bare statement that reads the fifty rows of the first page with their applicants.
"""

from __future__ import annotations

import argparse
import gc
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import Any, Final
from urllib.parse import urlencode

from django.db import connection
from django.test import Client

from bench._ground import report, say, scratch
from bench._long_queue import fill, make_people
from cases.actions import release_case
from cases.models import Case, User
from desk.keyset import cursor_of
from desk.queue_filter import QueueFilter
from desk.tabs import VIEWS

MOST_QUERIES: Final = 12
MOST_P95_MS: Final = 120
DEEP: Final = 100_000
PAGES: Final = {
    "default view": "/review",
    **{f"tab {view}": f"/review?view={view}" for view in VIEWS},
    **{f"tab {view}, due first": f"/review?view={view}&sort=due" for view in VIEWS},
    "product, region, amount": "/review?view=open&product=consumer&region=WY&least=5000",
    "rare region, due first": "/review?view=open&region=WY&sort=due",
    "amount of the rarest": "/review?view=open&least=39900",
    "late": "/review?view=open&sla=late",
    "due within four hours": "/review?view=open&sla=soon",
    "rare reason of a region": "/review?view=audit&region=WY",
    "nothing found by filter": "/review?view=open&product=nonesuch&industry=nonesuch",
    "search by a name": "/review?view=open&q=Applicant+77777",
    "search by a part that all names have": "/review?view=open&q=pplican",
    "search by two letters": "/review?view=open&q=77",
    "search by reference": "/review?view=open&q=123456",
    "search by the name of a case": "/review?view=open&q=CR-654321",
    "search without a find": "/review?view=open&q=nobody+of+this+name",
}
# Views that somebody works through: what narrows them most, and what no index is made for.
STARTED_IN: Final = (
    "tab key", "tab grey, due first", "tab audit", "product, region, amount", "rare region, due first",
    "amount of the rarest", "late", "search by a name", "search by a part that all names have",
)  # fmt: skip
BARE: Final = """
    SELECT c.*, a.* FROM cases_case c JOIN cases_applicant a ON a.id = c.applicant_id
    WHERE c.state = 'queued' AND (c.snoozed_until IS NULL OR c.snoozed_until <= now())
    ORDER BY c.queue_tier, c.queue_rank, c.id LIMIT 51
"""


def deep_pages(user: User) -> dict[str, str]:
    """Addresses of pages a hundred thousand rows into the list, or half-way where it is shorter."""
    found = {}
    for name, chosen in (
        ("deep page", QueueFilter()),
        ("deep page, due first", QueueFilter(sort="due")),
        ("deep page of a tab", QueueFilter(view="grey")),
        ("deep page of a tab, due first", QueueFilter(view="grey", sort="due")),
        ("deep page of a product", QueueFilter(product="consumer")),
    ):
        rows = chosen.apply(user).order_by(*chosen.order)
        deep = min(DEEP, rows.count() // 2)
        place = cursor_of(rows[deep], chosen.order)
        found[name] = "/review?" + urlencode({**chosen.said(), "after": place})
    return found


def processor_seconds() -> float:
    """What this process and its session in the database, both on this machine, have computed: what a neighbour's load
    does not change much."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return time.process_time() + sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def times(work: Callable[[], Any], rounds: int, after: Callable[[], Any] | None = None) -> dict[str, float]:
    """p50 and p95 in milliseconds, and the mean of the processor time; what `after` does behind each round is not
    counted."""
    seconds, computed = [], 0.0
    for _round in range(rounds):
        before, start = processor_seconds(), time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
        computed += processor_seconds() - before
        if after is not None:
            after()
    cuts = quantiles(seconds, n=20)
    figures = {"p50_ms": cuts[9], "p95_ms": cuts[18], "processor_ms": computed / rounds}
    return {name: round(value * 1000, 1) for name, value in figures.items()}


def bare() -> None:
    with connection.cursor() as cursor:
        cursor.execute(BARE)
        assert len(cursor.fetchall()) == 51


def queries_of(work: Callable[[], Any]) -> int:
    asked = []

    def count(execute: Any, sql: str, *more: Any) -> Any:
        asked.append(sql)
        return execute(sql, *more)

    with connection.execute_wrapper(count):
        work()
    return len(asked)


def measured(client: Client, url: str, rounds: int) -> dict[str, Any]:
    assert client.get(url).status_code == 200
    ask = partial(client.get, url)
    return {**times(ask, rounds), "queries": queries_of(ask)}


def started(client: Client, user: User, rounds: int) -> dict[str, Any]:
    """ "Start reviewing": the claim of the next case, then the page of it; each case is given back untimed."""
    claim = partial(client.post, "/review/start")

    def give_back() -> None:
        for case in Case.objects.held_by(user):
            release_case(case.pk, by=user)

    def open_next() -> Any:
        return client.get(claim()["Location"])

    assert claim()["Location"].startswith("/review/CR-")
    give_back()
    found: dict[str, Any] = {}
    for name, work in (("the claim", claim), ("claim and page", open_next)):
        found[f"start reviewing: {name}"] = times(work, rounds, give_back)
    found["start reviewing: the claim"]["queries"] = queries_of(claim)
    give_back()
    for name in STARTED_IN:
        view = PAGES[name].partition("?")[2]
        within = partial(client.post, "/review/start", {"view": view})
        assert within()["Location"].startswith("/review/CR-"), name
        give_back()
        found[f"start reviewing in: {name}"] = times(within, rounds, give_back)
    return found


def measure(user: User, rounds: int) -> dict[str, Any]:
    """Figures of every page for `user`, told as they come."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    assert client.get("/review").status_code == 200
    gc.freeze()  # as riskreview/wsgi.py does
    pages: dict[str, Any] = {}
    for name, url in (PAGES | deep_pages(user)).items():
        pages[name] = measured(client, url, rounds)
        say(f"{name}: {pages[name]}")
    pages |= started(client, user, rounds)
    reference = times(bare, rounds)
    return {
        "pages": pages,
        "bare_rows": reference,
        "default_to_bare": round(pages["default view"]["p50_ms"] / reference["p50_ms"], 1),
        "too_slow": [name for name, each in pages.items() if each["p95_ms"] > MOST_P95_MS],
        "too_many_queries": [name for name, each in pages.items() if each.get("queries", 0) > MOST_QUERIES],
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.queue_page", description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000, help="cases in the database (default a million)")
    parser.add_argument("--rounds", type=int, default=60, help="times each page is asked for (default 60)")
    options = parser.parse_args()
    with scratch():
        say(f"Taking in {options.cases:,} cases")
        people = make_people()
        fill(options.cases, people)
        report("queue_page", {"cases": options.cases, **measure(people[0], options.rounds)})


if __name__ == "__main__":
    main()
