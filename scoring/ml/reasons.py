"""Reason codes: the groups of features that moved a case's PD most, as one plain sentence each in both languages."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from scoring.ml.calibration import sigmoid
from scoring.ml.errors import Language
from scoring.ml.features import FeatureTable
from scoring.ml.vocabulary import Feature, Words
from scoring.ml.wording import missing_text, value_text

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

LANGUAGES: tuple[Language, ...] = ("en", "zh-hans")
MOST_ADVERSE = 4
MOST_FAVOURABLE = 2
# A hundredth of log-odds changes the odds by 1 %: less is not a reason that anyone could weigh.
LEAST_CONTRIBUTION = 0.01
PERCENTAGE_POINTS = 100.0


@dataclass(frozen=True)
class Reason:
    """One reason: `direction` "up" raises the PD; `contribution` is the group's sum on the calibrated log-odds.

    `value` and `norm` are those of the group's leading feature, which the sentences speak of and which stands first in
    `features`; None is missing. A norm is the median (or the most common category) of the training rows.
    """

    code: str
    features: tuple[str, ...]
    direction: Literal["up", "down"]
    contribution: float
    en: str
    zh: str
    value: float | None
    norm: float | None

    def sentence(self, language: Language) -> str:
        """The sentence in the asked language."""
        return self.zh if language == "zh-hans" else self.en


def reasons_for(
    table: FeatureTable,
    contributions_row: FloatArray,
    values_row: FloatArray,
    norms: Mapping[str, float | None],
    unreadable_row: BoolArray | None = None,
) -> list[Reason]:
    """At most four reasons that raise the PD, then at most two that lower it, the strongest first.

    `contributions_row` and `values_row` have shape (k,), in the table's column order; `unreadable_row` (k,) tells what
    was given but is of no use to the model from what was not supplied. Contributions are summed by reason group first,
    so that two features with one meaning make one reason. Groups of equal size stand in the table's order, so the same
    case always gets the same reasons.
    """
    sums = {code: math.fsum(contributions_row[columns]) for code, columns in table.group_columns.items()}
    strong = sorted((code for code in sums if abs(sums[code]) >= LEAST_CONTRIBUTION), key=lambda code: -abs(sums[code]))
    adverse = [code for code in strong if sums[code] > 0][:MOST_ADVERSE]
    favourable = [code for code in strong if sums[code] < 0][:MOST_FAVOURABLE]
    unreadable = np.zeros(len(values_row), dtype=np.bool_) if unreadable_row is None else unreadable_row
    return [_reason(table, code, contributions_row, values_row, unreadable, norms) for code in (*adverse, *favourable)]


def pd_points(base_value: float, contributions: FloatArray) -> FloatArray:
    """Contributions (n, k) on the log-odds as percentage points of PD, same shape; each row sums to PD - base PD.

    Method: Aumann-Shapley (integrated gradients, Sundararajan et al. 2017) along the straight line from the base to
    the case. On a line every contribution is scaled by one positive number, the mean slope of the logistic curve, so
    signs and order stay. Between the log-odds a < b the mean slope is (sigma(b) - sigma(a)) / (b - a), computed as
    sigma(b) sigma(-a) (1 - exp(a - b)) / (b - a), which does not cancel; its limit at b = a is sigma'(a).
    """
    total = contributions.sum(axis=1)
    low, high = base_value + np.minimum(total, 0.0), base_value + np.maximum(total, 0.0)
    length = np.abs(total)
    step = np.divide(-np.expm1(-length), length, out=np.ones_like(length), where=length > 0)
    slope = sigmoid(high) * sigmoid(-low) * step
    points: FloatArray = PERCENTAGE_POINTS * contributions * slope[:, None]
    return points


def _reason(
    table: FeatureTable,
    code: str,
    contributions: FloatArray,
    values: FloatArray,
    unreadable: BoolArray,
    norms: Mapping[str, float | None],
) -> Reason:
    columns = table.group_columns[code]
    total = math.fsum(contributions[columns])
    sign = 1.0 if total > 0 else -1.0
    # The sentence speaks of the feature that pulled hardest the way the whole group went.
    ordered = sorted(columns, key=lambda column: -sign * contributions[column])
    lead, value = table.features[ordered[0]], float(values[ordered[0]])
    norm = norms.get(lead.name)
    given = bool(unreadable[ordered[0]])
    en, zh = (_sentence(lead, value, norm, sign, given, language, table.currency) for language in LANGUAGES)
    return Reason(
        code=code,
        features=tuple(table.features[column].name for column in ordered),
        direction="up" if total > 0 else "down",
        contribution=total,
        en=en,
        zh=zh,
        value=None if math.isnan(value) else value,
        norm=norm,
    )


def _sentence(
    feature: Feature, value: float, norm: float | None, sign: float, given: bool, language: Language, currency: str
) -> str:
    typical = math.nan if norm is None else norm
    norm_text = _unknown(language) if norm is None else value_text(feature, norm, language, currency=currency)
    if math.isnan(value):
        return _missing_sentence(feature, norm_text, given, language)
    words = _template(feature, value, typical, sign).text(language)
    return words.format(value=value_text(feature, value, language, currency=currency), norm=norm_text)


def _template(feature: Feature, value: float, norm: float, sign: float) -> Words:
    sentences = feature.sentences
    if sentences is None:
        raise ValueError(f"{feature.name} is not scored and has no sentences")
    # NaN compares false, so without a norm the plain sentence is taken.
    if sign > 0 and sentences.adverse is not None and feature.direction * (value - norm) > 0:
        return sentences.adverse
    if sign < 0 and sentences.favourable is not None and feature.direction * (value - norm) < 0:
        return sentences.favourable
    return sentences.plain


def _missing_sentence(feature: Feature, norm_text: str, given: bool, language: Language) -> str:
    name, missing = feature.words.text(language), missing_text(feature, language, given=given)
    if language == "zh-hans":
        return f"{name}{missing}，同类{'最常见为' if feature.type == 'category' else '中位数 '}{norm_text}"
    return f"{name} {missing}; {'most common:' if feature.type == 'category' else 'typical'} {norm_text}"


def _unknown(language: Language) -> str:
    return "未知" if language == "zh-hans" else "unknown"
