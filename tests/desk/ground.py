"""Cases in states that only the desk's tests need, made through the real actions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cases.models import Case
from intake.quality import judge, load_rules
from scoring.models import Assessment
from tests import make


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
