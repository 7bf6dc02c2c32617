"""How a value of a case was read from its row: the columns, and the steps of cleaning, as the stored mapping tells."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from intake.gate.quality import FIELD_PREFIX
from intake.mapped.case_mapping import FIELD_TYPES

# The parts of a column's entry in the order in which they are applied, and the name of each step.
PARTS: Final = (
    "missing",
    "values",
    "other",
    "pattern",
    "type",
    "unread",
    "decimal",
    "format",
    "utc_offset",
    "scale",
    "prefix",
    "minimum",
    "maximum",
    "beyond",
)
OF_COMPUTED: Final = ("missing", "minimum", "maximum", "beyond")
# Of what is computed of a day and a time: in which zone that is.
OF_OPTIONS: Final = ("utc_offset",)
MADE: Final = ("constant", "default", "derive", "compute", "row_hash", "import_time")
SHOWN_VALUES: Final = 6
# Of a message: a moment that is told in the time of the office, and numbers in the form of their standard.
STANDARDISED: Final = ("date", "identity_number", "phone")
TEXTS: Final = ("", "text")


@dataclass(frozen=True)
class Step:
    """One step: its name (a part of a mapping's entry, or where the value comes from) and what it was given."""

    name: str
    given: str = ""


@dataclass(frozen=True)
class Reading:
    """The columns that a value was read from, none where it was made up, and what was done to their cells, in order."""

    columns: tuple[str, ...]
    steps: tuple[Step, ...]


SHARES: Final = (Step("type", "percent"), Step("type", "rate"))


def reading_of(mapping: Mapping[str, Any], name: str) -> Reading | None:
    """How `name` ("amount", "applicant.id", or a feature's own name) was read; None where the mapping names it not.

    `mapping` is stored data in the shape of a mapping file.
    """
    entry = mapping.get("fields", {}).get(name) or mapping.get("features", {}).get(name)
    if not isinstance(entry, Mapping):
        return None
    for made in MADE:
        if made in entry:
            given = "" if entry[made] is True else str(entry[made])
            steps = [Step(part, _shown(entry[part])) for part in OF_COMPUTED if part in entry]
            options = entry.get("with") or {}
            scales = options.get("scales", {})
            steps += [Step("scales", f"{column} × {scale}") for column, scale in scales.items()]
            steps += [Step(part, str(options[part])) for part in OF_OPTIONS if part in options]
            return Reading(tuple(map(str, entry.get("from", ()))), (Step(made, given), *steps))
    if name in mapping.get("fields", {}) and name in FIELD_TYPES:
        # No cell stands as it came: 2年 is 24, 1.2万 is 12000, and 下午3:20 a time.
        entry = {"type": FIELD_TYPES[name], **entry}
    is_text = entry.get("type", "") in TEXTS
    steps = [Step(part, _shown(entry[part])) for part in PARTS if part in entry and not (is_text and part == "type")]
    return Reading((str(entry.get("column", "")),), (Step("trimmed"), *steps) if is_text else tuple(steps))


def steps_of_message(name: str, value: object) -> tuple[Step, ...]:
    """What is done to a value that a message states itself, by its name and what stands on the case."""
    if FIELD_TYPES.get(name) in STANDARDISED:
        return (Step("type", FIELD_TYPES[name]),)
    return (Step("visible"),) if isinstance(value, str) and name not in FIELD_TYPES else ()


def join_named(mapping: Mapping[str, Any], column: str) -> str:
    """The join of a stored mapping that a column was taken from, "" where it is the table's own."""
    name, point, _rest = column.partition(".")
    return name if point and name in mapping.get("joins", {}) else ""


def column_of(mapping: Mapping[str, Any], name: str) -> str:
    """The first column that a value was read from, "" where it was read from none."""
    reading = reading_of(mapping, name)
    return reading.columns[0] if reading and reading.columns else ""


def is_in_percent(mapping: Mapping[str, Any], name: str) -> bool:
    """Whether the value is a share in percent."""
    reading = reading_of(mapping, name)
    return reading is not None and any(step in SHARES for step in reading.steps)


def joined_of(mapping: Mapping[str, Any], part: str) -> dict[str, Mapping[str, Any]]:
    """The entries of a part of a stored mapping ("fields" or "features") that read columns of joined sources."""
    entries = {name: entry for name, entry in mapping.get(part, {}).items() if isinstance(entry, Mapping)}
    columns = {name: entry.get("from", [entry.get("column", "")]) for name, entry in entries.items()}
    return {name: entries[name] for name, read in columns.items() if any(join_named(mapping, each) for each in read)}


def of_message(
    mapping: Mapping[str, Any], features: Mapping[str, Any], fields: Mapping[str, str], taken: Collection[str]
) -> dict[str, Any]:
    """What of a signed mapping tells how the features and fields of a message were read: those that were `taken` from
    joined sources (a field as "case.region"), or looked for there in vain. Of what a message states itself it tells
    nothing; of its `fields` only these may be joined."""
    told = {
        name: entry
        for name, entry in joined_of(mapping, "features").items()
        if name in taken or features.get(name) is None
    }
    told_fields = {
        name: entry
        for name, entry in joined_of(mapping, "fields").items()
        if FIELD_PREFIX + name in taken or fields.get(name) == ""
    }
    return {"joins": mapping.get("joins", {}), "fields": told_fields, "features": told}


def _shown(given: object) -> str:
    if isinstance(given, Mapping):
        pairs = [f"{key} → {value}" for key, value in list(given.items())[:SHOWN_VALUES]]
        return ", ".join(pairs) + (" …" if len(given) > SHOWN_VALUES else "")
    return ", ".join(map(str, given)) if isinstance(given, list) else str(given)
