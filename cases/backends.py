"""Who is signed in, read in one statement: the person, with the supervisor whose pen they hold for now."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now

from cases.models import Delegation, User
from cases.states import Role


class PersonBackend(ModelBackend):
    """Fills `User.signs_for_id`, which every page of a reviewer asks for, along with the person."""

    def get_user(self, user_id: Any) -> User | None:
        given = Delegation.objects.filter(
            holder=OuterRef("pk"), starts_at__lte=Now(), ends_at__gt=Now(), ended_at__isnull=True
        )
        given = given.filter(giver__is_active=True, giver__role=Role.SUPERVISOR).order_by("id")
        people = User.objects.annotate(giver=Subquery(given.values("giver")[:1]))
        found = people.filter(pk=user_id).first()
        if found is None or not self.user_can_authenticate(found):
            return None
        found.signs_for_id = found.giver
        return found
