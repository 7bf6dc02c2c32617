"""Cases as the rows that are compared: everything about a case whose look can tell that its source turned bad."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.db.models.query import QuerySet

from cases.models import Case
from intake.health.profiles import Row
from intake.mapped.submission import Submission
from intake.models import ApplicantNumber

FIELDS: Final = ("amount", "term_months", "currency", "region", "channel", "industry")
# Of these it counts alone whether they are given: what they say is nobody's business here, and a fleet has one name.
PEOPLE: Final = ("name", "identity_number", "phone")
GIVEN: Final = "given"
_ON_RECORD: Final = ("features", "applicant__name", "origin__numbers", *FIELDS)


def row_of(case: Submission) -> Row:
    """Everything about a case whose look is compared."""
    told = {kind for kind in PEOPLE if getattr(case.applicant, kind)}
    return _row(case.features, told, [getattr(case, name) for name in FIELDS])


def rows_by_batch(cases: QuerySet[Case]) -> tuple[list[Row], list[int | None]]:
    """What `row_of` tells of cases on record, and in which batch each came."""
    rows, batches = [], []
    for batch, row in _on_record("origin__batch", cases):
        rows.append(row)
        batches.append(batch)
    return rows, batches


def by_product(cases: QuerySet[Case]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for product, row in _on_record("product", cases):
        found[product].append(row)
    return found


def _on_record(named: str, cases: QuerySet[Case]) -> Iterator[tuple[Any, Row]]:
    """The rows of cases with one more of their fields; no objects are made of them, which would cost more than the
    looking."""
    stored = list(cases.values_list(named, *_ON_RECORD))
    digests = {digest for _named, _features, _name, numbers, *_told in stored for digest in numbers or ()}
    numbers_kept = ApplicantNumber.objects.filter(digest__in=digests) if digests else ApplicantNumber.objects.none()
    kinds = dict(numbers_kept.values_list("digest", "kind"))
    for value, features, name, numbers, *told in stored:
        people = {kinds.get(digest, "") for digest in numbers or ()} | ({"name"} if name else set())
        yield value, _row(features, people, told)


def _row(features: Mapping[str, Any], people: set[str], told: Sequence[Any]) -> Row:
    fields = dict(zip(FIELDS, told, strict=True))
    given = {f"applicant.{kind}": GIVEN if kind in people else None for kind in PEOPLE}
    return {
        **features,
        **given,
        **{name: value or None for name, value in fields.items()},
        "amount": float(fields["amount"]),
    }
