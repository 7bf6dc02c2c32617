"""How often each person was right on each product: from blind second looks, and from loans that the lot gave them.

Who is handed the harder cases is wrong more often, and whose decision nobody judged is not known to be right. So only
decisions that were judged by chance count: those drawn for a second look, and approvals of cases that were handed out
by lot once their loans matured. What was declined has no outcome.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from cases.models import Review, SecondLook
from cases.standing import settled
from cases.states import DecidedBy, Kind, Outcome, State
from learning.matured import matured_outcomes

# Judged longer ago says little of today.
COUNTED: Final = timedelta(days=730)
# With fewer judged decisions on a product a person counts as its mean.
LEAST_JUDGED: Final = 20
# The mean of all people on the product counts as so many further decisions of each.
PRIOR_JUDGED: Final = 20


@dataclass(frozen=True)
class Judged:
    """Decisions of one person on one product that were judged, and how many of them were right."""

    person: int
    product: str
    judged: int
    right: int


def measured_accuracies() -> dict[int, dict[str, float]]:
    """By person and product the accuracy to count with, of those who were judged often enough. Three statements."""
    return shrunk([*_from_second_looks(), *_from_outcomes()])


def shrunk(found: Iterable[Judged]) -> dict[int, dict[str, float]]:
    """By person and product (right + PRIOR_JUDGED × mean) / (judged + PRIOR_JUDGED), the mean being that of everybody
    judged on the product; without those judged fewer than LEAST_JUDGED times."""
    judged, right = Counter[tuple[str, int]](), Counter[tuple[str, int]]()
    all_judged, all_right = Counter[str](), Counter[str]()
    for each in found:
        judged[each.product, each.person] += each.judged
        right[each.product, each.person] += each.right
        all_judged[each.product] += each.judged
        all_right[each.product] += each.right
    accuracies: dict[int, dict[str, float]] = defaultdict(dict)
    for (product, person), count in judged.items():
        if count >= LEAST_JUDGED:
            mean = all_right[product] / all_judged[product]
            accuracies[person][product] = (right[product, person] + PRIOR_JUDGED * mean) / (count + PRIOR_JUDGED)
    return dict(accuracies)


def _from_second_looks() -> list[Judged]:
    """Both people of each settled look: right are views that agree, and of two that differ the one that was upheld."""
    looks = SecondLook.objects.filter(done_at__gte=timezone.now() - COUNTED, case__kind=Kind.APPLICATION)
    settled_looks = looks.filter(Q(outcome=F("review__outcome")) | Q(adjudication__isnull=False)).order_by()
    found = []
    for product, reviewer, looker, decided, seen, upheld in settled_looks.values_list(
        "case__product", "reviewer", "looker", "review__outcome", "outcome", "adjudication__outcome"
    ):
        for person, view in ((reviewer, decided), (looker, seen)):
            found.append(Judged(person, product, 1, int(view == (upheld or decided))))
    return found


def _from_outcomes() -> list[Judged]:
    """Approvals of cases that the lot handed to whoever decided them, judged by what came of the loans."""
    approvals = settled(
        Review.objects.filter(
            outcome=Outcome.APPROVE,
            at__gte=timezone.now() - COUNTED,
            case__state=State.APPROVED,
            case__decided_by=DecidedBy.PERSON,
            case__assignments__random=True,
            case__assignments__person=F("reviewer"),
        )
    )
    # A decision that was looked at twice is judged once.
    once = approvals.exclude(Exists(SecondLook.objects.filter(review=OuterRef("pk"), done_at__isnull=False)))
    by_case = {
        case: (person, product) for case, person, product in once.values_list("case", "reviewer", "case__product")
    }
    return [Judged(*by_case[case], judged=1, right=int(not bad)) for case, bad in matured_outcomes(by_case).items()]
