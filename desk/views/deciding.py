"""Deciding a case, and second thoughts: the decision, what is shown next, and taking the decision back."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from cases import actions
from cases.accounts import set_preferences
from cases.errors import BadDecision, CaseError, CaseMoved, CaseNotFound, ClaimLost, NothingToClaim, StaleCase
from cases.models import Case, User
from cases.states import Outcome, Role
from cases.taking_back import GoingOn
from cases.taking_back import take_back as take_decision_back
from desk.access import case_for, page, person
from desk.build.deciding import ASK, changes_since, signer_options
from desk.next_case import claim_in_view, nothing_words
from desk.pages import ErrorPage, Problem, Toast
from desk.posted import number_of
from desk.undo import forget, remember
from desk.views.case import case_page, case_url, view_of
from desk.views.doors import next_of

TOO_LATE = (StaleCase, CaseMoved, ClaimLost)


@page("POST", Role.REVIEWER, Role.SUPERVISOR, of="case")
def decide(request: HttpRequest, ref: str) -> HttpResponse:
    """Record the decision and show the next case, or the same one decided; a form that is incomplete, or of a case
    that has changed, comes back with what was typed."""
    case, user = case_for(request, ref), person(request)
    try:
        decided, flash = _decide(request, case, user)
    except BadDecision as refusal:
        field = "decision" if refusal.field == "outcome" else refusal.field
        shown = case_page(request, case, problems=[Problem(field, str(refusal))], refused=True)
        template = "desk/case.html#case" if request.htmx else "desk/case.html"  # type: ignore[attr-defined]
        return render(request, template, {"page": shown}, status=422)
    except TOO_LATE as refusal:
        return _changed(request, case_for(request, ref), refusal)
    return _go_on(request, user, decided, flash)


def _decide(request: HttpRequest, case: Case, user: User) -> tuple[Case, str]:
    seen_version = number_of(request.POST.get("version", ""))
    chosen, note = request.POST.get("decision", ""), request.POST.get("note", "")
    if chosen == ASK:
        asked = actions.ask_information(case.pk, by=user, note=note, seen_version=seen_version)
        return asked, _("%(ref)s waits for documents.") % {"ref": case.ref}
    signer = request.POST.get("signer", "")
    review = actions.decide_case(
        case.pk,
        by=user,
        outcome=chosen,
        reason_codes=request.POST.getlist("reason_codes"),
        note=note,
        seen_version=seen_version,
        signer_id=number_of(signer) if signer else None,
    )
    words = Outcome(review.outcome).label
    if review.signature_reasons:
        return review.case, _("%(ref)s: %(decision)s, sent for sign-off.") % {"ref": case.ref, "decision": words}
    return review.case, _("%(ref)s: %(decision)s.") % {"ref": case.ref, "decision": words}


def _changed(request: HttpRequest, case: Case, refusal: CaseError) -> HttpResponse:
    """Too late: what has changed meanwhile, and what was typed. Whoever still holds the case goes on from there."""
    changes = changes_since(case, number_of(request.POST.get("version", "")), person(request))
    shown = case_page(request, case, problems=[Problem("", str(refusal))], refused=True)
    htmx = request.htmx  # type: ignore[attr-defined]
    if shown.form is not None:
        form = replace(shown.form, changed=changes)
        template = "desk/case.html#case" if htmx else "desk/case.html"
        response = render(request, template, {"page": replace(shown, form=form)}, status=409)
        if htmx:
            response["HX-Retarget"], response["HX-Reswap"] = "#case", "outerHTML"
        return response
    url = case_url(case, view_of(request))
    if htmx:
        toast = Toast(str(refusal), str(refusal.title), url, _("Look again"), changes)
        return render(request, "errors/_toast.html", {"page": toast}, status=409)
    note = request.POST.get("note", "").strip()
    told = ErrorPage(str(refusal), str(refusal.title), url, _("Look again"), changes=changes, typed=note)
    return render(request, "errors/409.html", {"page": told}, status=409)


def _go_on(request: HttpRequest, user: User, decided: Case, flash: str) -> HttpResponse:
    """The next case of this person's view, already claimed, or the list of it when none is left; who stays sees what
    they did."""
    view, htmx = view_of(request), request.htmx  # type: ignore[attr-defined]
    try:
        following = claim_in_view(user, view) if user.goes_on else None
    except NothingToClaim as nothing:
        remember(request, decided, None, view=view)
        messages.success(request, format_html("{} {}", flash, nothing_words(nothing)))
        url = f"{reverse('desk:queue')}?{urlencode({'view': view})}"
        return HttpResponse(headers={"HX-Redirect": url}) if htmx else HttpResponseRedirect(url)
    remember(request, decided, following, view=view)
    return _show(request, following or case_for(request, decided.ref), flash)


def _show(request: HttpRequest, case: Case, flash: str) -> HttpResponse:
    """This case in place of the one on the screen, its address in the bar of the browser."""
    url = case_url(case, view_of(request))
    if not request.htmx:  # type: ignore[attr-defined]
        messages.success(request, flash)
        return HttpResponseRedirect(url)
    response = render(request, "desk/case.html#case_next", {"page": case_page(request, case, flash=flash)})
    response["HX-Push-Url"] = url
    return response


@page("GET", Role.REVIEWER, Role.SUPERVISOR)
@vary_on_headers("HX-Request")
def signers(request: HttpRequest, ref: str) -> HttpResponse:
    """Who may be asked to sign too: a field of the decision bar, or the whole page with it for who has no script."""
    case = case_for(request, ref)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "components/signers.html", {"signers": signer_options(case, person(request))})
    shown = case_page(request, case)
    form = replace(shown.form, signers=signer_options(case, person(request))) if shown.form else None
    return render(request, "desk/case.html", {"page": replace(shown, form=form)})


@page("POST", Role.REVIEWER, Role.SUPERVISOR, of="case")
def take_back(request: HttpRequest, ref: str) -> HttpResponse:
    """Take one's own decision back before it is released; the form holds what it said."""
    case = case_for(request, ref)
    try:
        take_decision_back(
            case.pk,
            by=person(request),
            seen_version=number_of(request.POST.get("version", "")),
            following=_following(request),
        )
    finally:
        # Taken back, or too late for it: there is nothing to offer any more.
        forget(request)
    return _show(request, case_for(request, ref), _("The decision on %(ref)s is taken back.") % {"ref": case.ref})


def _following(request: HttpRequest) -> GoingOn | None:
    ref = request.POST.get("following", "")
    try:
        following = case_for(request, ref) if ref else None
    except CaseNotFound:
        return None
    return GoingOn(following.pk, number_of(request.POST.get("following_version", ""))) if following else None


@page("POST", Role.REVIEWER, Role.SUPERVISOR)
def set_goes_on(request: HttpRequest) -> HttpResponse:
    """Whether a decision leads to the next case, or stays on its own."""
    user, wanted = person(request), request.POST.get("goes_on", "")
    if wanted in ("yes", "no"):
        set_preferences(user, changes={"goes_on": wanted == "yes"})
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "components/goes_on.html", {"goes_on": user.goes_on})
    return redirect(next_of(request) or reverse("desk:home"))
