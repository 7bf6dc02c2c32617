"""Headers in traditional signs mean what the same headers mean in simplified ones."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from intake.header_words import feature_naming, header_units, headers
from intake.header_words.later_headers import known_after_decision
from intake.reading.parse import open_table
from intake.reading.rows import read_rows, sample_rows
from intake.recognition.mapping import infer_mapping
from intake.values.cells import read_flag, read_number
from intake.values.durations import read_months
from intake.values.traditional import simplified
from tests.intake.places import NOW, MakeFile

HEADER = (
    "合同號,客戶姓名,身份證號,貸款金額（萬元）,貸款期限,申請日期,行業,地區,產品,幣種,年收入,近兩年逾期次數,貸款狀態"
)
ROW = "HT001,張三,310101199001011234,12.5,24個月,2026年1月5日,餐飲,臺北,消費貸,人民幣,20萬,0,正常"


def test_a_table_with_traditional_headers_is_recognised(make_file: MakeFile) -> None:
    table = open_table(make_file("table.csv", f"{HEADER}\n{ROW}\n"))
    mapping = infer_mapping(table.columns, sample_rows(table), "branch-x")
    assert mapping.drop == {"貸款狀態": "known_after_decision"}
    (row,) = read_rows(table, mapping, now=NOW)
    case = row.submission
    assert case is not None, row.errors
    assert (case.external_ref, case.amount, case.currency, case.term_months) == ("HT001", Decimal(125_000), "CNY", 24)
    assert case.applied_at == datetime(2026, 1, 4, 16, tzinfo=UTC)
    # What a cell says stays as it was written.
    assert (case.applicant.name, case.industry, case.region) == ("張三", "餐飲", "臺北")
    assert case.features == {"annual_income": 200_000, "delinquencies_2y": 0}


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("貸款金額", "amount"),
        ("授信額度", "amount"),
        ("申請日期", "applied_at"),
        ("進件時間", "applied_at"),
        ("貸款期數", "term_months"),
        ("貨幣種類", "currency"),
        ("客戶編號", "applicant.id"),
        ("統一社會信用代碼", "applicant.id"),
        ("合同編號", "external_ref"),
        ("身份證號", "applicant.identity_number"),
        ("手機號碼", "applicant.phone"),
        ("聯絡電話", None),
        ("借款人姓名", "applicant.name"),
        ("產品類型", "product"),
        ("所屬行業", "industry"),
        ("經營地區", "region"),
        ("獲客渠道", "channel"),
        ("客戶類別", "applicant.segment"),
        ("重點客戶", "applicant.key_customer"),
    ],
)
def test_a_traditional_header_names_its_field(header: str, field: str | None) -> None:
    named = [name for name in headers.FIELD_PATTERNS if headers.field_matches(name, header) is not None]
    assert field in named if field else named == []


@pytest.mark.parametrize(
    "header", ["逾期天數", "是否違約", "當前餘額", "還款狀態", "審批結果", "壞賬標誌", "未來12個月違約"]
)
def test_what_is_known_only_after_the_decision_is_kept_out(header: str) -> None:
    assert known_after_decision(header)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("年收入（萬元）", "annual_income"),
        ("月供萬元", "monthly_instalment"),
        ("近六個月逾期次數", "recent_6_months_late_payments"),
        ("學歷", "education"),
        ("資產負債率", "debt_to_assets"),
    ],
)
def test_a_feature_has_the_name_it_has_in_simplified_signs(header: str, name: str) -> None:
    assert feature_naming.feature_name(header) == name
    assert header_units.money_scale(header) == header_units.money_scale(simplified(header))


def test_only_the_signs_of_known_terms_are_changed_and_units_in_cells_are_read() -> None:
    assert simplified("張三，臺北 ABC") == "張三，台北 ABC"
    assert [read_months(text) for text in ("24個月", "２年", "兩年半")] == [24, 24, 30]
    assert [read_flag(cell) for cell in ("沒有", "無", "對", "錯")] == [False, False, True, False]
    assert [read_number(cell) for cell in ("1.2萬", "3億", "５萬元")] == [12_000, 300_000_000, 50_000]
