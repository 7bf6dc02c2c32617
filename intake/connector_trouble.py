"""What is wrong with the way to a source, kept with it, and its owner told when it begins."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from cases.move import require_transaction
from cases.notices import notify
from intake.models import Connector
from intake.quarantine import told_of


def note_trouble(connector_id: int, problem: dict[str, str], **changes: Any) -> Connector:
    """Keep what is wrong ({}: nothing) with `changes` of other fields. Runs inside the caller's transaction."""
    require_transaction()
    kept = Connector.objects.select_for_update().get(pk=connector_id)
    if problem and not kept.problem:
        params = {"source": kept.source.slug}
        notify(told_of(kept.source), "source_unreached", None, params, caused_by=None)
    kept.problem, kept.problem_at = problem, timezone.now() if problem else None
    for name, value in changes.items():
        setattr(kept, name, value)
    kept.save(update_fields=["problem", "problem_at", *changes])
    return kept
