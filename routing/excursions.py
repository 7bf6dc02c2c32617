"""Whether what a version of the policy does has left what its simulation predicted: exact binomial, pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from scipy.special import bdtr, bdtrc, pdtr, pdtrc

CONFIDENCE: Final = 0.999
REVIEWS_A_DAY: Final = "reviews_a_day"
WAY_OF_SHARE: Final = {"approve_share": "approve", "review_share": "review"}


@dataclass(frozen=True)
class Excursion:
    """`share` of `cases` went this way (of REVIEWS_A_DAY: so many were sent to people), outside
    what `low` to `high` (the predicted band with its tolerance) allows."""

    measure: str
    side: Literal["above", "below"]
    share: float
    cases: int
    predicted: float
    low: float
    high: float

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def excursions(predicted: Mapping[str, Any], tolerance: float, counts: Mapping[str, int]) -> list[Excursion]:
    """The shares of `counts` (cases by way) that are too far from the prediction for chance to explain.

    The predicted band (the prediction itself where the simulation gives no band) is widened by `tolerance` on either
    side. A share is outside when so few (so many) cases or fewer (more) would have a chance below
    (1 - CONFIDENCE) / 2 even if the true share stood at the widened band's end: the exact two-sided interval of
    Clopper and Pearson (1934) of the sample does not touch the band. Whoever looks again and again at a share that
    stands at the end of its band will see it outside more often than one time in a thousand; the tolerance is for that.
    """
    cases = sum(counts.values())
    rare = (1 - CONFIDENCE) / 2
    found = []
    for measure, way in WAY_OF_SHARE.items():
        expected = float(predicted[measure])
        low, high = (predicted.get("band") or {}).get(measure, (expected, expected))
        low, high = max(low - tolerance, 0.0), min(high + tolerance, 1.0)
        count = counts.get(way, 0)
        side: Literal["above", "below"] | None = None
        if count > 0 and bdtrc(count - 1, cases, high) < rare:
            side = "above"
        elif count < cases and bdtr(count, cases, low) < rare:
            side = "below"
        if side is not None:
            found.append(Excursion(measure, side, count / cases, cases, expected, low, high))
    return found


def queue_excursions(
    predicted: Mapping[str, Any], tolerance: float, counts: Mapping[str, int], *, whole_day: bool
) -> list[Excursion]:
    """Whether so many cases were sent to people in 24 hours as no day that was replayed explains.

    Shares say nothing of a queue that ten times the usual arrivals fill. The band is that of the replayed days, widened
    by `tolerance` of itself; a count is outside when a Poisson day at the band's end would reach it with a chance below
    (1 - CONFIDENCE) / 2. Of less than a `whole_day` only too many can be told. A prediction without this band, as
    earlier releases froze it, is not watched.
    """
    band = (predicted.get("band") or {}).get(REVIEWS_A_DAY)
    if band is None:
        return []
    rare = (1 - CONFIDENCE) / 2
    low, high = max(band[0] * (1 - tolerance), 0.0), band[1] * (1 + tolerance)
    count = counts.get("review", 0)
    side: Literal["above", "below"] | None = None
    if count > 0 and pdtrc(count - 1, high) < rare:
        side = "above"
    elif whole_day and pdtr(count, low) < rare:
        side = "below"
    if side is None:
        return []
    return [
        Excursion(REVIEWS_A_DAY, side, float(count), sum(counts.values()), float(predicted[REVIEWS_A_DAY]), low, high)
    ]
