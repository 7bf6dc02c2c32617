"""The next case of the view somebody works through, and what is said where the view has none left for them."""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions import claim_next
from cases.errors import DayFull, NothingToClaim
from cases.models import Case, User
from desk.queue_filter import QueueFilter
from desk.search import matching
from desk.tabs import FIRST
from routing.staff import bounds_of


class NothingInView(NothingToClaim):
    """The view has nothing that this person may take; the rest of the queue may."""

    code = "nothing_in_view"
    sentence = gettext_lazy("Nothing is left for you in this view.")


def claim_in_view(user: User, view: str) -> Case:
    """Claim the best case of `view` (the text of a filter) in the order of that view. The case one holds comes first,
    wherever it is.

    Raises:
        NothingInView: nothing there, as in a view of cases that nobody can claim. NothingToClaim: nothing at all.
        DayFull: nothing of their own there, and the day is full.
        NotAllowed: the role does not review.
    """
    chosen, bounds = QueueFilter.read(view), bounds_of(user)
    try:
        return claim_next(
            by=user,
            products=bounds.products,
            most_a_day=bounds.most_cases,
            among=lambda rows: matching(chosen.narrow(rows, user), chosen.q).order_by(*chosen.order),
        )
    except DayFull:
        raise
    except NothingToClaim as nothing:
        if chosen.is_whole:
            raise
        raise NothingInView from nothing


def nothing_words(nothing: NothingToClaim) -> str:
    """The sentence of the refusal, with the way to the whole queue from a view."""
    if not isinstance(nothing, NothingInView):
        return str(nothing)
    url = f"{reverse('desk:queue')}?{urlencode({'view': FIRST})}"
    return format_html('{} <a href="{}">{}</a>', str(nothing), url, _("Open the whole queue"))
