"""What is usual for a model: made once, from the loans held out in its training or else its first cases in force.

A model that is trained here has it from its training on, and is watched from its first case in force. Others (trained
elsewhere, or by an earlier release) get theirs when they are promoted or, without held-out loans, from the sweep.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from django.db import transaction

from cases.models import Case
from learning.models import HeldOutScore
from scoring.actions import model_row
from scoring.ml.drift import LEAST_ROWS, Reference, make_reference
from scoring.ml.errors import ArtefactError
from scoring.models import Assessment, ModelReference, ModelVersion
from scoring.registry import load_version

MOST: Final = 5_000
# Without held-out loans the first cases that were scored stand for them.
FIRST_CASES: Final = 500


def keep_references() -> int:
    """Make the reference of every champion that has none and enough cases to make it from. Returns how many."""
    lacking = ModelVersion.objects.filter(status=ModelVersion.Status.CHAMPION, reference__isnull=True)
    return sum(keep_reference(model) for model in lacking.only("pk", "sha256", "feature_table", "feature_table_sha256"))


def keep_reference(model: ModelVersion) -> bool:
    """Make the reference of one model; False where there are too few cases, or its file cannot be read.

    Two at once: a model has one reference, and the second finds the first one's.
    """
    made = _held_out(model) or _first_cases(model)
    if made is None:
        return False
    origin, reference = made
    with transaction.atomic(durable=True):
        ModelReference.objects.get_or_create(
            model=model, defaults={"origin": origin, "rows": reference.rows, "content": reference.to_dict()}
        )
    return True


def _held_out(model: ModelVersion) -> tuple[str, Reference] | None:
    """From the newest of its training loans, scored by models that had not seen them."""
    scores = dict(
        HeldOutScore.objects.filter(model=model).order_by("-case_id").values_list("case_id", "log_odds")[:MOST]
    )
    if len(scores) < LEAST_ROWS:
        return None
    try:
        table = load_version(model).table
    except ArtefactError:
        return None
    cases = list(Case.objects.filter(pk__in=scores).order_by("pk"))
    values = table.matrix([model_row(case) for case in cases])
    odds = np.array([scores[case.pk] for case in cases])
    return ModelReference.Origin.HELD_OUT, make_reference(table.names, values, odds)


def _first_cases(model: ModelVersion) -> tuple[str, Reference] | None:
    first = Assessment.objects.filter(model=model).order_by("pk").values_list("values", "log_odds")[:FIRST_CASES]
    rows = list(first)
    if len(rows) < FIRST_CASES:
        return None
    names = [feature["name"] for feature in model.feature_table["features"]]
    values = np.array([row[0] for row in rows], dtype=np.float64)
    return ModelReference.Origin.FIRST_CASES, make_reference(names, values, np.array([row[1] for row in rows]))
