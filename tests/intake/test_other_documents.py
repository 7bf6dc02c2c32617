"""Holders of a passport, a travel or a residence permit: their rows come in, and those of residents stay checked."""

from __future__ import annotations

import pytest

from cases.models import Case
from intake.mapped.other_documents import document_of, number_of
from intake.models import ApplicantNumber, ReferenceRow, RejectedRow
from tests.intake.places import MakeFile
from tests.intake.test_joins import LOANS, scores, take
from tests.intake.test_on_record import counts, take_in

RESIDENTS = (
    "440106199001031017", "440106199001141013", "44010619900125101X", "440106199002031019", "440106199002141015",
    "440106199002251011", "440106199003031010", "440106199003141017", "440106199003251013", "440106199004031012",
    "440106199004141019", "440106199004251015", "440106199005031014", "440106199005141010", "440106199005251017",
    "440106199006031016", "440106199006141012", "440106199006251019",
)  # fmt: skip
HEAD = "合同编号,客户姓名,证件类型,证件号码,贷款金额,期限(月),申请日期\n"
MARK = [{
    "feature": "applicant.identity_number", "code": "another_document", "severity": "mark",
    "en": "The applicant is told by another document (护照): its number is not checked, and no identity number is"
    " known.",
    "zh": "申请人使用其他证件（护照）：其号码未经校验，身份证号码未知。",
}]  # fmt: skip


def table(*rows: tuple[str, str], head: str = HEAD) -> str:
    return head + "".join(
        f"HT{number:04d},张伟,{kind},{text},12000,12,2026-01-05\n" for number, (kind, text) in enumerate(rows, 1)
    )


def residents(kind: str = "居民身份证", count: int = len(RESIDENTS)) -> list[tuple[str, str]]:
    return [(kind, number) for number in RESIDENTS[:count]]


def applicants() -> list[str]:
    return list(Case.objects.order_by("external_ref").values_list("applicant__external_id", flat=True))


def refused() -> list[tuple[str, str]]:
    rows = RejectedRow.objects.order_by("row_number")
    return [(row.raw["证件号码"], row.errors[0]["code"]) for row in rows]


@pytest.mark.django_db(transaction=True)
def test_the_rows_of_travellers_come_in_and_those_of_residents_stay_checked(make_file: MakeFile) -> None:
    others = [
        ("护照", "e12345678"), ("港澳居民来往内地通行证", "H 12345678"), ("台胞证", "12345678"),
        ("外国人永久居留身份证", "911124198108030024"), ("军官证", "军字第2001988号"), ("其他", "A-77"),
    ]  # fmt: skip
    wrong = [("居民身份证", "440106199001031018"), ("护照", "440106199001031018"), ("", "E12345679")]
    assert counts(take_in(make_file("a.csv", table(*residents(), *others, *wrong)))) == (24, 0, 3)
    assert applicants() == [
        *RESIDENTS, "E12345678", "H12345678", "台胞证 12345678", "911124198108030024", "军字第2001988号", "A-77"
    ]  # fmt: skip
    assert refused() == [
        ("440106199001031018", "wrong_check_digit"), ("440106199001031018", "wrong_check_digit"),
        ("E12345679", "not_an_identity_number"),
    ]  # fmt: skip
    told = dict(Case.objects.values_list("external_ref", "findings"))
    assert [{key: each[key] for key in MARK[0]} for each in told["HT0019"]] == MARK
    assert [reference for reference, findings in sorted(told.items()) if findings] == [
        f"HT{n:04d}" for n in range(19, 25)
    ]


@pytest.mark.django_db(transaction=True)
def test_however_many_travellers_a_table_has_its_residents_are_read_by_their_standard(make_file: MakeFile) -> None:
    travellers = [("护照", f"E1234567{digit}") for digit in range(8)]
    slips = [("身份证", "11010519491231002x"), ("身份证", "440106199001031018")]
    text = table(*residents("身份证", 6), *travellers, *slips)
    assert counts(take_in(make_file("a.csv", text))) == (15, 0, 1)
    assert applicants() == [*RESIDENTS[:6], *(number for _kind, number in travellers), "11010519491231002X"]
    assert refused() == [("440106199001031018", "wrong_check_digit")]


@pytest.mark.django_db(transaction=True)
def test_beside_a_customer_number_the_identity_number_is_missing(make_file: MakeFile) -> None:
    head = "Loan ID,Customer ID,Borrower Name,ID Type,National ID,Loan Amount,Term (months),Application Date\n"
    rows = [("Identity card", number) for number in RESIDENTS[:8]] + [("Passport", "E12345678")]
    text = head + "".join(
        f"L-{n:04d},C{n:04d},Wei Zhang,{kind},{number},12000,12,2026-01-05\n"
        for n, (kind, number) in enumerate(rows, 1)
    )
    assert counts(take_in(make_file("a.csv", text))) == (9, 0, 0)
    assert applicants() == [f"C{n:04d}" for n in range(1, 10)]
    numbers = ApplicantNumber.objects.filter(kind="identity_number")
    assert sorted(numbers.values_list("applicant__external_id", flat=True)) == [f"C{n:04d}" for n in range(1, 9)]
    last = Case.objects.get(external_ref="L-0009")
    assert [each["code"] for each in last.findings] == ["another_document"]


