"""What tests of the sign-off share: documents as they come to a case, moments in the past, pens given away."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from cases import actions
from cases.delegating import give_pen
from cases.models import Case, Delegation, Document, Signature, User
from cases.move import lock_case, move_case
from cases.office import OFFICE
from tests import make


def sign(case: Case, by: User, verdict: str = "confirm", note: str = "", **more: Any) -> Signature:
    """Sign as somebody who has just read the case."""
    seen = make.reread(case).version
    return actions.sign_case(case.pk, by=by, verdict=verdict, note=note, seen_version=seen, **more)


def attach(case: Case, by: User, name: str = "payslip.pdf") -> Document:
    """A document comes to the case: the move with its row."""
    with transaction.atomic():
        locked = lock_case(case.pk)
        sha256 = hashlib.sha256(name.encode()).hexdigest()
        move_case(locked, "attach", by=by, facts={"name": name, "size": 10, "sha256": sha256})
        return Document.objects.create(
            case=locked,
            case_version=locked.version,
            name=name,
            media_type="application/pdf",
            size=10,
            sha256=sha256,
            added_by=by,
        )


def pen(giver: User, holder: User, *, days: int = 5) -> Delegation:
    """`holder` signs for `giver` from now on."""
    today = timezone.now().astimezone(OFFICE).date()
    given = give_pen(
        by=giver,
        holder_id=holder.pk,
        first_day=today,
        last_day=today + timedelta(days=days),
        reason="on leave this week",
    )
    # Read once a request: a test goes on with the same person.
    holder.__dict__.pop("signs_for_id", None)
    return given
