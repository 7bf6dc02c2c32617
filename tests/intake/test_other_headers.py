"""A header further down that says something else than the first: no row below it is read under the first one."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook

from cases.models import Case, User
from intake.actions import import_rows, start_import
from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, read_rows
from intake.recognition.mapping import mapping_as_data
from intake.record.choose import mapping_for
from intake.tabular.tables import BadRow
from tests.intake.places import NOW, MakeFile

HEADER = "合同号,客户号,金额(元),期限(月),放款日期"
FIRST = f"{HEADER}\nA1,C1,50000,12,2025-01-03\nA2,C2,60000,24,2025-01-04\n"


def read(path: Path) -> list[ReadRow]:
    table = open_table(path)
    return list(read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW))


def told(rows: list[ReadRow]) -> list[object]:
    """The amount of each row, or the row of the header under which it is refused, or another reason."""
    return [
        int(row.submission.amount) if row.submission is not None
        else int(row.errors[0].params["row"]) if row.errors[0].code == "other_header"
        else row.errors[0].code
        for row in rows
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("合同号,客户号,金额(万元),期限(月),放款日期", "A3,C3,80,12,2025-01-05"),
        ("合同号,客户号,金额(元),期限(年),放款日期", "A3,C3,80000,2,2025-01-05"),
        ("合同号,客户号,期限(月),金额(元),放款日期", "A3,C3,12,80000,2025-01-05"),
        ("客户号,合同号,金额(元),期限(月),放款日期", "C3,A3,80000,12,2025-01-05"),
        ("借据编号,借款人编号,借款金额,借款期限,到期日", "A3,C3,80000,12,2025-01-05"),
        ("合同号,客户号,金额(元),期限(月),放款日期,利率", "A3,C3,80000,12,2025-01-05,5%"),
        ("合同号,客户号,金额(元),期限(月)", "A3,C3,80000,12"),
        ("Loan ID,Customer ID,Loan Amount (USD),Term,Application Date", "A3,C3,80000,12,2025-01-05"),
    ],
)
def test_rows_below_another_header_are_refused_by_its_row(make_file: MakeFile, header: str, row: str) -> None:
    rows = read(make_file("t.csv", f"{FIRST}{header}\n{row}\nA4,C4,x,12,2025-01-05\n"))
    assert told(rows) == [50_000, 60_000, 4, 4, 4]
    assert rows[2].raw["合同号"] == header.split(",")[0]
    assert rows[3].raw["合同号"] == row.split(",")[0]
    assert [error.field for error in rows[3].errors] == ["row"]
    error = rows[3].errors[0]
    assert "Row 4 is a header unlike the first one" in error.sentence("en")
    assert "第 4 行" in error.sentence("zh-hans")


def test_other_currencies_terms_and_orders_are_other_headers(make_file: MakeFile) -> None:
    text = (
        "loan id,Loan Amount (USD),Term (months)\nA1,5000,12\nloan id,Loan Amount (EUR),Term (years)\nA3,80,3\n"
        "loan id,Term (months),Loan Amount (USD)\nA4,12,80\n"
    )
    assert told(read(make_file("t.csv", text))) == [5000, 3, 3, 5, 5]


def test_a_repetition_of_the_first_header_changes_nothing_and_ends_another(make_file: MakeFile) -> None:
    other = f"{HEADER.replace('元', '万元')}\nA4,C4,8,12,2025-01-05\n"
    text = f"{FIRST}{HEADER}\nA3,C3,70000,12,2025-01-05\n{other}{HEADER}\nA5,C5,90000,6,2025-01-06\n"
    again = "not_a_duration"
    assert told(read(make_file("t.csv", text))) == [50_000, 60_000, again, 70_000, 6, 6, again, 90_000]


def test_the_same_header_below_another_unit_is_another(make_file: MakeFile) -> None:
    header = HEADER.replace("(元)", "")
    block = f"{header}\nA1,C1,50000,12,2025-01-03\n"
    rows = open_table(make_file("t.csv", f"{block}甲支行,,,,\n{block}单位：万元,,,,\n{block}")).rows()
    assert [number for number, row in rows if isinstance(row, BadRow)] == [7, 8]


def test_it_stands_far_below_what_is_looked_at_first(make_file: MakeFile) -> None:
    first = "".join(f"B{at},D{at},{50_000 + at},12,2025-01-03\n" for at in range(3_000))
    other = f"{HEADER.replace('元', '万元')}\nA3,C3,80,12,2025-01-05\n"
    rows = read(make_file("t.csv", f"{HEADER}\n{first}{other}"))
    assert told(rows[-3:]) == [52_999, 3002, 3002]


@pytest.mark.parametrize("shift", [0, 2])
def test_blocks_of_a_sheet_with_blank_rows_between_them(tmp_path: Path, shift: int) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (HEADER.split(","), ["A1", "C1", 50_000, 12, "2025-01-03"], [], []):
        sheet.append(line)
    for line in (HEADER.replace("元", "万元").split(","), ["A3", "C3", 80, 12, "2025-01-05"]):
        sheet.append([None] * shift + line)
    book.save(tmp_path / "t.xlsx")
    rows = read(tmp_path / "t.xlsx")
    assert told(rows) == [50_000, 5, 5]
    assert Decimal(rows[2].raw[HEADER.split(",")[2 + shift]]) == 80


@pytest.mark.parametrize(
    "row",
    [
        "A3,客户号,80000,12,2025-01-05",  # a name where a number belongs
        "合同号,客户号,80000,12,2025-01-05",
        "A3,C3,金额(元),期限(月),放款日期",
        "待补,待补,金额(元),待补,待补",
        "HT-2025-003,客户号,金额(万元),12个月,2025年1月5日",
        "-,Y,Y",
    ],
)
def test_a_loan_that_holds_the_name_of_a_column_is_no_header(make_file: MakeFile, row: str) -> None:
    rows = read(make_file("t.csv", f"{FIRST}{row}\nA4,C4,70000,12,2025-01-05\n"))
    assert "other_header" not in [error.code for each in rows for error in each.errors]
    assert rows[3].submission is not None
    assert rows[3].submission.amount == Decimal(70_000)


@pytest.mark.parametrize(
    ("second", "refused"),
    [
        ("loan_id,customer_id,loan_amount,term,date", []),
        ("loan_id,customer_id,loan_amount (USD),term,date", [2, 2]),
        ("loan_id,customer_id,term,loan_amount,date", [2, 2]),
        (HEADER.replace("(元)", "(万元)"), [2, 2]),
    ],
)
def test_names_in_another_language_right_below_the_first_are_no_other_header(
    make_file: MakeFile, second: str, refused: list[int]
) -> None:
    rows = list(open_table(make_file("t.csv", f"{HEADER}\n{second}\nA1,C1,50000,12,2025-01-03\n")).rows())
    assert [int(row.params["row"]) for _number, row in rows if isinstance(row, BadRow)] == refused


def test_a_header_of_two_lines_again_and_with_another_unit_over_its_group(make_file: MakeFile) -> None:
    upper, lower = "合同号,贷款(元),,客户,", ",金额,期限,编号,名称"
    block = f"{upper}\n{lower}\nA1,50000,12,C1,甲\n"
    same = list(open_table(make_file("t.csv", block + block)).rows())
    assert [row for _number, row in same if isinstance(row, BadRow)] == []
    other = list(open_table(make_file("o.csv", block + block.replace("元", "万元"))).rows())
    refused = [(number, row.params) for number, row in other if isinstance(row, BadRow)]
    assert refused[-1] == (6, {"row": "5"})


@pytest.mark.django_db(transaction=True)
def test_the_refused_rows_are_given_out_mended_and_come_in(
    make_file: MakeFile, supervisor: User, client: Client
) -> None:
    path = make_file("t.csv", f"{FIRST}{HEADER.replace('元', '万元')}\nA3,C3,8,12,2025-01-05\n")
    table = open_table(path)
    name, mapping = mapping_for(table, "branch-x", None)
    file = start_import(path, source="branch-x", mapping_name=name, mapping=mapping_as_data(mapping), by=None)
    import_rows(file, read_rows(table, mapping, now=timezone.now()))
    assert sorted(Case.objects.values_list("external_ref", flat=True)) == ["A1", "A2"]
    client.force_login(supervisor)
    answer = client.get(f"/imports/{file.pk}/rejected.csv")
    given_out = b"".join(answer.streaming_content).decode().removeprefix("\ufeff")  # type: ignore[attr-defined]
    # Sent again as it is nothing is read under the first header either.
    assert told(read(make_file("again.csv", given_out))) == [2, 2]
    lines = list(csv.reader(io.StringIO(given_out)))
    assert lines[1][:5] == HEADER.replace("元", "万元").split(",")
    lines[2][2] = "80000"
    mended = io.StringIO()
    csv.writer(mended).writerows([lines[0], lines[2]])
    assert told(read(make_file("mended.csv", mended.getvalue()))) == [80_000]
