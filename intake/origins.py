"""Where cases came from, kept beside them: batch, row or message, and what of the row no case holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.conf import settings

from cases.arrivals import Receipt
from cases.bulk import copy_rows
from cases.models import Case
from intake.left_out import digests_of, of_other_columns, reference_digests
from intake.linking import keep_numbers, number_digests
from intake.models import NUMBERED, Batch, CaseNumber, CaseOrigin
from intake.product_names import keep_product_names
from intake.rows import ReadRow
from intake.submission import Submission

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
    copy_rows(CaseOrigin, ("case", "batch", "row_number", "message", "numbers", "left_out"), origins)
    if numbers:
        copy_rows(CaseNumber, ("digest", "case"), numbers)
    keep_product_names([good[at][0] for at, _key in receipt.accepted()])
    _keep_numbers_since({key: good[at][0] for at, key in reversed(receipt.known())})


def _keep_numbers_since(known: Mapping[int, ReadRow]) -> None:
    """Numbers that cases got since they came, as contracts do with the signing. Of a column that told one before
    nothing is taken, nor of a second row: of several equal rows each may have its own. Two imports of one list at
    once: the lock of the origin lets the second see what the first has kept."""
    secret = settings.SECRET_KEY
    told = {key: digests for key, row in known.items() if (digests := digests_of(secret, row.raw, row.telling))}
    origins = CaseOrigin.objects.filter(case__in=told)
    held = origins.values_list("case", "left_out")
    wanting = [key for key, left_out in held if of_other_columns(told[key].values(), left_out)]
    if not wanting:
        return
    numbers: list[CaseNumber] = []
    changed = list(origins.filter(case__in=wanting).select_for_update().order_by("case"))
    for origin in changed:
        new = of_other_columns(told[origin.case_id].values(), origin.left_out)
        origin.left_out = [*origin.left_out, *new]
        numbers += [CaseNumber(digest=digest, case_id=origin.case_id) for digest in new]
    CaseOrigin.objects.bulk_update(changed, ["left_out"])
    CaseNumber.objects.bulk_create(numbers, ignore_conflicts=True)


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
    """What a row is told by beside its reference, and what of it finds the case; a reference without zeros before it is
    found by itself."""
    secret = settings.SECRET_KEY
    left_out = digests_of(secret, row.raw, row.left_out)
    telling = {left_out[column] for column in row.telling if column in left_out}
    of_zeros = reference_digests(secret, case.external_ref) if case.external_ref.startswith("0") else []
    return list(left_out.values()), telling.union(of_zeros)
