"""What a model that came into force says of the cases that were open then: beside their assessment, which they keep.

A model that was in shadow has said it already; of one that was not, the sweep asks here.
"""

from __future__ import annotations

import logging
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from cases.models import Case
from cases.states import OWNERS, Kind, Owner
from scoring.actions import model_row
from scoring.ml.calibration import sigmoid
from scoring.models import Assessment, ModelVersion, ShadowScore
from scoring.registry import load_version

# A sweep does so many of a product; the next one goes on.
CHUNK: Final = 500
OPEN: Final = [state.value for state, owner in OWNERS.items() if owner in (Owner.PERSON, Owner.OUTSIDE)]

log = logging.getLogger(__name__)


def score_open_cases() -> int:
    """Score by the champion what was open when it came into force and was assessed by another model. Returns how many
    cases were scored. A model that fails is logged, and says nothing.

    Two sweeps at once: a unique constraint lets each case in once, and the second's rows are skipped.
    """
    champions = ModelVersion.objects.filter(status=ModelVersion.Status.CHAMPION, promoted_at__isnull=False)
    done = 0
    for champion in champions.defer("card", "norms"):
        try:
            done += _score(champion)
        except Exception:
            log.exception("%s could not say what open cases would be", champion)
    return done


def _score(champion: ModelVersion) -> int:
    lacking = list(_lacking(champion).select_related("case")[:CHUNK])
    if not lacking:
        return 0
    loaded = load_version(champion)
    log_odds = loaded.log_odds(loaded.table.matrix([model_row(each.case) for each in lacking]))
    rows = [
        ShadowScore(
            model=champion,
            case_id=each.case_id,
            case_version=each.case_version,
            log_odds=said,
            pd=pd,
            is_afterwards=True,
        )
        for each, said, pd in zip(lacking, log_odds.tolist(), sigmoid(log_odds).tolist(), strict=True)
    ]
    with transaction.atomic(durable=True):
        return len(ShadowScore.objects.bulk_create(rows, ignore_conflicts=True))


def _lacking(champion: ModelVersion) -> QuerySet[Assessment]:
    """The latest assessments of open cases by another model, of which the champion has said nothing."""
    latest = Assessment.objects.filter(case=OuterRef("pk")).order_by("-id").values("pk")[:1]
    cases = Case.objects.filter(
        state__in=OPEN, kind=Kind.APPLICATION, product=champion.product, received_at__lt=champion.promoted_at
    )
    said = ShadowScore.objects.filter(case=OuterRef("case"), case_version=OuterRef("case_version"), model=champion)
    found = Assessment.objects.filter(pk__in=cases.annotate(latest=Subquery(latest)).values("latest"))
    return found.exclude(model=champion).filter(~Exists(said)).order_by("case_id")
