"""Blind second looks: another person judges a decision without seeing it, and a third one where the two differ."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.errors import (
    BadDecision,
    CaseMoved,
    CaseNotFound,
    ClaimLost,
    ConflictOfInterest,
    FourEyes,
    NotAllowed,
    NothingToClaim,
)
from cases.locks import hold
from cases.models import Adjudication, Band, Case, Claim, Conflict, Opinion, SecondLook, Signature, User
from cases.notices import notify
from cases.reason_codes import reasons_for_outcome
from cases.signers import kept_apart
from cases.states import APPLICATION_OUTCOMES, RESOLUTIONS, Kind, Outcome, Role, State

DECIDED: Final = (State.APPROVED, State.DECLINED, State.RESOLVED)


def lapsed_at() -> Combinable:
    """Who took a second look before this moment of the database and has not answered has lost it to whoever comes
    next."""
    return Now() - timedelta(minutes=settings.CLAIM_LEASE_MINUTES)


def looks_for(user: User) -> QuerySet[SecondLook]:
    """Open second looks that `user` may take: of decisions in which they had no part, on applicants who are nothing to
    them. Whoever once held the case, or said what they think of it, knows too much."""
    free = Q(looker=None) | Q(taken_at__lt=lapsed_at()) | Q(looker=user)
    signed = Signature.objects.filter(Q(signer=user) | Q(on_behalf_of=user), review=OuterRef("review"))
    held = Claim.objects.filter(case=OuterRef("case"), holder=user)
    said = Opinion.objects.filter(case=OuterRef("case"), person=user)
    partial = Conflict.objects.filter(applicant=OuterRef("case__applicant"), person=user, ended_at=None)
    return SecondLook.objects.filter(
        free,
        ~Q(reviewer=user),
        Q(case__entered_by=None) | ~Q(case__entered_by=user),
        ~Exists(signed),
        ~Exists(held),
        ~Exists(said),
        ~Exists(partial),
        done_at=None,
        case__state__in=DECIDED,
    ).order_by("id")


def look_in_hand_of(user: User) -> Subquery:
    """The key of the second look at a case that `user` has taken and not answered, read along with the case: until then
    its decision is not for them."""
    return Subquery(SecondLook.objects.filter(case=OuterRef("pk"), looker=user, done_at=None).values("pk")[:1])


def without_looks_in_hand(cases: QuerySet[Case], user: User) -> QuerySet[Case]:
    """The cases but for those that `user` judges a second time: a list would tell how they were decided."""
    return cases.exclude(Exists(SecondLook.objects.filter(case=OuterRef("pk"), looker=user, done_at=None)))


def take_second_look(*, by: User) -> SecondLook:
    """The one `by` has in hand, else the oldest they may take, for as long as a claim lasts.

    Two people pressing at once: SKIP LOCKED gives each their own row; a row that changed meanwhile is judged anew.

    Raises:
        NothingToClaim: none waits for them. NotAllowed: the role does not review.
    """
    if not rules.may_review(None, by):
        raise NotAllowed
    with transaction.atomic(durable=True):
        # One person pressing twice at once: the second press finds what the first has taken.
        hold(f"second looks of {by.pk}")
        free = looks_for(by).select_for_update(of=("self",), skip_locked=True)
        found = free.filter(looker=by).first() or free.first()
        if found is None:
            raise NothingToClaim
        found.looker, found.taken_at = by, timezone.now()
        found.save(update_fields=["looker", "taken_at"])
        return found


def record_second_look(
    look_id: int, *, by: User, outcome: str, band: int, reason_codes: Sequence[str], note: str
) -> SecondLook:
    """Keep the view of whoever took the look; a second press finds it answered and changes nothing.

    Raises:
        CaseNotFound: no such look. ClaimLost: somebody else has it. BadDecision: incomplete; names the field.
    """
    with transaction.atomic(durable=True):
        look = _locked(look_id)
        if look.looker_id != by.pk:
            raise ClaimLost
        if look.done_at is not None:
            return look
        _check_outcome(look.case, outcome)
        if band not in Band.values:
            raise BadDecision("band", _("Choose how likely you think default is."))
        if set(reason_codes) - set(reasons_for_outcome(outcome)):
            raise BadDecision("reason_codes", _("These reasons do not fit the decision."))
        if outcome == Outcome.DECLINE and not reason_codes:
            raise BadDecision("reason_codes", _("Choose at least one reason."))
        look.note = rules.checked_note(note, least=rules.NOTE_LEAST if "other" in reason_codes else 0)
        look.outcome, look.band, look.reason_codes, look.done_at = outcome, band, list(reason_codes), timezone.now()
        look.save(update_fields=["outcome", "band", "reason_codes", "note", "done_at"])
        if look.outcome != look.review.outcome:
            # By nobody: who looked stays hidden until a third person has said which view holds.
            notify([look.reviewer], "disagreement", look.case, {}, caused_by=None)
        return look


def disputes() -> QuerySet[SecondLook]:
    """Cases that two people judged differently and nobody has settled."""
    apart = SecondLook.objects.filter(done_at__isnull=False, adjudication=None).exclude(outcome=F("review__outcome"))
    return apart.order_by("id")


def disputes_for(user: User) -> QuerySet[SecondLook]:
    """Those that `user` may settle: who gave or signed one of the two views is no third person, and who has a conflict
    of interest with the applicant judges nothing of theirs."""
    signed = Signature.objects.filter(Q(signer=user) | Q(on_behalf_of=user), review=OuterRef("review"))
    partial = Conflict.objects.filter(applicant=OuterRef("case__applicant"), person=user, ended_at=None)
    found = disputes().exclude(reviewer=user).exclude(looker=user)
    return found.exclude(Exists(signed)).exclude(Exists(partial))


def adjudicate(look_id: int, *, by: User, outcome: str, note: str) -> Adjudication:
    """Say which view holds. It changes no decision. Two supervisors at once: the second finds it settled.

    Raises:
        NotAllowed: not a supervisor. FourEyes: `by` gave or signed one of the views. ConflictOfInterest: with the
        applicant. CaseMoved: settled, or no dispute.
        CaseNotFound: no such look. BadDecision: no such outcome, or no reason; names the field.
    """
    if not by.is_active or by.role != Role.SUPERVISOR:
        raise NotAllowed
    with transaction.atomic(durable=True):
        look = _locked(look_id)
        if look.looker is None or not disputes().filter(pk=look.pk).exists():
            raise CaseMoved
        if by.pk in kept_apart(look.case):
            raise ConflictOfInterest
        if not disputes_for(by).filter(pk=look.pk).exists():
            raise FourEyes(_("You gave or signed one of the two views: a third person must settle it."))
        _check_outcome(look.case, outcome)
        why = rules.checked_note(note, least=rules.NOTE_LEAST)
        return Adjudication.objects.create(
            second_look=look, reviewer=look.reviewer, looker=look.looker, judge=by, outcome=outcome, note=why
        )


def agrees(look: SecondLook) -> bool:
    """Whether both people came to the same outcome; of an answered look."""
    return look.outcome == look.review.outcome


def _locked(look_id: int) -> SecondLook:
    whole = SecondLook.objects.select_related("case", "review")
    look = whole.select_for_update(of=("self",)).filter(pk=look_id).first()
    if look is None:
        raise CaseNotFound
    return look


def _check_outcome(case: Case, outcome: str) -> None:
    if outcome not in (APPLICATION_OUTCOMES if case.kind == Kind.APPLICATION else RESOLUTIONS):
        raise BadDecision("outcome", _("Choose a decision."))
