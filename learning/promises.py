"""What a policy promises, joined to what is known: the lines that follow, what could be promised, the live check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.errors import CaseError
from learning.label_models import MATURED
from learning.models import Label
from learning.promise_evidence import ROUTED, evidence_for, ways_of
from routing.actions import active_policy, terms_of
from routing.guarantee import CONFIDENCE, bads_needed
from routing.guarantee_frontier import Book, FrontierPoint, frontier, least_promise
from routing.guarantee_monitor import State, watch_promise
from routing.models import Policy, Route
from routing.promise_evidence import Evidence
from routing.promised_lines import Drawn, draw, follows_from_evidence, kept_by, with_lines
from routing.promised_rules import keeps_to_the_line, unread_fields
from routing.terms import Promise, Terms
from scoring.models import ModelVersion
from scoring.registry import champion_version

__all__ = [
    "Frontier",
    "NoEvidence",
    "NothingPromised",
    "PromiseState",
    "TooFewBads",
    "champion_evidence",
    "drawn_for",
    "drawn_lines",
    "evidence_for",
    "frontier_of",
    "promise_at_lines",
    "promise_by",
    "standing",
    "standings",
]

# One by one where promises usually lie; beyond, for books whose bads look much like their goods.
PROMISES: Final = tuple(percent / 100 for percent in (*range(1, 21), *range(25, 100, 5)))
REVIEW_SHARES: Final = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3)


class NothingPromised(CaseError):
    status = 422
    code = "nothing_promised"
    title = gettext_lazy("Nothing is promised")
    sentence = gettext_lazy("This version promises nothing: state a miss rate first.")


class NoEvidence(CaseError):
    status = 422
    code = "no_evidence"
    title = gettext_lazy("Nothing to go by")
    sentence = gettext_lazy("No model is in force for this product, so there is nothing that a promise could rest on.")


class TooFewBads(CaseError):
    """Not even a line that misses no bad loan would keep the promise; `needed` bads would do at the least."""

    status = 422
    code = "too_few_bads"
    title = gettext_lazy("Too few bad loans")

    def __init__(self, bads: int, needed: int) -> None:
        self.bads, self.needed = bads, needed
        super().__init__(
            _(
                "Of the loans whose end is known %(bads)s turned bad. This promise needs at least %(needed)s that did "
                "before the machine may approve anybody."
            )
            % {"bads": bads, "needed": needed}
        )


@dataclass(frozen=True)
class PromiseState:
    """Whether the version in force keeps its promise so far, by the bads that matured under it.

    `misses` are those that the machine approved, the `audited` of them that the audit then showed to people included.
    The `explored` were approved by lot, beyond the line, and are no misses: they weigh one over their chance where the
    lines were drawn so (`weighed`), and are left out of everything else here where not. `miss_rate` is None without
    bads; the true one lies above `least` with the promised confidence, on whatever day one looks.
    """

    policy: int
    number: int
    promised: float
    confidence: float
    state: State
    bads: int
    misses: int
    miss_rate: float | None
    least: float
    audited: int
    explored: int
    weighed: bool
    as_of: datetime | None


@dataclass(frozen=True)
class Frontier:
    """Every promise against every review share at the present decline line. `least` is the smallest promise that can
    be kept with each share of the loans seen by people, `needed` the share that each promise needs."""

    points: tuple[FrontierPoint, ...]
    least: Mapping[float, float]
    needed: Mapping[float, float]
    confidence: float


def drawn_lines(terms: Terms, evidence: Evidence) -> Terms:
    """Terms whose lines follow from their promise, with `promise.evidence` filled; see `promised_lines.draw`.

    Raises:
        NothingPromised: the terms state no promise. NoEvidence: no loan with a known end. TooFewBads: the promise
            cannot be kept by approving anybody.
    """
    promise, drawn = drawn_for(terms, evidence)
    return with_lines(terms, promise, drawn, evidence)


def drawn_for(terms: Terms, evidence: Evidence) -> tuple[Promise, Drawn]:
    """The lines alone, with the promise that they keep. Raises as `drawn_lines`."""
    promise = terms.promise
    if promise is None:
        raise NothingPromised
    drawn = draw(terms, promise, evidence)
    if not drawn.keeps:
        raise TooFewBads(evidence.bads, bads_needed(promise.miss_rate, promise.confidence))
    return promise, drawn


def champion_evidence(product: str) -> Evidence:
    """The evidence of the model in force. Raises NoEvidence where there is none."""
    model = champion_version(product)
    if model is None:
        raise NoEvidence
    return evidence_for(product, model)


def promise_at_lines(
    product: str, terms: Terms, *, read: Callable[[str, ModelVersion], Evidence] = evidence_for
) -> dict[str, Any] | None:
    """As `promise_by`, by the evidence of the model in force, which `read` gives only where it is asked."""
    if terms.promise is None:
        return None
    model = champion_version(product)
    if model is None:
        return {"standing": "unproven", "stated": _stated(terms.promise)}
    if _is_drawn(terms, model.sha256):
        return {"standing": "drawn", "stated": _stated(terms.promise)}
    return promise_by(terms, read(product, model))


def promise_by(terms: Terms, evidence: Evidence) -> dict[str, Any] | None:
    """Whether a version keeps what it promises, in plain JSON; None where it promises nothing.

    `standing` is `drawn` (the lines follow from evidence of this model, and no row approves beyond them), `kept` (lines
    or rows set by hand, which the evidence bears out), `broken` (the evidence does not: `miss_rate` and
    `good_decline_rate` are the largest that may be), or `unproven` (there is no evidence, or rows approve beyond the
    line by fields that it does not hold: `unread`).
    """
    promise = terms.promise
    if promise is None:
        return None
    stated = _stated(promise)
    if _is_drawn(terms, evidence.model_sha256):
        return {"standing": "drawn", "stated": stated}
    if not len(evidence):
        return {"standing": "unproven", "stated": stated}
    found = kept_by(terms, evidence, promise.confidence)
    worst = {
        "miss_rate": max(one.bound for one in found),
        "good_decline_rate": max(one.decline_bound for one in found),
    }
    broken = [name for name, limit in stated.items() if limit is not None and worst[name] > limit]
    unread = unread_fields(terms, evidence)
    if broken == ["miss_rate"] and unread:
        return {"standing": "unproven", "stated": stated, "unread": list(unread)}
    return {"standing": "broken" if broken else "kept", "stated": stated, **worst}


def _stated(promise: Promise) -> dict[str, float | None]:
    return {"miss_rate": promise.miss_rate, "good_decline_rate": promise.good_decline_rate}


def _is_drawn(terms: Terms, model_sha256: str) -> bool:
    said = terms.promise.evidence if terms.promise else {}
    return follows_from_evidence(terms) and said["model_sha256"] == model_sha256 and keeps_to_the_line(terms)


def frontier_of(
    product: str,
    terms: Terms,
    *,
    evidence: Evidence | None = None,
    promises: Sequence[float] = PROMISES,
    review_shares: Sequence[float] = REVIEW_SHARES,
) -> Frontier:
    """What can be promised with how many people at the present decline line: promises of 1 to 95 % against shares of
    the loans of the evidence (each counts once) that people see, for one pair of lines. Raises NoEvidence where there
    is no loan."""
    found = champion_evidence(product) if evidence is None else evidence
    if not len(found):
        raise NoEvidence(_("No loan with a known end was scored by a model that had not seen it."))
    book = Book.of(found.pd[found.bad], found.pd[~found.bad])
    confidence = terms.promise.confidence if terms.promise else CONFIDENCE
    points = frontier(book, terms.decline_above, promises=promises, review_shares=review_shares, confidence=confidence)
    return Frontier(
        points=tuple(points),
        least={share: least_promise(book, terms.decline_above, share, confidence) for share in review_shares},
        needed={point.promise: point.reviewed for point in points},
        confidence=confidence,
    )


def standing(product: str) -> PromiseState | None:
    """The live check of the version in force: None where there is none, or it promises nothing."""
    policy = active_policy(product)
    return standings([policy]).get(policy.pk) if policy else None


def standings(policies: Sequence[Policy]) -> dict[int, PromiseState]:
    """The live check of each version that promises something, by its key; one query for all.

    Of every case that was routed under it, has matured and turned bad: did the machine approve it? What the audit took
    from the machine counts as approved by it; where people then stopped such a case it has no outcome, so the rate seen
    is too low by at most the audit's share of itself.
    """
    terms = {policy.pk: terms_of(policy) for policy in policies}
    promised = [policy for policy in policies if terms[policy.pk].promise is not None]
    routes = _routes_of_bads(promised)
    return {policy.pk: _state(policy, terms[policy.pk], routes[policy.pk]) for policy in promised}


def _state(policy: Policy, terms: Terms, routes: Sequence[Mapping[str, Any]]) -> PromiseState:
    promise = terms.promise
    if promise is None:
        raise NothingPromised
    way_of = ways_of({policy.pk: terms})
    explored = np.array([bool(route["is_exploration"]) for route in routes], dtype=np.bool_)
    missed = np.array([way_of(policy.pk, route) == "approve" for route in routes], dtype=np.bool_) & ~explored
    audited = np.array([bool(route["is_audit"]) for route in routes], dtype=np.bool_)
    weighed = bool(promise.evidence.get("explored"))
    weights = np.array([1.0 / (route["exploration_probability"] or 1.0) for route in routes], dtype=np.float64)
    counted = np.ones(len(routes), dtype=np.bool_) if weighed else ~explored
    watch = watch_promise(
        missed[counted],
        promise.miss_rate,
        promise.confidence,
        weights=np.where(explored, weights, 1.0)[counted],
    )
    return PromiseState(
        policy=policy.pk,
        number=policy.number,
        promised=promise.miss_rate,
        confidence=promise.confidence,
        state=watch.state,
        bads=watch.bads,
        misses=int(missed.sum()),
        miss_rate=None if np.isnan(watch.miss_rate) else watch.miss_rate,
        least=watch.least_miss_rate,
        audited=int((missed & audited).sum()),
        explored=int(explored.sum()),
        weighed=weighed,
        as_of=max((route["matured"] for route in routes), default=None),
    )


def _routes_of_bads(policies: Sequence[Policy]) -> dict[int, list[dict[str, Any]]]:
    """By version the last routes of the cases that turned bad, in the order in which they matured; a case that another
    version sent on later is that version's."""
    found: dict[int, list[dict[str, Any]]] = {policy.pk: [] for policy in policies}
    if not policies:
        return found
    restated = Label.objects.filter(case=OuterRef("case"), source__in=MATURED).filter(
        Q(observed_at__gt=OuterRef("observed_at")) | Q(observed_at=OuterRef("observed_at"), pk__gt=OuterRef("pk"))
    )
    bads = Label.objects.filter(~Exists(restated), source__in=MATURED, is_bad=True)
    sent_on = Route.objects.filter(case=OuterRef("case"), pk__gt=OuterRef("pk"))
    routes = Route.objects.filter(~Exists(sent_on), policy__in=found, case__labels__in=bads)
    in_order = routes.order_by("case__labels__observed_at", "pk")
    for route in in_order.values("policy_id", *ROUTED, matured=F("case__labels__observed_at")):
        found[route["policy_id"]].append(route)
    return found
