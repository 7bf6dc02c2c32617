"""Rows that tell now what a person has put into their case meanwhile: the source was mended, too, and says nothing new.

What came first is known by its hash alone. A row is that case where it has the very hash once the mended values are
those that stood there before, and where it tells what the case holds since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cases.arrivals import Arrival, Receipt
from cases.models import Case, CaseEvent
from intake.gate.held import is_returned
from intake.mapped.submission import Submission


def with_mended(receipt: Receipt, submissions: Sequence[Submission]) -> Receipt:
    """The receipt of a chunk, with those as known that are as their case was mended."""
    conflicting = receipt.conflicting()
    events = CaseEvent.objects.filter(case__in={key for _at, key in conflicting}, name="supply_data").order_by("seq")
    before: dict[int, dict[str, Any]] = {}
    for key, facts in events.values_list("case", "facts") if conflicting else ():
        # Mended twice, what came stood there before the first time.
        before[key] = {**facts.get("before", {}), **before.get(key, {})}
    if not before:
        return receipt
    cases = Case.objects.filter(pk__in=before).values_list("pk", "features", "content_hash", "findings")
    # What was sent back waits for what its sender tells now, whatever stands in it.
    stored = {key: told for key, *told, findings in cases if not is_returned(findings)}
    verdicts = list(receipt.verdicts)
    for at, key in conflicting:
        if key in stored and _is_as_mended(submissions[at], before[key], *stored[key]):
            verdicts[at] = Arrival.DUPLICATE
    return replace(receipt, verdicts=verdicts)


def _is_as_mended(case: Submission, before: Mapping[str, Any], features: Mapping[str, Any], content_hash: str) -> bool:
    told = {name: value for name, value in before.items() if f"features.{name}" not in case.derived}
    holds_now = all(case.features.get(name) == features.get(name) for name in told)
    return holds_now and case.hash_with(told) == content_hash
