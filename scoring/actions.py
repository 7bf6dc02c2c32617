"""Scoring the cases that wait: take a chunk under a lease, compute on the whole of it, write it in one transaction.

The row in PostgreSQL is the queue of record. Each attempt is counted and committed before the work starts, so a case
that kills its worker is known by its count: what was tried before is tried again in ever smaller chunks, until the
poison stands alone and is parked with a person, and every good neighbour is scored.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from cases.bulk import copy_rows
from cases.canonical import canonical_sha256
from cases.models import Case, User
from cases.move import Move, move_cases
from cases.states import State
from cases.wake import send_wake
from scoring.assessed import ASSESSMENT_FIELDS, assessment_rows
from scoring.breaker_rules import serving_versions
from scoring.ml.artefact import save_champion
from scoring.ml.champion import Champion, ScoredBatch
from scoring.ml.errors import ArtefactError
from scoring.models import Assessment, ModelVersion, SplitArm
from scoring.registry import champion_version, hold_models, load_version
from scoring.shadow import Arm, arms_of, score_in_shadow

log = logging.getLogger(__name__)

PARKED_TIER: Final = 2
PARKED_HOURS: Final = 24
SHRINK: Final = 16
ARM_FIELDS: Final = ("case", "case_version", "split", "is_challenger", "probability")


def score_waiting_cases(taker: str) -> int:
    """Score one chunk of fresh cases and one of each count of earlier attempts. Returns how many were moved on.

    `taker` names the one who works, a task id.
    """
    moved = park_exhausted()
    for attempts in range(settings.MACHINE_ATTEMPTS):
        size = max(1, settings.MACHINE_CHUNK // SHRINK**attempts)
        chunk = take_chunk(taker, attempts=attempts, size=size)
        if len(chunk) == size:
            send_wake()
        by_product = defaultdict(list)
        for case in chunk:
            by_product[case.product].append(case)
        moved += sum(_score_product(product, cases) for product, cases in by_product.items())
    return moved


def take_chunk(taker: str, *, attempts: int, size: int) -> list[Case]:
    """Lease up to `size` received cases that were tried `attempts` times, and count the new attempt, durably.

    What came as messages waits until it was looked at (`intake/health/message_looks.py`), and what a quarantined source
    sent until it is held (`intake/health/quarantine.py`), but for what a person has let through. A case may have come
    back from the queue: the quarantine held what waited for the machine then.

    Two workers at once: SKIP LOCKED hands each different rows, the lease keeps them apart after the commit. The chosen
    rows are materialised: inside `IN (…)` the planner may run the choice once a row, and lock more than its limit.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH mine AS MATERIALIZED (
                SELECT id FROM cases_case
                WHERE state = 'received' AND attempts = %(attempts)s
                  AND id NOT IN (SELECT unnest(case_ids) FROM intake_tally)
                  AND (source NOT IN (SELECT slug FROM intake_source WHERE state = 'quarantined')
                       OR id IN (SELECT case_id FROM cases_caseevent e
                                 WHERE e.case_id = cases_case.id AND name = 'supply_data'))
                  AND (taken_until IS NULL OR taken_until < now())
                ORDER BY id LIMIT %(size)s FOR UPDATE SKIP LOCKED)
            UPDATE cases_case SET attempts = attempts + 1, taken_by = %(taker)s,
                   taken_until = now() + make_interval(secs => %(lease)s)
            FROM mine WHERE cases_case.id = mine.id
            RETURNING cases_case.id
            """,
            {"taker": taker, "lease": settings.MACHINE_LEASE_SECONDS, "attempts": attempts, "size": size},
        )
        keys = [row[0] for row in cursor.fetchall()]
    return list(Case.objects.filter(pk__in=keys, state=State.RECEIVED).order_by("pk"))


def free_leases(taker: str) -> int:
    """Give back what a dead worker had taken, when its message is delivered again; without a message the lease ends."""
    freed: int = Case.objects.filter(state=State.RECEIVED, taken_by=taker).update(taken_until=None)
    return freed


def park_exhausted() -> int:
    """Hand cases that failed too often, and that nobody holds, to a person."""
    exhausted = Case.objects.filter(state=State.RECEIVED, attempts__gte=settings.MACHINE_ATTEMPTS).exclude(
        taken_until__gt=timezone.now()
    )[: settings.MACHINE_CHUNK]
    return park(
        [
            (case, {"code": "scoring_failed", "params": {"attempts": case.attempts, "error": case.last_error}})
            for case in exhausted
        ]
    )


def park(cases: Sequence[tuple[Case, Mapping[str, Any]]]) -> int:
    """Hand received cases that the machine cannot score to a person, each with its reason."""
    now = timezone.now()
    moves = [
        Move(
            case.pk,
            case.version,
            changes={
                "queue_tier": PARKED_TIER,
                "queue_rank": 0.0,
                "queued_at": now,
                # A case that is scored again is due when it was.
                "due_at": case.due_at or now + timedelta(hours=PARKED_HOURS),
                "why": [dict(reason)],
                "taken_until": None,
            },
            facts={"reasons": [dict(reason)]},
        )
        for case, reason in cases
    ]
    with transaction.atomic(durable=True):
        return len(move_cases("park", moves))


def _score_product(product: str, cases: Sequence[Case]) -> int:
    version = champion_version(product)
    if version is None:
        return park([(case, {"code": "no_model", "params": {}}) for case in cases])
    return sum(
        _score_arm(arm, serving, part)
        for serving, mine in serving_versions(version, cases)
        for arm, part in _arms_of(version, serving, mine)
    )


def _arms_of(in_force: ModelVersion, serving: ModelVersion, cases: list[Case]) -> list[tuple[Arm, list[Case]]]:
    """A split shares the traffic of the champion alone, not that of a model which stands in for it."""
    return arms_of(in_force, cases) if serving.pk == in_force.pk else [(Arm(serving), cases)]


def _score_arm(arm: Arm, in_force: ModelVersion, cases: Sequence[Case]) -> int:
    """Score cases of one product by the model of their arm; what a challenger fails on, the champion scores."""
    try:
        champion = load_version(arm.version)
    except ArtefactError as refusal:
        log.error("Model %s is refused: %s", arm.version, refusal)
        if arm.is_challenger:
            return _score_arm(Arm(in_force), in_force, cases)
        problem = {"problem": refusal.en, "problem_zh": refusal.zh}
        return park([(case, {"code": "model_refused", "params": problem}) for case in cases])
    try:
        return _score_together(arm, champion, cases)
    except Exception as error:
        # Whatever one row does to the arithmetic must not cost its neighbours; each is then tried alone.
        if len(cases) > 1:
            log.warning("A chunk of %d failed, its cases are tried one by one: %s", len(cases), error)
            return sum(_score_product(case.product, [case]) for case in cases)
        log.exception("%s could not be scored by %s", cases[0].ref, arm.version)
        if arm.is_challenger:
            return _score_arm(Arm(in_force), in_force, cases)
        Case.objects.filter(pk=cases[0].pk).update(last_error=repr(error)[:2000], taken_until=None)
        return 0


def _score_together(arm: Arm, champion: Champion, cases: Sequence[Case]) -> int:
    version, given = arm.version, [model_row(case) for case in cases]
    scored = champion.score(given)
    rows = dict(zip([case.pk for case in cases], assessment_rows(version, champion, scored, cases), strict=True))
    moves = _score_moves(arm, scored, cases)
    with transaction.atomic(durable=True):
        moved = set(move_cases("score", moves))
        copy_rows(Assessment, ASSESSMENT_FIELDS, [row for key, row in rows.items() if key in moved])
        if arm.split_id is not None:
            drawn = (arm.split_id, arm.is_challenger, arm.probability)
            copy_rows(SplitArm, ARM_FIELDS, [(case.pk, case.version, *drawn) for case in cases if case.pk in moved])
    # The live cases are written: nothing that a shadow does can cost them anything any more.
    places = [at for at, case in enumerate(cases) if case.pk in moved]
    said = [(cases[at].pk, cases[at].version) for at in places]
    score_in_shadow(arm, champion, scored.values[places], [given[at] for at in places], said)
    return len(moved)


def model_row(case: Case) -> dict[str, Any]:
    """What the model may read of a case: its features, amount, currency and term, and nothing known later."""
    return {
        **case.features,
        "amount": float(case.amount),
        "currency": case.currency,
        "term_months": case.term_months,
        "applied_at": case.applied_at.isoformat(),
    }


def _score_moves(arm: Arm, scored: ScoredBatch, cases: Sequence[Case]) -> list[Move]:
    names = ("pd", "pd_low", "pd_high", "points", "doubt")
    figures = zip(*(getattr(scored, name).tolist() for name in names), strict=True)
    said: dict[str, Any] = {"model": str(arm.version), "model_sha256": arm.version.sha256}
    if arm.split_id is not None:
        said |= {"split": arm.split_id, "is_challenger": arm.is_challenger, "arm_probability": arm.probability}
    explained = scored.population.contributions.tolist()
    return [
        Move(
            case.pk,
            case.version,
            changes={**dict(zip(names, figure, strict=True)), "taken_until": None},
            facts={**said, "pd": figure[0], "contributions_sha256": contributions_sha256(each)},
        )
        for case, figure, each in zip(cases, figures, explained, strict=True)
    ]


def contributions_sha256(contributions: Sequence[float]) -> str:
    """What ties the event of a score to its explanation: the hash over the log-odds of each feature, in their order."""
    return canonical_sha256({"contributions": list(contributions)})


def register_model(champion: Champion, *, trained_by: User | None = None) -> ModelVersion:
    """Store a trained model's artefact and its row. The same model twice is one version; it is not promoted here.

    `trained_by` is the person who had it trained, where one is known: they never approve it.
    """
    record = save_champion(champion, settings.ARTEFACTS)
    with transaction.atomic(durable=True):
        # Two trainings at once: the second counts the numbers when the first has taken its own.
        hold_models(champion.table.product)
        numbers = ModelVersion.objects.filter(product=champion.table.product)
        last = max(numbers.values_list("number", flat=True), default=0)
        version, _created = ModelVersion.objects.get_or_create(
            sha256=record.sha256,
            defaults={
                "product": champion.table.product,
                "number": last + 1,
                "recipe": champion.recipe["name"],
                "dataset_sha256": champion.dataset_sha256,
                "feature_table": champion.table.to_dict(),
                "feature_table_sha256": champion.table.sha256,
                "library_versions": dict(champion.versions),
                "metrics": dict(champion.metrics),
                "norms": dict(champion.norms),
                "cohort_norms": dict(champion.cohort_norms),
                "usual": champion.usual,
                "card": dict(champion.card),
                "trained_by": trained_by,
            },
        )
    return version
