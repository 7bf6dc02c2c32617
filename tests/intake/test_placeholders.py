"""A rule `required` is not met by what people write into a field that they leave open."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from cases.models import Case, User
from cases.states import State
from intake.gate.quality import About, judge, rules_of_text
from intake.gate.rule_sets import set_rules
from intake.values.placeholders import says_nothing
from tests.intake.places import MakeFile
from tests.intake.test_on_record import counts, take_in

WORDS = "words: {en: Purpose, zh: 贷款用途}"
RULES = f"features: {{purpose: {{{WORDS}, required: true}}}}"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def codes(text: str, value: object) -> list[str]:
    return [each.code for each in judge({"purpose": value}, Decimal(5000), rules_of_text(text))]


@pytest.mark.parametrize(
    "text",
    [
        *("/", "-", "--", "—", "——", "－", "?", "？", "***", "...", "\\", "()"),
        *("N/A", "null", "Unknown", "TBD.", "Not provided"),
        *("空", "（空）", "未填写", "【未填写】", "未知", "不详", "暂无", "暫無", "待补充", "待補充", "待定", "未填寫"),
        *("N.A.", "n.a", "N / A", "n. a.", "undefined", "xxx", "暂未提供", "未登记", "尚未填写", "未填報", "(待录入)"),
    ],
)  # fmt: skip
def test_a_placeholder_says_nothing(text: str) -> None:
    assert says_nothing(text)
    assert codes(RULES, text) == ["feature_missing"]


@pytest.mark.parametrize(
    "text",
    [
        *("无", "無", "无。", "none", "None", "no", "nil", "否", "0", "A", "√", "×", "+", "not applicable", "不适用"),
        *(
            "经营周转",
            "装修",
            "未知领域研究",
            "空调",
            "A-",
            "待定价产品",
            "C/D",
            "暂无抵押",
            "NASA",
            "登记",
            "未登记车辆",
        ),
    ],
)
def test_an_answer_says_something(text: str) -> None:
    assert not says_nothing(text)
    assert codes(RULES, text) == []


def test_only_required_texts_that_are_not_listed_are_asked_for() -> None:
    assert codes(RULES.replace("true", "false"), "/") == []
    assert codes(RULES.replace("true", "true, choices: [car, unknown]"), "unknown") == []
    assert codes(RULES.replace("true", "true, choices: [car, unknown]"), "/") == ["feature_missing"]
    assert [codes(RULES, value) for value in (0, False, None, "")] == [[], [], ["feature_missing"], ["feature_missing"]]


def test_a_required_field_of_the_case_is_no_placeholder() -> None:
    rules = rules_of_text(f"fields: {{applicant.name: {{{WORDS}, required: true, severity: reject}}}}")
    found = {}
    for name in ("张三", "—", "未填写"):
        about = About(12, NOW, NOW, fields={"applicant.name": name})
        found[name] = [(each.feature, each.code) for each in judge({}, Decimal(5000), rules, about=about)]
    missing = [("case.applicant.name", "feature_missing")]
    assert found == {"张三": [], "—": missing, "未填写": missing}


def test_cases_with_placeholders_are_held_and_keep_what_was_told(
    transactional_db: None, admin: User, make_file: MakeFile
) -> None:
    set_rules("branch", "", RULES, by=admin, reason="the purpose of a loan is known")
    told = ["经营周转", "/", "待补充", "无", "装修", "购车", "经营", "教育", "旅游", "医疗"]
    rows = [f"H{n},C{n},{5000 + n},24,2026-03-0{n % 9 + 1},{each}\n" for n, each in enumerate(told)]
    text = "合同编号,客户编号,贷款金额,期限(月),申请日期,贷款用途\n" + "".join(rows)
    assert counts(take_in(make_file("a.csv", text))) == (10, 0, 0)
    cases = Case.objects.order_by("external_ref")
    assert [each.features["purpose"] for each in cases] == told
    held = cases.filter(state=State.NEEDS_DATA)
    assert [(each.external_ref, [finding["code"] for finding in each.findings]) for each in held] == [
        ("H1", ["feature_missing"]),
        ("H2", ["feature_missing"]),
    ]
    assert counts(take_in(make_file("b.csv", text))) == (0, 10, 0)
