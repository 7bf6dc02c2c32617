"""The board and the page of a source name the days with far fewer or far more cases than usual, or far later ones."""

from __future__ import annotations

from datetime import date

import pytest

from cases.models import User
from intake.models import Source, SourceDay, SourceStep
from tests.desk.conftest import SignsIn

WORDS = {
    "en": (
        "Cases on Thursday 26 November: 312, far fewer than usual (540 to 690)",
        "Cases on Wednesday 25 November: 1,312, far more than usual (540 to 690)",
        "Half of the cases of Thursday 26 November came 2 d 2 h or more after their application; usual is at most 1 d",
    ),
    "zh-hans": (
        "11月26日（星期四）送达 312 笔业务，远低于通常水平（540 至 690 笔）",
        "11月25日（星期三）送达 1,312 笔业务，远高于通常水平（540 至 690 笔）",
        "11月26日（星期四）送达的业务中，半数距申请 2 天 2 小时或更久；通常至多 1 天 15 小时",
    ),
}


@pytest.mark.parametrize("language", WORDS)
def test_unusual_days_of_the_last_week_are_named_with_their_numbers(
    auditor: User, signs_in: SignsIn, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    source = Source.objects.create(slug="branch")
    client = signs_in(auditor, language)
    days = [(19, 100, {}), (25, 1312, {}), (26, 312, {"delay": 50.0, "delay_least": 48.0, "late": 39.0}), (27, 600, {})]
    for day, cases, more in days:
        SourceDay.objects.create(source=source, day=date(2026, 11, day), cases=cases, low=540, high=690, **more)
    SourceStep.objects.create(
        source=source,
        name="volume",
        facts={"day": "2026-11-19", "what": "fewer", "value": 100, "low": 540, "high": 690, "so_far": False},
    )
    monkeypatch.setattr("intake.health.source_days._today", lambda: date(2026, 11, 28))
    board = client.get("/sources").content.decode()
    page = client.get("/sources/branch").content.decode()
    for words in WORDS[language]:
        assert words in board
        assert words in page
    # What was told is in its record after the week, and on the board no more.
    told = {"en": "Cases on Thursday 19 November: 100, far fewer", "zh-hans": "11月19日（星期四）送达 100 笔"}[language]
    assert (told in board, told in page) == (False, True)
