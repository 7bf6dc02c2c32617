"""What of a case that came again differs from what is on record under its reference."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from cases.arrivals import NewCase
from cases.models import Case
from intake.gate.lineage import column_of
from intake.mapped.kept_days import is_same_day
from intake.models import MappingVersion
from intake.values.cells import counted

FIELDS: Final = ("kind", "product", "industry", "region", "channel", "amount", "currency", "term_months", "applied_at")
COMPARED: Final = ("features", "derived", "applicant__external_id")
READ_BY: Final = "origin__batch__mapping"
SHOWN_MOST: Final = 6
# Who applies is known beyond the case, and by more than is compared here.
APPLICANT: Final = "applicant"


def differing_fields(pairs: Sequence[tuple[int, NewCase]], mapping: Mapping[str, Any] | None) -> list[str]:
    """For each case on record, told by its key, and what came under its reference: the names of what differs, by the
    columns that `mapping` (stored data) read them from, or that of the case did where they are gone; "applicant" where
    nothing else does."""
    found = Case.objects.filter(pk__in={key for key, _arrival in pairs}).values("pk", *FIELDS, *COMPARED, READ_BY)
    stored = {case["pk"]: case for case in found}
    read = (mapping or {}).get("features", {})
    days = {f"features.{name}" for name, given in read.items() if given.get("type") == "date"}
    versions = MappingVersion.objects.in_bulk({case[READ_BY] for case in stored.values() if case[READ_BY]})
    told = []
    for key, arrival in pairs:
        then = versions.get(stored[key][READ_BY])
        mappings = [mapping or {}, then.content if then else {}]
        told.append(_told([*_differing(stored[key], arrival, days)], mappings))
    return told


def _differing(case: Mapping[str, Any], arrival: NewCase, days: Collection[str]) -> Iterator[str]:
    features = case["features"]
    then = {name: case[name] for name in FIELDS} | {"applicant.id": case["applicant__external_id"]}
    now = {name: getattr(arrival, name) for name in FIELDS} | {"applicant.id": arrival.applicant_ref}
    then |= {f"features.{name}": value for name, value in features.items()}
    now |= {f"features.{name}": value for name, value in arrival.features.items()}
    for name in {**then, **now}:
        made_up = (name in case["derived"], name in arrival.derived)
        # A stand-in that is now given, or the other way, tells something else, though the value is the same.
        is_other = _plain(then.get(name)) != _plain(now.get(name))
        if is_other and name in days:
            is_other = not _is_same_day(then.get(name), now.get(name))
        if made_up in ((True, False), (False, True)) or (not any(made_up) and is_other):
            yield name.removeprefix("features.")


def _is_same_day(then: object, now: object) -> bool:
    return isinstance(then, str) and isinstance(now, str) and is_same_day(now, now, then)


def _plain(value: object) -> object:
    return counted(value) if isinstance(value, float) else value


def _told(names: Sequence[str], mappings: Sequence[Mapping[str, Any]]) -> str:
    words = [_column(mappings, name) or name for name in names[:SHOWN_MOST]] or [APPLICANT]
    return ", ".join(words) + (" …" if len(names) > SHOWN_MOST else "")


def _column(mappings: Sequence[Mapping[str, Any]], name: str) -> str:
    return next(filter(None, (column_of(each, name) for each in mappings)), "")
