"""By which mapping that is stored what a case holds was read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cases.machine import BIRTH
from cases.models import Case
from intake.gate.lineage import of_message
from intake.mapped.case_mapping import CaseMapping
from intake.mapped.mapping_file import read_mapping
from intake.models import Batch, SourceMapping


def mapping_of(case: Case) -> CaseMapping | None:
    """The mapping of the file that the case came in, or came in again; of a message what a signed one joined to it;
    None where nothing was mapped."""
    content = _content(case)
    return read_mapping(content, source=case.source, kept=True) if content else None


def _content(case: Case) -> Mapping[str, Any]:
    came = case.events.filter(name__in=(BIRTH, "resubmit")).order_by("seq").last()
    facts: Mapping[str, Any] = came.facts if came else {}
    batches = Batch.objects.filter(pk=facts["batch"]) if "batch" in facts else Batch.objects.filter(origins__case=case)
    stated: Mapping[str, Any] | None = batches.values_list("mapping__content", flat=True).first()
    if stated or not facts.get("mapping"):
        return stated or {}
    signed = SourceMapping.objects.filter(source__slug=case.source, number=facts["mapping"])
    taken = {name for names in case.joins.values_list("features", flat=True) for name in names}
    told = of_message(signed.values_list("content", flat=True).get(), case.features, {}, taken)
    # What a message states itself stands under its own name.
    columns = {column for entry in told["features"].values() for column in entry.get("from", ())}
    own = {name for name in columns if name.startswith("features.")}
    stated_names = {name.removeprefix("features."): {"column": name} for name in own}
    stated_fields = {name: {"column": name} for name in columns if name in ("amount", "term_months", "applied_at")}
    return {"fields": stated_fields, "features": {**stated_names, **told["features"]}}
