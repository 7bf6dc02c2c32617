"""Outcomes as a sender gives them, row by row: read, every bad field named, and matched with the cases on record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cases.instants import storable_moment
from cases.models import Case
from cases.queries import key_of_ref
from intake.mapped.fields import EARLIEST, shown
from intake.sources.source_names import known_spellings
from intake.wording.field_errors import FieldError
from intake.wording.sentences import storable
from learning.actions import OutcomeReceipt

KEYS: Final = {"case_ref", "external_ref", "source", "observed_at", "bad"}


@dataclass(frozen=True)
class GivenOutcome:
    """A row of the body that is right in itself; whether its case is on record is asked for all rows at once."""

    case_ref: str
    external_ref: str
    source: str
    observed_at: datetime
    bad: bool


def read_outcome(row: object, *, now: datetime) -> GivenOutcome | list[FieldError]:
    """One row of the body, or every field of it that is wrong."""
    if not isinstance(row, Mapping):
        return [FieldError("", shown(row), "not_an_object")]
    errors = [FieldError(str(name), shown(row[name]), "unknown_field") for name in row if name not in KEYS]
    names = {name: row.get(name) or "" for name in ("case_ref", "external_ref", "source")}
    errors += [FieldError(name, shown(text), "not_text") for name, text in names.items() if not isinstance(text, str)]
    if not (names["case_ref"] or names["external_ref"]):
        errors.append(FieldError("case_ref", "", "required"))
    observed_at = _moment(row.get("observed_at"), now, errors)
    bad = row.get("bad")
    if not isinstance(bad, bool):
        errors.append(FieldError("bad", shown(bad), "required" if bad is None else "not_a_flag"))
    if errors or observed_at is None:
        return errors
    return GivenOutcome(**names, observed_at=observed_at, bad=bool(bad))


def find_cases(given: Sequence[GivenOutcome]) -> list[int | FieldError]:
    """The key of each row's case, or why there is none: three queries, however many rows."""
    keys = {each.case_ref: key_of_ref(each.case_ref) for each in given if each.case_ref}
    on_record = set(Case.objects.filter(pk__in=[key for key in keys.values() if key]).values_list("pk", flat=True))
    refs = {each.external_ref for each in given if storable(each.external_ref) == each.external_ref}
    by_ref: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for key, ref, source in Case.objects.filter(external_ref__in=refs).values_list("pk", "external_ref", "source"):
        by_ref[ref].append((key, source))
    spelt = known_spellings({each.source for each in given})
    found: list[int | FieldError] = []
    for each in given:
        if each.case_ref:
            key = keys[each.case_ref]
            found.append(key if key in on_record and key else FieldError("case_ref", each.case_ref, "unknown_case"))
            continue
        wanted = spelt.get(each.source, each.source)
        hits = [key for key, source in by_ref[each.external_ref] if wanted in ("", source)]
        code = "several_cases" if hits else "unknown_case"
        found.append(hits[0] if len(hits) == 1 else FieldError("external_ref", each.external_ref, code))
    return found


def _moment(given: object, now: datetime, errors: list[FieldError]) -> datetime | None:
    if given in (None, ""):
        errors.append(FieldError("observed_at", "", "required"))
        return None
    try:
        moment = storable_moment(datetime.fromisoformat(given)) if isinstance(given, str) else None
    except ValueError:
        moment = None
    code = ""
    if moment is None:
        code = "not_a_date"
    elif moment.tzinfo is None:
        code = "no_time_zone"
    elif moment < EARLIEST:
        code = "too_early"
    elif moment > now + timedelta(days=1):
        code = "in_the_future"
    if code:
        errors.append(FieldError("observed_at", shown(given), code))
    return None if code else moment


def refusals(receipt: OutcomeReceipt) -> Iterator[tuple[int, FieldError]]:
    """The position of each outcome that was refused, and why."""
    refused = (
        (receipt.without_loan, "no_loan"),
        (receipt.before_application, "before_application"),
        (receipt.contradicting, "other_outcome"),
    )
    for positions, code in refused:
        for position in positions:
            yield position, FieldError("bad", "", code)
