"""Cases whose row told what is the number of a row now, under whatever reference they came: a table was read by a
running number before, or its numbers had zeros before them that a program lost since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from intake.left_out import digests_of, reference_digests, secret_of
from intake.models import CaseOrigin
from intake.rows import ReadRow

_OF_A_CASE: Final = ("case__external_ref", "case__content_hash", "case__findings", "batch")


@dataclass(frozen=True)
class KnownCase:
    """A case on record, as far as tells whether a row is it. `by_zeros` says that its reference is that of the row but
    for the zeros before it."""

    external_ref: str
    content_hash: str
    findings: list[Any]
    batch: int
    by_zeros: bool = False


def known_by_number(slug: str, rows: Sequence[ReadRow]) -> dict[int, list[KnownCase]]:
    """The cases of a source that these rows may be, by the place of the row; none of its own reference."""
    secret = secret_of(slug)
    own, numbers, references = {}, {}, {}
    for at, row in enumerate(rows):
        if row.submission is None or not row.numbered_by:
            continue
        own[at] = row.submission.external_ref
        # At most one each.
        numbers[at] = digests_of(secret, row.raw, [row.numbered_by])
        references[at] = reference_digests(secret, own[at])
    told = _by_digest(
        slug, {digest for of_rows in (numbers, references) for each in of_rows.values() for digest in each}
    )
    bare = _without_zeros(slug, own.values())
    found = {}
    for at, reference in own.items():
        by_number = [case for digest in numbers[at] for case in told.get(digest, ())]
        by_zeros = [case for digest in references[at] for case in told.get(digest, ())]
        if reference.startswith("0"):
            by_zeros += bare.get(reference.lstrip("0"), ())
        cases = by_number or [replace(case, by_zeros=True) for case in by_zeros]
        if cases := [case for case in cases if case.external_ref != reference]:
            found[at] = cases
    return found


def _by_digest(slug: str, wanted: set[int]) -> dict[int, list[KnownCase]]:
    """The cases of which one of these digests was kept, by the digest."""
    if not wanted:
        return {}
    found: defaultdict[int, list[KnownCase]] = defaultdict(list)
    # What keeps none is not in the index.
    origins = CaseOrigin.objects.filter(case__source=slug, left_out__overlap=list(wanted)).exclude(left_out=[])
    for *of_case, kept in origins.order_by("pk").values_list(*_OF_A_CASE, "left_out"):
        for digest in wanted.intersection(kept):
            found[digest].append(KnownCase(*of_case))
    return found


def _without_zeros(slug: str, references: Iterable[str]) -> dict[str, list[KnownCase]]:
    """The cases whose reference is one of these without the zeros before it, by this."""
    names = {bare for name in references if name.startswith("0") and (bare := name.lstrip("0")).isdecimal()}
    if not names:
        return {}
    cases = CaseOrigin.objects.filter(case__source=slug, case__external_ref__in=names)
    return {case.external_ref: [case] for case in (KnownCase(*each) for each in cases.values_list(*_OF_A_CASE))}
