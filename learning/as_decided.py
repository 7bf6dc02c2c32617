"""The facts of a case as they stood when it was decided: what came or changed later is not in them.

Facts change only while a case is held before its first score (`cases/machine.py`), and the database refuses a change
without a move. That is not relied on: a later change on record is undone; a person's decision has its facts frozen in
its packet; the machine's must give the values again that the model saw. Where they do not, the case is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import numpy as np
from django.db.models import F

from cases.models import Case, CaseEvent, Review
from scoring.actions import model_row
from scoring.ml.features import FeatureTable
from scoring.models import Assessment, ModelVersion

DECISIONS: Final = ("approve_by_machine", "approve", "sign_approval", "record_approved")
CHANGES: Final = ("supply_data", "resubmit")
Values = dict[str, Any]


@dataclass
class Decided:
    """A case at its decision: `version` and moment, what a model may read; what was undone, and what was not known yet
    (feature names). `altered`: the record does not give again what it was decided on."""

    version: int
    at: datetime
    values: Values
    undone: list[str] = field(default_factory=list)
    known_later: list[str] = field(default_factory=list)
    altered: bool = False


class Dated(Protocol):
    """What is read of a feature: its name, and the name of the date it was looked up on ("" for none)."""

    @property
    def name(self) -> str: ...
    @property
    def as_of(self) -> str: ...


def as_decided(cases: Sequence[Case], *, as_of: datetime, features: Iterable[Dated] = ()) -> dict[int, Decided]:
    """By key of an approved case: its facts at the last approval up to `as_of`. Four queries for any number of cases.

    A feature with a date that lies after the decision was looked up later and is blanked."""
    keys = [case.pk for case in cases]
    events = CaseEvent.objects.filter(case__in=keys, at__lte=as_of)
    decisions = events.filter(name__in=DECISIONS).order_by("case_id", "-seq").distinct("case_id")
    decided = {key: (seq, at) for key, seq, at in decisions.values_list("case_id", "seq", "at")}
    later: dict[int, list[CaseEvent]] = defaultdict(list)
    # Also those after `as_of`: what the case holds today is where the way back begins.
    for event in CaseEvent.objects.filter(case__in=keys, name__in=CHANGES).order_by("case_id", "-seq"):
        later[event.case_id].append(event)
    found = {}
    for case in cases:
        seq, at = decided.get(case.pk, (case.version, case.decided_at or case.received_at))
        values, undone = undo(model_row(case), [each.facts for each in later[case.pk] if each.seq > seq])
        found[case.pk] = Decided(seq, at, values, undone)
    frozen = _frozen_facts(keys, as_of)
    for key, facts in frozen.items():
        found[key].values = _given(facts)
    _check_assessed({key: each for key, each in found.items() if key not in frozen})
    for each in found.values():
        each.known_later = blank_later(each.values, features, each.at)
    return found


def undo(values: Values, later: Iterable[Mapping[str, Any]]) -> tuple[Values, list[str]]:
    """The values before changes that are on record with what stood there before, the latest first; and their names."""
    values, names = dict(values), []
    for facts in later:
        for name, before in facts.get("before", {}).items():
            names.append(name)
            if before is None:
                values.pop(name, None)
            else:
                values[name] = before
    return values, sorted(set(names))


def blank_later(values: Values, features: Iterable[Dated], decided_at: datetime) -> list[str]:
    """Take out of `values` what was looked up after the decision, by the date beside it; returns the names. A date that
    nobody can read shows no more that the value was known then than one that lies behind it."""
    late = []
    for feature in features:
        said = values.get(feature.as_of) if feature.as_of else None
        if said in (None, "") or values.get(feature.name) is None:
            continue
        seen = _moment(said)
        if seen is None or seen > decided_at:
            values[feature.name] = None
            late.append(feature.name)
    return late


def _moment(given: Any) -> datetime | None:
    """A date or moment as text; a day counts from its first moment in UTC, so the day of the decision is before it."""
    try:
        moment = datetime.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _frozen_facts(keys: Sequence[int], as_of: datetime) -> dict[int, Mapping[str, Any]]:
    """By case the facts in the packet of the last approval by a person; of those decided by people with a packet."""
    approvals = Review.objects.filter(case__in=keys, outcome="approve", at__lte=as_of, case__decided_by="person")
    latest = approvals.order_by("case_id", "-seen_version").distinct("case_id")
    facts = latest.values_list("case_id", F("packet__parts__facts"))
    return {key: each for key, each in facts if each}


def _given(facts: Mapping[str, Any]) -> Values:
    return {
        **facts["features"],
        "amount": float(facts["amount"]),
        "currency": facts["currency"],
        "term_months": facts["term_months"],
        "applied_at": facts["applied_at"],
    }


def _check_assessed(decided: Mapping[int, Decided]) -> None:
    """Mark cases whose values are not those that the model saw; cases that no model saw cannot be checked."""
    seen = Assessment.objects.filter(case__in=list(decided)).order_by("case_id", "-id").distinct("case_id")
    by_model: dict[int, list[Assessment]] = defaultdict(list)
    for assessment in seen.only("case_id", "model_id", "values"):
        by_model[assessment.model_id].append(assessment)
    versions = ModelVersion.objects.only("feature_table").in_bulk(list(by_model))
    for key, group in by_model.items():
        table = FeatureTable.from_dict(versions[key].feature_table)
        read = table.matrix([decided[each.case_id].values for each in group])
        for assessment, row in zip(group, read, strict=True):
            kept = np.array([np.nan if value is None else value for value in assessment.values], dtype=np.float64)
            decided[assessment.case_id].altered = not np.array_equal(row, kept, equal_nan=True)
