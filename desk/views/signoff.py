"""The second pair of eyes: what waits for a signature, and signing it or sending it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases import actions, rules
from cases.errors import BadDecision, CaseMoved
from cases.models import Case, Review, Signature, User
from cases.signoff import awaiting_signature
from cases.states import Outcome, Role, State
from desk.access import case_for, page, person
from desk.build.assessment import assessment_of
from desk.build.decision import decided_of, tone_of
from desk.build.facts import fact_groups
from desk.build.findings import findings_of
from desk.build.head import case_head, timeline, waiting_since
from desk.build.money import grant_of
from desk.build.policy_list import version_name
from desk.build.signing import confirmations, progress_words, why_signed
from desk.dossier import Dossier, open_dossier
from desk.keyset import after, cursor_of
from desk.pages import LimitLine, Problem, SignoffListPage, SignoffPage, SignoffRow
from desk.words import ADVICE, PRODUCTS, masked, money, number, percent, word

ROWS: Final = 50
ORDER: Final = ("id",)


@page("GET", Role.SUPERVISOR, Role.AUDITOR)
def signoff_list(request: HttpRequest) -> HttpResponse:
    user = person(request)
    waiting = awaiting_signature(user)
    found = after(waiting.select_related("applicant").order_by(*ORDER), ORDER, request.GET.get("after", ""))
    cases = list(found[: ROWS + 1])
    whole = Review.objects.select_related("reviewer").prefetch_related("signatures__signer")
    reviews = whole.in_bulk([case.review_id for case in cases])
    shown = SignoffListPage(
        rows=tuple(_row(case, reviews[case.review_id], user) for case in cases[:ROWS]),
        shown_words=_("%(n)s shown") % {"n": number(min(len(cases), ROWS))},
        next_url=f"?{urlencode({'after': cursor_of(cases[ROWS - 1], ORDER)})}" if len(cases) > ROWS else "",
    )
    return render(request, "desk/signoff_list.html", {"page": shown})


def _row(case: Case, review: Review, user: User) -> SignoffRow:
    return SignoffRow(
        ref=case.ref,
        url=reverse("desk:signoff", args=[case.ref]),
        applicant=masked(case.applicant.name or case.applicant.external_id),
        product=word(PRODUCTS, case.product),
        amount=money(case.amount, case.currency),
        advice=word(ADVICE, case.advice or "review"),
        decision=str(Outcome(review.outcome).label),
        decision_tone=tone_of(review.outcome),
        decided_by=review.reviewer.display_name,
        why=" · ".join(why_signed(case, review)),
        waiting=waiting_since(review.at),
        progress=progress_words(review),
        override=review.is_override,
        own=user.pk in (review.reviewer_id, case.entered_by_id),
    )


@page("GET", Role.SUPERVISOR, Role.AUDITOR)
def signoff(request: HttpRequest, ref: str) -> HttpResponse:
    case = case_for(request, ref)
    if case.state != State.AWAITING_SIGNOFF:
        return redirect("desk:case", ref=case.ref)
    return render(request, "desk/signoff.html", {"page": _signoff_page(request, case)})


@page("POST", Role.SUPERVISOR, of="signoff")
def sign(request: HttpRequest, ref: str) -> HttpResponse:
    case, version = case_for(request, ref), request.POST.get("version", "")
    try:
        signature = actions.sign_case(
            case.pk,
            by=person(request),
            verdict=request.POST.get("act", ""),
            note=request.POST.get("reason", ""),
            seen_version=int(version) if version.isascii() and version.isdigit() else -1,
        )
    except BadDecision as refusal:
        problems = [Problem("reason" if refusal.field == "note" else "", str(refusal))]
        shown = _signoff_page(request, case, problems=problems)
        return render(request, "desk/signoff.html", {"page": shown}, status=422)
    messages.success(request, _done_words(signature) % {"ref": case.ref})
    return redirect("desk:signoff_list")


def _done_words(signature: Signature) -> str:
    if signature.verdict == Signature.Verdict.SEND_BACK:
        return _("%(ref)s is sent back.")
    if len(confirmations(signature.review)) < signature.review.signatures_needed:
        return _("%(ref)s is signed by you; one more person must sign.")
    return _("%(ref)s is signed.")


def _signoff_page(request: HttpRequest, case: Case, *, problems: Sequence[Problem] = ()) -> SignoffPage:
    user, dossier = person(request), open_dossier(case)
    review, decided = dossier.review, decided_of(dossier)
    if review is None or decided is None:
        raise CaseMoved
    return SignoffPage(
        head=case_head(dossier, user),
        why=tuple(why_signed(case, review)),
        assessment=assessment_of(dossier),
        decided=decided,
        limits=tuple(_limits(dossier, review)),
        policy=version_name(dossier.route.policy) if dossier.route and dossier.route.policy else "",
        grant=grant_of(dossier),
        findings=findings_of(dossier),
        facts=fact_groups(dossier),
        events=timeline(dossier),
        list_url=reverse("desk:signoff_list"),
        case_url=reverse("desk:case", args=[case.ref]),
        action_url=reverse("desk:sign", args=[case.ref]),
        version=case.version,
        refusal=_refusal(case, review, user),
        reason=request.POST.get("reason", ""),
        problems=tuple(problems),
    )


def _refusal(case: Case, review: Review, user: User) -> str:
    if not rules.may_sign(case, user):
        return _("You read this decision; you cannot sign it.")
    if user.pk in (review.reviewer_id, case.entered_by_id):
        return _("This is your own case: a second person must sign it.")
    if any(signature.signer_id == user.pk for signature in review.signatures.all()):
        return _("You have signed this decision: another person must sign it too.")
    return ""


def _limits(dossier: Dossier, review: Review) -> list[LimitLine]:
    """The reviewer's authority and the policy's limits against this case."""
    case, reviewer = dossier.case, review.reviewer
    beyond = case.currency != reviewer.authority_currency or case.amount > reviewer.authority_amount
    limits = [
        LimitLine(
            words=_("Authority of %(person)s") % {"person": reviewer.display_name},
            limit=money(reviewer.authority_amount, reviewer.authority_currency),
            here=money(case.amount, case.currency),
            broken=beyond,
        )
    ]
    terms = dossier.route.policy.terms if dossier.route and dossier.route.policy else None
    if terms:
        above = case.currency != terms["currency"] or float(case.amount) > terms["amount_limit"]
        limit = money(terms["amount_limit"], terms["currency"])
        limits.append(LimitLine(_("Amount the machine may decide"), limit, money(case.amount, case.currency), above))
        cut_off = dossier.route.lines.get("cut_off") if dossier.route else None
        if case.pd is not None and cut_off is not None:
            limits.append(LimitLine(_("Cut-off of the PD"), percent(cut_off), percent(case.pd), case.pd >= cut_off))
    return limits
