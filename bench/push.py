"""How many cases a second come in by single `POST /api/v1/cases`, with 16 senders at once, each durable when answered.

The web application runs under gunicorn as in use (two workers); the senders share the processors with it. References,
measured in turns in the same run:
- `copy_stored`: the bytes that were stored (cases, first events, origins) by one COPY a table, one commit.
- `healthz`: `GET /healthz` by the same senders: what the way through the server alone costs.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from statistics import median, quantiles
from typing import Any, Final

from django.db import connection
from django.db.models import Max, Min

from bench._ground import report, say, scratch, seconds_of, stored_bytes
from cases.accounts import create_token
from cases.models import Case
from riskreview import embedded

SENDERS: Final = 16
WORKERS: Final = 2
ROUNDS: Final = 3
TABLES: Final = ("cases_case", "cases_caseevent", "intake_caseorigin")
Send = Callable[[HTTPConnection, int], int]


@contextmanager
def web_server(database: str) -> Iterator[int]:
    """The port of the web application on the scratch database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    url = connection.settings_dict
    address = f"postgresql://{url['USER']}:{url['PASSWORD']}@{url['HOST']}:{url['PORT']}/{database}"
    command = [
        *(sys.executable, "-m", "gunicorn", "riskreview.wsgi:application", "--bind", f"127.0.0.1:{port}"),
        *("--workers", str(WORKERS), "--log-level", "warning", "--keep-alive", "75", "--worker-class", "gthread"),
        *("--threads", str(SENDERS // WORKERS)),
    ]
    environ = {**os.environ, "DATABASE_URL": address}
    # It is not to look for the embedded servers itself, which would lead it to the real database.
    environ.pop(embedded.MARKER, None)
    process = subprocess.Popen(command, env=environ)
    try:
        for _attempt in range(300):
            try:
                ask(HTTPConnection("127.0.0.1", port), "GET", "/healthz")
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def ask(line: HTTPConnection, method: str, path: str, body: bytes = b"", token: str = "") -> int:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"} if token else {}
    line.request(method, path, body or None, headers)
    answer = line.getresponse()
    answer.read()
    return answer.status


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


def by_all(port: int, number: int, send: Send, expected: int) -> tuple[float, list[float]]:
    """Seconds until `number` requests of all senders together were answered, and the seconds of each."""

    def one(sender: int) -> list[float]:
        line, times = HTTPConnection("127.0.0.1", port), []
        for at in range(sender, number, SENDERS):
            start = time.perf_counter()
            status = send(line, at)
            times.append(time.perf_counter() - start)
            assert status == expected, status
        line.close()
        return times

    start = time.perf_counter()
    with ThreadPoolExecutor(SENDERS) as pool:
        times = [each for some in pool.map(one, range(SENDERS)) for each in some]
    return time.perf_counter() - start, times


def one_round(port: int, token: str, turn: int, number: int) -> dict[str, float]:
    bodies = [a_case(f"R-{turn}-{at}") for at in range(number)]
    bare, _times = by_all(port, number, lambda line, _at: ask(line, "GET", "/healthz"), 200)
    before = Case.objects.aggregate(last=Max("pk"))["last"] or 0
    sent, times = by_all(port, number, lambda line, at: ask(line, "POST", "/api/v1/cases", bodies[at], token), 202)
    keys = Case.objects.filter(pk__gt=before).aggregate(first=Min("pk"), last=Max("pk"))
    assert Case.objects.filter(pk__gt=before).count() == number
    with stored_bytes(TABLES, f"{{case}} BETWEEN {keys['first']} AND {keys['last']}") as copy_in:
        copied = seconds_of(copy_in)
    p95 = quantiles(times, n=20)[-1]
    return {"post": sent / number, "healthz": bare / number, "copy_stored": copied / number, "p95": p95}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.push", description=__doc__)
    parser.add_argument("--cases", type=int, default=6000, help="cases in all rounds together (default 6,000)")
    number = max(SENDERS, parser.parse_args().cases // ROUNDS)
    with scratch() as database:
        token = create_token("bench", scopes=["ingest"])
        with web_server(database) as port:
            say("Warming up")
            one_round(port, token, ROUNDS, 20 * SENDERS)
            rounds = []
            for turn in range(ROUNDS):
                say(f"Round {turn + 1} of {ROUNDS}: {number} cases")
                rounds.append(one_round(port, token, turn, number))
        cost = {name: median(each[name] for each in rounds) for name in rounds[0]}
        p95 = cost.pop("p95")
        report(
            "push",
            {
                "cases": number * ROUNDS,
                "senders": SENDERS,
                "ratios": {f"to_{name}": round(cost[name] / cost["post"], 4) for name in list(cost)[1:]},
                "per_second": {name: round(1 / each) for name, each in cost.items()},
                "answer_p95_ms": round(p95 * 1000, 1),
            },
        )


if __name__ == "__main__":
    main()
