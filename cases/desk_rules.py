"""The rules of the desk that are in force, and setting new ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.errors import BadDecision, NotAllowed
from cases.locks import hold
from cases.models import DeskRules, User
from cases.states import Role

FIELDS: Final = tuple(
    field.name for field in DeskRules._meta.fields if field.name not in ("id", "reason", "set_by", "set_at")
)
LOCK: Final = "rules of the desk"


def rules_in_force() -> DeskRules:
    """The latest version; the usual rules, unsaved, where nobody has set any."""
    return DeskRules.objects.last() or DeskRules()


def set_desk_rules(*, by: User, reason: str, changes: Mapping[str, Any]) -> DeskRules:
    """A new version of the rules, equal to the one in force but for `changes`.

    Two administrators at once: the second waits and changes what the first has set.

    Raises:
        NotAllowed: not an administrator. BadDecision: a value that does not fit, or no reason; names the field.
    """
    if not by.is_active or by.role != Role.ADMIN:
        raise NotAllowed
    lacking = _("Say why the rules change, in ten characters or more.")
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=lacking, field="reason")
    if unknown := set(changes) - set(FIELDS):
        raise BadDecision(sorted(unknown)[0], _("The desk has no such rule."))
    with transaction.atomic(durable=True):
        hold(LOCK)
        now = rules_in_force()
        new = DeskRules(**{name: getattr(now, name) for name in FIELDS} | dict(changes), reason=why, set_by=by)
        try:
            new.full_clean()
        except ValidationError as error:
            field, words = next(iter(error.message_dict.items()))
            raise BadDecision("" if field == "__all__" else field, words[0]) from error
        new.save()
        return new
