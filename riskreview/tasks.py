"""Celery's side of the machine: wake-ups and the regular sweep. Arguments carry nothing, the database is the queue."""

from __future__ import annotations

from celery import Task, shared_task

from cases.wake import heard_wake, send_wake
from riskreview import flow


@shared_task(bind=True)
def advance(self: Task) -> int:  # type: ignore[type-arg]
    """Carry a chunk of waiting cases on, and call the next worker when there was something to do."""
    heard_wake()
    resumed = bool((self.request.delivery_info or {}).get("redelivered"))
    moved = flow.advance(taker=self.request.id or "unnamed", resumed=resumed)
    if moved:
        send_wake()
    return moved


@shared_task
def sweep() -> None:
    flow.sweep()
