"""Building a training set: collect, weigh, compare, write the file, and put the set with its labels on record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.bulk import copy_rows
from cases.errors import CaseError
from cases.locks import hold
from cases.models import User
from learning.dataset import LabelledRow, as_kept, content_hash, write_table
from learning.label_conflicts import FOLDS
from learning.label_models import MATURED
from learning.label_weights import weights_in_force
from learning.models import Label, TrainingSet, TrainingSetRow
from learning.set_card import data_card
from learning.set_files import HASHED, TrainingSetAltered, TrainingSetLost, path_of, path_of_hash, read_set
from learning.set_rows import Collected, collect
from scoring.ml.errors import ModelError
from scoring.ml.features import FeatureTable, feature_table_for

# Of the whole work, reading the rows is this share; a fold of the model that doubts labels is one part each.
READING: Final = 100
STEPS: Final = READING + FOLDS
Progress = Callable[[int, int], None]


class NothingToLearn(CaseError):
    status = 422
    code = "nothing_to_learn"
    title = _("Nothing to learn from yet")
    sentence = _("No case of this product has a matured outcome yet.")


def build_training_set(
    product: str, *, by: User | None = None, as_of: datetime | None = None, progress: Progress | None = None
) -> TrainingSet:
    """Freeze the matured cases of a product as a training set, as things stood when each was decided. Nothing recorded
    after `as_of` (now) is in it. The same rows give the same set; `progress(done, total)` is called as it goes.

    Raises:
        NothingToLearn: no matured outcome.
    """
    moment, tell = as_of or timezone.now(), progress or (lambda done, total: None)
    table, weights = _table_of(product), weights_in_force()
    tell(0, STEPS)
    matured = Label.objects.filter(case__product=product, source__in=MATURED).values("case").distinct().count()
    found = collect(
        product,
        as_of=moment,
        weights=weights,
        features=table.features if table else (),
        tell=lambda rows: tell(READING * rows // max(matured, rows), STEPS),
    )
    if not found.rows:
        raise NothingToLearn
    kept_rows = as_kept([row.flat() for row in found.rows])
    sha256 = content_hash(kept_rows)
    known = TrainingSet.objects.filter(sha256=sha256).first()
    previous = TrainingSet.objects.filter(product=product).exclude(sha256=sha256).last()
    if known is None or not path_of(known).exists():
        write_table(kept_rows, path_of_hash(sha256))
    if known is None:
        card = data_card(
            found,
            as_of=moment,
            weights=weights,
            table=table,
            before=_rows_of(previous),
            tell=lambda fold: tell(READING + fold, STEPS),
        )
        card["hashed"] = HASHED
        kept = {"as_of": moment, "weights_id": weights.pk, "previous": previous, "card": card, "built_by": by}
        known = _write(sha256, found, {"product": product, **kept})
    tell(STEPS, STEPS)
    return known


def _write(sha256: str, found: Collected, fields: dict[str, Any]) -> TrainingSet:
    with transaction.atomic(durable=True):
        # Two builds of the same rows at once: the second finds the first one's set.
        hold(f"training set {sha256}")
        known = TrainingSet.objects.filter(sha256=sha256).first()
        if known is not None:
            return known
        bads = sum(row.is_bad for row in found.rows)
        dataset = TrainingSet.objects.create(
            sha256=sha256,
            rows=len(found.rows),
            bads=bads,
            counts=_counts(found.rows),
            effective_size=found.effective_size,
            **fields,
        )
        members = [(dataset.pk, row.label_id, row.label_weight) for row in found.rows]
        copy_rows(TrainingSetRow, ("dataset", "label", "weight"), members)
    return dataset


def _table_of(product: str) -> FeatureTable | None:
    try:
        return feature_table_for(product)
    except ModelError:
        return None


def _rows_of(dataset: TrainingSet | None) -> list[dict[str, Any]] | None:
    """What a set is compared with; a set whose file is gone or altered is no measure of anything."""
    try:
        return read_set(dataset) if dataset else None
    except (TrainingSetLost, TrainingSetAltered):
        return None


def _counts(rows: Sequence[LabelledRow]) -> dict[str, dict[str, int]]:
    return {
        "by_source": dict(Counter(row.source for row in rows)),
        "by_label": dict(Counter(row.label_source for row in rows)),
        "by_year": dict(sorted(Counter(row.applied_at[:4] for row in rows).items())),
    }
