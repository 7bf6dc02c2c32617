"""Finding cases by what a person types: a reference, the lender's own reference, or a part of a name."""

from __future__ import annotations

from typing import Final

from django.db.models import Q, QuerySet

from cases.models import Applicant, Case

PREFIX: Final = "CR-"
MOST_APPLICANTS: Final = 500


def matching(cases: QuerySet[Case], words: str) -> QuerySet[Case]:
    """Cases that `words` name. All of them when nothing was typed.

    Applicants are looked up first, at most 500: joined into the search they would keep every index from being used.
    """
    if not words:
        return cases
    named = Q(name__icontains=words) | Q(external_id__iexact=words)
    people = Applicant.objects.filter(named).values_list("pk", flat=True)
    found = Q(external_ref__iexact=words) | Q(applicant__in=list(people[:MOST_APPLICANTS]))
    key = words.upper().removeprefix(PREFIX)
    if key.isascii() and key.isdigit() and len(key) <= 18:
        found |= Q(pk=int(key))
    return cases.filter(found)
