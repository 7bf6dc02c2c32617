"""What hides digits and names in a text file parts no cells."""

from __future__ import annotations

import pytest

from intake.reading.parse import open_table
from intake.tabular.separators import separator_of
from tests.intake.places import MakeFile


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("吴**", "510104********1488"),
        ("吴**", "5101**********1488"),
        ("吴＊＊", "510104＊＊＊＊＊＊＊＊1488"),
        ("——", "——"),
    ],
)
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_masked_cells_are_cells(make_file: MakeFile, name: str, number: str, separator: str) -> None:
    header = separator.join(["姓名", "证件号码", "贷款金额", "申请日期"])
    rows = [separator.join([name, number, f"{5_000 + at}", "2026-09-01"]) for at in range(100)]
    table = open_table(make_file("a.csv", "\n".join([header, *rows])))
    assert table.columns == ["姓名", "证件号码", "贷款金额", "申请日期"]
    assert next(row for _number, row in table.rows()) == {
        "姓名": name,
        "证件号码": number,
        "贷款金额": "5000",
        "申请日期": "2026-09-01",
    }


@pytest.mark.parametrize("run", ["**", "##", "~~", "--"])
def test_signs_that_part_the_header_part_the_rows(run: str) -> None:
    lines = [run.join(["id", "amount", "term"]), *(run.join([f"A{at}", f"{5_000 + at}", "12"]) for at in range(20))]
    assert separator_of(lines) == run
