"""Forms: a trained model as it is stored, predicted and explained, exactly and without the library that trained it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from scoring.ml.curves import Curve, CurveTable
from scoring.ml.estimators.encoding import TreeInputs
from scoring.ml.form import BASELINES, Baseline, OfRead
from scoring.ml.sample_weights import Weights
from scoring.ml.shapley import TreeShapley
from scoring.ml.trees.flat_trees import FlatTrees

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Part = TypeVar("Part")


@dataclass(frozen=True)
class AdditiveForm(OfRead):
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
    def fit(cls, start: float, curves: tuple[Curve, ...], values: FloatArray, weights: Weights = None) -> Self:
        """The form with its population baseline measured on the training values (n, k)."""
        means = np.average(CurveTable(curves).heights(values), axis=0, weights=weights)
        return cls(float(start), curves, tuple(means.tolist()))

    @property
    def columns(self) -> int:
        """k."""
        return len(self.curves)

    @cached_property
    def _table(self) -> CurveTable:
        return CurveTable(self.curves)

    def read(self, values: FloatArray) -> FloatArray:
        """The curves' heights (n, k) at values (n, k)."""
        return self._table.heights(values)

    def log_odds_of(self, read: FloatArray) -> FloatArray:
        """Raw log-odds (n,) of heights (n, k)."""
        steps = np.concatenate([np.full((len(read), 1), self.start), read], axis=1)
        # Column by column, in order: the sum of a row must not depend on the rows beside it.
        total: FloatArray = np.cumsum(steps, axis=1)[:, -1]
        return total

    def base_value(self, baseline: Baseline = "population") -> float:
        """Mean log-odds over the background."""
        return self.start + sum(self._means(baseline))

    def explain_from(self, read: FloatArray, baselines: Sequence[Baseline]) -> FloatArray:
        """Each curve's height minus its mean (b, n, k), for each baseline."""
        means = np.array([self._means(baseline) for baseline in baselines])
        found: FloatArray = read - means[:, None, :]
        return found

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
class TreesForm(OfRead):
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
    def _shapley(self) -> TreeShapley:
        return TreeShapley(self.trees, *([self.cohort_trees] if self.cohort_trees else []))

    @cached_property
    def directions(self) -> tuple[BoolArray, BoolArray]:
        """As of `FlatTrees`, for columns as they are given: a special value or a category is read as something else."""
        plain = np.array(
            [
                not special and rates is None
                for special, rates in zip(self.inputs.specials, self.inputs.rates, strict=True)
            ]
        )
        return self.trees.directions[0] & plain, self.trees.directions[1] & plain

    def read(self, values: FloatArray) -> FloatArray:
        """Values (n, k) as the trees read them."""
        return self.inputs.prepare(values)

    def log_odds_of(self, read: FloatArray) -> FloatArray:
        """Raw log-odds (n,) of what the trees read (n, k)."""
        return self.trees.predict(read)

    def base_value(self, baseline: Baseline = "population") -> float:
        """Mean log-odds, each tree weighed by its covers."""
        return float(self._shapley.base_values[self._places((baseline,)).start])

    def explain_from(self, read: FloatArray, baselines: Sequence[Baseline]) -> FloatArray:
        """Path-dependent TreeSHAP (b, n, k) of what the trees read (n, k), for each baseline."""
        places = self._places(baselines)
        found = self._shapley.explain_from(read, places)
        # Two of two or one of one: those asked for are all that were explained, at most in the other order.
        return found if tuple(baselines) == BASELINES[places] else found[::-1]

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

    def _places(self, baselines: Sequence[Baseline]) -> slice:
        """Where these baselines stand among those of the explanation."""
        if "cohort" in baselines:
            _measured(self.cohort_trees)
        places = [BASELINES.index(baseline) for baseline in baselines]
        return slice(min(places), max(places) + 1)


@dataclass(frozen=True)
class Member:
    """One model of a blend and what its log-odds are multiplied with."""

    name: str
    weight: float
    form: "AnyForm"


@dataclass(frozen=True)
class BlendForm(OfRead):
    """Log-odds = intercept + weighted log-odds of the members; contributions are weighted alike, hence exact."""

    intercept: float
    members: tuple[Member, ...]

    @property
    def columns(self) -> int:
        """k."""
        return self.members[0].form.columns

    def read(self, values: FloatArray) -> list[Any]:
        """What each member reads; trees with the same inputs share it."""
        found: list[Any] = []
        for place, (member, first) in enumerate(zip(self.members, self._first_alike, strict=True)):
            found.append(member.form.read(values) if first == place else found[first])
        return found

    @cached_property
    def _first_alike(self) -> list[int]:
        """The place of the first member that reads values just as each member does."""
        inputs = [
            one.form.inputs if isinstance(one.form, TreesForm) else place for place, one in enumerate(self.members)
        ]
        return [inputs.index(one) for one in inputs]

    def log_odds_of(self, read: list[Any]) -> FloatArray:
        """Raw log-odds (n,) of what the members read."""
        return self.combined(self.member_log_odds(read))

    def member_log_odds(self, read: list[Any]) -> list[FloatArray]:
        """Raw log-odds (n,) of each member, also of those that only give a second opinion (weight 0)."""
        return [member.form.log_odds_of(one) for member, one in zip(self.members, read, strict=True)]

    def combined(self, member_log_odds: Sequence[FloatArray]) -> FloatArray:
        """The blend's raw log-odds (n,) of its members'."""
        total = np.full(len(member_log_odds[0]), self.intercept)
        for member, log_odds in zip(self.members, member_log_odds, strict=True):
            total += member.weight * log_odds
        return total

    def base_value(self, baseline: Baseline = "population") -> float:
        """Weighted base values."""
        return self.intercept + sum(one.weight * one.form.base_value(baseline) for one in self.members if one.weight)

    def explain_from(self, read: list[Any], baselines: Sequence[Baseline]) -> FloatArray:
        """Weighted contributions (b, n, k) of what the members read, for each baseline."""
        total = np.zeros((len(baselines), 1, self.columns))
        for place, (member, one) in enumerate(zip(self.members, read, strict=True)):
            # A member without weight is not explained; the first gives the number of rows.
            if member.weight or not place:
                total = total + member.weight * member.form.explain_from(one, baselines)
        return total

    @cached_property
    def directions(self) -> tuple[BoolArray, BoolArray]:
        """Columns (k,) with which no member of trees ever adds less, and those with which none ever adds more."""
        rises, falls = np.ones((2, self.columns), dtype=np.bool_)
        for member in self.members:
            if member.weight and not isinstance(member.form, AdditiveForm):
                # A blend within the blend is not looked into: nothing is known of it.
                known = member.form.directions if isinstance(member.form, TreesForm) else (False, False)
                up, down = known if member.weight > 0 else known[::-1]
                rises, falls = rises & up, falls & down
        return rises, falls

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
