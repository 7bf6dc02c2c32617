"""Masks of names and numbers: what is left says little, and the list of what is personal is a list."""

from __future__ import annotations

import pytest

from cases.personal import is_personal, masked_texts, masked_value, own_names


@pytest.mark.parametrize(
    ("name", "value", "left"),
    [
        ("name", "李小妮", "李*妮"),
        ("name", "王五", "王*"),
        ("Full_Name", "Jane  Smith", "J*** S***"),
        ("fullName", "Jane Smith", "J*** S***"),
        ("idNumber", "310101199001011234", "310****1234"),
        ("Phone Number", "13812345678", "138****5678"),
        ("applicant.name", "鸿运餐饮有限公司", "鸿*司"),
        ("id_number", "310101199001011234", "310****1234"),
        ("身份证号", "310101199001011234", "310****1234"),
        ("phone", 13812345678, "138****5678"),
        ("phone", "021-555", "0****5"),
        ("account_number", "1234", "****"),
        ("iban", "DE89370400440532013000", "DE8****3000"),
        ("email", "li.xiaoni@example.com", "l****@example.com"),
        ("email", "li xiaoni at home", "li ****home"),
        ("address", "上海市静安区南京西路1号", "上海市****"),
        ("mobile", None, ""),
        ("mobile", "  ", ""),
        ("name", "张 三", "张*"),
        ("name", "欧阳 小 妮", "欧*妮"),
    ],
)
def test_what_is_left_of_a_value(name: str, value: object, left: str) -> None:
    assert masked_value(name, value) == left


def test_a_lender_adds_names_of_its_own_and_nothing_is_guessed() -> None:
    own = own_names("Customer_Tel, relative_id；车牌号")
    assert own == {"customer_tel", "relative_id", "车牌号"}
    assert is_personal("customer_tel", own)
    assert masked_value("车牌号", "沪A12345", own) == "沪****5"
    assert not is_personal("customer_tel")
    assert not is_personal("annual_income", own)
    with pytest.raises(ValueError, match="annual_income is no personal feature"):
        masked_value("annual_income", 60_000, own)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("证件号11010519491231002X，电话13812345678。", "证件号110****002X，电话138****5678。"),
        # A district that is younger than whoever has the number.
        ("310115197004080373", "310****0373"),
        ("slip_13812345678.pdf", "slip_138****5678.pdf"),
        ("call +86 138-1234-5678 or 138 1234 5678", "call +86****5678 or 138****5678"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        # No check digit, no mobile, part of something longer, an amount: all of these stay.
        ("110105194912310021, 12345678901, a13812345678, 138123456789, 13812345678.00", None),
    ],
)
def test_identity_numbers_and_mobiles_in_what_people_write_are_masked(written: str, shown: str | None) -> None:
    assert masked_texts({"note": [written, 1, None]}) == {"note": [written if shown is None else shown, 1, None]}
