"""The feature table of a product: the one source of names, words, types, ranges, directions and reason texts.

A table is a YAML file in `scoring/feature_tables/`. Its `features` are what the model reads, in column order; its
`shown` are facts that a reviewer sees and no model reads, dates among them. Rows are mappings that hold the case's
`amount`, `term_months`, `applied_at` and, where known, `currency` beside the features of the case.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from scoring.ml.columns import Columns
from scoring.ml.economics import USUAL_ECONOMICS, Economics
from scoring.ml.errors import FeatureTableError
from scoring.ml.formulas import apply_formula
from scoring.ml.reason_groups import Read, ReasonGroups
from scoring.ml.tables.raw_columns import Given, RawColumn, read_column, read_numbers
from scoring.ml.vocabulary import APPLIED_AT, Feature, Formula, Words, feature_from, plain_feature, refusal

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Row = Mapping[str, object]

CURRENCY = "currency"
NO_CURRENCY = "XXX"  # ISO 4217: no currency involved
FEATURE_TABLES = Path(__file__).resolve().parent.parent / "feature_tables"


@dataclass(frozen=True)
class TableValues:
    """Rows as the model reads them: `values` (n, k) with NaN for missing, `unreadable` (n, k) True where a value was
    given but is not one that the table knows, `stale` (n, k) True where it was measured too long before the
    application."""

    values: FloatArray
    unreadable: BoolArray
    stale: BoolArray


@dataclass(frozen=True)
class FairnessGroup:
    """A fact by whose groups fairness is measured: a feature, a shown fact or a field of the case such as `region`.

    A number is cut at `bins`: values below the first, from the first to below the second, and so on.
    """

    name: str
    bins: tuple[float, ...] = ()


@dataclass(frozen=True)
class FeatureTable:
    """All features of one product. `currency` is the one in which the money features were learned.

    `fairness` names the groups by which the model is judged. `economics` is what a loan of this product loses and
    earns; a table that does not say it has the usual figures of an unsecured loan.
    """

    product: str
    words: Words
    currency: str
    groups: Mapping[str, Words]
    features: tuple[Feature, ...]
    shown: tuple[Feature, ...] = ()
    fairness: tuple[FairnessGroup, ...] = ()
    economics: Economics = USUAL_ECONOMICS

    def __post_init__(self) -> None:
        if wrong := self._fault():
            raise refusal(self.product, wrong)

    def _fault(self) -> str:
        if not self.features or len(self.by_name) != len(self.features) + len(self.shown):
            return "there is no feature, or one stands twice"
        plain = {feature.name for feature in self.features if feature.type == "number" and not feature.formula}
        dates = {feature.name for feature in self.shown if feature.type == "date"}
        for feature in self.features:
            if feature.type in ("text", "date") or feature.group not in self.groups or feature.sentences is None:
                return f"{feature.name} is scored, so it needs a known group, sentences, a type other than text or date"
            if feature.formula and not plain.issuperset(feature.formula.inputs()):
                return f"the formula of {feature.name} reads something that is not a plain scored number"
            if not dates.issuperset(filter(None, (feature.as_of, feature.formula and feature.formula.date))):
                return f"{feature.name} has an age, so it needs a date among the shown facts"
        if self.currency == NO_CURRENCY and any(feature.unit == "money" for feature in self.features):
            return f"there are amounts of money, so {NO_CURRENCY} is no currency for them"
        if not set(self.economics.inputs()) <= set(self.names):
            return "rate and term of economics are names of features"
        return ""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the model's features, in column order."""
        return tuple(feature.name for feature in self.features)

    @cached_property
    def by_name(self) -> dict[str, Feature]:
        """Every feature, scored or only shown."""
        return {feature.name: feature for feature in (*self.features, *self.shown)}

    @cached_property
    def columns(self) -> Columns:
        """What a recipe must know of the model's columns."""
        return Columns(
            categorical=tuple(feature.type == "category" for feature in self.features),
            directions=self.directions,
            specials=tuple(feature.specials for feature in self.features),
        )

    @cached_property
    def directions(self) -> tuple[int, ...]:
        """Monotone constraints of the model's features, in column order."""
        return tuple(feature.direction for feature in self.features)

    @cached_property
    def group_columns(self) -> dict[str, list[int]]:
        """Columns of each reason group, in the table's order of groups."""
        groups = [feature.group for feature in self.features]
        return {code: [column for column, group in enumerate(groups) if group == code] for code in self.groups}

    @cached_property
    def reason_groups(self) -> ReasonGroups:
        """The groups of which reasons are made; an applicant is told what may be named and can be acted on."""
        told = {column for column, feature in enumerate(self.features) if feature.nameable and feature.actionable}
        return ReasonGroups.of(self.names, self.group_columns, told, Read.of(self.features))

    def row_of(self, known: Mapping[str, float | None]) -> FloatArray:
        """One number (k,) a feature by its name, in column order; NaN where it is not known."""
        return np.array([known.get(name) for name in self.names], dtype=np.float64)

    def read(self, rows: Sequence[Row]) -> TableValues:
        """Values of n rows, where a given value could not be read, and where it is stale."""
        return self.read_columns({name: [row.get(name) for row in rows] for name in self._needed}, len(rows))

    def read_columns(self, columns: Mapping[str, RawColumn], rows: int) -> TableValues:
        """As `read`, from whole columns of `rows` values each, lists or arrays; one that is absent is missing.

        Money of a row in another currency than the table's is taken as missing, because a model that learned in one
        currency cannot read amounts of another; ratios of two amounts stay.
        """
        shape = (rows, len(self.features))
        values, unreadable = np.full(shape, np.nan), np.zeros(shape, dtype=np.bool_)
        given = Given(columns, rows)
        together = [column for column in self._numbers if self.names[column] in columns]
        numbers = read_numbers([columns[self.names[column]] for column in together]) if together else None
        if numbers is not None:
            values[:, together], unreadable[:, together] = numbers
        for column, feature in enumerate(self.features):
            if feature.formula is None and feature.name in columns and (numbers is None or column not in self._numbers):
                values[:, column], unreadable[:, column] = read_column(feature, columns[feature.name])
        for column, feature in enumerate(self.features):
            if feature.formula is not None:
                values[:, column], unreadable[:, column] = self._derived(feature.formula, values, given)
        strange = self._strange_money(values, given)
        values[strange] = np.nan
        return TableValues(values, unreadable | strange, self._stale(given, ~np.isnan(values)))

    @cached_property
    def _numbers(self) -> tuple[int, ...]:
        """Columns of the numbers that a row is asked for."""
        plain = (feature.type == "number" and feature.formula is None for feature in self.features)
        return tuple(column for column, is_plain in enumerate(plain) if is_plain)

    @cached_property
    def _needed(self) -> tuple[str, ...]:
        """Names that a row is asked for."""
        plain = {feature.name: None for feature in self.features if feature.formula is None}
        dates = dict.fromkeys(feature.formula.date for feature in self.features if feature.formula)
        marks = dict.fromkeys(feature.as_of for feature in self.features)
        times = {name: None for name in (dates | marks) if name}
        return (*plain, *times, *((APPLIED_AT,) if times else ()), CURRENCY)

    def _derived(self, formula: Formula, values: FloatArray, given: Given) -> tuple[FloatArray, BoolArray]:
        """A derived feature (n,), and where it is lost to a date that is unreadable or lies after the application."""
        inputs = {name: self._amounts(name, values[:, self.names.index(name)]) for name in formula.inputs()}
        unreadable = np.zeros(given.rows, dtype=np.bool_)
        if formula.date:
            inputs |= {name: given.days(name) for name in (formula.date, APPLIED_AT)}
            unreadable = given.is_given(formula.date) & given.is_given(APPLIED_AT)
        result = apply_formula(formula, inputs)
        return result, unreadable & np.isnan(result)

    def _amounts(self, name: str, values: FloatArray) -> FloatArray:
        """The values (n,) of a number without its special ones, which no ratio can be made of."""
        specials = self.by_name[name].specials
        return np.where(np.isin(values, specials), np.nan, values) if specials else values

    def _strange_money(self, values: FloatArray, given: Given) -> BoolArray:
        """Where (n, k) values are amounts of money in another currency than the table's; special values are none."""
        strange = np.zeros_like(values, dtype=np.bool_)
        raw = given.raw(CURRENCY)
        if set(raw) <= {None, "", self.currency}:
            return strange
        foreign = np.array([str(one or self.currency) != self.currency for one in raw], dtype=np.bool_)
        for column, feature in enumerate(self.features):
            if feature.unit == "money":
                strange[:, column] = foreign & ~np.isnan(self._amounts(feature.name, values[:, column]))
        return strange

    def _stale(self, given: Given, known: BoolArray) -> BoolArray:
        stale = np.zeros_like(known)
        for column, feature in enumerate(self.features):
            if feature.fresh_days is not None:
                age = given.days(APPLIED_AT) - given.days(feature.as_of)
                stale[:, column] = known[:, column] & (age > feature.fresh_days)
        return stale

    def cut_offs(self, values: FloatArray) -> FloatArray:
        """The PD (n,) from which on each loan of values (n, k) is not worth granting."""
        return self.economics.cut_off(len(values), dict(zip(self.names, values.T, strict=True)))

    def matrix(self, rows: Sequence[Row]) -> FloatArray:
        """Values of n rows as float64 (n, k); NaN is missing."""
        return self.read(rows).values

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, dicts and scalars; `from_dict` gives the same table back."""
        plain = {
            **asdict(self),
            "groups": {code: asdict(words) for code, words in self.groups.items()},
            **{part: [plain_feature(one) for one in getattr(self, part)] for part in ("features", "shown")},
            "economics": self.economics.to_dict(),
        }
        return dict(json.loads(json.dumps(plain)))

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the table's content; the order of features and groups counts, comments and layout do not."""
        text = json.dumps(self.to_dict(), ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "FeatureTable":
        """A checked table; FeatureTableError names what cannot be."""
        try:
            return cls(
                **{
                    **content,
                    "words": Words(**content["words"]),
                    "groups": {code: Words(**words) for code, words in content["groups"].items()},
                    "features": tuple(feature_from(one) for one in content["features"]),
                    "shown": tuple(feature_from(one) for one in content.get("shown") or ()),
                    "fairness": tuple(_fairness_group(one) for one in content.get("fairness") or ()),
                    "economics": Economics.from_dict(content["economics"])
                    if content.get("economics")
                    else USUAL_ECONOMICS,
                }
            )
        except (TypeError, KeyError, AttributeError, ValueError) as problem:
            raise refusal(str(content.get("product", "?")), str(problem)) from problem


def _fairness_group(content: str | Mapping[str, Any]) -> FairnessGroup:
    """A group from its name, or from its name and the bins of a number."""
    if isinstance(content, str):
        return FairnessGroup(content)
    return FairnessGroup(content["name"], tuple(float(edge) for edge in content.get("bins") or ()))


def load_feature_table(path: Path) -> FeatureTable:
    """The table of a YAML file; FeatureTableError when the file is missing or wrong."""
    try:
        return _table_of(path.name, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise refusal(path.name, str(problem)) from problem


@lru_cache(maxsize=16)  # by the text, since to parse it takes 30 ms of each page of a case
def _table_of(name: str, text: str) -> FeatureTable:
    content = yaml.safe_load(text)
    if not isinstance(content, dict):
        raise refusal(name, "the file is not a mapping")
    return FeatureTable.from_dict(content)


def feature_table_for(product: str) -> FeatureTable:
    """The table of a product; FeatureTableError names the products that have one."""
    known = products_with_a_table()
    if product not in known:
        raise FeatureTableError(
            "unknown_product",
            f"No feature table for product “{product}”. Known: {', '.join(known)}.",
            f"产品“{product}”没有特征表。已有：{'、'.join(known)}。",
        )
    table = load_feature_table(FEATURE_TABLES / f"{product}.yaml")
    if table.product != product:
        raise refusal(f"{product}.yaml", f"the file says product {table.product}, its name says {product}")
    return table


def products_with_a_table() -> tuple[str, ...]:
    """Products that can be scored, in alphabetical order."""
    return tuple(sorted(path.stem for path in FEATURE_TABLES.glob("*.yaml")))
