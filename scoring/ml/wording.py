"""Values of features and reasons as a credit officer writes them, in both languages."""

import math
from datetime import date

from cases.money import money, with_symbol
from scoring.ml.errors import Language
from scoring.ml.vocabulary import EPOCH, Feature, Words

GRADES = "ABCDEFG"
STEPS_A_GRADE = 5
# From here on a number is written with an exponent: nobody counts its digits.
LARGE = 1e15


def number_text(value: float, decimals: int) -> str:
    """The number with thousands separators and at most so many decimals, without trailing zeros; "1.00e+15" where it
    is so large."""
    if abs(value) >= LARGE:
        return f"{value:.2e}"
    text = f"{value:,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def value_text(feature: Feature, value: float, language: Language, *, currency: str = "") -> str:
    """The value in the feature's unit ("13.99%", "C4", "10 years or more"); "not supplied" for NaN."""
    if math.isnan(value):
        return missing_text(feature, language)
    if feature.type == "category":
        return feature.categories[int(value)].words.text(language)
    if feature.type == "flag":
        return ("是" if value else "否") if language == "zh-hans" else ("yes" if value else "no")
    if feature.type == "date":
        return date.fromordinal(EPOCH + int(value)).isoformat()
    for label in (*feature.labels, *feature.special_values):
        if label.value == value:
            return label.words.text(language)
    return _number_with_unit(feature, value, language, currency)


def missing_text(feature: Feature, language: Language, *, given: bool = False) -> str:
    """What to say where the model has no value: not supplied, not computable, or `given` but of no use to it."""
    chinese = language == "zh-hans"
    if given:
        return "模型无法使用" if chinese else "cannot be used by the model"
    if feature.formula is not None:
        return "无法计算" if chinese else "cannot be computed"
    return "未提供" if chinese else "not supplied"


def reason_text(
    feature: Feature, value: float, norm: float, *, raises: bool, given: bool, language: Language, currency: str
) -> str:
    """What a reason says of its leading feature: the value (NaN: missing; `given` but unreadable) beside the norm (NaN:
    unknown). `raises` tells whether the reason raises the PD, and so which coloured words may be used."""
    usual = _unknown(language) if math.isnan(norm) else value_text(feature, norm, language, currency=currency)
    if math.isnan(value):
        return _beside_norm(feature, missing_text(feature, language, given=given), usual, language, " ")
    said = value_text(feature, value, language, currency=currency)
    if value in feature.specials:
        return _beside_norm(feature, said, usual, language, ": ")
    return _template(feature, value, norm, raises).text(language).format(value=said, norm=usual)


def _template(feature: Feature, value: float, norm: float, raises: bool) -> Words:
    sentences = feature.sentences
    if sentences is None:
        raise ValueError(f"{feature.name} is not scored and has no sentences")
    # A special value stands on no side of a norm, and NaN compares false: both leave the plain sentence.
    beyond = 0.0 if norm in feature.specials else feature.reads * (value - norm)
    if raises and sentences.adverse is not None and beyond > 0:
        return sentences.adverse
    if not raises and sentences.favourable is not None and beyond < 0:
        return sentences.favourable
    return sentences.plain


def _beside_norm(feature: Feature, said: str, usual: str, language: Language, joint: str) -> str:
    """A sentence for a value that is no amount: the feature's name, what is said of it, and what is usual."""
    name, is_category = feature.words.text(language), feature.type == "category"
    if language == "zh-hans":
        return f"{name}{joint.strip().replace(':', '：')}{said}，{'最常见为' if is_category else '通常值 '}{usual}"
    return f"{name}{joint}{said}; {'most common:' if is_category else 'typical'} {usual}"


def _unknown(language: Language) -> str:
    return "未知" if language == "zh-hans" else "unknown"


def _number_with_unit(feature: Feature, value: float, language: Language, currency: str) -> str:
    chinese = language == "zh-hans"
    if feature.unit == "grade":
        return _grade_text(value)
    if feature.unit in ("percent", "share"):
        return f"{number_text(value * 100 if feature.unit == 'share' else value, feature.decimals)}%"
    text = number_text(value, feature.decimals)
    if feature.unit == "money" and currency:
        # As every other cell of the desk has it, so that one row does not tell one amount in two ways.
        return with_symbol(currency, text) if abs(value) >= LARGE else money(value, currency)
    if feature.unit == "months":
        return f"{text} 个月" if chinese else f"{text} month{'' if text == '1' else 's'}"
    if feature.unit == "years":
        return f"{text} 年" if chinese else f"{text} year{'' if text == '1' else 's'}"
    return text


def _grade_text(value: float) -> str:
    step = round(value) - 1
    if not 0 <= step < len(GRADES) * STEPS_A_GRADE:
        return number_text(value, 0)
    return f"{GRADES[step // STEPS_A_GRADE]}{step % STEPS_A_GRADE + 1}"
