"""Who holds a case: claims under a lease, renewed by work, given back, or ended when the lease ran out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.allowance import check_hands, is_day_full
from cases.claimable import Bar, bar_of, claimable_by
from cases.desk_rules import rules_in_force
from cases.errors import (
    CaseMoved,
    ClaimLost,
    ConflictOfInterest,
    DayFull,
    FourEyes,
    NotAllowed,
    NothingToClaim,
    StaleCase,
)
from cases.locks import hold
from cases.models import Case, Claim, User
from cases.move import Move, lock_case, move_case, move_cases
from cases.states import Role, State

EMPTY: Final[Mapping[str, Any]] = {}
DECIDED_BEFORE: Final = _("You decided this case before: another person must decide it now.")
CONFIRMED_BEFORE: Final = _(
    "You signed a decision on this case or let it be opened again: another person must decide it now."
)
Narrowing = Callable[[QuerySet[Case]], QuerySet[Case]]


def claim_next(
    *, by: User, products: Collection[str] | None = None, most_a_day: int | None = None, among: Narrowing | None = None
) -> Case:
    """Give `by` the case they hold already, or the first waiting one they may take, under a lease; of the `products`
    they know (None: all). `among` narrows what waits to what somebody looks at, and may put it in another order.
    With `most_a_day` cases decided today or held, only what is kept for `by` or was handed to them is left.

    Two reviewers pressing at once: SKIP LOCKED gives each their own row, the unique open claim is the second wall.

    Raises:
        NothingToClaim: nothing waits that this person may take. DayFull: nothing of their own, and the day is full.
        NotAllowed: the role does not review.
    """
    if not rules.may_review(None, by):
        raise NotAllowed
    with transaction.atomic(durable=True):
        # One person pressing twice at once: the second press waits and finds what the first one claimed.
        hold(f"claims of {by.pk}")
        holds, kept, handed = _mine(by)
        held: Case | None = Case.objects.held_by(by).order_by("id").first() if holds else None
        if held is not None:
            return held
        within = rules_in_force().within_authority_only
        waiting: QuerySet[Case] = claimable_by(by, products=products, within_authority=within)
        waiting = (among(waiting) if among else waiting).select_related("applicant")
        free = waiting.select_for_update(of=("self",), skip_locked=True)
        # Kept for me, handed to me, then what is free for all: each a look into one index. As a rule nothing is mine,
        # and to have asked that first spares two of the three; what is handed to me in between comes next time.
        found: Case | None = free.filter(reserved_for=by).first() if kept else None
        if found is None and handed:
            found = free.filter(assigned_to=by).first()
        if found is None and is_day_full(by, most_a_day):
            raise DayFull
        found = found or free.first()
        if found is None:
            raise NothingToClaim
        # What `claim_locked` would ask has just been asked: of the case by the statement that found it, of the hands by
        # `_mine`. A conflict of interest stated in this very moment still bars the decision, by a trigger.
        return _claim(found, by=by)


def _mine(by: User) -> tuple[bool, bool, bool]:
    """Whether this person holds a case, whether one that waits is kept for them, and whether one was handed to them."""
    waiting = Case.objects.filter(state=State.QUEUED)
    mine = Case.objects.held_by(by), waiting.filter(reserved_for=by), waiting.filter(assigned_to=by)
    found: tuple[bool, bool, bool] = User.objects.filter(pk=by.pk).values_list(*map(Exists, mine)).get()
    return found


def claim_case(case_id: int, *, by: User, most_a_day: int | None = None) -> Case:
    """Claim this very case, whoever it was handed to; the event tells. `most_a_day` as in `claim_next`; it does not
    bind a supervisor, who chooses a case by name for a reason.

    Raises:
        CaseMoved: it is not waiting any more. FourEyes: `by` entered it, or decided or signed it before. NotAllowed:
            reserved for somebody else, or for supervisors. ConflictOfInterest: `by` has one with the applicant.
            DayFull: by `most_a_day`. HandsFull: holds too many others.
    """
    with transaction.atomic(durable=True):
        # As in claim_next: what one person holds is counted before the next claim of theirs.
        hold(f"claims of {by.pk}")
        case = lock_case(case_id)
        if case.state != State.QUEUED:
            raise CaseMoved
        if not rules.may_claim_reserved(case.reserved_for, by):
            raise NotAllowed(_("This case was sent back to another reviewer."))
        is_bound = by.role != Role.SUPERVISOR and by.pk not in (case.reserved_for_id, case.assigned_to_id)
        if is_bound and is_day_full(by, most_a_day):
            raise DayFull
        return claim_locked(case, by=by)


def claim_locked(case: Case, *, by: User, facts: Mapping[str, Any] = EMPTY, **changes: Any) -> Case:
    """Claim a case that `lock_case` returned; the event tells `facts` too. Raises FourEyes, ConflictOfInterest,
    HandsFull, and as `move_case`."""
    _check_bars(case, by)
    check_hands(by)
    if case.for_supervisor and by.role != Role.SUPERVISOR:
        raise NotAllowed(_("This case was escalated: a supervisor takes it."))
    return _claim(case, by=by, facts=facts, **changes)


def _claim(case: Case, *, by: User, facts: Mapping[str, Any] = EMPTY, **changes: Any) -> Case:
    lease_until = lease_from_now()
    told = {"lease_until": lease_until.isoformat(), "why": case.why, **facts}
    if case.snoozed_until is not None:
        # Whoever takes it wakes it: given back, it waits again.
        changes["snoozed_until"] = None
    if case.assigned_to_id not in (None, by.pk):
        told["assigned_to"] = case.assigned_to_id
    move_case(case, "claim", by=by, facts=told, **changes)
    Claim.objects.create(case=case, holder=by, lease_until=lease_until)
    return case


def _check_bars(case: Case, by: User) -> None:
    bar = bar_of(case, by)
    if bar is Bar.ENTERED:
        raise FourEyes
    if bar is Bar.CONFLICT:
        raise ConflictOfInterest
    if bar is Bar.CONFIRMED:
        raise FourEyes(CONFIRMED_BEFORE)
    if bar is Bar.DECIDED and case.reserved_for_id != by.pk:
        raise FourEyes(DECIDED_BEFORE)


def lease_from_now() -> datetime:
    return timezone.now() + timedelta(minutes=settings.CLAIM_LEASE_MINUTES)


def open_claim(case: Case, *, by: User) -> Claim:
    """The claim under which `by` holds this locked case. A lease that ran out still counts until somebody ends it.

    Raises:
        CaseMoved: the case is not in review. ClaimLost: somebody else holds it.
    """
    if case.state != State.IN_REVIEW:
        raise CaseMoved
    claim = Claim.objects.filter(case=case, ended_at__isnull=True).first()
    if claim is None or claim.holder_id != by.pk:
        raise ClaimLost
    return claim


def lock_held(case_id: int, *, by: User, seen_version: int) -> tuple[Case, Claim]:
    """Lock a case one holds. Who lost it to somebody else is told so, rather than that it has changed.

    Raises:
        StaleCase: the case is not at `seen_version` any more. CaseMoved, ClaimLost: as `open_claim`.
    """
    case = lock_case(case_id)
    if case.state != State.IN_REVIEW and case.version != seen_version:
        raise StaleCase
    claim = open_claim(case, by=by)
    if case.version != seen_version:
        raise StaleCase
    return case, claim


def end_claim(claim: Claim) -> None:
    claim.ended_at = timezone.now()
    claim.save(update_fields=["ended_at"])


def extend_claim(case_id: int, *, by: User) -> Claim:
    """Renew the lease of a case one holds. Raises as `open_claim`."""
    with transaction.atomic(durable=True):
        claim = open_claim(lock_case(case_id), by=by)
        claim.lease_until = lease_from_now()
        claim.save(update_fields=["lease_until"])
        return claim


def release_case(case_id: int, *, by: User) -> Case:
    """Give a case one holds back to the queue, at the place it had. Raises as `open_claim`."""
    with transaction.atomic(durable=True):
        case = lock_case(case_id)
        end_claim(open_claim(case, by=by))
        move_case(case, "release", by=by, facts={"by_lease": False})
        return case


def expire_claims(*, limit: int = 500) -> int:
    """Put cases whose lease ran out back into the queue. Returns how many.

    A reviewer who extends at the same moment: the claim is locked, so the new lease counts or the reviewer is too late.
    """
    with transaction.atomic(durable=True):
        open_claims = Claim.objects.filter(ended_at__isnull=True, lease_until__lt=Now()).select_related("case")
        stale = open_claims.order_by("pk").select_for_update(of=("self",), skip_locked=True)[:limit]
        moves = [Move(claim.case_id, claim.case.version, facts={"by_lease": True}) for claim in stale]
        released = move_cases("release", moves)
        Claim.objects.filter(case_id__in=released, ended_at__isnull=True).update(ended_at=Now())
        return len(released)
