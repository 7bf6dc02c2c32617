"""A range with one limit is said as one: "at least 40,000", not "40,000 to inf"; also where it was stored so before."""

from __future__ import annotations

from decimal import Decimal

import pytest

from intake.gate.quality import judge, rules_of_text
from intake.values.outliers import Limits, within
from intake.wording.sentences import SENTENCES, say
from intake.wording.stored_sentences import told

WORDS = "words: {en: Income, zh: 年收入}"


@pytest.mark.parametrize(
    ("rule", "english", "chinese"),
    [
        ("minimum: 40000", "Income is 36,699; possible is at least 40,000.", "年收入为 36,699；不得低于 40,000。"),
        ("maximum: 30000", "Income is 36,699; possible is at most 30,000.", "年收入为 36,699；不得高于 30,000。"),
        (
            "minimum: 1, maximum: 9",
            "Income is 36,699; possible is 1 to 9.",
            "年收入为 36,699；可能的范围是 1 至 9。",
        ),
        ("usual_minimum: 40000", "Income is 36,699; usual is at least 40,000.", "年收入为 36,699；通常不低于 40,000。"),
        ("usual_maximum: 0", "Income is 36,699; usual is at most 0.", "年收入为 36,699；通常不高于 0。"),
    ],
)
def test_a_rule_with_one_limit_says_that_one(rule: str, english: str, chinese: str) -> None:
    rules = rules_of_text(f"features: {{annual_income: {{{WORDS}, {rule}}}}}")
    (found,) = judge({"annual_income": 36_699}, Decimal(1), rules)
    assert (found.sentence("en"), found.sentence("zh-hans")) == (english, chinese)
    assert (found.as_error().sentence("en"), found.as_error().sentence("zh-hans")) == (english, chinese)


@pytest.mark.parametrize(
    ("limits", "english", "chinese"),
    [
        (
            Limits(None, Decimal(4), "cap"),
            "x is 5; believed is at most 4, so 4 was taken.",
            "x为 5；可信值不高于 4，已按 4 计。",
        ),
        (
            Limits(Decimal(9), None, "missing"),
            "x is 5; believed is at least 9, so it counts as not known.",
            "x为 5；可信值不低于 9，已视为未知。",
        ),
    ],
)
def test_what_a_mapping_does_beyond_one_limit_says_that_one(limits: Limits, english: str, chinese: str) -> None:
    _kept, note = within(5, limits, "x")
    assert note is not None
    params = {**note.params, "name": "x"}
    assert (say(note.code, "en", params), say(note.code, "zh-hans", params)) == (english, chinese)


@pytest.mark.parametrize(
    ("code", "english", "chinese", "now"),
    [
        (
            "feature_out_of_range",
            "Debt; possible is 1 to 2 is 36,699; possible is 40,000 to inf.",
            "年收入为 36,699；可能的范围是 40,000 至 inf。",
            ("Debt; possible is 1 to 2 is 36,699; possible is at least 40,000.", "年收入为 36,699；不得低于 40,000。"),
        ),
        (
            "feature_unusual",
            "Late payments is 2; usual is -inf to 0.",
            "逾期为 2；通常在 -inf 至 0 之间。",
            ("Late payments is 2; usual is at most 0.", "逾期为 2；通常不高于 0。"),
        ),
        (
            "value_capped",
            "x is 2500; believed is -∞ to 1000, so 1000 was taken.",
            "x为 2500；可信范围是 -∞ 至 1000，已按 1000 计。",
            ("x is 2500; believed is at most 1000, so 1000 was taken.", "x为 2500；可信值不高于 1000，已按 1000 计。"),
        ),
        (
            "out_of_range",
            "“5” lies outside of 9 to ∞.",
            "“5”超出 9 至 ∞ 的范围。",
            ("“5” is less than 9.", "“5”低于 9。"),
        ),
    ],
)
def test_what_was_stored_before_is_told_with_its_one_limit(
    code: str, english: str, chinese: str, now: tuple[str, str]
) -> None:
    stored = {"code": code, "en": english, "zh": chinese}
    assert (told(stored, "en"), told(stored, "zh")) == now


def test_every_other_stored_sentence_stays_as_it_is() -> None:
    for code in (*SENTENCES, "of_long_ago", ""):
        for sentence in ("Income is 5; possible is 1 to 9.", "年收入为 5；可能的范围是 1 至 9。", "inf to -inf", ""):
            assert told({"code": code, "en": sentence, "zh": sentence}, "en") == sentence
            assert told({"code": code, "en": sentence, "zh": sentence}, "zh") == sentence
    assert told({"feature": "x", "params": {}, "en": "Age is 99.", "zh": "年"}, "zh") == "年"
