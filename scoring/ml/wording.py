"""Values of features as a credit officer writes them, in both languages."""

import math

from scoring.ml.errors import Language
from scoring.ml.vocabulary import Feature

GRADES = "ABCDEFG"
STEPS_A_GRADE = 5
CURRENCY_WORDS_ZH = {"USD": "美元", "CNY": "元", "EUR": "欧元", "HKD": "港元", "TWD": "新台币", "PKR": "巴基斯坦卢比"}


def number_text(value: float, decimals: int) -> str:
    """The number with thousands separators and at most so many decimals, without trailing zeros."""
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
    for label in feature.labels:
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


def _number_with_unit(feature: Feature, value: float, language: Language, currency: str) -> str:
    chinese = language == "zh-hans"
    if feature.unit == "grade":
        return _grade_text(value)
    if feature.unit in ("percent", "share"):
        return f"{number_text(value * 100 if feature.unit == 'share' else value, feature.decimals)}%"
    text = number_text(value, feature.decimals)
    if feature.unit == "money" and currency:
        return f"{text} {CURRENCY_WORDS_ZH.get(currency, currency)}" if chinese else f"{currency} {text}"
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
