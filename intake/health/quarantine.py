"""Keeping a source's new cases from being decided, and letting them go on once a person has looked into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.query import QuerySet

from cases import rules
from cases.errors import CaseMoved, NotAllowed
from cases.models import Case, CaseEvent, User
from cases.move import Move, move_cases
from cases.notices import notify, who_answers
from cases.states import Role, State
from intake.gate.gate import QUARANTINED, source_findings
from intake.gate.held import waits_for_others
from intake.health.profiles import REFUSED
from intake.models import Source, SourceStep
from intake.sources.sources import LACKING, hold_state, lock_source

CHUNK: Final = 1000
# How many chunks one sweep moves, so that others get their turn.
CHUNKS_A_SWEEP: Final = 5
RELEASES: Final = (Role.SUPERVISOR, Role.ADMIN)


def quarantine_source(
    source_id: int,
    *,
    signs: Sequence[Mapping[str, Any]],
    since: datetime,
    batch_id: int | None = None,
    releases: int | None = None,
) -> bool:
    """Quarantine a source that turned bad, and tell its owner; administrators where nobody owns it.

    `releases` is how often it had been released when somebody began to look: where a person has released it since, that
    person has looked into the same, and nothing changes.

    Cases that wait for the machine are held at once, what comes in later is born held. Two batches that find it bad at
    once: the second waits for the lock and changes nothing. Returns whether the source was healthy until now.
    """
    with transaction.atomic(durable=True):
        source = Source.objects.select_for_update().get(pk=source_id)
        if releases is not None and releases != releases_of(source):
            return False
        was_healthy = source.state == Source.State.HEALTHY
        if was_healthy:
            source.state, source.bad_since = Source.State.QUARANTINED, since
            source.save(update_fields=["state", "bad_since"])
            facts = {"signs": [dict(sign) for sign in signs], "since": since.isoformat(), "batch": batch_id}
            SourceStep.objects.create(source=source, name=SourceStep.Name.QUARANTINED, facts=facts)
            notify(told_of(source), "source_quarantined", None, {"source": source.slug}, caused_by=None)
    # Also where it was quarantined before: whoever did it may have died right here.
    hold_waiting(source)
    return was_healthy


def releases_of(source: Source) -> int:
    """How often a person has ended a quarantine of it."""
    count: int = source.steps.filter(name=SourceStep.Name.RELEASED).count()
    return count


def told_of(source: Source) -> list[User]:
    """Whom something about a source is told: its owner, or administrators where nobody owns it."""
    return who_answers(source.owner)


def release_source(slug: str, *, by: User, reason: str, usual: str = "") -> Source:
    """End the quarantine of a source; the cases that wait for nothing else go on to the machine.

    `usual` is what the person says of what came meanwhile: "also" usual, the "new" usual, or nothing. With the products
    that were bad it stands in the step, where `intake/health/usual.py` finds it.

    Raises:
        NotAllowed: neither supervisor nor administrator. SourceNotFound: no such source.
        CaseMoved: it is not quarantined, or somebody was faster. BadDecision: no reason.
    """
    if not by.is_active or by.role not in RELEASES:
        raise NotAllowed
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=LACKING, field="reason")
    with transaction.atomic(durable=True):
        source = lock_source(slug)
        if source.state != Source.State.QUARANTINED or source.bad_since is None:
            raise CaseMoved
        facts = {"since": source.bad_since.isoformat(), "usual": usual, "products": _bad_products(source)}
        source.state, source.bad_since = Source.State.HEALTHY, None
        source.save(update_fields=["state", "bad_since"])
        # What goes on begins anew: what was bad before is no sign against what comes from here on.
        source.batches.filter(finished_at=None).update(profile={}, signs=[])
        SourceStep.objects.create(source=source, name=SourceStep.Name.RELEASED, actor=by, reason=why, facts=facts)
    free_held(source)
    return source


def _bad_products(source: Source) -> list[str]:
    """The products of the bad signs that quarantined a source, and of those that the batches since then gave."""
    facts = source.steps.filter(name=SourceStep.Name.QUARANTINED).latest("pk").facts
    batch = facts.get("batch")
    later = source.batches.filter(pk__gte=batch).values_list("signs", flat=True) if batch else ()
    every = (sign for signs in (facts.get("signs", ()), *later) for sign in signs)
    bad = (sign for sign in every if sign["grade"] == "bad")
    # Of no product are refused rows, and messages that could not be looked at: of these nothing can be learnt.
    return sorted({sign["product"] for sign in bad if sign["product"] or sign["what"] == REFUSED})


def hold_waiting(source: Source) -> int:
    """Hold what still waits for the machine, but for what a person has looked at and let through.

    A worker that has leased a case finds its version changed, and leaves it.
    """
    let_through = CaseEvent.objects.filter(case=OuterRef("pk"), name="supply_data")
    waiting = Case.objects.filter(~Exists(let_through), source=source.slug, state=State.RECEIVED)

    def move(cases: Sequence[Case]) -> list[int]:
        # Released meanwhile: either that waits until these are held, and frees them, or they are not held.
        hold_state(source)
        findings = [finding.as_dict() for finding in source_findings(source)]
        moves = [
            Move(case.pk, case.version, {"findings": [*case.findings, *findings]}, {"findings": findings})
            for case in cases
        ]
        return move_cases("hold", moves) if findings else []

    return in_chunks(waiting, move)


def hold_all_waiting(source: Source) -> None:
    """As `hold_waiting`, until nothing waits any more: what comes meanwhile is born held."""
    while hold_waiting(source) >= CHUNK * CHUNKS_A_SWEEP:
        pass


def free_held(source: Source) -> int:
    """Let go on what was held for the quarantine of its source alone, with its marks; another finding that holds a
    case still wants a person."""

    def move(cases: Sequence[Case]) -> list[int]:
        facts = {"released": source.slug}
        moves = [
            Move(case.pk, case.version, {"findings": _without_quarantine(case), "attempts": 0}, facts) for case in cases
        ]
        return move_cases("end_quarantine", moves)

    return in_chunks(_held_for_quarantine().filter(source=source.slug), move)


def _held_for_quarantine() -> QuerySet[Case]:
    held: QuerySet[Case] = Case.objects.filter(state=State.NEEDS_DATA, findings__contains=[{"code": QUARANTINED}])
    return held.exclude(waits_for_others(QUARANTINED))


def _without_quarantine(case: Case) -> list[dict[str, Any]]:
    return [finding for finding in case.findings if finding["code"] != QUARANTINED]


def in_chunks(cases: QuerySet[Case], move: Callable[[Sequence[Case]], list[int]]) -> int:
    """Move them chunk by chunk in the order of their keys; the sweep does what is left."""
    moved, last = 0, 0
    for _chunk in range(CHUNKS_A_SWEEP):
        chunk = list(cases.filter(pk__gt=last).order_by("pk")[:CHUNK])
        if not chunk:
            break
        last = chunk[-1].pk
        with transaction.atomic(durable=True):
            moved += len(move(chunk))
    return moved


def settle_quarantines() -> None:
    """What a quarantine or a release left to do: a process that died in the middle, or more cases than one go moves."""
    for source in Source.objects.filter(state=Source.State.QUARANTINED):
        hold_waiting(source)
    released = Source.objects.filter(state=Source.State.HEALTHY, steps__name=SourceStep.Name.RELEASED).distinct()
    for source in released:
        free_held(source)
