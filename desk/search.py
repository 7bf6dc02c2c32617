"""Finding cases by what a person types: a reference, the lender's own reference, or a part of a name."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from cases.models import Case

PREFIX = "CR-"


def matching(cases: QuerySet[Case], words: str) -> QuerySet[Case]:
    """Cases that `words` name. All of them when nothing was typed."""
    if not words:
        return cases
    key = words.upper().removeprefix(PREFIX)
    found = (
        Q(external_ref__iexact=words) | Q(applicant__name__icontains=words) | Q(applicant__external_id__iexact=words)
    )
    if key.isascii() and key.isdigit() and len(key) <= 18:
        found |= Q(pk=int(key))
    return cases.filter(found)
