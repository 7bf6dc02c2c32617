"""How long a reviewer waits for "next case" while several people work the same long queue.

Every client is a process with a person of its own: `claim_next`, then a decline with a reason, again and again, so the
queue changes under everybody as it does in use. Only `claim_next` is timed. Three runs: one person alone; all of them
with a pause between a decision and the next claim; all of them without any pause, which no people do: that is as much
as the machine's cores can bear. The reference, in turns in the same run, by as many clients at the same pace: the bare
statement (UPDATE … WHERE id = (SELECT … FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING id) on a copy of the table with the
same indexes and without triggers, one commit each.
"""

from __future__ import annotations

import argparse
import random
import time
from dataclasses import replace
from datetime import timedelta
from itertools import chain
from multiprocessing import get_context
from multiprocessing.pool import Pool
from statistics import median, quantiles
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from bench._ground import report, sample_submissions, say, scratch, use_database
from cases.actions import claim_next, decide_case
from cases.arrivals import insert_cases
from cases.models import User
from cases.move import Move, move_cases
from cases.states import Outcome, Role
from intake.admission.new_cases import new_case

CHUNK = 1000
ROUNDS = 2
BARE_CLAIM = """
    UPDATE bare_queue SET state = 'in_review', version = version + 1
    WHERE id = (SELECT id FROM bare_queue WHERE state = 'queued'
                ORDER BY queue_tier, queue_rank, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id
"""


def fill_queue(number: int) -> None:
    """Queue `number` cases at random places, by the real door."""
    base = [new_case(submission) for submission in sample_submissions()]
    draw, done = random.Random(0), 0  # noqa: S311  places in a queue, not a secret
    while done < number:
        some = [
            replace(base[at % len(base)], external_ref=f"{at}", key_customer=False)
            for at in range(done, min(done + CHUNK, number))
        ]
        with transaction.atomic(durable=True):
            keys = insert_cases("bench", some, entered_by=None, facts={}).keys
        now = timezone.now()
        with transaction.atomic(durable=True):
            move_cases("park", [Move(key, 1, changes=_place(draw.random(), now)) for key in keys])
        done += len(some)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare_queue (LIKE cases_case INCLUDING INDEXES)")
        cursor.execute("INSERT INTO bare_queue SELECT * FROM cases_case")
        cursor.execute("VACUUM ANALYZE cases_case")
        cursor.execute("VACUUM ANALYZE bare_queue")


def _place(rank: float, now: Any) -> dict[str, Any]:
    return {"queue_tier": 3, "queue_rank": rank, "queued_at": now, "due_at": now + timedelta(hours=24)}


def make_people(number: int) -> list[int]:
    people = [User(username=f"bench-{number}-{at}", role=Role.REVIEWER) for at in range(number)]
    return [person.pk for person in User.objects.bulk_create(people)]


def rest(pause: float) -> None:
    """Between half and one and a half times `pause` seconds, so that people do not fall into step."""
    time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311


def claim_bare(_person: int, number: int, pause: float) -> list[float]:
    """Seconds of each of `number` claims by the bare statement."""
    seconds = []
    for _turn in range(number):
        rest(pause)
        start = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(BARE_CLAIM)
            assert cursor.fetchone() is not None
        seconds.append(time.perf_counter() - start)
    return seconds


def claim_and_decide(person: int, number: int, pause: float) -> list[float]:
    """Seconds of each of `number` claims by one reviewer, who declines every case at once."""
    reviewer, seconds = User.objects.get(pk=person), []
    for _turn in range(number):
        rest(pause)
        start = time.perf_counter()
        case = claim_next(by=reviewer)
        seconds.append(time.perf_counter() - start)
        decide_case(
            case.pk,
            by=reviewer,
            outcome=Outcome.DECLINE,
            reason_codes=["high_debt"],
            note="",
            seen_version=case.version,
        )
    return seconds


def work(pool: Pool, way: Any, people: list[int], number: int, pause: float) -> dict[str, float]:
    """p50 and p95 in milliseconds over all clients, and claims a second of all of them together."""
    start = time.perf_counter()
    parts = pool.starmap(way, [(person, number, pause) for person in people], chunksize=1)
    wall = time.perf_counter() - start
    seconds = list(chain.from_iterable(parts))
    cuts = quantiles(seconds, n=20)
    return {"p50_ms": cuts[9] * 1000, "p95_ms": cuts[18] * 1000, "per_second": len(seconds) / wall}


def middle(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(median(each[name] for each in rounds), 2) for name in rounds[0]}


def measure(pool: Pool, people: list[int], claims: int, pause: float) -> dict[str, Any]:
    rounds = [
        [work(pool, way, people, claims, pause) for way in (claim_bare, claim_and_decide)] for _turn in range(ROUNDS)
    ]
    bare, real = middle([each[0] for each in rounds]), middle([each[1] for each in rounds])
    ratios = {f"{key.removesuffix('_ms')}_to_bare": round(real[key] / bare[key], 2) for key in ("p50_ms", "p95_ms")}
    said = {"clients": len(people), "pause_seconds": pause, "claims": len(people) * claims * ROUNDS}
    return {**said, "ratios": ratios, "claim_next": real, "bare_statement": bare}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.claim", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000, help="cases that wait (default 10,000)")
    parser.add_argument("--clients", type=int, default=8, help="people at work at the same time (default 8)")
    parser.add_argument("--pause", type=float, default=0.5, help="mean seconds between two cases (default 0.5)")
    options = parser.parse_args()
    with scratch() as name:
        say(f"Queueing {options.cases:,} cases")
        fill_queue(options.cases)
        people = make_people(options.clients)
        connection.close()
        runs = []
        with get_context("spawn").Pool(options.clients, use_database, (name,)) as pool:
            work(pool, claim_and_decide, people, 3, 0)
            for at_work, claims, pause in ((people[:1], 40, 0), (people, 8, options.pause), (people, 12, 0)):
                say(f"{len(at_work)} at work, {pause} s between two cases")
                runs.append(measure(pool, at_work, claims, pause))
        report("claim", {"cases": options.cases, "runs": runs})


if __name__ == "__main__":
    main()
