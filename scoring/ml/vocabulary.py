"""What one feature is: words in both languages, type, unit, range, direction, reason sentences."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

import numpy as np

from scoring.ml.errors import FeatureTableError, Language

TYPES = ("number", "category", "flag", "text")
UNITS = ("", "money", "percent", "share", "months", "years", "grade", "count")
FORMULAS = ("ratio", "annuity_ratio")
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
NUMERAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
SLOT = re.compile(r"\{(.*?)\}")


@dataclass(frozen=True)
class Words:
    """One text in both languages."""

    en: str
    zh: str

    def text(self, language: Language) -> str:
        """The text in the asked language."""
        return self.zh if language == "zh-hans" else self.en


@dataclass(frozen=True)
class Category:
    """One permitted value of a category feature; its place in the list is its number in the matrix."""

    code: str
    words: Words


@dataclass(frozen=True)
class Label:
    """Words for one special value of a number, such as 10 for "10 years or more"."""

    value: float
    words: Words


@dataclass(frozen=True)
class Sentences:
    """Reason sentences with the slots {value} and {norm}.

    `plain` only states both. `adverse` and `favourable` may colour the fact, and are used only where the value truly
    stands on that side of the norm.
    """

    plain: Words
    adverse: Words | None = None
    favourable: Words | None = None

    def __post_init__(self) -> None:
        for words in (self.plain, self.adverse, self.favourable):
            if words is not None and not {*SLOT.findall(words.en), *SLOT.findall(words.zh)} <= {"value", "norm"}:
                raise refusal(words.en, "a sentence has no slots but {value} and {norm}")


@dataclass(frozen=True)
class Formula:
    """How a derived feature is computed from number features of the same table.

    `ratio` is numerator / denominator. `annuity_ratio` is 12 level monthly instalments of a loan of `numerator` at
    `rate` percent a year over `term` months, divided by `denominator`. Without a denominator above zero: missing.
    """

    kind: Literal["ratio", "annuity_ratio"]
    numerator: str
    denominator: str
    rate: str = ""
    term: str = ""

    def __post_init__(self) -> None:
        if self.kind not in FORMULAS or (self.kind == "annuity_ratio") != bool(self.rate and self.term):
            raise refusal(self.kind, f"a formula is one of {FORMULAS}; annuity_ratio, and no other, has rate and term")

    def inputs(self) -> tuple[str, ...]:
        """Names of the features that the formula reads."""
        return tuple(name for name in (self.numerator, self.denominator, self.rate, self.term) if name)


@dataclass(frozen=True)
class Feature:
    """One fact of a case; `minimum` and `maximum` bound what is possible, in the feature's own unit.

    `direction` is +1 where more is riskier, -1 where more is safer and 0 where the model may find its own way.
    `actionable` says whether the applicant can change it by the time of a new application.
    """

    name: str
    words: Words
    type: Literal["number", "category", "flag", "text"]
    group: str = ""
    sentences: Sentences | None = None
    unit: str = ""
    decimals: int = 0
    minimum: float | None = None
    maximum: float | None = None
    direction: Literal[-1, 0, 1] = 0
    actionable: bool = False
    categories: tuple[Category, ...] = ()
    labels: tuple[Label, ...] = ()
    formula: Formula | None = None

    def __post_init__(self) -> None:
        wrong = self._fault()
        if wrong:
            raise refusal(self.name, wrong)

    def _fault(self) -> str:
        if not NAME.fullmatch(self.name):
            return "a name has small letters, digits and underscores"
        if self.type not in TYPES or self.unit not in UNITS or self.direction not in (-1, 0, 1):
            return f"type is one of {TYPES}, unit one of {UNITS}, direction one of -1, 0, 1"
        if (self.type == "category") != bool(self.categories) or len(self.codes) != len(self.categories):
            return "a category, and nothing else, lists its categories, each once"
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            return "minimum is above maximum"
        if self.formula is not None and self.type != "number":
            return "only a number can have a formula"
        return ""

    @cached_property
    def codes(self) -> dict[str, float]:
        """Number of each category in the matrix."""
        return {category.code: float(place) for place, category in enumerate(self.categories)}

    def number(self, raw: object) -> float:
        """The value as the model reads it; NaN for what is missing, unknown or not a finite number."""
        if raw is None or raw == "":
            return np.nan
        if self.type == "category":
            return self.codes.get(raw, np.nan) if isinstance(raw, str) else np.nan
        if isinstance(raw, bool):
            return float(raw) if self.type == "flag" else np.nan
        if isinstance(raw, str) and not NUMERAL.fullmatch(raw.strip()):
            return np.nan
        if not isinstance(raw, int | float | Decimal | str):
            return np.nan
        try:
            value = float(raw)
        except OverflowError:
            return np.nan
        return value if np.isfinite(value) else np.nan


def feature_from(content: Mapping[str, Any]) -> Feature:
    """A checked feature from plain lists and dicts, as they stand in YAML or JSON."""
    sentences, formula = content.get("sentences"), content.get("formula")
    parts: dict[str, Any] = {
        **content,
        "words": Words(**content["words"]),
        "sentences": sentences and Sentences(**{name: one and Words(**one) for name, one in sentences.items()}),
        "categories": tuple(Category(one["code"], Words(**one["words"])) for one in content.get("categories") or ()),
        "labels": tuple(Label(float(one["value"]), Words(**one["words"])) for one in content.get("labels") or ()),
        "formula": formula and Formula(**formula),
    }
    return Feature(**parts)


def refusal(what: str, why: str) -> FeatureTableError:
    """The refusal of a feature table, naming the part that cannot be."""
    return FeatureTableError("bad_feature_table", f"Feature table, {what}: {why}.", f"特征表有误（{what}）：{why}。")
