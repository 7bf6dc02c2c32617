"""Reading past cases for a replay: few at once, many by a worker, and what is said when nobody answers."""

from __future__ import annotations

import os
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache.backends.redis import RedisCache
from django.utils import timezone
from redis.exceptions import ConnectionError as BrokerAway

from cases.models import User
from learning import past_reading
from learning.past_cases import is_kept, kept_as
from learning.past_reading import Reading, ask_reading, read_past
from routing.models import Policy
from scoring.models import ModelVersion
from tests import make


@pytest.fixture
def period(champion: ModelVersion, policy: Policy, tmp_path: Path, settings: Any) -> tuple[date, date]:
    """A period with four cases, none of which is in a file."""
    settings.VAR = tmp_path
    make.cases(4)
    make.run_machine()
    today = timezone.localdate()
    return today - timedelta(days=29), today


def test_few_cases_are_read_at_once_and_go_on_being_replayed_while_others_arrive(period: tuple[date, date]) -> None:
    first = ask_reading("consumer", *period)
    assert is_kept(first.name)
    make.case("LATE-1")
    make.run_machine()
    assert kept_as("consumer", *period) is None
    assert ask_reading("consumer", *period) == first


def test_a_new_version_in_force_makes_a_reading_anew(period: tuple[date, date], admin: User, supervisor: User) -> None:
    first = ask_reading("consumer", *period)
    make.case("LATE-1")
    make.run_machine()
    make.policy(admin, supervisor, sla_hours=8)
    assert ask_reading("consumer", *period).name not in ("", first.name)


def test_many_are_asked_of_a_worker_who_tells_how_far_it_is(
    period: tuple[date, date], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_reading, "AT_ONCE", 2)
    assert ask_reading("consumer", *period) == Reading()
    seen: list[Any] = []
    told = past_reading._tell

    def tell(key: str, value: Any, seconds: int) -> None:
        seen.append(value)
        told(key, value, seconds)

    monkeypatch.setattr(past_reading, "_tell", tell)
    read_past("consumer", *period)
    assert [(one["done"], one["total"]) for one in seen[:2]] == [(0, 4), (4, 4)]
    assert is_kept(ask_reading("consumer", *period).name)


def test_without_a_broker_nobody_waits_for_ever(period: tuple[date, date], monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*arguments: Any, **options: Any) -> Any:
        raise BrokerAway

    for name in ("get", "set", "add"):
        monkeypatch.setattr(RedisCache, name, away)
    monkeypatch.setattr(past_reading, "AT_ONCE", 2)
    assert ask_reading("consumer", *period) == Reading(unheard=True)
    read_past("consumer", *period)
    assert is_kept(ask_reading("consumer", *period).name)


def test_files_that_nobody_wrote_for_a_day_are_deleted(period: tuple[date, date], tmp_path: Path) -> None:
    folder = tmp_path / "past"
    folder.mkdir()
    old, fresh, other = (folder / name for name in ("consumer-1.npz", "consumer-2.npz", "credit_card-1.npz"))
    for path in (old, fresh, other):
        path.touch()
    yesterday = time.time() - 90_000
    os.utime(old, (yesterday, yesterday))
    os.utime(other, (yesterday, yesterday))
    ask_reading("consumer", *period)
    assert not old.exists()
    assert fresh.exists()
    assert other.exists()
