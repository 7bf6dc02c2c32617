"""The model's part of the page: ruler, reasons as a waterfall, doubt, and what the policy made of it."""

from __future__ import annotations

import math
from typing import Any, Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.why import sentences
from desk import charts
from desk.dossier import Dossier
from desk.pages import Assessment, DoubtPart, Reason
from desk.words import ADVICE, is_chinese, number, percent, when, word
from scoring.models import Assessment as StoredAssessment

# Bands for a case whose policy is unknown: none is drawn wrong, the whole ruler is review.
WITHOUT_POLICY: Final = {"approve_below": 0.001, "decline_above": 0.999}
DOUBT_PARTS: Final[dict[str, Promise]] = {
    "disagreement": _("Models disagree"),
    "missing": _("Missing data"),
    "novelty": _("Unlike the training loans"),
}
DOUBT_WORDS: Final[dict[str, Promise]] = {
    "low": _("The model is sure of this figure."),
    "middle": _("The model is fairly sure; read the figure with its range."),
    "high": _("The model is unsure: weigh the file more than the figure."),
}


def assessment_of(dossier: Dossier) -> Assessment | None:
    found, route = dossier.assessment, dossier.route
    if found is None:
        return None
    terms = route.policy.terms if route and route.policy else WITHOUT_POLICY
    base_pd = 1 / (1 + math.exp(-found.base_value))
    reasons, others = _reasons(found.reasons, base_pd, found.pd)
    largest = max(base_pd, found.pd)
    level = _doubt_level(found.doubt, terms.get("doubt_limit", 0.5))
    advice: Literal["approve", "decline", "review"] = "review"
    if route and route.advice in ("approve", "decline"):
        advice = "approve" if route.advice == "approve" else "decline"
    return Assessment(
        pd=percent(found.pd),
        pd_range=f"{percent(found.pd_low)} – {percent(found.pd_high)}",
        points=number(found.points),
        margin=margin_words(found.pd_low, found.pd_high),
        base_pd=percent(base_pd),
        ruler=_ruler(found, terms),
        ruler_words=_ruler_words(found.points, terms),
        base_bar=charts.bar(base_pd, largest, "mute"),
        reasons=reasons,
        others=others,
        pd_bar=charts.bar(found.pd, largest),
        doubt=percent(found.doubt, 0),
        doubt_level=level,
        doubt_words=str(DOUBT_WORDS[level]),
        doubt_parts=tuple(
            DoubtPart(word(DOUBT_PARTS, name), percent(value, 0), charts.bar(value, 1.0, "mute"))
            for name, value in found.doubt_parts.items()
        ),
        advice=advice,
        advice_words=str(ADVICE[advice]),
        route_reasons=tuple(sentences(route.reasons)) if route else (),
        model=str(found.model),
        trained=when(found.model.trained_at),
        policy=str(route.policy) if route and route.policy else "",
        scored_at=when(found.at),
    )


def _ruler(found: StoredAssessment, terms: dict[str, Any]) -> charts.Ruler:
    return charts.ruler(
        pd=found.pd,
        pd_low=found.pd_low,
        pd_high=found.pd_high,
        approve_below=terms["approve_below"],
        decline_above=terms["decline_above"],
    )


def margin_words(pd_low: float, pd_high: float) -> str:
    """The PD's range on the points scale, like `(540–547)`: the score seldom stands in the middle of it."""
    return f"({charts.points_of(pd_high):.0f}–{charts.points_of(pd_low):.0f})"


def _ruler_words(points: float, terms: dict[str, Any]) -> str:
    figures = {
        "points": number(points),
        "decline": number(charts.points_of(terms["decline_above"])),
        "approve": number(charts.points_of(terms["approve_below"])),
    }
    return str(_("%(points)s points; declined below %(decline)s, approved from %(approve)s on")) % figures


def _doubt_level(doubt: float, limit: float) -> Literal["low", "middle", "high"]:
    return "high" if doubt > limit else "middle" if doubt > limit / 2 else "low"


def _reasons(stored: list[dict[str, Any]], base_pd: float, pd: float) -> tuple[tuple[Reason, ...], charts.Step | None]:
    """The stored reasons as steps from the base PD to this PD; what they leave over is one more step, all others."""
    language = "zh" if is_chinese() else "en"
    steps = [(reason[language], reason["pd_points"] / 100) for reason in stored]
    left = (pd - base_pd) - sum(change for _words, change in steps)
    drawn = charts.waterfall(base_pd, [*steps, (str(_("All others")), left)], pd)
    reasons = tuple(
        Reason(words=step.words, direction=step.direction, points=step.points, bar=step.bar, code=reason["code"])
        for step, reason in zip(drawn, stored, strict=False)
    )
    return reasons, drawn[-1] if drawn else None
