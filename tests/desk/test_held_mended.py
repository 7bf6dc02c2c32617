"""How a held value is mended: read as what is due there, judged again, and either side of a check."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cases.models import Case, User
from cases.states import State
from intake.actions import import_rows, start_import
from intake.gate.quality import About, QualityFinding, Severity, judge
from intake.gate.rule_sets import rules_of, set_rules
from intake.mending.mended import SHARE, BadValue, read_mended
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.recognition.mapping import mapping_as_data
from intake.record.choose import mapping_for
from tests import make
from tests.desk.conftest import SignsIn
from tests.desk.ground import held_case

REASON = "asked the branch about it"
STILL = "This value is still missing or not possible."
UNREAD = "This value cannot be read."
APPLIED = datetime(2026, 11, 1, 2, tzinfo=UTC)
RULES = """
features:
  annual_income: {words: {en: Annual income, zh: 年收入}, required: true}
  shop_area: {words: {en: Shop area, zh: 面积}, required: true, type: number}
  owns_shop: {words: {en: Owns the shop, zh: 自有店铺}, required: true, type: flag}
  opened: {words: {en: Opened, zh: 开业日期}, required: true, type: date}
  report_date: {words: {en: Credit report, zh: 征信报告}, most_days_old: 90}
  parent_loan: {words: {en: Former loan, zh: 原贷款}, refers_to_case: true}
checks:
  - {words: {en: Debt against income, zh: 负债与收入}, left: existing_debt, relation: at_most, right: annual_income, times: 10}
  - {words: {en: Amount against income, zh: 金额与收入}, left: amount, relation: at_most, right: annual_income, times: 10}
  - {words: {en: Term against time left, zh: 期限与剩余}, left: term_months, relation: at_most, right: lease_months}
