"""Tables with a known outcome: how outcomes may be written, what is left out, and refusals that name the option."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from learning.judged_table import BacktestError, read_judged_table
from scoring.ml.errors import TrainingError
from tests.learning.judged import loans, write_table


@pytest.mark.parametrize(
    ("good", "bad"),
    [("0", "1"), ("1", "2"), ("good", "bad"), ("Fully Paid", "Charged Off"), ("no", "yes"), ("正常", "逾期")],
)
def test_of_two_outcomes_the_bad_one_is_the_larger_number_or_the_bad_word(tmp_path: Path, good: str, bad: str) -> None:
    columns = loans()
    written = [bad if each else good for each in columns["bad"]]
    table = read_judged_table(write_table(tmp_path / "t.csv", columns | {"bad": written}), "bad")
    assert table.bad.tolist() == columns["bad"]


def test_one_known_word_is_enough(tmp_path: Path) -> None:
    columns = loans()
    written = ["Default" if each else "on schedule" for each in columns["bad"]]
    table = read_judged_table(write_table(tmp_path / "t.csv", columns | {"bad": written}), "bad")
    assert table.bad.tolist() == columns["bad"]


def test_rows_without_outcome_or_time_are_left_out_and_counted(tmp_path: Path) -> None:
    columns = loans()
    columns["bad"][:7] = [None] * 7
    columns["year"][-3:] = [None] * 3
    table = read_judged_table(write_table(tmp_path / "t.csv", columns), "bad", time="year")
    assert len(table) == 290
    assert table.left_out == 10
    assert table.moment is not None
    assert table.moment[[0, -1]].tolist() == [2000, 2009]
    assert table.values.shape == (290, 4)


def test_target_time_dropped_empty_and_constant_columns_are_not_for_the_model(tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.csv", loans())
    table = read_judged_table(path, "bad", drop=["income"], time="year", amount="amount")
    assert table.headers == ("debt", "purpose", "amount")
    assert table.columns.categorical == (False, True, False)
    assert {each.column: each.code for each in table.findings if each.dropped} == {
        "nothing": "empty",
        "same": "constant",
    }


def test_weights_are_amounts_over_their_mean_and_one_where_missing(tmp_path: Path) -> None:
    columns = loans()
    amounts: list[object] = [100, 300] * 150
    amounts[0] = amounts[1] = None
    table = read_judged_table(write_table(tmp_path / "t.csv", columns | {"amount": amounts}), "bad", amount="amount")
    assert table.weight[:4].tolist() == [1.0, 1.0, 0.5, 1.5]
    plain = read_judged_table(write_table(tmp_path / "t.csv", columns), "bad")
    assert np.array_equal(plain.weight, np.ones(300))


def test_a_column_that_knows_the_outcome_is_found(tmp_path: Path) -> None:
    columns = loans()
    paid = np.random.default_rng(2).normal(size=300) - 6.0 * np.array(columns["bad"], dtype=np.float64)
    columns["paid_total"] = paid.round(3).tolist()
    table = read_judged_table(write_table(tmp_path / "t.csv", columns), "bad")
    assert [table.headers[place] for place in table.leaking()] == ["paid_total"]


@pytest.mark.parametrize(
    ("asked", "field", "words"),
    [
        ({"target": "bda"}, "--target", "no column bda. Did you mean bad?"),
        ({"target": "bad", "drop": ["zzz"]}, "--drop", "no column zzz. It has debt, purpose"),
        ({"target": "bad", "time": "yaer"}, "--time", "no column yaer. Did you mean year?"),
        ({"target": "bad", "amount": "zzz"}, "--amount", "no column zzz"),
        ({"target": "purpose"}, "--target", "needs exactly two outcomes; the column has 3: car, house, travel"),
        ({"target": "same"}, "--target", "the column has 1: x"),
        ({"target": "nothing"}, "--target", "the column has 0: none"),
        ({"target": "sex"}, "--target", "which of f and m is bad?"),
        ({"target": "rare"}, "--target", "at least 6 bad and 6 good rows; rare has 5 and 295"),
        ({"target": "bad", "amount": "owed"}, "--amount", "below zero"),
        ({"target": "bad", "amount": "purpose"}, "--amount", "the column purpose holds no numbers"),
        ({"target": "bad", "time": "purpose"}, "--time", "the column purpose holds neither numbers nor dates"),
    ],
)
def test_a_refusal_names_the_option_and_the_column(
    tmp_path: Path, asked: dict[str, object], field: str, words: str
) -> None:
    odd: dict[str, list[object]] = {"sex": ["f", "m"] * 150, "owed": [-5, 10] * 150}
    odd["rare"] = [int(row < 5) for row in range(300)]
    path = write_table(tmp_path / "t.csv", loans() | odd)
    with pytest.raises(BacktestError) as refusal:
        read_judged_table(path, **asked)  # type: ignore[arg-type]
    assert refusal.value.field == field
    assert str(refusal.value).startswith(f"{field}: ")
    assert words in str(refusal.value)


def test_a_file_that_is_no_table_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TrainingError):
        read_judged_table(tmp_path / "absent.csv", "bad")
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(TrainingError):
        read_judged_table(tmp_path / "empty.csv", "bad")
