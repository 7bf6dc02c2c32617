"""A book after years of use: most cases decided, three in ten waiting, some handed out, resting or asked about.

The first 50,000 come in by the real doors; the rest are copies of them, each with an applicant, a reference and a place
in the queue of its own, written by the database without its guards and without events, which no page of the queue
reads.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone
from psycopg import sql

from bench._ground import sample_submissions, say
from cases.actions import ask_information, claim_case
from cases.arrivals import NewCase, insert_cases
from cases.models import Applicant, Case, User
from cases.move import Move, move_cases
from cases.states import DecidedBy, Outcome, Role, State
from intake.admission.new_cases import new_case

CHUNK: Final = 5_000
BY_DOOR: Final = 50_000
WAITING: Final = 0.3
HANDED_OUT: Final = 0.05
RESTING: Final = 0.01
RARE: Final = 1 / 3_000
ASKED: Final = 60
PEOPLE: Final = 20
REASONS: Final = ("pd_above", "grey_band", "doubtful", "amount_above_limit")
PARAMS: Final = {
    "pd": 0.1, "low": 0.05, "high": 0.12, "limit": 0.1, "share": 0.05, "doubt": 1, "amount": 9000.0, "currency": "USD",
}  # fmt: skip


def make_people() -> list[User]:
    """Reviewers who know every product and may decide any amount of the sample."""
    people = [User(username=f"bench-{at}", role=Role.REVIEWER) for at in range(PEOPLE)]
    return User.objects.bulk_create(people)


def fill(number: int, people: Sequence[User]) -> None:
    """`number` cases, each with an applicant of its own; a multiple of 50,000 when it is more than that."""
    base = [new_case(submission) for submission in sample_submissions()]
    draw = random.Random(0)  # noqa: S311  places in a queue, not a secret
    by_door = min(number, BY_DOOR)
    for start in range(0, by_door, CHUNK):
        _chunk([_case(base, at) for at in range(start, min(start + CHUNK, by_door))], people, draw)
    for start in range(by_door, number, BY_DOOR):
        say(f"{start:,} cases")
        _copy(start)
    for case in Case.objects.in_queue_order().filter(assigned_to=None, snoozed_until=None)[:ASKED]:
        _ask(case, draw.choice(people))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _copy(start: int) -> None:
    """The cases of the first 50,000 once more, as those from `start` on."""
    number = sql.Literal(start)
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        # Its guards want every case to be born as received, and with an event.
        cursor.execute("ALTER TABLE cases_case DISABLE TRIGGER USER")
        renamed = {
            "external_id": sql.SQL("'P' || (substr(external_id, 2)::int + {})").format(number),
            "name": sql.SQL("'Applicant ' || (substr(external_id, 2)::int + {})").format(number),
        }
        cursor.execute(_copies(Applicant, renamed, sql.SQL("substr(external_id, 2)::int < {}")))
        placed = {
            "external_ref": sql.SQL("(external_ref::int + {})::text").format(number),
            "queue_rank": sql.SQL("random() + 0 * queue_rank"),
            "due_at": sql.SQL("due_at + (random() - 0.5) * interval '24 hours'"),
            "applicant_id": sql.SQL(
                "(SELECT a.id FROM cases_applicant a WHERE a.source = cases_case.source"
                " AND a.external_id = 'P' || (cases_case.external_ref::int + {}))"
            ).format(number),
        }
        cursor.execute(_copies(Case, placed, sql.SQL("external_ref::int < {}")))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE cases_case ENABLE TRIGGER USER")


def _copies(model: type[Model], changed: Mapping[str, sql.Composable], which: sql.SQL) -> sql.Composed:
    names = [str(each.column) for each in model._meta.concrete_fields if not each.primary_key]
    values: list[sql.Composable] = [changed.get(name, sql.Identifier(name)) for name in names]
    return sql.SQL("INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE {which}").format(
        table=sql.Identifier(model._meta.db_table),
        names=sql.SQL(", ").join([sql.Identifier(name) for name in names]),
        values=sql.SQL(", ").join(values),
        which=which.format(sql.Literal(BY_DOOR)),
    )


def _case(base: Sequence[NewCase], at: int) -> NewCase:
    return replace(base[at % len(base)], external_ref=f"{at}", applicant_ref=f"P{at}", applicant_name=f"Applicant {at}")


def _chunk(some: Sequence[NewCase], people: Sequence[User], draw: random.Random) -> None:
    now = timezone.now()
    with transaction.atomic(durable=True):
        keys = insert_cases("bench", some, entered_by=None, facts={}).keys
        waiting = {key for key in keys if draw.random() < WAITING}
        move_cases("park", [Move(key, 1, changes=_place(people, draw, now)) for key in keys if key in waiting])
        decided = [
            Move(key, 1, changes=_decided(each.applied_at))
            for key, each in zip(keys, some, strict=True)
            if key not in waiting
        ]
        move_cases("record_approved", decided)


def _decided(at: datetime) -> dict[str, Any]:
    return {"outcome": Outcome.APPROVE.value, "decided_by": DecidedBy.LENDER.value, "decided_at": at, "why": []}


def _place(people: Sequence[User], draw: random.Random, now: datetime) -> dict[str, Any]:
    code = "audit" if draw.random() < RARE else draw.choice(REASONS)
    is_handed, is_resting = draw.random() < HANDED_OUT, draw.random() < RESTING
    return {
        "queue_tier": draw.choice([1, 3, 3, 3]),
        "queue_rank": draw.random(),
        "queued_at": now,
        "due_at": now + timedelta(hours=draw.uniform(-48, 96)),
        "why": [{"code": code, "params": PARAMS}],
        "assigned_to": draw.choice(people).pk if is_handed else None,
        "assigned_at": now if is_handed else None,
        "snoozed_until": now + timedelta(days=1 + draw.random()) if is_resting else None,
    }


def _ask(case: Case, person: User) -> None:
    claimed = claim_case(case.pk, by=person)
    ask_information(claimed.pk, by=person, note="The latest three pay slips.", seen_version=claimed.version)
    assert Case.objects.get(pk=case.pk).state == State.WAITING_INFO
