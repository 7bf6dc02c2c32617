"""People at the desk and a policy that audits everything, so that every case waits with its advice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from cases.models import User
from cases.states import Role
from intake.models import Source
from routing.models import Policy
from scoring.models import ModelVersion
from tests import make

SignsIn = Callable[..., Client]


@pytest.fixture
def signs_in() -> SignsIn:
    def sign_in(user: User, language: str = "en") -> Client:
        client = Client()
        client.force_login(user)
        client.cookies["django_language"] = language
        return client

    return sign_in


@pytest.fixture
def attachments(tmp_path: Path, settings: Any) -> Path:
    """Where documents of this test lie, and nobody else's."""
    own = {**settings.STORAGES["attachments"], "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "attachments": own}
    return tmp_path


@pytest.fixture
def ground(champion: ModelVersion, admin: User, supervisor: User) -> Policy:
    return make.policy(admin, supervisor, audit_share=1.0)


@pytest.fixture
def branch(db: None, tmp_path: Path, settings: Any) -> Source:
    settings.INCOMING = tmp_path / "incoming"
    settings.INCOMING.mkdir()
    made: Source = Source.objects.create(slug="branch", title="Branch 1")
    return made


@pytest.fixture
def second_admin(db: None) -> User:
    return make.user("second_admin", Role.ADMIN)
