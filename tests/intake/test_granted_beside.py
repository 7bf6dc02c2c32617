"""What was granted, and when, is no feature beside what was asked for, whatever a house calls it."""

from __future__ import annotations

import pytest

from intake.header_words.headers import field_matches
from intake.mapped.case_mapping import CaseMapping
from intake.recognition.infer import infer_mapping

ROWS = 12


def mapping_of(**cells: str) -> CaseMapping:
    rows = [{name: cell.format(at + 1) for name, cell in cells.items()} for at in range(ROWS)]
    return infer_mapping([*cells], rows, "branch")


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ("申请金额", "授信额度"),
        ("申请金额", "授信金额"),
        ("申请金额", "综合授信额度"),
        ("Requested Amount", "Facility Amount"),
        ("apply_amt", "approve_amt"),
        ("apply_amount", "lend_amount"),
    ],
)
def test_a_line_and_what_was_lent_are_granted_beside_what_was_asked_for(asked: str, granted: str) -> None:
    mapping = mapping_of(**{"loan_no": "L-{}", asked: "1{:02d}00", granted: "9{:02d}0"})
    assert (mapping.fields["amount"].column, mapping.drop.get(granted)) == (asked, "known_after_decision")


@pytest.mark.parametrize("header", ["授信额度", "lend_amount", "approve_amt"])
def test_alone_they_are_the_amount(header: str) -> None:
    assert mapping_of(**{"loan_no": "L-{}", header: "9{:02d}0"}).fields["amount"].column == header


def test_a_limit_of_a_card_stays_a_feature() -> None:
    mapping = mapping_of(loan_no="L-{}", apply_amt="1{:02d}00", credit_limit="9{:02d}0")
    assert [*mapping.features] == ["credit_limit"]


@pytest.mark.parametrize(
    ("applied", "day"),
    [
        (applied, day)
        for applied in ("申请时间", "创建时间", "建档日期", "create_time", "Created Date", "Entry Date")
        for day in ("approve_time", "audit_time", "disburse_time", "lend_time", "decision_ts", "信审时间", "下款时间")
    ],
)
def test_days_of_decisions_are_dropped_beside_the_application_or_the_entry(applied: str, day: str) -> None:
    mapping = mapping_of(**{"loan_no": "L-{}", day: "2026-03-{:02d}", applied: "2026-02-{:02d}"})
    assert (mapping.fields["applied_at"].column, mapping.drop.get(day)) == (applied, "known_after_decision")


@pytest.mark.parametrize("entered", ["登记日期", "报单时间", "立项日期", "Login Date", "Enquiry Date", "Intake Date"])
@pytest.mark.parametrize("decided", ["审批日期", "Disbursement Date"])
def test_the_day_of_the_entry_comes_before_that_of_the_decision(entered: str, decided: str) -> None:
    mapping = mapping_of(**{"loan_no": "L-{}", decided: "2026-03-{:02d}", entered: "2026-02-{:02d}"})
    assert (mapping.fields["applied_at"].column, mapping.drop.get(decided)) == (entered, "known_after_decision")


@pytest.mark.parametrize(
    "header",
    [
        "apply_status", "audit_status", "risk_result", "is_pass", "pass_flag", "审批通过", "信审通过", "是否下款",
        "FPD标志", "mob12_ever60", "转不良日期", "减值阶段", "NonAccrual", "REO Date",
    ],
)  # fmt: skip
def test_coded_states_and_what_became_of_the_loan_are_no_features(header: str) -> None:
    mapping = mapping_of(loan_no="L-{}", amount="1{:02d}00", **{header: "{}"})
    assert mapping.drop.get(header) == "known_after_decision"


@pytest.mark.parametrize("header", ["verification_status", "Application State", "passengers", "现居住地"])
def test_others_of_such_words_stay(header: str) -> None:
    assert header not in mapping_of(loan_no="L-{}", amount="1{:02d}00", **{header: "A{}"}).drop


@pytest.mark.parametrize(
    ("header", "rank"),
    [
        ("核心借据号", 1), ("提款编号", 2), ("支用编号", 2), ("Loan Sequence Number", 2), ("SK_ID_CURR", 2), ("ULI", 2),
        ("贷款户号", 2), ("贷款帐号", 2), ("CONTR_NO", 3), ("Note Number", 3),
    ],
)  # fmt: skip
def test_numbers_of_loans(header: str, rank: int) -> None:
    assert field_matches("external_ref", header) == rank


@pytest.mark.parametrize("header", ["real_name", "khxm"])
def test_names_of_applicants(header: str) -> None:
    assert field_matches("applicant.name", header) == field_matches("applicant.name", "customer_name") == 0


@pytest.mark.parametrize("header", ["cust_mgr_nm", "车主", "收款人", "买受人", "Buyer Name", "Seller Name"])
def test_names_of_others_are_personal(header: str) -> None:
    names = ["王芳", "李伟", "张敏", "刘洋", "陈静", "杨勇", "赵磊", "黄涛", "周杰", "吴霞", "徐丽", "孙鹏"]
    rows = [{"loan_no": f"L-{at}", "amount": f"1{at:02d}00", header: names[at]} for at in range(ROWS)]
    assert infer_mapping(["loan_no", "amount", header], rows, "branch").drop.get(header) == "personal"


