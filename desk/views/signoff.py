"""The second pair of eyes: what waits for a signature; signing it, putting it right, or sending it back."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from cases import actions, rules
from cases.errors import BadDecision, CaseMoved, NotAllowed
from cases.models import Case, Review, Signature, User
from cases.signers import may_look, signers_for
from cases.signoff import asked_are_missing
from cases.states import Role, State
from desk.access import case_for, page, person
from desk.build.decision import decided_of
from desk.build.free_text import without_numbers
from desk.build.head import case_head
from desk.build.signing import asked_ids, signers_around
from desk.build.signoff import signoff_page
from desk.build.signoff_list import next_to_sign, signoff_list_page
from desk.dossier import open_dossier
from desk.pages import AskSignerPage, PersonOption, Problem
from desk.posted import number_of
from desk.words import money

FIX: Final = "fix"
LOOKS: Final = (Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR)
SIGNS: Final = (Role.REVIEWER, Role.SUPERVISOR)


@page("GET", *LOOKS)
def signoff_list(request: HttpRequest) -> HttpResponse:
    if not may_look(person(request)):
        raise NotAllowed
    return render(request, "desk/signoff_list.html", {"page": signoff_list_page(request, person(request))})


@page("GET", *LOOKS)
def signoff(request: HttpRequest, ref: str) -> HttpResponse:
    case = case_for(request, ref)
    if not may_look(person(request)):
        raise NotAllowed
    if case.state != State.AWAITING_SIGNOFF:
        return redirect("desk:case", ref=case.ref)
    return _signoff(request, case)


def _signoff(request: HttpRequest, case: Case, *, problem: Problem | None = None) -> HttpResponse:
    posted = dict(request.POST.lists()) if problem else {}
    problems = (problem,) if problem else ()
    shown = signoff_page(open_dossier(case), person(request), posted=posted, problems=problems)
    return render(request, "desk/signoff.html", {"page": shown}, status=422 if problem else 200)


@page("POST", *SIGNS, of="signoff")
def sign(request: HttpRequest, ref: str) -> HttpResponse:
    """Confirm, fix and confirm (another outcome is a new decision), or send back."""
    case, act = case_for(request, ref), request.POST.get("act", "")
    if not rules.may_sign(case, person(request)):
        raise NotAllowed
    try:
        done = _fix(request, case) if act == FIX else _sign(request, case, act)
    except BadDecision as refusal:
        if case.state != State.AWAITING_SIGNOFF:
            raise CaseMoved from refusal
        field = {"note": "note" if act == FIX else "reason", "verdict": ""}.get(refusal.field, refusal.field)
        return _signoff(request, case, problem=Problem(field, str(refusal)))
    return _go_on(request, case, done % {"ref": case.ref})


def _go_on(request: HttpRequest, case: Case, done: str) -> HttpResponse:
    """To the next signature that waits for this person, or to the list where nothing does or they want to stay; what
    was done is said there."""
    user = person(request)
    following = next_to_sign(user, case.pk) if user.goes_on else None
    if following is None:
        messages.success(request, f"{done} {_('Nothing else waits for your signature.')}" if user.goes_on else done)
        return redirect("desk:signoff_list")
    messages.success(request, f"{done} {_('%(ref)s is next.') % {'ref': following.ref}}")
    return redirect("desk:signoff", following.ref)


def _sign(request: HttpRequest, case: Case, verdict: str) -> str:
    signature = actions.sign_case(
        case.pk,
        by=person(request),
        verdict=verdict,
        note=request.POST.get("reason", ""),
        seen_version=_version(request),
    )
    return _done_words(signature)


def _fix(request: HttpRequest, case: Case) -> str:
    posted, by, seen = request.POST, person(request), _version(request)
    outcome, codes, note = posted.get("outcome", ""), posted.getlist("reason_codes"), posted.get("note", "")
    decided = case.reviews.order_by("seen_version").last()
    if decided is not None and outcome == decided.outcome:
        confirm = Signature.Verdict.CONFIRM
        return _done_words(
            actions.sign_case(case.pk, by=by, verdict=confirm, note=note, seen_version=seen, reason_codes=codes)
        )
    actions.revise_decision(case.pk, by=by, outcome=outcome, reason_codes=codes, note=note, seen_version=seen)
    return _("%(ref)s is decided otherwise by you; another person must sign it.")


def _version(request: HttpRequest) -> int:
    version = request.POST.get("version", "")
    return number_of(version)


def _done_words(signature: Signature) -> str:
    review: Review = signature.review
    if signature.verdict == Signature.Verdict.SEND_BACK:
        return _("%(ref)s is sent back.")
    confirmed = review.signatures.filter(verdict=Signature.Verdict.CONFIRM).count()
    if confirmed < review.signatures_needed or asked_are_missing(review):
        return _("%(ref)s is signed by you; one more person must sign.")
    return _("%(ref)s is signed.")


@page("GET", *SIGNS)
def signer(request: HttpRequest, ref: str) -> HttpResponse:
    """Whom to ask by name for one more signature."""
    case = case_for(request, ref)
    if case.state != State.AWAITING_SIGNOFF:
        return redirect("desk:case", ref=case.ref)
    return _signer(request, case)


@page("POST", *SIGNS, of="signer")
def ask_signer(request: HttpRequest, ref: str) -> HttpResponse:
    case, chosen = case_for(request, ref), request.POST.get("signer", "")
    try:
        asked = actions.ask_signer(
            case.pk,
            by=person(request),
            signer_id=number_of(chosen),
            reason=request.POST.get("reason", ""),
            seen_version=_version(request),
        )
    except BadDecision as refusal:
        if case.state != State.AWAITING_SIGNOFF:
            raise CaseMoved from refusal
        return _signer(request, case, problem=Problem(refusal.field, str(refusal)))
    messages.success(request, _("%(person)s is asked to sign.") % {"person": asked.signer.display_name})
    return redirect(_back(case, person(request)))


def _back(case: Case, user: User) -> str:
    return reverse("desk:signoff" if may_look(user) else "desk:case", args=[case.ref])


def _signer(request: HttpRequest, case: Case, *, problem: Problem | None = None) -> HttpResponse:
    user = person(request)
    dossier = without_numbers(open_dossier(case), user)
    review, decided = dossier.review, decided_of(dossier)
    if review is None or decided is None or not (user.pk == review.reviewer_id or rules.may_sign(case, user)):
        raise NotAllowed(_("Whoever decided, and whoever signs, may ask for one more signature."))
    around = signers_around(dossier, review)
    chosen = request.POST.get("signer", "") if problem else ""
    shown = AskSignerPage(
        head=case_head(dossier, user),
        decided=decided,
        people=tuple(
            PersonOption(str(each.pk), _named(each), str(each.pk) == chosen)
            for each in signers_for(around, by=user, asked=asked_ids(dossier.events, review))
        ),
        action_url=reverse("desk:ask_signer", args=[case.ref]),
        back_url=_back(case, user),
        version=case.version,
        reason=request.POST.get("reason", "") if problem else "",
        problems=(problem,) if problem else (),
    )
    return render(request, "desk/ask_signer.html", {"page": shown}, status=422 if problem else 200)


def _named(user: User) -> str:
    if user.role != Role.SUPERVISOR:
        return _("%(person)s, on behalf of a supervisor") % {"person": user.display_name}
    words = _("%(person)s, signs up to %(limit)s")
    return words % {"person": user.display_name, "limit": money(user.authority_amount, user.authority_currency)}
