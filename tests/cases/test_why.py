"""Whoever is handed a case is told why, in both languages, for every code the product writes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from cases.signoff import signature_sentences
from cases.why import SENTENCES, sentence, sentences
from routing.default_tables import RULES
from routing.policy import BLOCKS
from routing.record import BREAKER_OPEN

ROOT = Path(__file__).parents[2]
SPOKEN: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "breaker_open",
        {"segment": "branch-los"},
        "The circuit breaker of branch-los is open: the machine decides nothing there for now",
        "branch-los 的熔断器已断开：机器暂不作任何决定",
    ),
    ("sent_back", {}, "Sent back by the supervisor", "主管退回"),
    (
        "sent_back_because",
        {"person": "Li Na", "reason": "look at the income again"},
        "Sent back by Li Na: look at the income again",
        "Li Na 退回：look at the income again",
    ),
    (
        "sent_back_unread",
        {"person": "Li Na"},
        "Sent back by Li Na; the reason is shown after your own opinion",
        "Li Na 已退回；原因待您作出独立判断后显示",
    ),
    ("signoff_expired", {}, "Nobody signed it in time", "签批逾时未完成"),
    (
        "reopened_unread",
        {},
        "Opened again; the reason is shown after your own opinion",
        "已重新打开；原因待您作出独立判断后显示",
    ),
    (
        "escalated_unread",
        {"person": "Li Na"},
        "Escalated by Li Na; the note is shown after your own opinion",
        "Li Na 上报；备注待您作出独立判断后显示",
    ),
    (
        "transferred_unread",
        {"person": "Li Na"},
        "Transferred by Li Na; the note is shown after your own opinion",
        "Li Na 转交；备注待您作出独立判断后显示",
    ),
    (
        "reopened",
        {"reason": "the pay slips were forged"},
        "Opened again: the pay slips were forged",
        "重新打开：the pay slips were forged",
    ),
    ("revised", {}, "Decided otherwise by a second person: a third must sign", "签批人另作决定：须由第三人签批"),
    ("information_arrived", {}, "The information asked for has arrived", "所需材料已到"),
    ("opinion_first", {}, "The reviewer's own view is asked first", "先由审核员独立判断"),
    ("key_customer", {}, "Key customer: always reviewed by a person", "重点客户：一律人工审核"),
    (
        "amount_above_limit",
        {"amount": 40000.0, "limit": 39000.0, "currency": "USD"},
        "Amount above the limit of $39,000",
        "金额超过 $39,000 的限额",
    ),
    (
        "other_currency",
        {"currency": "EUR", "policy_currency": "USD"},
        "In EUR, while the policy is set in USD",
        "币种为 EUR，而策略以 USD 设定",
    ),
    ("monitoring", {}, "A booked loan raised a warning", "存量贷款触发预警"),
    (
        "explanation_unreliable",
        {},
        "The explanation does not add up: do not rely on it",
        "解释与评分不符：请勿依赖该解释",
    ),
    (
        "grey_band",
        {"pd": 0.134, "low": 0.12, "high": 0.16},
        "PD of 13.4% lies in the grey band from 12.0% to 16.0%",
        "违约概率 13.4% 处于 12.0% 至 16.0% 的灰色区间",
    ),
    (
        "doubtful",
        {"doubt": 0.612, "limit": 0.5},
        "The model doubts itself: 61.2%, limit 50.0%",
        "模型把握不足：不确定度 61.2%，上限 50.0%",
    ),
    (
        "audit",
        {"share": 0.01},
        "Random audit of a case the machine would have decided (1.0% of them)",
        "随机抽检：本可由系统决定（抽检比例 1.0%）",
    ),
    (
        "pd_below",
        {"pd": 0.034, "limit": 0.12},
        "PD of 3.4% is below the approval limit of 12.0%",
        "违约概率 3.4% 低于自动通过线 12.0%",
    ),
    (
        "pd_above",
        {"pd": 0.21, "limit": 0.16},
        "PD of 21.0% is above the decline limit of 16.0%",
        "违约概率 21.0% 高于自动拒绝线 16.0%",
    ),
    ("opted_out", {}, "The applicant wants no automated decision", "申请人拒绝自动化决策"),
    ("blacklisted", {}, "The applicant is on the blacklist", "申请人在黑名单内"),
    ("industry_red", {"industry": "mining"}, "The industry mining is on the red list", "行业 mining 属于限制名单"),
    (
        "industry_watch",
        {"industry": "farming"},
        "The industry farming is on the watch list",
        "行业 farming 属于关注名单",
    ),
    (
        "over_limit",
        {"amount": 30000.0, "limit": 20000.0, "currency": "USD"},
        "Asks for more than the credit limit of $20,000",
        "申请金额超出授信额度（上限 $20,000）",
    ),
    (
        "rule",
        {"row": "R12", "words": "Young company", "words_zh": "新企业"},
        "Young company (rule R12)",
        "新企业（规则 R12）",
    ),
    (
        "missing_data",
        {"row": "R7", "fields": "Yearly income", "fields_zh": "年收入"},
        "Not known: Yearly income; with it a rule might have decided otherwise (R7)",
        "信息不明：年收入；若已知，规则 R7 可能另有决定",
    ),
    (
        "must_be_known",
        {"fields": "Key customer", "fields_zh": "重点客户"},
        "Not known: Key customer; without it the machine may not decide",
        "信息不明：重点客户；不明时系统不得自行决定",
    ),
    ("beyond_capacity", {}, "More cases than people had places for that day", "案件数超出当日人工名额"),
    (
        "exploration",
        {"share": 0.01},
        "Approved to learn how such loans turn out (1.0% of marginal declines)",
        "为了解此类贷款的结果而批准（占临界拒绝的 1.0%）",
    ),
    ("not_scored", {}, "The model gave no score", "模型未给出评分"),
    ("no_model", {}, "No model is in force for this product", "该产品没有生效的模型"),
    ("no_policy", {}, "No policy is in force for this product", "该产品没有生效的策略"),
    ("model_refused", {"problem": "gone"}, "The model could not be loaded: gone", "模型无法加载：gone"),
    ("scoring_failed", {"attempts": 3, "error": "100% wrong"}, "Scoring failed 3 times", "评分失败 3 次"),
    ("routing_failed", {"problem": "5%"}, "The policy could not be applied: 5%", "策略无法执行：5%"),
    ("above_authority", {}, "Amount above the reviewer's authority", "金额超出审核员权限"),
    ("approves_against_advice", {}, "Approval against the model's advice", "与模型建议相反的通过"),
    ("asked_by_reviewer", {}, "The reviewer asks for a second signature", "审核员要求加签"),
    (
        "escalated",
        {"person": "Li Na", "note": "Two firms, one owner"},
        "Escalated by Li Na: Two firms, one owner",
        "Li Na 上报：Two firms, one owner",
    ),
    (
        "transferred",
        {"person": "Li Na", "note": "Please, you know farms"},
        "Transferred by Li Na: Please, you know farms",
        "Li Na 转交：Please, you know farms",
    ),
    ("history", {}, "Decided by the lender before this system", "在本系统启用前由机构决定"),
]


@pytest.mark.parametrize(("code", "params", "en", "zh"), SPOKEN, ids=[code for code, *_rest in SPOKEN])
def test_a_reason_is_a_sentence_in_both_languages(code: str, params: dict[str, Any], en: str, zh: str) -> None:
    reason = {"code": code, "params": params}
    assert sentences([reason], "en") == [en]
    assert sentences([reason], "zh-hans") == [zh]
    with translation.override("zh-hans"):
        assert sentences([reason]) == [zh]
        assert sentence(code, params) == zh


def test_a_share_that_was_stored_as_a_whole_number_is_still_a_share() -> None:
    with translation.override("en"):
        assert sentence("doubtful", {"doubt": 0.99, "limit": 1}) == "The model doubts itself: 99.0%, limit 100.0%"
        assert sentence("amount_above_limit", {"limit": 1234567, "currency": "CNY"}) == (
            "Amount above the limit of ¥1,234,567.00"
        )


@pytest.mark.parametrize(
    ("pd", "limit", "said"),
    [
        (0.1428, 0.16, "PD of 14.3% is below the approval limit of 16.0%"),
        (0.1196, 0.12, "PD of 11.96% is below the approval limit of 12.00%"),
        (0.119996, 0.12, "PD of 11.9996% is below the approval limit of 12.0000%"),
        (0.11999999, 0.12, "PD of 12.0000% is below the approval limit of 12.0000%"),
    ],
)
def test_shares_have_one_decimal_and_more_only_where_two_would_read_alike(pd: float, limit: float, said: str) -> None:
    assert sentences([{"code": "pd_below", "params": {"pd": pd, "limit": limit}}], "en") == [said]


def test_a_code_without_a_sentence_reads_as_itself() -> None:
    assert sentences([{"code": "from_another_time"}], "en") == ["from another time"]


def test_a_reason_of_the_policy_is_said_in_the_words_of_its_row_and_else_by_its_name() -> None:
    signing = {"approve": {"signatures": 1, "rows": [{"row": "S1", "en": "Above $5,000 two sign: 100%", "zh": "大额"}]}}
    codes = ["key_customer", "policy:S1", "policy:S2", "policy:default"]

    def said(outcome: str, language: str) -> list[str]:
        return signature_sentences(codes, signing=signing, outcome=outcome, language=language)

    assert said("approve", "en") == [
        "Key customer: always reviewed by a person",
        "Above $5,000 two sign: 100%",
        "Row S2 of the policy asks for it",
        "The policy asks for it",
    ]
    assert said("approve", "zh-hans") == [
        "重点客户：一律人工审核", "大额", "策略第 S2 行要求签批", "策略要求签批",
    ]  # fmt: skip
    assert said("decline", "en")[1] == "Row S1 of the policy asks for it"
    with translation.override("zh-hans"):
        assert signature_sentences(["policy:S1"], signing=signing, outcome="approve") == ["大额"]


def test_every_sentence_is_tried_here() -> None:
    assert {code for code, *_rest in SPOKEN} == set(SENTENCES)


# Stands with cases that were sent back before the reason was kept with them.
OF_OLD = frozenset({"sent_back"})
WRITERS = ("intake", "scoring", "routing")


def written_codes() -> Iterator[str]:
    """Every code that the product writes as a reason: values of "code" in literals, arguments of the helpers that
    make reasons, what no table can allow, the rows a policy starts with, and the reasons for a signature."""
    written_in = [*sorted((ROOT / "cases").glob("*.py")), *(ROOT / f"{app}/actions.py" for app in WRITERS)]
    for path in [*written_in, ROOT / "intake/admission/taking_in.py"]:
        for node in ast.walk(ast.parse(path.read_text())):
            yield from _in_literal(node)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("to_people", "back_to"):
                yield from (str(each.value) for each in node.args if isinstance(each, ast.Constant))
    for node in ast.walk(ast.parse((ROOT / "routing/route_reasons.py").read_text())):
        yield from _in_literal(node)
    yield from BLOCKS
    yield BREAKER_OPEN
    yield from (str(row.outputs["reason"]) for row in RULES.rows)
    for node in ast.walk(ast.parse((ROOT / "cases/rules.py").read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "append":
            yield from (str(each.value) for each in node.args if isinstance(each, ast.Constant))


def _in_literal(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "code" and isinstance(value, ast.Constant):
                yield str(value.value)


def test_every_code_that_is_written_has_its_sentence() -> None:
    assert set(written_codes()) | OF_OLD == set(SENTENCES)
