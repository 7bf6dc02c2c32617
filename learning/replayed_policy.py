"""A version of a policy replayed over past cases beside the one in force: what a page shows and a proposal freezes."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from learning.past_cases import Progress, load_past, read_kept
from routing.actions import active_policy, terms_of
from routing.models import Policy
from routing.simulate import Group, Past, Simulation, plain, simulate
from routing.terms import Terms
from scoring.ml.intervals import wilson

# Of the share that is predicted, as much as 99.9 % of samples of the same size would differ.
BAND_LEVEL: Final = 0.999
# What this process replayed last: the cases (a few megabytes), and the version in force over them.
_PAST: Final[dict[str, Past]] = {}
_PRESENT: Final[dict[tuple[str, str], Simulation]] = {}


def replayed(
    terms: Terms, product: str, since: date, until: date, *, progress: Progress | None = None
) -> dict[str, Any]:
    """The replay of a version in plain JSON: figures, swap set, load, segments; and the same figures of the version in
    force, so that a difference is one of policies and not of years."""
    past = load_past(product, since, until, progress=progress)
    return told(terms, past, active_policy(product), since, until)


def replayed_beside(terms: Terms, product: str, since: date, until: date, *, kept: str) -> dict[str, Any]:
    """As `replayed`, over the cases of the name `kept`, for whoever moves a line and looks, again and again: this
    process keeps the cases and the replay of the version in force, which both stay as they are, until the next ones."""
    past = _PAST.get(kept)
    if past is None:
        past = read_kept(kept)
        _PAST.clear()
        _PAST[kept] = past
    active = active_policy(product)
    if active is None:
        return told(terms, past, None, since, until)
    present = _PRESENT.get((kept, active.sha256))
    if present is None:
        present = simulate(terms_of(active), past)
        _PRESENT.clear()
        _PRESENT[kept, active.sha256] = present
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
