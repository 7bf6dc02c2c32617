"""Cells as they are written in a spreadsheet, in both languages, and what is no cell."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.table.notation import NotationError, read_cell, write_cell
from routing.table.tables import Cell
from tests.routing.table.drawn import FIELDS

BESIDE = "not like a word: write in: a; b or not in: a; b, or quote it."
figures = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=60, deadline=None)
@given(key=st.sampled_from(("amount", "pd", "rate")), ends=st.tuples(figures, figures), closed=st.booleans())
def test_every_figure_comes_back_to_the_last_digit(key: str, ends: tuple[float, float], closed: bool) -> None:
    cell = Cell("between", ends, (closed, not closed))
    assert read_cell(FIELDS[key], write_cell(FIELDS[key], cell)) == cell


@pytest.mark.parametrize(
    ("key", "text", "cell"),
    [
        ("amount", "", Cell("any")),
        ("amount", "任意", Cell("any")),
        ("amount", "> 39,000", Cell(">", (39_000.0,))),
        ("amount", "＞３９，０００", Cell(">", (39_000.0,))),
        ("amount", "大于 3.9万", Cell(">", (39_000.0,))),
        ("amount", "above 39000", Cell(">", (39_000.0,))),
        ("amount", "at most 5", Cell("<=", (5.0,))),
        ("amount", "不高于5", Cell("<=", (5.0,))),
        ("amount", "小于等于5", Cell("<=", (5.0,))),
        ("amount", "不低于 5", Cell(">=", (5.0,))),
        ("amount", "大于等于 5", Cell(">=", (5.0,))),
        ("amount", "小于 5", Cell("<", (5.0,))),
        ("amount", "等于 5", Cell("=", (5.0,))),
        ("amount", "不等于 5", Cell("!=", (5.0,))),
        ("amount", "<> 5", Cell("!=", (5.0,))),
        ("amount", "5", Cell("=", (5.0,))),
        ("amount", 5, Cell("=", (5.0,))),
        ("amount", "缺失", Cell("is_missing")),
        ("amount", "不缺失", Cell("not_missing")),
        ("amount", "is missing", Cell("is_missing")),
        ("amount", "known", Cell("not_missing")),
        ("amount", "in: 1,000; 2,000", Cell("in", (1000.0, 2000.0))),
        ("amount", "[1,000, 2,000)", Cell("between", (1000.0, 2000.0), (True, False))),
        ("amount", "（1；2］", Cell("between", (1.0, 2.0), (False, True))),
        ("amount", "介于 18 与 65 之间", Cell("between", (18.0, 65.0))),
        ("amount", "介于18和65", Cell("between", (18.0, 65.0))),
        ("amount", "between 18 and 65", Cell("between", (18.0, 65.0))),
        ("pd", "< 12.5 %", Cell("<", (0.125,))),
        ("pd", "< 0.125", Cell("<", (0.125,))),
        ("age", "= 18", Cell("=", (18.0,))),
        ("opted_out", "是", Cell("=", (True,))),
        ("opted_out", "= no", Cell("=", (False,))),
        ("opted_out", True, Cell("=", (True,))),
        ("segment", "属于 零售；小微", Cell("in", ("retail", "small"))),
        ("segment", "不属于：零售", Cell("not_in", ("retail",))),
        ("segment", "small firm", Cell("=", ("small",))),
        ("segment", "!= large", Cell("!=", ("large",))),
        ("region", "internet", Cell("=", ("internet",))),
        ("region", "IN", Cell("=", ("IN",))),
        ("region", "in mining; tobacco", Cell("in", ("mining", "tobacco"))),
        ("region", "One of mining；tobacco", Cell("in", ("mining", "tobacco"))),
        ("region", "not in mining; tobacco", Cell("not_in", ("mining", "tobacco"))),
        ("region", "none of mining; tobacco", Cell("not_in", ("mining", "tobacco"))),
        ("amount", "in 1,000; 2,000", Cell("in", (1000.0, 2000.0))),
        ("region", '= "in mining"', Cell("=", ("in mining",))),
        ("region", 'in: "not mining"; farm', Cell("in", ("not mining", "farm"))),
        ("region", "over 60", Cell("=", ("over 60",))),
        ("region", '= "a; b"', Cell("=", ("a; b",))),
        ("region", 'in: "a; b"; c', Cell("in", ("a; b", "c"))),
        ("applied", "after 2026-01-31", Cell(">", ("2026-01-31",))),
        ("applied", "早于 2026/1/31", Cell("<", ("2026-01-31",))),
        ("applied", "不早于2026年1月31日", Cell(">=", ("2026-01-31",))),
    ],
)
def test_a_cell_is_read_in_both_languages(key: str, text: Any, cell: Cell) -> None:
    assert read_cell(FIELDS[key], text) == cell


@pytest.mark.parametrize(
    ("key", "text", "en"),
    [
        ("amount", "> > 90", "“> 90” is not a number that fits here."),
        ("amount", "> 5%", "“5%” is not a number that fits here."),
        ("amount", "> 1e999", "inf is not a finite number."),
        ("amount", "[1, 2, 3]", "“[1, 2, 3]” does not have two ends such as [18, 65)."),
        ("amount", "介于 1" + " " * 30_000 + "x", f"“介于 1{' ' * 30_000}x” is not a number that fits here."),
        ("amount", "x" * 32_768, "The text is too long."),
        ("age", "> 1.5", "1.5 is not a whole number."),
        ("opted_out", "perhaps", "“perhaps” is neither yes nor no."),
        ("opted_out", "> 1", "A field of type boolean cannot be asked '>'."),
        ("segment", "in:", "'in' takes 1 to 200 values."),
        ("segment", "> large", "A field of type choice cannot be asked '>'."),
        *(
            ("region", text, f"“{word}” reads like a list, {BESIDE}")
            for text, word in (
                ("mining; tobacco", "mining; tobacco"),
                ("mining；tobacco", "mining；tobacco"),
                ("= a; b", "a; b"),
                ("in mining", "in mining"),
                ("not mining", "not mining"),
                ("Not in mining", "Not in mining"),
                ("none of mining", "none of mining"),
                ("one of mining", "one of mining"),
                ("!= in a", "in a"),
                ("in: not a; b", "not a"),
            )
        ),
        ("region", '= "a', '"a has unbalanced quotation marks.'),
        ("applied", "> 31.1.2026", "'31.1.2026' is not a date such as 2026-01-31."),
    ],
)
def test_what_is_no_cell_is_refused(key: str, text: str, en: str) -> None:
    with pytest.raises(NotationError) as refused:
        read_cell(FIELDS[key], text)
    assert refused.value.en == en


@pytest.mark.parametrize("word", ["in mining", "not a", "a; b", "a；b", "None of it", 'say "a"', "internet", "IN"])
def test_a_word_that_reads_like_a_list_comes_back_from_its_notation(word: str) -> None:
    for cell in (Cell("=", (word,)), Cell("!=", (word,)), Cell("in", (word, "other")), Cell("not_in", (word,))):
        assert read_cell(FIELDS["region"], write_cell(FIELDS["region"], cell)) == cell


def test_what_is_refused_is_said_in_chinese_too() -> None:
    with pytest.raises(NotationError) as refused:
        read_cell(FIELDS["region"], "in mining")
    assert refused.value.zh == "“in mining”像是列表而不是一个词：请写作 in: a; b 或 not in: a; b，或给该词加引号。"
