"""Cases whose row told what is the number of a row now, under whatever reference they came: a table was read by a
running number before, or its numbers are written in another way since: without the zeros before them, with commas
that group them, in another width or case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.conf import settings

from intake.mapped.left_out import digests_of, plain_reference, reference_digest
from intake.models import CaseNumber, CaseOrigin
from intake.reading.rows import ReadRow

_OF_A_CASE: Final = (
    "case", "case__external_ref", "case__content_hash", "case__findings", "batch", "case__applicant__external_id"
)  # fmt: skip


@dataclass(frozen=True)
class KnownCase:
    """A case on record, as far as tells whether a row is it. `by_form` says that its reference is that of the row but
    for the way of writing it, `applicant` is the id of the person."""

    key: int
    external_ref: str
    content_hash: str
    findings: list[Any]
    batch: int
    applicant: str
    by_form: bool = False


def known_by_number(slug: str, rows: Sequence[ReadRow], *, but: Collection[int] = ()) -> dict[int, list[KnownCase]]:
    """The cases of a source that these rows may be, by the place of the row; none of its own reference, nor those of
    the keys `but`."""
    secret = settings.SECRET_KEY
    own: dict[int, str] = {}
    numbers: dict[int, Collection[int]] = {}
    references: dict[int, int] = {}
    for at, row in enumerate(rows):
        if row.submission is None or not row.numbered_by:
            continue
        own[at] = row.submission.external_ref
        # At most one each.
        numbers[at] = digests_of(secret, row.raw, [row.numbered_by]).values()
        references[at] = reference_digest(secret, own[at])
    told = cases_by_digest(slug, {digest for each in numbers.values() for digest in each}.union(references.values()))
    plain = {at: form for at, reference in own.items() if (form := plain_reference(reference)) != reference}
    in_plain = _by_reference(slug, set(plain.values()))
    found = {}
    for at, reference in own.items():
        by_number = [case for digest in numbers[at] for case in told.get(digest, ())]
        by_form = [*told.get(references[at], ()), *in_plain.get(plain.get(at, ""), ())]
        cases = by_number or [replace(case, by_form=True) for case in by_form]
        if cases := [case for case in cases if case.external_ref != reference and case.key not in but]:
            found[at] = cases
    return found


def cases_by_digest(slug: str, wanted: Collection[int]) -> dict[int, list[KnownCase]]:
    """The cases by the digest of each of their numbers that is wanted. Asked for in two steps: joined, the cases would
    all be looked through while statistics do not know the numbers yet."""
    numbers = list(CaseNumber.objects.filter(digest__in=wanted).values_list("case", "digest")) if wanted else []
    if not numbers:
        return {}
    origins = CaseOrigin.objects.filter(case__source=slug, case__in={case for case, _digest in numbers})
    cases = {told[0]: KnownCase(*told) for told in origins.values_list(*_OF_A_CASE)}
    found: defaultdict[int, list[KnownCase]] = defaultdict(list)
    for case, digest in sorted(numbers):
        if case in cases:
            found[digest].append(cases[case])
    return found


def _by_reference(slug: str, names: set[str]) -> dict[str, list[KnownCase]]:
    """The cases that have one of these references, by it."""
    if not names:
        return {}
    cases = CaseOrigin.objects.filter(case__source=slug, case__external_ref__in=names)
    return {case.external_ref: [case] for case in (KnownCase(*each) for each in cases.values_list(*_OF_A_CASE))}
