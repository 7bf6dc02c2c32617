"""The rows of chosen cases, and to whom they can be handed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import Case, User
from cases.states import Outcome, State
from desk.pages.bulk import BulkRow
from desk.pages.team import Choice
from desk.words import ADVICE, PRODUCTS, amount_cell, masked, word
from routing.staff import LOOKERS


def bulk_rows(cases: Sequence[Case], refusals: Mapping[str, Mapping[int, str]]) -> tuple[BulkRow, ...]:
    """One row a case. What asks for an opinion first does not tell the advice, not even by why it is left out.
    `refusals` is empty for a person who may not decide in bulk: what hinders others is not their concern."""
    return tuple(
        BulkRow(
            ref=case.ref,
            url=reverse("desk:case", args=[case.ref]),
            version=case.version,
            applicant=masked(case.applicant.name or case.applicant.external_id),
            product=word(PRODUCTS, case.product),
            amount=amount_cell(case.amount, case.currency),
            advice="" if case.opinion_first else word(ADVICE, case.advice or "review"),
            state=str(State(case.state).label),
            approve=refusals.get(Outcome.APPROVE, {}).get(case.pk, ""),
            decline=refusals.get(Outcome.DECLINE, {}).get(case.pk, ""),
        )
        for case in cases
    )


def could_words(outcome: Outcome, refusals: Mapping[int, str], total: int) -> str:
    """How many of the chosen cases could be decided so, e.g. `Can be approved: 3 of 5`."""
    able = sum(not refusal for refusal in refusals.values())
    if outcome == Outcome.APPROVE:
        words = _("Can be approved: %(able)s of %(total)s")
    else:
        words = _("Can be declined: %(able)s of %(total)s")
    return words % {"able": able, "total": total}


def people_choices(chosen: str) -> tuple[Choice, ...]:
    """Everybody who looks at cases."""
    people = User.objects.filter(is_active=True, role__in=LOOKERS).order_by("role", "last_name", "username")
    return tuple(Choice(str(user.pk), user.display_name, str(user.pk) == chosen) for user in people)
