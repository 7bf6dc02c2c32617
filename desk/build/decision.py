"""The foot of a case's page: the form of whoever holds it, the decision that was taken, or what others may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases import rules
from cases.models import Case, CaseEvent, Reopening, Review, User
from cases.reason_codes import ReasonCode, reasons_for_outcome
from cases.reopening import can_reopen
from cases.standing import is_released
from cases.states import APPLICATION_OUTCOMES, RESOLUTIONS, DecidedBy, Kind, Outcome, State
from cases.takeover import can_take_over
from desk.build.deciding import ASK, next_steps, signer_options, ways_out
from desk.build.opinions import lean_words
from desk.build.signing import asked_ids, attached_since, confirmations, progress_words, sign_offs, signed_by
from desk.dossier import Dossier
from desk.pages import Action, Decided, DecisionForm, DecisionOption, Lease, Problem
from desk.pages import ReasonCode as ReasonChoice
from desk.pages.shared import Tone
from desk.words import ADVICE, clock, duration, when, word

RESOLUTION_KEYS: Final = ("KeyN", "KeyW", "KeyC", "KeyL", "KeyR", "KeyO", "KeyG")
# Keys 1 to 5 speak against, 6 to 9 for the applicant, 0 is everything else; the rarer codes are reached with Tab.
CODE_KEYS: Final = {
    ReasonCode.HIGH_DEBT: "1",
    ReasonCode.MANY_INQUIRIES: "2",
    ReasonCode.PAST_DELINQUENCY: "3",
    ReasonCode.UNVERIFIED_INCOME: "4",
    ReasonCode.SHORT_HISTORY: "5",
    ReasonCode.STABLE_INCOME: "6",
    ReasonCode.GOOD_RECORD: "7",
    ReasonCode.LOW_BURDEN: "8",
    ReasonCode.STRONG_SUPPORT: "9",
    ReasonCode.OTHER: "0",
}


def lease_of(dossier: Dossier, user: User) -> Lease:
    claim, ref = dossier.claim, dossier.case.ref
    if claim is None:
        return Lease(mine=False)
    if claim.holder_id != user.pk:
        return Lease(mine=False, holder=claim.holder.display_name)
    return Lease(
        mine=True,
        holder=claim.holder.display_name,
        seconds_left=max(0, int((claim.lease_until - timezone.now()).total_seconds())),
        ends_at=str(_("until %(time)s")) % {"time": clock(claim.lease_until)[:5]},
        extend_url=reverse("desk:extend", args=[ref]),
        release_url=reverse("desk:release", args=[ref]),
    )


def decision_form(
    dossier: Dossier, user: User, *, view: str, posted: Mapping[str, Sequence[str]], problems: Sequence[Problem]
) -> DecisionForm:
    """The decision bar; after a refused post it holds what was typed."""
    case, signing = dossier.case, sign_offs(dossier.case, user)
    chosen, signer = (next(iter(posted.get(name, ())), "") for name in ("decision", "signer"))
    codes = list(dict.fromkeys((*CODE_KEYS, *ReasonCode)))
    outcomes = APPLICATION_OUTCOMES if case.kind == Kind.APPLICATION else RESOLUTIONS
    return DecisionForm(
        action_url=reverse("desk:decide", args=[case.ref]),
        version=case.version,
        view=view,
        options=tuple(_options(case.kind, case.advice)),
        codes=tuple(
            ReasonChoice(
                code=code.value,
                words=str(code.label),
                fits=" ".join(each for each in outcomes if code in reasons_for_outcome(each)),
                key=f"Digit{CODE_KEYS[code]}" if code in CODE_KEYS else "",
                cap=CODE_KEYS.get(code, ""),
                chosen=code.value in posted.get("reason_codes", ()),
            )
            for code in codes
        ),
        advice=word(ADVICE, case.advice or "review"),
        chosen=chosen,
        note=next(iter(posted.get("note", ())), ""),
        sign_offs=signing,
        problems=tuple(problems),
        next_steps=next_steps(case, signing, dossier.release_hold),
        signers=signer_options(case, user, signer) if signer else (),
        signers_url=f"{reverse('desk:signers', args=[case.ref])}?{urlencode({'view': view})}",
        phrases_url=reverse("desk:phrases"),
        ways_out=ways_out(case, user, view),
        goes_on=user.goes_on,
        taken_back=not problems and bool(posted),
    )


def _options(kind: str, advice: str) -> list[DecisionOption]:
    ask = DecisionOption(
        value=ASK,
        words=str(pgettext_lazy("decision", "Ask for documents")),
        key="KeyI",
        cap="I",
        tone="plain",
        needs_note=True,
        hint=str(_("Say in the note what is needed; the clock stops.")),
    )
    if kind == Kind.MONITORING:
        resolutions = [
            DecisionOption(value=each.value, words=str(each.label), key=key, cap=key[-1], tone="plain")
            for each, key in zip(RESOLUTIONS, RESOLUTION_KEYS, strict=True)
        ]
        return [*resolutions, ask]
    against = str(_("Against the advice: choose a reason and say why in the note."))
    return [
        _choice(Outcome.APPROVE, "KeyA", "approve", against if rules.is_override(Outcome.APPROVE, advice) else ""),
        _choice(Outcome.DECLINE, "KeyX", "decline", against if rules.is_override(Outcome.DECLINE, advice) else ""),
        ask,
    ]


def _choice(outcome: Outcome, key: str, tone: Tone, against: str) -> DecisionOption:
    is_decline = outcome == Outcome.DECLINE
    return DecisionOption(
        value=outcome.value,
        words=str(pgettext_lazy("decision", "Decline") if is_decline else pgettext_lazy("decision", "Approve")),
        key=key,
        cap=key[-1],
        tone=tone,
        needs_codes=is_decline or bool(against),
        needs_note=bool(against),
        hint=against or (str(_("Choose at least one reason.")) if is_decline else ""),
    )


def tone_of(outcome: str) -> Tone:
    return {"approve": "approve", "decline": "decline"}.get(outcome, "plain")  # type: ignore[return-value]


def decided_of(dossier: Dossier) -> Decided | None:
    """The decision on this case: final, or waiting for its signature."""
    case, review = dossier.case, dossier.review
    if review is not None and case.decided_by in ("", DecidedBy.PERSON):
        review.case = case  # already read: its opinions are asked for next
        waits = case.state == State.AWAITING_SIGNOFF
        decided = _of_review(review, dossier.events, final=not waits) if waits or case.outcome else None
        return decided if decided is None or is_released(case) else replace(decided, released=_released(case))
    if not case.outcome:
        return None
    return Decided(
        words=decided_words(case.outcome),
        tone=tone_of(case.outcome),
        by=str(DecidedBy(case.decided_by).label),
        at=when(case.decided_at),
    )


def _released(case: Case) -> str:
    return str(_("can be taken back until %(time)s")) % {"time": clock(case.released_at)}


def decided_words(outcome: str) -> str:
    """A decision that holds: `Approved`, not the choice `Approve`."""
    held = {Outcome.APPROVE: State.APPROVED, Outcome.DECLINE: State.DECLINED}.get(Outcome(outcome))
    return str(held.label if held else Outcome(outcome).label)


def _of_review(review: Review, events: Sequence[CaseEvent], *, final: bool) -> Decided:
    return Decided(
        words=decided_words(review.outcome) if final else str(Outcome(review.outcome).label),
        tone=tone_of(review.outcome),
        by=review.reviewer.display_name,
        at=when(review.at),
        codes=tuple(str(ReasonCode(code).label) for code in review.reason_codes),
        note=review.note,
        override=review.is_override,
        spent=duration(review.at - review.claimed_at),
        signatures=signed_by(review, void=not final and attached_since(events, review)),
        progress="" if final else progress_words(review, asked_ids(events, review)),
        lean=lean_words(review),
    )


def decided_before(dossier: Dossier, user: User) -> bool:
    """Whether a decision of `user` on this case holds or held: whoever gives it the second view is another person."""
    undone = {event.seq - 2 for event in dossier.events if event.name == "take_back"}
    return any(each.reviewer_id == user.pk and each.seen_version not in undone for each in dossier.reviews)


def confirmed_before(dossier: Dossier, user: User) -> bool:
    """Whether `user` signed a decision on this case or let it be opened again: another person decides it anew."""
    signed = any(
        user.pk in (sign.signer_id, sign.on_behalf_of_id) for each in dossier.reviews for sign in confirmations(each)
    )
    opened = (each for each in dossier.reopenings if each.verdict == Reopening.Verdict.APPROVE)
    return signed or any(each.answered_by_id == user.pk for each in opened)


def actions_for(dossier: Dossier, user: User, *, view: str) -> tuple[Action, ...]:
    """What somebody who does not hold the case may do with it; each posts `view`, so that nobody loses their place."""
    case, actions = dossier.case, []
    may_review = rules.may_review(case, user)
    is_barred = (case.reserved_for_id != user.pk and decided_before(dossier, user)) or confirmed_before(dossier, user)
    may_claim = may_review and not is_barred and rules.may_claim_reserved(case.reserved_for, user)
    if case.state == State.QUEUED and may_claim:
        url = reverse("desk:claim", args=[case.ref])
        actions.append(Action(str(_("Claim this case")), url, tone="primary", key="KeyR", cap="R"))
    if case.state == State.WAITING_INFO and may_review:
        url = reverse("desk:information", args=[case.ref])
        actions.append(Action(str(_("The information has arrived")), url, tone="primary", key="KeyR", cap="R"))
    if not is_barred and can_take_over(case, holder_id=dossier.claim.holder_id if dossier.claim else None, by=user):
        url = reverse("desk:take_over", args=[case.ref])
        actions.append(Action(str(_("Take over")), url, reason_required=True))
    if may_review and can_reopen(case) and dossier.open_reopening is None:
        url = reverse("desk:ask_reopening", args=[case.ref])
        actions.append(Action(str(_("Ask to open it again")), url, reason_required=True))
    signs = case.state == State.AWAITING_SIGNOFF and rules.may_sign(case, user)
    if may_review and (signs or case.state in (State.QUEUED, State.WAITING_INFO)):
        url = reverse("desk:conflict", args=[case.ref])
        actions.append(Action(str(_("Conflict of interest")), url, tone="quiet", reason_required=True))
    if case.state in (State.NEEDS_DATA, State.QUEUED, State.WAITING_INFO) and rules.may_withdraw(case, user):
        url = reverse("desk:withdraw", args=[case.ref])
        actions.append(Action(str(_("Withdraw")), url, tone="quiet", reason_required=True))
    return tuple(replace(each, fields=(("view", view),)) for each in actions)
