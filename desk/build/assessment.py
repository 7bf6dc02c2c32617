"""The model's part of the page: ruler, reasons as waterfalls, doubt, and what the policy made of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.products import numbered
from cases.states import OWNERS, Kind, Owner, State
from cases.why import sentences
from desk import charts
from desk.build.doubt import DOUBT_WORDS, doubt_level, doubt_parts
from desk.build.facts import reader_language
from desk.build.policy_list import version_name
from desk.build.rule_trace import rule_lines
from desk.dossier import Dossier, shadow_scores
from desk.explained import Explained
from desk.pages import Assessment, Reason, Waterfall
from desk.words import ADVICE, number, percent, when
from scoring.ml.reasons import Reason as StoredReason
from scoring.ml.reasons import is_nameable, sentence_of
from scoring.models import Assessment as StoredAssessment


class Others(NamedTuple):
    """Whom a case is held against: the title, what the base PD is of, and whose median a sentence calls typical."""

    title: Promise
    base: Promise
    norm: Promise


BOOK: Final = Others(
    gettext_lazy("Why"), gettext_lazy("Average of the book"), gettext_lazy("(typical: median of all loans learnt from)")
)
COHORT: Final = Others(
    gettext_lazy("Against loans just approved"),
    gettext_lazy("Loans just approved"),
    gettext_lazy("(typical: median of the loans just approved)"),
)
# Bands for a case whose policy is unknown: none is drawn wrong, the whole ruler is review.
WITHOUT_POLICY: Final = {"approve_below": 0.001, "decline_above": 0.999}


def assessment_of(dossier: Dossier) -> Assessment | None:
    explained, route = dossier.explained, dossier.route
    if explained is None:
        return None
    found = explained.assessment
    lines = (route.lines if route else {}) or WITHOUT_POLICY
    level = doubt_level(found.doubt, route.policy.terms["doubt_limit"] if route and route.policy else 0.5)
    advice: Literal["approve", "decline", "review"] = "review"
    if route and route.advice in ("approve", "decline"):
        advice = "approve" if route.advice == "approve" else "decline"
    return Assessment(
        pd=percent(found.pd),
        pd_range=f"{percent(found.pd_low)} – {percent(found.pd_high)}",
        book_pd=percent(_pd(found.base_value)),
        cut_off="" if found.cut_off is None else percent(found.cut_off),
        points=number(found.points),
        margin=margin_words(found.pd_low, found.pd_high),
        ruler=_ruler(found, lines),
        ruler_words=_ruler_words(found.points, lines),
        explanation_holds=found.explanation_holds,
        why=_against_book(explained),
        cohort=_against_cohort(explained),
        doubt=percent(found.doubt, 0),
        doubt_level=level,
        doubt_words=str(DOUBT_WORDS[level]),
        doubt_parts=doubt_parts(explained),
        advice=advice,
        advice_words=str(ADVICE[advice]),
        route_reasons=tuple(sentences(route.reasons)) if route else (),
        model=numbered(found.model.product, found.model.number),
        model_url=reverse("desk:model_card", args=[found.model_id]),
        trained=when(found.model.trained_at),
        policy=version_name(route.policy) if route and route.policy else "",
        rules=rule_lines(route),
        scored_at=when(found.at),
        what_if_url=reverse("desk:what_if", args=[dossier.case.ref]) if _is_open(dossier) else "",
        what_if_key="KeyW" if dossier.case.kind == Kind.APPLICATION else "",
        others=_under_others(dossier, lines) if _is_open(dossier) else (),
    )


def _under_others(dossier: Dossier, lines: Mapping[str, float]) -> tuple[str, ...]:
    """What an open case would be under models that scored it in shadow, by the lines it was measured by. Built beside
    the assessment that is shown: where that is hidden from the reader, so is this."""
    case, route, told = dossier.case, dossier.route, []
    is_of_this = route is not None and dossier.assessment is not None and route.assessment_id == dossier.assessment.pk
    for score in shadow_scores(route) if is_of_this and case.kind == Kind.APPLICATION else ():
        side = "review"
        if score["pd"] < lines["approve_below"]:
            side = "approve"
        elif score["pd"] >= lines["decline_above"]:
            side = "decline"
        figures = {"model": numbered(case.product, score["number"]), "pd": percent(score["pd"])}
        told.append(_("Under %(model)s it would be: %(advice)s, PD %(pd)s") % {**figures, "advice": ADVICE[side]})
    return tuple(told)


def _is_open(dossier: Dossier) -> bool:
    """Whether a person, or somebody a person has asked, still works on the case."""
    return OWNERS[State(dossier.case.state)] in (Owner.PERSON, Owner.OUTSIDE)


def _ruler(found: StoredAssessment, lines: Mapping[str, float]) -> charts.Ruler:
    return charts.ruler(
        pd=found.pd,
        pd_low=found.pd_low,
        pd_high=found.pd_high,
        approve_below=lines["approve_below"],
        decline_above=lines["decline_above"],
    )


def margin_words(pd_low: float, pd_high: float) -> str:
    """The PD's range on the points scale, like `(540–547)`: the score seldom stands in the middle of it."""
    return f"({charts.points_of(pd_high):.0f}–{charts.points_of(pd_low):.0f})"


def _ruler_words(points: float, lines: Mapping[str, float]) -> str:
    figures = {
        "points": number(points),
        "decline": number(charts.points_of(lines["decline_above"])),
        "approve": number(charts.points_of(lines["approve_below"])),
    }
    return _("%(points)s points; declined below %(decline)s, approved from %(approve)s on") % figures


def _against_book(explained: Explained) -> Waterfall | None:
    if not explained.assessment.explanation_holds:
        return None
    return _waterfall(explained, explained.reasons, explained.assessment.base_value, BOOK)


def _against_cohort(explained: Explained) -> Waterfall | None:
    base_value = explained.assessment.cohort_base_value
    if base_value is None or not explained.assessment.explanation_holds:
        return None
    return _waterfall(explained, explained.cohort, base_value, COHORT)


def _waterfall(explained: Explained, stored: list[StoredReason], base_value: float, others: Others) -> Waterfall:
    """The reasons as steps from the base PD to this PD; what they leave over is one more step, all others."""
    table, pd, base_pd, language = explained.table, explained.assessment.pd, _pd(base_value), reader_language()
    steps = [(sentence_of(table, reason, language), reason["pd_points"] / 100) for reason in stored]
    left = (pd - base_pd) - sum(change for _words, change in steps)
    drawn = charts.waterfall(base_pd, [*steps, (_("All others"), left)], pd)
    reasons = tuple(
        Reason(
            words=step.words,
            direction=step.direction,
            points=step.points,
            bar=step.bar,
            code=reason["code"],
            withheld=not is_nameable(table, reason),
        )
        for step, reason in zip(drawn, stored, strict=False)
    )
    largest = max(base_pd, pd)
    return Waterfall(
        title=str(others.title),
        base_words=str(others.base),
        norm_words=str(others.norm),
        base_pd=percent(base_pd),
        base_bar=charts.bar(base_pd, largest, "mute"),
        reasons=reasons,
        others=drawn[-1] if drawn else None,
        pd=percent(pd),
        pd_bar=charts.bar(pd, largest),
    )


def _pd(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))
