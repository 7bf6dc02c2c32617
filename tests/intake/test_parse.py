"""Tables in any usual file are read row by row; a broken row costs only itself, a broken file says why."""

import gzip
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from intake.reading.parse import BadRow, TableError, TableRow, open_table
from intake.tabular.text_tables import TextTable
from tests.intake.places import MakeFile

CHINESE = "合同号,客户姓名,贷款金额,行业\nHT001,张三,12000,餐饮\nHT002,李四,35000,零售\n"
CELLS = [
    (2, {"合同号": "HT001", "客户姓名": "张三", "贷款金额": "12000", "行业": "餐饮"}),
    (3, {"合同号": "HT002", "客户姓名": "李四", "贷款金额": "35000", "行业": "零售"}),
]


def rows_of(path: Path) -> list[tuple[int, TableRow]]:
    return list(open_table(path).rows())


def codes_of(path: Path) -> dict[int, str]:
    return {number: row.code if isinstance(row, BadRow) else "" for number, row in open_table(path).rows()}


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_separators_and_line_ends_are_found_out(
    make_file: MakeFile, encoding: str, separator: str, line_end: str
) -> None:
    text = CHINESE.replace(",", separator).replace("\n", line_end)
    assert rows_of(make_file("a.csv", text.encode(encoding))) == CELLS


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_multibyte_character_may_lie_on_any_border_of_reading(make_file: MakeFile, encoding: str) -> None:
    for shift in range(4):
        body = "x" * shift + "贷" * ((1 << 20) // 2)
        path = make_file(
            "a.csv", f"a,b\n1,{body[:50]}\n".encode(encoding) + f"2,{'贷' * 20}\n".encode(encoding) * 30_000
        )
        table = open_table(path)
        assert table.columns == ["a", "b"]
        assert sum(1 for _, row in table.rows() if not isinstance(row, BadRow)) == 30_001


def test_western_text_is_not_mistaken_for_chinese(make_file: MakeFile) -> None:
    text = "id;name\n1;José Müller\n2;Zoë Ångström\n3;Señor Peña – 5 €\n"
    assert rows_of(make_file("a.csv", text.encode("cp1252")))[2][1] == {"id": "3", "name": "Señor Peña – 5 €"}


def test_a_few_broken_bytes_refuse_their_row_only(make_file: MakeFile) -> None:
    body = CHINESE + "HT003,王五,1,建筑\n" * 20
    for encoding in ("utf-8", "gb18030"):
        broken = body.encode(encoding).replace("零售".encode(encoding), b"\xff\xff")
        assert [number for number, code in codes_of(make_file("a.csv", broken)).items() if code == "undecodable"] == [3]


def test_bytes_of_no_encoding_refuse_their_row_and_are_no_signs_of_latin_1(make_file: MakeFile) -> None:
    path = make_file("a.csv", b"id,amount\nA-1,1\nA-\xff\xfe2\x81,2\nA-3,3\n")
    assert codes_of(path) == {2: "", 3: "undecodable", 4: ""}
    western = ("id;name\n" + "1;José Müller\n" * 20).encode("cp1252") + b"2;\x81\x8d\n"
    told = codes_of(make_file("b.csv", western))
    assert [number for number, code in told.items() if code == "undecodable"] == [22]
    assert rows_of(make_file("b.csv", western))[0][1] == {"id": "1", "name": "José Müller"}


@pytest.mark.parametrize("count", [1, 3, 10])
def test_one_row_in_another_encoding_refuses_itself_and_no_short_file(make_file: MakeFile, count: int) -> None:
    header, other = "申请编号,客户名称,贷款金额\n", "B,张三商贸有限公司,5000\n"
    lines = [f"A{number},李四,5000\n" for number in range(count)]
    for first, second, code in (("utf-8", "gb18030", "undecodable"), ("gb18030", "utf-8", "other_encoding")):
        body = (header + "".join(lines)).encode(first) + other.encode(second)
        table = open_table(make_file("a.csv", body))
        *good, (_number, bad) = table.rows()
        assert [row["客户名称"] for _number, row in good if isinstance(row, dict)] == ["李四"] * count
        assert isinstance(bad, BadRow)
        assert (bad.code, bad.params) == (code, {"encoding": first})


def test_a_header_with_bytes_of_no_encoding_is_refused_by_its_names(make_file: MakeFile) -> None:
    with pytest.raises(TableError) as refused:
        open_table(make_file("a.csv", b"id,am\x81unt,term\nA-1,1,12\n"))
    assert (refused.value.code, refused.value.params) == (
        "header_undecodable", {"encoding": "utf-8", "names": "am\\x81unt"}
    )  # fmt: skip
    with pytest.raises(TableError) as refused:
        open_table(make_file("b.csv", "loan_id,amount\nA-1,1000\n".encode("cp500")))
    assert refused.value.code == "header_undecodable"


def test_rows_with_too_few_or_too_many_cells_are_named_and_harm_no_other(make_file: MakeFile) -> None:
    path = make_file("a.csv", "a,b,c\n1,2,3\n\n1,2\n1,2,3,4\n1,2,3,\n , ,\n7,8,9\n")
    assert codes_of(path) == {2: "", 4: "too_few_cells", 5: "too_many_cells", 6: "", 8: ""}
    bad = dict(rows_of(path))[4]
    assert isinstance(bad, BadRow)
    assert bad.error().as_dict()["en"] == "The row has 2 cells, the header has 3."


def test_a_stray_quotation_mark_costs_its_own_row_only(make_file: MakeFile) -> None:
    path = make_file(
        "a.csv",
        'id,x,note\n1,1,"two\nlines, one cell"\n2,2,"open\n3,3,fine\n4,4,"a ""b"" c"\n5,5,5" pipe\n6,6,"a"b\n7,7,"end',
    )
    assert codes_of(path) == {2: "", 3: "broken_quotes", 4: "", 5: "", 6: "", 7: "broken_quotes", 8: "broken_quotes"}
    cells = dict(rows_of(path))
    assert cells[2] == {"id": "1", "x": "1", "note": "two\nlines, one cell"}
    assert cells[5] == {"id": "4", "x": "4", "note": 'a "b" c'}


def test_an_open_quote_at_the_top_of_a_long_file_does_not_swallow_it(make_file: MakeFile) -> None:
    codes = codes_of(make_file("a.csv", 'a,b\n1,"x\n' + "2,y\n" * 5_000))
    assert codes.pop(2) == "broken_quotes"
    assert list(codes.values()) == [""] * 5_000


def test_nul_characters_do_not_stop_reading(make_file: MakeFile) -> None:
    rows = rows_of(make_file("a.csv", b"a,b\n1,x\x00y\n2,z\n"))
    assert rows == [(2, {"a": "1", "b": "x\x00y"}), (3, {"a": "2", "b": "z"})]


def test_separators_inside_quotes_do_not_decide(make_file: MakeFile) -> None:
    path = make_file("a.csv", 'id;text\n1;"a,b,c,d"\n2;"e,f,g,h"\n')
    assert rows_of(path)[0] == (2, {"id": "1", "text": "a,b,c,d"})


def test_a_title_blank_lines_and_a_separator_line_may_stand_above_the_header(make_file: MakeFile) -> None:
    assert rows_of(make_file("a.csv", "申请表,,\n\n编号,金额,期限\nA,1,2\n")) == [
        (4, {"编号": "A", "金额": "1", "期限": "2"})
    ]
    assert rows_of(make_file("b.csv", "sep=;\nid;x\n1;2,5\n")) == [(3, {"id": "1", "x": "2,5"})]


def test_the_index_of_a_data_frame_gets_a_name(make_file: MakeFile) -> None:
    assert open_table(make_file("a.csv", ",id,x\n0,a,1\n")).columns == ["row_index", "id", "x"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "table_empty"),
        (b"\n \n\n", "table_empty"),
        (b"a,b,a\n1,2,3\n", "duplicate_header"),
        (b"a,,c\n1,2,3\n", "empty_header"),
        (bytes(range(256)) * 40, "table_not_text"),
        (b"\x1f\x8b\x08\x00junk", "table_damaged"),
        (gzip.compress(b"a,b\n" + bytes(range(48, 120)) * 5000)[:-400], "table_damaged"),
        (b"PK\x03\x04junk", "table_damaged"),
        (b"PAR1junk", "table_damaged"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_both_languages(make_file: MakeFile, content: bytes, code: str) -> None:
    with pytest.raises(TableError) as refusal:
        list(open_table(make_file("a.csv", content)).rows())
    assert refusal.value.code == code
    assert refusal.value.sentence("en") != refusal.value.sentence("zh-hans")
    # No word of a library stands on a Chinese page.
    assert not re.search("(?!utf)[a-z]{3}", refusal.value.sentence("zh-hans").replace("Parquet", ""))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError) as refusal:
        open_table(tmp_path / "none.csv")
    assert refusal.value.code == "table_missing"


def test_packed_text_is_read_whatever_its_name(make_file: MakeFile) -> None:
    assert rows_of(make_file("a.csv", gzip.compress(CHINESE.encode("gb18030")))) == CELLS


def test_a_workbook_is_read_with_its_types_and_row_numbers(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["贷款申请表"])
    sheet.append(["编号", "金额", "日期", "重点客户", "备注"])
    sheet.append(["A1", 1200.5, date(2026, 1, 5), True, None])
    sheet.append([])
    sheet.append(["A2", 7, "2026-01-06", False, "x"])
    sheet.append(["A3", 7, None, False, "x", "beyond"])
    path = tmp_path / "renamed.csv"
    workbook.save(tmp_path / "a.xlsx")
    (tmp_path / "a.xlsx").rename(path)
    table = open_table(path)
    assert table.columns == ["编号", "金额", "日期", "重点客户", "备注"]
    rows = list(table.rows())
    assert [number for number, _ in rows] == [3, 5, 6]
    first, second, third = (row for _, row in rows)
    assert first == {"编号": "A1", "金额": 1200.5, "日期": date(2026, 1, 5), "重点客户": True, "备注": ""}
    assert not isinstance(second, BadRow)
    assert second["金额"] == 7
    assert isinstance(third, BadRow)
    assert third.code == "too_many_cells"


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    with pytest.raises(TableError) as refusal:
        open_table(tmp_path / "a.xlsx")
    assert refusal.value.code == "table_empty"


def test_a_parquet_file_is_read_with_its_types(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    moment = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    columns = {
        "id": pa.array(["a", None, "c"]),
        "x": pa.array([1.5, float("nan"), None]),
        "n": pa.array([1, None, 2**60]),
        "at": pa.array([moment, None, moment], pa.timestamp("ns", tz="UTC")),
        "money": pa.array([Decimal("1.50"), None, None]),
        "raw": pa.array([b"abc", None, None]),
        "list": pa.array([[1], None, None]),
        "kind": pa.array(["u", None, "v"]).dictionary_encode(),
    }
    pq.write_table(pa.table(columns), path)
    table = open_table(path)
    assert (table.columns, table.total_rows) == (list(columns), 3)
    rows = list(table.rows())
    assert rows[0] == (
        2,
        {"id": "a", "x": 1.5, "n": 1, "at": moment, "money": Decimal("1.50"), "raw": "abc", "list": "[1]", "kind": "u"},
    )
    assert [number for number, _ in rows] == [2, 4]


def test_the_number_of_rows_is_known_before_they_are_read(make_file: MakeFile) -> None:
    assert open_table(make_file("a.csv", "a,b\n1,2\n3,4")).total_rows == 2
    big = open_table(make_file("b.csv", "a,b\n" + "12,34\n" * 100_000)).total_rows
    assert big is not None
    assert abs(big - 100_000) < 1_000
    assert open_table(make_file("c.csv", gzip.compress(b"a,b\n1,2\n"))).total_rows is None


@pytest.mark.parametrize(("encoding", "found"), [("big5", "cp950"), ("gbk", "gb18030")])
def test_traditional_characters_are_read_as_they_were_written(make_file: MakeFile, encoding: str, found: str) -> None:
    name = "陳建國林志玲王小明"
    table = open_table(make_file("a.csv", ("id,name\n" + f"1,{name}\n" * 20).encode(encoding)))
    assert isinstance(table, TextTable)
    assert (table.encoding, {row["name"] for _number, row in table.rows() if isinstance(row, dict)}) == (found, {name})
