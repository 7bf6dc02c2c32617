"""The feature table of a product: the one source of names, words, types, ranges, directions and reason texts.

A table is a YAML file in `scoring/feature_tables/`. Its `features` are what the model reads, in column order; its
`shown` are facts that a reviewer sees and no model reads. Rows are mappings that hold the case's `amount`,
`term_months` and, where known, `currency` beside the features of the case.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from scoring.ml.errors import FeatureTableError
from scoring.ml.formulas import apply_formula
from scoring.ml.vocabulary import Feature, Words, feature_from, refusal

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Row = Mapping[str, object]

FEATURE_TABLES = Path(__file__).resolve().parent.parent / "feature_tables"


@dataclass(frozen=True)
class TableValues:
    """Rows as the model reads them: `values` (n, k) with NaN for missing, `unreadable` (n, k) True where a value was
    given but is not one that the table knows."""

    values: FloatArray
    unreadable: BoolArray


@dataclass(frozen=True)
class FeatureTable:
    """All features of one product. `currency` is the one in which the money features were learned."""

    product: str
    words: Words
    currency: str
    groups: Mapping[str, Words]
    features: tuple[Feature, ...]
    shown: tuple[Feature, ...] = ()

    def __post_init__(self) -> None:
        wrong = self._fault()
        if wrong:
            raise refusal(self.product, wrong)

    def _fault(self) -> str:
        if not self.features or len(self.by_name) != len(self.features) + len(self.shown):
            return "there is no feature, or one stands twice"
        plain = {feature.name for feature in self.features if feature.type == "number" and not feature.formula}
        for feature in self.features:
            if feature.type == "text" or feature.group not in self.groups or feature.sentences is None:
                return f"{feature.name} is scored, so it needs a known group, sentences and a type other than text"
            if feature.formula and not plain.issuperset(feature.formula.inputs()):
                return f"the formula of {feature.name} reads something that is not a plain scored number"
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
    def directions(self) -> tuple[int, ...]:
        """Monotone constraints of the model's features, in column order."""
        return tuple(feature.direction for feature in self.features)

    @cached_property
    def group_columns(self) -> dict[str, list[int]]:
        """Columns of each reason group, in the table's order of groups."""
        columns: dict[str, list[int]] = {code: [] for code in self.groups}
        for column, feature in enumerate(self.features):
            columns[feature.group].append(column)
        return columns

    def read(self, rows: Sequence[Row]) -> TableValues:
        """Values of n rows and where a given value could not be read.

        Money of a row in another currency than the table's is taken as missing, because a model that learned in one
        currency cannot read amounts of another; ratios of two amounts stay.
        """
        shape = (len(rows), len(self.features))
        values, unreadable = np.full(shape, np.nan), np.zeros(shape, dtype=np.bool_)
        for column, feature in enumerate(self.features):
            if feature.formula is None:
                raw = [row.get(feature.name) for row in rows]
                values[:, column] = [feature.number(one) for one in raw]
                given = np.array([one is not None and one != "" for one in raw], dtype=np.bool_)
                unreadable[:, column] = given & np.isnan(values[:, column])
        for column, feature in enumerate(self.features):
            if feature.formula is not None:
                inputs = {name: values[:, self.names.index(name)] for name in feature.formula.inputs()}
                values[:, column] = apply_formula(feature.formula, inputs)
        foreign = np.array([str(row.get("currency") or self.currency) != self.currency for row in rows], dtype=np.bool_)
        money = np.array([feature.unit == "money" for feature in self.features], dtype=np.bool_)
        strange = foreign[:, None] & money[None, :] & ~np.isnan(values)
        values[strange] = np.nan
        return TableValues(values, unreadable | strange)

    def matrix(self, rows: Sequence[Row]) -> FloatArray:
        """Values of n rows as float64 (n, k); NaN is missing."""
        return self.read(rows).values

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, dicts and scalars; `from_dict` gives the same table back."""
        plain = {**asdict(self), "groups": {code: asdict(words) for code, words in self.groups.items()}}
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
                }
            )
        except (TypeError, KeyError, AttributeError) as problem:
            raise refusal(str(content.get("product", "?")), str(problem)) from problem


def load_feature_table(path: Path) -> FeatureTable:
    """The table of a YAML file; FeatureTableError when the file is missing or wrong."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise refusal(path.name, str(problem)) from problem
    if not isinstance(content, dict):
        raise refusal(path.name, "the file is not a mapping")
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
    return load_feature_table(FEATURE_TABLES / f"{product}.yaml")


def products_with_a_table() -> tuple[str, ...]:
    """Products that can be scored, in alphabetical order."""
    return tuple(sorted(path.stem for path in FEATURE_TABLES.glob("*.yaml")))
