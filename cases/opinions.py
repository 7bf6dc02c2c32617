"""What a reviewer thinks of a case before they see what the model says: recorded once, never changed."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.claiming import lock_held
from cases.errors import BadDecision, OpinionTooLate
from cases.models import Band, Lean, Opinion, User


def record_opinion(case_id: int, *, by: User, lean: str, band: int, seen_version: int) -> Opinion:
    """Keep what `by`, who holds the case, thinks of it; the case itself does not move.

    Two presses at once: the second waits for the lock of the case and gets what the first has recorded, as does whoever
    said what they think under an earlier claim.

    Raises:
        BadDecision: no such lean or band; names the field. StaleCase, CaseMoved, ClaimLost: as `lock_held`.
        OpinionTooLate: the case hides nothing.
    """
    if lean not in Lean.values:
        raise BadDecision("lean", _("Choose which way you lean."))
    if band not in Band.values:
        raise BadDecision("band", _("Choose how likely you think default is."))
    with transaction.atomic(durable=True):
        case, claim = lock_held(case_id, by=by, seen_version=seen_version)
        known = Opinion.objects.filter(case=case, person=by).last()
        if known is not None:
            return known
        if not case.opinion_first:
            raise OpinionTooLate
        return Opinion.objects.create(
            case=case, claim=claim, person=by, lean=lean, band=band, seen_version=seen_version
        )
