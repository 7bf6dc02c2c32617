"""How many cases a second come in by single `POST /api/v1/cases`, with 16 senders at once, each durable when answered.

The web application runs under gunicorn as in use (two workers of 16 threads); the senders, one thread that keeps 16
connections, share the processors with it. `cpu_ms` is processor time a POST by part: `web` all of gunicorn, `database`
all of PostgreSQL, `senders` this process. References, measured in turns in the same run:
- `copy_stored`: the bytes that were stored (cases, first events, origins) by one COPY a table, one commit.
- `healthz`: `GET /healthz` by the same senders: what the way through the server alone costs.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median, quantiles
from typing import Any, Final
from urllib.request import urlopen

from django.db import connection
from django.db.models import Max, Min

from bench._cpu import parent_of, seconds_of_tree
from bench._ground import report, say, scratch, seconds_of, stored_bytes
from bench._senders import request, send_all
from cases.accounts import create_token
from cases.models import Case
from riskreview import embedded
from riskreview.management.commands.demo import WEB

SENDERS: Final = 16
ROUNDS: Final = 3
TABLES: Final = ("cases_case", "cases_caseevent", "intake_caseorigin")


@contextmanager
def web_server(database: str) -> Iterator[tuple[int, int]]:
    """The port of the web application on the scratch database, and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    url = connection.settings_dict
    address = f"postgresql://{url['USER']}:{url['PASSWORD']}@{url['HOST']}:{url['PORT']}/{database}"
    environ = {**os.environ, "DATABASE_URL": address}
    # It is not to look for the embedded servers itself, which would lead it to the real database.
    environ.pop(embedded.MARKER, None)
    process = subprocess.Popen([*WEB, "--bind", f"127.0.0.1:{port}"], env=environ)
    try:
        for _attempt in range(300):
            try:
                urlopen(f"http://127.0.0.1:{port}/healthz").close()
                break
            except OSError:
                time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


def a_case(reference: str) -> bytes:
    """A case as the interface documents it, each of an applicant of its own."""
    case: dict[str, Any] = {
        "external_ref": reference,
        "source": "bench-los",
        "product": "consumer",
        "industry": "F52",
        "region": "310000",
        "channel": "branch",
        "amount": "120000.00",
        "currency": "CNY",
        "term_months": 24,
        "applied_at": "2026-01-05T09:30:00+08:00",
        "applicant": {"id": f"C-{reference}", "name": "张三", "segment": "retail", "key_customer": False},
        "features": {"annual_income": 180000, "delinq_2yrs": 0, "purpose": "car", "interest_rate": 8.5},
    }
    return json.dumps(case).encode()


def cpu_by_part(web: int) -> dict[str, float]:
    """Seconds on a processor since each began."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        database = parent_of(cursor.fetchone()[0])
    return {"web": seconds_of_tree(web), "database": seconds_of_tree(database), "senders": time.process_time()}


def one_round(port: int, web: int, token: str, turn: int, number: int) -> dict[str, float]:
    """Seconds a POST and a reference, and the processor time of a POST by part."""
    posts = [request("POST", "/api/v1/cases", token=token, body=a_case(f"R-{turn}-{at}")) for at in range(number)]
    bare, _times = send_all(port, [request("GET", "/healthz")] * number, senders=SENDERS, expected=200)
    before, used = Case.objects.aggregate(last=Max("pk"))["last"] or 0, cpu_by_part(web)
    sent, times = send_all(port, posts, senders=SENDERS, expected=202)
    cpu = {f"cpu_{part}": (now - used[part]) / number for part, now in cpu_by_part(web).items()}
    keys = Case.objects.filter(pk__gt=before).aggregate(first=Min("pk"), last=Max("pk"))
    assert Case.objects.filter(pk__gt=before).count() == number
    with stored_bytes(TABLES, f"{{case}} BETWEEN {keys['first']} AND {keys['last']}") as copy_in:
        copied = seconds_of(copy_in)
    p95 = quantiles(times, n=20)[-1]
    return {"post": sent / number, "healthz": bare / number, "copy_stored": copied / number, "p95": p95, **cpu}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.push", description=__doc__)
    parser.add_argument("--cases", type=int, default=6000, help="cases in all rounds together (default 6,000)")
    number = max(SENDERS, parser.parse_args().cases // ROUNDS)
    with scratch() as database:
        token = create_token("bench", scopes=["ingest"])
        with web_server(database) as (port, web):
            say("Warming up")
            one_round(port, web, token, ROUNDS, 20 * SENDERS)
            rounds = []
            for turn in range(ROUNDS):
                say(f"Round {turn + 1} of {ROUNDS}: {number} cases")
                rounds.append(one_round(port, web, token, turn, number))
        cost = {name: median(each[name] for each in rounds) for name in rounds[0]}
        timed = ("post", "healthz", "copy_stored")
        report(
            "push",
            {
                "cases": number * ROUNDS,
                "senders": SENDERS,
                "ratios": {f"to_{name}": round(cost[name] / cost["post"], 4) for name in timed[1:]},
                "per_second": {name: round(1 / cost[name]) for name in timed},
                "answer_p95_ms": round(cost["p95"] * 1000, 1),
                "cpu_ms": {part: round(1000 * cost[f"cpu_{part}"], 2) for part in ("web", "database", "senders")},
            },
        )


if __name__ == "__main__":
    main()