"""  # noqa: E501
GOOD = {
    "annual_income": 90_000,
    "existing_debt": 30_000,
    "shop_area": 45,
    "owns_shop": True,
    "opened": "2019-05-01",
    "report_date": "2026-10-01",
}


@pytest.fixture(autouse=True)
def shop_rules(admin: User) -> None:
    set_rules("shop", "", RULES, by=admin, reason="rules of the new product shop")


def held_shop(*, amount: str = "20000.00", extra: Any = (), **features: Any) -> Case:
    """A case of a product without a model, held for what `features` and the amount break, or for `extra` findings."""
    given = {**GOOD, **features}
    about = About(36, APPLIED, timezone.now())
    found = [*judge(given, Decimal(amount), rules_of("shop", "branch-los"), about=about), *extra]
    assert found
    findings = [each.as_dict() for each in found]
    return make.case(
        "S-1", features=given, findings=findings, product="shop", amount=Decimal(amount), applied_at=APPLIED
    )


def missing(name: str) -> dict[str, Any]:
    return {name: None}


def supply(client: Client, case: Case, **values: str) -> Any:
    form = {f"feature-{name}": value for name, value in values.items()}
    return client.post(f"/held/{case.ref}/supply", {**form, "reason": REASON, "version": case.version})


def refused(client: Client, case: Case, sentence: str, **values: str) -> str:
    """The page that refuses the values, keeps what was typed and has changed nothing."""
    answer = supply(client, case, **values)
    page: str = answer.content.decode()
    assert (answer.status_code, sentence in page) == (422, True)
    for value in values.values():
        assert f'value="{value}"' in page
    now = make.reread(case)
    assert (now.state, now.version, now.features, now.findings) == (
        State.NEEDS_DATA,
        case.version,
        case.features,
        case.findings,
    )
    return page


def mended(client: Client, case: Case, **values: str) -> Case:
    assert supply(client, case, **values)["Location"] == "/held"
    now = make.reread(case)
    assert now.state == State.RECEIVED
    return now


def fields_of(page: str) -> list[str]:
    return [part.split('"')[0] for part in page.split('name="feature-')[1:]]


def test_a_number_of_a_check_is_read_as_one_and_the_check_is_made_again(reviewer: User, signs_in: SignsIn) -> None:
    held = held_shop(annual_income=3_000, existing_debt=50_000)
    client = signs_in(reviewer)
    refused(client, held, "These values still do not agree: Debt against income.", existing_debt="40,000")
    stands = "This value stands there already: leave the field empty to keep it."
    refused(client, held, stands, existing_debt="50000")
    unread = "This value cannot be read. existing debt is a number."
    refused(client, held, unread, existing_debt="unknown, ask him")
    refused(client, held, unread, existing_debt="unknown")
    other = "This value names another currency than that of the case, USD."
    refused(client, held, other, existing_debt="€20,000", annual_income="1")
    refused(client, held, other, existing_debt="20000元")
    assert mended(client, held, existing_debt="$2万").features["existing_debt"] == 20_000


def test_what_is_refused_is_said_in_chinese(reviewer: User, signs_in: SignsIn) -> None:
    held = held_shop(annual_income=3_000, existing_debt=50_000)
    client = signs_in(reviewer, "zh-hans")
    refused(client, held, "这些值仍不相符：负债与收入。", existing_debt="40,000")
    refused(client, held, "该值与现有值相同；如需保留，请留空。", existing_debt="50000")
    refused(client, held, "无法识别此数值。“年收入”应为数字。", annual_income="不清楚")


def test_the_other_side_of_a_check_is_mended_and_its_original_kept(reviewer: User, signs_in: SignsIn) -> None:
    held = held_shop(annual_income=3_000, existing_debt=50_000)
    client = signs_in(reviewer)
    page = client.get(f"/held/{held.ref}").content.decode()
    assert fields_of(page) == ["existing_debt", "annual_income"]
    assert "Only the lender" not in page
    now = mended(client, held, annual_income="30000")
    assert (now.features["annual_income"], now.features["existing_debt"]) == (30_000, 50_000)
    facts = now.events.get(name="supply_data").facts
    assert facts == {"before": {"annual_income": 3_000}, "after": {"annual_income": 30_000}, "reason": REASON}


def test_both_sides_of_a_check_are_mended_at_once(reviewer: User, signs_in: SignsIn) -> None:
    held = held_shop(annual_income=3_000, existing_debt=500_000)
    now = mended(signs_in(reviewer), held, annual_income="30000", existing_debt="50000.5")
    assert now.events.get(name="supply_data").facts["before"] == {"annual_income": 3_000, "existing_debt": 500_000}
    assert (now.features["annual_income"], now.features["existing_debt"]) == (30_000, 50_000.5)


def test_beside_the_amount_the_other_side_is_mended_and_named(reviewer: User, signs_in: SignsIn) -> None:
    held = held_shop(annual_income=12, existing_debt=0)
    client = signs_in(reviewer)
    page = client.get(f"/held/{held.ref}").content.decode()
    assert "Only the lender may say the amount; what can be mended here: Annual income." in page
    assert "The amount must come from the lender again" not in page
    assert fields_of(page) == ["annual_income"]
    refused(client, held, "These values still do not agree: Amount against income.", annual_income="1999")
    chinese = signs_in(reviewer, "zh-hans").get(f"/held/{held.ref}").content.decode()
    assert "金额只能由贷款机构提供；此处可更正：年收入。" in chinese
    now = mended(client, held, annual_income="120000")
    assert (now.features["annual_income"], now.amount) == (120_000, Decimal("20000.00"))


def test_an_amount_that_is_only_marked_leaves_the_other_values_to_mend(
    admin: User, reviewer: User, signs_in: SignsIn
) -> None:
    set_rules(
        "shop", "", RULES.replace("left: amount,", "left: amount, severity: mark,"), by=admin, reason="a mark now"
    )
    held = held_shop(amount="2000000.00", shop_area=None)
    client = signs_in(reviewer)
    assert fields_of(client.get(f"/held/{held.ref}").content.decode()) == ["shop_area"]
    now = mended(client, held, shop_area="45")
    assert [(each["feature"], each["severity"]) for each in now.findings] == [("amount", "mark")]


def test_an_amount_that_breaks_its_own_rule_still_must_come_from_the_lender(
    admin: User, reviewer: User, signs_in: SignsIn
) -> None:
    set_rules("shop", "", f"amount: {{maximum: 100000}}{RULES}", by=admin, reason="a limit of the amount")
    held = held_shop(amount="2000000.00")
    client = signs_in(reviewer)
    page = client.get(f"/held/{held.ref}").content.decode()
    assert (fields_of(page), "The amount must come from the lender again" in page) == ([], True)
    assert supply(client, held, annual_income="900000").status_code == 422
    assert make.reread(held).features == held.features


def test_beside_the_term_the_other_side_is_mended_and_judged_again(reviewer: User, signs_in: SignsIn) -> None:
    held = held_shop(lease_months=6)
    client = signs_in(reviewer)
    page = client.get(f"/held/{held.ref}").content.decode()
    assert "Only the lender may say the term; what can be mended here: lease months." in page
    refused(client, held, "These values still do not agree: Term against time left.", lease_months="35")
    assert mended(client, held, lease_months="60").features["lease_months"] == 60


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("shop_area", "45", 45),
        ("shop_area", "45.5", 45.5),
        ("owns_shop", "false", False),
        ("owns_shop", "true", True),
        ("opened", "2019年5月1日", "2019-05-01"),
        ("opened", "2019-05-01 10:00", "2019-05-01T10:00:00+08:00"),
    ],
)
def test_the_type_of_the_rule_alone_decides(
    name: str, typed: str, value: object, reviewer: User, signs_in: SignsIn
) -> None:
    held = held_shop(**missing(name))
    found = mended(signs_in(reviewer), held, **{name: typed}).features[name]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("shop_area", "large", "This value cannot be read. Shop area is a number."),
        ("shop_area", "1e999", "This value cannot be read. Shop area is a number."),
        ("opened", "long ago", "This value cannot be read. Opened is a date, such as 2026-03-31."),
        ("shop_area", "", STILL),
    ],
)
def test_what_is_not_of_the_type_of_the_rule_is_refused(
    name: str, typed: str, sentence: str, reviewer: User, signs_in: SignsIn
) -> None:
    refused(signs_in(reviewer), held_shop(**missing(name)), sentence, **{name: typed})


def test_a_flag_is_chosen_and_nothing_else_is_one(reviewer: User, signs_in: SignsIn) -> None:
    held = held_shop(owns_shop=None)
    client = signs_in(reviewer)
    assert '<option value="false">no</option>' in client.get(f"/held/{held.ref}").content.decode()
    answer = supply(client, held, owns_shop="perhaps")
    assert (answer.status_code, UNREAD in answer.content.decode()) == (422, True)
    assert make.reread(held).features["owns_shop"] is None


def test_a_mended_day_or_reference_is_judged_beside_the_application(reviewer: User, signs_in: SignsIn) -> None:
    make.case("P-1")
    held = held_shop(report_date="2026-01-01", parent_loan="P-0")
    client = signs_in(reviewer)
    refused(client, held, STILL, report_date="2026-02-01", parent_loan="P-1")
    refused(client, held, STILL, report_date="2026-10-20", parent_loan="P-2")
    now = mended(client, held, report_date="2026-10-20", parent_loan="P-1")
    assert (now.features["report_date"], now.features["parent_loan"]) == ("2026-10-20", "P-1")


def unusual(name: str) -> QualityFinding:
    """What holds a case of a source of limited trust, of a feature that no rule in force names."""
    return QualityFinding(name, "feature_missing", {}, {"en": name, "zh": name}, Severity.HOLD)


@pytest.mark.parametrize(
    ("held", "others", "typed", "value"),
    [
        (7, None, "8", 8),
        (True, None, "false", False),
        ("a shop", 5, "8", "8"),
        (None, 5, "8", 8),
        (None, False, "true", True),
        (None, "x", "8", "8"),
        (None, None, "8", "8"),
    ],
)
def test_without_a_rule_a_value_is_read_as_what_the_case_holds_or_else_other_cases(
    held: object, others: object, typed: str, value: object, reviewer: User, signs_in: SignsIn
) -> None:
    make.case("O-1", product="shop", features={"stock": others})
    case = held_shop(extra=[unusual("stock")], stock=held)
    found = mended(signs_in(reviewer), case, stock=typed).features["stock"]
    assert (found, type(found)) == (value, type(value))


def test_a_text_where_other_cases_hold_a_number_is_refused(reviewer: User, signs_in: SignsIn) -> None:
    make.case("O-1", product="shop", features={"stock": 12})
    case = held_shop(extra=[unusual("stock")], stock=None)
    refused(signs_in(reviewer), case, "This value cannot be read. stock is a number.", stock="plenty")


def test_the_model_decides_before_the_rules(admin: User, reviewer: User, signs_in: SignsIn) -> None:
    text = "features: {annual_income: {words: {en: Income, zh: 收入}, required: true, type: text}}"
    set_rules("consumer", "", text, by=admin, reason="wrong about the income")
    held = make.case("M-1", features={}, findings=[unusual("annual_income").as_dict()])
    page = refused(
        signs_in(reviewer), held, "This value cannot be read. Annual income is a number.", annual_income="much"
    )
    assert 'inputmode="decimal"' in page


@pytest.mark.parametrize(("typed", "value"), [("9.5%", 9.5), ("9.5", 9.5), ("9.5％", 9.5), ("95‰", 9.5)])
def test_a_rate_is_read_with_its_sign_as_the_page_shows_it(
    typed: str, value: float, reviewer: User, signs_in: SignsIn
) -> None:
    held = held_case(interest_rate=-3)
    client = signs_in(reviewer)
    page = client.get(f"/held/{held.ref}").content.decode()
    assert 'Interest rate <span class="note">(%)</span></label>' in page
    refused(client, held, STILL, interest_rate="-2%")
    assert mended(client, held, interest_rate=typed).features["interest_rate"] == value


def test_an_amount_is_asked_for_in_the_currency_of_the_case(reviewer: User, signs_in: SignsIn) -> None:
    # Its source's file may be in tens of thousands: 12 of these are no 12.
    held = held_shop(annual_income=None)
    page = signs_in(reviewer).get(f"/held/{held.ref}").content.decode()
    assert f'Annual income <span class="note">({held.currency})</span></label>' in page
    assert 'Shop area <span class="note">' not in page


@pytest.mark.parametrize(("typed", "value"), [("9.5%", 0.095), ("120％", 1.2), ("9.5", None), ("0.095", None)])
def test_a_share_is_read_by_its_sign_alone(typed: str, value: float | None) -> None:
    if value is not None:
        assert read_mended("used", typed, SHARE, currency="CNY") == value
        return
    with pytest.raises(BadValue) as refusal:
        read_mended("used", typed, SHARE, currency="CNY")
    assert (refusal.value.name, refusal.value.kind) == ("used", SHARE)


SHARES = """
features:
  debt_ratio: {words: {en: Debt ratio, zh: 负债率}, minimum: 0, maximum: 100}
  own_funds: {words: {en: Own funds, zh: 自有资金占比}, minimum: 0, maximum: 1}
  score: {words: {en: Score, zh: 评分}, minimum: 0, maximum: 100}
  yearly_rate: {words: {en: Rate, zh: 利率}, minimum: 0, maximum: 36}
