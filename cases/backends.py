"""Who is signed in, read in one statement: the person, with the supervisor whose pen they hold for now."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Now

from cases.models import Delegation, User
from cases.states import Role


class PersonBackend(ModelBackend):
    """Fills `User.signs_for_id`, which every page of a reviewer asks for, along with the person."""

    def get_user(self, user_id: Any) -> User | None:
        found: Any = _people_with_pens().filter(pk=user_id).first()
        if found is None or not self.user_can_authenticate(found):
            return None
        found.signs_for_id = found.giver
        person: User = found
        return person


@cache
def _people_with_pens() -> QuerySet[Any]:
    """People with `giver`, whose pen they hold now. Each request asks for one of them, so the query is made once."""
    given = Delegation.objects.filter(
        holder=OuterRef("pk"),
        starts_at__lte=Now(),
        ends_at__gt=Now(),
        ended_at__isnull=True,
        giver__is_active=True,
        giver__role=Role.SUPERVISOR,
    ).order_by("id")
    found: QuerySet[Any] = User.objects.annotate(giver=Subquery(given.values("giver")[:1])).order_by("pk")
    return found
