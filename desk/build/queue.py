"""What stands above the rows of the queue: tabs with counts, filters, and the form that keeps a view."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases.models import Case, DeskRules, SavedView, User
from cases.saved_views import may_share
from cases.states import Role, State
from desk.counts import counts_and_lists
from desk.pages import Filter, Option, Tab
from desk.pages.queue import SaveForm
from desk.queue_filter import BEST, QueueFilter
from desk.search import matching
from desk.tabs import VIEWS
from desk.words import PRODUCTS, industry_words, region_words, word

MOST_SHARED: Final = 20
LOOKED_THROUGH: Final = 1_000


def saved_views(user: User) -> list[SavedView]:
    """The views that `user` keeps, in their order, and those that others share."""
    found = SavedView.objects.select_related("owner").filter(
        Q(owner=user) | Q(is_shared=True, owner__is_active=True) & ~Q(owner__role=Role.AUDITOR)
    )
    mine = [view for view in found if view.owner_id == user.pk]
    return mine + [view for view in found if view.owner_id != user.pk][:MOST_SHARED]


def queue_tabs(
    user: User, chosen: QueueFilter, saved: Sequence[SavedView], desk: DeskRules, *, whole: bool
) -> tuple[tuple[Tab, ...], tuple[Filter, ...]]:
    """All views with their counts and, for the `whole` page, the lists beside the search, in one statement; `desk` are
    the rules in force."""
    kept = {f"saved_{view.pk}": QueueFilter.read(view.query) for view in saved}
    plain = {key: QueueFilter(view=key) for key in VIEWS}
    views = {key: matching(each.apply(user, desk), each.q) for key, each in (plain | kept).items()}
    counts, lists = counts_and_lists(views, _where_cases_wait(user) if whole else {})
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
    return tuple(shown), _queue_filters(chosen, lists) if whole else ()


def _queue_filters(chosen: QueueFilter, lists: Mapping[str, Sequence[str]]) -> tuple[Filter, ...]:
    """The lists beside the search: product, industry, region, time left, order."""
    products = [(code, str(words)) for code, words in PRODUCTS.items()]
    if chosen.product and chosen.product not in PRODUCTS:
        products.append((chosen.product, word(PRODUCTS, chosen.product)))
    industries, regions = (sorted({*lists[name], getattr(chosen, name)}) for name in ("industry", "region"))
    return (
        _filter("product", _("Product"), [("", _("All products")), *products], chosen.product),
        _filter("industry", _("Industry"), [("", _("All industries")), *_named(industries, industry_words)],
                chosen.industry),
        _filter("region", _("Region"), [("", _("All regions")), *_named(regions, region_words)], chosen.region),
        _filter("sla", _("Time left"), [("", _("Any time")), ("late", _("Late")),
                ("soon", _("Due within four working hours"))], chosen.sla),
        _filter("sort", _("Order"), [("best", _("Best first")), ("due", _("Due first"))], chosen.sort),
    )  # fmt: skip


def _where_cases_wait(user: User) -> dict[str, QuerySet[Case]]:
    """Industries and regions of the cases that come first: so many that a busy desk sees all it works in, and no more,
    for the page must not read a million cases. What is further behind is found by its address."""
    first = Case.objects.visible_to(user).filter(state=State.QUEUED).order_by(*BEST)[:LOOKED_THROUGH]
    found = Case.objects.filter(pk__in=first.values("pk")).order_by()
    return {"industry": found.values("industry").distinct(), "region": found.values("region").distinct()}


def _named(values: Sequence[str], words: Callable[[str], str]) -> list[tuple[str, str]]:
    return [(value, words(value)) for value in values if value]


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
