"""Overrides settled in money, for those who look after the desk; the same figures as a file."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.csv_cells import safe_cell
from cases.models import User
from cases.states import Role
from desk.access import page
from desk.build.group_rates import GROUP_WORDS, group_tables
from desk.build.overrides import (
    BY_WORDS,
    View,
    csv_rows,
    measured_part,
    override_figures,
    what_is_missing,
    words_of,
)
from desk.build.rejects import estimated_part
from desk.pages.overrides import Filter, OverridePart, OverridesPage
from desk.pages.team import Choice
from desk.words import number, when
from learning.override_queries import named, once_a_case, read_cohorts, read_overrides
from learning.overrides import Override
from learning.reviewer_queries import months_ago, read_group_cells
from learning.small_cells import LEAST_DECISIONS, LEAST_OVERRIDES

MONTHS: Final[Mapping[str, Promise]] = {
    "3": gettext_lazy("3 months"),
    "12": gettext_lazy("12 months"),
    "24": gettext_lazy("24 months"),
    "60": gettext_lazy("5 years"),
}
USUAL_MONTHS: Final = "24"
# Groups of applicants are told of this period and no other part of the book: two readings of which one is narrower
# would tell by their difference what each hides.
GROUP_MONTHS: Final = 24
DIRECTIONS: Final[Mapping[str, Promise]] = {
    "rescue": gettext_lazy("Approved against the advice"),
    "reject": gettext_lazy("Declined against the advice"),
}
NARROWING: Final = ("product", "reviewer", "segment", "reason")


@dataclass(frozen=True)
class Asked:
    """What the address asks for, as far as it can be had: `overrides` are narrowed, `all` are those of the period."""

    months: str
    direction: str
    by: str
    group: str
    narrowed: Mapping[str, str]
    currency: str
    all: Sequence[Override]
    overrides: Sequence[Override]
    names: Mapping[str, str]

    @property
    def view(self) -> View:
        return View(self.by, self.currency, self.names)

    @property
    def query(self) -> str:
        asked = {"months": self.months, "by": self.by, "group": self.group, "currency": self.currency}
        return urlencode({**asked, "direction": self.direction, **self.narrowed})

    def of(self, direction: str) -> list[Override]:
        """The narrowed overrides of a direction; none of one that was not asked for."""
        if self.direction not in ("", direction):
            return []
        mine = [each for each in self.overrides if each.direction == direction]
        # Each person answers for what they decided, also where somebody else decided the case alike before.
        return mine if self.by == "reviewer" else once_a_case(mine)


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def overrides(request: HttpRequest) -> HttpResponse:
    asked = _read(request)
    since = months_ago(int(asked.months))
    least = {"decisions": number(LEAST_DECISIONS), "overrides": number(LEAST_OVERRIDES)}
    shown = OverridesPage(
        as_of=when(timezone.now()),
        since_words=_("since %(time)s") % {"time": when(since)},
        url=reverse("desk:overrides"),
        file_url=f"{reverse('desk:overrides_file')}?{asked.query}",
        team_url=reverse("desk:team"),
        filters=_filters(asked),
        is_narrowed=bool(asked.direction or any(asked.narrowed.values())),
        figures=override_figures([*asked.of("rescue"), *asked.of("reject")]),
        empty=what_is_missing([*asked.of("rescue"), *asked.of("reject")], timezone.localdate()),
        parts=_parts(asked),
        groups=group_tables(asked.group, read_group_cells(months_ago(GROUP_MONTHS))[asked.group]),
        groups_note=_(
            "The last 24 months, whatever is chosen above. Groups of fewer than %(decisions)s decisions or with 1 to"
            " %(overrides)s overrides are hidden, and with them as many others as it takes that no sum tells them."
        )
        % {**least, "overrides": number(LEAST_OVERRIDES - 1)},
    )
    return render(request, "desk/overrides.html", {"page": shown})


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def overrides_file(request: HttpRequest) -> HttpResponse:
    """The groups as CSV, with the figures that the page shows."""
    asked = _read(request)
    text = io.StringIO()
    writer = csv.writer(text)
    for row in csv_rows([(name, asked.of(name)) for name in DIRECTIONS], asked.view, asked.view.keys_of):
        writer.writerow([safe_cell(cell) for cell in row])
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="overrides.csv"'
    return response


def _read(request: HttpRequest) -> Asked:
    """What cannot be had is as if it were not asked for."""
    months = _one_of(request, "months", MONTHS, USUAL_MONTHS)
    found = read_overrides(months_ago(int(months)))
    names = {
        user.username: user.display_name for user in User.objects.filter(username__in={each.reviewer for each in found})
    }
    currencies = Counter(each.currency for each in found)
    usual = max(currencies, key=lambda code: (currencies[code], code), default="")
    currency = _one_of(request, "currency", currencies, usual)
    of_currency = [each for each in found if each.currency == currency]
    narrowed = {name: _one_of(request, name, _values(of_currency, name), "") for name in NARROWING}
    return Asked(
        months=months,
        direction=_one_of(request, "direction", DIRECTIONS, ""),
        by=_one_of(request, "by", BY_WORDS, "reason"),
        group=_one_of(request, "group", GROUP_WORDS, "region"),
        narrowed=narrowed,
        currency=currency,
        all=found,
        overrides=named(of_currency, **narrowed),
        names=names,
    )


def _one_of(request: HttpRequest, name: str, known: Iterable[str], usual: str) -> str:
    value = request.GET.get(name, usual)
    return value if value in set(known) else usual


def _values(found: Iterable[Override], name: str) -> set[str]:
    if name == "reason":
        return {code for each in found for code in each.reasons}
    return {str(getattr(each, name)) for each in found}


def _filters(asked: Asked) -> tuple[Filter, ...]:
    of_currency = [each for each in asked.all if each.currency == asked.currency]
    everything = Choice("", _("all"))

    def known(name: str, words: Mapping[str, Promise], chosen: str, *first: Choice) -> tuple[Choice, ...]:
        return (*first, *(Choice(key, str(text), key == chosen) for key, text in words.items()))

    narrowing = tuple(
        Filter(
            name,
            str(BY_WORDS[name]),
            (
                everything,
                *(
                    Choice(value, words_of(name, value, asked.names), value == asked.narrowed[name])
                    for value in sorted(_values(of_currency, name))
                ),
            ),
        )
        for name in NARROWING
    )
    codes = sorted({each.currency for each in asked.all})
    currencies = tuple(Choice(code, code, code == asked.currency) for code in codes)
    return (
        Filter("months", _("Period"), known("months", MONTHS, asked.months)),
        Filter("direction", _("Direction"), known("direction", DIRECTIONS, asked.direction, everything)),
        *narrowing,
        *([Filter("currency", _("Currency"), currencies)] if len(currencies) > 1 else []),
        Filter("by", _("Grouped by"), known("by", BY_WORDS, asked.by)),
        Filter("group", _("Groups of applicants"), known("group", GROUP_WORDS, asked.group)),
    )  # fmt: skip


def _parts(asked: Asked) -> tuple[OverridePart, ...]:
    rescues, rejects = asked.of("rescue"), asked.of("reject")
    granted = [each for each in rejects if each.granted]
    estimated = [each for each in rejects if each.status == "estimated"]
    parts = []
    if rescues:
        parts.append(measured_part("rescues", rescues, asked.view))
    if granted:
        parts.append(measured_part("granted", granted, asked.view))
    if estimated:
        parts.append(estimated_part(estimated, read_cohorts(), asked.view))
    return tuple(parts)
