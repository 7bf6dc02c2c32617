"""The replay beside the dials: of which period, whether its cases are there, what the version does with them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from desk import charts
from desk.build.simulation import simulation_of
from desk.pages import Problem
from desk.pages.policies import Input, SimulationPage
from desk.words import number
from learning.past_cases import LONGEST_DAYS, last_days
from learning.past_reading import ask_reading
from learning.replayed_policy import replayed_beside
from routing.concentration import asks, sum_up
from routing.models import Policy
from routing.terms import Terms

USUAL_DAYS: Final = "90"
DAYS: Final = ("30", USUAL_DAYS, "365")
BY_DATES: Final = "dates"


class BadPeriod(ValueError):
    """A period that is none; `problem` says why, at its input."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(words)
        self.problem = Problem(name, words)


def period_inputs(form: Mapping[str, str]) -> tuple[Input, ...]:
    """The choice of the period, and two dates for any other."""
    options = (*((days, _("last %(n)s days") % {"n": days}) for days in DAYS), (BY_DATES, _("from … to …")))
    return (
        Input("period", _("Past cases"), form.get("period", USUAL_DAYS), options=options),
        Input("since", _("From"), form.get("since", "")),
        Input("until", _("To"), form.get("until", "")),
    )


def period_of(form: Mapping[str, str], product: str) -> tuple[date, date]:
    """The first and the last day. Raises BadPeriod."""
    chosen = form.get("period", USUAL_DAYS)
    if chosen != BY_DATES:
        return last_days(int(chosen if chosen in DAYS else USUAL_DAYS), product=product)
    ends = []
    for name in ("since", "until"):
        try:
            found = parse_date(form.get(name, ""))
        except ValueError:
            found = None
        if found is None:
            raise BadPeriod(name, _("A date such as 2026-01-31 is expected."))
        ends.append(found)
    since, until = ends
    if since > until:
        raise BadPeriod("until", _("The last day lies before the first one."))
    if (until - since).days >= LONGEST_DAYS or since.year < 1971 or until.year > 9000:
        raise BadPeriod("since", _("At most ten years can be replayed."))
    return since, until


def replay(terms: Terms, policy: Policy, since: date, until: date) -> dict[str, Any] | SimulationPage:
    """The replay in plain JSON; or the page that says how far the reading of its cases is."""
    if asks(terms):
        sum_up(policy.product)
    reading = ask_reading(policy.product, since, until)
    if reading.name:
        return replayed_beside(terms, policy.product, since, until, kept=reading.name)
    part = reading.done / reading.total if reading.total else 0.0
    words = _("Past cases are being read: %(done)s of %(total)s.") % {
        "done": number(reading.done), "total": number(reading.total) if reading.total else "…",
    }  # fmt: skip
    if reading.unheard:
        words = _("Past cases have to be read first, and no worker has taken that up. Is one running?")
    return SimulationPage(
        waits_url=reverse("desk:policy_simulation", args=[policy.pk]), done=charts.bar(part, 1.0), done_words=words
    )


def replay_page(terms: Terms, policy: Policy, form: Mapping[str, str]) -> SimulationPage:
    """The replay as it is shown."""
    begun = time.perf_counter()
    try:
        since, until = period_of(form, policy.product)
    except BadPeriod as refusal:
        return SimulationPage(problems=(refusal.problem,))
    found = replay(terms, policy, since, until)
    if isinstance(found, SimulationPage):
        return found
    took = _("replayed in %(s)s s") % {"s": number(time.perf_counter() - begun, 2)}
    return simulation_of(found, terms.currency, took=took)
