"""Forms: a trained model as it is stored, predicted and explained, exactly and without the library that trained it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from scoring.ml.curves import Curve, CurveTable
from scoring.ml.estimators.encoding import TreeInputs
from scoring.ml.shapley import TreeShapley
from scoring.ml.trees.flat_trees import FlatTrees

FloatArray = NDArray[np.float64]
Part = TypeVar("Part")

# Whom a case is compared with: all training loans, or the loans of `with_cohort` (those just approved at the cut-off).
Baseline = Literal["population", "cohort"]


class Form(Protocol):
    """What every stored model can do with values (n, k); NaN is missing."""

    @property
    def columns(self) -> int:
        """k."""

    def log_odds(self, values: FloatArray) -> FloatArray:
        """Raw log-odds (n,) of a bad outcome; a row gives the same bits alone or among others."""

    def base_value(self, baseline: Baseline = "population") -> float:
        """Log-odds that contributions start from."""

    def explain(self, values: FloatArray, baseline: Baseline = "population") -> FloatArray:
        """Shapley contributions (n, k); with the base value they add up to the log-odds, to within 1e-9."""

    def with_cohort(self, values: FloatArray) -> Self:
        """The same model with the cohort baseline measured on these rows (m, k), m >= 1."""

    def to_dict(self) -> dict[str, Any]:
        """JSON-able and exact; `form_from_dict` gives an equal form back."""


@dataclass(frozen=True)
class AdditiveForm:
    """Log-odds = start + one curve of each column.

    The Shapley value of a column is its curve minus the curve's mean over the background, dependent columns or not,
    because in a sum each column does the same in every coalition. `means` (k,) are over the training rows,
    `cohort_means` over the cohort.
    """

    start: float
    curves: tuple[Curve, ...]
    means: tuple[float, ...]
    cohort_means: tuple[float, ...] | None = None

    @classmethod
    def fit(cls, start: float, curves: tuple[Curve, ...], values: FloatArray) -> Self:
        """The form with its population baseline measured on the training values (n, k)."""
        means = CurveTable(curves).heights(values).mean(axis=0)
        return cls(float(start), curves, tuple(means.tolist()))

    @property
    def columns(self) -> int:
        """k."""
        return len(self.curves)

    @cached_property
    def _table(self) -> CurveTable:
        return CurveTable(self.curves)

    def log_odds(self, values: FloatArray) -> FloatArray:
        """Raw log-odds (n,) of values (n, k)."""
        total = np.full(len(values), self.start)
        # Column by column, in order: the sum of a row must not depend on the rows beside it.
        for heights in self._table.heights(values).T:
            total += heights
        return total

    def base_value(self, baseline: Baseline = "population") -> float:
        """Mean log-odds over the background."""
        return self.start + sum(self._means(baseline))

    def explain(self, values: FloatArray, baseline: Baseline = "population") -> FloatArray:
        """Each curve minus its mean (n, k)."""
        contributions: FloatArray = self._table.heights(values) - np.array(self._means(baseline))
        return contributions

    def with_cohort(self, values: FloatArray) -> Self:
        """Cohort means measured on values (m, k)."""
        means = self._table.heights(values).mean(axis=0)
        return replace(self, cohort_means=tuple(means.tolist()))

    def to_dict(self) -> dict[str, Any]:
        """Kind, start, curves, means."""
        return {
            "kind": "additive",
            "start": self.start,
            "curves": [curve.to_dict() for curve in self.curves],
            "means": list(self.means),
            "cohort_means": None if self.cohort_means is None else list(self.cohort_means),
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """The form of `to_dict`."""
        cohort = content["cohort_means"]
        return cls(
            float(content["start"]),
            tuple(Curve.from_dict(one) for one in content["curves"]),
            tuple(map(float, content["means"])),
            None if cohort is None else tuple(map(float, cohort)),
        )

    def _means(self, baseline: Baseline) -> tuple[float, ...]:
        return self.means if baseline == "population" else _measured(self.cohort_means)


@dataclass(frozen=True)
class TreesForm:
    """Log-odds = sum of leaves of `trees`, which read what `inputs` prepares, one column from one column.

    Because no column is split or merged on the way, contributions of the prepared columns are those of the columns.
    `cohort_trees` are the same trees with covers counted on the cohort.
    """

    inputs: TreeInputs
    trees: FlatTrees
    cohort_trees: FlatTrees | None = None

    @property
    def columns(self) -> int:
        """k."""
        return self.trees.columns

    @cached_property
    def _population(self) -> TreeShapley:
        return TreeShapley(self.trees)

    @cached_property
    def _cohort(self) -> TreeShapley:
        return TreeShapley(_measured(self.cohort_trees))

    def log_odds(self, values: FloatArray) -> FloatArray:
        """Raw log-odds (n,) of values (n, k)."""
        return self.trees.predict(self.inputs.prepare(values))

    def base_value(self, baseline: Baseline = "population") -> float:
        """Mean log-odds, each tree weighed by its covers."""
        return float(self._shapley(baseline).base_value)

    def explain(self, values: FloatArray, baseline: Baseline = "population") -> FloatArray:
        """Path-dependent TreeSHAP (n, k)."""
        return self._shapley(baseline).explain(self.inputs.prepare(values))

    def with_cohort(self, values: FloatArray) -> Self:
        """Covers counted again on values (m, k)."""
        return replace(self, cohort_trees=self.trees.with_cover(self.inputs.prepare(values)))

    def to_dict(self) -> dict[str, Any]:
        """Kind, inputs, trees."""
        return {
            "kind": "trees",
            "inputs": self.inputs.to_dict(),
            "trees": self.trees.to_dict(),
            "cohort_trees": None if self.cohort_trees is None else self.cohort_trees.to_dict(),
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """The form of `to_dict`."""
        cohort = content["cohort_trees"]
        return cls(
            TreeInputs.from_dict(content["inputs"]),
            FlatTrees.from_dict(content["trees"]),
            None if cohort is None else FlatTrees.from_dict(cohort),
        )

    def _shapley(self, baseline: Baseline) -> TreeShapley:
        return self._population if baseline == "population" else self._cohort


@dataclass(frozen=True)
class Member:
    """One model of a blend and what its log-odds are multiplied with."""

    name: str
    weight: float
    form: "AnyForm"


@dataclass(frozen=True)
class BlendForm:
    """Log-odds = intercept + weighted log-odds of the members; contributions are weighted alike, hence exact."""

    intercept: float
    members: tuple[Member, ...]

    @property
    def columns(self) -> int:
        """k."""
        return self.members[0].form.columns

    def log_odds(self, values: FloatArray) -> FloatArray:
        """Raw log-odds (n,) of values (n, k)."""
        return self.combined(self.member_log_odds(values))

    def member_log_odds(self, values: FloatArray) -> list[FloatArray]:
        """Raw log-odds (n,) of each member, also of those that only give a second opinion (weight 0)."""
        return [member.form.log_odds(values) for member in self.members]

    def combined(self, member_log_odds: Sequence[FloatArray]) -> FloatArray:
        """The blend's raw log-odds (n,) of its members'."""
        total = np.full(len(member_log_odds[0]), self.intercept)
        for member, log_odds in zip(self.members, member_log_odds, strict=True):
            total += member.weight * log_odds
        return total

    def base_value(self, baseline: Baseline = "population") -> float:
        """Weighted base values."""
        return self.intercept + sum(one.weight * one.form.base_value(baseline) for one in self.members if one.weight)

    def explain(self, values: FloatArray, baseline: Baseline = "population") -> FloatArray:
        """Weighted contributions (n, k)."""
        total = np.zeros(values.shape)
        for member in self.members:
            if member.weight:
                total += member.weight * member.form.explain(values, baseline)
        return total

    def with_cohort(self, values: FloatArray) -> Self:
        """Every member with its cohort."""
        return replace(self, members=tuple(replace(one, form=one.form.with_cohort(values)) for one in self.members))

    def to_dict(self) -> dict[str, Any]:
        """Kind, intercept, members."""
        members = [{"name": one.name, "weight": one.weight, "form": one.form.to_dict()} for one in self.members]
        return {"kind": "blend", "intercept": self.intercept, "members": members}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """The form of `to_dict`."""
        members = (Member(str(m["name"]), float(m["weight"]), form_from_dict(m["form"])) for m in content["members"])
        return cls(float(content["intercept"]), tuple(members))


AnyForm = AdditiveForm | TreesForm | BlendForm
KINDS: dict[str, type[AdditiveForm] | type[TreesForm] | type[BlendForm]] = {
    "additive": AdditiveForm,
    "trees": TreesForm,
    "blend": BlendForm,
}


def form_from_dict(content: Mapping[str, Any]) -> AnyForm:
    """The form of a `to_dict`; KeyError, TypeError or ValueError when it is none."""
    return KINDS[content["kind"]].from_dict(content)


def _measured(part: Part | None) -> Part:
    if part is None:
        raise ValueError("no cohort was measured for this model; call with_cohort first")
    return part
