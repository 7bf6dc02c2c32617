"""Finding cases by what a person types: a reference, the lender's own reference, a name or a longer part of one."""

from __future__ import annotations

from typing import Final

from django.db.models import Q, QuerySet

from cases.models import Applicant, Case

PREFIX: Final = "CR-"
PART_LEAST: Final = 4
MOST_APPLICANTS: Final = 500


def matching(cases: QuerySet[Case], words: str) -> QuerySet[Case]:
    """Cases that `words` name. All of them when nothing was typed.

    Applicants are looked up first, at most 500: joined into the search they would keep every index from being used.
    """
    if not words:
        return cases
    named = Q(external_id__iexact=words)
    # Names are masked: by a sign or two anybody could find one out piece by piece, and nobody would know.
    named |= Q(name__icontains=words) if len(words) >= PART_LEAST else Q(name__iexact=words)
    people = Applicant.objects.filter(named).values_list("pk", flat=True)
    found = Q(external_ref__iexact=words) | Q(applicant__in=list(people[:MOST_APPLICANTS]))
    key = words.upper().removeprefix(PREFIX)
    if key.isascii() and key.isdigit() and len(key) <= 18:
        found |= Q(pk=int(key))
    return cases.filter(found)
