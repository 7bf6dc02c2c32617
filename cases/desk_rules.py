"""The rules of the desk that are in force, and setting new ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import holidays
from django.utils.translation import gettext as _

from cases.errors import BadDecision
from cases.models import DeskRules, User
from cases.office import OFFICE
from cases.rule_versions import set_next_version
from cases.working_time import WorkingHours

FIELDS: Final = tuple(
    field.name for field in DeskRules._meta.fields if field.name not in ("id", "reason", "set_by", "set_at")
)
LOCK: Final = "rules of the desk"
SHARES: Final = ("opinion_share", "second_look_share")
BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    "release_hold_seconds": (0, 600),
    **dict.fromkeys(SHARES, (0, 1)),
    "signoff_expiry_hours": (1, 1_000),
    "bulk_most": (1, 100),
    "bulk_amount": (0, 1_000_000_000),
    "too_fast_seconds": (0, 3_600),
    "daily_goal": (1, 1_000),
    "reveal_minutes": (1, 480),
}
CURRENCY_LETTERS: Final = 3
PERSONAL_MOST: Final = 500


def rules_in_force() -> DeskRules:
    """The latest version; the usual rules, unsaved, where nobody has set any."""
    return DeskRules.objects.last() or DeskRules()


def working_hours(rules: DeskRules | None = None) -> WorkingHours:
    """When the desk works by these rules, else by those in force."""
    said = rules or rules_in_force()
    return WorkingHours(said.workday_start, said.workday_end, said.holiday_country, OFFICE)


def set_desk_rules(*, by: User, reason: str, changes: Mapping[str, Any]) -> DeskRules:
    """A new version of the rules, equal to the one in force but for `changes`.

    Raises:
        NotAllowed: not an administrator. BadDecision: a value that does not fit, or no reason; names the field.
    """
    return set_next_version(
        rules_in_force,
        fields=FIELDS,
        changes=changes,
        check=_check,
        unknown=_("The desk has no such rule."),
        lock=LOCK,
        by=by,
        reason=reason,
    )


def _check(new: DeskRules) -> None:
    """Raises BadDecision naming the first rule that does not fit."""
    for name, (least, most) in BOUNDS.items():
        if not least <= getattr(new, name) <= most:
            raise BadDecision(name, _outside(name, least, most))
    if len(new.personal_fields) > PERSONAL_MOST:
        raise BadDecision("personal_fields", _("Keep it to 500 characters or fewer."))
    if new.workday_end <= new.workday_start:
        raise BadDecision("workday_end", _("The working day ends after it starts."))
    if new.holiday_country not in holidays.list_supported_countries():
        raise BadDecision("holiday_country", _("Enter the two letters of a country, such as CN."))
    if not (len(new.bulk_currency) == CURRENCY_LETTERS and new.bulk_currency.isalpha()):
        raise BadDecision("bulk_currency", _("Enter the three letters of a currency, such as CNY."))


def _outside(name: str, least: float, most: float) -> str:
    if name in SHARES:
        return _("Enter a share from 0 to 100 %.")
    return _("Enter a number from %(least)s to %(most)s.") % {"least": f"{least:,}", "most": f"{most:,}"}
