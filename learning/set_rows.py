"""The rows of a training set: the last matured outcome of each case, the facts it was decided on, and its weight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Final

import numpy as np
from django.db.models import Count

from learning.as_decided import Dated, as_decided
from learning.dataset import LabelledRow
from learning.label_models import MATURED, Exclusion
from learning.label_weights import base_weight
from learning.models import Label, LabelWeights
from learning.weights import label_weights
from scoring.ml.sample_weights import effective_size

CHUNK: Final = 2000
# Told the rows done, after each chunk.
Tell = Callable[[int], None]


@dataclass
class Collected:
    """Rows by case, and what is not among them: labels and cases by reason of exclusion, features not known yet at the
    decision by name, cases whose later changes were undone. `effective_size` and `effective_size_without` are those
    with and without inverse propensities."""

    rows: list[LabelledRow] = field(default_factory=list)
    excluded: Counter[str] = field(default_factory=Counter)
    known_later: Counter[str] = field(default_factory=Counter)
    undone: list[str] = field(default_factory=list)
    effective_size: float = 0.0
    effective_size_without: float = 0.0
    capped: int = 0


def collect(
    product: str, *, as_of: datetime, weights: LabelWeights, features: Sequence[Dated] = (), tell: Tell | None = None
) -> Collected:
    """Cases of a product with a matured outcome that was recorded up to `as_of`, by key. A corrected outcome counts as
    it was last restated."""
    found = Collected()
    labels = Label.objects.filter(case__product=product, recorded_at__lte=as_of)
    for reason, count in labels.exclude(exclusion="").values_list("exclusion").annotate(n=Count("pk")):
        found.excluded[reason] += count
    matured = labels.filter(source__in=MATURED, exclusion="")
    latest = matured.order_by("case_id", "-observed_at", "-id").distinct("case_id").select_related("case")
    seen = 0
    for chunk in _chunks(latest.iterator(chunk_size=CHUNK)):
        _add(found, chunk, as_of, features)
        seen += len(chunk)
        if tell:
            tell(seen)
    restated = matured.count() - seen
    if restated:
        found.excluded[Exclusion.RESTATED] += restated
    _leave_out_repeated(found)
    _weigh(found, weights)
    return found


def _chunks(labels: Iterator[Label]) -> Iterator[list[Label]]:
    while chunk := list(islice(labels, CHUNK)):
        yield chunk


def _add(found: Collected, labels: Sequence[Label], as_of: datetime, features: Sequence[Dated]) -> None:
    decided = as_decided([label.case for label in labels], as_of=as_of, features=features)
    for label in labels:
        case, facts = label.case, decided[label.case_id]
        if facts.altered:
            found.excluded[Exclusion.FACTS_CHANGED] += 1
            continue
        found.known_later.update(facts.known_later)
        if facts.undone:
            found.undone.append(case.ref)
        found.rows.append(
            LabelledRow(
                case_ref=case.ref,
                source=case.source,
                external_ref=case.external_ref,
                applied_at=case.applied_at.isoformat(),
                case_version=facts.version,
                label_id=label.pk,
                label_source=label.source,
                label_maturity=1.0 if label.maturity is None else label.maturity,
                label_propensity=label.propensity,
                label_basis=label.basis,
                label_weight=1.0,
                observed_at=label.observed_at.isoformat(),
                is_bad=bool(label.is_bad),
                case_region=case.region,
                case_industry=case.industry,
                case_channel=case.channel,
                # The time of application is a column of ours already.
                values={name: value for name, value in facts.values.items() if name != "applied_at"},
            )
        )


def _leave_out_repeated(found: Collected) -> None:
    """Leave out what another source told before: the sender's own number, the time of application and every fact are
    the same. A loan that counts twice stands in the training and in the held-out part of a fold at once."""
    known: set[str] = set()
    rows = []
    for row in found.rows:
        told = [row.external_ref, row.applied_at, *sorted((name, repr(_plain(v))) for name, v in row.values.items())]
        key = repr(told)
        if key not in known:
            known.add(key)
            rows.append(row)
    if len(rows) < len(found.rows):
        found.excluded[Exclusion.SAME_LOAN] += len(found.rows) - len(rows)
        found.rows = rows


def _plain(value: object) -> object:
    """36 and 36.0 are one number, however each source wrote it."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _weigh(found: Collected, weights: LabelWeights) -> None:
    if not found.rows:
        return
    base = np.array([base_weight(weights, row.label_source) for row in found.rows])
    propensity = [row.label_propensity for row in found.rows]
    weighed = label_weights(base, propensity, cap=weights.cap)
    found.capped = sum(each is not None and each < 1.0 / weights.cap for each in propensity)
    found.effective_size, found.effective_size_without = effective_size(weighed), effective_size(base)
    found.rows = [
        replace(row, label_weight=round(weight, 12)) for row, weight in zip(found.rows, weighed.tolist(), strict=True)
    ]
