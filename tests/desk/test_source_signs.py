"""Each sentence of what is not as usual with a source, as the board and its page write it in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone, translation

from cases.models import Notification
from cases.states import Role
from desk.build.feature_words import FeatureWords
from desk.build.source_health import SENTENCES, sign_lines
from desk.build.talk import notice_row
from desk.words import before_chinese
from intake.health.quarantine import quarantine_source
from intake.models import Batch, MappingVersion, Source
from tests import make
from tests.desk.conftest import SignsIn

SIGN = {"product": "branch", "value": 0.14, "usual": 0.03, "rows": 200, "grade": "watch"}
# By what is told: of 月收入 in English and Chinese, and in Chinese of a feature with a name in Latin letters.
WORDS = {
    "missing": (
        "monthly income is missing in 14.0% of 200 rows; usual is 3.0%",
        "月收入在 200 行中有 14.0% 缺失；通常为 3.0%",
        "tier 在 200 行中有 14.0% 缺失；通常为 3.0%",
    ),
    "zeros": (
        "monthly income is nought or less in 14.0% of 200 rows; elsewhere in 3.0%",
        "月收入在 200 行中有 14.0% 为零或更小；其他来源为 3.0%",
        "tier 在 200 行中有 14.0% 为零或更小；其他来源为 3.0%",
    ),
    "scale": (
        "monthly income lies ten times or more beyond what is usual in 14.0% of 200 rows: is its unit right?",
        "月收入在 200 行中有 14.0% 与通常水平相差十倍或更多：单位是否有误？",
        "tier 在 200 行中有 14.0% 与通常水平相差十倍或更多：单位是否有误？",
    ),
    "one_value": (
        "monthly income is one and the same value in 14.0% of 200 rows; usual is at most 3.0%",
        "月收入在 200 行中有 14.0% 为同一个值；通常至多 3.0%",
        "tier 在 200 行中有 14.0% 为同一个值；通常至多 3.0%",
    ),
    "one_value_alone": (
        "monthly income is one and the same value in 14.0% of 200 rows",
        "月收入在 200 行中有 14.0% 为同一个值",
        "tier 在 200 行中有 14.0% 为同一个值",
    ),
    "new_values": (
        "monthly income holds values never seen before in 14.0% of 200 rows",
        "月收入在 200 行中有 14.0% 为从未出现过的取值",
        "tier 在 200 行中有 14.0% 为从未出现过的取值",
    ),
    "distribution": (
        "monthly income is spread otherwise than usual in 200 rows: index 0.14",
        "月收入在 200 行中的分布与平时不同：稳定性指数 0.14",
        "tier 在 200 行中的分布与平时不同：稳定性指数 0.14",
    ),
}
# What tells of no feature.
OTHERS = {
    "refused": ("14.0% of 200 rows could not be taken in; usual is 3.0%", "200 行中有 14.0% 无法接收；通常为 3.0%"),
    "unreadable": (
        "200 rows could not be looked at (KeyError): a person has to",
        "有 200 行无法检查（KeyError）：须由人工查看",
    ),
}


def sign(what: str, feature: str) -> dict[str, Any]:
    if what == "one_value_alone":
        return {**SIGN, "what": "one_value", "feature": feature, "usual": 0.0}
    return {**SIGN, "what": what, "feature": feature}


@pytest.mark.parametrize("what", WORDS)
def test_chinese_words_are_parted_from_latin_names_only(db: None, what: str) -> None:
    source = Source.objects.create(slug="branch")
    signs, words = [sign(what, "monthly_income"), sign(what, "tier")], FeatureWords()
    english, chinese, latin = WORDS[what]
    with translation.override("en"):
        assert [each.words for each in sign_lines(signs, words, source.pk)][:1] == [english]
    with translation.override("zh-hans"):
        assert [each.words for each in sign_lines(signs, words, source.pk)] == [chinese, latin]


@pytest.mark.parametrize("what", OTHERS)
def test_what_tells_of_no_feature_is_as_it_was(db: None, what: str) -> None:
    signs = [{**SIGN, "what": what, "product": "", "feature": "KeyError" if what == "unreadable" else ""}]
    for language, words in zip(("en", "zh-hans"), OTHERS[what], strict=True):
        with translation.override(language):
            assert [each.words for each in sign_lines(signs, FeatureWords(), 1)] == [words]


def test_every_sentence_is_asked_about_here() -> None:
    assert SENTENCES.keys() == {*WORDS, *OTHERS}


@pytest.mark.parametrize("path", ["/sources", "/sources/branch"])
def test_the_board_and_the_page_of_the_source_say_them_so(db: None, signs_in: SignsIn, path: str) -> None:
    source = Source.objects.create(slug="branch")
    mapping = MappingVersion.objects.create(source=source, number=1, name="", sha256="1" * 64, content={})
    signs = [{**sign("scale", name), "grade": "bad"} for name in ("monthly_income", "tier")]
    Batch.objects.create(source=source, name="a.csv", sha256="1" * 64, mapping=mapping, signs=signs)
    assert quarantine_source(source.pk, signs=signs, since=timezone.now())
    page = signs_in(make.user("boss", Role.SUPERVISOR), "zh-hans").get(path).content.decode()
    for words in WORDS["scale"][1:]:
        assert f">{words}<" in page


def test_a_notice_of_a_watched_source_is_written_alike(db: None) -> None:
    told = {"source": "branch", "since": "2026-01-05", "batches": "9", "value": "14.0%", "usual": "3.0%", "rows": "200"}
    rows = [
        Notification.objects.create(
            person=make.user(f"boss-{name}", Role.SUPERVISOR),
            code="source_watched_missing",
            params={**told, "product": "branch", "feature": name},
        )
        for name in ("monthly_income", "tier")
    ]
    with translation.override("zh-hans"):
        words = [notice_row(each, FeatureWords()).words for each in rows]
    began = "来源 branch 自 2026-01-05 起处于观察中（9 个批次）："
    assert words == [f"{began}{each}" for each in WORDS["missing"][1:]]


@pytest.mark.parametrize(
    ("name", "chinese"),
    [("月收入", "月收入"), ("tier", "tier "), ("tier2", "tier2 "), ("ABC评分", "ABC评分"), ("占比(%)", "占比(%)")],
)
def test_a_blank_stands_behind_latin_letters_and_figures_alone(name: str, chinese: str) -> None:
    with translation.override("zh-hans"):
        assert before_chinese(name) == chinese
    with translation.override("en"):
        assert before_chinese(name) == name
