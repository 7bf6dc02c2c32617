"""Where cases came from, kept beside them: batch, row or message, and what of the row no case holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.conf import settings

from cases.bulk import copy_rows
from cases.models import Case
from intake.left_out import digests_of, reference_digests
from intake.linking import keep_numbers, number_digests
from intake.models import NUMBERED, Batch, CaseNumber, CaseOrigin
from intake.product_names import keep_product_names
from intake.rows import ReadRow
from intake.submission import Submission

# The key of a case, the row it came of, and what that was read as.
Kept = tuple[int, ReadRow, Submission]


def keep_origins(batch: Batch, new: Iterable[Kept]) -> None:
    """Where new cases came from, and what was told of their products. Runs inside the caller's transaction."""
    is_numbered = batch.kind in NUMBERED
    origins: list[tuple[object, ...]] = []
    numbers: list[tuple[int, int]] = []
    told_of: list[ReadRow] = []
    for key, row, case in new:
        told_of.append(row)
        place = row.row_number if is_numbered else None
        left_out, told = _told_by(row, case)
        origins.append((key, batch.pk, place, row.message, number_digests(case), left_out))
        numbers += [(digest, key) for digest in told]
    copy_rows(CaseOrigin, ("case", "batch", "row_number", "message", "numbers", "left_out"), origins)
    if numbers:
        copy_rows(CaseNumber, ("digest", "case"), numbers)
    keep_product_names(told_of)


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