@pytest.mark.django_db
def test_a_row_that_is_kept_for_others_is_found_by_the_number_of_another_document(make_file: MakeFile) -> None:
    bureau = "reference:\n  key: {column: 证件号码, type: identity_number}\n  as_of: {column: 查询时间}\n"
    rows = "证件类型,证件号码,查询时间,评分\n护照,E12345678,2026-01-04,600\n身份证,E1,2026-01-04,1\n"
    rows += f"身份证,{RESIDENTS[0]},2026-01-04,700\n"
    told = take(make_file, "credit-bureau", bureau, rows)
    assert (told.accepted, told.rejected, ReferenceRow.objects.count()) == (2, 1, 2)
    loans = LOANS.replace("{column: person}", "{column: person, type: identity_number}")
    text = "id,amount,applied,person,证件类型\nA,1000,2026-01-06,e12345678,护照\n"
    text += f"B,1000,2026-01-06,{RESIDENTS[0]},身份证\n"
    assert take(make_file, "branch", loans, text).accepted == 2
    assert scores() == {"A": 600, "B": 700}


@pytest.mark.parametrize(
    ("header", "kind", "document"),
    [
        ("证件类型", "护照", "护照"),
        ("借款人证件种类", "港澳通行证", "港澳通行证"),
        ("證件類型", "臺胞證", "臺胞證"),
        ("客户身份证件类型", "香港身份证", "香港身份证"),
        ("ID Type", "Foreign Passport", "Foreign Passport"),
        ("Customer Document Type", "Travel Permit", "Travel Permit"),
        ("证件类型名称", "护照", "护照"),
        ("证件名称", "护照", "护照"),
        ("ID Card Type", "Passport", "Passport"),
        ("ID Doc Type", "Passport", "Passport"),
        ("Type of ID", "Passport", "Passport"),
        ("证件", "护照", ""),
        ("证件类型", "居民身份证", ""),
        ("证件类型", "临时身份证", ""),
        ("证件类型", "户口簿", ""),
        ("证件类型", "营业执照", ""),
        ("证件类型", "2", ""),
        ("证件类型", "", ""),
        ("ID Type", "National ID", ""),
        ("担保人证件类型", "护照", ""),
        ("配偶证件类型", "护照", ""),
        ("备注", "护照", ""),
    ],
)
def test_which_other_document_a_row_names(header: str, kind: str, document: str) -> None:
    assert document_of({"合同编号": "HT1", header: kind}) == document


def test_a_code_beside_the_name_of_a_document_says_nothing() -> None:
    assert document_of({"证件类型": "2", "证件类型名称": "护照"}) == "护照"
    assert document_of({"证件类型": "B", "证件类型名称": "居民身份证"}) == ""
    assert document_of({"证件类型": "护照", "证件类型名称": "居民身份证"}) == ""


def test_what_can_only_be_a_residents_number_is_of_no_other_document() -> None:
    assert number_of(" e１２ 345678", "护照") == "E12345678"
    assert number_of("440106 19900103 1018", "护照") == ""
    assert [number_of("12345678", each) for each in ("Military ID", "其 他", "军官证")] == [
        "militaryid 12345678",
        "其他 12345678",
        "军官证 12345678",
    ]
    assert [number_of(text, "Passport") for text in ("000000", "1", "***", "A-77")] == ["", "", "", "A-77"]


MAPPING = """
fields:
  external_ref: {column: id}
  product: {constant: tractor}
  amount: {column: 金额}
  currency: {constant: CNY}
  term_months: {constant: 12}
  applied_at: {column: 申请日期}
  applicant.id: {column: 客户号%s}
features:
  age: {compute: age_by_identity, from: [%s, 申请日期]}
  region: {compute: region_by_identity, from: [%s]}
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("kind", "head", "number", "person"),
    [
        (", type: identity_number", "客户号,证件类型", "客户号", "E12345678"),
        ("", "证件号码,证件类型,客户号", "证件号码", "P2"),
    ],
)
def test_no_age_and_no_region_follow_from_the_number_of_another_document(
    make_file: MakeFile, kind: str, head: str, number: str, person: str
) -> None:
    rows = [(RESIDENTS[0], "身份证"), ("E12345678", "护照"), ("E12345679", "身份证"), (RESIDENTS[0][:-1] + "8", "护照")]
    text = f"id,金额,申请日期,{head}\n" + "".join(
        f"{n},125000,2026-01-0{n},{written},{document}{f',P{n}' if number != '客户号' else ''}\n"
        for n, (written, document) in enumerate(rows, 1)
    )
    mapping = make_file("m.yaml", MAPPING % (kind, number, number))
    assert counts(take_in(make_file("a.csv", text), mapping)) == (2, 0, 2)
    resident, traveller = Case.objects.order_by("external_ref")
    assert resident.features == {"age": 35, "region": "440106"}
    assert (traveller.applicant.external_id, traveller.features) == (person, {"age": None, "region": None})
    assert resident.findings == []
    assert [{key: each[key] for key in MARK[0]} for each in traveller.findings] == MARK
    assert [{error["code"] for error in row.errors} for row in RejectedRow.objects.order_by("row_number")] == [
        {"not_an_identity_number"},
        {"wrong_check_digit"},
    ]


@pytest.mark.django_db(transaction=True)
def test_what_is_computed_from_the_number_of_a_spouse_stays_checked(make_file: MakeFile) -> None:
    mapping = make_file("m.yaml", MAPPING % ("", "配偶身份证号", "配偶身份证号"))
    text = "id,金额,申请日期,客户号,证件类型,配偶身份证号\n1,125000,2026-01-05,P1,护照,E12345678\n"
    assert counts(take_in(make_file("a.csv", text), mapping)) == (0, 0, 1)
    assert Case.objects.count() == 0
    codes = [error["code"] for error in RejectedRow.objects.get().errors]
    assert codes == ["not_an_identity_number", "not_an_identity_number"]
