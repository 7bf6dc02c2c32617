"""How often each person was right on each product and kind of case: from blind second looks, and from loans of the lot.

Who is handed the harder cases is wrong more often, and whose decision nobody judged is not known to be right. So only
decisions that were judged by chance count: those drawn for a second look, and approvals of cases that were handed out
by lot once their loans matured. What was declined has no outcome.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from cases.models import Review, SecondLook
from cases.standing import settled
from cases.states import DecidedBy, Kind, Outcome, State
from learning.error_chances import FOLDS, Cell, ErrorChances, error_chances
from learning.matured import matured_outcomes
from routing.kinds import DOUBT_MARK, KINDS, accuracy_key, kind_of
from scoring.models import Assessment

# Judged longer ago says little of today.
COUNTED: Final = timedelta(days=730)
# With fewer judged decisions on a product a person counts as its mean.
LEAST_JUDGED: Final = 20
# The mean of all people on the product counts as so many further decisions of each.
PRIOR_JUDGED: Final = 20
# What the chance of error depends on: near the cut-off, above it, doubtful. "" is a case without a PD.
FEATURES: Final[Mapping[str, tuple[float, float, float]]] = {
    "": (0.0, 0.0, 0.0),
    **{kind: tuple(map(float, (kind.startswith("near"), kind.startswith("above"), kind.endswith(DOUBT_MARK))))  # type: ignore[misc]
       for kind in KINDS},
}  # fmt: skip


THEN: Final = ("then_pd", "then_cut_off", "then_doubt")


@dataclass(frozen=True)
class Judged:
    """Decisions of one person on one product and kind of case that were judged, and how many of them were right.
    `fold` is the part of the decisions that is held out together."""

    person: int
    product: str
    judged: int
    right: int
    kind: str = ""
    fold: int = 0


def measured_accuracies() -> dict[int, dict[str, float]]:
    """By person the accuracies to count with, of those who were judged often enough: by product, and by
    `routing.kinds.accuracy_key` for the kinds of cases of a product where the kind helps. Three statements."""
    found = judged_decisions()
    accuracies = shrunk(found)
    for product, chances in chances_by_product(found).items():
        if chances.helps:
            for person, by_kind in chances.people.items():
                if product in accuracies.get(person, {}):
                    accuracies[person] |= {accuracy_key(product, kind): 1 - by_kind[kind] for kind in KINDS}
    return accuracies


def judged_decisions() -> list[Judged]:
    """Every decision that was judged by chance. Three statements."""
    return [*_from_second_looks(), *_from_outcomes()]


def chances_by_product(found: Iterable[Judged]) -> dict[str, ErrorChances]:
    """The model of errors of each product with enough judged decisions."""
    cells: dict[str, Counter[tuple[int, str, int]]] = defaultdict(Counter)
    wrong: dict[str, Counter[tuple[int, str, int]]] = defaultdict(Counter)
    for each in found:
        cells[each.product][each.person, each.kind, each.fold] += each.judged
        wrong[each.product][each.person, each.kind, each.fold] += each.judged - each.right
    models = {
        product: error_chances(
            [Cell(*key, judged=count, wrong=wrong[product][key]) for key, count in counts.items()],
            FEATURES,
            PRIOR_JUDGED,
        )
        for product, counts in cells.items()
    }
    return {product: model for product, model in models.items() if model is not None}


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
    told = _as_of_decision(settled_looks, "review__seen_version").values_list(
        "pk", "case__product", "reviewer", "looker", "review__outcome", "outcome", "adjudication__outcome", *THEN
    )
    for key, product, reviewer, looker, decided, seen, upheld, *then in told:
        for person, view in ((reviewer, decided), (looker, seen)):
            right = int(view == (upheld or decided))
            found.append(Judged(person, product, 1, right, kind_of(*then), key % FOLDS))
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
    told = _as_of_decision(once, "seen_version").values_list("case", "reviewer", "case__product", *THEN)
    by_case = {case: (person, product, kind_of(*then)) for case, person, product, *then in told}
    return [
        Judged(person, product, 1, int(not bad), kind, case % FOLDS)
        for case, bad in matured_outcomes(by_case).items()
        for person, product, kind in [by_case[case]]
    ]


def _as_of_decision(rows: QuerySet[Any], version: str) -> QuerySet[Any]:
    """Rows of cases with what the assessment said that stood at the version of the case that the decision saw."""
    assessed = Assessment.objects.filter(case=OuterRef("case"), case_version__lte=OuterRef(version))
    latest = assessed.order_by("-case_version")
    found: QuerySet[Any] = rows.annotate(
        **{name: Subquery(latest.values(name.removeprefix("then_"))[:1]) for name in THEN}
    )
    return found
