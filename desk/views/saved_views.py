"""Keeping what one looks at in the queue as a view of one's own."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases.errors import BadDecision
from cases.saved_views import put_view_first, remove_view, save_view
from cases.states import Role
from desk.access import page, person
from desk.build.queue import saved_views
from desk.posted import number_of
from desk.queue_filter import QueueFilter
from desk.views.queue import render_queue


@page("POST", Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR, of="queue")
def save(request: HttpRequest) -> HttpResponse:
    """Keep the view, put it first, or remove it."""
    posted, by = request.POST, person(request)
    key, act = posted.get("saved", ""), posted.get("act", "")
    chosen = QueueFilter.read(posted.get("view", ""))
    back = f"{reverse('desk:queue')}?{urlencode(chosen.said())}"
    if act in ("first", "remove"):
        (put_view_first if act == "first" else remove_view)(number_of(key), by=by)
        messages.success(request, _("The view is removed.") if act == "remove" else _("The view comes first now."))
        return redirect(back)
    try:
        view = save_view(
            posted.get("name", ""),
            by=by,
            query=chosen.text(),
            is_shared="is_shared" in posted,
            is_default="is_default" in posted,
        )
    except BadDecision as refusal:
        return render_queue(request, chosen, saved_views(by), problem=str(refusal), status=422)
    messages.success(request, _("The view %(name)s is kept.") % {"name": view.name})
    return redirect(back)
