"""A case is held because two of its days do not agree: either of them is mended, as a day."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from cases.models import Case, User
from cases.states import State
from intake.gate.quality import About, judge
from intake.gate.rule_sets import rules_of, set_rules
from tests import make
from tests.desk.conftest import SignsIn
from tests.desk.test_held_mended import fields_of, mended, refused

APPLIED = datetime(2026, 3, 1, 4, tzinfo=UTC)
RULES = """
checks:
  - {words: {en: Born before employed, zh: 出生早于入职}, left: born, relation: below, right: employed}
  - {words: {en: Employed before applying, zh: 入职早于申请}, left: employed, relation: below, right: applied_at}
"""


def held_shop(admin: User, **features: str) -> Case:
    set_rules("shop", "", RULES, by=admin, reason="days that must agree with each other")
    about = About(36, APPLIED, APPLIED)
    findings = [
        each.as_dict() for each in judge(features, Decimal(20_000), rules_of("shop", "branch-los"), about=about)
    ]
    held = make.case("S-1", product="shop", features=features, applied_at=APPLIED, findings=findings)
    assert held.state == State.NEEDS_DATA
    return held


def test_either_day_is_mended_and_the_time_of_the_application_is_the_lenders(
    admin: User, reviewer: User, signs_in: SignsIn
) -> None:
    held = held_shop(admin, born="2027-04-01", employed="2026-04-01")
    client = signs_in(reviewer)
    page = client.get(f"/held/{held.ref}").content.decode()
    assert fields_of(page) == ["born", "employed"]
    assert "Only the lender may say when the application was made; what can be mended here: " in page
    refused(client, held, "This value cannot be read. employed is a date, such as 2026-03-31.", employed="later")
    refused(client, held, "These values still do not agree: Employed before applying.", born="1985-04-01")
    now = mended(client, held, born="1985-04-01", employed="2005年7月1日")
    assert now.features == {"born": "1985-04-01", "employed": "2005-07-01"}


def test_that_only_the_lender_may_say_it_is_told_in_chinese(admin: User, reviewer: User, signs_in: SignsIn) -> None:
    held = held_shop(admin, employed="2026-04-01")
    page = signs_in(reviewer, "zh-hans").get(f"/held/{held.ref}").content.decode()
    assert "申请时间只能由贷款机构提供；此处可更正：" in page
