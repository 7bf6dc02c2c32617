"""What the policy would grant and what each decision is expected to cost: shown where the route says it, else not."""

from __future__ import annotations

import pytest

from cases.models import Case, User
from desk.words import money, percent
from routing.models import Policy, Route
from tests import make
from tests.desk.conftest import SignsIn
from tests.desk.ground import ECONOMICS, LIMIT, routed_anew
from tests.desk.test_case_page import text_of

UNKNOWN = ("expected_loss", "debt_service", "debt_service_share", "other_debts_share", "limit", "granted")


@pytest.fixture
def awaiting(ground: Policy, reviewer: User) -> Case:
    return make.awaiting_case(reviewer)[0]


def test_the_grant_stands_beside_what_was_asked_on_both_pages(
    awaiting: Case, supervisor: User, signs_in: SignsIn
) -> None:
    routed_anew(awaiting, limit=LIMIT)
    for path in (f"/review/{awaiting.ref}", f"/signoff/{awaiting.ref}"):
        page = text_of(signs_in(supervisor).get(path).content.decode())
        assert (
            "Granted limit row L3 asked for $8,000 the policy grants $6,500 less than asked "
            "Band B: a third of the income After the grant Limit of the matrix $6,500 "
            "Expected loss after the grant $214.57 Debt service after the grant $203.50 "
            "Debt service as a share of income 27.1% of which other debts 8.0%"
        ) in page
        page = text_of(signs_in(supervisor, "zh-hans").get(path).content.decode())
        assert (
            "核准额度 第 L3 行 申请金额 $8,000 策略核准 $6,500 低于申请 B 档：收入的三分之一 核准之后 "
            "额度矩阵上限 $6,500 核准后的预期损失 $214.57 核准后的还本付息 $203.50 还本付息占收入的比例 27.1% "
            "其中其他债务 8.0%"
        ) in page


def test_a_grant_of_all_that_was_asked_is_not_called_less(awaiting: Case, supervisor: User, signs_in: SignsIn) -> None:
    routed_anew(awaiting, limit={**LIMIT, "limit": 20000.0, "granted": 8000.0})
    page = text_of(signs_in(supervisor).get(f"/signoff/{awaiting.ref}").content.decode())
    assert "the policy grants $8,000 Band B" in page
    assert "Limit of the matrix $20,000" in page


def test_what_is_not_known_of_the_grant_is_not_made_up(awaiting: Case, supervisor: User, signs_in: SignsIn) -> None:
    routed_anew(awaiting, limit={**LIMIT, **dict.fromkeys(UNKNOWN), "row": "", "words": {"en": "", "zh": ""}})
    page = text_of(signs_in(supervisor).get(f"/signoff/{awaiting.ref}").content.decode())
    assert (
        "Granted limit asked for $8,000 the policy grants -- After the grant Limit of the matrix -- "
        "Expected loss after the grant -- Debt service after the grant -- Debt service as a share of income -- "
        "of which other debts --"
    ) in page


def test_the_expected_costs_of_each_decision_stand_in_the_part_of_the_model(
    awaiting: Case, supervisor: User, signs_in: SignsIn
) -> None:
    routed_anew(awaiting, economics=ECONOMICS)
    page = text_of(signs_in(supervisor).get(f"/review/{awaiting.ref}").content.decode())
    assert (
        "What each decision is expected to cost Approve $176.80 Decline $618.24 Saved by a person's look $12.50 "
        "Exposure $8,000 Loss given default 65.0% Margin, share of the exposure 8.0% Cut-off of the PD 11.0%"
    ) in page
    routed_anew(Case.objects.get(pk=awaiting.pk), economics=dict.fromkeys(ECONOMICS), case_version=5000)
    page = text_of(signs_in(supervisor, "zh-hans").get(f"/review/{awaiting.ref}").content.decode())
    assert (
        "各项决定的预期成本 通过 -- 拒绝 -- 人工审核可节省 -- "
        "风险敞口 -- 违约损失率 -- 利差（占敞口比例） -- 违约概率分界线 --"
    ) in page


def test_what_the_policy_in_force_worked_out_is_what_is_shown(
    awaiting: Case, supervisor: User, signs_in: SignsIn
) -> None:
    said = Route.objects.get(case=awaiting).economics
    page = text_of(signs_in(supervisor).get(f"/review/{awaiting.ref}").content.decode())
    assert (
        f"Approve {money(round(said['cost_of_approval'], 2), 'USD')} "
        f"Decline {money(round(said['cost_of_decline'], 2), 'USD')} "
        f"Saved by a person's look {money(round(said['saving_of_look'], 2), 'USD')} Exposure $8,000 "
        f"Loss given default {percent(said['loss_given_default'])}"
    ) in page
    assert said["exposure"] == 8000


def test_without_a_limit_or_economics_nothing_of_them_is_shown(
    awaiting: Case, supervisor: User, signs_in: SignsIn
) -> None:
    routed_anew(awaiting, limit={}, economics={})
    for path in (f"/review/{awaiting.ref}", f"/signoff/{awaiting.ref}"):
        page = signs_in(supervisor).get(path).content.decode()
        assert "grant-title" not in page
        assert "costs-title" not in page
