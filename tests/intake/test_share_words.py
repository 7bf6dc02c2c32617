"""Rates in words: 万分之五, 千分之6 and 百分之四点三五 are the shares that ‱, ‰ and % are read as."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.recognition.mapping import MappingError
from intake.record.choose import mapping_for
from intake.tabular.tables import Table
from intake.values.share_words import in_signs
from tests.intake.places import NOW, MakeFile


def table_of(make_file: MakeFile, header: str, cells: Sequence[str]) -> Table:
    lines = "".join(f"HT-{at},5000,{cell}\n" for at, cell in enumerate(cells))
    return open_table(make_file("t.csv", f"合同号,贷款金额,{header}\n{lines}"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("万分之五", "5‱"), ("萬分之五", "5‱"), ("万分之 5.5", "5.5‱"), ("千分之36", "36‰"), ("千分之６", "6‰"),
        ("百分之四点三五", "4.35%"), ("百分之十", "10%"), ("百分之十二", "12%"), ("百分之三十六", "36%"),
        ("百分之一百二十", "120%"), ("百分之一百零五", "105%"), ("百分之百", "100%"), ("百分之百五", "百分之百五"),
        ("百分之一百五", "百分之一百五"),
        ("百分之百零五", "105%"), ("百分之一百一十", "110%"), ("百分之一百点五", "100.5%"), ("千分之百", "100‰"),
        ("百分之零点五", "0.5%"),
        ("千分之", "千分之"), ("万分之五/日", "万分之五/日"), ("三分之一", "三分之一"), ("百分之点五", "百分之点五"),
        ("LPR+百分之一", "LPR+百分之一"), ("5%", "5%"),
    ],
)  # fmt: skip
def test_words_of_shares(text: str, told: str) -> None:
    assert in_signs(text) == told


@pytest.mark.parametrize(
    ("header", "cells", "name", "read"),
    [
        ("年利率", ["千分之36", "百分之四点三五", "4.35%"], "interest_rate", [3.6, 4.35, 4.35]),
        ("日利率", ["万分之五", "万分之5.5"], "", [0.05, 0.055]),
        # By the custom of banks, as those in ‰ and ‱ are.
        ("贷款利率", ["千分之6", "千分之七"], "month_interest_rate", [0.6, 0.7]),
        ("贷款利率", ["万分之五", "万分之四"], "", [0.05, 0.04]),
        ("首付款比例", ["百分之三十", "百分之40"], "", [30, 40]),
        ("Interest Rate", ["435‱", "385‱"], "interest_rate", [4.35, 3.85]),
    ],
)
def test_a_column_of_them_is_one_of_percents(
    make_file: MakeFile, header: str, cells: Sequence[str], name: str, read: Sequence[float]
) -> None:
    table = table_of(make_file, header, cells)
    mapping = mapping_for(table, "branch-x", None)[1]
    rows = [row.submission for row in read_rows(table, mapping, now=NOW)]
    ((told, given),) = mapping.features.items()
    assert [row and row.features[told] for row in rows] == read
    assert given.type == "percent"
    assert told == name or (not name and told != "interest_rate")


@pytest.mark.parametrize(
    ("cells", "own", "other"),
    [(["万分之五", "4.35%"], "5‱", "4.35%"), (["千分之六", "4.35%"], "6‰", "4.35%"), (["5‱", "6‰"], "5‱", "6‰")],
)
def test_beside_rates_of_another_period_they_are_asked_about(
    make_file: MakeFile, cells: Sequence[str], own: str, other: str
) -> None:
    with pytest.raises(MappingError) as refusal:
        mapping_for(table_of(make_file, "利率", cells), "branch-x", None)
    assert refusal.value.code == "rate_period_mixed"
    assert refusal.value.params == {"name": "利率", "own": own, "other": other}


def test_words_of_a_text_stay_words(make_file: MakeFile) -> None:
    table = table_of(make_file, "备注", ["百分之五的折扣", "百分之五", "老客户"])
    rows = read_rows(table, mapping_for(table, "branch-x", None)[1], now=NOW)
    assert [row.submission and row.submission.features["remark"] for row in rows] == [
        "百分之五的折扣",
        "百分之五",
        "老客户",
    ]
