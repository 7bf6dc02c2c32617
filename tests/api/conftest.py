"""One caller a scope."""

from __future__ import annotations

import pytest

from cases.accounts import create_token
from tests.api.calls import Caller


@pytest.fixture
def ingest(db: None) -> Caller:
    return Caller(create_token("los", scopes=["ingest"]))


@pytest.fixture
def reading(db: None) -> Caller:
    return Caller(create_token("reports", scopes=["read"]))


@pytest.fixture
def outcomes(db: None) -> Caller:
    return Caller(create_token("core-banking", scopes=["outcomes"]))


@pytest.fixture
def second_ingest(db: None) -> Caller:
    return Caller(create_token("second-los", scopes=["ingest"]))
