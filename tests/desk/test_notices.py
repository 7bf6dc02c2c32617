"""The page of what people are told: every kind of notification leads to what it is about."""

from __future__ import annotations

from typing import Any

import pytest

from cases.models import Notification
from cases.states import Role
from tests import make
from tests.desk.conftest import SignsIn


@pytest.mark.parametrize(
    ("code", "params", "url", "words"),
    [
        ("source_quarantined", {"source": "los"}, "/sources/los", "Source los turned bad"),
        ("webhook_gone", {"webhook": "core"}, "/webhooks/core", "The receiver of webhook core"),
        ("webhook_given_up", {"webhook": "core", "message": "m1"}, "/webhooks/core", "webhook core was given up"),
        ("feed_stopped", {"feed": "decisions"}, "/feeds/decisions", "Decision feed decisions"),
        ("breaker_opened", {"segment": "consumer v1", "breaker": 3}, "/monitoring/breakers/3", "consumer v1 opened"),
        ("drift_alarm", {"model": "consumer v1", "count": 2}, "/monitoring", "consumer v1: new drift alarms: 2"),
        ("of_another_time", {}, "/notifications", "of another time"),
    ],
)
def test_a_notice_without_a_case_leads_to_what_it_names(
    db: None, signs_in: SignsIn, code: str, params: dict[str, Any], url: str, words: str
) -> None:
    reader = make.user("supervisor", Role.SUPERVISOR)
    Notification.objects.create(person=reader, code=code, params=params)
    answer = signs_in(reader).get("/notifications")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert f'<a class="row-link" href="{url}">' in page
    assert words in page


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "in 9 batches: Annual income is missing in"), ("zh-hans", "（9 个批次）：年收入在 900 行中有 12.0% 缺失")],
)
def test_a_watched_feature_is_called_as_the_champion_calls_it(
    champion: object, signs_in: SignsIn, language: str, words: str
) -> None:
    reader = make.user("supervisor", Role.SUPERVISOR)
    params = {"source": "los", "since": "2026-01-05", "batches": "9", "product": "consumer", "feature": "annual_income"}
    figures = {"value": "12.0%", "usual": "3.0%", "rows": "900"}
    Notification.objects.create(person=reader, code="source_watched_missing", params={**params, **figures})
    assert words in signs_in(reader, language).get("/notifications").content.decode()
