"""Cases that went every way, for whoever looks at what was stored of them."""

from __future__ import annotations

import pytest

from cases.models import Case, User
from cases.states import Role
from routing.models import Policy
from scoring.models import ModelVersion
from tests import make

POOR = {**make.CLEAR_FEATURES, "interest_rate": 28.0, "sub_grade": 33, "annual_income": 20_000, "delinquencies_2y": 5}


@pytest.fixture
def second_admin(db: None) -> User:
    return make.user("second_admin", Role.ADMIN)


@pytest.fixture
def narrow_policy(admin: User, supervisor: User) -> Policy:
    """Where a case goes hangs on its PD and on the hard rules: no doubt is too great, and the grey band is narrow."""
    return make.policy(
        admin, supervisor, audit_share=0.0, doubt_limit=1.0, approve_below=0.03, cut_off=0.04, decline_above=0.05
    )


@pytest.fixture
def book(champion: ModelVersion, narrow_policy: Policy) -> list[Case]:
    """Cases that went every way: approved, declined, to people; with missing, unreadable and foreign values."""
    make.case("R-1")
    make.case("R-2", features=POOR)
    make.case("R-3", key_customer=True)
    make.case("R-4", features={"annual_income": "a lot", "income_verified": "by nobody"})
    make.case("R-5", currency="EUR")
    make.case("R-6", kind="monitoring")
    make.run_machine()
    cases = list(Case.objects.select_related("applicant").order_by("pk"))
    assert {case.state for case in cases} == {"approved", "declined", "queued"}
    return cases
