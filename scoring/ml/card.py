"""The model card as numbers: what a model learned from, how well it ranks and prices, and where not to trust it.

Every figure is of loans that the judged model had not seen (out of fold), with 95 % intervals. Words are made where the
card is shown; here are codes and numbers in plain JSON.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scoring.ml.calibration import sigmoid
from scoring.ml.card_groups import judged_facts, measure
from scoring.ml.card_parts import Data, Judged, JudgedGroup, Leak, Limit, Measure, ModelCard, Point, Share, Year
from scoring.ml.features import FeatureTable, Row
from scoring.ml.intervals import measured_with_intervals, reliability_points
from scoring.ml.pd_interval import INTERVAL_LEVEL
from scoring.ml.sample_weights import Weights, effective_size
from scoring.ml.scorecard_bins import scorecard_bins
from scoring.ml.tables.leaks import find_leaks
from scoring.ml.training import Trained

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# With fewer bads a scorecard is the safer choice and every interval is wide.
FEW_BADS: Final = 500
# A year holds every season once; a shorter book knows only some of them.
SHORT_PERIOD_DAYS: Final = 365
MUCH_MISSING: Final = 0.2
# Goods that were watched for less than a year may still turn bad.
SHORT_WINDOW_DAYS: Final = 365
MOST_ECE: Final = 0.02
WEAK_AUC: Final = 0.6
# The adverse-impact rule of thumb of 29 CFR 1607.4 D; no test of law for credit, but a reason to look.
FOUR_FIFTHS: Final = 0.8


def build_card(
    table: FeatureTable,
    rows: Sequence[Row],
    y: IntArray,
    trained: Trained,
    weights: FloatArray,
    *,
    seed: int,
    counted: Weights = None,
) -> ModelCard:
    """The card of a model trained on n rows with outcomes y (n,), 1 = bad; `weights` (k,) are the features' shares of
    the mean absolute contribution. Measures and the calibration plot count each loan by `counted` (n,); what is told of
    the data, bins and groups of people counts loans. The same input gives the same card."""
    values, pd = table.read(rows).values, sigmoid(trained.out_of_fold)
    scorecard = trained.members.get("scorecard")
    card = ModelCard(
        recipe=trained.recipe,
        seed=seed,
        data=_data(table, rows, y, values),
        metrics=_measured(y, trained.out_of_fold, seed, counted),
        models=_models(trained, y, seed, counted),
        intercept=trained.blend.intercept,
        calibration=trained.calibration.to_dict(),
        reliability=[
            Point(rows=point.rows, pd=point.mean_pd, rate=measure(point.bad_rate))
            for point in reliability_points(y, pd, weights=counted)
        ],
        features=_ordered(dict(zip(table.names, weights.tolist(), strict=True))),
        groups=_ordered({code: float(weights[columns].sum()) for code, columns in table.group_columns.items()}),
        bins=scorecard_bins(table, scorecard.form, values, y) if scorecard else [],
        fairness=judged_facts(table, rows, y, pd, pd < table.cut_offs(values)),
        leaks=_leaks(table, values, y, seed),
        limits=[],
    )
    tell = float(y.sum()) if counted is None else effective_size(counted[y == 1])
    card["limits"] = limits_of(card, _watched_briefly(rows, y), tell)
    return card


def limits_of(card: ModelCard, watched_briefly: float, effective_bads: float | None = None) -> list[Limit]:
    """What the figures of a card (without its limits) warn of, the gravest first; `watched_briefly` is the share of
    good loans that were watched for less than a year, `effective_bads` how many bads of equal weight tell as much as
    those of the card (None: all of them). The last three hold for every model."""
    data, metrics = card["data"], card["metrics"]
    auc_low, bads = metrics["auc"]["low"], data["bads"]
    tell = bads if effective_bads is None else round(effective_bads)
    days = (date.fromisoformat(data["last"]) - date.fromisoformat(data["first"])).days if data["first"] else None
    missing = {name: share for name, share in data["missing"].items() if share > MUCH_MISSING}
    unequal = [fact["fact"] for fact in card["fairness"] if any(_is_unequal(group) for group in fact["groups"])]
    small = [fact["fact"] for fact in card["fairness"] if fact["small"]]
    unknown = [fact["fact"] for fact in card["fairness"] if not fact["groups"] and not fact["small"]]
    found: list[tuple[bool, str, dict[str, Any]]] = [
        (auc_low is not None and auc_low < WEAK_AUC, "weak_ranking", {"auc": auc_low}),
        (bads < FEW_BADS, "few_bads", {"bads": bads, "least": FEW_BADS}),
        (tell < FEW_BADS <= bads, "few_by_weight", {"bads": bads, "tell": tell, "least": FEW_BADS}),
        (metrics["ece"]["value"] > MOST_ECE, "miscalibrated", {"ece": metrics["ece"]["value"], "most": MOST_ECE}),
        (watched_briefly > 0, "short_window", {"share": watched_briefly}),
        (days is None, "no_period", {}),
        (days is not None and days < SHORT_PERIOD_DAYS, "short_period", {"days": days}),
        (bool(missing), "much_missing", {"features": missing}),
        (bool(unequal), "unequal_approval", {"facts": unequal}),
        (bool(small), "small_groups", {"facts": small}),
        (bool(unknown), "unknown_groups", {"facts": unknown}),
        (True, "pd_range", {"level": INTERVAL_LEVEL}),
        (True, "granted_only", {}),
        (True, "random_folds", {}),
        (True, "extrapolation", {}),
    ]
    return [Limit(code=code, params=params) for holds, code, params in found if holds]


def _is_unequal(group: JudgedGroup) -> bool:
    """Whether even the upper end of its approval ratio lies below four fifths."""
    ratio = group["impact_ratio"]
    return ratio is not None and ratio["high"] is not None and ratio["high"] < FOUR_FIFTHS


def _data(table: FeatureTable, rows: Sequence[Row], y: IntArray, values: FloatArray) -> Data:
    days = [_moment(row.get("applied_at")) for row in rows]
    known = sorted(day for day in days if day)
    loans = Counter(day.year for day in days if day)
    bads = Counter(day.year for day, bad in zip(days, y.tolist(), strict=True) if day and bad)
    return Data(
        rows=len(y),
        bads=int(y.sum()),
        bad_rate=float(y.mean()),
        first=known[0].date().isoformat() if known else "",
        last=known[-1].date().isoformat() if known else "",
        by_year=[Year(year=str(year), rows=loans[year], bads=bads[year]) for year in sorted(loans)],
        missing=dict(zip(table.names, np.isnan(values).mean(axis=0).tolist(), strict=True)),
    )


def _moment(given: object) -> datetime | None:
    """A moment as our training sets write it; None for anything else."""
    try:
        return datetime.fromisoformat(given).replace(tzinfo=None) if isinstance(given, str) else None
    except ValueError:
        return None


def _watched_briefly(rows: Sequence[Row], y: IntArray) -> float:
    """The share of good loans, of those with both dates, whose outcome was taken down within a year.

    An outcome of the day of application stands for one without a date.
    """
    spans = [
        span
        for row, bad in zip(rows, y.tolist(), strict=True)
        if not bad and (span := _days_between(row.get("applied_at"), row.get("observed_at"))) > 0
    ]
    return sum(span < SHORT_WINDOW_DAYS for span in spans) / len(spans) if spans else 0.0


def _days_between(applied_at: object, observed_at: object) -> int:
    """Whole days; 0 where one of the moments is not known."""
    applied, observed = _moment(applied_at), _moment(observed_at)
    return (observed - applied).days if applied and observed else 0


def _measured(y: IntArray, log_odds: FloatArray, seed: int, counted: Weights) -> dict[str, Measure]:
    found = measured_with_intervals(y, log_odds, seed=seed, weights=counted)
    return {name: measure(estimate) for name, estimate in found.items()}


def _leaks(table: FeatureTable, values: FloatArray, y: IntArray, seed: int) -> list[Leak]:
    found = find_leaks(values, y, table.columns, table.names, seed=seed)
    return [Leak(column=one.column, code=one.code, en=one.en, zh=one.zh) for one in found]


def _models(trained: Trained, y: IntArray, seed: int, counted: Weights) -> list[Judged]:
    weights = {member.name: member.weight for member in trained.blend.members}
    judged = [
        Judged(
            name=view.name,
            weight=weights.get(view.name, 0.0),
            calibration=view.calibration.kind,
            metrics=_measured(y, view.out_of_fold, seed, counted),
        )
        for view in trained.views
    ]
    return sorted(judged, key=lambda model: -model["weight"])


def _ordered(shares: Mapping[str, float]) -> list[Share]:
    return [Share(name=name, share=share) for name, share in sorted(shares.items(), key=lambda item: -item[1])]
