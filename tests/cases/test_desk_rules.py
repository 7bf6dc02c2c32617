"""The rules of the desk: the usual ones, new versions, and what is refused."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any

import pytest

from cases.desk_rules import FIELDS, rules_in_force, set_desk_rules
from cases.errors import BadDecision, NotAllowed
from cases.models import DeskRules, User

pytestmark = pytest.mark.django_db
WHY = "after the meeting of Monday"


def test_without_a_version_the_usual_rules_hold() -> None:
    rules = rules_in_force()
    assert rules.pk is None
    assert {name: getattr(rules, name) for name in FIELDS} == {
        "release_hold_seconds": 30,
        "opinion_share": 0.10,
        "opinion_on_high_amounts": True,
        "opinion_on_grey_band": False,
        "second_look_share": 0.05,
        "signoff_expiry_hours": 18,
        "within_authority_only": False,
        "bulk_most": 20,
        "bulk_amount": Decimal(10_000),
        "bulk_currency": "CNY",
        "too_fast_seconds": 20,
        "daily_goal": 40,
        "reveal_minutes": 15,
        "personal_fields": "",
        "workday_start": time(9, 0),
        "workday_end": time(18, 0),
        "holiday_country": "CN",
    }


def test_a_new_version_changes_what_it_names_and_keeps_the_rest(admin: User) -> None:
    set_desk_rules(by=admin, reason=WHY, changes={"release_hold_seconds": 0})
    set_desk_rules(by=admin, reason=WHY, changes={"daily_goal": 60})
    now = rules_in_force()
    assert (now.release_hold_seconds, now.daily_goal, now.set_by, now.reason) == (0, 60, admin, WHY)
    assert DeskRules.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "reason", "field", "sentence"),
    [
        ({"release_hold_seconds": 601}, WHY, "release_hold_seconds", "Enter a number from 0 to 600."),
        ({"opinion_share": 1.5}, WHY, "opinion_share", "Enter a share from 0 to 100 %."),
        ({"bulk_most": 0}, WHY, "bulk_most", "Enter a number from 1 to 100."),
        ({"bulk_amount": Decimal(-1)}, WHY, "bulk_amount", "Enter a number from 0 to 1,000,000,000."),
        ({"workday_end": time(8, 0)}, WHY, "workday_end", "The working day ends after it starts."),
        ({"holiday_country": "China"}, WHY, "holiday_country", "Enter the two letters of a country, such as CN."),
        ({"bulk_currency": "¥"}, WHY, "bulk_currency", "Enter the three letters of a currency, such as CNY."),
        ({"unknown": 1}, WHY, "unknown", "The desk has no such rule."),
        ({"daily_goal": 50}, "short", "reason", "Say why the rules change, in ten characters or more."),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field(
    changes: dict[str, Any], reason: str, field: str, sentence: str, admin: User
) -> None:
    with pytest.raises(BadDecision) as refusal:
        set_desk_rules(by=admin, reason=reason, changes=changes)
    assert (refusal.value.field, str(refusal.value)) == (field, sentence)
    assert DeskRules.objects.count() == 0


def test_only_administrators_set_the_rules(reviewer: User, supervisor: User, auditor: User) -> None:
    for person in (reviewer, supervisor, auditor):
        with pytest.raises(NotAllowed):
            set_desk_rules(by=person, reason=WHY, changes={"daily_goal": 50})
    assert DeskRules.objects.count() == 0
