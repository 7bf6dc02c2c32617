"""A case without what its product needs, or with what cannot be true, is held with a reason in both languages."""

from decimal import Decimal
from pathlib import Path

import pytest

from intake.quality import QualityRules, QualityRulesError, judge, load_rules

GOOD = {"annual_income": 180000, "interest_rate": 12.5, "income_verified": "verified"}
AMOUNT = Decimal("120000.00")


def test_a_complete_consumer_case_passes() -> None:
    assert judge(GOOD, AMOUNT, load_rules("consumer")) == []


def test_a_required_feature_that_is_missing_holds_the_case() -> None:
    (finding,) = judge({**GOOD, "annual_income": None}, AMOUNT, load_rules("consumer"))
    assert finding.as_dict() == {
        "feature": "annual_income",
        "code": "feature_missing",
        "params": {},
        "en": "Annual income is required for this product and is missing.",
        "zh": "该产品要求提供年收入，但缺失。",
    }


@pytest.mark.parametrize(
    ("changes", "amount", "feature", "code"),
    [
        ({"annual_income": 0}, AMOUNT, "annual_income", "feature_out_of_range"),
        ({"annual_income": float("inf")}, AMOUNT, "annual_income", "feature_out_of_range"),
        ({"annual_income": "a lot"}, AMOUNT, "annual_income", "feature_not_number"),
        ({"annual_income": True}, AMOUNT, "annual_income", "feature_not_number"),
        ({"interest_rate": -1}, AMOUNT, "interest_rate", "feature_out_of_range"),
        ({"income_verified": "perhaps"}, AMOUNT, "income_verified", "feature_not_listed"),
        ({}, Decimal("99000000.00"), "amount", "feature_out_of_range"),
    ],
)
def test_what_cannot_be_true_holds_the_case(
    changes: dict[str, object], amount: Decimal, feature: str, code: str
) -> None:
    (finding,) = judge({**GOOD, **changes}, amount, load_rules("consumer"))
    assert (finding.feature, finding.code) == (feature, code)
    assert finding.sentence("en") != finding.sentence("zh-hans")


def test_every_reason_is_named_at_once() -> None:
    found = judge({"interest_rate": 900, "sub_grade": 99}, AMOUNT, load_rules("consumer"))
    assert [finding.feature for finding in found] == ["annual_income", "interest_rate", "sub_grade"]


@pytest.mark.parametrize("product", ["unheard-of", "../quality_rules/consumer", ""])
def test_a_product_without_rules_requires_nothing(product: str) -> None:
    assert load_rules(product) == QualityRules()
    assert judge({}, AMOUNT, load_rules(product)) == []


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("features: {x: {words: {en: X, zh: 甲}, needed: true}}", "features.x: needed"),
        ("features: {x: {words: {en: X}}}", "features.x.words"),
        ("features: {x: {words: {en: X, zh: 甲}, required: 1}}", "features.x.required"),
        ("features: {x: {words: {en: X, zh: 甲}, minimum: low}}", "features.x.minimum"),
        ("features: {x: {words: {en: X, zh: 甲}, choices: a}}", "features.x.choices"),
        ("features: [x]", "features"),
        ("[", None),
    ],
)
def test_a_rules_file_that_is_wrong_says_where(tmp_path: Path, text: str, key: str | None) -> None:
    (tmp_path / "odd.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(QualityRulesError) as refusal:
        load_rules("odd", tmp_path)
    assert refusal.value.params.get("key") == key
