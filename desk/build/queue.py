"""What stands above the rows of the queue: tabs with counts, filters, and the form that keeps a view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases.models import DeskRules, SavedView, User
from cases.saved_views import may_share
from cases.states import Role
from desk.counts import capped_counts
from desk.pages import Filter, Option, Tab
from desk.pages.queue import SaveForm
from desk.queue_filter import QueueFilter
from desk.search import matching
from desk.tabs import VIEWS
from desk.words import PRODUCTS

MOST_SHARED = 20


def saved_views(user: User) -> list[SavedView]:
    """The views that `user` keeps, in their order, and those that others share."""
    found = SavedView.objects.select_related("owner").filter(
        Q(owner=user) | Q(is_shared=True, owner__is_active=True) & ~Q(owner__role=Role.AUDITOR)
    )
    mine = [view for view in found if view.owner_id == user.pk]
    return mine + [view for view in found if view.owner_id != user.pk][:MOST_SHARED]


def queue_tabs(user: User, chosen: QueueFilter, saved: Sequence[SavedView], desk: DeskRules) -> tuple[Tab, ...]:
    """All views with their counts, in one statement; `desk` are the rules in force."""
    kept = {f"saved_{view.pk}": QueueFilter.read(view.query) for view in saved}
    plain = {key: QueueFilter(view=key) for key in VIEWS}
    views = {key: matching(each.apply(user, desk), each.q) for key, each in (plain | kept).items()}
    counts = capped_counts(views, user)
    now, url = chosen.said(), reverse("desk:queue")
    shown = [
        Tab(key, str(VIEWS[key][0]), f"{url}?{urlencode(each.said())}", counts[key], now == each.said())
        for key, each in plain.items()
    ]
    for view in saved:
        key = f"saved_{view.pk}"
        whose = "" if view.owner_id == user.pk else view.owner.display_name
        said = kept[key].said()
        shown.append(Tab(key, view.name, f"{url}?{urlencode(said)}", counts[key], now == said, whose))
    return tuple(shown)


def queue_filters(chosen: QueueFilter) -> tuple[Filter, ...]:
    """The lists beside the search: product, time left, order."""
    products = [(code, str(words)) for code, words in PRODUCTS.items()]
    if chosen.product and chosen.product not in PRODUCTS:
        products.append((chosen.product, chosen.product))
    return (
        _filter("product", _("Product"), [("", _("All products")), *products], chosen.product),
        _filter("sla", _("Time left"), [("", _("Any time")), ("late", _("Late")),
                ("soon", _("Due within four working hours"))], chosen.sla),
        _filter("sort", _("Order"), [("best", _("Best first")), ("due", _("Due first"))], chosen.sort),
    )  # fmt: skip


def _filter(name: str, words: str, options: Sequence[tuple[str, str]], chosen: str) -> Filter:
    return Filter(name, words, tuple(Option(value, shown, value == chosen) for value, shown in options))


def save_form(user: User, chosen: QueueFilter, saved: Sequence[SavedView], *, problem: str = "") -> SaveForm:
    """The form, filled with the view of one's own that is looked at."""
    mine = [view for view in saved if view.owner_id == user.pk]
    now = next((view for view in mine if QueueFilter.read(view.query).said() == chosen.said()), None)
    form = SaveForm(reverse("desk:save_view"), chosen.text(), problem=problem, may_share=may_share(user))
    if now is None:
        return form
    return replace(form, name=now.name, key=str(now.pk), is_shared=now.is_shared, is_default=now.is_default)
