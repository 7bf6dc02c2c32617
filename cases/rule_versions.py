"""Rules that are set as a whole: a new version is the one in force but for some changes, with a reason and a maker."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.errors import BadDecision, NotAllowed
from cases.locks import hold
from cases.models import User
from cases.states import Role

Rules = TypeVar("Rules", bound=models.Model)


def set_next_version(
    in_force: Callable[[], Rules],
    *,
    fields: Collection[str],
    changes: Mapping[str, Any],
    check: Callable[[Rules], None],
    unknown: str | Promise,
    lock: str,
    by: User,
    reason: str,
) -> Rules:
    """Save and return the next version of the rules of which `in_force` gives the latest; `fields` are what may change.

    Two administrators at once: the second waits at `lock` and changes what the first has set.

    Raises:
        NotAllowed: not an administrator. BadDecision: no reason, a field that is `unknown`, or as `check`; names the
            field.
    """
    if not by.is_active or by.role != Role.ADMIN:
        raise NotAllowed
    lacking = _("Say why the rules change, in ten characters or more.")
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=lacking, field="reason")
    if strange := set(changes) - set(fields):
        raise BadDecision(min(strange), unknown)
    with transaction.atomic(durable=True):
        hold(lock)
        now = in_force()
        said = {name: getattr(now, name) for name in fields} | dict(changes)
        new = type(now)(**said, reason=why, set_by=by)
        check(new)
        new.save()
        return new
