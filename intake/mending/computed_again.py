"""What follows from features that a person mends: the mapping computes others from them, as it did when the case came.

They are computed again from what the case holds. Where a column is held nowhere, nobody knows the value any more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from cases.models import Case
from intake.gate.quality import FeatureRule, QualityFinding, Severity
from intake.mapped.case_mapping import CaseMapping
from intake.mapped.computed import Reading, counted_as, fits, in_one_unit
from intake.mapped.derive import COMPUTATIONS
from intake.mapped.fields import FeatureValue, FieldReader
from intake.mapped.given import Given
from intake.values.cells import cell_text, lookup_key
from intake.values.outliers import Note, within

NOT_COMPUTED: Final = "not_computed_again"
_FEATURES: Final = "features."
# Fields that a case keeps as they were read.
_KEPT: Final = frozenset({"amount", "term_months", "applied_at"})


@dataclass
class Again:
    """The features that follow, by name: their values, notes on limits, and of those that are not known any more the
    columns that the case does not hold."""

    values: dict[str, FeatureValue] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    lacking: dict[str, tuple[str, ...]] = field(default_factory=dict)


def following(mapping: CaseMapping, mended: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The features that are computed from those that are mended, each with its columns that no case holds."""
    found = {}
    for name, given in mapping.features.items():
        inputs = mapping.inputs.get(f"{_FEATURES}{name}", ())
        if name not in mended and any(each and each.name.removeprefix(_FEATURES) in mended for each in inputs):
            pairs = zip(given.sources, inputs, strict=True)
            found[name] = tuple(column for column, reading in pairs if not _is_held(given, reading))
    return found


def is_computed(mapping: CaseMapping, name: str) -> bool:
    """Whether the mapping computes a feature from columns."""
    return f"{_FEATURES}{name}" in mapping.inputs


def held_inputs(mapping: CaseMapping, names: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Those of the features that are computed from nothing but what a case holds, each with the features that it is
    computed from: by mending these it is computed anew."""
    found = {}
    for name in names:
        inputs = mapping.inputs.get(f"{_FEATURES}{name}", ()) if name in mapping.features else ()
        held = [each.name for each in inputs if each and _is_held(mapping.features[name], each)]
        sides = tuple(each.removeprefix(_FEATURES) for each in held if each.startswith(_FEATURES))
        if sides and len(held) == len(inputs):
            found[name] = sides
    return found


def compute_again(mapping: CaseMapping, case: Case, features: Mapping[str, object], mended: Collection[str]) -> Again:
    """What follows from the features as mended. Raises CellError where nothing possible does."""
    again = Again()
    for name, lacking in following(mapping, mended).items():
        if lacking:
            again.values[name], again.lacking[name] = None, lacking
            continue
        given, inputs = mapping.features[name], mapping.inputs[f"{_FEATURES}{name}"]
        held = [_held(reading, mapping, case, features) for reading in inputs if reading]
        counted = [None if _is_missing(given, each) else counted_as(given, each, each) for each in held]
        counted = in_one_unit(given, mapping.units[f"{_FEATURES}{name}"], counted, held)
        value = COMPUTATIONS[given.name][0](counted, given.options)
        if given.limits is not None:
            value, note = within(value, given.limits, name)
            again.notes += [note] if note else []
        again.values[name] = FieldReader({}).feature(name, value)
    return again


def not_computed(name: str, lacking: Collection[str], rule: FeatureRule | None) -> QualityFinding:
    """The mark on a case whose value is not known since something it was computed from was mended."""
    words = rule.words if rule else {"en": name, "zh": name}
    return QualityFinding(name, NOT_COMPUTED, {"column": ", ".join(lacking)}, words, Severity.MARK)


def _is_held(computed: Given, reading: Reading | None) -> bool:
    """Whether what a case keeps of a reading is what is computed with."""
    if reading is None:
        return False
    if not reading.name.startswith(_FEATURES) and reading.name not in _KEPT:
        return False
    given = reading.given
    # Of every other kind the cell is computed with, which is not held where it was read as something else.
    return fits(computed, reading) or not (given.values or given.pattern or given.prefix or given.scale)


def _held(reading: Reading, mapping: CaseMapping, case: Case, features: Mapping[str, object]) -> object:
    name = reading.name.removeprefix(_FEATURES)
    if reading.name.startswith(_FEATURES):
        return features.get(name)
    return case.applied_at.astimezone(mapping.zone) if name == "applied_at" else getattr(case, name)


def _is_missing(computed: Given, held: object) -> bool:
    return lookup_key(cell_text(held)) in computed.missing
