"""How real people judge beside a model: the habits of made-up reviewers, measured on a table of human decisions.

The table has one row a decision: `session_id` (the person), `defendant_id` (the case), `treatment` (0: the model was
not shown), `task_order` (place in the sitting), `ra_score` (the model's figure, 1 to 10), `participant_score` (the
person's) and `actual_outcome`. People who were not shown the model say what a case looks like on average and how far
one person strays from that; people who were shown it say how far they go towards it. People answer on the model's own
scale, and a point on it is worth so much log-odds of the outcome (logistic regression): in these units the habits
carry over.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd  # type: ignore[import-untyped, unused-ignore]
from numpy.typing import NDArray

from bench._reviewers import SITTING, Habits
from scoring.ml.estimators.logistic import fit_logistic
from scoring.ml.metrics import auc

FloatArray = NDArray[np.float64]

NEEDED: Final = (
    "session_id", "defendant_id", "treatment", "task_order", "ra_score", "participant_score", "actual_outcome",
)  # fmt: skip
# People are told apart with this many decisions each.
LEAST_DECISIONS: Final = 10


def measured(path: Path) -> tuple[Habits, dict[str, Any]]:
    """The habits of the people in a table, and the figures they come from. ValueError names a missing column."""
    table = pd.read_csv(path)
    missing = [name for name in NEEDED if name not in table]
    if missing:
        raise ValueError(f"--overrides: {path.name} has no column {missing[0]}")
    alone, shown = table[table["treatment"] == 0], table[table["treatment"] > 0]
    within = alone.groupby("defendant_id")["participant_score"].agg(["mean", "var", "count"])
    of_one = float(within["var"].mean())
    # What the mean of so few people adds to its own spread.
    luck = of_one / float(within["count"].mean())
    point = _log_odds_a_point(table)
    strays = alone["participant_score"] - alone["defendant_id"].map(within["mean"])
    leans, noises, looks = _people(strays, alone["session_id"])
    lean = float(np.sqrt(max(leans.var(ddof=1) - float((noises**2 / looks).mean()), 0.0)))
    noise = float(np.sqrt(max(of_one - lean**2, 0.0)))
    follows, spread = _dependence(shown, within["mean"], luck)
    habits = Habits(
        noise=round(noise * point, 2),
        noise_spread=round(float(np.sqrt(max(np.log(noises).var(ddof=1) - 1 / (2 * (looks.mean() - 1)), 0.0))), 2),
        lean_spread=round(lean * point, 2),
        dependence=round(follows, 2),
        dependence_spread=round(spread, 2),
    )
    return habits, asdict(habits) | _facts(alone, shown, strays) | {
        "log_odds_a_point": round(point, 3),
        "agreed_spread": round(float(np.sqrt(within["mean"].var() - luck)) * point, 2),
    }


def _log_odds_a_point(table: pd.DataFrame) -> float:
    """The slope of the outcome's log-odds in the model's figure, each case once."""
    once = table.drop_duplicates("defendant_id")
    score = once["ra_score"].to_numpy().astype(np.float64)[:, None]
    fit = fit_logistic(score, once["actual_outcome"].to_numpy().astype(np.float64), penalty=np.zeros((1, 1)))
    return float(fit.weights[0])


def _people(strays: pd.Series[float], person: pd.Series[str]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Of each person the mean and the standard deviation of how far they stray, and the number of decisions."""
    each = strays.groupby(person).agg(["mean", "std", "count"])
    each = each[each["count"] >= LEAST_DECISIONS]
    return each["mean"].to_numpy(), each["std"].to_numpy(), each["count"].to_numpy().astype(np.float64)


def _dependence(shown: pd.DataFrame, agreed: pd.Series[float], luck: float) -> tuple[float, float]:
    """How far people go from what they agree on to the model's figure: the mean share, and its spread over people.

    Slopes of (said - agreed) on (model - agreed). What people agree on is known with an error that stands on both
    sides, so it is taken off both moments; of the spread, what the luck of thirty decisions adds is taken off.
    """
    agreed_on = shown["defendant_id"].map(agreed)
    way, went = shown["ra_score"] - agreed_on, shown["participant_score"] - agreed_on
    known = way.notna()
    way, went, person = way[known], went[known], shown["session_id"][known]
    mean = (float((way * went).mean()) - luck) / (float((way**2).mean()) - luck)
    far = way - way.groupby(person).transform("mean")
    off = went - went.groupby(person).transform("mean")
    squares = (far**2).groupby(person).sum()
    slope = (far * off).groupby(person).sum() / squares
    rest = off - far * person.map(slope)
    error = (rest**2).groupby(person).sum() / (rest.groupby(person).count() - 2) / squares
    return mean, float(np.sqrt(max(slope.var() - error.mean(), 0.0)))


def _facts(alone: pd.DataFrame, shown: pd.DataFrame, strays: pd.Series[float]) -> dict[str, Any]:
    """What else the table says: who is right how often, and whether people tire."""
    steady = (strays - strays.groupby(alone["session_id"]).transform("mean")).abs()
    slope, start = np.polyfit(alone["task_order"], steady, 1)
    flipped = (shown["ra_score"] > 5) != (shown["participant_score"] > 5)
    right = (shown["participant_score"] > 5) == (shown["actual_outcome"] == 1)
    return {
        "decisions": len(alone) + len(shown),
        "people": int(alone["session_id"].nunique() + shown["session_id"].nunique()),
        "noise_at_the_end_over_start": round(float((slope * SITTING + start) / (slope + start)), 2),
        "auc_model": round(_auc(shown, "ra_score"), 3),
        "auc_alone": round(_auc(alone, "participant_score"), 3),
        "auc_shown": round(_auc(shown, "participant_score"), 3),
        "flipped": round(float(flipped.mean()), 3),
        "right_where_flipped": round(float(right[flipped].mean()), 3),
    }


def _auc(table: pd.DataFrame, score: str) -> float:
    return auc(table["actual_outcome"].to_numpy(), table[score].to_numpy().astype(np.float64))
