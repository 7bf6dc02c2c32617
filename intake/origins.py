"""Where cases came from, kept beside them: batch, row or message, and what of the row no case holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cases.bulk import copy_rows
from cases.models import Case
from intake.left_out import digests_of, reference_digests, secret_of
from intake.linking import keep_numbers, number_digests
from intake.models import NUMBERED, Batch, CaseOrigin
from intake.rows import ReadRow
from intake.submission import Submission

# The key of a case, the row it came of, and what that was read as.
Kept = tuple[int, ReadRow, Submission]


def keep_origins(batch: Batch, new: Iterable[Kept]) -> None:
    """Where new cases came from. Runs inside the caller's transaction."""
    is_numbered = batch.kind in NUMBERED
    secret = secret_of(batch.source.slug)
    origins = [
        (
            key,
            batch.pk,
            row.row_number if is_numbered else None,
            row.message,
            number_digests(case),
            _told_by(secret, row, case),
        )
        for key, row, case in new
    ]
    copy_rows(CaseOrigin, ("case", "batch", "row_number", "message", "numbers", "left_out"), origins)


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
        left_out = list(dict.fromkeys((*known[key][1], *_told_by(secret_of(case.source), row, case))))
        CaseOrigin.objects.filter(case=key).update(numbers=number_digests(case), left_out=left_out)


def _told_by(secret: str, row: ReadRow, case: Submission) -> list[int]:
    # Without zeros before it a reference is found by itself.
    of_zeros = reference_digests(secret, case.external_ref) if case.external_ref.startswith("0") else []
    return digests_of(secret, row.raw, row.left_out) + of_zeros
