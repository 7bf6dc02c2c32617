"""The products of the capacity page: places today, what they do not cover, and the demand of the last days."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.office import midnight
from desk.build.staff import Staff, last_days
from desk.charts import Bar, share
from desk.pages import DemandRow, Pair, PlacesCard, Swatch
from desk.words import PRODUCTS, number, percent, plain, word
from routing.capacity import Capacity, demand
from routing.models import DayLoad, Policy, Route
from routing.policy import TIER_AUDIT, TIER_BEYOND, TIER_NOT_SCORED, TIER_UNCERTAIN

KINDS: Final[tuple[tuple[int, str, Promise], ...]] = (
    (TIER_NOT_SCORED, "accent", gettext_lazy("Must be seen")),
    (TIER_UNCERTAIN, "down", gettext_lazy("Uncertain")),
    (TIER_AUDIT, "mute", gettext_lazy("Audit sample")),
    (TIER_BEYOND, "warn", gettext_lazy("Beyond the places")),
)
FALLBACKS: Final[dict[str, Promise]] = {
    "wait": gettext_lazy("Uncertain cases beyond the places wait behind all others."),
    "decline": gettext_lazy("Uncertain cases beyond the places are declined by the machine; without a PD they wait."),
    "approve": gettext_lazy(
        "Uncertain cases beyond the places are approved where the PD is below %(appetite)s and below the cut-off; "
        "the others wait."
    ),
}
FATES: Final = (("waiting", "review"), ("declined", "decline"), ("approved", "approve"))
MARK_WIDTH: Final = 0.006
Counts = Mapping[str, Mapping[date, Counter[int]]]


@dataclass(frozen=True)
class Days:
    """By product: the looks of each day by kind (the tiers of KINDS), the days' loads, today's fates beyond the
    places by way."""

    looks: Counts
    loads: Mapping[tuple[str, date], DayLoad]
    fates: Mapping[str, Counter[str]]


def read_days() -> Days:
    """Three statements."""
    first = last_days()[-1]
    start = timezone.make_aware(datetime.combine(first, time.min))
    looks: dict[str, dict[date, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    routes = Route.objects.filter(way="review", at__gte=start, policy__isnull=False).order_by()
    by_tier = routes.annotate(day=TruncDate("at")).values_list("policy__product", "day", "tier")
    for product, day, tier, count in by_tier.annotate(n=Count("pk")):
        kind = next((most for most, _tone, _words in KINDS if tier <= most), TIER_BEYOND)
        looks[product][day][kind] += count
    loads = {(load.product, load.day): load for load in DayLoad.objects.filter(day__gte=first)}
    for (product, day), load in loads.items():
        # Those that the fallback decided were no look, but they are demand all the same.
        looks[product][day][TIER_BEYOND] = max(looks[product][day][TIER_BEYOND], load.beyond)
    fates: dict[str, Counter[str]] = defaultdict(Counter)
    beyond = Route.objects.filter(at__gte=midnight(), capacity__beyond=True).order_by()
    for product, way, count in beyond.values_list("policy__product", "way").annotate(n=Count("pk")):
        fates[product][way] += count
    return Days(looks, loads, fates)


def capacities(policies: Sequence[Policy]) -> dict[str, Capacity | None]:
    """By product, what its policy in force says about capacity."""
    return {
        each.product: Capacity(**each.terms["capacity"]) if each.terms.get("capacity") else None for each in policies
    }


def places_card(product: str, capacity: Capacity | None, staff: Staff, days: Days, products: set[str]) -> PlacesCard:
    """The card of one product."""
    today = last_days()[0]
    minutes = capacity.minutes_a_look if capacity else 0.0
    looks = days.looks.get(product, {})
    rooms = {day: _room(product, capacity, staff, day, products) for day in last_days()}
    load = days.loads.get((product, today)) or DayLoad(product=product, day=today)
    said = _said(load, looks.get(today, Counter()), days.fates.get(product, Counter()), rooms[today])
    return PlacesCard(
        key=product,
        words=word(PRODUCTS, product),
        note=_("%(n)s minutes a look") % {"n": plain(minutes)} if capacity else "",
        figures=_figures(capacity, staff, load, rooms[today]) if capacity else (),
        said=said if capacity else (),
        short=bool(load.beyond or (capacity and load.carried + load.given > rooms[today])),
        fallback=_fallback(capacity),
        needed=_needed(looks, minutes),
        headings=tuple(Swatch(tone, str(words)) for _most, tone, words in KINDS),
        rows=_rows(looks, rooms if capacity else {}),
    )


def _room(product: str, capacity: Capacity | None, staff: Staff, day: date, products: set[str]) -> int:
    if capacity is None:
        return 0
    if not staff.stated:
        return capacity.places_a_day
    return sum(each.places(product, capacity.minutes_a_look, products) for each in staff.on_duty[day])


def _figures(capacity: Capacity, staff: Staff, load: DayLoad, room: int) -> tuple[Pair, ...]:
    taken = load.carried + load.given
    return (
        Pair(_("Stated by the policy"), number(capacity.places_a_day)),
        Pair(_("By duty"), number(room) if staff.stated else "--"),
        Pair(_("Waiting when the day began"), number(load.carried)),
        Pair(_("Taken today"), number(load.given)),
        Pair(_("Left"), number(max(0, room - taken))),
        Pair(_("Beyond the places"), number(load.beyond)),
    )


def _said(load: DayLoad, looks: Counter[int], fates: Counter[str], room: int) -> tuple[str, ...]:
    """What capacity does not cover today, in sentences."""
    seen = _("Given to people today: %(seen)s, of these by rule: %(must)s.")
    sentences = [seen % {"seen": number(load.given), "must": number(looks[TIER_NOT_SCORED])}]
    over = load.carried + load.given - room
    if over > 0:
        sentences.append(_("More than there are places: %(n)s.") % {"n": number(over)})
    if load.beyond:
        fate = _("Beyond the places: %(n)s (waiting %(waiting)s, declined %(declined)s, approved %(approved)s).")
        counts = {name: number(fates[way]) for name, way in FATES}
        sentences.append(fate % {"n": number(load.beyond), **counts})
    if over <= 0 and not load.beyond:
        sentences.append(_("Every case has its place."))
    return tuple(sentences)


def _fallback(capacity: Capacity | None) -> str:
    if capacity is None:
        return _("The policy in force counts no capacity: every uncertain case goes to people.")
    return str(FALLBACKS[capacity.fallback]) % {"appetite": percent(capacity.appetite)}


def _needed(looks: Mapping[date, Counter[int]], minutes: float) -> str:
    """The hours that the days before today needed."""
    before = [looks.get(day, Counter()) for day in last_days()[1:]]
    if not minutes or not any(day.total() for day in before):
        return ""
    counts = {most: [day[most] for day in before] for most, _tone, _words in KINDS}
    found = demand(counts, minutes, 0)
    words = _("Needed on the days before: %(mean)s h on average, %(busy)s h on a busy day (nine in ten need no more).")
    return words % {"mean": number(found.mean_hours, 1), "busy": number(found.busy_hours, 1)}


def _rows(looks: Mapping[date, Counter[int]], rooms: Mapping[date, int]) -> tuple[DemandRow, ...]:
    totals = {day: looks.get(day, Counter()).total() for day in last_days()}
    largest = max([*totals.values(), *rooms.values(), 1])
    return tuple(_row(day, looks.get(day, Counter()), rooms.get(day), largest) for day in totals)


def _row(day: date, counts: Counter[int], room: int | None, largest: int) -> DemandRow:
    bars, start, total = [], 0, counts.total()
    for most, tone, _words in KINDS:
        if counts[most]:
            bars.append(Bar(share(start / largest), share(counts[most] / largest), tone))
            start += counts[most]
    if room is not None:
        # The mark of the places stays inside the drawing, with a rim that parts it from the bars beneath.
        at = min(room / largest, 1 - MARK_WIDTH)
        bars.append(Bar(share(at - MARK_WIDTH), share(3 * MARK_WIDTH), "rim"))
        bars.append(Bar(share(at), share(MARK_WIDTH), "ink"))
    return DemandRow(
        day=day.isoformat(),
        counts=tuple(number(counts[most]) for most, _tone, _words in KINDS),
        looks=number(total),
        places="--" if room is None else number(room),
        covered="--" if room is None or not total else percent(min(room, total) / total, 0),
        bars=tuple(bars),
    )
