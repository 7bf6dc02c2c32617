"""A case without what its product needs, or with what cannot be true, is held with a reason in both languages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from intake.gate.quality import About, QualityRules, QualityRulesError, judge, load_rules, rules_of_text

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
        "severity": "hold",
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
        ("features: {x: {words: {en: X, zh: 甲}, minimum: 9, maximum: 8}}", "features.x.minimum"),
        ("features: {x: {words: {en: X, zh: 甲}, usual_minimum: 9, usual_maximum: 8}}", "features.x.usual_minimum"),
        ("amount: {minimum: 2, maximum: 1}", "amount.minimum"),
        ("features: {x: {words: {en: X, zh: 甲}, in_the_past: soon}}", "features.x.in_the_past"),
        ("features: {x: {words: {en: X, zh: 甲}, choices: a}}", "features.x.choices"),
        ("features: [x]", "features"),
        ("features: {x: {words: {en: X, zh: 甲}, severity: never}}", "features.x.severity"),
        ("features: {x: {words: {en: X, zh: 甲}, type: colour}}", "features.x.type"),
        ("features: {x: {words: {en: X, zh: 甲}, most_days_old: 0}}", "features.x.most_days_old"),
        ("checks: {a: b}", "checks"),
        ("checks: [{words: {en: X, zh: 甲}, left: amount, relation: near, right: x}]", "checks.1.relation"),
        ("checks: [{words: {en: X, zh: 甲}, relation: below, right: x}]", "checks.1.left"),
        ("twice: {days: soon}", "twice.days"),
        ("age: {most_days: 3, most: 4}", "age: most"),
        ("[", None),
    ],
)
def test_a_rules_file_that_is_wrong_says_where(tmp_path: Path, text: str, key: str | None) -> None:
    (tmp_path / "odd.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(QualityRulesError) as refusal:
        load_rules("odd", tmp_path)
    assert refusal.value.params.get("key") == key


NOW = datetime(2026, 3, 1, tzinfo=UTC)
ABOUT = About(term_months=24, applied_at=NOW - timedelta(days=2), now=NOW)
WORDS = "words: {en: X, zh: 甲}"
DIMENSIONS = f"""
features:
  income: {{{WORDS}, required: true, severity: reject}}
  age: {{{WORDS}, minimum: 18, maximum: 100, usual_minimum: 20, usual_maximum: 70}}
  married: {{{WORDS}, type: flag}}
  purpose: {{{WORDS}, type: text, severity: mark}}
  report_date: {{{WORDS}, most_days_old: 90}}
  born: {{{WORDS}, type: date, in_the_past: true}}
  parent_loan: {{{WORDS}, refers_to_case: true}}
checks:
  - {{{WORDS}, left: amount, relation: at_most, right: income, times: 5, severity: mark}}
  - {{{WORDS}, left: term_months, relation: above, right: months_employed}}
