"""A table without numbers that comes in another format, or with a column more, makes no second cases."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from cases.models import Case, User
from intake.actions import ImportReport
from intake.mapped.case_mapping import CHINA
from intake.mapped.given import Given
from intake.mapped.plain_cells import plain_text
from intake.models import Batch, RejectedRow
from intake.recognition.mapping import MappingError
from intake.values.cells import cell_text
from intake.values.percent_cells import Percentage
from tests.intake.places import MakeFile
from tests.intake.test_on_record import counts, on_record, take_in
from tests.mapped import signed

HEADER: Final = ("贷款金额", "年利率", "年收入", "申请日期", "所属地区")
REGIONS: Final = ("上海市", "江苏省", "浙江省")


def as_text(rows: int, *more: str) -> str:
    """As people export it for others to read: grouped digits, percent, dates with slashes, gaps with a word."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow([*HEADER, *more[:1]])
    for n in range(rows):
        income = f"{60000 + 250 * n:,}.00" if n % 7 else "N/A"
        cells = [f"{12000 + 100 * n:,}.00", f"{4 + n / 100:.2f}%", income, f"2026/1/{1 + n % 28}", REGIONS[n % 3]]
        lines.writerow([*cells, *[text.format(n) for text in more[1:]]])
    return out.getvalue()


def without_last(text: str) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(row[:-1] for row in csv.reader(io.StringIO(text)))
    return out.getvalue()


