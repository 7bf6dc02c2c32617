"""The page of what people are told: every kind of notification leads to what it is about."""

from __future__ import annotations

from typing import Any

import pytest

from cases.models import Notification
from cases.states import Role
from intake.models import MappingVersion, Source
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


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("batches: own funds share is missing in", "batches: 月末存款 is missing in")),
        ("zh-hans", ("（9 个批次）：自有资金占比在 900 行中有", "（9 个批次）：月末存款在 900 行中有")),
    ],
)
def test_a_watched_feature_that_no_champion_knows_is_called_as_on_the_page_of_its_source(
    champion: object, signs_in: SignsIn, language: str, words: tuple[str, ...]
) -> None:
    reader, source = make.user("supervisor", Role.SUPERVISOR), Source.objects.create(slug="los")
    columns = {"own_funds_share": "自有资金占比", "col_56701065": "月末存款"}
    features = {name: {"column": column, "type": "number"} for name, column in columns.items()}
    MappingVersion.objects.create(source=source, number=1, name="", sha256="1" * 64, content={"features": features})
    params = {"source": "los", "since": "2026-01-05", "batches": "9", "product": "consumer"}
    figures = {"value": "12.0%", "usual": "3.0%", "rows": "900"}
    for name in columns:
        told = {**params, **figures, "feature": name}
        Notification.objects.create(person=reader, code="source_watched_missing", params=told)
    page = signs_in(reader, language).get("/notifications").content.decode()
    assert [each for each in words if each not in page] == []
