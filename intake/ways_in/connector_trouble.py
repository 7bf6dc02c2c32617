"""What is wrong with the way to a source, kept with it, and its owner told when it begins."""

from __future__ import annotations

from typing import Any, Final

from django.utils import timezone

from cases.move import require_transaction
from cases.notices import notify
from intake.health.quarantine import told_of
from intake.models import Connector

# All else of such a source is read.
ROWS_UNREAD: Final = frozenset({"position_missing", "position_uncounted"})


def _notice(problem: dict[str, str]) -> str:
    """What people are told of a problem; of some rows that are not read something else than of a source."""
    if not problem:
        return ""
    return "source_rows_unread" if problem["code"] in ROWS_UNREAD else "source_unreached"


def note_trouble(connector_id: int, problem: dict[str, str], **changes: Any) -> Connector:
    """Keep what is wrong ({}: nothing) with `changes` of other fields. Runs inside the caller's transaction."""
    require_transaction()
    kept = Connector.objects.select_for_update().get(pk=connector_id)
    notice = _notice(problem)
    if notice and notice != _notice(kept.problem):
        notify(told_of(kept.source), notice, None, {"source": kept.source.slug}, caused_by=None)
    kept.problem, kept.problem_at = problem, timezone.now() if problem else None
    for name, value in changes.items():
        setattr(kept, name, value)
    kept.save(update_fields=["problem", "problem_at", *changes])
    return kept
