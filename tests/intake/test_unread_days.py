"""The day of an application is read or asked about: by the time of the import everything is known that came after."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from intake.header_words.headers import names_application
from intake.mapped.case_mapping import CHINA
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.recognition.mapping import MappingError, mapping_of_text
from intake.record.choose import mapping_for
from intake.tabular.tables import Table
from intake.values.cell_dates import read_moment
from intake.values.cells import CellError
from intake.values.unix_times import unix_form
from tests.intake.places import NOW, MakeFile

AT = datetime(2026, 1, 5, 8, tzinfo=UTC)
OF_APPLICATION = ("application_ts", "appl_ts", "submit_ts", "app_dt", "申请时间戳")
OF_RECORD = ("created_at", "create_time", "event_time", "gmt_create", "timestamp", "创建时间")


def table_of(make_file: MakeFile, header: str, *cells: str) -> Table:
    lines = "".join(f"L{at},{50_000 + at},12,{each}\n" for at, each in enumerate(cells))
    return open_table(make_file("t.csv", f"loan no,loan amount,term,{header}\n{lines}"))


def days(table: Table) -> tuple[str, list[object]]:
    """The column of the day, and the moment of each row or what it is refused for."""
    mapping = mapping_for(table, "branch-x", None)[1]
    rows = read_rows(table, mapping, now=NOW)
    return mapping.fields["applied_at"].column, [
        row.submission.applied_at
        if row.submission
        else [(error.field, error.code, error.value) for error in row.errors]
        for row in rows
    ]


@pytest.mark.parametrize("header", [*OF_APPLICATION, *OF_RECORD])
@pytest.mark.parametrize("cell", ["2026-01-05T08:00:00Z", "1767600000", "1767600000000"])
def test_times_of_programs_are_read_by_their_names(make_file: MakeFile, header: str, cell: str) -> None:
    assert days(table_of(make_file, header, cell, cell)) == (header, [AT, AT])
    assert names_application(header) is (header in OF_APPLICATION)


def test_counted_times_of_a_workbook_are_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["loan no", "loan amount", "created_at"], ["A", 5021, 1767600000000], ["B", 5022, 1767600000000]):
        book.worksheets[0].append(row)
    book.save(tmp_path / "t.xlsx")
    assert days(open_table(tmp_path / "t.xlsx")) == ("created_at", [AT, AT])


def test_a_column_of_counted_times_refuses_what_is_none_by_row(make_file: MakeFile) -> None:
    cells = ["1767600000000"] * 18 + ["0", "2026-01-05 16:00"]
    column, read = days(table_of(make_file, "created_at", *cells))
    assert (column, read[17:]) == ("created_at", [AT, [("created_at", "not_a_date", "0")], AT])
    # Named so for certain, each row says that it cannot be read.
    assert days(table_of(make_file, "application_ts", "x1", "x2"))[1] == [
        [("application_ts", "not_a_date", "x1")], [("application_ts", "not_a_date", "x2")],
    ]  # fmt: skip


def test_only_numbers_of_this_century_are_counted_times() -> None:
    assert [unix_form([each]) for each in ("946684800", "0946684800", "946684799999", "4102444800", "")] == [
        "", "unix", "", "", "",
    ]  # fmt: skip
    assert unix_form([]) == unix_form(["1767600000", "1767600000000"]) == ""
    assert read_moment("1767600000500", CHINA, "unix_ms") == AT.replace(microsecond=500_000)
    assert read_moment("2026-01-05", CHINA, "unix") == datetime(2026, 1, 5, tzinfo=CHINA)
    for text in ("1767600000000", "-767600000", "176760000x"):
        with pytest.raises(CellError) as refusal:
            read_moment(text, CHINA, "unix")
        assert refusal.value.code == "not_a_date"


@pytest.mark.parametrize(
    "header",
    [
        "Disbursement Date", "Disbursal Date", "date_of_disbursement", "起息日", "签订日期", "合同签订日期", "起租日",
        "提款日期", "支用日期", "实际提款日期", "投放日期", "审批日期", "Value Date", "VALUE.DATE", "Drawdown Date",
        "Booking Date", "Funding Date", "Funded Date", "Agreement Date", "Sanction Date", "Loan Approval Date",
        "放款日期", "合同日期", "Contract Date", "Issue Date", "出账日期", "租赁起始日", "贷款起期",
        "Commencement Date", "Note Date", "ORIG_DATE", "Book Date",
    ],
)  # fmt: skip
def test_where_nothing_else_says_the_day_that_of_the_granted_loan_does(make_file: MakeFile, header: str) -> None:
    column, read = days(table_of(make_file, header, "2026-01-05", "2026-02-05"))
    assert (column, read) == (header, [datetime(2026, month, 5, tzinfo=CHINA) for month in (1, 2)])


@pytest.mark.parametrize(
    ("header", "column", "features"),
    [
        ("Value Date,Drawdown Date,申请日期", "申请日期", []), ("起息日,签订日期,创建时间", "创建时间", []),
        ("起息日,放款日期", "放款日期", []),
        # Signed before it is paid out.
        ("提款日期,合同签订日期", "合同签订日期", ["提款日期"]),
        ("Disbursement Date,Sanction Date", "Sanction Date", []),
    ],
)  # fmt: skip
def test_a_surer_or_earlier_day_comes_first(make_file: MakeFile, header: str, column: str, features: list[str]) -> None:
    cells = ",".join("2026-01-05" if each == column else "2026-01-09" for each in header.split(","))
    table = table_of(make_file, header, cells, cells)
    assert days(table) == (column, [datetime(2026, 1, 5, tzinfo=CHINA)] * 2)
    mapping = mapping_for(table, "branch-x", None)[1]
    assert [given.column for given in mapping.features.values()] == features
    assert mapping.drop == dict.fromkeys({*header.split(",")} - {column, *features}, "known_after_decision")


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("业务办理日期", "2026-01-05"), ("交易日期", "2026/1/5"), ("贷款登记时间", "2026-01-05 10:00"),
        ("Transaction Date", "2026-01-05"), ("Loan Login Date", "05 Jan 2026"), ("Closing Date", "2026-01-05"),
        ("报单日期", "2026-01-05"), ("登记日期", "2026-01-05"), ("Lodgement Date", "2026-01-05"),
        ("Date Opened", "2026-01-05"), ("Account Open Date", "2026-01-05"), ("Effective Date", "2026-01-05"),
        ("ListedOnUTC", "2026-01-05"), ("INPUTDATE", "20260105"), ("case_registered_at", "1767600000"),
        ("created_at", "1.7676E+12"), ("created_at", "1767600000000000"),
        ("发生日期", "2026-01-05"), ("Enquiry Date", "2026-01-05"), ("Loan Enquiry Date", "2026-01-05"),
        # Of this loan, whatever else the name speaks of.
        ("First Disbursement", "2026-01-05"), ("FirstDisbursementDate", "2026-01-05"), ("首次放款日", "2026-01-05"),
        ("首笔用信日期", "2026-01-05"), ("车贷放款日", "2026-01-05"), ("购车贷款审批日", "2026-01-05"),
        ("Client Disbursement Date", "2026-01-05"), ("Card Application Date", "2026-01-05"),
        # What only a granted loan has is dropped, and above days is its day.
        ("Disbursement", "2026-01-05"), ("Approved", "2026-01-05"), ("批准", "2026-01-05"),
        ("Funded", "2026-01-05"), ("Booked", "2026-01-05"), ("Declined On", "2026-01-05"), ("拒绝日期", "2026-01-05"),
    ],
)  # fmt: skip
def test_what_may_be_the_day_is_asked_about(make_file: MakeFile, header: str, cell: str) -> None:
    table = table_of(make_file, header, cell, cell)
    with pytest.raises(MappingError) as refusal:
        mapping_for(table, "branch-x", None)
    assert (refusal.value.code, refusal.value.params) == ("day_unread", {"name": header})
    assert f"“{header}”" in refusal.value.sentence("zh-hans")
    assert f"“{header}”" in refusal.value.sentence("en")
    # A mapping says that there is none.
    text = (
        "fields: {external_ref: {column: loan no}, applicant.id: {column: loan no}, amount: {column: loan amount},"
        " currency: {constant: CNY}, term_months: {column: term}, product: {constant: car},"
        " applied_at: {import_time: true}}\n"
    )
    rows = list(read_rows(table, mapping_of_text(text, source="branch-x"), now=NOW))
    assert [row.submission and row.submission.applied_at for row in rows] == [NOW, NOW]


@pytest.mark.parametrize(
    "header",
    [
        "出生日期", "Date of Birth", "首次还款日期", "First Payment Date", "贷款到期日", "Card Expiry Date",
        "Report Date", "征信查询日期", "最近一次贷款日期", "Last Loan Date", "成立日期", "入职日期", "Loan End Date",
        "数据日期", "earliest_cr_line", "DOB", "LOANENDDATE", "开户日期", "更新时间", "Last Updated", "As Of Date",
        "Last Disbursement Date", "预计放款日期", "放款到期日", "首次还款日", "Application Expiry Date", "申请人生日",
        "Credit Enquiry Date", "Bureau Inquiry Date", "购车日期", "Home Purchase Date", "Insurance Application Date",
        "Closed Date", "结清日期", "PaidInFullDate", "违约",
        "证件有效期", "Hire Date", "Valuation Date", "贷款止期", "结婚日期", "注册时间", "Customer Since",
    ],
)  # fmt: skip
def test_days_of_other_things_leave_the_stated_default(make_file: MakeFile, header: str) -> None:
    assert days(table_of(make_file, header, "2026-01-05", "2026-02-05")) == ("", [NOW, NOW])


@pytest.mark.parametrize(
    ("header", "cell"),
    [("Balloon Date", "2099-01-05"), ("net sales", "40000"), ("net sales", "40000.5"), ("yyyymm", "202301")],
)
def test_days_to_come_and_numbers_are_no_day_of_an_application(make_file: MakeFile, header: str, cell: str) -> None:
    assert days(table_of(make_file, header, cell, cell)) == ("", [NOW, NOW])


def test_what_only_a_granted_loan_has_is_no_day_where_it_holds_none(make_file: MakeFile) -> None:
    table = table_of(make_file, "Disbursement", "Cash", "Transfer")
    assert days(table) == ("", [NOW, NOW])
    assert mapping_for(table, "branch-x", None)[1].drop == {"Disbursement": "known_after_decision"}


def test_beside_a_day_that_is_read_nothing_is_asked(make_file: MakeFile) -> None:
    table = table_of(make_file, "申请日期,交易日期", *["2026-01-05,2026-01-07"] * 2)
    assert days(table) == ("申请日期", [datetime(2026, 1, 5, tzinfo=CHINA)] * 2)
