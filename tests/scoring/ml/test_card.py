"""The model card: what it says of data, figures, bins, groups and limits, against figures counted by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from scoring.ml import metrics
from scoring.ml.calibration import sigmoid
from scoring.ml.card import build_card, limits_of
from scoring.ml.card_groups import group_names
from scoring.ml.features import FairnessGroup
from scoring.ml.forms import AdditiveForm
from scoring.ml.scorecard_bins import scorecard_bins
from tests.made_card import Made, made

ALWAYS = ["pd_range", "granted_only", "random_folds", "extrapolation"]


@pytest.fixture(scope="module")
def model() -> Made:
    return made()


def codes(model: Made) -> list[str]:
    return [limit["code"] for limit in model.card()["limits"]]


def test_a_card_is_plain_json_and_the_same_each_time(model: Made) -> None:
    again = build_card(model.table, model.rows, model.y, model.trained, model.weights, seed=0)
    assert again == model.card()
    assert json.loads(json.dumps(again, allow_nan=False)) == again


def test_data_are_counted_by_year_with_the_share_that_is_missing(model: Made) -> None:
    data = model.card()["data"]
    assert (data["rows"], data["bads"], data["bad_rate"]) == (2000, int(model.y.sum()), model.y.mean())
    assert (data["first"], data["last"]) == ("2016-01-03", "2018-09-03")
    assert [year["rows"] for year in data["by_year"]] == [667, 667, 666]
    assert [year["bads"] for year in data["by_year"]] == [int(model.y[start::3].sum()) for start in range(3)]
    unknown = sum(row["employment_years"] is None for row in model.rows)
    assert data["missing"]["employment_years"] == unknown / 2000
    assert data["missing"]["amount"] == 0.0


def test_every_model_that_was_tried_is_judged_on_loans_it_had_not_seen(model: Made) -> None:
    card, trained = model.card(), model.trained
    assert [(one["name"], one["weight"]) for one in card["models"]] == [("gradient_boosting", 0.7), ("scorecard", 0.3)]
    for one, view in zip(card["models"], reversed(trained.views), strict=True):
        assert one["metrics"]["auc"]["value"] == pytest.approx(metrics.auc(model.y, view.out_of_fold), abs=1e-12)
    whole = card["metrics"]
    assert whole["brier"]["value"] == metrics.brier(model.y, sigmoid(trained.out_of_fold))
    for measure in whole.values():
        assert measure["low"] is not None
        assert measure["high"] is not None
        assert measure["low"] <= measure["value"] <= measure["high"]


def test_the_points_of_the_calibration_plot_hold_a_tenth_of_the_loans_each(model: Made) -> None:
    points, pd = model.card()["reliability"], np.sort(sigmoid(model.trained.out_of_fold))
    assert [point["rows"] for point in points] == [200] * 10
    assert points[0]["pd"] == pytest.approx(pd[:200].mean())
    assert sum(point["rate"]["value"] for point in points) / 10 == pytest.approx(model.y.mean())


def test_importance_is_ordered_and_adds_up_by_feature_and_by_group(model: Made) -> None:
    card = model.card()
    for shares in (card["features"], card["groups"]):
        assert sum(share["share"] for share in shares) == pytest.approx(1.0)
        assert [share["share"] for share in shares] == sorted((share["share"] for share in shares), reverse=True)
    weights = dict(zip(model.table.names, model.weights, strict=True))
    groups = {share["name"]: share["share"] for share in card["groups"]}
    assert groups["pricing"] == pytest.approx(weights["interest_rate"] + weights["sub_grade"])


def test_the_bins_of_a_scorecard_hold_every_loan_once_and_their_points_are_its_curve(model: Made) -> None:
    bins = model.card()["bins"]
    for name in model.table.names:
        mine = [one for one in bins if one["feature"] == name]
        assert sum(one["rows"] for one in mine) == 2000
        assert sum(one["bads"] for one in mine) == int(model.y.sum())
    rate = [one for one in bins if one["feature"] == "interest_rate"]
    assert [one["low"] for one in rate[1:]] == [one["high"] for one in rate[:-1]]
    assert (rate[0]["low"], rate[-1]["high"]) == (None, None)
    # A step of 0.1 in the log-odds of default is 20 / ln 2 * 0.1 points less.
    steps = np.diff([one["points"] for one in rate])
    assert steps == pytest.approx([-0.1 * 20 / np.log(2)] * 3)
    years = [one for one in bins if one["feature"] == "employment_years"]
    assert years[-1]["kind"] == "missing"
    assert years[-1]["rows"] == sum(row["employment_years"] is None for row in model.rows)
    proofs = [one for one in bins if one["feature"] == "income_verified"]
    assert [one["codes"] for one in proofs] == [
        [each.code] for each in model.table.by_name["income_verified"].categories
    ]


def test_special_values_have_a_bin_of_their_own_and_only_a_scorecard_has_bins(model: Made) -> None:
    form, values = model.trained.members["scorecard"].form, model.table.read(model.rows).values
    assert isinstance(form, AdditiveForm)
    special = replace(form.curves[2], specials=((values[0, 2], 0.7),))
    changed = replace(form, curves=(*form.curves[:2], special, *form.curves[3:]))
    (mine,) = [one for one in scorecard_bins(model.table, changed, values, model.y) if one["kind"] == "special"]
    assert (mine["feature"], mine["special"]) == ("interest_rate", values[0, 2])
    assert mine["rows"] == int((values[:, 2] == values[0, 2]).sum())
    assert scorecard_bins(model.table, model.trained.blend, values, model.y) == []


def test_groups_are_categories_or_bins_of_a_number_and_what_cannot_be_read_is_not_known(model: Made) -> None:
    rows: list[dict[str, Any]] = [
        {"credit_utilisation": 59.9},
        {"credit_utilisation": "60"},
        {"credit_utilisation": "?"},
        {},
    ]
    assert group_names(model.table, FairnessGroup("credit_utilisation", (60.0, 128.0)), rows) == ["0", "1", "", ""]
    rows = [{"case_region": "CA"}, {"region": "TX", "case_region": "CA"}, {"case_region": ""}, {"region": None}]
    assert group_names(model.table, FairnessGroup("region"), rows) == ["CA", "TX", "", ""]
    rows = [{"age": 30}, {"age": "thirty"}]
    assert group_names(model.table, FairnessGroup("age", (35.0,)), rows) == ["0", ""]


def test_fairness_counts_each_group_and_tells_where_the_loans_do_not_say(model: Made) -> None:
    proofs, used, region = model.card()["fairness"]
    assert sum(group["rows"] for group in proofs["groups"]) == 2000
    assert used["bins"] == [60.0, 128.0]
    assert used["yardstick"] == "0"
    assert {group["name"] for group in used["groups"]} == {"0", "1", "2"}
    (best,) = [group for group in used["groups"] if group["name"] == "0"]
    assert best["impact_ratio"] is None
    assert (region["groups"], region["small"]) == ([], {})


def test_a_column_that_knows_the_outcome_is_named(model: Made) -> None:
    assert model.card()["leaks"] == []
    rows = [{**row, "inquiries_12m": int(bad)} for row, bad in zip(model.rows, model.y, strict=True)]
    assert [leak["column"] for leak in replace(model, rows=rows).card()["leaks"]] == ["inquiries_12m"]


def test_limits_follow_from_the_figures(model: Made) -> None:
    assert codes(model) == ["few_bads", "unequal_approval", "unknown_groups", *ALWAYS]
    undated = [{name: value for name, value in row.items() if name != "applied_at"} for row in model.rows]
    assert "no_period" in codes(replace(model, rows=undated))
    short = [{**row, "applied_at": f"2016-0{1 + at % 9}-03T00:00:00"} for at, row in enumerate(model.rows)]
    assert "short_period" in codes(replace(model, rows=short))
    watched = [{**row, "observed_at": "2018-12-31T00:00:00+00:00"} for row in model.rows]
    (brief,) = [one for one in replace(model, rows=watched).card()["limits"] if one["code"] == "short_window"]
    assert brief["params"]["share"] == pytest.approx((model.y[2::3] == 0).sum() / (model.y == 0).sum())
    undated = [{**row, "observed_at": row["applied_at"]} for row in model.rows]
    assert "short_window" not in codes(replace(model, rows=undated))
    unpaid: list[dict[str, object]] = [{**row, "annual_income": None} for row in model.rows]
    (missing,) = [one for one in replace(model, rows=unpaid).card()["limits"] if one["code"] == "much_missing"]
    assert missing["params"]["features"]["annual_income"] == 1.0


def test_figures_that_are_too_weak_are_said_first(model: Made) -> None:
    card = model.card()
    card["metrics"]["auc"]["low"] = 0.55
    card["metrics"]["ece"]["value"] = 0.031
    card["fairness"][0]["small"] = {"x": 3}
    limits = {limit["code"]: limit["params"] for limit in limits_of(card, watched_briefly=0.0)}
    assert next(iter(limits.items())) == ("weak_ranking", {"auc": 0.55})
    assert limits["miscalibrated"] == {"ece": 0.031, "most": 0.02}
    assert limits["small_groups"] == {"facts": ["income_verified"]}
    card["data"]["bads"] = 5000
    assert "few_bads" not in [limit["code"] for limit in limits_of(card, watched_briefly=0.0)]
    (few,) = [one["params"] for one in limits_of(card, 0.0, effective_bads=80.4) if one["code"] == "few_by_weight"]
    assert few == {"bads": 5000, "tell": 80, "least": 500}
