"""How long the server takes for the page of the queue, with a million cases in the database.

Asked by a test client that is signed in as a reviewer, without a network: the first tab, its next page, a narrow
filter, the order by what is due, a view of rare cases, and a search by a part of a name. The reference, in turns in
the same run, is the bare statement that reads the fifty rows of the first page with their applicants.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from statistics import quantiles
from typing import Any, Final

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench._ground import report, sample_submissions, say, scratch
from cases.arrivals import insert_cases
from cases.models import User
from cases.move import Move, move_cases
from cases.states import Role
from intake.taking_in import new_case

CHUNK: Final = 5_000
WAITING: Final = 0.3
MOST_QUERIES: Final = 12
PAGES: Final = {
    "first tab": "/review",
    "narrow filter": "/review?view=open&product=consumer&region=WY&least=5000",
    "due first": "/review?view=open&sort=due",
    "rare cases": "/review?view=audit",
    "search by name": "/review?view=open&q=Applicant+77777",
    "search by reference": "/review?view=open&q=123456",
}
BARE: Final = """
    SELECT c.*, a.* FROM cases_case c JOIN cases_applicant a ON a.id = c.applicant_id
    WHERE c.state = 'queued' AND (c.snoozed_until IS NULL OR c.snoozed_until <= now())
    ORDER BY c.queue_tier, c.queue_rank, c.id LIMIT 51
"""


def fill(number: int) -> None:
    """`number` cases by the real doors, three in ten of them in the queue, one in ten thousand by the audit."""
    base = [new_case(submission) for submission in sample_submissions()]
    draw, now = random.Random(0), timezone.now()  # noqa: S311  places in a queue, not a secret
    for start in range(0, number, CHUNK):
        some = [
            replace(
                base[at % len(base)], external_ref=f"{at}", applicant_ref=f"P{at}", applicant_name=f"Applicant {at}"
            )
            for at in range(start, min(start + CHUNK, number))
        ]
        with transaction.atomic(durable=True):
            keys = insert_cases("bench", some, entered_by=None, facts={}).keys
        waiting = [key for key in keys if draw.random() < WAITING]
        with transaction.atomic(durable=True):
            move_cases("park", [Move(key, 1, changes=place(draw, now)) for key in waiting])
        if start % 100_000 == 0:
            say(f"{start:,} cases")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE cases_case")
        cursor.execute("VACUUM ANALYZE cases_applicant")


def place(draw: random.Random, now: Any) -> dict[str, Any]:
    code = "audit" if draw.random() < 1 / 3_000 else draw.choice(["pd_above", "grey_band", "doubtful"])
    return {
        "queue_tier": draw.choice([1, 3, 3, 3]),
        "queue_rank": draw.random(),
        "queued_at": now,
        "due_at": now + timedelta(hours=draw.uniform(-48, 96)),
        "why": [
            {"code": code, "params": {"pd": 0.1, "low": 0.05, "high": 0.12, "limit": 0.1, "share": 0.05, "doubt": 1}}
        ],
    }


def times(work: Callable[[], Any], rounds: int) -> dict[str, float]:
    """p50 and p95 in milliseconds."""
    seconds = []
    for _round in range(rounds):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    cuts = quantiles(seconds, n=20)
    return {"p50_ms": round(cuts[9] * 1000, 1), "p95_ms": round(cuts[18] * 1000, 1)}


def bare() -> None:
    with connection.cursor() as cursor:
        cursor.execute(BARE)
        assert len(cursor.fetchall()) == 51


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.queue_page", description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000, help="cases in the database (default a million)")
    parser.add_argument("--rounds", type=int, default=60, help="times each page is asked for (default 60)")
    options = parser.parse_args()
    with scratch():
        say(f"Taking in {options.cases:,} cases")
        fill(options.cases)
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(User.objects.create(username="bench", role=Role.REVIEWER))
        pages: dict[str, Any] = {}
        for name, url in PAGES.items():
            with CaptureQueriesContext(connection) as asked:
                assert client.get(url).status_code == 200
            assert len(asked) <= MOST_QUERIES, (name, len(asked))
            pages[name] = {**times(partial(client.get, url), options.rounds), "queries": len(asked)}
            say(f"{name}: {pages[name]}")
        reference = times(bare, options.rounds)
        ratio = round(pages["first tab"]["p50_ms"] / reference["p50_ms"], 1)
        report(
            "queue_page", {"cases": options.cases, "pages": pages, "bare_rows": reference, "first_tab_to_bare": ratio}
        )


if __name__ == "__main__":
    main()
