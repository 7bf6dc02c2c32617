"""Training a model on a training set. Apart from the other actions: whoever imports it loads the model libraries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Final, Literal

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from cases.bulk import copy_rows
from cases.locks import hold
from cases.models import Case, User
from cases.queries import key_of_ref
from learning.label_models import BY_CHANCE, SHIPPED_CAP
from learning.models import HeldOutScore, TrainingSet
from learning.set_files import read_set
from learning.usual import keep_reference
from scoring.actions import register_model
from scoring.ml.card_parts import Weighing, Witness
from scoring.ml.champion import Champion
from scoring.ml.features import Row, feature_table_for
from scoring.ml.pipeline import HeldOut, measured, train_held_out
from scoring.ml.reference import largest_difference_from_shap
from scoring.ml.sample_weights import effective_size
from scoring.ml.training import Progress
from scoring.models import ModelVersion

WITNESS_ROWS: Final = 100
# What loans may count in training: by the chance that they were seen, as the set holds it, or each once.
Weights = Literal["propensity", "none"]
WEIGHTS: Final[tuple[Weights, ...]] = ("propensity", "none")


def train_model(
    dataset: TrainingSet,
    *,
    recipe: str = "blend",
    seed: int = 0,
    weights: Weights = "propensity",
    progress: Progress | None = None,
    by: User | None = None,
) -> ModelVersion:
    """Train a recipe on a training set, with the feature table of its product, and register the model as a candidate.

    Each loan counts by the weight that the set holds for it, unless `weights` is "none"; the card tells which. What the
    out-of-fold models said of its loans is kept beside it (HeldOutScore): promises rest on that, and what is usual for
    the model. Its explanations are compared with those of the shap library, and the card tells how they agree. Who had
    it trained (`by`, None where nobody is known) never approves it.

    Raises:
        TrainingSetLost, TrainingSetAltered: as in `read_set`. KeyError: no such recipe.
        ModelError: no feature table, or too few loans to learn from.
    """
    table = feature_table_for(dataset.product)
    rows = read_set(dataset)
    outcomes = [int(row["is_bad"]) for row in rows]
    # Sets of earlier releases hold no weights.
    stored = np.array([row.get("label_weight", 1.0) for row in rows], dtype=np.float64)
    counted = stored if weights == "propensity" else None
    held_out = train_held_out(
        table, rows, outcomes, recipe=recipe, seed=seed, dataset_sha256=dataset.sha256, progress=progress,
        weights=counted,
    )  # fmt: skip
    champion, weighing = held_out.champion, _weighing(dataset, rows, outcomes, stored, weights, held_out)
    told = {"witness": _witness(champion, rows), "weighing": weighing}
    champion = replace(champion, card={**champion.card, **told})
    found = register_model(champion, trained_by=by)
    keep_held_out(found, [str(row["case_ref"]) for row in rows], held_out.log_odds)
    # Now, so that its first case in force is watched already.
    keep_reference(found)
    return found


def keep_held_out(model: ModelVersion, refs: Sequence[str], log_odds: NDArray[np.float64]) -> int:
    """Write what was said of each training loan by models that had not seen it: `refs` and `log_odds` (n,).

    A loan that is no case of the product here is left out: a training set may have come from elsewhere. The same model
    again adds nothing. Returns how many were written.
    """
    keys = [key_of_ref(ref) for ref in refs]
    here = set(Case.objects.filter(product=model.product).values_list("pk", flat=True))
    rows = [(model.pk, key, said) for key, said in zip(keys, log_odds.tolist(), strict=True) if key in here]
    with transaction.atomic(durable=True):
        # The same training run twice at once gives one version: the second finds the first one's rows.
        hold(f"loans held out of {model.pk}")
        if HeldOutScore.objects.filter(model=model).exists():
            return 0
        copy_rows(HeldOutScore, ("model", "case", "log_odds"), rows)
    return len(rows)


def _weighing(
    dataset: TrainingSet,
    rows: Sequence[Row],
    outcomes: Sequence[int],
    stored: NDArray[np.float64],
    asked: Weights,
    held_out: HeldOut,
) -> Weighing:
    """How the loans counted, for the card."""
    is_alike = bool((stored == stored[0]).all())
    used = stored if asked == "propensity" else np.ones(len(rows))
    drawn = np.array([row.get("label_basis") in BY_CHANCE for row in rows])
    return {
        "kind": "none" if asked == "none" else "alike" if is_alike else "propensity",
        "cap": dataset.weights.cap if dataset.weights else SHIPPED_CAP,
        "effective_size": effective_size(used),
        "rows": len(rows),
        "by_chance": float(drawn.mean()),
        "by_chance_weight": float(used[drawn].sum() / used.sum()),
        "unweighted": measured(np.array(outcomes, dtype=np.int64), held_out.log_odds),
    }


def _witness(champion: Champion, rows: Sequence[Row]) -> Witness:
    """What the shap library says of the contributions of loans spread evenly over the training set."""
    some = [rows[place] for place in np.linspace(0, len(rows) - 1, min(WITNESS_ROWS, len(rows))).astype(int)]
    difference = largest_difference_from_shap(champion.blend, champion.table.matrix(some))
    return {"library": f"shap {version('shap')}", "rows": len(some), "largest_difference": difference}
