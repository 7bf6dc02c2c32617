"""A table without a mapping is recognised by its headers, in English and Chinese, and by the values below them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from intake.header_words.feature_naming import feature_name
from intake.header_words.headers import field_matches, names_application
from intake.header_words.later_headers import known_after_decision, may_be_after_decision
from intake.header_words.person_headers import is_personal
from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, read_rows, sample_rows
from intake.recognition.feature_columns import infer_type
from intake.recognition.mapping import CaseMapping, infer_mapping
from tests.intake.places import NOW, MakeFile

HEADER = (
    "合同号,客户姓名,身份证号,贷款金额(万元),期限,申请日期,行业,地区,产品,币种,年收入,是否逾期,近两年逾期次数,贷款用途"
)
DIRTY = f"""{HEADER}
HT001,张三,310101199001011234,12.5,24个月,2026年1月5日,餐饮,上海,消费贷,人民币,"180,000",否,0,装修
HT002,李四,310101199001011235,３０,36期,2026/1/6,零售,北京,消费贷,RMB,20万,是,2,购车

HT003,王五,31010119900101123X,abc,2年,2026-02-30,建筑,广东,经营贷,CNY,￥90000,否,1,周转
HT004,赵六,310101199001011237,-5,12,2026-01-08,,江苏,消费贷,CNY,,否,0,旅游
HT005,钱七,310101199001011238,8,12
HT006,孙八,310101199001011239,8,12,2026-01-08,x,y,消费贷,CNY,1,否,0,a,b,c
HT001,张三,310101199001011234,12.5,24个月,2026年1月5日,餐饮,上海,消费贷,人民币,"180,000",否,0,装修
"""


def inferred(make_file: MakeFile, content: str | bytes) -> tuple[CaseMapping, list[ReadRow]]:
    table = open_table(make_file("table.csv", content))
    mapping = infer_mapping(table.columns, sample_rows(table), "branch-x")
    return mapping, list(read_rows(table, mapping, now=NOW))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_dirty_chinese_table_becomes_cases_and_named_reasons(make_file: MakeFile, encoding: str) -> None:
    mapping, rows = inferred(make_file, DIRTY.encode(encoding))
    assert mapping.drop == {"是否逾期": "known_after_decision"}
    first = rows[0].submission
    assert first is not None
    assert (first.external_ref, first.amount, first.currency, first.term_months) == (
        "HT001",
        Decimal("125000.00"),
        "CNY",
        24,
    )
    assert (first.industry, first.region, first.product) == ("H62", "310000", "consumer")
    assert (first.applicant.external_id, first.applicant.name) == ("310101199001011234", "张三")
    assert first.applied_at == datetime(2026, 1, 4, 16, tzinfo=UTC)
    assert first.features == {"annual_income": 180000, "delinquencies_2y": 0, "purpose": "装修"}
    assert first.derived == ()
    refused = {
        row.row_number: [(error.field, error.value, error.code) for error in row.errors] for row in rows if row.errors
    }
    assert refused[5] == [("申请日期", "2026-02-30", "not_a_date"), ("贷款金额(万元)", "abc", "not_a_number")]
    assert refused[6] == [("贷款金额(万元)", "-5", "not_positive")]
    assert [code for number in (7, 8) for _, _, code in refused[number]] == ["too_few_cells", "too_many_cells"]
    assert list(refused) == [5, 6, 7, 8]
    again = rows[-1].submission
    assert again is not None
    assert (again.external_ref, again.content_hash) == (first.external_ref, first.content_hash)


def test_a_european_table_is_read_with_its_own_marks(make_file: MakeFile) -> None:
    text = (
        "Loan ID;Loan Amount (EUR);Term;Issue Date;State;Income;Default\n"
        "1;1.234,50;36 months;13/01/2020;BY;50.000,00;0\n"
        "2;2.000,00;5 years;04/02/2020;BW;60.000,75;1\n"
    )
    _, rows = inferred(make_file, text.encode("latin-1"))
    cases = [row.submission for row in rows]
    assert all(cases)
    assert [(case.amount, case.currency, case.term_months) for case in cases if case] == [
        (Decimal("1234.50"), "EUR", 36),
        (Decimal("2000.00"), "EUR", 60),
    ]
    assert [case.applied_at.day for case in cases if case] == [13, 4]
    assert [case.features for case in cases if case] == [{"income": 50000}, {"income": 60000.75}]


def test_what_a_table_lacks_is_a_stated_default_and_recorded(make_file: MakeFile) -> None:
    _, rows = inferred(make_file, "credit_amount,age\n5000,30\n6000,40\n")
    case = rows[0].submission
    assert case is not None
    assert (case.currency, case.term_months, case.product, case.applied_at) == ("CNY", 12, "branch-x", NOW)
    assert case.derived == ("applicant.id", "applied_at", "currency", "external_ref", "product", "term_months")


def test_a_time_of_application_that_is_mostly_dirt_is_not_replaced_by_the_time_of_the_import(
    make_file: MakeFile,
) -> None:
    days = ["2026-01-02", "2026-02-30", "soon", "2026-13-01", "2026-01-03", "?"]
    refused = ["not_a_date", "not_a_date", "not_a_date", "required"]
    for name, told in (("application_date", refused), ("申请日期", refused), ("issue_date", [])):
        lines = [f"A-{at},5000,{day}" for at, day in enumerate(days)]
        _, rows = inferred(make_file, "\n".join([f"loan_id,amount,{name}", *lines]) + "\n")
        assert [error.code for row in rows for error in row.errors] == told
    text = "loan_id,amount,issue_date,application_date\nA-1,1,2026-01-02,soon\nA-2,2,2026-01-02,\n"
    none, rows = inferred(make_file, text)
    assert none.fields["applied_at"].column == "application_date"
    named = [[(error.field, error.code) for error in row.errors] for row in rows]
    assert named == [[("application_date", "not_a_date")], [("application_date", "required")]]
    two, rows = inferred(make_file, text.replace("issue_date", "submit_time"))
    assert two.fields["applied_at"].column == "submit_time"
    assert [row.errors for row in rows] == [[], []]


def test_the_amount_is_never_made_up(make_file: MakeFile) -> None:
    _, rows = inferred(make_file, "id,age\n1,30\n2,40\n")
    assert [[error.code for error in row.errors] for row in rows] == [["no_amount_column"]] * 2


# Days that stand for the application where no column names it.
OF_THE_LOAN = ("issue_d", "ListingCreationDate", "date_created", "订单创建时间")


@pytest.mark.parametrize(
    ("field", "header"),
    [
        ("amount", "loan_amnt"), ("amount", "LoanAmount"), ("amount", "Loan Amount (USD)"),
        ("amount", "credit_amount"), ("amount", "LIMIT_BAL"), ("amount", "AMT_CREDIT"),
        ("amount", "借款金额"), ("amount", "贷款金额（万元）"), ("amount", "授信额度"),
        ("term_months", "Duration"), ("term_months", "loan_term"), ("term_months", "期数"),
        ("term_months", "贷款期限（月）"), ("applied_at", "申请日期"), ("applied_at", "application date"),
        ("applied_at", "issue_d"), ("applied_at", "ListingCreationDate"), ("applied_at", "date_created"),
        ("applied_at", "订单创建时间"), ("currency", "币种"), ("external_ref", "合同号"),
        ("external_ref", "贷款合同编号"), ("external_ref", "合同编号"), ("external_ref", "借据号"),
        ("external_ref", "贷款编号"), ("external_ref", "contract no"), ("external_ref", "Loan Contract Number"),
        ("external_ref", "IOU no"), ("external_ref", "贷款申请编号"),
        ("external_ref", "申请编号"), ("external_ref", "ID"), ("external_ref", "Application_ID"),
        ("applicant.id", "身份证号"), ("applicant.id", "customer id"), ("applicant.name", "客户姓名"),
        ("applicant.name", "姓名"), ("industry", "所属行业"), ("region", "省份"), ("region", "addr_state"),
        ("region", "所在地"), ("region", "企业所在地"), ("region", "户籍地"), ("region", "注册地"),
        ("product", "贷款产品"), ("channel", "申请渠道"), ("external_ref", "借款合同编号"),
        ("applicant.id", "客户证件号码"), ("applicant.id", "被查询人证件号"), ("applicant.id", "主借人身份证号"),
        ("applicant.id", "企业统一社会信用代码"), ("applicant.identity_number", "申请人身份证号码"),
        ("applied_at", "贷款申请日期"), ("applied_at", "业务申请时间"), ("applied_at", "申请提交日期"),
        ("applied_at", "申请受理时间"), ("applied_at", "LoanApplicationStartedDate"), ("applied_at", "Appl. Date"),
        ("term_months", "Loan_Amount_Term"), ("term_months", "Original Loan Term"), ("term_months", "TERM_MON"),
        ("external_ref", "APPL_NO"), ("external_ref", "ListingId"), ("external_ref", "受理编号"),
        ("region", "行政区划代码"), ("industry", "国民经济行业分类"),
        ("applicant.name", "cust_name"),
        ("amount", "LoanOriginalAmount"), ("applied_at", "Submitted On Date"), ("applied_at", "发起时间"),
        ("amount", "3.贷款金额"), ("term_months", "4、贷款期限（月）"), ("amount", "2. Loan Amount"),
    ],
)  # fmt: skip
def test_headers_are_recognised_whatever_their_spelling(field: str, header: str) -> None:
    assert field_matches(field, header) is not None
    assert field != "applied_at" or header in OF_THE_LOAN or names_application(header)


@pytest.mark.parametrize(
    "header",
    [
        "default", "Bad", "target", "loan_status", "逾期", "是否违约", "paid_total", "balance", "recoveries",
        "charged_off_date", "chg_off_prin_gr", "贷款余额", "还款状态", "已还本金", "审批结果",
        "SeriousDlqin2yrs", "default.payment.next.month", "total_pymnt", "out_prncp", "好坏标签", "y_pred",
        "not.fully.paid", "五级分类", "Default_Flag", "last_pymnt_d",
        "放款后逾期次数", "放款后近6个月逾期次数", "贷后逾期", "当前逾期天数", "当前逾期次数", "本笔贷款逾期次数",
        "逾期天数", "审批记录", "完成时间",
        "days_late_since_disbursement",
    ],
)  # fmt: skip
def test_what_is_known_only_after_the_decision_is_recognised(header: str) -> None:
    assert known_after_decision(header)


@pytest.mark.parametrize(
    "header",
    [
        "delinq_2yrs", "近两年逾期次数", "历史逾期次数", "status_of_existing_checking_account",
        "number_of_defaults_past", "installment", "marital_status", "revol_bal", "BILL_AMT1", "PAY_AMT1",
        "annual_income", "paid_up_capital", "还款方式", "存款", "近24个月逾期次数", "征信逾期次数",
        "人行征信累计逾期次数",
        "past_late_payment_count", "late_fee_policy", "本次贷款金额",
    ],
)  # fmt: skip
def test_what_was_known_before_the_decision_stays_a_feature(header: str) -> None:
    assert not known_after_decision(header)
    assert not may_be_after_decision(header)


@pytest.mark.parametrize(
    "header",
    ["逾期次数", "逾期次数（次）", "累计逾期次数", "贷款逾期笔数", "late_payments_count", "number of late payments"],
)
def test_how_often_somebody_was_late_is_a_feature_beside_no_outcome_and_left_out_beside_one(
    header: str, make_file: MakeFile
) -> None:
    assert may_be_after_decision(header)
    assert not known_after_decision(header)
    mapping, _ = inferred(make_file, f"贷款金额,{header}\n1000,0\n2000,3\n")
    assert ([given.column for given in mapping.features.values()], mapping.drop) == ([header], {})
    mapping, _ = inferred(make_file, f"贷款金额,{header},是否违约\n1000,0,否\n2000,3,是\n")
    assert mapping.drop == dict.fromkeys((header, "是否违约"), "known_after_decision")


def test_values_that_only_an_outcome_has_give_a_column_away(make_file: MakeFile) -> None:
    mapping, _ = inferred(make_file, "amount,Klasse,home\n1,good,own\n2,bad,rent\n")
    assert mapping.drop == {"Klasse": "known_after_decision"}


def test_row_counters_and_telephones_are_no_features(make_file: MakeFile) -> None:
    text = "序号,amount,家庭电话,电话\n1,5,13800000001,有\n2,6,13800000002,无\n3,7,12,有\n"
    mapping, _ = inferred(make_file, text)
    assert mapping.drop == {"序号": "row_counter", "家庭电话": "personal"}
    assert [given.column for given in mapping.features.values()] == ["电话"]


PERSONAL = (
    "客户编号,身份证号,手机号,紧急联系人姓名,配偶电话,工作地址,note,card,mail,token,amount\n"
    "C-1,11010519491231002X,138 0013 8000,李四,13900139000,中山路5号,13700137000,6222021234567894,a@b.cn,"
    "123e4567-e89b-12d3-a456-426614174000,5\n"
    "C-2,310115198503070019,13900139001,王五,13900139002,人民街12号,13700137001,4111111111111111,c@d.cn,"
    "123e4567-e89b-12d3-a456-426614174001,6\n"
)


@pytest.mark.parametrize("rows", [1, 2])
def test_what_names_a_person_is_recognised_however_few_rows_there_are(make_file: MakeFile, rows: int) -> None:
    mapping, read = inferred(make_file, "\n".join(PERSONAL.splitlines()[: rows + 1]))
    assert mapping.features == {}
    assert mapping.drop == {
        "紧急联系人姓名": "personal", "配偶电话": "personal", "工作地址": "personal", "note": "personal",
        "card": "personal", "mail": "personal", "token": "identifier",
    }  # fmt: skip
    case = read[0].submission
    assert case is not None
    assert (case.applicant.external_id, case.applicant.identity_number, case.applicant.phone) == (
        "C-1", "11010519491231002X", "+8613800138000",
    )  # fmt: skip


@pytest.mark.parametrize("header", ["配偶身份证号", "担保人证件号码", "共同借款人身份证号", "法人身份证号"])
def test_the_identity_number_of_somebody_else_is_not_the_applicants(header: str) -> None:
    assert [field for field in ("applicant.id", "applicant.identity_number") if field_matches(field, header)] == []
    assert is_personal(header)


def test_identity_numbers_that_are_none_are_kept_out_of_the_features_and_refuse_no_row(make_file: MakeFile) -> None:
    mapping, rows = inferred(make_file, "客户编号,身份证号,amount\nC-1,310101199001011234,5\nC-2,123,6\n")
    assert mapping.drop["身份证号"] in ("personal", "identifier")
    assert all(row.is_good for row in rows)


RIGHT = ("11010519491231002X", "310115198503070019", "11010519850202001X", "110105198503030025")


@pytest.mark.parametrize(
    ("header", "numbers", "wrong"),
    [
        ("身份证号", (*RIGHT, "110105198506060050", "110105198511110100"), [6, 7]),
        ("客户编号,身份证号", (*RIGHT, "110105198506060050", "110105198511110100"), [6, 7]),
        # Mostly wrong ones were made up, others are passports, masked ones no numbers.
        ("身份证号", (RIGHT[0], "110105198506060050", "110105198511110100"), []),
        ("证件号码", (*RIGHT, "E12345678", "G87654321"), []),
        ("身份证号", ("110***002X", "310***0019", "110***001X"), []),
        ("客户编号", (*RIGHT, "110105198506060050"), []),
    ],
)
def test_wrong_identity_numbers_under_a_header_that_says_so_refuse_their_rows(
    make_file: MakeFile, header: str, numbers: tuple[str, ...], wrong: list[int]
) -> None:
    first = ["C-1"] if "," in header else []
    lines = (",".join(["5", *first, number]) for number in numbers)
    _, rows = inferred(make_file, "\n".join([f"amount,{header}", *lines]))
    refused = [(row.row_number, error.field, error.code) for row in rows for error in row.errors]
    assert refused == [(number, "身份证号", "wrong_check_digit") for number in wrong]


def test_an_id_that_repeats_is_not_the_reference_of_a_row(make_file: MakeFile) -> None:
    mapping, rows = inferred(make_file, "id,amount\n" + "".join(f"7,{number}\n" for number in range(1, 20)))
    assert mapping.fields["external_ref"].how == "row_hash"
    assert len({row.submission.external_ref for row in rows if row.submission}) == 19


def test_types_are_found_out_even_from_dirty_columns() -> None:
    def kind(*texts: str) -> str:
        return infer_type("x", texts).type

    assert kind("1", "2", "NA", "") == "number"
    assert kind("1", "2", "3", "oops") == "number"
    assert kind("12%", "13%") == "percent"
    assert kind("true", "false") == "flag"
    assert kind("a", "b") == kind("", "") == kind("0012", "0013") == kind("none", "guarantor") == "text"
    assert infer_type("x", ["1.234,5", "2.000,75"]).decimal == ","
    assert infer_type("x", ["12.345", "1.5"]).decimal == ""


def test_names_of_features_are_always_valid_and_never_collide(make_file: MakeFile) -> None:
    assert feature_name("Own Home?") == "own_home"
    assert feature_name("debtToIncomeX") == "debt_to_income_x"
    assert feature_name("2nd job") == "f_2nd_job"
    assert feature_name("芝麻分数量") == feature_name("芝麻分数量") != feature_name("别的")
    mapping, _ = inferred(make_file, "amount,a b,a_b,A-B,!!\n1,2,3,4,5\n")
    assert list(mapping.features) == ["a_b", "a_b_2", "a_b_3", "f_"]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("年收入(元)", "annual_income"),
        ("逾期次数", "late_payments"),
        ("近6个月逾期次数", "recent_6_months_late_payments"),
        ("近三个月查询次数", "inquiries_3m"),
        ("信用卡额度使用率", "credit_card_limit_use_rate"),
        ("是否有房产", "has_housing"),
        ("企业类型", "firm_type"),
        ("3年内征信查询次数", "col_"),
        ("12个月总税", "f_12_months_total_tax"),
        ("GPS定位", "col_"),
    ],
)
def test_chinese_headers_get_names_that_can_be_read_where_all_their_terms_are_known(header: str, name: str) -> None:
    found = feature_name(header)
    assert found == name or (name == "col_" and len(found) == 12 and found.startswith(name))


def test_a_table_with_more_columns_than_features_are_allowed_keeps_the_first(make_file: MakeFile) -> None:
    header = ",".join(f"c{number}" for number in range(400))
    mapping, rows = inferred(make_file, f"amount,{header}\n1{',2' * 400}\n")
    assert len(mapping.features) == 300
    assert set(mapping.drop.values()) == {"not_used"}
    assert rows[0].submission is not None


def test_a_column_named_amount_is_the_amount_even_where_most_of_it_is_dirt() -> None:
    rows: list[dict[str, object]] = [
        {"id": "1", "amount": "=1+1"},
        {"id": "2", "amount": "x"},
        {"id": "3", "amount": "90"},
    ]
    mapping = infer_mapping(["id", "amount"], rows, "bank")
    assert mapping.fields["amount"].column == "amount"
    worthless: list[dict[str, object]] = [{"id": "1", "amount": "x"}, {"id": "2", "amount": "y"}]
    assert infer_mapping(["id", "amount"], worthless, "bank").fields["amount"].column == "amount"


def test_a_column_named_term_is_the_term_even_where_most_of_it_is_dirt(make_file: MakeFile) -> None:
    text = "合同号,贷款金额,期限\nA,5021,36（月）\nB,5021,12/24\nC,5021,360天\nD,5021,见合同\nE,5021,两年\n"
    _, rows = inferred(make_file, text)
    assert [row.submission and row.submission.term_months for row in rows] == [36, None, None, None, 24]
    assert [error.field for row in rows for error in row.errors] == ["期限"] * 3
    # Where none can be read no term is made up: each row says so.
    for cells in (("短期", "中长期"), ("90天", "52 weeks"), ("days 90", "week 52"), ("720", "Days_360")):
        text = "合同号,贷款金额,期限\n" + "".join(f"A{at},5021,{cell}\n" for at, cell in enumerate(cells))
        _, rows = inferred(make_file, text)
        assert [[(error.field, error.value) for error in row.errors] for row in rows] == [
            [("期限", cell)] for cell in cells
        ]
    # A column that is empty, or hardly named so, is none.
    for header, cell in (("期限", ""), ("time", "x")):
        _, rows = inferred(make_file, f"合同号,贷款金额,{header}\nA,5021,{cell}\nB,5022,{cell}\n")
        assert [row.submission and row.submission.term_months for row in rows] == [12, 12]


def test_what_only_a_granted_loan_has_is_dropped_where_another_column_says_it() -> None:
    row = {"合同号": "A-1", "贷款金额": "1000", "申请日期": "2026-01-05", "放款金额": "900", "放款日期": "2026-01-09"}
    rows = [row, {**row, "合同号": "A-2"}]
    mapping = infer_mapping(list(row), rows, "branch")
    assert mapping.drop == {"放款金额": "known_after_decision", "放款日期": "known_after_decision"}
    alone = infer_mapping(["合同号", "放款金额", "放款日期"], rows, "branch")
    assert (alone.fields["amount"].column, alone.fields["applied_at"].column) == ("放款金额", "放款日期")


def test_codes_of_regions_stand_behind_their_names(make_file: MakeFile) -> None:
    _, (row,) = inferred(
        make_file, "id,amount,行政区划代码,省份,国民经济行业分类,所属行业\nA,5,110105,北京市,C13,制造业\n"
    )
    assert row.submission is not None
    assert (row.submission.region, row.submission.industry) == ("110000", "制造业")


def test_months_of_employment_are_no_years(make_file: MakeFile) -> None:
    _, (row,) = inferred(make_file, "id,amount,工龄(月),Employment Length (months)\nA,5,36,48\n")
    assert row.submission is not None
    assert "employment_years" not in row.submission.features
    assert sorted(map(str, row.submission.features.values())) == ["36", "48"]
