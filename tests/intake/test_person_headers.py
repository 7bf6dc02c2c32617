"""Names, numbers and addresses of people are no features, whoever they are of, however few rows there are, and also
where the first of them stands behind the sample; those of the applicant are read."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from intake.mapped.case_mapping import CaseMapping
from intake.reading.parse import open_table
from intake.reading.rows import read_rows, sample_rows
from intake.recognition.infer import infer_mapping
from tests.intake.places import NOW, MakeFile
from tests.intake.test_person_names import mapping_of, read_of

ZHANG = "110101199003074514"
LI = "110101199003077512"


def left_out(header: str, *texts: str) -> bool:
    """Whether a column is dropped as personal and read as nothing, beside the amount alone."""
    mapping = mapping_of(**{header: texts})
    return (read_of(mapping), mapping.features, mapping.drop) == ({}, {}, {header: "personal"})


@pytest.mark.parametrize(
    "header",
    [
        "Borrower Last Name", "Borrower First Name", "Customer First Name", "Co-Borrower 2 Last Name", "BorrLastName",
        "co_borrower_name", "father_name", "Mother's Maiden Name", "nominee_name", "guardian name", "RM Name", "rm_nm",
        "officer_name", "Loan Processor Name", "agent_name", "introducer_name", "Employee Name", "user_name",
        "Name of Guarantor", "Borrower Initials", "共借人姓名", "保证人名称", "业务员姓名", "客户经理名称",
        "录入人名称", "姓", "名",
    ],
)  # fmt: skip
def test_a_name_of_somebody_is_left_out(header: str) -> None:
    """Also where it is one word, comes back, or is missing in the other row."""
    assert left_out(header, "John", "John")
    assert left_out(header, "", "张三")
    assert left_out(header, "", "")


@pytest.mark.parametrize("header", ["relationship_manager", "created_by", "Entered By", "Sales Rep", "assigned to"])
def test_staff_are_people_though_one_has_all_the_loans(header: str) -> None:
    assert left_out(header, "Jane Doe", "Jane Doe", "Jane Doe")
    assert left_out(header, "", "")


@pytest.mark.parametrize(
    "header",
    [
        "Approver", "Final Approver", "Approver ID", "Decision Maker", "Approving Officer", "终审人", "初审人",
        "审批人", "审批人员", "审批人工号", "批准人", "签批人", "終審人",
    ],
)  # fmt: skip
def test_who_decides_is_left_out_by_name_initials_or_number(header: str) -> None:
    for texts in (("李四", "李四", "李四"), ("MK", "JL", "MK"), ("107", "108", "107"), ("", "")):
        assert left_out(header, *texts)


@pytest.mark.parametrize("header", ["业务员", "業務員", "录入人", "审核人员", "管户经理", "推荐人", "柜员"])
def test_staff_have_chinese_names_too(header: str) -> None:
    assert left_out(header, "李四", "李四", "李四")
    assert left_out(header, "", "")


@pytest.mark.parametrize(
    ("header", "texts"),
    [
        ("created_by", ("web", "app", "branch")), ("created_by", ("Mobile App", "Call Center", "Mobile App")),
        ("录入人", ("线上", "门店", "线上")), ("录入人", ("武汉分行", "武汉分行", "江苏分行")),
        ("业务员", ("有", "无", "有")),
        ("operator", ("China Mobile", "China Unicom", "China Mobile")), ("Product Name", ("Home", "Car", "Home Plus")),
        ("Employer Name", ("Acme Ltd", "Acme Ltd", "Bean Ltd")), ("Originator Name", ("First Bank", "First Bank", "A")),
        ("Co-Borrower Name", ("yes", "no", "yes")), ("Driver License", ("C1", "C1", "B2")),
        ("Employer Phone", ("yes", "no", "yes")), ("手机品牌", ("华为", "小米", "华为")), ("children", ("0", "2", "1")),
        ("Approver Level", ("L1", "L2", "L1")), ("审批人数", ("1", "2", "1")), ("Approver", ("yes", "no", "yes")),
    ],
)  # fmt: skip
def test_what_tells_of_ways_and_kinds_stays_a_feature(header: str, texts: Sequence[str]) -> None:
    # Product names are a field of their own only under "product".
    mapping = mapping_of(**{header: tuple(texts)})
    assert mapping.drop == {}
    assert header in [given.column for given in (*mapping.features.values(), *mapping.fields.values())]


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("Co-Borrower SSN", "123-45-6789"), ("Guarantor NRIC", "S1234567D"), ("Spouse Passport No", "E1234"),
        ("Driver License", "D123456"), ("Driver's License #", "123"), ("Employer Phone", "(415) 555-0132"),
        ("Nominee Mobile", "98765432"), ("Father Phone", "98765432"), ("Emergency Contact No", "98765432"),
        ("Work Email", "a@example.com"), ("Employer Address", "12 Main Street"), ("Callback", "415-555-0132"),
        ("微信号", "zhangsan"), ("QQ", "12345"), ("配偶QQ号码", "12345"), ("车牌号", "京A12345"), ("车牌", "粤BD12345"),
        ("公积金账号", "1234"), ("还款帐号", "1234"), ("车架号", "LSV"), ("SS", "123-45-6789"),
    ],
)  # fmt: skip
def test_a_number_of_somebody_is_left_out(header: str, text: str) -> None:
    assert left_out(header, text, text)


@pytest.mark.parametrize(
    "header",
    [
        "共同借款人",
        "保证人身份证",
        "共借人姓名",
        "Guarantor",
        "Spouse Phone",
        "QQ",
        "车牌号",
        "Email",
        "住址",
        "联系电话",
        "passport",
    ],
)
def test_what_comes_behind_the_sample_is_judged_by_the_header(make_file: MakeFile, header: str) -> None:
    lines = [f"{number},1000,12,2026-01-31,,," for number in range(1, 3002)]
    content = "\n".join(
        [
            f"合同编号,贷款金额,期限,申请日期,{header},手机在网时长,还款方式",
            *lines,
            "3002,1000,12,2026-01-31,张三,12,等额",
        ]
    )
    table = open_table(make_file("table.csv", content))
    mapping = infer_mapping(table.columns, sample_rows(table), "branch")
    assert mapping.drop == {header: "personal"}
    last = [*read_rows(table, mapping, now=NOW)][-1].submission
    assert last is not None
    assert last.external_ref == "3002"
    assert [*last.features.values()] == ["12", "等额"]


def leased(make_file: MakeFile, head: str, *lines: str) -> tuple[CaseMapping, list[tuple[str, str, str]]]:
    table = open_table(make_file("table.csv", "\n".join([head, *lines])))
    mapping = infer_mapping(table.columns, sample_rows(table), "branch")
    found = [row.submission for row in read_rows(table, mapping, now=NOW)]
    people = [each.applicant for each in found if each is not None]
    return mapping, [(each.external_id, each.name, each.phone) for each in people]


def test_who_leases_is_the_applicant(make_file: MakeFile) -> None:
    mapping, people = leased(
        make_file,
        "合同编号,承租人名称,承租人证件号码,承租人手机号,融资金额,租赁期限(月),申请日期",
        f"1,张三,{ZHANG},13800138000,300000,36,2025-01-31",
        f"2,李四,{LI},13800138001,300000,36,2025-01-31",
        f"3,张三,{ZHANG},13800138000,300000,36,2025-01-31",
    )
    zhang = (ZHANG, "张三", "+8613800138000")
    assert people == [zhang, (LI, "李四", "+8613800138001"), zhang]
    assert (mapping.fields["applicant.id"].type, mapping.features, mapping.drop) == ("identity_number", {}, {})
    mapping, people = leased(
        make_file,
        "Contract No,Lessee Name,Lessee ID,Lessee Mobile,Amount,Term,Application Date",
        "1,John Smith,L001,+1 212 736 5000,300000,36,2025-01-31",
    )
    assert people == [("L001", "John Smith", "+12127365000")]
    assert (mapping.features, mapping.drop) == ({}, {})


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("承租人", "applicant.name"), ("承租人姓名", "applicant.name"), ("主借款人姓名", "applicant.name"),
        ("会员姓名", "applicant.name"), ("member_name", "applicant.name"), ("CUST_NM", "applicant.name"),
        ("lessee name", "applicant.name"), ("Lessee", "applicant.name"),
    ],
)  # fmt: skip
def test_the_applicants_name_is_called_in_many_ways(header: str, field: str) -> None:
    mapping = mapping_of(**{header: ("张三", "李四")})
    assert (read_of(mapping), mapping.features, mapping.drop) == ({field: header}, {}, {})


@pytest.mark.parametrize(
    "header",
    [
        "借款人手机号码", "借款人电话", "借款人联系电话", "客户手机号码", "承租人手机号", "申请人手机",
        "Borrower Mobile",
        "Borrower Cell Phone", "Customer Phone", "Customer Contact No", "Applicant Tel", "Mobile #", "Phone #",
    ],
)  # fmt: skip
def test_the_applicants_telephone_is_called_in_many_ways(header: str) -> None:
    mapping = mapping_of(**{header: ("13800138000", "13900139000")})
    assert (read_of(mapping), mapping.features, mapping.drop) == ({"applicant.phone": header}, {}, {})


@pytest.mark.parametrize("header", ["Co-Borrower Mobile", "担保人手机号码", "共同借款人电话", "联系人手机"])
def test_a_telephone_of_somebody_else_is_not_the_applicants(header: str) -> None:
    assert left_out(header, "13800138000", "13900139000")


@pytest.mark.parametrize("header", ["Phone", "Borrower Mobile", "Customer Phone"])
def test_a_telephone_of_north_america_is_neither_read_nor_shown(header: str) -> None:
    assert left_out(header, "(415) 555-0132", "415.555.0133")


def test_a_name_is_no_currency() -> None:
    mapping = mapping_of(agent_name=("Bob", "Bob", "Bob"))
    assert (mapping.fields["currency"].value, mapping.drop) == ("CNY", {"agent_name": "personal"})
