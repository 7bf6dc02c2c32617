"""Columns headed borrower, contact or the like hold names of people: the applicant's is a field, no other is read."""

from __future__ import annotations

import pytest

from intake.mapped.case_mapping import CaseMapping
from intake.recognition.infer import infer_mapping
from intake.recognition.person_names import are_names
from intake.recognition.recognise import Clue, recognise

LATIN = ("Anna Smith", "Ben O'Neil", "Mary-Jane Watson", "Lee, Carl")
CHINESE = ("张三", "李四", "欧阳娜娜", "阿依古丽·买买提")


def mapping_of(**columns: tuple[str, ...]) -> CaseMapping:
    rows: list[dict[str, object]] = [
        {"amount": "1000", **dict(zip(columns, cells, strict=True))} for cells in zip(*columns.values(), strict=True)
    ]
    return infer_mapping(["amount", *columns], rows, "branch")


def read_of(mapping: CaseMapping) -> dict[str, str]:
    return {name: given.column for name, given in mapping.fields.items() if given.column and name != "amount"}


@pytest.mark.parametrize("texts", [LATIN, CHINESE, CHINESE[:1]])
@pytest.mark.parametrize(
    "header", ["Borrower", "Applicant", "Client", "Customer", "户名", "戶名", "借款人", "客户", "Name of Borrower"]
)
def test_names_under_borrower_are_the_applicants(header: str, texts: tuple[str, ...]) -> None:
    mapping = mapping_of(**{header: texts})
    assert (read_of(mapping), mapping.features, mapping.drop) == ({"applicant.name": header}, {}, {})


@pytest.mark.parametrize("texts", [LATIN, CHINESE, CHINESE[:1]])
@pytest.mark.parametrize(
    "header",
    [
        "Contact", "Co-borrower", "Guarantor", "Spouse", "Next of Kin", "共同借款人", "联系人", "经办人",
        "经办人姓名", "法人", "法定代表人", "实际控制人", "配偶姓名", "第二借款人", "次借款人", "联合借款人1",
        "借款人2", "担保人2", "第一保证人", "紧急联系人2", "Co-Borrower 2", "Borrower 2", "Borrower 2 Name",
        "Contact 1",
    ],
)  # fmt: skip
def test_names_of_somebody_else_are_left_out(header: str, texts: tuple[str, ...]) -> None:
    mapping = mapping_of(**{header: texts})
    assert (read_of(mapping), mapping.features, mapping.drop) == ({}, {}, {header: "personal"})


def test_a_column_that_is_named_a_name_comes_first_and_the_other_one_is_left_out() -> None:
    mapping = mapping_of(**{"Borrower": LATIN, "Customer Name": CHINESE, "户名": CHINESE})
    assert (read_of(mapping), mapping.features) == ({"applicant.name": "Customer Name"}, {})
    assert mapping.drop == {"Borrower": "personal", "户名": "personal"}


def test_what_is_no_name_stays_a_feature() -> None:
    columns = {
        "Co-borrower": ("yes", "no", "yes"),
        "Contact": ("Email", "Phone", "Email"),
        "Client": ("New Customer", "Existing Customer", "New Customer"),
        "Applicant": ("0", "1", "0"),
        "Guarantor": ("none", "parent", "spouse"),
        "法人": ("有", "无", "有"),
        "客户": ("新客户", "老客户", "个人"),
    }
    mapping = mapping_of(**columns)
    assert ([given.column for given in mapping.features.values()], mapping.drop) == (list(columns), {})


def test_numbers_under_customer_are_the_applicants_where_nothing_else_is() -> None:
    codes = ("C001", "C002", "C003")
    mapping = mapping_of(Customer=codes)
    assert (read_of(mapping), mapping.features) == ({"applicant.id": "Customer"}, {})
    mapping = mapping_of(customer_id=("71", "72", "73"), Customer=codes)
    assert (read_of(mapping), list(mapping.features)) == ({"applicant.id": "customer_id"}, ["customer"])
    mapping = mapping_of(Customer=("13800138000", "13900139000"))
    assert (read_of(mapping), mapping.drop) == ({}, {"Customer": "personal"})


def test_names_are_told_from_kinds_by_how_they_look_and_differ() -> None:
    surnames = ("Smith", "Jones", "Weber", "Rossi", "Garcia", "Lopez", "Silva", "Novak", "Kim", "Sato")
    # Single words are names only where there are many, and all differ.
    assert are_names(surnames)
    assert not are_names(surnames[:5])
    assert not are_names(surnames[:2] * 5)
    # Who has several loans has one name.
    assert are_names(("张三", "李四", "王*", "赵六", "钱七") * 4)
    assert not are_names(("Self Employed", "Public Servant", "Small Trader", "Farm Worker", "Day Labourer") * 4)
    assert are_names(("上海一二（集团）有限公司", "Acme Ltd", "北京三四厂有限公司"))
    assert not are_names(())


def test_firms_under_their_own_header_are_the_applicants() -> None:
    firms = ("上海宏远物流有限公司", "李四", "北京三四厂有限公司")
    mapping = mapping_of(企业编号=("Q1", "Q2", "Q3"), 企业=firms)
    assert (read_of(mapping), mapping.features) == ({"applicant.id": "企业编号", "applicant.name": "企业"}, {})
    for header, cells in (("企业", ("是", "否", "是")), ("企业", ("小型", "微型", "小型")), ("所在企业", firms)):
        mapping = mapping_of(**{header: cells})
        assert [given.column for given in mapping.features.values()] == [header]
        assert (read_of(mapping), mapping.drop) == ({}, {})


def test_a_draft_knows_names_too() -> None:
    rows = [{"amount": "1000", "Borrower": LATIN[at], "Contact": CHINESE[at]} for at in range(2)]
    mapping, clues = recognise(list(rows[0]), rows, "branch", ())
    assert (mapping.fields["applicant.name"].column, mapping.features) == ("Borrower", {})
    assert mapping.drop == {"Contact": "personal"}
    assert clues["Borrower"] == Clue("name", "likely", "applicant.name", 1.0)
