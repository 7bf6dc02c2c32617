"""Whose a loan is: the numbers of customers and of their papers, under the names that core systems give them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import pytest
from stdnum.cn import ric

from cases.models import Case
from intake.recognition.infer import infer_mapping
from intake.recognition.personal_columns import is_identity
from intake.recognition.recognise import recognise
from tests.intake.places import MakeFile
from tests.intake.test_on_record import counts, take_in

ROWS: Final = 24
# Districts that were founded after most of the births below.
DISTRICTS: Final = ("310115", "440305")
COLUMNS: Final = ("申请编号", "贷款金额", "期限", "申请日期")


def identity(at: int) -> str:
    day = date(1970, 4, 8) + timedelta(at * 97)
    number = f"{DISTRICTS[at % 2]}{day:%Y%m%d}{at * 37 % 1000:03d}"
    return number + ric.calc_check_digit(number + "0")


def rows(header: str, values: list[str]) -> list[dict[str, object]]:
    fixed = [("50001", "12", "2026-02-02")] * ROWS
    return [
        {**dict(zip(COLUMNS, (f"JJ{at:06d}", *fixed[at]), strict=True)), header: value}
        for at, value in enumerate(values)
    ]


TWO_EACH: Final = [identity(at // 2) for at in range(ROWS)]


@pytest.mark.parametrize(
    "text", ["310115197004080373", "440305197007140746", "440305 19700714 0746", "91350100M000100Y43"]
)
def test_a_number_from_a_district_that_is_younger_than_its_owner_is_one(text: str) -> None:
    assert is_identity(text)


@pytest.mark.parametrize("text", ["310115197004080374", "310115197013080373", "980115197004080373", "1234", ""])
def test_what_is_no_identity_number(text: str) -> None:
    assert not is_identity(text)


def test_identity_numbers_under_any_name_are_no_feature() -> None:
    mapping = infer_mapping([*COLUMNS, "备注一"], rows("备注一", TWO_EACH), "branch")
    assert (mapping.features, mapping.drop) == ({}, {"备注一": "personal"})
    draft, clues = recognise([*COLUMNS, "备注一"], rows("备注一", TWO_EACH), "branch", [])
    assert (draft.fields["applicant.id"].column, draft.fields["applicant.id"].type) == ("备注一", "identity_number")
    assert clues["备注一"].how == "content"


@pytest.mark.parametrize(
    "header",
    ["CERT_NO", "CERTNO", "CERTID", "CERT_NUM", "CUST_CERT_NO", "ID_NUM", "ID_NO", "ZJHM", "SFZH", "PAPER_NO",
     "证件编号", "证照号码", "certificate_no", "Citizen ID", "证件号码"],
)  # fmt: skip
def test_numbers_of_papers_tell_the_applicant(header: str) -> None:
    columns = [*COLUMNS, header]
    draft, _clues = recognise(columns, rows(header, TWO_EACH), "branch", [])
    for mapping in (infer_mapping(columns, rows(header, TWO_EACH), "branch"), draft):
        assert (mapping.fields["applicant.id"].column, mapping.fields["applicant.id"].type) == (
            header,
            "identity_number",
        )
        assert (mapping.features, mapping.drop) == ({}, {})
    beside = [{**row, "客户编号": f"C-{at}"} for at, row in enumerate(rows(header, TWO_EACH))]
    both = infer_mapping([*columns, "客户编号"], beside, "branch").fields
    assert (both["applicant.id"].column, both["applicant.identity_number"].column) == ("客户编号", header)


def test_papers_of_something_else_are_not_whose_a_loan_is() -> None:
    passports = [f"E{10000000 + at // 2}" for at in range(ROWS)]
    assert infer_mapping([*COLUMNS, "CERT_NO"], rows("CERT_NO", passports), "a").fields["applicant.id"].how == "column"
    for values, reason in (([str(at + 1) for at in range(ROWS)], "personal"), (["310***1234"] * ROWS, "personal")):
        mapping = infer_mapping([*COLUMNS, "CERT_NO"], rows("CERT_NO", values), "branch")
        assert (mapping.fields["applicant.id"].how, mapping.drop) == ("derive", {"CERT_NO": reason})


@pytest.mark.parametrize("header", ["GUAR_CERT_NO", "担保人证件编号", "Guarantor CIF", "Spouse Cert No"])
def test_the_number_of_somebody_else_is_not_the_applicants_in_a_draft_either(header: str) -> None:
    values = TWO_EACH if "CIF" not in header else [f"C{at // 2:07d}" for at in range(ROWS)]
    columns = [*COLUMNS, header]
    draft, _clues = recognise(columns, rows(header, values), "branch", [])
    for mapping in (infer_mapping(columns, rows(header, values), "branch"), draft):
        assert (mapping.fields["applicant.id"].how, mapping.drop) == ("derive", {header: "personal"})


@pytest.mark.parametrize(
    "header",
    ["CIF", "CIF No", "CIF_NO", "CIF ID", "Customer CIF", "核心客户号", "ECIF客户号", "客户内码", "Obligor ID",
     "Debtor ID", "Account Holder ID", "Counterparty ID", "Primary Borrower ID", "Customer Reference", "CUST_NUM"],
)  # fmt: skip
def test_numbers_of_customers_by_the_names_of_core_systems(header: str) -> None:
    values = [f"C{at // 2:07d}" for at in range(ROWS)]
    columns = [*COLUMNS, header]
    draft, _clues = recognise(columns, rows(header, values), "branch", [])
    for mapping in (infer_mapping(columns, rows(header, values), "branch"), draft):
        assert mapping.fields["applicant.id"].column == header
        assert (mapping.features, mapping.drop) == ({}, {})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("header", ["CERT_NO", "CIF No"])
def test_twelve_people_with_two_loans_each_are_twelve_applicants(header: str, make_file: MakeFile) -> None:
    lines = [f"JJ{at:06d},{number},50001,12,2026-02-02\n" for at, number in enumerate(TWO_EACH)]
    assert counts(take_in(make_file("a.csv", f"申请编号,{header},贷款金额,期限,申请日期\n" + "".join(lines)))) == (
        24,
        0,
        0,
    )
    assert Case.objects.values("applicant").distinct().count() == 12
    assert all(case.features == {} for case in Case.objects.all())


@pytest.mark.django_db(transaction=True)
def test_loans_whose_applicant_was_made_up_before_stay_the_same_cases(make_file: MakeFile) -> None:
    """Then the identity number was a feature, and each row had an applicant of its own."""
    then = make_file(
        "then.yaml",
        "fields: {external_ref: {column: 申请编号}, product: {default: branch}, currency: {default: CNY},"
        " amount: {column: 贷款金额}, term_months: {column: 期限}, applied_at: {column: 申请日期},"
        " applicant.id: {derive: applicant_reference}}\nfeatures: {cert_no: {column: CERT_NO, type: text}}\n",
    )
    head = "申请编号,CERT_NO,贷款金额,期限,申请日期\n"
    lines = [f"JJ{at:06d},{number},50001,12,2026-02-02\n" for at, number in enumerate(TWO_EACH)]
    assert counts(take_in(make_file("a.csv", head + "".join(lines[:20])), then)) == (20, 0, 0)
    assert counts(take_in(make_file("b.csv", head + "".join(lines)))) == (4, 20, 0)
    assert Case.objects.count() == 24


@pytest.mark.parametrize("header", ["Customer", "Client", "Borrower", "客户"])
@pytest.mark.parametrize("code", ["C{}", "KH-{}", "40{}"])
def test_short_codes_that_come_again_tell_whose_a_loan_is(header: str, code: str) -> None:
    texts = [code.format(at % 16) for at in range(ROWS)]
    mapping = infer_mapping([*COLUMNS, header], rows(header, texts), "branch")
    assert mapping.fields["applicant.id"].column == header
    assert (mapping.features, mapping.drop) == ({}, {})


@pytest.mark.parametrize(
    ("header", "texts"),
    [
        # A few kinds, the count of the rows, how many there are, amounts of less than nothing, and ages.
        ("Customer", [f"A{at % 5}" for at in range(ROWS)]),
        ("Client", [str(at % 2) for at in range(ROWS)]),
        ("Customer", [str(at + 1) for at in range(ROWS)]),
        ("Members", [str(at % 16) for at in range(ROWS)]),
        ("Customer", [str(-(at % 16) - 1) for at in range(ROWS)]),
        ("Customer", [f"A{at % 4}" for at in range(6)]),
        ("Client", [f"T{at % 6 + 1}" for at in range(12)]),
        ("Customer", [str(at % 16 + 18) for at in range(ROWS)]),
    ],
)
def test_what_is_nobodys_number_below_a_header_that_calls_somebody(header: str, texts: list[str]) -> None:
    mapping = infer_mapping([*COLUMNS, header], rows(header, texts), "branch")
    assert mapping.fields["applicant.id"].how == "derive"
    assert [given.column for given in mapping.features.values()] == [header]


@pytest.mark.parametrize("header", ["Customer ID No", "Client ID Number", "Customer Code No", "Borrower ID Num"])
def test_a_column_that_is_named_as_their_number_comes_before_one_that_only_calls_them(header: str) -> None:
    values = rows("Customer", [str(at % 16 + 200) for at in range(ROWS)])
    columns = [*COLUMNS, "Customer", header]
    mapping = infer_mapping(columns, [{**row, header: str(935890 + at)} for at, row in enumerate(values)], "branch")
    assert mapping.fields["applicant.id"].column == header
    assert [given.column for given in mapping.features.values()] == ["Customer"]


def test_below_a_header_that_calls_somebody_names_stay_names() -> None:
    texts = [
        f"{first} {last}"
        for first in ("Ann", "Bob", "Eve", "Kim")
        for last in ("Lee", "Ray", "Fox", "Orr", "May", "Day")
    ]
    mapping = infer_mapping([*COLUMNS, "Customer"], rows("Customer", texts), "branch")
    assert mapping.fields["applicant.name"].column == "Customer"
    assert mapping.fields["applicant.id"].how == "derive"
