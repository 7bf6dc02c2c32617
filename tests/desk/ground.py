"""Cases in states that only the desk's tests need, made through the real actions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from cases.models import Case
from intake.gate.quality import judge, load_rules
from routing.models import Route
from scoring.models import Assessment
from tests import make

# What a policy with a limit matrix and economics would have said of the clear loan.
LIMIT: Final[dict[str, Any]] = {
    "limit": 6500.0,
    "granted": 6500.0,
    "row": "L3",
    "expected_loss": 214.567,
    "debt_service": 203.5,
    "debt_service_share": 0.2714,
    "other_debts_share": 0.08,
    "words": {"en": "Band B: a third of the income", "zh": "B 档：收入的三分之一"},
}
ECONOMICS: Final[dict[str, Any]] = {
    "exposure": 8000.0,
    "loss_given_default": 0.65,
    "margin": 0.08,
    "cut_off": 0.1096,
    "cost_of_approval": 176.8,
    "cost_of_decline": 618.24,
    "saving_of_look": 12.5,
}


def held_case(external_ref: str = "H-1", *, amount: str = "8000.00", **features: Any) -> Case:
    """A case that the quality gate holds; `features` (or the amount) are what is wrong with the clear loan."""
    given = {**make.CLEAR_FEATURES, **features}
    findings = [finding.as_dict() for finding in judge(given, Decimal(amount), load_rules("consumer"))]
    assert findings
    return make.case(external_ref, amount=Decimal(amount), features=given, findings=findings)


def reassessed(case: Case, **changes: Any) -> Assessment:
    """A later assessment of the case that differs in `changes` alone: what no sound model would store by itself."""
    found = Assessment.objects.filter(case=case).latest()
    found.pk, found._state.adding = None, True
    found.case_version += 1000
    for name, value in changes.items():
        setattr(found, name, value)
    found.save(force_insert=True)
    return found


def routed_anew(case: Case, **changes: Any) -> None:
    """A later route of the case that differs in `changes` alone."""
    route = Route.objects.filter(case=case).latest()
    route.pk, route.assessment, route.case_version = None, None, route.case_version + 1000
    for name, value in changes.items():
        setattr(route, name, value)
    route._state.adding = True
    route.save(force_insert=True)
