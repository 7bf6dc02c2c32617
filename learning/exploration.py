"""What became of loans that were approved to learn from them, and when that has to stop."""

from __future__ import annotations

from collections.abc import Iterable

from cases.errors import CaseMoved
from learning.label_models import MATURED
from learning.models import Label
from routing import arms
from routing.exploring import stop_exploration
from routing.life import readable_terms
from routing.models import Exploration, Route


def watch_explorations() -> int:
    """Stop every exploration whose stop rule says so. Returns how many were stopped."""
    running = Exploration.objects.filter(signed_at__isnull=False, stopped_at__isnull=True).select_related("policy")
    return sum(_watch(exploration) for exploration in running)


def _watch(exploration: Exploration) -> bool:
    # A version that cannot be read decides nothing any more, and must not stop the sweep for the others.
    terms = readable_terms(exploration.policy)
    if terms is None or terms.exploration is None:
        return False
    stop = arms.should_stop(outcomes_of(exploration), terms.exploration)
    if stop is None:
        return False
    try:
        stop_exploration(exploration.pk, by=None, reason=stop.stored)
    except CaseMoved:
        # A person was faster.
        return False
    return True


def outcomes_of(exploration: Exploration) -> arms.Outcomes:
    """Matured loans and bads among those that were explored under the version, bads that are still young, and the
    money lost on all of them."""
    routes = Route.objects.filter(policy=exploration.policy_id, is_exploration=True).select_related("case")
    explored = {route.case_id: route for route in routes}
    found = list(_latest(explored))
    matured = [label for label in found if label.source in MATURED]
    bads = [label for label in found if label.is_bad]
    of_age = sum(bool(label.is_bad) for label in matured)
    return arms.Outcomes(
        matured=len(matured),
        bads=of_age,
        loss=sum(_loss(explored[label.case_id]) for label in bads),
        early_bads=len(bads) - of_age,
    )


def _latest(cases: Iterable[int]) -> Iterable[Label]:
    """The last known outcome of each case: a correction restates."""
    known = Label.objects.filter(case__in=list(cases), is_bad__isnull=False)
    return known.order_by("case_id", "-observed_at", "-pk").distinct("case_id")


def _loss(route: Route) -> float:
    exposure, loss = route.economics.get("exposure"), route.economics.get("loss_given_default")
    return float(route.case.amount if exposure is None else exposure) * float(1.0 if loss is None else loss)
