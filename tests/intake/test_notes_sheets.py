"""Units and currencies in another sheet of a workbook, or in a comment on its header, are not passed over."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import xlrd
from openpyxl.comments import Comment
from xlrd.sheet import Note

from intake.mapped.case_mapping import MappingError
from intake.reading.parse import open_table
from intake.reading.rows import read_rows, sample_rows
from intake.reading.table_notes import lines_beside, units_of, units_of_columns
from intake.recognition.infer import infer_mapping
from intake.recognition.open_terms import with_stated_term
from intake.record.choose import mapping_for
from intake.tabular.notes_sheets import CODE
from intake.tabular.old_workbook_marks import marks_of_old_workbook
from intake.tabular.stated_units import with_stated_units
from intake.tabular.tables import Line
from tests.intake.places import NOW
from tests.intake.test_open_documents import text_cell, write_ods
from tests.intake.test_other_sheets import Rows, book

HEADER: list[object] = ["借据号", "贷款金额", "注册资本(万元)", "期限", "放款日期", "贷款利率"]
LOANS: Rows = [[f"A{n}", 12.5 + n, 300, 1 + n, date(2026, 1, 5), 4.35] for n in range(3)]
NAMES: list[object] = ["Loan ID", "Loan Amount", "Annual Revenue", "Term", "Disbursement Date", "Interest Rate"]


def refused(path: Path) -> tuple[str, dict[str, str]]:
    table = open_table(path)
    with pytest.raises(MappingError) as told:
        mapping_for(table, "branch-x", None)
    return told.value.code, told.value.params


@pytest.mark.parametrize(
    ("name", "notes", "said", "column"),
    [
        ("填表说明", [["填表说明"], ["1. 金额单位：万元"], ["2. 期限单位：月"]], "1. 金额单位：万元", "贷款金额"),
        ("填表说明", [["序号", "要求"], [1, "金额单位均为万元，两位小数"]], "金额单位均为万元，两位小数", "贷款金额"),
        ("说明", [["请勿改动。\n金额以万元计；期限为月"]], "金额以万元计", "贷款金额"),
        ("其他", [["单位", "万元"]], "单位: 万元", "贷款金额"),
        ("封面", [["笔数", 3], ["报表日期", date(2026, 1, 5)], ["单位", "千元"]], "单位: 千元", "贷款金额"),
        ("说明", [["注册资本单位为万元，贷款金额单位为千元"]], "注册资本单位为万元，贷款金额单位为千元", "贷款金额"),
        ("填表说明", [["1. 期限单位：年"]], "1. 期限单位：年", "期限"),
        ("填表说明", [["利率单位：‰（月）"]], "利率单位：‰（月）", "贷款利率"),
        ("字段说明", [["字段", "说明"], ["贷款金额", "单位万元"]], "单位万元", "贷款金额"),
        ("字典", [["序号", "字段", "类型", "示例"], [2, "贷款金额(万元)", "数值", 12.5]], "贷款金额(万元)", "贷款金额"),
        ("字典", [["字段", "必填", "单位"], ["期限", "Y", "年"]], "年", "期限"),
        ("字典", [["字段", "说明"], ["贷款利率", "月利率"]], "贷款利率: 月利率", "贷款利率"),
    ],
)  # fmt: skip
def test_a_sheet_of_notes_refuses_the_file_by_what_it_says(
    tmp_path: Path, name: str, notes: Rows, said: str, column: str
) -> None:
    path = book(tmp_path / "t.xlsx", 台账=[HEADER, *LOANS], **{name: notes})
    assert refused(path) == (CODE, {"said": said, "column": column})


@pytest.mark.parametrize(
    ("name", "notes", "said"),
    [
        ("README", [["Loan tape"], ["All amounts in USD thousands"]], "All amounts in USD thousands"),
        ("Notes", [["Currency", "KES"]], "Currency: KES"),
        ("Notes", [["Currency: Shillings"]], "Currency: Shillings"),
        ("Data dictionary", [["Field", "Description"], ["Loan Amount", "Principal, in KES thousands"]],
         "Principal, in KES thousands"),
        ("Data dictionary", [["Field", "Unit"], ["Loan Amount", "USD"]], "USD"),
    ],
)  # fmt: skip
def test_a_sheet_of_notes_names_a_currency(tmp_path: Path, name: str, notes: Rows, said: str) -> None:
    path = book(tmp_path / "t.xlsx", Loans=[NAMES, *LOANS], **{name: notes})
    assert refused(path) == (CODE, {"said": said, "column": "Loan Amount"})


def test_notes_may_stand_before_the_loans(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", 填表说明=[["填表说明"], ["金额单位：万元"]], 台账=[HEADER, *LOANS])
    assert refused(path) == (CODE, {"said": "金额单位：万元", "column": "贷款金额"})


@pytest.mark.parametrize(
    ("name", "notes"),
    [
        ("填表说明", [["填表说明"], ["金额单位：元", "请勿改动"], ["1. 期限为月"], ["2. 注册资本单位为万元"]]),
        ("字典", [["字段", "必填", "单位"], ["贷款金额", "M", "元"], ["期限", "Y", "月"], ["注册资本", "D", "万元"]]),
        # Of another table, of codes and names.
        ("字典", [["字段", "单位"], ["借据号", ""], ["营业收入", "万元"], ["贷款金额", "元"]]),
        ("产品", [["产品", "说明"], ["小额贷", "50万元以下"], ["大额贷", "授信额度100万元以上"]]),
        # Its line is of the totals that stand there.
        ("汇总", [["单位：万元"], ["产品", "余额"], ["消费", 1.5]]),
        ("汇总", [["产品", "贷款余额（万元）"], ["消费", 1.5]]),
        ("汇总", [["贷款金额（万元）", 37.5], ["笔数", 3]]),
    ],
)
def test_a_sheet_that_says_nothing_of_the_loans_refuses_nothing(tmp_path: Path, name: str, notes: Rows) -> None:
    loans = [[row[0], 125_000, *row[2:3], 12, *row[4:]] for row in LOANS]
    table = open_table(book(tmp_path / "t.xlsx", 台账=[HEADER, *loans], **{name: notes}))
    mapping = mapping_for(table, "branch-x", None)[1]
    read = [row.submission for row in read_rows(table, mapping, now=NOW)]
    assert [(each.amount, each.term_months, each.features["registered_capital"]) for each in read if each] == [
        (Decimal("125000.00"), 12, 3_000_000)
    ] * 3


def test_so_much_of_a_workbook_is_looked_through(tmp_path: Path) -> None:
    notes: Rows = [[f"请按要求填写{'，' * 90}"]] * 2_000
    path = book(tmp_path / "t.xlsx", 台账=[HEADER, *LOANS], **{f"说明{n}": notes for n in range(4)})
    lines = open_table(path).lines
    assert (len(lines), {line.said for line in lines}) == (1_041, {notes[0][0]})


def commented(path: Path, rows: Rows, **comments: str) -> Path:
    made = openpyxl.Workbook()
    for row in rows:
        made.worksheets[0].append(row)
    for place, said in comments.items():
        made.worksheets[0][place].comment = Comment(said, "张三")
    made.save(path)
    return path


def test_a_comment_on_a_header_is_of_its_column(tmp_path: Path) -> None:
    path = commented(tmp_path / "t.xlsx", [HEADER, *LOANS], B1="张三:\n单位：万元", C2="单位：千元", D1="in years")
    assert open_table(path).lines == [
        Line("unit_in_comment", "张三:", "贷款金额"),
        Line("unit_in_comment", "单位：万元", "贷款金额"),
        Line("unit_in_comment", "in years", "期限"),
    ]
    assert refused(path) == ("unit_in_comment", {"said": "单位：万元", "column": "贷款金额"})
    path = commented(tmp_path / "t.xlsx", [HEADER, *LOANS], D1="in years")
    assert refused(path) == ("unit_in_comment", {"said": "in years", "column": "期限"})
    path = commented(tmp_path / "t.xlsx", [HEADER, *LOANS], B1="请核对", C1="单位：万元")
    assert mapping_for(open_table(path), "branch-x", None)[1].fields["amount"].scale is None


def test_a_comment_above_columns_is_of_all_of_them(tmp_path: Path) -> None:
    groups: Rows = [["借据号", "贷款信息", None, None], [None, "金额", "期限", "放款日期"]]
    loans: Rows = [[f"A{n}", 12.5, 12, date(2026, 1, 5)] for n in range(3)]
    path = commented(tmp_path / "t.xlsx", [*groups, *loans], A1="唯一", B1="单位：万元", C2="月")
    assert open_table(path).lines == [
        Line("unit_in_comment", "唯一", "借据号"),
        Line("unit_in_comment", "单位：万元"),
        Line("unit_in_comment", "月", "期限"),
    ]
    assert refused(path) == ("unit_in_comment", {"said": "单位：万元", "column": "金额"})


def test_a_comment_on_a_header_of_an_open_document_or_an_old_workbook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "<office:annotation><text:p>单位：万元</text:p></office:annotation><text:p>贷款金额"
    rows = [
        [text_cell(cell) for cell in ("借据号", "贷款金额", "期限")],
        [text_cell(cell) for cell in ("A", "12.5", "12")],
    ]
    rows[0][1] = rows[0][1].replace("<text:p>贷款金额", said)
    assert refused(write_ods(tmp_path / "t.ods", rows)) == (
        "unit_in_comment", {"said": "单位：万元", "column": "贷款金额"},
    )  # fmt: skip
    old, opened = Path(__file__).parent / "dirt" / "failed_formulas.xls", xlrd.open_workbook
    note = Note()
    note.text = "单位：万元"

    def with_notes(*given: object, **options: object) -> object:
        opening = opened(*given, **options)
        for sheet in opening.sheets():
            sheet.cell_note_map = {(0, 1): note, (50, 1): note}
        return opening

    monkeypatch.setattr(xlrd, "open_workbook", with_notes)
    assert marks_of_old_workbook(old, "data", range(12)).comments == {(0, 1): "单位：万元"}


def test_a_draft_reads_a_column_in_the_unit_of_its_dictionary(tmp_path: Path) -> None:
    dictionary: Rows = [["字段", "单位"], ["贷款金额", "千美元"], ["期限", "年"]]
    table = open_table(book(tmp_path / "t.xlsx", 台账=[HEADER, *LOANS], 字典=dictionary))
    rows = sample_rows(table)
    drafted = infer_mapping(table.columns, rows, "branch-x")
    for stated in (units_of(table, rows, []), *units_of_columns(table, drafted)):
        drafted = with_stated_units(drafted, stated)
    drafted = with_stated_term(drafted, rows, lines_beside(table, []))
    amount, term, currency = (drafted.fields[name] for name in ("amount", "term_months", "currency"))
    assert (amount.scale, term.scale, currency.how, currency.value) == (Decimal(1000), Decimal(12), "constant", "USD")
