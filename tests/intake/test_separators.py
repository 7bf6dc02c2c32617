"""Whatever parts the cells of a text file: control characters, full-width commas, several signs together."""

from __future__ import annotations

import pytest

from intake.reading.parse import open_table
from intake.tabular.separators import separator_of
from intake.tabular.tables import BadRow, TableError
from tests.intake.places import MakeFile

ROWS = (
    ["合同号", "客户号", "金额(元)", "利率%", "放款日期", "备注"],
    ["A1", "C1", "50,000", "5.5", "2025-01-03", "a/b; c-d"],
    ["A2", "", "60000", "-1", "2025-01-04", ""],
    ["A3", "C3", "", "", "2025-01-05", "x: y"],
)


@pytest.mark.parametrize(
    "separator",
    [
        ",", ";", "\t", "|", "^", "\x01", "\x1f", "，", "；", "||", "|@|", "@@", "##", "~|~", "^|^", "|~|", "::", "&&",
        "$$", "~", "#", "\t|\t", "¦", "|#|", "!!",
    ],
)  # fmt: skip
def test_cells_are_parted(make_file: MakeFile, separator: str) -> None:
    quoted = [[f'"{cell}"' if separator in cell else cell for cell in row] for row in ROWS]
    text = "\n".join(separator.join(row) for row in quoted) + "\n"
    table = open_table(make_file("t.txt", text))
    assert table.columns == ROWS[0]
    assert [list(row.values()) for _number, row in table.rows() if isinstance(row, dict)] == [*ROWS[1:]]
    assert [list(cells) for cells in table.last_rows()][-1][:1] == ["A3"]


def test_quoted_cells_may_hold_several_signs_line_breaks_and_slips(make_file: MakeFile) -> None:
    text = (
        'id@@amount@@note\n1@@5@@"a@@b"\n2@@6@@"two\nlines ""of"" it"\n3@@7@@"open\n4@@8@@x@@y\n5@@9@@d@e\n'
        "6@@10@@f\n7@@11@@g\n"
    )
    rows = [row for _number, row in open_table(make_file("t.txt", text)).rows()]
    assert [list(row.values()) for row in rows if isinstance(row, dict)] == [
        ["1", "5", "a@@b"], ["2", "6", 'two\nlines "of" it'], ["5", "9", "d@e"], ["6", "10", "f"], ["7", "11", "g"],
    ]  # fmt: skip
    assert [(row.code, row.cells) for row in rows if isinstance(row, BadRow)] == [
        ("broken_quotes", ("3", "7", '"open')), ("too_many_cells", ("4", "8", "x", "y")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("a@@b@@c\n1@@2\n1@@2@@3@@4\n1@@2@@3@@4@@5\n", "@@"),
        ("a|@|b|@|c\n1|@|2\n1|@|2|@|3|@|4\n1|@|2|@|3|@|4|@|5\n", "|@|"),
        ("a~b~c\n1~2\n1~2~3~4\n1~2~3~4~5\n", "~"),
    ],
)
def test_what_does_not_part_the_lines_alike_is_said_to_be_unknown(make_file: MakeFile, text: str, signs: str) -> None:
    with pytest.raises(TableError) as refusal:
        open_table(make_file("t.txt", text))
    assert (refusal.value.code, refusal.value.params) == ("separator_unknown", {"signs": signs})
    assert f"parted by {signs}," in refusal.value.sentence("en")
    assert f"以 {signs} 分隔" in refusal.value.sentence("zh-hans")


@pytest.mark.parametrize(
    ("lines", "separator"),
    [
        (["id,amount,time", "1,5,10:30:00", "2,6,11:30:00"], ","),
        (["id,amount,link", "1,5,https://a.b", "2,6,https://c.d"], ","),
        (["link", "https://a.b", "https://c.d"], ","),
        (["time", "10:30:00", "11:30:00"], ","),
        (["id|amount|note", "1||a", "2||b"], "|"),
        (["id|amount||note", "1|5||a", "2|6||b"], "|"),
        (["id,,amount", "1,,5", "2,,6"], ","),
        (["id\t\tamount", "1\t\t5", "2\t\t6"], "\t"),
        (["编号,备注", "1,客户来电，已回复", "2,客户来访，已登记"], ","),
        (["amount", "5", "6"], ","),
        (["C#,F#,G#", "1,2,3", "4,5,6"], ","),
        (["sep::id::amount", "x::1::5", "y::2::6"], "::"),
    ],
)
def test_signs_within_cells_part_none(lines: list[str], separator: str) -> None:
    assert separator_of(lines) == separator


def test_a_first_line_may_name_several_signs(make_file: MakeFile) -> None:
    table = open_table(make_file("t.csv", "sep=||\nid||amount\n1||5\n"))
    assert [(number, row) for number, row in table.rows()] == [(3, {"id": "1", "amount": "5"})]


def test_bytes_of_no_text_stay_none(make_file: MakeFile) -> None:
    with pytest.raises(TableError) as refusal:
        open_table(make_file("t.csv", bytes([1, 2, 3, 65, 10]) * 200))
    assert refusal.value.code == "table_not_text"
