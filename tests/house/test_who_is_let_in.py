"""Every address for everybody: who is let in, and who is sent to the door or refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from cases.models import Case
from cases.states import Role
from intake.models import Batch
from tests import make
from tests.house import ground
from tests.house.addresses import ADDRESSES, SIGNED_OUT, Address
from tests.house.ground import signed_in, url_of
from tests.promotion import Promotion
from tests.rolled_back import rolled_back


@dataclass(frozen=True)
class Asked:
    """What is asked for, and the session of everybody who asks, by role; none for who has not signed in."""

    case: Case
    file: Batch
    sessions: dict[str, str]


@pytest.fixture(scope="module")
def asked(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    promotion: Promotion,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Asked]:
    """Made once for all addresses: each takes back what it did."""
    with django_db_blocker.unblock(), rolled_back():
        admin, supervisor = make.user("admin", Role.ADMIN), make.user("supervisor", Role.SUPERVISOR, authority=100_000)
        promotion.repeat_in_sight(by=admin)
        make.policy(admin, supervisor, audit_share=0.0)
        people = ground.people()
        sessions = {role: str(signed_in(person).session.session_key or "") for role, person in people.items()}
        with ground.case_with_document(tmp_path_factory.mktemp("documents")) as case:
            yield Asked(case, ground.file(), sessions)


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: f"{address.method}-{address.name}")
def test_who_is_let_in_and_who_is_not(address: Address, asked: Asked, db: None) -> None:
    case, url = asked.case, url_of(address, asked.case, asked.file)
    for role, session in asked.sessions.items():
        point = transaction.savepoint()
        client = Client()
        if session:
            client.cookies[settings.SESSION_COOKIE_NAME] = session
        answer = getattr(client, address.method)(url)
        if role in address.roles:
            assert answer.status_code == address.status, role
        elif role == SIGNED_OUT:
            assert (answer.status_code, answer.headers["Location"]) == (302, f"{reverse('desk:login')}?next={url}")
        else:
            assert answer.status_code == 403, role
            assert make.reread(case).version == case.version
        transaction.savepoint_rollback(point)
