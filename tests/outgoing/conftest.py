"""A product whose cases all wait for people."""

from __future__ import annotations

import pytest

from cases.models import User
from routing.models import Policy
from scoring.models import ModelVersion
from tests import make


@pytest.fixture
def ground(champion: ModelVersion, admin: User, supervisor: User, released_at_once: None) -> Policy:
    return make.policy(admin, supervisor, **make.UNCERTAIN)
