"""The table of label weights: which is in force, and setting a new version of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from cases import rules
from cases.errors import BadDecision, NotAllowed
from cases.locks import hold
from cases.models import User
from cases.states import Role
from learning.label_models import MOST_INFERRED, SHIPPED_CAP, LabelWeights, Source

LOCK: Final = "label weights"
# What an administrator may set, and between which bounds; a base weight of an outcome is above nothing.
BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    "outcome": (0.01, 10.0),
    "exploration": (0.01, 10.0),
    "inferred": (0.0, MOST_INFERRED),
    "cap": (1.0, 1000.0),
}


def weights_in_force() -> LabelWeights:
    """The latest version; the shipped one, unsaved and number 0, where nobody has set any."""
    return LabelWeights.objects.last() or shipped()


def shipped() -> LabelWeights:
    """What holds before anybody set anything."""
    return LabelWeights(number=0, outcome=1.0, exploration=1.0, inferred=0.0, cap=SHIPPED_CAP)


def base_weight(weights: LabelWeights, source: str) -> float:
    """What a label of this source counts as y before its propensity: 0 unless it is a matured outcome. An inferred one
    has a weight for sensitivity analysis alone, which no training set asks for."""
    settable: dict[str, float] = {
        Source.OUTCOME: weights.outcome,
        Source.EXPLORATION: weights.exploration,
        Source.INFERRED: weights.inferred,
    }
    return settable.get(source, 0.0)


def set_weights(*, by: User, reason: str, changes: Mapping[str, float]) -> LabelWeights:
    """A new version of the table, equal to the one in force but for `changes`. What was weighed keeps its weight.

    Two administrators at once: the second waits and changes what the first has set.

    Raises:
        NotAllowed: not an administrator. BadDecision: a weight that does not fit, or no reason; names the field.
    """
    if not by.is_active or by.role != Role.ADMIN:
        raise NotAllowed
    lacking = _("Say why the weights change, in ten characters or more.")
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=lacking, field="reason")
    for name, value in changes.items():
        if name not in BOUNDS:
            raise BadDecision(name, _("There is no such weight."))
        least, most = BOUNDS[name]
        if not (math.isfinite(value) and least <= value <= most):
            raise BadDecision(name, _("Enter a number from %(least)s to %(most)s.") % {"least": least, "most": most})
    with transaction.atomic(durable=True):
        hold(LOCK)
        now = weights_in_force()
        values = {name: getattr(now, name) for name in BOUNDS} | dict(changes)
        return LabelWeights.objects.create(number=now.number + 1, reason=why, set_by=by, **values)
