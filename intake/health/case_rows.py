"""Cases as the rows that are compared: everything about a case whose look can tell that its source turned bad."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.db.models.query import QuerySet

from cases.models import Case
from intake.health.profiles import Row
from intake.mapped.submission import Submission

FIELDS: Final = ("amount", "term_months", "currency", "region", "channel", "industry")


def row_of(case: Case | Submission) -> Row:
    """Everything about a case whose look is compared."""
    return _row(case.features, [getattr(case, name) for name in FIELDS])


def rows_on_record(cases: QuerySet[Case]) -> Iterator[tuple[str, Row]]:
    """(product, what `row_of` tells) of cases; no objects are made of them, which would cost more than the looking."""
    for product, features, *told in cases.values_list("product", "features", *FIELDS):
        yield product, _row(features, told)


def rows_by_batch(cases: QuerySet[Case]) -> tuple[list[Row], list[int | None]]:
    """What `row_of` tells of cases, and in which batch each came."""
    rows, batches = [], []
    for batch, features, *told in cases.values_list("origin__batch", "features", *FIELDS):
        rows.append(_row(features, told))
        batches.append(batch)
    return rows, batches


def by_product(cases: QuerySet[Case]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for product, row in rows_on_record(cases):
        found[product].append(row)
    return found


def _row(features: Mapping[str, Any], told: Sequence[Any]) -> Row:
    fields = dict(zip(FIELDS, told, strict=True))
    return {**features, **{name: value or None for name, value in fields.items()}, "amount": float(fields["amount"])}
