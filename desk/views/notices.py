"""What a person was told about cases, and the people one can name in a comment."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import ngettext

from cases.models import Notification, SecondLook, User
from cases.notices import mark_read
from desk.access import page, person
from desk.build.feature_words import FeatureWords
from desk.build.talk import notice_row
from desk.build.veil import read_own_opinions, veiled
from desk.keyset import after, cursor_of
from desk.pages.case_file import NoticesPage
from desk.posted import number_of

ROWS: Final = 50
NEWEST: Final = ("-id",)


@page("GET")
def notices(request: HttpRequest) -> HttpResponse:
    user = person(request)
    mine = Notification.objects.filter(person=user).select_related("case", "caused_by").order_by(*NEWEST)
    rows = list(after(mine, NEWEST, request.GET.get("after", ""))[: ROWS + 1])
    read_own_opinions((row.case for row in rows if row.case), user)
    judged = set(SecondLook.objects.filter(looker=user, done_at=None).values_list("case", flat=True))
    unread = Notification.objects.filter(person=user, read_at__isnull=True).count()
    words = FeatureWords()
    shown = NoticesPage(
        rows=tuple(notice_row(row, words, withheld=_is_withheld(row, user, judged)) for row in rows[:ROWS]),
        read_url=reverse("desk:read_notices"),
        unread=ngettext("%(n)s unread", "%(n)s unread", unread) % {"n": unread} if unread else "",
        next_url=f"?{urlencode({'after': cursor_of(rows[ROWS - 1], NEWEST)})}" if len(rows) > ROWS else "",
    )
    return render(request, "desk/notices.html", {"page": shown})


def _is_withheld(notice: Notification, user: User, judged: Collection[int | None]) -> bool:
    """Whether the words that came along are kept from `user`, who is to judge the case by themself."""
    return notice.case is not None and (notice.case_id in judged or veiled(notice.case, user))


@page("POST", of="notices")
def read(request: HttpRequest) -> HttpResponse:
    """Mark one as read, or all of them."""
    key = request.POST.get("notice", "")
    if not key:
        mark_read(by=person(request))
    else:
        mark_read(by=person(request), notice_id=number_of(key))
    return redirect("desk:notices")


@page("GET")
def people(request: HttpRequest) -> HttpResponse:
    """Who can be named with @ in a comment: user names with the names that are shown."""
    working = User.objects.filter(is_active=True).order_by("username")
    names = working.only("username", "first_name", "last_name")
    return JsonResponse({"people": [{"name": each.username, "words": each.display_name} for each in names]})