"""


def test_a_percentage_is_read_where_the_rule_tells_in_what_a_share_is_kept(
    admin: User, reviewer: User, signs_in: SignsIn
) -> None:
    set_rules("shop", "", SHARES, by=admin, reason="rules of shares")
    held = held_shop(debt_ratio=450, own_funds=3, score=-1, yearly_rate=-1)
    client, good = signs_in(reviewer), {"debt_ratio": "45%", "own_funds": "30％", "score": "4", "yearly_rate": "9"}
    refused(client, held, "This value cannot be read. Score is a number.", **{**good, "score": "4%"})
    refused(client, held, "This value cannot be read. Rate is a number.", **{**good, "yearly_rate": "9%"})
    refused(client, held, STILL, **{**good, "debt_ratio": "145%"})
    now = mended(client, held, **good)
    assert {name: now.features[name] for name in good} == {
        "debt_ratio": 45, "own_funds": 0.3, "score": 4, "yearly_rate": 9,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("Credit report", "Former loan", "report date")), ("zh-hans", ("征信报告", "原贷款", "report date"))],
)
def test_facts_are_called_as_the_rule_in_force_calls_them(
    reviewer: User, signs_in: SignsIn, language: str, words: tuple[str, str, str]
) -> None:
    held, client = held_shop(parent_loan="A-0"), signs_in(reviewer, language)
    for place in (f"/held/{held.ref}", f"/review/{held.ref}/lineage", f"/review/{held.ref}"):
        page = client.get(place, follow=True).content.decode()
        assert [f">{each}<" in page for each in words] == [True, True, False], place


def test_a_column_in_percent_is_mended_with_its_sign_and_others_are_not(
    tmp_path: Path, reviewer: User, signs_in: SignsIn, admin: User
) -> None:
    limits = "minimum: 0, maximum: 100"
    text = f"features: {{profit_margin: {{words: {{en: Margin, zh: 利润率}}, {limits}}}, staff: {{words: {{en: Staff, zh: 员工}}, {limits}}}}}"  # noqa: E501
    set_rules("shop", "", text, by=admin, reason="rules of margins")
    path = tmp_path / "shop.csv"
    rows = "".join(f"C-{at},shop,20000,24,{at + 3}.5%,{at}\n" for at in range(20))
    path.write_text(f"id,product,amount,term,profit_margin,staff\n{rows}D-1,shop,20000,24,-3%,-1\n", encoding="utf-8")
    table = open_table(path)
    name, mapping = mapping_for(table, "branch", None)
    file = start_import(path, source="branch", mapping_name=name, mapping=mapping_as_data(mapping), by=None)
    import_rows(file, read_rows(table, mapping, now=timezone.now()))
    held = Case.objects.get(external_ref="D-1")
    assert (held.features, held.state) == ({"profit_margin": -3, "staff": -1}, State.NEEDS_DATA)
    client = signs_in(reviewer)
    refused(client, held, "This value cannot be read. Staff is a number.", profit_margin="9.5%", staff="4%")
    now = mended(client, held, profit_margin="9.5%", staff="4")
    assert now.features == {"profit_margin": 9.5, "staff": 4}
