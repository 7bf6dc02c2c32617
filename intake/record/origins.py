"""Where cases came from, kept beside them: batch, row or message, and what of the row no case holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from django.conf import settings

from cases.arrivals import Receipt
from cases.bulk import copy_rows
from cases.models import Case
from intake.mapped.left_out import digests_of, of_columns_of, of_other_columns, plain_reference, reference_digest
from intake.mapped.submission import Submission
from intake.models import NUMBERED, Batch, CaseNumber, CaseOrigin
from intake.people.linking import keep_numbers, number_digests
from intake.reading.rows import ReadRow
from intake.record.product_names import keep_product_names

# So many rows of a chunk may share a number: a loan stands once for each who owes it.
SHARED_MOST: Final = 4
# The key of a case, the row it came of, and what that was read as.
Kept = tuple[int, ReadRow, Submission]


def keep_origins(batch: Batch, good: Sequence[tuple[ReadRow, Submission]], receipt: Receipt) -> None:
    """Where the new cases among these rows came from, what was told of their products, and what is told of those that
    were known. Runs inside the caller's transaction."""
    is_numbered = batch.kind in NUMBERED
    origins: list[tuple[object, ...]] = []
    numbers: list[tuple[int, int]] = []
    for at, key in receipt.accepted():
        row, case = good[at]
        place = row.row_number if is_numbered else None
        left_out, told = _told_by(row, case)
        origins.append((key, batch.pk, place, row.message, number_digests(case), left_out))
        numbers += [(digest, key) for digest in told]
    # 0 or PENDING2026, until it gets its number, is none of any row.
    rows_of = Counter(digest for digest, _key in numbers)
    numbers = [(digest, key) for digest, key in numbers if rows_of[digest] <= SHARED_MOST]
    copy_rows(CaseOrigin, ("case", "batch", "row_number", "message", "numbers", "left_out"), origins)
    if numbers:
        copy_rows(CaseNumber, ("digest", "case"), numbers)
    keep_product_names([good[at][0] for at, _key in receipt.accepted()])
    since = [*receipt.known(), *_of_the_same(good, receipt.conflicting())]
    _keep_numbers_since(batch.source.slug, {key: good[at][0] for at, key in reversed(since)})


def _of_the_same(
    good: Sequence[tuple[ReadRow, Submission]], conflicting: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Of the rows that tell otherwise of a case those of its applicant and its moment: the loan changed with the
    signing. Where people are the references, or it was applied for at another time, it is another loan."""
    cases = Case.objects.filter(pk__in=[key for _at, key in conflicting])
    stood = {key: told for key, *told in cases.values_list("pk", "applicant__external_id", "applied_at")}
    for at, key in conflicting if stood else ():
        case, person = good[at][1], good[at][1].applicant.external_id
        is_told = not {"applicant.id", "applied_at"}.intersection(case.derived) and person != case.external_ref
        if is_told and [person, case.applied_at] == stood[key]:
            yield at, key


def _keep_numbers_since(slug: str, known: Mapping[int, ReadRow]) -> None:
    """Numbers that cases got since they came, as contracts do with the signing. Of a column that told one before
    nothing is taken, nor of a second row: of several equal rows each may have its own. Two imports of one list at
    once: the lock of the origin lets the second see what the first has kept."""
    secret = settings.SECRET_KEY
    told = {key: digests for key, row in known.items() if (digests := digests_of(secret, row.raw, _numbered(row)))}
    origins = CaseOrigin.objects.filter(case__in=told)
    held = _held(slug, told, origins)
    wanting = [key for key, digests in told.items() if of_other_columns(digests.values(), held[key])]
    if not wanting:
        return
    numbers: list[CaseNumber] = []
    changed = list(origins.filter(case__in=wanting).select_for_update().order_by("case"))
    held = _held(slug, told, changed)
    for origin in changed:
        new = of_other_columns(told[origin.case_id].values(), held[origin.case_id])
        origin.left_out = list(dict.fromkeys((*origin.left_out, *new)))
        numbers += [CaseNumber(digest=digest, case_id=origin.case_id) for digest in new]
    CaseOrigin.objects.bulk_update(changed, ["left_out"])
    CaseNumber.objects.bulk_create(numbers, ignore_conflicts=True)


def _numbered(row: ReadRow) -> list[str]:
    """The columns in which a row has a number; 0 stands for one that is not there yet."""
    return [column for column in row.telling if row.raw.get(column, "").strip("0")]


def _held(slug: str, told: Mapping[int, Mapping[str, int]], origins: Iterable[CaseOrigin]) -> dict[int, list[int]]:
    """Of each of these cases the numbers that it is found by in the columns that are told now. PENDING2026, which
    several of the source had until they got theirs, is none where another is told now."""
    kept = {
        (origin.case_id, digest)
        for origin in origins
        for digest in of_columns_of(told[origin.case_id].values(), origin.left_out)
    }
    digests = {digest for _key, digest in kept}
    numbers = list(CaseNumber.objects.filter(digest__in=digests).values_list("case", "digest")) if kept else []
    cases = {case for case, _digest in numbers}
    here = set(Case.objects.filter(source=slug, pk__in=cases).values_list("pk", flat=True)) if cases else set()
    cases_of = Counter(digest for case, digest in numbers if case in here)
    found: dict[int, list[int]] = {key: [] for key in told}
    for case, digest in numbers:
        if (case, digest) in kept and (cases_of[digest] == 1 or digest in told[case].values()):
            found[case].append(digest)
    return found


def keep_origins_again(resent: Sequence[Kept]) -> None:
    """Of cases that were sent again or read anew: what came now stands on them. What was left out of the row once goes
    on to tell it: the case may keep the reference of then."""
    if not resent:
        return
    cases = Case.objects.filter(pk__in=[key for key, *_row in resent])
    told = cases.values_list("pk", "applicant", "origin__left_out")
    known = {key: (applicant, left_out or ()) for key, applicant, left_out in told}
    keep_numbers([(known[key][0], case) for key, _row, case in resent])
    for key, row, case in resent:
        now, told = _told_by(row, case)
        left_out = list(dict.fromkeys((*known[key][1], *now)))
        CaseOrigin.objects.filter(case=key).update(numbers=number_digests(case), left_out=left_out)
        numbers = [CaseNumber(digest=digest, case_id=key) for digest in told]
        CaseNumber.objects.bulk_create(numbers, ignore_conflicts=True)


def _told_by(row: ReadRow, case: Submission) -> tuple[list[int], set[int]]:
    """What a row is told by beside its reference, and what of it finds the case; a reference in its plain form is found
    by itself."""
    secret = settings.SECRET_KEY
    left_out = digests_of(secret, row.raw, row.left_out)
    telling = {left_out[column] for column in _numbered(row) if column in left_out}
    if case.external_ref != plain_reference(case.external_ref):
        telling.add(reference_digest(secret, case.external_ref))
    return list(left_out.values()), telling
