"""A feature table is found out for loans with any columns, and every doubtful decision is told."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from intake.header_words.feature_naming import feature_name
from scoring.ml.errors import TrainingError
from scoring.ml.features import load_feature_table
from scoring.ml.tables.infer import InferredTable, infer_table
from scoring.ml.tables.table_text import table_text

ROWS = 400
RANDOM = np.random.default_rng(3)
Y = (RANDOM.random(ROWS) < 0.3).astype(np.int64)
# A column that alone would make a table: amounts that know nothing.
NOISE = RANDOM.normal(50, 20, ROWS)


def inferred(header: str, cells: Sequence[object] | np.ndarray, **more: Any) -> InferredTable:
    return infer_table({"bad": Y, "noise": NOISE, header: cells}, target="bad", **more)


def codes(result: InferredTable, header: str) -> list[str]:
    return [one.code for one in result.findings if one.column == header]


def repeated(*cells: object) -> list[object]:
    return [cells[row % len(cells)] for row in range(ROWS)]


@pytest.mark.parametrize(
    "written", [lambda row: f"{row + 0.5}", lambda row: f"2019-{row % 12 + 1:02d}-{row % 28 + 1:02d}"]
)
def test_a_word_for_missing_that_nobody_knows_makes_no_category_of_many_amounts(
    written: Callable[[int], str],
) -> None:
    cells = [written(row) if row % 2 else "#DIV/0!" for row in range(ROWS)]
    result = inferred("margin", cells)
    assert result.table.features[1].type == "number"
    assert np.isnan(result.read.values[:, 1]).tolist() == [row % 2 == 0 for row in range(ROWS)]
    (told,) = [one for one in result.findings if one.code == "unreadable"]
    assert "200 values" in told.en
    assert "#DIV/0!" in told.en


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (("1,234.50", "$2,000", "-3", None), (1234.5, 2000, -3, np.nan)),
        (("12.5%", "7 %", "unknown", "100%"), (12.5, 7, np.nan, 100)),
        (("￥1.2万", "3,000元", "—", "(500)"), (12000, 3000, np.nan, -500)),
        (("1.234,5", "0,5", "10,25", "7"), (1234.5, 0.5, 10.25, 7)),
        ((1, 2.5, None, "3"), (1, 2.5, np.nan, 3)),
    ],
)
def test_numbers_written_as_text_are_amounts(cells: tuple[object, ...], read: tuple[float, ...]) -> None:
    result = inferred("sum", repeated(*cells))
    feature = result.table.by_name["sum"]
    assert (feature.type, feature.unit) == ("number", "percent" if "%" in str(cells[0]) else "")
    assert np.array_equal(result.read.values[:4, 1], read, equal_nan=True)


@pytest.mark.parametrize(
    "words", [("Y", "N"), ("yes", "no"), ("T", "F"), ("是", "否"), (True, False), (1, 0), ("1", "0")]
)
def test_yes_and_no_are_flags(words: tuple[object, object]) -> None:
    result = inferred("owner", repeated(*words, words[0], ""))
    assert result.table.by_name["owner"].type == "flag"
    assert np.array_equal(result.read.values[:4, 1], [1, 0, 1, np.nan], equal_nan=True)


@pytest.mark.parametrize(
    ("written", "later"),
    [
        ("2020-03-05", "2021-03-05"),
        ("2020/3/5", "2021/3/5 10:00"),
        ("20200305", "20210305"),
        ("2020年3月5日", "2021年3月5日"),
        ("3/25/2020", "3/26/2021"),
        ("25/03/2020", "26/03/2021"),
        ("Mar-2020", "Mar-2021"),
        (20200305, 20210305),
        (np.datetime64("2020-03-05"), np.datetime64("2021-03-05")),
    ],
)
def test_dates_become_ages_at_the_latest_date(written: object, later: object) -> None:
    result = inferred("opened", repeated(written, later, written, None))
    assert result.table.names == ("noise", "opened_months")
    assert result.table.by_name["opened"].type == "date"
    assert result.read.values[[0, 1], 1].tolist() == [12, 0]
    assert np.isnan(result.read.values[3, 1])
    assert codes(result, "opened") == ["age_of_date"]


def test_dates_become_ages_at_the_time_of_the_application() -> None:
    columns: dict[str, Any] = {
        "bad": Y,
        "noise": NOISE,
        "opened": repeated("2019-01-01", None),
        "at": repeated("2020-01-05", "2021-01-05"),
    }
    result = infer_table(columns, target="bad", time="at")
    assert result.table.names == ("noise", "opened_months")
    assert np.array_equal(result.read.values[:2, 1], [12, np.nan], equal_nan=True)
    assert result.when is not None
    assert (result.when[1] - result.when[0]).tolist() == 366


def test_a_date_after_the_application_is_left_out_as_a_leak() -> None:
    columns: dict[str, Any] = {
        "bad": Y,
        "noise": NOISE,
        "closed": repeated("2022-01-01", None),
        "at": repeated("2020-01-05"),
    }
    result = infer_table(columns, target="bad", time="at")
    found = {one.column: one for one in result.findings}["closed"]
    assert (found.code, found.is_leak, found.dropped) == ("after_decision", True, True)
    assert "100%" in found.en
    assert result.table.names == ("noise",)


def test_categories_are_listed_in_natural_order_and_rare_ones_pooled() -> None:
    few = inferred("grade", repeated("A10", "A2", " B1 ", "N/A"))
    assert [category.code for category in few.table.by_name["grade"].categories] == ["A2", "A10", "B1"]
    assert np.array_equal(few.read.values[:4, 1], [1, 0, 2, np.nan], equal_nan=True)
    many = inferred("town", [f"town {min(row % 40, row) if row < 320 else row}" for row in range(ROWS)])
    town = many.table.by_name["town"]
    assert (len(town.categories), town.other) == (61, "(other)")
    assert town.number("a town never seen") == 60.0
    assert codes(many, "town") == ["pooled"]


def test_a_number_called_code_is_a_category_while_it_has_few_values() -> None:
    few, many = inferred("branch_code", repeated(7, 12, 31)), inferred("naics", np.arange(ROWS) % 90 + 1000.0)
    assert [category.code for category in few.table.by_name["branch_code"].categories] == ["7", "12", "31"]
    assert few.table.by_name["branch_code"].number(12) == 1.0
    assert (many.table.by_name["naics"].type, codes(many, "naics")) == ("number", ["code_as_number"])
    zeros = inferred("office", repeated("007", "012", "131"))
    assert [category.code for category in zeros.table.by_name["office"].categories] == ["007", "012", "131"]


@pytest.mark.parametrize(
    ("header", "cells", "code"),
    [
        ("rownames", range(1, ROWS + 1), "counter"),
        ("row_index", [row * 3 + row % 2 for row in range(ROWS)], "counter"),
        ("贷款编号", [f"HT{row:06d}" for row in range(ROWS)], "identifier"),
        ("SK_ID", [1_000_000 + row * 7 for row in range(ROWS)], "identifier"),
        ("account_num", [10_000 + row * 7 for row in range(ROWS)], "identifier"),
        ("CustNo2", [row % 150 for row in range(ROWS)], "identifier"),
        ("session_id", [f"s{row % 150}" for row in range(ROWS)], "identifier"),
        ("手机号", [f"1380000{row:04d}" for row in range(ROWS)], "personal"),
        ("remark", [f"said {row} things and {row * 3} more" for row in range(ROWS)], "free_text"),
        ("country", repeated("FR"), "constant"),
        ("nothing", repeated(None, "", "N/A"), "empty"),
        ("Status", np.where(Y, "bad", "good"), "restates_outcome"),
        ("closed_on", ["2020-01-01" if one else None for one in Y], "restates_outcome"),
    ],
)
def test_a_column_that_can_be_no_feature_is_left_out_with_the_reason(
    header: str, cells: Sequence[object], code: str
) -> None:
    result = inferred(header, list(cells))
    assert [(one.code, one.dropped) for one in result.findings if one.column == header] == [(code, True)]
    assert result.table.names == ("noise",)


def test_a_text_with_too_many_values_is_left_out_with_the_share_of_its_common_ones() -> None:
    city = [f"city {row % 300}" for row in range(4 * ROWS)]
    result = infer_table({"y": np.tile(Y, 4), "noise": np.tile(NOISE, 4), "city": city}, target="y")
    assert [(one.code, one.dropped) for one in result.findings if one.column == "city"] == [("many_values", True)]
    assert "only 22% of the rows" in result.findings[0].en


def test_special_values_are_told_and_kept_apart() -> None:
    score = np.where(np.arange(ROWS) % 10 == 0, -999, 300 + np.arange(ROWS) % 500)
    result = inferred("score", score)
    assert result.table.columns.specials == ((), (-999.0,))
    assert result.read.values[0, 1] == -999
    assert codes(result, "score") == ["special_values"]


def test_a_special_value_is_written_in_full() -> None:
    income = np.where(np.arange(ROWS) % 10 == 0, 99_999_999, 300 + np.arange(ROWS) % 500)
    result = inferred("income", income)
    assert "holds 99999999 far" in result.findings[0].en
    (label,) = result.table.by_name["income"].special_values
    assert (label.value, label.words.en) == (99_999_999.0, "special value 99999999")


@pytest.mark.parametrize(
    "header",
    [
        "SEX", "codeGender", "marital_status", "年龄", "Age", "nationality", "民族", "户籍", "政治面貌",
        "native_country", "public_assistance", "health_status", "num_children", "veteran",
    ],
)  # fmt: skip
def test_what_may_be_unlawful_is_kept_from_applicants_until_a_person_decides(header: str) -> None:
    result = inferred(header, repeated(20, 35, 61))
    feature = result.table.features[1]
    assert not feature.nameable
    assert codes(result, header) == ["unlawful"]
    assert [group.name for group in result.table.fairness] == [feature.name]


@pytest.mark.parametrize(
    "header", ["age_of_oldest_account", "car_age", "message", "sexton_county", "amount", "public_records"]
)
def test_what_only_sounds_alike_is_not_taken_for_unlawful(header: str) -> None:
    assert inferred(header, repeated(20, 35, 61)).table.features[1].nameable


@pytest.mark.parametrize(
    ("good", "bad"), [(0, 1), ("0", "1"), (False, True), ("good", "Bad"), ("否", "是"), ("paid", "default"), (0.0, 1.0)]
)
def test_an_outcome_is_read_however_it_is_written(good: object, bad: object) -> None:
    result = infer_table({"noise": NOISE, "y": [bad if one else good for one in Y]}, target="y")
    assert np.array_equal(result.y, Y)


def test_rows_without_an_outcome_are_left_out_and_counted() -> None:
    outcome: list[object] = [None if row < 5 else int(one) for row, one in enumerate(Y)]
    result = infer_table({"noise": NOISE, "amount": np.arange(ROWS) * 1.5, "y": outcome}, target="y", amount="amount")
    assert (len(result.y), result.rows[0], codes(result, "y")) == (ROWS - 5, 5, ["no_outcome"])
    assert result.amounts is not None
    assert result.amounts[0] == 7.5
    assert result.read.values.shape == (ROWS - 5, 2)


@pytest.mark.parametrize(
    ("columns", "options", "named"),
    [
        ({"y": [1, 2] * 5, "x": range(10)}, {}, "“2”"),
        ({"y": ["high", "low"] * 5, "x": range(10)}, {}, "“high”"),
        ({"y": [0] * 10, "x": range(10)}, {}, "only one outcome"),
        ({"y": [0, 1] * 5, "x": [1] * 10}, {}, "No column is left"),
        ({"x": [1]}, {}, "no column “y”"),
        ({"y": [0, 1], "x": [1, 2]}, {"drop": ["z"]}, "no column “z”"),
        ({"y": [0, 1], "x": [1, 2], "t": ["a", "b"]}, {"time": "t"}, "neither numbers nor dates"),
    ],
)
def test_what_cannot_be_inferred_is_refused_by_name(
    columns: dict[str, Any], options: dict[str, Any], named: str
) -> None:
    with pytest.raises(TrainingError, match=named):
        infer_table({name: list(cells) for name, cells in columns.items()}, target="y", **options)


def test_applicants_who_come_again_are_noticed() -> None:
    person = np.arange(ROWS) % 150
    columns = {f"x{number}": np.random.default_rng(number).normal(size=150)[person] for number in range(5)}
    result = infer_table({"y": Y, **columns}, target="y")
    assert [one.code for one in result.findings] == ["repeated_rows"]


def test_a_sample_chosen_by_its_outcome_is_noticed() -> None:
    even = infer_table({"y": np.arange(2000) % 2, "x": np.random.default_rng(1).normal(size=2000)}, target="y")
    assert [one.code for one in even.findings] == ["chosen_by_outcome"]
    assert not {"chosen_by_outcome"} & {one.code for one in inferred("x", repeated(1, 2, 3)).findings}


def test_the_drafted_file_is_the_table(tmp_path: Path) -> None:
    columns: dict[str, Any] = {
        "bad": Y,
        "int.rate": repeated("12.5%", "7%", "9%"),
        "{odd}: header\n": np.where(np.arange(ROWS) % 9 == 0, -999, np.arange(ROWS) % 700),
        "opened": repeated("2020-03-05", "2021-03-05", "2019-01-01"),
        "性别": repeated("男", "女", "no"),
        "": repeated(3, 5, 9),
    }
    result = infer_table(columns, target="bad", product="drafted")
    text = table_text(result.table, result.findings, "Drafted from a test.")
    path = tmp_path / "drafted.yaml"
    path.write_text(text, encoding="utf-8")
    assert load_feature_table(path) == result.table
    assert all(one.en in " ".join(text.split()) for one in result.findings if "\n" not in one.column)
    assert result.headers["interest_rate"] == "int.rate"


def test_chinese_headers_of_a_draft_are_the_names_that_an_import_gives(tmp_path: Path) -> None:
    known = ("贷款金额", "期限", "年收入", "贷款利率", "地区", "学历", "近6个月逾期次数", "玄学指数")
    columns = {header: RANDOM.normal(50, 20, ROWS) for header in known}
    result = infer_table({"是否违约": Y, **columns}, target="是否违约")
    assert result.table.names[:-1] == (
        "amount",
        "term_months",
        "annual_income",
        "interest_rate",
        "region",
        "education",
        "recent_6_months_late_payments",
    )
    # What is not known of keeps a name of its own in every file, wherever its column stands.
    assert result.table.names[-1] == feature_name("玄学指数")
    assert [feature.words.zh for feature in result.table.features] == list(known)


@pytest.mark.parametrize(
    ("header", "name"),
    [("贷款金额(万元)", "loan_amount"), ("借款期限(年)", "loan_term_year"), ("loan_amnt", "loan_amnt")],
)
def test_a_column_in_another_unit_is_not_the_amount_or_term_of_the_case(header: str, name: str) -> None:
    assert inferred(header, NOISE).table.names[-1] == name
