"""The backtest of a whole table: its JSON, what adds up in it, leaks, time, promises, and refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from learning.backtest import Options, folds_of, run_backtest
from learning.judged_table import BacktestError, JudgedTable
from scoring.ml.columns import Columns
from tests.learning.judged import loans, write_table

# One model instead of all candidates of the blend: what is tested here is the same.
QUICK = Options("bad", folds=2, recipe="logistic_regression")
WAYS = ["policy", "threshold", "uncertainty", "random", "no_review", "oracle"]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_table(tmp_path_factory.mktemp("book") / "book.csv", loans())


@pytest.fixture(scope="module")
def whole(path: Path) -> dict[str, Any]:
    return run_backtest(path, replace(QUICK, recipe="blend"))


@pytest.fixture(scope="module")
def found(path: Path) -> dict[str, Any]:
    return run_backtest(path, QUICK)


def table_of(bad: list[int], moment: list[float] | None = None) -> JudgedTable:
    return JudgedTable(
        values=np.zeros((len(bad), 1)),
        columns=Columns.plain(1),
        headers=("x",),
        bad=np.array(bad),
        moment=None if moment is None else np.array(moment),
        weight=np.ones(len(bad)),
        findings=(),
        left_out=0,
    )


def test_the_promised_keys_are_there(whole: dict[str, Any]) -> None:
    assert {"rows", "bad_rate", "features", "seconds", "model", "models", "routing", "guarantee"} <= set(whole)
    figures = {"auc", "ks", "brier", "log_loss", "ece"}
    assert set(whole["model"]) == {"recipe", "additivity_error"} | figures
    assert all(set(model) == figures for model in whole["models"].values())
    expected = {"logistic_regression", "decision_tree", "random_forest", "gradient_boosting", "scorecard", "blend"}
    assert expected | {"lightgbm_default", "logistic_on_ranks"} <= set(whole["models"])
    assert list(whole["routing"]) == WAYS
    shares = {"review_share", "approve_share", "decline_share"}
    rates = {"machine_miss_rate", "miss_rate", "good_decline_rate", "cost"}
    assert all(set(way) == shares | rates for way in whole["routing"].values())
    above = {"cheapest_plain", "above_cheapest", "above_cheapest_error"}
    assert set(whole["routing_summary"]) == {"closed", "saved", "saved_error"} | above
    assert {"miss_rate_bound", "held", "folds_held", "folds"} <= set(whole["guarantee"])
    assert json.loads(json.dumps(whole, allow_nan=False)) == whole


def test_the_figures_of_the_table_are_those_of_the_file(found: dict[str, Any]) -> None:
    bad = loans()["bad"]
    assert found["rows"] == 300
    assert found["bad_rate"] == bad.count(1) / 300
    assert found["features"] == 5
    assert [each["column"] for each in found["dropped"]] == ["nothing", "same"]
    assert found["leaks"] == found["warnings"] == []


def test_the_champion_ranks_explains_and_is_among_the_models(whole: dict[str, Any]) -> None:
    assert whole["model"]["auc"] > 0.7
    assert whole["model"]["additivity_error"] <= 1e-9
    assert whole["models"]["blend"] == {
        name: value for name, value in whole["model"].items() if name not in ("recipe", "additivity_error")
    }


def test_shares_and_costs_of_every_way_add_up(whole: dict[str, Any]) -> None:
    for way in whole["routing"].values():
        assert way["review_share"] + way["approve_share"] + way["decline_share"] == pytest.approx(1.0)
        assert way["review_share"] <= 0.05
        assert way["machine_miss_rate"] <= way["miss_rate"]
        # Folds are stratified, so their bad rates differ by one case at most.
        mistakes = 5 * whole["bad_rate"] * way["miss_rate"] + (1 - whole["bad_rate"]) * way["good_decline_rate"]
        assert way["cost"] == pytest.approx(mistakes + 0.1 * way["review_share"], abs=0.01)
    assert whole["routing"]["no_review"]["review_share"] == 0.0
    assert whole["routing"]["oracle"]["cost"] == min(way["cost"] for way in whole["routing"].values())


def test_the_summary_of_the_routing_follows_from_its_figures(whole: dict[str, Any]) -> None:
    cost = {name: way["cost"] for name, way in whole["routing"].items()}
    summary = whole["routing_summary"]
    assert summary["saved"] == cost["threshold"] - cost["policy"]
    assert summary["closed"] == summary["saved"] / (cost["threshold"] - cost["oracle"])
    assert cost[summary["cheapest_plain"]] == min(cost[way] for way in WAYS[1:5])
    assert 0.0 <= summary["saved_error"] < 0.1
    assert 0.0 <= summary["above_cheapest_error"] < 0.1


def test_nothing_is_held_where_nothing_was_promised(found: dict[str, Any]) -> None:
    guarantee = found["guarantee"]
    assert guarantee["miss_rate_bound"] is guarantee["held"] is guarantee["folds_held"] is None
    assert guarantee["folds"] == 2
    assert guarantee["approve_below"] == 1 / 6


def test_the_same_seed_repeats_every_figure_and_progress_is_told(path: Path, found: dict[str, Any]) -> None:
    told: list[tuple[float, str]] = []
    again = run_backtest(path, QUICK, lambda share, what: told.append((share, what)))
    assert {**again, "seconds": 0} == {**found, "seconds": 0}
    assert told[0] == (0.0, "reading the table")
    assert told[-1] == (1.0, "done")
    assert [share for share, _what in told] == sorted(share for share, _what in told)
    assert any(what.startswith("fold 2 of 2: ") for _share, what in told)


def test_a_promise_lowers_the_cut_off_of_every_way_and_leaves_the_models_alone(
    path: Path, found: dict[str, Any]
) -> None:
    promised = run_backtest(path, replace(QUICK, miss_rate=0.15))
    assert promised["models"] == found["models"]
    assert promised["guarantee"]["approve_below"] < 1 / 6
    assert promised["guarantee"]["held"] is True
    assert promised["guarantee"]["folds_held"] == promised["guarantee"]["folds"] == 2
    for way in WAYS:
        assert promised["routing"][way]["approve_share"] < found["routing"][way]["approve_share"]


def test_a_promise_that_so_few_bads_cannot_support_lets_the_machine_approve_nothing(path: Path) -> None:
    promised = run_backtest(path, replace(QUICK, miss_rate=0.001))
    assert promised["guarantee"]["approve_below"] == 0.0
    assert all(way["approve_share"] == way["machine_miss_rate"] == 0.0 for way in promised["routing"].values())


def test_reviewers_worse_than_the_model_are_left_alone(path: Path) -> None:
    found = run_backtest(path, replace(QUICK, reviewer_accuracy=0.3, review_share=0.2))
    assert found["routing"]["policy"] == found["routing"]["no_review"]
    assert found["routing"]["threshold"]["cost"] > found["routing"]["no_review"]["cost"]


def test_an_unknown_accuracy_changes_only_what_the_policy_does(path: Path) -> None:
    asked = replace(QUICK, accuracy_unknown=True, review_share=1.0)
    unknown, known = run_backtest(path, asked), run_backtest(path, replace(asked, accuracy_unknown=False))
    assert [way for way in WAYS if unknown["routing"][way] != known["routing"][way]] == ["policy"]


def test_costs_follow_the_amount(path: Path, found: dict[str, Any]) -> None:
    weighed = run_backtest(path, replace(QUICK, amount="amount"))
    assert weighed["models"] == found["models"]
    assert weighed["routing"]["no_review"]["miss_rate"] == found["routing"]["no_review"]["miss_rate"]
    assert weighed["routing"]["no_review"]["cost"] != found["routing"]["no_review"]["cost"]


def test_the_newest_fifth_is_judged_by_what_came_before(path: Path) -> None:
    found = run_backtest(path, replace(QUICK, time="year"))
    assert found["guarantee"]["folds"] == 1
    assert found["features"] == 4


def test_rows_of_one_moment_stay_on_one_side() -> None:
    # The last fifth would begin within the third year; the fourth alone is nearer to a fifth than both.
    moment = [1.0] * 10 + [2.0] * 10 + [3.0] * 12 + [4.0] * 8
    [(past, last)] = folds_of(table_of([0, 1] * 20, moment[::-1]), Options("bad"))
    assert past.tolist() == list(range(8, 40))
    assert last.tolist() == list(range(8))


@pytest.mark.parametrize(
    ("bad", "moment", "words"),
    [
        ([0, 1] * 20, [7.0] * 40, "every row has the same time"),
        ([0] * 32 + [1] * 8, list(range(40)), "the past has only 0 bad and 32 good rows"),
        ([0, 1] * 16 + [0] * 8, list(range(40)), "the last fifth has only 0 bad and 8 good rows"),
    ],
)
def test_a_time_that_cannot_split_is_refused(bad: list[int], moment: list[float], words: str) -> None:
    with pytest.raises(BacktestError, match=words) as refusal:
        list(folds_of(table_of(bad, moment), Options("bad", time="when")))
    assert refusal.value.field == "--time"


@pytest.mark.parametrize("folds", [11, 9, 2])
def test_folds_leave_enough_of_both_outcomes(folds: int) -> None:
    table = table_of([1] * 10 + [0] * 90 if folds > 2 else [1] * 9 + [0] * 90)
    if folds == 9:
        assert len(list(folds_of(table, Options("bad", folds=folds)))) == 9
        return
    with pytest.raises(BacktestError) as refusal:
        list(folds_of(table, Options("bad", folds=folds)))
    assert refusal.value.field == "--folds"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("review_share", 1.01),
        ("review_share", float("nan")),
        ("miss_rate", -0.01),
        ("reviewer_accuracy", 85.0),
        ("cost_bad", 0.0),
        ("cost_good", -1.0),
        ("cost_good", float("inf")),
        ("cost_review", -0.1),
        ("folds", 1),
        ("seed", -1),
        ("recipe", "oracle"),
    ],
)
def test_an_option_out_of_range_is_named(name: str, value: object) -> None:
    with pytest.raises(BacktestError) as refusal:
        Options("bad", **{name: value})  # type: ignore[arg-type]
    assert refusal.value.field == "--" + name.replace("_", "-")


def test_a_leaking_table_is_named_and_shown_without_the_leak(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = loans()
    paid = np.random.default_rng(2).normal(size=300) - 6.0 * np.array(columns["bad"], dtype=np.float64)
    path = write_table(tmp_path / "book.csv", columns | {"paid_total": paid.round(3).tolist()})
    call_command("backtest", str(path), "--target", "bad", "--folds", "2", "--recipe", "logistic_regression", "--json")
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert [leak["column"] for leak in found["leaks"]] == ["paid_total"]
    assert found["warnings"] == [leak["reason"] for leak in found["leaks"]]
    assert f"Warning: {found['warnings'][0]}" in err
    assert found["model"]["auc"] > 0.98
    assert found["model_without_leaks"]["auc_with_leaks"] > 0.98
    assert found["model_without_leaks"]["auc"] < 0.85


def test_a_person_reads_tables(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command(
        "backtest", str(path), "--target=bad", "--drop=income, year", "--folds=2", "--recipe=logistic_regression",
        "--miss-rate=0.15",
    )  # fmt: skip
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.splitlines()
    assert lines[0].startswith("300 rows, ")
    assert ", 3 features, " in lines[0]
    assert any(line.startswith("Models, 2 folds") for line in lines)
    assert [line.split()[0] for line in lines if line.split()[:1] and line.split()[0] in WAYS] == WAYS
    assert lines[-1].startswith("Promise: the machine approves at most 15.0% of all bads; kept in 2 of 2 folds")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--target=bda"], "--target: the table has no column bda. Did you mean bad?"),
        (["--target=bad", "--review-share=2"], "--review-share: must lie between 0 and 1, not 2."),
        (["--target=bad", "--drop=zzz"], "--drop: the table has no column zzz."),
    ],
)
def test_a_refusal_is_one_sentence(path: Path, options: list[str], words: str) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("backtest", str(path), *options)
    assert words in str(refusal.value)


def test_an_absent_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"absent\.csv"):
        call_command("backtest", str(tmp_path / "absent.csv"), "--target=bad")