twice: {{days: 30, severity: hold}}
age: {{most_days: 60}}
"""


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"income": None}, [("income", "feature_missing", "reject")]),
        ({"age": 17}, [("age", "feature_out_of_range", "hold")]),
        ({"age": 71}, [("age", "feature_unusual", "mark")]),
        ({"married": "yes"}, [("married", "feature_not_flag", "hold")]),
        ({"purpose": 3}, [("purpose", "feature_not_text", "mark")]),
        ({"report_date": "2025-06-01"}, [("report_date", "feature_too_old", "hold")]),
        ({"report_date": "2026-02-28T00:00:00+08:00"}, []),
        ({"report_date": "2026-03-01"}, [("report_date", "feature_after_application", "hold")]),
        ({"report_date": "2099-01-01"}, [("report_date", "feature_after_application", "hold")]),
        ({"born": "1990-05-06"}, []),
        ({"born": "2027-05-06"}, [("born", "feature_after_application", "hold")]),
        ({"born": "young"}, [("born", "feature_not_date", "hold")]),
        ({"report_date": "lately"}, [("report_date", "feature_not_date", "hold")]),
        ({"parent_loan": "A-8"}, [("parent_loan", "feature_refers_to_nothing", "hold")]),
        ({"parent_loan": "A-1"}, []),
        ({"income": 10}, [("amount", "fields_disagree", "mark")]),
        ({"months_employed": 24}, [("term_months", "fields_disagree", "hold")]),
        ({"months_employed": 23}, []),
    ],
)
def test_each_dimension_is_judged_with_its_severity(
    changes: dict[str, object], found: list[tuple[str, str, str]]
) -> None:
    features = {"income": 50_000, "age": 40, "married": True, "purpose": "car", "report_date": "2026-02-01", **changes}
    about = About(24, ABOUT.applied_at, NOW, references=("A-1",))
    judged = judge(features, AMOUNT, rules_of_text(DIMENSIONS), about=about)
    assert [(each.feature, each.code, each.severity.value) for each in judged] == found
    assert all(each.sentence("en") != each.sentence("zh-hans") for each in judged)


@pytest.mark.parametrize(
    ("days", "amount", "codes"),
    [(10, AMOUNT, ["applied_twice"]), (31, AMOUNT, []), (-10, AMOUNT, ["applied_twice"]), (10, Decimal(7), [])],
)
def test_an_applicant_who_applies_again_for_the_same_is_found(days: int, amount: Decimal, codes: list[str]) -> None:
    earlier = [(ABOUT.applied_at - timedelta(days=days), amount)]
    about = About(24, ABOUT.applied_at, NOW, earlier=earlier)
    found = judge({"income": 50_000}, AMOUNT, rules_of_text(DIMENSIONS), about=about)
    assert [each.code for each in found] == codes
    assert judge({"income": 50_000}, AMOUNT, rules_of_text(DIMENSIONS)) == []


@pytest.mark.parametrize(
    "applied", ["2026-11-20T00:00+08:00", "2026-11-20T09:30+08:00", "2026-11-20T23:59+08:00", "2026-11-19T16:30+00:00"]
)
def test_days_are_compared_with_days_whatever_the_hour_of_the_application(applied: str) -> None:
    """Ninety days lie between 22 August and 20 November, thirty to 21 October, sixty to 19 January."""
    at, rules = datetime.fromisoformat(applied), rules_of_text(DIMENSIONS)

    def codes(report: str = "2026-11-01", earlier: str = "2020-01-01", now: datetime = at) -> list[str]:
        before = [(datetime.fromisoformat(f"{earlier}T08:00+08:00"), AMOUNT)]
        features = {"income": 50_000, "report_date": report}
        return [each.code for each in judge(features, AMOUNT, rules, about=About(24, at, now, earlier=before))]

    late = "2026-08-22T23:59:59+08:00"
    assert codes("2026-08-22") == codes(late) == codes("2026-08-21T17:00:00+00:00") == codes("2026-11-21") == []
    assert codes("2026-08-21") == codes("2026-08-21T15:00:00+00:00") == ["feature_too_old"]
    assert codes("2026-11-22") == ["feature_after_application"]
    assert (codes(earlier="2026-10-21"), codes(earlier="2026-10-20")) == (["applied_twice"], [])
    sixtieth = datetime.fromisoformat("2027-01-19T23:00+08:00")
    assert (codes(now=sixtieth), codes(now=sixtieth + timedelta(hours=1))) == ([], ["application_too_old"])


def test_the_day_of_an_application_is_told_by_the_office_clock() -> None:
    at = datetime.fromisoformat("2026-11-20T00:00+08:00").astimezone(UTC)
    about = About(24, at, at, earlier=[(at - timedelta(days=1), AMOUNT)])
    found = judge({"income": 50_000, "report_date": "2099-01-01"}, AMOUNT, rules_of_text(DIMENSIONS), about=about)
    assert [(each.code, each.params.get("applied", each.params["value"])) for each in found] == [
        ("feature_after_application", "2026-11-20"),
        ("applied_twice", "2026-11-19"),
    ]


def test_an_application_that_comes_late_is_marked() -> None:
    about = About(24, NOW - timedelta(days=61), NOW)
    (found,) = judge({"income": 50_000}, AMOUNT, rules_of_text(DIMENSIONS), about=about)
    assert (found.code, found.severity.value) == ("application_too_old", "mark")
    assert found.sentence("en") == "The application of 2025-12-30 arrived more than 60 days later."


FIELD_RULES = """
fields:
  region: {words: {en: Region, zh: 地区}, type: region, severity: reject}
  applicant.id: {words: {en: Identity number, zh: 证件号码}, required: true, type: identity_number}
features:
  phone: {words: {en: Telephone, zh: 电话}, type: phone, severity: mark}
"""


def test_fields_of_the_case_and_values_of_standards_are_judged_too() -> None:
    rules = rules_of_text(FIELD_RULES)
    about = About(
        term_months=12, applied_at=NOW, now=NOW, fields={"region": "31", "applicant.id": "11010519491231002X"}
    )
    assert judge({"phone": "13800138000"}, AMOUNT, rules, about=about) == []
    wrong = replace(about, fields={"region": "Atlantis", "applicant.id": "110105194912310021"})
    assert [
        (each.feature, each.code, each.severity.value, each.sentence("en"))
        for each in judge({"phone": "123"}, AMOUNT, rules, about=wrong)
    ] == [
        ("phone", "feature_not_phone", "mark", "Telephone must be a telephone number and is “123”."),
        ("case.region", "feature_not_region", "reject", "Region must be a region of GB/T 2260 and is “Atlantis”."),
        (
            "case.applicant.id",
            "feature_not_identity_number",
            "hold",
            "Identity number must be an identity number whose check digit fits and is “110105194912310021”.",
        ),
    ]
    # Without what is known around a case only the data that a person may mend is judged.
    assert [each.code for each in judge({"phone": "123"}, AMOUNT, rules)] == ["feature_not_phone"]


def test_rules_of_unknown_fields_are_refused() -> None:
    with pytest.raises(QualityRulesError) as refused:
        rules_of_text("fields: {colour: {words: {en: a, zh: b}}}")
    assert refused.value.params["allowed"] == "applicant.id, applicant.name, channel, industry, region"


@pytest.mark.parametrize("limit", [".nan", ".inf", "1" + "0" * 400])
def test_a_limit_that_is_no_number_is_refused(limit: str) -> None:
    with pytest.raises(QualityRulesError) as refused:
        rules_of_text(f"amount: {{maximum: {limit}}}")
    assert refused.value.params["key"] == "amount.maximum"


@pytest.mark.parametrize(("value", "codes"), [(1, []), (1.0, []), (True, []), ("b", []), (2, ["feature_not_listed"])])
def test_numbers_and_flags_may_be_listed_too(value: object, codes: list[str]) -> None:
    rules = rules_of_text("features: {x: {words: {en: X, zh: X}, choices: [1, true, b]}}")
    assert [finding.code for finding in judge({"x": value}, AMOUNT, rules)] == codes
