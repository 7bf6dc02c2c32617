"""Spellings of bank tables that once came in as another number, day, term, person or currency."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, read_rows
from intake.record.choose import mapping_for
from intake.tabular.tables import TableError
from intake.tabular.totals import says_total
from tests.intake.places import NOW, MakeFile


def read(path: Path) -> list[ReadRow]:
    table = open_table(path)
    return list(read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW))


def test_days_with_points_are_no_table_by_month(make_file: MakeFile) -> None:
    rows = read(
        make_file("t.csv", "id,amount,date\n" + "".join(f"A{day},5021,0{day}.01.2026\n" for day in range(5, 9)))
    )
    assert [row.submission and row.submission.applied_at.strftime("%m-%d") for row in rows] == [
        "01-05", "01-06", "01-07", "01-08",
    ]  # fmt: skip


def test_a_term_in_days_counts_in_months_and_stays_a_feature(make_file: MakeFile) -> None:
    days = (360, 365, 90, 182, 7, 1095)
    text = "".join(f"A{number},5021,{each}\n" for number, each in enumerate(days))
    rows = read(make_file("t.csv", f"合同号,金额,期限(天)\n{text}B,5021,0\nC,5021,bald\nD,5021,\n"))
    cases = [row.submission for row in rows if row.submission]
    assert [(case.term_months, case.features["term_days"]) for case in cases] == [
        (12, 360), (12, 365), (3, 90), (6, 182), (1, 7), (36, 1095),
    ]  # fmt: skip
    assert {"term_months" in case.derived for case in cases} == {False}
    assert [(row.errors[0].field, row.errors[0].code) for row in rows[6:]] == [
        ("期限(天)", "not_positive"), ("期限(天)", "not_a_number"), ("期限(天)", "required"),
    ]  # fmt: skip


def test_a_term_in_days_beside_one_in_months_is_not_counted(make_file: MakeFile) -> None:
    (row,) = read(make_file("u.csv", "合同号,金额,期限(天),期限(月)\nA,5021,730,24\n"))
    assert row.submission is not None
    assert (row.submission.term_months, row.submission.features["term_days"]) == (24, 730)


def test_rates_in_basis_points_and_per_mille_are_kept_in_percent(make_file: MakeFile) -> None:
    (row,) = read(make_file("t.csv", "合同号,金额,年利率(bp),月利率（‰）,加点_率(BP)\nA,5021,435,5.5,85\n"))
    assert row.submission is not None
    assert list(row.submission.features.values()) == [4.35, 0.55, 0.85]
    rows = read(make_file("u.csv", "合同号,金额,月利率\nA,5021,5.5‰\nB,5021,0.5‰\nC,5021,0.61%\n"))
    assert [row.submission and row.submission.features["month_interest_rate"] for row in rows] == [0.55, 0.05, 0.61]


def test_an_amount_that_is_thousands_or_decimals_is_asked_about(make_file: MakeFile) -> None:
    rows = read(make_file("t.csv", "id;amount\nA;80.000\nB;12.500\nC;¥45.125\n"))
    assert [(error.field, error.code) for row in rows for error in row.errors] == [("amount", "ambiguous_number")] * 3
    rows = read(make_file("u.csv", "id;amount\nA;80.000\nB;1200.500\n"))
    assert [row.submission and row.submission.amount for row in rows] == [80, Decimal("1200.5")]
    rows = read(make_file("v.csv", "id;amount(万元)\nA;12.345\nB;80.000\n"))
    assert [row.submission and row.submission.amount for row in rows] == [123_450, 800_000]
    rows = read(make_file("w.csv", "id;amount\nA;80.000\nB;1.200,50\n"))
    assert [row.submission and row.submission.amount for row in rows] == [80_000, Decimal("1200.5")]


def test_what_is_counted_is_a_number_and_no_amount(make_file: MakeFile) -> None:
    cells = ["31岁,1个,3 天,２次", "42周岁,无,10天,0次"]
    text = "".join(f"A{number},5021,{each}\n" for number, each in enumerate(cells))
    rows = read(make_file("t.csv", f"合同号,金额,年龄,子女数,历史最高逾期天数,历史逾期次数\n{text}"))
    assert [row.submission and list(row.submission.features.values()) for row in rows] == [
        [31, 1, 3, 2], [42, None, 10, 0],
    ]  # fmt: skip
    good, bad = read(make_file("u.csv", "合同号,金额\nA,5021\nB,3天\n"))
    assert good.is_good
    assert [(error.field, error.code) for error in bad.errors] == [("金额", "not_a_number")]


def test_a_cell_unlike_its_column_is_told_what_is_expected_and_no_pattern(make_file: MakeFile) -> None:
    years = "".join(f"A{at},5021,{at + 1}年\n" for at in range(5))
    *good, last = read(make_file("t.csv", f"合同号,金额,工作年限\n{years}B,5021,6个月\n"))
    assert [row.submission and row.submission.features["employment_years"] for row in good] == [1, 2, 3, 4, 5]
    (error,) = last.errors
    assert (error.field, error.code) == ("工作年限", "not_years")
    assert error.sentence("zh-hans") == "“6个月”不是整年数；请填写如 3 或 3年。"
    lines = "".join(f"{at}.0,5021\n" for at in range(1_000, 2_000))
    *_good, last = read(make_file("u.csv", f"合同号,金额\n{lines}1001.5,5021\n"))
    assert [(error.field, error.code) for error in last.errors] == [("合同号", "not_a_whole_number")]


def test_a_number_of_a_workbook_has_its_own_point(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for cells in (("id", "amount"), ("A", 80.125), ("B", 12.375)):
        book.worksheets[0].append(cells)
    book.save(tmp_path / "t.xlsx")
    rows = read(tmp_path / "t.xlsx")
    assert [error.code for row in rows for error in row.errors] == ["too_many_decimals"] * 2


def test_the_unit_of_the_amount_names_yuan_whatever_a_feature_says(make_file: MakeFile) -> None:
    rows = read(make_file("t.csv", "合同号,金额(万元),注册资本\nA,5,500万\nB,6,1000万美元\n"))
    assert rows[0].submission is not None
    assert rows[0].submission.currency == "CNY"
    assert rows[0].submission.amount == 50_000
    assert [(error.field, error.code) for error in rows[1].errors] == [("注册资本", "other_currency")]


def test_the_mark_before_a_number_that_is_text_is_no_part_of_it(make_file: MakeFile) -> None:
    (row,) = read(make_file("t.csv", "合同号,客户号,金额\n'00123,'11010119900307193X,'5021\n"))
    assert row.submission is not None
    assert (row.submission.external_ref, row.submission.applicant.external_id) == ("00123", "11010119900307193X")


def test_ticks_say_who_is_a_key_customer(make_file: MakeFile) -> None:
    rows = read(make_file("t.csv", "合同号,金额,VIP客户\nA,5021,√\nB,5021,×\nC,5021,不详\nD,5021,✓\n"))
    assert [row.submission and row.submission.applicant.key_customer for row in rows] == [True, False, False, True]


def test_a_reference_of_sixteen_digits_has_lost_some_in_a_spreadsheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for cells in (["合同号", "金额"], [1234567890123450, 5021], [123456789012345, 5021]):
        book.worksheets[0].append(cells)
    book.save(tmp_path / "t.xlsx")
    lost, kept = read(tmp_path / "t.xlsx")
    assert [(error.field, error.code) for error in lost.errors] == [("合同号", "digits_lost")]
    assert kept.submission is not None
    assert kept.submission.external_ref == "123456789012345"


@pytest.mark.parametrize("mark", ["^", "|", ";", "\t"])
def test_separators_of_exports(make_file: MakeFile, mark: str) -> None:
    (row,) = read(make_file("t.txt", f"合同号{mark}金额{mark}备注\nA{mark}5021{mark}x, y\n"))
    assert row.submission is not None
    assert row.submission.amount == 5021
    assert row.submission.features == {"remark": "x, y"}


def test_a_row_of_totals_is_no_loan_and_says_so(make_file: MakeFile) -> None:
    lines = [
        "C1,50000,张三",
        "C2,30000,李四",
        "合计,80000,",
        "小 计：,1,",
        "Grand Total,80000,",
        ",80000,总计",
        "合计商贸,1,合计商贸有限公司",
    ]
    rows = read(make_file("t.csv", "\n".join(["客户编号,贷款金额,客户名称", *lines])))
    assert [[(error.field, error.value, error.code) for error in row.errors] for row in rows] == [
        [], [], [("客户编号", "合计", "row_of_totals")], [("客户编号", "小 计：", "row_of_totals")],
        [("客户编号", "Grand Total", "row_of_totals")], [("客户名称", "总计", "row_of_totals")], [],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "is_total"),
    [
        ("合计(3)", True), ("合计：3笔", True), ("北京分行合计", True), ("合计人民币", True), ("小计（元）", True),
        ("共3笔", True), ("期末合计", True), ("本页小计（共20笔）", True), ("總額", True), ("Total (3)", True),
        ("Total: 12,000", True), ("共和", False), ("总经理", False), ("北京总部", False), ("贷款总额", False),
        ("1月合计", True), ("2026年1月小计", True), ("消费贷汇总", True), ("TOTAL 15 loans", True), ("15笔", True),
        ("设计总数", False),
        ("count3", False), ("Total 5", False), ("共3人", False), ("合计商贸", False), ("共3笔业务", False),
    ],
)  # fmt: skip
def test_words_of_totals_with_whose_they_are_and_how_many(text: str, is_total: bool) -> None:
    assert says_total(text) is is_total


def test_a_total_of_a_group_is_no_loan_where_it_is_nobodys(make_file: MakeFile) -> None:
    lines = [
        "consumer,张三,50000,K1",
        "consumer Total,,80000,",
        "消费贷 计数,,2,",
        "Sum of Loan Amount,,80000,",
        "Total - Branch A,,80000,",
        "car,Baron Count,5000,K2",
        "car,Total Gas Ltd,6000,K3",
        "Personal Total,李四,6000,K4",
    ]
    rows = read(make_file("t.csv", "\n".join(["产品,客户名称,贷款金额,客户编号", *lines])))
    codes = [[error.code for error in row.errors] for row in rows]
    assert codes == [[], *[["row_of_totals"]] * 4, [], [], []]


def test_a_count_in_a_column_of_counts_is_that_of_its_row(make_file: MakeFile) -> None:
    loans = "1笔,张三,10000,12,2026-01-05\n2笔,李四,20000,12,2026-01-05\n"
    totals = "合计,,30000,,\n2笔,,30000,,\n共2笔,全部,30000,12,2026-01-05\n"
    rows = read(make_file("t.csv", f"笔数,客户名称,申请金额,期限,申请日期\n{loans}{totals}"))
    assert [row.submission and row.submission.amount for row in rows] == [10_000, 20_000, None, None, None]
    assert [error.code for row in rows for error in row.errors] == ["row_of_totals"] * 3
    # Of any other column it says that its row counts the rows above.
    rows = read(make_file("u.csv", f"借据号,客户名称,申请金额,期限,申请日期\n{loans}"))
    assert [error.code for row in rows for error in row.errors] == ["row_of_totals"] * 2


def test_a_cell_in_yuan_in_a_column_of_ten_thousands_is_refused_by_name(make_file: MakeFile) -> None:
    cells = ["12.5", "125000元", "12.5万元", "￥12"]
    lines = [f'A{at},"{cell}"' for at, cell in enumerate(cells)]
    rows = read(make_file("t.csv", "\n".join(["合同号,申请金额(万元)", *lines])))
    assert [row.submission and row.submission.amount for row in rows] == [125_000, None, 125_000, 120_000]
    assert [(error.field, error.value, error.code) for row in rows for error in row.errors] == [
        ("申请金额(万元)", "125000元", "other_unit_than_column"),
    ]


SHARES = [f"0.{at}5" for at in range(1, 10)]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        ([*SHARES, "0", "1.2"], [15, 25, 35, 45, 55, 65, 75, 85, 95, 0, 120]),
        # Noughts make no shares of percents, and among shares a percent refuses its row.
        (["0"] * 12 + ["55.5"], [0] * 12 + [55.5]),
        (["0", "1", "1"], [0, 1, 1]),
        ([*SHARES, "0.2", "35.2"], [15, 25, 35, 45, 55, 65, 75, 85, 95, 20, None]),
    ],
)
def test_shares_of_what_is_kept_in_percent_are_percents(
    make_file: MakeFile, cells: list[str], values: list[float | None]
) -> None:
    rows = read(
        make_file("t.csv", "\n".join(["id,amount,dti", *(f"A{n},{5000 + n},{c}" for n, c in enumerate(cells))]))
    )
    assert [row.submission and row.submission.features["debt_to_income"] for row in rows] == values


def test_words_among_incomes_refuse_their_own_rows_alone(make_file: MakeFile) -> None:
    # So do a nought before a number and a long text, which make a code or a text of any other column.
    incomes = ["60000", "confidential"] * 14 + ["60000", "of this nothing is known to us", "052000"]
    lines = [f"A{at},5021,{income},{income}" for at, income in enumerate(incomes)]
    rows = read(make_file("t.csv", "\n".join(["id,amount,annual income,other income", *lines])))
    assert [error.field for row in rows for error in row.errors] == ["annual income"] * 15
    assert rows[0].submission is not None
    # Of a column that may be anything half is not enough.
    assert rows[0].submission.features == {"annual_income": 60_000, "other_income": "60000"}


def test_what_a_workbook_has_computed_is_told_in_cents_and_third_decimals_are_refused(tmp_path: Path) -> None:
    sums: list[list[object]] = [["合同号", "金额"], ["A", 100_000 / 3], ["B", 5021.005], ["C", 0.1 + 0.2]]
    rows = read(book(tmp_path / "t.xlsx", {"1": sums}))
    amounts = [row.submission and row.submission.amount for row in rows]
    assert amounts == [Decimal("33333.33"), None, Decimal("0.30")]
    assert [error.code for row in rows for error in row.errors] == ["too_many_decimals"]


def book(path: Path, sheets: dict[str, list[list[object]]], hidden: str = "") -> Path:
    """A workbook of these sheets, one of them hidden."""
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        sheet.sheet_state = "hidden" if name == hidden else "visible"
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


JANUARY: list[list[object]] = [["合同号", "金额"], ["A", 5021]]
FEBRUARY: list[list[object]] = [["二月"], ["金额", "合同号"], [5022, "B"]]


def test_no_sheet_of_the_same_columns_is_passed_over_in_silence(tmp_path: Path) -> None:
    with pytest.raises(TableError) as refused:
        open_table(book(tmp_path / "t.xlsx", {"1月": JANUARY, "说明": [["填表说明"]], "2月": FEBRUARY}))
    assert (refused.value.code, refused.value.params) == ("sheets_alike", {"names": "1月, 2月"})
    (row,) = read(book(tmp_path / "u.xlsx", {"1月": JANUARY, "2月": FEBRUARY}, hidden="1月"))
    assert row.submission is not None
    assert row.submission.external_ref == "B"
    codes: list[list[object]] = [["代码", "含义"], ["1", "消费"]]
    assert [row.row_number for row in read(book(tmp_path / "v.xlsx", {"1月": JANUARY, "代码": codes}))] == [2]
    assert [row.row_number for row in read(book(tmp_path / "w.xlsx", {"1月": JANUARY, "2月": JANUARY[:1]}))] == [2]


def test_a_sheet_that_only_explains_is_no_table(tmp_path: Path) -> None:
    (row,) = read(book(tmp_path / "t.xlsx", {"说明": [["填表说明"], ["请勿改动"]], "数据": JANUARY}))
    assert row.submission is not None
    assert row.submission.external_ref == "A"


def test_one_person_is_one_applicant_however_the_number_is_written(make_file: MakeFile) -> None:
    one = ["33010619750101100X", "３３０１０６１９７５０１０１１００ｘ", "330106750101100", "330106 19750101 100x"]
    written = [*one, *["110101199003071938"] * 16, "110101199003071937"]
    rows = read(make_file("t.csv", "身份证号,金额\n" + "".join(f"{number},5021\n" for number in written)))
    assert {row.submission.applicant.external_id for row in rows if row.submission} == {one[0], written[-2]}
    assert [(row.row_number, error.field) for row in rows for error in row.errors] == [(22, "身份证号")]


def test_marks_around_a_header_hide_neither_field_nor_unit(make_file: MakeFile) -> None:
    columns = "*合同号,*贷款金额(万元)*,月收入（万元）＊,负债总额/万元,总资产：万元"
    (row,) = read(make_file("t.csv", f"{columns}\nA,5,1.2,3,4\n"))
    assert row.submission is not None
    assert row.submission.amount == 50_000
    assert row.submission.features == {"monthly_income": 12_000, "total_debt": 30_000, "total_assets": 40_000}


def test_a_table_of_two_rows_from_taiwan_is_no_mainland_one(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    text = "申請編號,貸款金額(萬元),申請日期,客戶姓名\nA001,8,2026/01/05,陳大文\nA002,9,2026/01/06,王小明\n"
    path.write_bytes(text.encode("big5"))
    told = [(int(row.submission.amount), row.submission.applicant.name) for row in read(path) if row.submission]
    assert told == [
        (80_000, "陳大文"), (90_000, "王小明"),
    ]  # fmt: skip
    path.write_bytes("合同号,金额,姓名\nA,5,某某\n".encode("gb18030"))
    assert open_table(path).columns == ["合同号", "金额", "姓名"]