def test_where_somebody_lives_comes_before_where_they_are_registered() -> None:
    mapping = mapping_of(loan_no="L-{}", amount="1{:02d}00", 户籍地="河南省", 现居住地="浙江省")
    assert mapping.fields["region"].column == "现居住地"
    assert mapping_of(loan_no="L-{}", amount="1{:02d}00", 户籍地="河南省").fields["region"].column == "户籍地"


def test_a_limit_that_was_asked_for_comes_before_a_mere_limit() -> None:
    mapping = mapping_of(**{"loan_no": "L-{}", "Limit": "9{:02d}0", "Requested Limit": "1{:02d}00"})
    assert mapping.fields["amount"].column == "Requested Limit"


@pytest.mark.parametrize("header", ["投向", "贷款投向", "贷款投向行业", "行业投向"])
def test_the_industry_that_a_loan_goes_to_is_that_of_the_case_where_no_other_is_told(header: str) -> None:
    kinds = ["批发业", "零售业", "农业"]
    rows = [
        {"loan_no": f"L-{at}", "amount": f"1{at:02d}00", header: kinds[at % 3], "所属行业": kinds[(at + 1) % 3]}
        for at in range(ROWS)
    ]
    assert infer_mapping(["loan_no", "amount", header], rows, "branch").fields["industry"].column == header
    assert (
        infer_mapping(["loan_no", "amount", header, "所属行业"], rows, "branch").fields["industry"].column == "所属行业"
    )


@pytest.mark.parametrize(
    ("header", "rank"),
    [("融资申请号", 0), ("Application Name", 0), ("Submission ID", 0), ("Quote Number", 3), ("LOS ID", 3)],
)
def test_numbers_of_applications_as_other_systems_call_them(header: str, rank: int) -> None:
    assert field_matches("external_ref", header) == rank


@pytest.mark.parametrize(
    "header",
    ["公民身份号码", "居民身份证号码", "居民身份号码", "公民身份证号码", "身份号码", "户主身份证", "借款人身份证号"],
)
def test_the_number_of_an_identity_card_as_the_card_calls_it(header: str) -> None:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    digits = [f"1101051980010{1 + at % 9}{100 + at}" for at in range(ROWS)]
    sums = [sum(int(digit) * weight for digit, weight in zip(each, weights, strict=True)) for each in digits]
    numbers = [each + "10X98765432"[of % 11] for each, of in zip(digits, sums, strict=True)]
    rows = [{"loan_no": f"L-{at}", "amount": f"1{at:02d}00", header: numbers[at]} for at in range(ROWS)]
    assert infer_mapping(["loan_no", "amount", header], rows, "branch").fields["applicant.id"].column == header


@pytest.mark.parametrize(
    "header",
    [
        "NI Number",
        "NINO",
        "National Insurance Number",
        "SIN",
        "Tax File Number",
        "KRA PIN",
        "Ghana Card",
        "Omang",
        "GSTIN",
    ],
)
def test_numbers_of_people_in_other_countries_are_personal(header: str) -> None:
    mapping = mapping_of(loan_no="L-{}", amount="1{:02d}00", **{header: "QQ{:06d}C"})
    assert mapping.drop[header] == "personal"


@pytest.mark.parametrize("header", ["社保号", "结婚证号", "WhatsApp"])
def test_other_numbers_of_people_are_personal(header: str) -> None:
    mapping = mapping_of(loan_no="L-{}", amount="1{:02d}00", **{header: "44710012{:03d}"})
    assert mapping.drop[header] == "personal"


@pytest.mark.parametrize("firm", ["单位名称", "公司名称", "Company Name", "Business Name"])
@pytest.mark.parametrize("person", ["姓名", "客户姓名", "借款人姓名", "Applicant Name"])
def test_an_employer_before_the_name_of_a_person_is_not_the_applicant(firm: str, person: str) -> None:
    cells = {"loan_no": "L-{}", firm: "华信{}贸易有限公司", person: "张三{}", "amount": "1{:02d}00"}
    assert mapping_of(**cells).fields["applicant.name"].column == person
    del cells[person]
    assert mapping_of(**cells).fields["applicant.name"].column == firm


@pytest.mark.parametrize("entered", ["登记日期", "报单时间", "Login Date", "创建时间", "建档日期", "Created Date"])
@pytest.mark.parametrize(
    "granted",
    [
        "放款日期", "放款时间", "贷款日期", "合同日期", "签约日期", "Approval Date", "Issue Date", "Contract Date",
        "Origination Date",
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_first", [True, False])
def test_in_any_order_the_entry_comes_before_what_follows_on_it(entered: str, granted: str, is_first: bool) -> None:
    days = {entered: "2026-02-{:02d}", granted: "2026-03-{:02d}"}
    days = days if is_first else dict(reversed(days.items()))
    mapping = mapping_of(**{"loan_no": "L-{}", **days})
    assert mapping.fields["applied_at"].column == entered
    assert granted not in [given.column for given in mapping.features.values()]
