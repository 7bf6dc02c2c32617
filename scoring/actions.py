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
from cases.errors import NotAllowed
from cases.models import Case, User
from cases.move import Move, move_cases
from cases.states import Role, State
from cases.wake import send_wake
from scoring.assessed import ASSESSMENT_FIELDS, assessment_rows
from scoring.ml.artefact import load_champion, refuse_other_assessments, save_champion
from scoring.ml.champion import Champion, ScoredBatch
from scoring.ml.errors import ArtefactError
from scoring.models import Assessment, ModelVersion
from scoring.registry import champion_version, hold_models, load_version, refuse_other_table

log = logging.getLogger(__name__)

PARKED_TIER: Final = 2
PARKED_HOURS: Final = 24
SHRINK: Final = 16


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

    Two workers at once: SKIP LOCKED hands each different rows, the lease keeps them apart after the commit. The chosen
    rows are materialised: inside `IN (…)` the planner may run the choice once a row, and lock more than its limit.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH mine AS MATERIALIZED (
                SELECT id FROM cases_case
                WHERE state = 'received' AND attempts = %(attempts)s
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
                "due_at": now + timedelta(hours=PARKED_HOURS),
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
    try:
        champion = load_version(version)
    except ArtefactError as refusal:
        log.error("Model %s is refused: %s", version, refusal)
        problem = {"problem": refusal.en, "problem_zh": refusal.zh}
        return park([(case, {"code": "model_refused", "params": problem}) for case in cases])
    try:
        return _score_together(version, champion, cases)
    except Exception as error:
        # Whatever one row does to the arithmetic must not cost its neighbours; each is then tried alone.
        if len(cases) > 1:
            log.warning("A chunk of %d failed, its cases are tried one by one: %s", len(cases), error)
            return sum(_score_product(product, [case]) for case in cases)
        log.exception("%s could not be scored", cases[0].ref)
        Case.objects.filter(pk=cases[0].pk).update(last_error=repr(error)[:2000], taken_until=None)
        return 0


def _score_together(version: ModelVersion, champion: Champion, cases: Sequence[Case]) -> int:
    scored = champion.score([model_row(case) for case in cases])
    rows = dict(zip([case.pk for case in cases], assessment_rows(version, champion, scored, cases), strict=True))
    moves = _score_moves(version, scored, cases)
    with transaction.atomic(durable=True):
        moved = move_cases("score", moves)
        copy_rows(Assessment, ASSESSMENT_FIELDS, [rows[key] for key in moved])
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


def _score_moves(version: ModelVersion, scored: ScoredBatch, cases: Sequence[Case]) -> list[Move]:
    names = ("pd", "pd_low", "pd_high", "points", "doubt")
    figures = zip(*(getattr(scored, name).tolist() for name in names), strict=True)
    said = {"model": str(version), "model_sha256": version.sha256}
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


def register_model(champion: Champion) -> ModelVersion:
    """Store a trained model's artefact and its row. The same model twice is one version; it is not promoted here."""
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
            },
        )
    return version


def promote_model(version_id: int, *, by: User) -> ModelVersion:
    """Make a version the champion of its product; the one before is retired, and can be promoted again.

    Raises:
        NotAllowed: `by` is no admin. ArtefactError: the stored model is missing, altered, made for other libraries or
            another feature table, or does not give the whole assessments of its own smoke vectors again.
    """
    if by.role != Role.ADMIN:
        raise NotAllowed
    stored = ModelVersion.objects.get(pk=version_id)
    # From the file as it lies there now, whatever this process has kept of it.
    champion = load_champion(settings.ARTEFACTS, stored.sha256)
    refuse_other_table(champion, stored)
    refuse_other_assessments(champion, str(stored))
    with transaction.atomic(durable=True):
        # Two promotions at once: the second retires the first one's champion.
        hold_models(stored.product)
        version = ModelVersion.objects.select_for_update().get(pk=version_id)
        ModelVersion.objects.filter(product=version.product, status=ModelVersion.Status.CHAMPION).exclude(
            pk=version.pk
        ).update(status=ModelVersion.Status.RETIRED)
        version.status = ModelVersion.Status.CHAMPION
        version.promoted_at = timezone.now()
        version.promoted_by = by
        version.save(update_fields=["status", "promoted_at", "promoted_by"])
    return version
