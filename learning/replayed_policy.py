"""A version of a policy replayed over past cases beside the one in force: what a page shows and a proposal freezes."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.core.cache import cache

from learning.past_cases import Progress, kept_as, load_past
from routing.actions import active_policy, terms_of
from routing.models import Policy
from routing.simulate import Group, Past, Simulation, plain, simulate
from routing.terms import Terms
from scoring.ml.intervals import wilson

# Of the share that is predicted, as much as 99.9 % of samples of the same size would differ.
BAND_LEVEL: Final = 0.999
KEPT_SECONDS: Final = 3600
# The cases last replayed by this process; a few megabytes.
_KEPT: Final[dict[str, Past]] = {}


def replayed(
    terms: Terms, product: str, since: date, until: date, *, progress: Progress | None = None
) -> dict[str, Any]:
    """The replay of a version in plain JSON: figures, swap set, load, segments; and the same figures of the version in
    force, so that a difference is one of policies and not of years."""
    past = load_past(product, since, until, progress=progress)
    return told(terms, past, active_policy(product), since, until)


def replayed_beside(terms: Terms, product: str, since: date, until: date) -> dict[str, Any]:
    """As `replayed`, for whoever moves a line and looks, again and again: the replay of the version in force, which
    stays as it is, and the cases themselves are kept from one look to the next."""
    name, _there = kept_as(product, since, until)
    past = _KEPT.get(name) or load_past(product, since, until)
    _KEPT.clear()
    _KEPT[name] = past
    active = active_policy(product)
    if active is None:
        return told(terms, past, None, since, until)
    key = f"replayed:{active.sha256}:{name}"
    present = cache.get(key)
    if present is None:
        present = simulate(terms_of(active), past)
        cache.set(key, present, KEPT_SECONDS)
    return told(terms, past, active, since, until, present=present)


def told(
    terms: Terms, past: Past, active: Policy | None, since: date, until: date, *, present: Simulation | None = None
) -> dict[str, Any]:
    """As `replayed`, for cases that are loaded; `present` is the replay of the version in force, where it is known."""
    found = simulate(terms, past)
    if present is None and active is not None:
        present = simulate(terms_of(active), past)
    cases = len(past)
    return {
        "terms_sha256": terms.sha256,
        "against": {"policy": active.pk if active else None, "terms_sha256": active.sha256 if active else ""},
        "period": {"from": since.isoformat(), "to": until.isoformat(), "days": past.days} if cases else {},
        "cases": cases,
        "predicted": predicted(found) if cases else None,
        "present": predicted(present) if present and cases else None,
        "figures": plain(found),
        "figures_in_force": plain(present) if present else None,
    }


def predicted(found: Simulation) -> dict[str, Any]:
    """The shares that are expected of the version, and the band in which chance may move them."""
    total: Group = found.total
    shares = {name: getattr(total, name) for name in ("approve_share", "decline_share", "review_share")}
    band = {}
    for name in ("approve_share", "review_share"):
        ends = wilson(round(shares[name] * total.cases), total.cases, BAND_LEVEL)
        band[name] = [ends.low, ends.high]
    reviews = total.review_share * total.cases / max(found.days, 1)
    return {**shares, "reviews_a_day": reviews, "hours_a_day": found.load.hours_a_day, "band": band}
