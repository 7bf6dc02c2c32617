"""Views of the queue that people keep: saved under a name, shared, opened first, put in another order, removed."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext_lazy as _

from cases.errors import BadDecision, CaseNotFound, NotAllowed
from cases.locks import hold
from cases.models import SavedView, User
from cases.states import Role

NAME_LONGEST = 40
QUERY_LONGEST = 500
MOST_VIEWS = 20


def may_share(user: User) -> bool:
    """Whether a view of theirs may stand among the tabs of others."""
    return user.role != Role.AUDITOR


def save_view(name: str, *, by: User, query: str, is_shared: bool = False, is_default: bool = False) -> SavedView:
    """Keep `query` under `name`; a view of that name is replaced. One view of a person opens first at most.

    Raises:
        NotAllowed: shared by an auditor, who changes nothing that others see.
        BadDecision: no name, one that is too long, a filter that is too long, or more than 20 views.
    """
    if is_shared and not may_share(by):
        raise NotAllowed(_("Who only reads keeps views for themselves."))
    name = " ".join(name.split())
    if not 0 < len(name) <= NAME_LONGEST:
        raise BadDecision("name", _("Give the view a name of at most 40 characters."))
    if len(query) > QUERY_LONGEST:
        raise BadDecision("name", _("This filter is too long to be kept."))
    with transaction.atomic(durable=True):
        # One person saving twice at once: the second waits, so neither the number nor the default is counted wrongly.
        hold(f"views of {by.pk}")
        mine = SavedView.objects.filter(owner=by)
        if not mine.filter(name=name).exists() and mine.count() >= MOST_VIEWS:
            raise BadDecision("name", _("You keep 20 views already: remove one first."))
        if is_default:
            mine.update(is_default=False)
        last = mine.aggregate(last=Max("place"))["last"]
        view, made = SavedView.objects.update_or_create(
            owner=by, name=name, defaults={"query": query, "is_shared": is_shared, "is_default": is_default}
        )
        if made and last is not None:
            view.place = last + 1
            view.save(update_fields=["place"])
        return view


def put_view_first(view_id: int, *, by: User) -> None:
    """Put a view of `by` before the others. Raises CaseNotFound where it is not theirs."""
    with transaction.atomic(durable=True):
        hold(f"views of {by.pk}")
        mine = SavedView.objects.filter(owner=by)
        if not mine.filter(pk=view_id).exists():
            raise CaseNotFound(_("You keep no such view."))
        mine.update(place=F("place") + 1)
        mine.filter(pk=view_id).update(place=0)


def remove_view(view_id: int, *, by: User) -> None:
    """Remove a view of `by`. Raises CaseNotFound where it is not theirs."""
    with transaction.atomic(durable=True):
        removed, _by_model = SavedView.objects.filter(owner=by, pk=view_id).delete()
    if not removed:
        raise CaseNotFound(_("You keep no such view."))
