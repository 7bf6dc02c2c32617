"""What another mapping would make of rows that came before: how many would differ, in which fields, and examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from time import monotonic
from typing import Any, Final

from intake.mapped.case_mapping import CaseMapping
from intake.mapped.fields import APPLICANT_FIELDS
from intake.mapped.joined import LookUp
from intake.mapped.submission import Submission
from intake.reading.rows import ReadRow, read_rows
from intake.standards.identity import masked_number
from intake.standards.people import masked_phone
from intake.tabular.tables import Table
from intake.wording.field_errors import FieldError
from intake.wording.sentences import IntakeError, shorten

ROWS_MOST: Final = 5_000
# Whoever asks waits for it: after so long what was read until then is told, with how many rows that were.
SECONDS_MOST: Final = 10.0
EXAMPLES_MOST: Final = 20
VALUE_MOST: Final = 120
CASE: Final = ("external_ref", "kind", "product", "industry", "region", "channel", "amount", "currency", "term_months")
WHOLE_ROW: Final = "row"
_HIDDEN: Final = {"applicant.identity_number": masked_number, "applicant.phone": masked_phone}


@dataclass(frozen=True)
class PastRows:
    """Rows that came before under `name`, and the mapping that they were read by then, or would be read by now; one
    that `is_large` could only be opened as a whole, and is left out."""

    name: str
    opened: Callable[[], Table]
    mapping: CaseMapping
    is_large: bool = False


@dataclass
class _Count:
    """The comparison as it grows."""

    rows: int = 0
    differ: int = 0
    became_good: int = 0
    became_bad: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    examples: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)


def compare_on(
    past: Iterable[PastRows], mapping: CaseMapping, *, now: datetime, look_up: LookUp | None
) -> dict[str, Any]:
    """Read the newest past rows by both mappings, at most ROWS_MOST and for SECONDS_MOST; plain JSON.

    `rows` were compared, `differ` differ in some `fields` (name: rows) or in whether they can be taken in at all
    (`became_good`, `became_bad`); `files` names what was read, with a problem where a mapping does not fit it.
    """
    count, end = _Count(), monotonic() + SECONDS_MOST
    for each in past:
        if count.rows >= ROWS_MOST or monotonic() > end or each.is_large:
            count.files.append({"name": each.name, "rows": 0, "differ": 0, "skipped": True})
            continue
        before = (count.rows, count.differ)
        told: dict[str, Any] = {"name": each.name}
        try:
            pairs = _pairs(each, mapping, now, look_up)
            for old, new in islice(pairs, ROWS_MOST - count.rows):
                _add(count, each.name, old, new)
                if monotonic() > end:
                    break
        except IntakeError as refusal:
            told["problem"] = {"en": refusal.sentence("en"), "zh": refusal.sentence("zh-hans")}
        count.files.append({**told, "rows": count.rows - before[0], "differ": count.differ - before[1]})
    return {
        "rows": count.rows,
        "differ": count.differ,
        "became_good": count.became_good,
        "became_bad": count.became_bad,
        "fields": dict(count.fields.most_common()),
        "examples": count.examples,
        "files": count.files,
    }


def _pairs(
    past: PastRows, mapping: CaseMapping, now: datetime, look_up: LookUp | None
) -> Iterator[tuple[ReadRow, ReadRow]]:
    """Each row as both mappings read it; the table is read twice, side by side."""
    table = past.opened()
    before = read_rows(table, past.mapping, now=now, look_up=look_up)
    after = read_rows(table, mapping.with_source(past.mapping.source), now=now, look_up=look_up)
    return zip(before, after, strict=True)


def _add(count: _Count, name: str, old: ReadRow, new: ReadRow) -> None:
    count.rows += 1
    differences = list(_differences(old, new))
    if not differences:
        return
    count.differ += 1
    count.became_good += new.is_good and not old.is_good
    count.became_bad += old.is_good and not new.is_good
    for part, before, after in differences:
        count.fields[part] += 1
        # Of each field a few, not twenty of the first.
        if len(count.examples) < EXAMPLES_MOST and count.fields[part] <= 3:
            count.examples.append(
                {
                    "file": name,
                    "row": new.row_number,
                    "field": part,
                    "old": _shown(part, before),
                    "new": _shown(part, after),
                }
            )


def _differences(old: ReadRow, new: ReadRow) -> Iterator[tuple[str, object, object]]:
    if old.is_good != new.is_good:
        yield WHOLE_ROW, old.errors or "", new.errors or ""
    elif old.is_good:
        before, after = values_of(old), values_of(new)
        for part in dict.fromkeys([*before, *after]):
            if before.get(part) != after.get(part):
                yield part, before.get(part), after.get(part)


def values_of(row: ReadRow) -> dict[str, object]:
    """Everything that was read from a good row, by the names that a mapping calls it by."""
    values: dict[str, object] = {}
    if row.reference is not None:
        values |= {"reference.key": row.reference[0], "reference.as_of": row.reference[1]}
    case: Submission | None = row.submission
    if case is None:
        return values
    values |= {name: getattr(case, name) for name in (*CASE, "applied_at")}
    values["applicant.id"] = case.applicant.external_id
    values |= {f"applicant.{name}": getattr(case.applicant, name) for name in APPLICANT_FIELDS - {"id"}}
    if row.outcome is not None:
        values |= {"outcome": row.outcome.bad, "outcome.observed_at": row.outcome.observed_at}
    return values | {f"features.{name}": value for name, value in case.features.items()}


def _shown(part: str, value: object) -> Any:
    """A value as text, numbers of people with most of their signs hidden; why a row is refused as the error itself, in
    both languages."""
    if isinstance(value, list):
        return [error.as_dict() for error in value[:2] if isinstance(error, FieldError)]
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value in (None, "") else shorten(_HIDDEN.get(part, str)(str(value)), VALUE_MOST)
