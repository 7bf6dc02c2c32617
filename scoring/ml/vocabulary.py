"""What one feature is: words in both languages, type, unit, range, direction, reason sentences."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

import numpy as np

from intake.values.cell_dates import read_moment
from intake.values.cells import CellError, cell_text, read_flag
from scoring.ml.errors import FeatureTableError, Language

TYPES = ("number", "category", "flag", "text", "date")
UNITS = ("", "money", "percent", "share", "months", "years", "grade", "count")
# What each kind of formula reads.
FORMULAS = {
    "ratio": {"numerator", "denominator"},
    "annuity_ratio": {"numerator", "denominator", "rate", "term"},
    "months_since": {"date"},
    "years_since": {"date"},
}
# The moment of the application: part of every row, beside its features.
APPLIED_AT = "applied_at"
EPOCH = date(1970, 1, 1).toordinal()
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
    """Words for one value of a number: an amount ("10 years or more" for 10), or none (-999 "no bureau record")."""

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
    """How a derived feature is computed from others of the same table.

    `ratio` is numerator / denominator. `annuity_ratio` is 12 level monthly instalments of a loan of `numerator` at
    `rate` percent a year over `term` months, divided by `denominator`. Without a denominator above zero: missing.
    `months_since` and `years_since` are the completed months or years from `date`, a date among the facts, to the
    row's `applied_at`.
    """

    kind: Literal["ratio", "annuity_ratio", "months_since", "years_since"]
    numerator: str = ""
    denominator: str = ""
    rate: str = ""
    term: str = ""
    date: str = ""

    def __post_init__(self) -> None:
        given = {part for part in ("numerator", "denominator", "rate", "term", "date") if getattr(self, part)}
        if given != FORMULAS.get(self.kind):
            raise refusal(self.kind, f"a formula is one of {', '.join(FORMULAS)}, with all that it reads and no more")

    def inputs(self) -> tuple[str, ...]:
        """Names of the number features that the formula reads; none for an age, which reads a date."""
        return tuple(name for name in (self.numerator, self.denominator, self.rate, self.term) if name)


@dataclass(frozen=True)
class Feature:
    """One fact of a case; `minimum` and `maximum` bound what is possible, in the feature's own unit.

    `direction` is +1 where more is riskier, -1 where more is safer and 0 where the model may find its own way.
    `told_direction` is what a reader takes for granted, also where the model is free: +1 means that only a value above
    the norm is told as what raised the risk, -1 one below it; unset, either is. Of two features that move together
    (a loan against income, its instalments against income) one may raise the risk where it is small beside the other;
    that is arithmetic, and no reason for anybody.
    `actionable` says whether the applicant can change it by the time of a new application; `nameable` whether it may
    be the ground of a reason that an applicant is told (sex may not). `labels` are words for ordinary amounts,
    `special_values` numbers that are no amounts at all. `other` is the category for every text that is not listed.
    A value is stale when the date of the fact `as_of` lies more than `fresh_days` before the application.
    """

    name: str
    words: Words
    type: Literal["number", "category", "flag", "text", "date"]
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
    special_values: tuple[Label, ...] = ()
    nameable: bool = True
    other: str = ""
    as_of: str = ""
    fresh_days: int | None = None
    told_direction: Literal[-1, 1] | None = None

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
        if not all(isinstance(category.code, str) for category in self.categories):
            return "the code of a category is text: put 7 and yes in quotation marks"
        if self.other and self.other not in self.codes:
            return "other is one of the categories"
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            return "minimum is above maximum"
        if self.type != "number" and (self.formula is not None or self.special_values):
            return "only a number can have a formula or special values"
        if {label.value for label in self.labels} & {label.value for label in self.special_values}:
            return "a value is an amount with a label or a special value, not both"
        if bool(self.as_of) != (self.fresh_days is not None):
            return "as_of and fresh_days go together"
        return self._fault_of_told_direction()

    def _fault_of_told_direction(self) -> str:
        if self.told_direction is None:
            return ""
        if self.type != "number" or self.told_direction not in (-1, 1):
            return "told_direction is 1 or -1, of a number"
        if self.told_direction == -self.direction:
            return "told_direction is not the opposite of direction"
        return ""

    @cached_property
    def reads(self) -> int:
        """On which side of the norm a reader takes a value for riskier; 0 for either."""
        return self.direction if self.told_direction is None else self.told_direction

    @cached_property
    def codes(self) -> dict[str, float]:
        """Number of each category in the matrix."""
        return {category.code: float(place) for place, category in enumerate(self.categories)}

    @cached_property
    def specials(self) -> tuple[float, ...]:
        """The special values, in the table's order."""
        return tuple(label.value for label in self.special_values)

    def number(self, raw: object) -> float:
        """The value as the model reads it; NaN for what is missing, unknown or not a finite number.

        A category is its place in the list, a flag 0 or 1, a date its days since 1970-01-01.
        """
        if raw is None or raw == "":
            return np.nan
        if self.type == "category":
            return self._code(raw)
        if self.type == "date":
            return _days(raw)
        if self.type == "flag":
            return _flag(raw)
        if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal | str):
            return np.nan
        if isinstance(raw, str) and not NUMERAL.fullmatch(raw.strip()):
            return np.nan
        try:
            value = float(raw)
        except OverflowError:
            return np.nan
        return value if np.isfinite(value) else np.nan

    def _code(self, raw: object) -> float:
        if not isinstance(raw, str | int | float):
            return np.nan
        # A code such as 7 is the same whether it came as text or as a number.
        text = raw if isinstance(raw, str) and raw in self.codes else cell_text(raw)
        fallback = self.codes.get(self.other, np.nan) if text else np.nan
        return self.codes.get(text, fallback)


def _flag(raw: object) -> float:
    if isinstance(raw, int | float | Decimal):
        return float(raw) if raw in (0, 1) else np.nan
    try:
        return float(read_flag(raw)) if isinstance(raw, str) else np.nan
    except CellError:
        return np.nan


def _days(raw: object) -> float:
    """Days since 1970-01-01 of a date as written, in its own zone; NaN for what is no date."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | date):
        return np.nan
    try:
        return float(read_moment(raw, UTC).toordinal() - EPOCH)
    except CellError:
        return np.nan


def feature_from(content: Mapping[str, Any]) -> Feature:
    """A checked feature from plain lists and dicts, as they stand in YAML or JSON."""
    sentences, formula = content.get("sentences"), content.get("formula")
    parts: dict[str, Any] = {
        **content,
        "words": Words(**content["words"]),
        "sentences": sentences and Sentences(**{name: one and Words(**one) for name, one in sentences.items()}),
        "categories": tuple(Category(one["code"], Words(**one["words"])) for one in content.get("categories") or ()),
        "labels": _labels(content.get("labels")),
        "special_values": _labels(content.get("special_values")),
        "formula": formula and Formula(**formula),
    }
    return Feature(**parts)


def plain_feature(feature: Feature) -> dict[str, Any]:
    """The feature as plain dicts; `feature_from` gives it back.

    A key that came later is left out where it is unset, so that a table from before it keeps its hash.
    """
    content = asdict(feature)
    if feature.told_direction is None:
        del content["told_direction"]
    return content


def _labels(content: Any) -> tuple[Label, ...]:
    return tuple(Label(float(one["value"]), Words(**one["words"])) for one in content or ())


def refusal(what: str, why: str) -> FeatureTableError:
    """The refusal of a feature table, naming the part that cannot be."""
    return FeatureTableError("bad_feature_table", f"Feature table, {what}: {why}.", f"特征表有误（{what}）：{why}。")
