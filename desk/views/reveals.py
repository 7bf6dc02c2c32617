"""Who had names and numbers of applicants shown: for those who look after the team, and for auditors."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases.models import Reveal, User
from cases.states import Role
from desk.access import page, person
from desk.case_file import unknown_looker
from desk.keyset import after, cursor_of
from desk.pages.team import RevealCount, RevealRow, RevealsPage
from desk.posted import number_of
from desk.words import number, when

ROWS: Final = 50
NEWEST: Final = ("-id",)
COUNTED: Final = timedelta(days=7)
PEOPLE: Final = 50


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def reveals(request: HttpRequest) -> HttpResponse:
    user, url = person(request), reverse("desk:reveals")
    chosen = number_of(request.GET["person"]) if "person" in request.GET else 0
    found = Reveal.objects.filter(person=chosen) if chosen else Reveal.objects.all()
    found = found.select_related("person", "case").annotate(is_apart=unknown_looker())
    rows = list(after(found.order_by(*NEWEST), NEWEST, request.GET.get("after", ""))[: ROWS + 1])
    kept = {"person": str(chosen)} if chosen else {}
    behind = urlencode({**kept, "after": cursor_of(rows[ROWS - 1], NEWEST)}) if len(rows) > ROWS else ""
    shown = RevealsPage(
        counts=_counts(url, chosen),
        rows=tuple(_row(each, user) for each in rows[:ROWS]),
        shown_words=_("%(n)s shown") % {"n": number(min(len(rows), ROWS))},
        team_url=reverse("desk:team"),
        all_url=url if chosen else "",
        next_url=f"{url}?{behind}" if behind else "",
        first_url=f"{url}?{urlencode(kept)}" if request.GET.get("after") else "",
    )
    return render(request, "desk/reveals.html", {"page": shown})


def _counts(url: str, chosen: int) -> tuple[RevealCount, ...]:
    """Who did so most in the last days."""
    recent = User.objects.filter(reveals__at__gte=timezone.now() - COUNTED)
    recent = recent.annotate(reveals_n=Count("reveals"), cases_n=Count("reveals__case", distinct=True))
    return tuple(
        RevealCount(
            person=each.display_name,
            url=f"{url}?{urlencode({'person': each.pk})}",
            reveals=number(each.reveals_n),
            cases=number(each.cases_n),
            chosen=each.pk == chosen,
        )
        for each in recent.order_by("-reveals_n", "username")[:PEOPLE]
    )


def _row(reveal: Reveal, user: User) -> RevealRow:
    """Supervisors settle second looks without knowing whose view is whose; auditors and administrators may know."""
    is_apart = user.role == Role.SUPERVISOR and reveal.is_apart  # type: ignore[attr-defined]
    ref = "" if is_apart else reveal.case.ref
    return RevealRow(
        at=when(reveal.at),
        at_iso=reveal.at.isoformat(),
        person=reveal.person.display_name,
        ref=ref,
        url=reverse("desk:case", args=[ref]) if ref else "",
        why=reveal.get_why_display(),
        until=when(reveal.until),
    )
