"""Cases in states that only the desk's tests need, made through the real actions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cases.models import Case
from intake.quality import judge, load_rules
from tests import make

AMOUNT = Decimal("8000.00")


def held_case(external_ref: str = "H-1", **features: Any) -> Case:
    """A case that the quality gate holds; `features` are what is wrong with the clear loan."""
    given = {**make.CLEAR_FEATURES, **features}
    findings = [finding.as_dict() for finding in judge(given, AMOUNT, load_rules("consumer"))]
    assert findings
    return make.case(external_ref, amount=AMOUNT, features=given, findings=findings)
