"""Words for the codes of a model card: recipes, measures, limits, suspicions of leaking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from desk.words import MISSING, is_chinese, number, percent
from scoring.ml.card_parts import Limit, Measure

RECIPES: Final[dict[str, Promise]] = {
    "scorecard": _("Scorecard"),
    "logistic_regression": _("Logistic regression"),
    "decision_tree": _("Decision tree"),
    "random_forest": _("Random forest"),
    "hist_gradient_boosting": _("Histogram gradient boosting"),
    "gradient_boosting": _("Gradient boosting (LightGBM)"),
    "xgboost": _("Gradient boosting (XGBoost)"),
    "blend": _("Blend"),
}
CALIBRATIONS: Final[dict[str, Promise]] = {
    "sigmoid": pgettext_lazy("calibration", "straight line"),
    "beta": pgettext_lazy("calibration", "bent line (beta)"),
}
# Measures in the order of the table: their words, their digits, whether they are shares.
METRICS: Final[dict[str, tuple[Promise | str, int]]] = {
    "auc": ("AUC", 3),
    "ks": ("KS", 3),
    "brier": ("Brier", 4),
    "log_loss": (_("Log-loss"), 4),
    "ece": (_("Calibration error"), 4),
}
LIMITS: Final[dict[str, Promise]] = {
    "pd_range": _(
        "The range of a PD, at %(level)s, is that of the bad rate among loans of this score: as sure as a rate of so "
        "many loans is, wider where their outcomes leave the curve. How single borrowers of one score differ, what "
        "later times bring and how declined applicants would have paid is not in it."
    ),
    "granted_only": _("It learned from granted loans: how declined applicants would have paid, nobody knows."),
    "random_folds": _("It was judged on loans of the same period that it had not seen, not on later ones."),
    "extrapolation": _(
        "Outside the values of its training loans it can only guess; such cases are marked as unlike them."
    ),
    "few_bads": _("Only %(bads)s of its loans went bad: below %(least)s every figure here has a wide interval."),
    "few_by_weight": _(
        "By their unequal weights its %(bads)s bad loans tell as much as %(tell)s: below %(least)s every figure here "
        "has a wide interval."
    ),
    "no_period": _("Its loans carry no dates, so the period it learned from is not known."),
    "short_period": _("Its loans were applied for within %(days)s days, less than a year of seasons."),
    "short_window": _("%(share)s of its good loans were watched for less than a year: some may still turn bad."),
    "much_missing": _("Often missing in its loans: %(features)s."),
    "miscalibrated": _("Its PDs miss the bad rates by %(ece)s on the average, more than the %(most)s that is wanted."),
    "weak_ranking": _("It hardly tells good from bad loans: its AUC may be as low as %(auc)s."),
    "unequal_approval": _(
        "By %(facts)s, some groups are approved less than four fifths as often as others, beyond chance."
    ),
    "small_groups": _("Some groups have too few loans to be judged, by: %(facts)s."),
    "unknown_groups": _("Its loans do not say to which group they belong, by: %(facts)s."),
}


def limit_words(limit: Limit, names: Mapping[str, str]) -> str:
    """The sentence of a limit; `names` are the words of facts."""
    params = {name: _shown(name, value, names) for name, value in limit["params"].items()}
    return str(LIMITS.get(limit["code"], limit["code"].replace("_", " "))) % params


def _shown(name: str, value: Any, names: Mapping[str, str]) -> str:
    if name == "features":
        return _listed(f"{names.get(one, one)} {percent(share, 0)}" for one, share in value.items())
    if name == "facts":
        return _listed(names.get(one, one) for one in value)
    if name == "auc":
        return number(value, 3)
    if name == "level":
        return percent(value, 0)
    return percent(value) if name in ("share", "ece", "most") else number(value)


def _listed(words: Iterable[str]) -> str:
    return ("、" if is_chinese() else ", ").join(words)


def measure_words(measure: Measure | None, digits: int = 3, *, in_percent: bool = False) -> tuple[str, str]:
    """A figure and its interval, like (`0.791`, `0.772 – 0.809`); dashes where there is none."""
    if measure is None:
        return MISSING, ""
    show = percent if in_percent else number
    low, high = measure["low"], measure["high"]
    between = "" if low is None or high is None else f"{show(low, digits)} – {show(high, digits)}"
    return show(measure["value"], digits), between