def as_workbook(path: Path, rows: int) -> Path:
    """The same table as a spreadsheet keeps it: numbers, shares that are shown in percent, days, empty cells."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER)
    for n in range(rows):
        income = 60000 + 250 * n if n % 7 else None
        day = datetime(2026, 1, 1 + n % 28)  # noqa: DTZ001
        sheet.append([12000 + 100 * n, round(0.04 + n / 10000, 6), income, day, REGIONS[n % 3]])
        sheet.cell(n + 2, 2).number_format = "0.00%"
    book.save(path)
    return path


def test_a_table_that_comes_as_text_and_again_as_a_workbook_is_known(
    transactional_db: None, make_file: MakeFile, tmp_path: Path
) -> None:
    assert counts(take_in(make_file("a.csv", as_text(60)))) == (60, 0, 0)
    before = on_record()
    assert {str(case["external_ref"])[:2] for case in before} == {"R-"}
    assert counts(take_in(as_workbook(tmp_path / "b.xlsx", 61))) == (1, 60, 0)
    assert on_record()[:60] == before
    # And the other way: what came as a workbook is known as text.
    assert counts(take_in(make_file("c.csv", as_text(62)))) == (1, 61, 0)
    assert not Case.objects.filter(state="needs_data").exists()


def test_rows_that_were_told_by_their_cells_as_written_keep_their_references(
    transactional_db: None, make_file: MakeFile, tmp_path: Path
) -> None:
    text = (
        "fields: {external_ref: {row_hash: true, prefix: R-}, product: {default: branch}, amount: {column: 贷款金额},"
        " currency: {default: CNY}, term_months: {default: 12}, applied_at: {column: 申请日期},"
        " applicant.id: {derive: applicant_reference}, region: {column: 所属地区}}\n"
        "features: {annual_income: {column: 年收入, type: number}, interest_rate: {column: 年利率, type: percent}}\n"
    )
    assert counts(take_in(make_file("a.csv", as_text(20)), make_file("then.yaml", text))) == (20, 0, 0)
    before = on_record()
    assert counts(take_in(make_file("b.csv", as_text(21)))) == (1, 20, 0)
    assert on_record()[:20] == before


def test_scores_of_sixteen_digits_are_known_in_a_file_that_holds_them_as_numbers(
    transactional_db: None, make_file: MakeFile, tmp_path: Path
) -> None:
    scores = [0.2629485927471776 + n / 7 for n in range(20)]
    text = "贷款金额,评分\n" + "".join(f"{5000 + n},{score!r}\n" for n, score in enumerate(scores))
    assert counts(take_in(make_file("a.csv", text))) == (20, 0, 0)
    table = pa.table({"贷款金额": [5000 + n for n in range(20)], "评分": scores})
    pq.write_table(table, tmp_path / "b.parquet")
    assert counts(take_in(tmp_path / "b.parquet")) == (0, 20, 0)


def added(make_file: MakeFile, *more: str) -> ImportReport:
    assert counts(take_in(make_file("a.csv", as_text(20)))) == (20, 0, 0)
    return take_in(make_file("b.csv", as_text(21, *more)))


def test_a_column_that_tells_nothing_of_the_case_makes_no_second_one(
    transactional_db: None, make_file: MakeFile
) -> None:
    assert counts(added(make_file, "序号", "{}")) == (1, 20, 0)


def test_a_table_that_gets_numbers_of_its_own_makes_no_second_cases(
    transactional_db: None, make_file: MakeFile
) -> None:
    assert counts(take_in(make_file("a.csv", as_text(20)))) == (20, 0, 0)
    before = on_record()
    assert counts(take_in(make_file("b.csv", as_text(21, "贷款合同编号", "HT-{}")))) == (1, 20, 0)
    assert on_record()[:20] == before
    assert Case.objects.latest("pk").external_ref == "HT-20"
    # Known again, whatever its row was called then.
    assert counts(take_in(make_file("c.csv", as_text(22, "贷款合同编号", "HT-{}")))) == (1, 21, 0)


def test_a_word_that_comes_again_as_a_flag_beside_new_numbers_makes_no_second_cases(
    transactional_db: None, make_file: MakeFile
) -> None:
    words = "".join(f"{5000 + n},{'否' if n % 2 else '是'}\n" for n in range(20))
    flags = "".join(f"HT-{n},{5000 + n},{'FALSE' if n % 2 else 'TRUE'}\n" for n in range(21))
    assert counts(take_in(make_file("a.csv", "贷款金额,是否有房\n" + words))) == (20, 0, 0)
    before = on_record()
    report = take_in(make_file("b.csv", "合同编号,贷款金额,是否有房\n" + flags))
    assert counts(report) == (1, 20, 0)
    assert on_record()[:20] == before


def test_a_column_that_tells_more_of_a_case_is_said_by_row(transactional_db: None, make_file: MakeFile) -> None:
    """As of a table with numbers: neither a second case nor dropped in silence."""
    report = added(make_file, "逾期次数", "2")
    assert counts(report) == (1, 0, 20)
    known = set(Case.objects.order_by("pk").values_list("external_ref", flat=True)[:20])
    errors = [row.errors[0] for row in RejectedRow.objects.order_by("row_number")]
    assert {error["code"] for error in errors} == {"reference_reused"}
    assert {error["zh"].partition("内容不同")[2] for error in errors} == {"：逾期次数。"}
    assert {error["value"] for error in errors} == known


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("邮箱", "user{}@example.com"), ("家庭住址", "上海市中山路{}号"), ("银行卡号", "622202123456780{}"),
        ("紧急联系人", "联系人{}"), ("单据", "DJ{}"),
    ],
)  # fmt: skip
def test_loans_that_only_what_is_not_kept_tells_apart_are_no_duplicates(
    transactional_db: None, make_file: MakeFile, column: str, text: str
) -> None:
    def loans(first: int) -> str:
        rows = "".join(f"10000,12,60000,2026-01-05,{text.format(1000 + n)}\n" for n in range(first, first + 12))
        return f"贷款金额,期限,年收入,申请日期,{column}\n{rows}"

    assert counts(take_in(make_file("a.csv", loans(0)))) == (12, 0, 0)
    assert counts(take_in(make_file("b.csv", loans(12)))) == (12, 0, 0)
    assert counts(take_in(make_file("c.csv", loans(6)))) == (0, 12, 0)


@pytest.mark.parametrize("gap", ["-", "—", "无", "未知", "N/A"])
def test_other_words_for_a_gap_and_for_a_term_make_no_second_cases(
    transactional_db: None, make_file: MakeFile, gap: str
) -> None:
    def loans(nothing: str, term: str) -> str:
        rows = [(n if n % 5 else nothing, f"{12 + n % 2 * 12}{term}") for n in range(20)]
        return "贷款金额,年收入,期限\n" + "".join(f"{5000 + n},{each},{last}\n" for n, (each, last) in enumerate(rows))

    assert counts(take_in(make_file("a.csv", loans("", "")))) == (20, 0, 0)
    assert counts(take_in(make_file("b.csv", loans(gap, "个月")))) == (0, 20, 0)


def test_headers_that_are_respelt_make_no_second_cases(transactional_db: None, make_file: MakeFile) -> None:
    assert counts(take_in(make_file("a.csv", as_text(20)))) == (20, 0, 0)
    respelt = as_text(21).replace("年收入", "年 收入（元）", 1).replace("申请日期", "申请_日期", 1)
    assert counts(take_in(make_file("b.csv", respelt))) == (1, 20, 0)
    # A currency that is named now was a stand-in then: the same loan, of which more is told.
    report = take_in(make_file("c.csv", as_text(21).replace("贷款金额", "贷款金额（元）", 1)))
    assert counts(report) == (0, 0, 21)
    assert {row.errors[0]["en"].partition("content: ")[2] for row in RejectedRow.objects.all()} == {"currency."}


def test_other_units_and_words_of_yes_and_no_make_no_second_cases(transactional_db: None, make_file: MakeFile) -> None:
    lines = [(5021 + n * 10, "是" if n % 2 else "否", n % 7) for n in range(20)]
    first = "".join(f"{amount}.00,{flag},{late}\n" for amount, flag, late in lines)
    other = "".join(f"{amount / 10000},{'Y' if flag == '是' else 'N'},{late}\n" for amount, flag, late in lines)
    report = take_in(make_file("a.csv", "贷款金额(元),是否有房,逾期次数\n" + first))
    assert counts(report) == (20, 0, 0)
    again = take_in(make_file("b.csv", "贷款金额(万元),是否有房,逾期次数\n" + other))
    # The same rows; what a text says is taken as it is written.
    assert again.accepted == 0
    assert Case.objects.count() == 20


def test_a_table_that_lacks_a_column_by_which_its_rows_were_told_is_refused(
    transactional_db: None, make_file: MakeFile, admin: User, supervisor: User
) -> None:
    assert counts(take_in(make_file("a.csv", as_text(20)))) == (20, 0, 0)
    before = on_record()
    path = make_file("b.csv", without_last(as_text(20)))
    with pytest.raises(MappingError) as refusal:
        take_in(path)
    assert (refusal.value.code, refusal.value.params) == ("columns_lacking", {"names": "所属地区"})
    assert on_record() == before
    assert Batch.objects.count() == 1
    # A table of another kind is none that lacks something, and one that a person has mapped is not asked about.
    assert counts(take_in(make_file("c.csv", "贷款金额,贷款期限\n5000,12\n6000,12\n"))) == (2, 0, 0)
    fields = {
        "external_ref": {"row_hash": "values"}, "product": {"constant": "sme"}, "amount": {"column": "贷款金额"},
        "currency": {"constant": "CNY"}, "term_months": {"default": 12}, "applied_at": {"column": "申请日期"},
        "applicant.id": {"derive": "applicant_reference"},
    }  # fmt: skip
    signed("branch", {"fields": fields}, by=admin, second=supervisor)
    assert counts(take_in(path)) == (20, 0, 0)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1,200.00", "1200"), (1200, "1200"), (1200.0, "1200"), (Decimal("1200.00"), "1200"), ("￥1,200", "1200"),
        ("1.2万", "12000"), ("(300)", "-300"), ("-0.0", "0"), ("00123", "123"), ("1E3", "1000"),
        ("4.35%", "0.0435"), ("4.35％", "0.0435"), ("43.5‰", "0.0435"), (Percentage(0.0435), "0.0435"),
        (0.048499999999999995, "0.0485"), ("0.1234567890123456789", "0.123456789012346"),
        (0.2629485927471776, "0.262948592747178"), ("0.2629485927471776", "0.262948592747178"),
        (float("inf"), "Infinity"), (0, "0"), ("0.00", "0"), ("100", "100"),
        # Of long whole numbers as text every digit counts.
        ("123456789012345678901234567891", "123456789012345678901234567891"),
        ("110101194912310021", "110101194912310021"), ("11010119491231002X", "11010119491231002x"),
        ("2026/1/5", "2026-01-05"), ("2026年1月5日", "2026-01-05"), (date(2026, 1, 5), "2026-01-05"),
        (datetime(2026, 1, 5), "2026-01-05"),  # noqa: DTZ001
        ("2026-01-05 08:30", "2026-01-05 08:30:00"),
        (datetime(2026, 1, 5, 0, 30, tzinfo=UTC), "2026-01-05 08:30:00"),
        ("N/A", ""), (None, ""), (float("nan"), ""), ("", ""), ("无", "false"), ("有", "true"),
        (True, "true"), ("TRUE", "true"), ("是", "true"), ("N", "false"),
        ("上海 市", "上海 市"), ("3/4/2026", "3/4/2026"),
    ],
)  # fmt: skip
def test_a_value_has_one_spelling(cell: object, expected: str) -> None:
    assert plain_text(cell, cell_text(cell), None, CHINA) == expected


def test_what_is_known_of_a_column_settles_what_a_cell_of_it_may_mean() -> None:
    german = Given("column", "betrag", decimal=",")
    assert [plain_text(cell, str(cell), german, CHINA) for cell in ("1.200", 1200, 1200.5)] == [
        "1200",
        "1200",
        "1200.5",
    ]
    day = Given("column", "day", type="date", format="%d/%m/%Y")
    cells: tuple[object, ...] = ("03/04/2026", date(2026, 4, 3), "2026-04-03", "46115")
    assert [plain_text(cell, str(cell), day, CHINA) for cell in cells] == ["2026-04-03"] * 3 + ["46115"]


def told_by(cells: tuple[object, ...], **how: Any) -> list[str]:
    return [plain_text(cell, cell_text(cell), Given("column", "a", **how), CHINA) for cell in cells]


def test_the_kind_of_a_column_settles_what_a_cell_of_it_may_mean() -> None:
    assert told_by(("12个月", "12期", "1年", 12, 12.0, "—", "long"), type="months") == ["12"] * 5 + ["", "long"]
    assert told_by(("4.35%", 4.35, "43.5‰", Percentage(0.0435), 4.3500000000000005), type="percent") == ["0.0435"] * 5
    assert told_by(("8.5%", "0.085", 0.085, 8.5), type="rate") == ["0.085"] * 4
    assert told_by(("是", "Y", True, 1, "无", "未知"), type="flag") == ["true"] * 4 + ["", ""]
    assert told_by(("无", "未知", None), type="number", values={"无": 0}) == ["false", "", ""]
    assert told_by(("无", "ohne", "N/A"), type="text", missing=frozenset({"ohne"})) == ["false", "", ""]


def test_true_is_told_as_the_number_that_it_is_read_as_and_as_itself_where_it_is_read_as_a_flag() -> None:
    """A code table that says true of TRUE, signed before, keeps the references of its rows."""
    for values, told in (({"true": 1, "false": 0}, ["1", "0"]), ({"true": True, "false": False}, ["true", "false"])):
        assert [
            plain_text(cell, cell_text(cell), Given("column", "a", values=values), CHINA) for cell in (True, False)
        ] == told
