"""The whole at a glance: who decides, what waits, which model and policy are in force, what is learned from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from cases.models import Case, Review
from cases.products import numbered
from cases.standing import standing
from cases.states import MACHINE_STATES, DecidedBy, Role, State
from desk.access import page
from desk.build.policy_list import version_name
from desk.build.promise import promise_figures
from desk.charts import bar
from desk.pages import BarChart, BarRow, Card, Figure, OverviewPage, Pair
from desk.words import duration, money, number, part, percent, when
from learning.models import Label
from routing.models import Policy, Route
from scoring.models import ModelVersion

REVIEW_TARGET: Final = 0.05
STATE_TONES: Final = {State.APPROVED: "approve", State.DECLINED: "decline"}
WAY_WORDS: Final[dict[str, Promise]] = {
    "approve": gettext_lazy("Approved by the machine"),
    "decline": gettext_lazy("Declined by the machine"),
    "review": gettext_lazy("Sent to people"),
}


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def overview(request: HttpRequest) -> HttpResponse:
    ways = dict(Route.objects.values_list("way").annotate(n=Count("pk")).order_by())
    active = Policy.objects.filter(status=Policy.Status.ACTIVE).select_related("drafted_by", "published_by")
    policies = list(active.order_by("product"))
    shown = OverviewPage(
        as_of=when(timezone.now()),
        figures=(*_figures(ways), *promise_figures(policies)),
        charts=(_states_chart(), _ways_chart(ways), _labels_chart()),
        cards=tuple(_cards(policies)),
    )
    return render(request, "desk/overview.html", {"page": shown})


def _figures(ways: dict[str, int]) -> tuple[Figure, ...]:
    routed = sum(ways.values())
    seen = ways.get("review", 0) / routed if routed else None
    reviews = standing(Review.objects.all()).aggregate(
        advised=Count("pk", filter=~Q(advice="")), overridden=Count("pk", filter=Q(is_override=True))
    )
    overrides = reviews["overridden"] / reviews["advised"] if reviews["advised"] else None
    waiting = Case.objects.filter(state__in=(*MACHINE_STATES, State.QUEUED)).aggregate(
        oldest=Min("queued_at", filter=Q(state=State.QUEUED)), undecided=Count("pk", filter=~Q(state=State.QUEUED))
    )
    undecided = waiting["undecided"]
    cases = reverse("desk:cases")
    return (
        Figure(_("Cases routed"), number(routed), _("%(n)s wait for the machine") % {"n": number(undecided)}),
        Figure(
            _("Decided by the machine"), percent(1 - seen) if seen is not None else "--", _("share of the cases routed")
        ),
        Figure(
            _("Seen by people"),
            percent(seen) if seen is not None else "--",
            _("target %(share)s") % {"share": percent(REVIEW_TARGET, 0)},
            level="none" if seen is None else "ok" if seen <= REVIEW_TARGET else "soon",
            url=f"{cases}?{urlencode({'state': State.QUEUED})}",
        ),
        Figure(
            _("Overrides"),
            percent(overrides) if overrides is not None else "--",
            _("of %(n)s decisions with an advice") % {"n": number(reviews["advised"])},
        ),
        Figure(
            _("Oldest in the queue"),
            duration(timezone.now() - waiting["oldest"]) if waiting["oldest"] else "--",
            _("since it was queued"),
        ),
    )


def _chart(words: str, rows: list[tuple[str, int, str, str]], note: str) -> BarChart:
    total, largest = sum(count for _words, count, _tone, _url in rows), max((row[1] for row in rows), default=0)
    return BarChart(
        words,
        tuple(
            BarRow(label, number(count), bar(count, largest, tone), part(count, total), url)
            for label, count, tone, url in rows
        ),
        note,
    )


def _states_chart() -> BarChart:
    counts = dict(
        Case.objects.exclude(decided_by=DecidedBy.LENDER).values_list("state").annotate(n=Count("pk")).order_by()
    )
    cases = reverse("desk:cases")
    rows = [
        (
            str(state.label),
            counts[state.value],
            STATE_TONES.get(state, "accent"),
            f"{cases}?{urlencode({'state': state.value})}",
        )
        for state in State
        if state.value in counts
    ]
    return _chart(_("Cases by state"), rows, _("without books decided before this system"))


def _ways_chart(ways: dict[str, int]) -> BarChart:
    tones = {"approve": "approve", "decline": "decline", "review": "accent"}
    rows = [(str(WAY_WORDS[way]), ways[way], tone, "") for way, tone in tones.items() if way in ways]
    return _chart(_("Where the policy sent them"), rows, _("by the route taken"))


def _labels_chart() -> BarChart:
    counts = dict(Label.objects.values_list("source").annotate(n=Count("pk")).order_by())
    rows = [
        (str(source.label), counts[source.value], "accent", "") for source in Label.Source if source.value in counts
    ]
    return _chart(_("What is learned from"), rows, _("labels by provenance"))


def _cards(policies: Sequence[Policy]) -> list[Card]:
    cards = []
    for model in ModelVersion.objects.filter(status=ModelVersion.Status.CHAMPION).order_by("product"):
        metrics = model.metrics
        pairs = (
            Pair(_("Recipe"), model.recipe),
            Pair("AUC", number(metrics["auc"], 3)),
            Pair("KS", number(metrics["ks"], 3)),
            Pair("Brier", number(metrics["brier"], 4)),
            Pair(_("Trained on"), _("%(n)s loans") % {"n": number(metrics["rows"])}),
            Pair(_("Bad rate"), percent(metrics["bads"] / metrics["rows"])),
            Pair(_("Trained"), when(model.trained_at)),
            Pair(_("Hash"), model.sha256[:12]),
        )
        cards.append(Card(_("Model in force"), numbered(model.product, model.number), pairs))
    for policy in policies:
        terms = policy.terms
        pairs = (
            Pair(_("Approves below"), percent(terms["approve_below"])),
            Pair(_("Cut-off"), percent(terms["cut_off"]) if terms["cut_off"] is not None else _("each loan's own")),
            Pair(_("Declines from"), percent(terms["decline_above"])),
            Pair(_("Doubt limit"), percent(terms["doubt_limit"], 0)),
            Pair(_("Amount limit"), money(terms["amount_limit"], terms["currency"])),
            Pair(_("Random audit"), percent(terms["audit_share"])),
            Pair(_("Drafted by"), policy.drafted_by.display_name),
            Pair(pgettext("policy", "Published by"), policy.published_by.display_name if policy.published_by else "--"),
        )
        cards.append(Card(_("Policy in force"), version_name(policy), pairs))
    return cards
