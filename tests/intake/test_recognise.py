"""Columns are recognised by earlier mappings first, then by name, then by what stands below, and each says why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from intake.mapped.case_mapping import CaseMapping
from intake.reading.mapping_sample import sample_of, table_of
from intake.reading.parse import open_table
from intake.recognition.recognise import Clue, Past, recognise
from intake.signing.code_tables import CodeTableError, read_codes, write_codes
from tests.intake.places import MakeFile

IDS = ("11010519491231002X", "110105194912310038", "91350100M000100Y43")
ROWS = [
    {
        "c1": IDS[at],
        "c2": f"2026年1月{at + 1}日",
        "贷款金额(万元)": f"{at + 1}.2",
        "c4": f"{at}2期",
        "评分卡": str(at),
        "c6": "CNY",
    }
    for at in range(1, 3)
] + [{"c1": IDS[0], "c2": "2026-01-09", "贷款金额(万元)": "7", "c4": "12期", "评分卡": "3", "c6": "CNY"}]


def recognised(past: Sequence[Past] = ()) -> tuple[CaseMapping, dict[str, Clue]]:
    return recognise(list(ROWS[0]), ROWS, "branch", past)


def column_of(mapping: CaseMapping, field: str) -> str:
    return mapping.fields[field].column


def test_what_no_header_says_the_values_say_where_only_one_column_can_be_it() -> None:
    mapping, clues = recognised()
    assert {name: column_of(mapping, name) for name in ("applicant.id", "applied_at", "term_months", "currency")} == {
        "applicant.id": "c1", "applied_at": "c2", "term_months": "c4", "currency": "c6",
    }  # fmt: skip
    assert (clues["c1"], clues["c2"].confidence) == (Clue("content", "likely", "applicant.id", 1.0), "guess")
    assert (clues["贷款金额(万元)"].how, clues["贷款金额(万元)"].confidence) == ("name", "sure")
    assert mapping.fields["amount"].scale == 10_000
    # Of two dates nobody knows which is the application's.
    rows = [{**row, "c7": "2026-02-01"} for row in ROWS]
    two, _clues = recognise(list(rows[0]), rows, "branch", ())
    assert two.fields["applied_at"].how == "import_time"


def test_an_earlier_mapping_of_the_source_comes_first_and_one_of_another_source_before_a_made_up_name() -> None:
    own: Mapping[str, Any] = {
        "fields": {"amount": {"column": "评分卡"}, "product": {"constant": "car"}},
        "features": {"size": {"column": "贷款金额(万元)", "type": "number"}},
        "drop": {"c4": "not_used"},
    }
    other: Mapping[str, Any] = {
        "fields": {},
        "features": {"code": {"column": "C 6", "type": "text", "values": {"cny": "yuan"}}},
    }
    mapping, clues = recognised([Past("branch 2", True, own), Past("elsewhere", False, other)])
    assert (column_of(mapping, "amount"), mapping.fields["product"].value) == ("评分卡", "car")
    assert (mapping.features["size"].column, mapping.drop["c4"]) == ("贷款金额(万元)", "not_used")
    assert mapping.features["code"].values == {"cny": "yuan"}
    assert clues["评分卡"] == Clue("own_history", "sure", "branch 2", 1.0)
    assert clues["c6"] == Clue("other_history", "likely", "elsewhere", 1.0)


def test_a_column_of_another_unit_is_not_read_as_another_source_reads_its_own() -> None:
    rows = [{"月流水(元)": "1200"}, {"月流水(元)": "3400"}]
    other = {"features": {"turnover": {"column": "月流水(万元)", "type": "number", "scale": 10000}}}
    mapping, clues = recognise(["月流水(元)"], rows, "branch", [Past("elsewhere 1", False, other)])
    assert "turnover" not in mapping.features
    assert clues["月流水(元)"].how == "header"


def test_an_earlier_reading_that_the_values_no_longer_fit_is_only_a_guess() -> None:
    own = {"fields": {"amount": {"column": "c6"}}, "features": {}}
    _mapping, clues = recognised([Past("branch 1", True, own)])
    assert clues["c6"] == Clue("own_history", "guess", "branch 1", 0.0)


def test_a_sample_is_kept_as_json_and_read_again_alike(make_file: MakeFile) -> None:
    table = open_table(make_file("a.csv", "a,b\n1,x\n2\n3,\n"))
    kept = sample_of(table, "a.csv")
    again = table_of(kept)
    assert list(again.rows()) == list(table.rows())
    assert again.columns == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "kind", "codes"),
    [
        ("Y,true\nN,false\n", "flag", {"y": True, "n": False}),
        ("A\t10\nB\t1.2万", "number", {"a": 10, "b": 12000}),
        ("\ufeffa;one\nb;\n\n", "text", {"a": "one", "b": None}),
        ('"a,b",both\n2.0,two\n', "", {"a,b": "both", "2": "two"}),
    ],
)
def test_a_code_table_is_read_in_the_kind_of_its_column(text: str, kind: str, codes: dict[str, object]) -> None:
    assert read_codes(text, kind) == codes
    assert read_codes(write_codes(codes), kind) == codes


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a,1\na,2", "Line 2: “a” stands there twice"),
        ("a,1,2", "Line 1 does not hold two cells"),
        ("a,x", "Line 1: “x” cannot be read as number."),
        ("a,1\n" * 2001, "The table has 2001 lines; at most 2000"),
    ],
)
def test_a_code_table_that_cannot_be_read_names_its_line(text: str, sentence: str) -> None:
    with pytest.raises(CodeTableError, match=sentence):
        read_codes(text, "number")


def test_a_person_is_asked_whether_lateness_was_before_the_application_or_with_the_loan() -> None:
    rows = [
        {"贷款金额": "1000", "逾期次数": "2", "征信逾期次数": "1"},
        {"贷款金额": "2000", "逾期次数": "0", "征信逾期次数": "0"},
    ]
    mapping, clues = recognise(list(rows[0]), rows, "branch", ())
    assert mapping.features["late_payments"].column == "逾期次数"
    assert clues["逾期次数"] == Clue("doubtful", "guess", "late_payments", 1.0)
    assert clues["征信逾期次数"].how == "header"
    watched = [{**row, "五级分类": "正常"} for row in rows]
    mapping, clues = recognise(list(watched[0]), watched, "branch", ())
    assert mapping.drop == {"逾期次数": "known_after_decision", "五级分类": "known_after_decision"}
    assert (clues["逾期次数"], clues["五级分类"].how) == (
        Clue("doubtful", "guess", "known_after_decision", 1.0),
        "dropped",
    )
    # What people signed is asked no more.
    past = Past("1", True, {"fields": {"amount": {"column": "贷款金额"}}, "drop": {"逾期次数": "known_after_decision"}})
    _mapping, clues = recognise(list(rows[0]), rows, "branch", [past])
    assert clues["逾期次数"].how == "own_history"
