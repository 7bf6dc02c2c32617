"""Breakers as rows, their signs in words, and the banner while one is not closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.models import Case
from cases.states import Outcome
from desk.build.fact_names import FactNames
from desk.pages.monitoring import AffectedRow, BreakerRow, RuleField, StepLine
from desk.pages.shared import BreakerBanner, StateMark
from desk.words import money, number, percent, when
from routing.breaking import place_of
from scoring.breaker_rules import FIELDS
from scoring.models import Breaker, BreakerRules, BreakerStep, Sign
from scoring.segments import DIMENSIONS

MARKS: Final = {"open": "declined", "half_open": "in_review", "closed": "approved"}
SIGN_WORDS: Final[Mapping[str, Promise]] = {
    "range": gettext_lazy(
        "%(name)s: %(share)s of %(cases)s cases lie outside what is usual, or are nought (usual %(usual)s)"
    ),
    "missing": gettext_lazy("%(name)s: missing in %(share)s of %(cases)s cases (usual %(usual)s)"),
    "distribution": gettext_lazy("%(name)s: %(share)s of %(cases)s cases lie where %(usual)s is usual"),
    "score": gettext_lazy("The scores jumped: %(share)s of %(cases)s cases lie where %(usual)s is usual"),
    "approvals": gettext_lazy("Approvals jumped: %(share)s of %(cases)s cases, where %(usual)s is usual"),
    "errors": gettext_lazy("%(share)s of %(cases)s explanations do not add up"),
    "windows": gettext_lazy("%(name)s: red drift alarm over %(cases)s cases"),
    "calibration": gettext_lazy("Bads are %(times)s times those foretold, in %(cases)s outcomes"),
    "overrides": gettext_lazy("Overrides jumped to %(share)s of %(cases)s decisions (usual %(usual)s)"),
}


def sign_words(sign: Mapping[str, Any], table: Mapping[str, Any]) -> str:
    """One sign as a sentence."""
    told = {
        "name": FactNames(table).fact(sign["name"]),
        "share": percent(sign.get("share")),
        "usual": percent(sign.get("usual"), 2),
        "times": number(sign.get("share", 0), 2),
        "cases": number(sign.get("cases", 0)),
    }
    return str(SIGN_WORDS.get(sign["sign"], SIGN_WORDS["windows"])) % told


def breaker_row(breaker: Breaker) -> BreakerRow:
    """Needs the model of the breaker loaded."""
    return BreakerRow(
        place=place_of(breaker),
        url=reverse("desk:breaker", args=[breaker.pk]),
        state=StateMark(MARKS[breaker.state], str(Breaker.State(breaker.state).label)),
        signs=tuple(sign_words(sign, breaker.model.feature_table) for sign in breaker.signs),
        since=when(breaker.since),
        opened=when(breaker.opened_at),
        held=number(breaker.held),
        closed=when(breaker.closed_at) if breaker.closed_at else "",
    )


def banner(*, is_linked: bool = True) -> BreakerBanner | None:
    """One query; None while all are closed. Linked for those who may open the page."""
    found = Breaker.objects.exclude(state=Breaker.State.CLOSED).select_related("model").only(
        "segment", "model__product", "model__number"
    )  # fmt: skip
    places = [place_of(breaker) for breaker in found[:4]]
    if not places:
        return None
    words = ngettext(
        "A circuit breaker is open: people decide every case of %(places)s",
        "Circuit breakers are open: people decide every case of %(places)s",
        len(places),
    )
    more = " …" if len(places) > 3 else ""
    url = reverse("desk:breakers") if is_linked else ""
    return BreakerBanner(words % {"places": "; ".join(places[:3]) + more}, url)


def affected_row(case: Case) -> AffectedRow:
    return AffectedRow(
        ref=case.ref,
        url=reverse("desk:case", args=[case.ref]),
        outcome=str(Outcome(case.outcome).label),
        amount=money(case.amount, case.currency),
        pd=percent(case.pd),
        at=when(case.decided_at),
    )


def step_line(step: BreakerStep) -> StepLine:
    words = str(BreakerStep.Name(step.name).label)
    if "done" in step.facts:
        words = f"{words}: {number(step.facts['done'])}"
    return StepLine(when(step.at), step.actor.display_name if step.actor else _("The system"), words, step.note)


def rule_fields(rules: BreakerRules, typed: Mapping[str, Sequence[str]] | None = None) -> tuple[RuleField, ...]:
    """The rules in their order; after a refused post they hold what was typed."""
    choices: dict[str, Sequence[tuple[str, Any]]] = {
        "is_on": (("on", _("yes")), ("off", _("no"))),
        "opens_on": Sign.choices,
        "dimensions": tuple((name, _dimension(name)) for name in DIMENSIONS),
        "when_open": BreakerRules.WhenOpen.choices,
    }
    return tuple(_field(name, getattr(rules, name), choices.get(name), typed) for name in FIELDS)


def _field(
    name: str, value: Any, choices: Sequence[tuple[str, Any]] | None, typed: Mapping[str, Sequence[str]] | None
) -> RuleField:
    words = str(getattr(BreakerRules._meta.get_field(name), "verbose_name", name))
    now = value if isinstance(value, list) else ["on" if value else "off"] if isinstance(value, bool) else [str(value)]
    chosen = list(typed.get(name, ())) if typed is not None else now
    if choices is None:
        return RuleField(name, words, chosen[0] if chosen else "")
    options = tuple((key, str(label), key in chosen) for key, label in choices)
    return RuleField(name, words, options=options, many=isinstance(value, list))


def _dimension(name: str) -> str:
    return {"source": _("Source"), "region": _("Region"), "channel": _("Channel")}[name]
