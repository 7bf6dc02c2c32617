"""Reviewers against the model: a help for those who look after the desk, and each person's own page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.desk_rules import rules_in_force
from cases.errors import NotAllowed
from cases.models import User
from cases.states import Role
from desk.access import page, person
from desk.build.reviewer_course import course_tables
from desk.build.reviewers import (
    Work,
    figure_cells,
    figure_words,
    kind_tables,
    own_kind_tables,
    reasons_words,
)
from desk.pages.models import Table
from desk.pages.reviewers import ReviewerPage, ReviewerRow, ReviewersPage
from desk.pages.team import Choice
from desk.views.overrides import MONTHS
from desk.words import number, when
from learning.override_queries import read_overrides
from learning.overrides import Override
from learning.reviewer_accuracy import PRIOR_JUDGED, chances_by_product, judged_decisions
from learning.reviewer_queries import months_ago, read_decisions
from learning.reviewers import LEAST_SHOWN, Decision

USUAL_MONTHS: Final = "12"
READS_ALL: Final = (Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)


@page("GET", *READS_ALL)
def reviewers(request: HttpRequest) -> HttpResponse:
    months, since = _period(request)
    decisions, rescues = read_decisions(since), _rescues(since)
    people = User.objects.filter(pk__in={each.reviewer for each in decisions}).order_by("last_name", "username")
    too_fast = rules_in_force().too_fast_seconds
    models = chances_by_product(judged_decisions())
    shown = ReviewersPage(
        as_of=when(timezone.now()),
        since_words=_since(since),
        spans=_spans(months),
        url=reverse("desk:reviewers"),
        team_url=reverse("desk:team"),
        least_words=_least_words(),
        columns=figure_words(),
        rows=tuple(
            ReviewerRow(
                user.display_name,
                f"{reverse('desk:reviewer', args=[user.username])}?months={months}",
                figure_cells(_work(user, decisions, rescues, too_fast)),
            )
            for user in people
        ),
        tables=(*course_tables(decisions)[:2], *kind_tables(models)),
        model_words=()
        if models
        else (
            _("By kind of case errors are not told apart yet: a hundred judged decisions with ten errors are needed."),
        ),
    )
    return render(request, "desk/reviewers.html", {"page": shown})


@page("GET")
def reviewer(request: HttpRequest, username: str) -> HttpResponse:
    """One person's figures: for the person, and for those who look after the desk.

    Raises:
        NotAllowed: somebody else's figures; whether there is such a person is not told.
    """
    by = person(request)
    if by.role not in READS_ALL and by.username != username:
        raise NotAllowed
    user = User.objects.filter(username=username).first()
    if user is None:
        raise Http404
    months, since = _period(request)
    work = _work(user, read_decisions(since, of=user.pk), _rescues(since), rules_in_force().too_fast_seconds)
    judged = judged_decisions()
    names, cells = figure_words(), figure_cells(work)
    shown = ReviewerPage(
        name=user.display_name,
        as_of=when(timezone.now()),
        since_words=_since(since),
        spans=_spans(months),
        url=reverse("desk:reviewer", args=[username]),
        list_url=reverse("desk:reviewers") if by.role in READS_ALL else "",
        least_words=_least_words(),
        figures=Table(
            _("Figures"),
            (_("Figure"), _("Value")),
            tuple((name, (cell,)) for name, cell in zip(names, cells, strict=True)),
        ),
        tables=(*course_tables(work.own), *own_kind_tables(user.pk, chances_by_product(judged), judged)),
        sentences=tuple(filter(None, [reasons_words(work.own)])),
    )
    return render(request, "desk/reviewer.html", {"page": shown})


def _period(request: HttpRequest) -> tuple[str, datetime]:
    asked = request.GET.get("months", USUAL_MONTHS)
    months = asked if asked in MONTHS else USUAL_MONTHS
    return months, months_ago(int(months))


def _spans(months: str) -> tuple[Choice, ...]:
    return tuple(Choice(key, str(words), key == months) for key, words in MONTHS.items())


def _since(since: datetime) -> str:
    return _("since %(time)s") % {"time": when(since)}


def _least_words() -> str:
    return _(
        "A help, no ranking: the persons stand by name, and on fewer than %(least)s cases nothing is told. The lift"
        " is measured on approved loans that matured; what a declined loan would have done nobody sees. Chances of"
        " error are drawn to the team's as if it had judged %(prior)s more decisions of each."
    ) % {"least": number(LEAST_SHOWN), "prior": number(PRIOR_JUDGED)}


def _rescues(since: datetime) -> list[Override]:
    return [each for each in read_overrides(since) if each.direction == "rescue" and each.status == "settled"]


def _work(user: User, decisions: Sequence[Decision], rescues: Sequence[Override], too_fast: float) -> Work:
    """Money of different currencies is not added up: that of most of the person's overrides is told."""
    own = [each for each in rescues if each.reviewer == user.username]
    counts = Counter(each.currency for each in own)
    currency = max(counts, key=lambda code: (counts[code], code), default="CNY")
    return Work(user.pk, decisions, [each for each in own if each.currency == currency], currency, too_fast)
