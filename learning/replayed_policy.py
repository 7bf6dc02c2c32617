"""A version of a policy replayed over past cases beside the one in force: what a page shows and a proposal freezes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from learning.past_cases import Progress, load_past, read_kept
from learning.promise_evidence import evidence_for
from learning.promises import promise_at_lines
from routing.actions import active_policy, terms_of
from routing.concentration import asks, sum_up
from routing.day import usual_places
from routing.models import Policy
from routing.promise_evidence import Evidence
from routing.simulate import Group, Past, Simulation, plain, routed_again, simulate
from routing.terms import Terms
from scoring.ml.intervals import wilson
from scoring.models import ModelVersion
from scoring.registry import champion_sha256


@dataclass(frozen=True)
class Present:
    """The version in force over past cases: its figures, and the way (n,) it would send each of them today."""

    figures: Simulation
    ways: NDArray[np.int8]


# Of the share that is predicted, as much as 99.9 % of samples of the same size would differ.
BAND_LEVEL: Final = 0.999
# What this process replayed last: the cases (some megabytes), the version in force over them, and the evidence.
_PAST: Final[dict[str, Past]] = {}
_PRESENT: Final[dict[tuple[str, str, int | None], Present]] = {}
_EVIDENCE: Final[dict[tuple[str, str], Evidence]] = {}


def replayed(
    terms: Terms, product: str, since: date, until: date, *, progress: Progress | None = None
) -> dict[str, Any]:
    """The replay of a version in plain JSON: figures, swap set, load, segments; and the same figures of the version in
    force, so that a difference is one of policies and not of years."""
    if asks(terms):
        sum_up(product)
    return _told(terms, product, load_past(product, since, until, progress=progress), since, until)


def replayed_beside(terms: Terms, product: str, since: date, until: date, *, kept: str) -> dict[str, Any]:
    """As `replayed`, over the cases of the name `kept`, for whoever moves a line and looks, again and again: this
    process keeps the cases and the replay of the version in force, which both stay as they are, until the next ones."""
    past = _PAST.get(kept)
    if past is None:
        past = read_kept(kept)
        _PAST.clear()
        _PAST[kept] = past
    return _told(terms, product, past, since, until, kept=kept)


def _told(terms: Terms, product: str, past: Past, since: date, until: date, *, kept: str = "") -> dict[str, Any]:
    active = active_policy(product)
    present = _present(active, past, kept) if active else None
    if present is not None:
        # Who changes side is told against the version in force under the same draws: what the lots of another day or
        # an older version did is no consequence of this one.
        past = replace(past, was=present.ways)
    found = simulate(terms, past, places_a_day=_places(terms, product))
    cases = len(past)
    return {
        "terms_sha256": terms.sha256,
        "model_sha256": champion_sha256(product),
        "against": {"policy": active.pk if active else None, "terms_sha256": active.sha256 if active else ""},
        "period": {"from": since.isoformat(), "to": until.isoformat(), "days": past.days} if cases else {},
        "cases": cases,
        "predicted": predicted(found) if cases else None,
        "present": predicted(present.figures) if present and cases else None,
        # On what book a rule about shares rests: what was kept with the routes, and today's for all others.
        "book": dict(past.book) if asks(terms) and cases else None,
        "promise": promise_at_lines(product, terms, read=partial(_evidence, kept)),
        "figures": plain(found),
        "figures_in_force": plain(present.figures) if present else None,
    }


def _present(active: Policy, past: Past, kept: str) -> Present:
    terms = terms_of(active)
    places = _places(terms, active.product)
    found = _PRESENT.get((kept, active.sha256, places))
    if found is None:
        ways = routed_again(terms, past, places_a_day=places).way
        found = Present(simulate(terms, replace(past, was=ways), places_a_day=places), ways)
        _PRESENT.clear()
        if kept:
            _PRESENT[kept, active.sha256, places] = found
    return found


def _evidence(kept: str, product: str, model: ModelVersion) -> Evidence:
    """The evidence as it was when these cases were kept: an outcome that comes later gives them another name."""
    found = _EVIDENCE.get((kept, model.sha256))
    if found is None:
        found = evidence_for(product, model)
        _EVIDENCE.clear()
        if kept:
            _EVIDENCE[kept, model.sha256] = found
    return found


def _places(terms: Terms, product: str) -> int | None:
    return usual_places(product, terms.capacity) if terms.capacity else None


def predicted(found: Simulation) -> dict[str, Any]:
    """The shares that are expected of the version, and the band in which chance may move them."""
    total: Group = found.total
    shares = {name: getattr(total, name) for name in ("approve_share", "decline_share", "review_share")}
    band: dict[str, list[float]] = {}
    for name in ("approve_share", "review_share"):
        ends = wilson(round(shares[name] * total.cases), total.cases, BAND_LEVEL)
        band[name] = [ends.low, ends.high]
    band["reviews_a_day"] = [found.load.quietest, found.load.busiest]
    reviews = total.review_share * total.cases / max(found.days, 1)
    return {**shares, "reviews_a_day": reviews, "hours_a_day": found.load.hours_a_day, "band": band}
