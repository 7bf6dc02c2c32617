"""How likely it was that the outcome of a case like this one can be observed at all, from how it was routed.

Outcomes are seen only of approved loans, so each label stands for more cases than itself: for 1 / propensity of them.

- The machine approves: p = 1 - a (1 - q), with a the chance of the blind audit and q the share of audited approvals
  that people approved. Audited or not, like cases have one p.
- Approved by lot although the machine declines: p = e, the stored chance of exploration.
- The machine declines, a blind audit showed it to people and they approved: p = e + (1 - e) a q, with q the share of
  audited declines that people approved.
- People decided: p = the share approved among like cases that people decided (same advice, same band of the PD), an
  estimate, and no draw: what people saw beyond advice and PD is not in it.
- Everything else (decided before this system, opened again after a machine's decline, too few like cases): not known.

Shares are (k + 1) / (n + 2) of n like cases (Laplace); of fewer than LEAST_LIKE none is stated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Case as Choice
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, When

from cases.models import Case, Review
from cases.standing import settled
from cases.states import Kind, Outcome
from learning.bands import BANDS, band_of
from learning.label_models import Basis
from routing.models import Route

LEAST_LIKE: Final = 30
UNKNOWN: Final = (None, Basis.UNKNOWN)
Group = tuple[bool, str, int]


@dataclass
class Shares:
    """Decisions of people on one product by group (audited, advice, band; band -1 is all of them), and approvals."""

    decided: Counter[Group] = field(default_factory=Counter)
    approved: Counter[Group] = field(default_factory=Counter)

    def add(self, group: Group, decided: int, approved: int) -> None:
        for each in (group, (*group[:2], -1)):
            self.decided[each] += decided
            self.approved[each] += approved

    def among_like(self, *, audited: bool, advice: str, pd: float | None) -> float | None:
        """The share approved in the group, of all bands together where it is small; None where these are few, too."""
        for band in (band_of(pd), -1):
            group = (audited, advice, band)
            if self.decided[group] >= LEAST_LIKE:
                return self.share(group)
        return None

    def share(self, group: Group) -> float:
        """(k + 1) / (n + 2)."""
        return (self.approved[group] + 1) / (self.decided[group] + 2)


def propensity_of(route: Route | None, pd: float | None, shares: Shares) -> tuple[float | None, Basis]:
    """The chance that the outcome of an approved case can be observed, and how it is known."""
    if route is None:
        return UNKNOWN
    audit, explore = route.audit_probability, route.exploration_probability
    if route.is_exploration:
        return explore, Basis.EXPLORED
    if route.way == Route.Way.APPROVE or (route.is_audit and route.advice == Outcome.APPROVE):
        return 1.0 - audit * (1.0 - shares.share((True, Outcome.APPROVE, -1))), Basis.ALWAYS
    if route.is_audit and route.advice == Outcome.DECLINE:
        approved = shares.among_like(audited=True, advice=Outcome.DECLINE, pd=None)
        return UNKNOWN if approved is None else (explore + (1.0 - explore) * audit * approved, Basis.AUDITED)
    if route.way == Route.Way.REVIEW:
        approved = shares.among_like(audited=False, advice=route.advice, pd=pd)
        return UNKNOWN if approved is None else (approved, Basis.PEOPLE)
    return UNKNOWN


def propensities(cases: Iterable[Case]) -> dict[int, tuple[float | None, Basis]]:
    """By key of an approved case: its propensity and basis. One query for the routes, one a product."""
    cases = list(cases)
    routes = latest_routes(case.pk for case in cases)
    shares = {product: shares_of(product) for product in {case.product for case in cases if case.pk in routes}}
    return {case.pk: propensity_of(routes.get(case.pk), case.pd, shares.get(case.product, Shares())) for case in cases}


def latest_routes(keys: Iterable[int]) -> Mapping[int, Route]:
    """The route by which each case went last; those without one are left out."""
    fields = (
        "case_id", "way", "advice", "is_audit", "audit_probability", "is_exploration", "exploration_probability"
    )  # fmt: skip
    found = Route.objects.filter(case__in=list(keys)).only(*fields)
    return {route.case_id: route for route in found.order_by("case_id", "-id").distinct("case_id")}


def shares_of(product: str) -> Shares:
    """What people did with the cases of a product: decisions that hold."""
    audited = Exists(Route.objects.filter(case=OuterRef("case"), is_audit=True))
    held = settled(Review.objects.filter(case__product=product, case__kind=Kind.APPLICATION)).order_by()
    groups = held.annotate(audited=audited, band=_band()).values("audited", "advice", "band")
    found = Shares()
    for group in groups.annotate(n=Count("pk"), k=Count("pk", filter=Q(outcome=Outcome.APPROVE))):
        found.add((group["audited"], group["advice"], group["band"]), group["n"], group["k"])
    return found


def _band() -> Choice:
    """`band_of` in the database."""
    whens = [When(case__pd__isnull=True, then=0)]
    whens += [When(case__pd__lt=edge, then=number) for number, edge in enumerate(BANDS, 1)]
    return Choice(*whens, default=len(BANDS) + 1, output_field=IntegerField())
