"""The page of one case and what its reviewer does with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.vary import vary_on_headers

from cases import actions, rules
from cases.claiming import CONFIRMED_BEFORE, DECIDED_BEFORE
from cases.errors import CaseError, OpinionFirst
from cases.models import Case, User
from cases.states import DecidedBy, Role, State
from cases.takeover import take_over_case
from cases.why import sentences
from desk.access import case_for, page, person
from desk.build.assessment import assessment_of
from desk.build.deciding import earlier_form, way_aside
from desk.build.decision import actions_for, confirmed_before, decided_before, decided_of, decision_form, lease_of
from desk.build.facts import fact_groups
from desk.build.file_part import file_part
from desk.build.findings import findings_of
from desk.build.free_text import without_numbers
from desk.build.head import case_head, timeline
from desk.build.money import costs_of, grant_of
from desk.build.opinions import opinion_form, your_words
from desk.build.signing import pending_of, why_signed
from desk.build.signoff_lines import reopening_words
from desk.build.veil import bare_dossier, veil_of, veiled, veiled_now
from desk.build.what_if import what_if_of
from desk.dossier import Dossier, open_dossier
from desk.pages import CasePage, OpinionForm, Problem
from desk.queue_filter import known_view, neighbours
from routing.staff import bounds_of


def view_of(request: HttpRequest) -> str:
    return known_view(request.POST.get("view") or request.GET.get("view") or "")


def case_url(case: Case, view: str) -> str:
    return f"{reverse('desk:case', args=[case.ref])}?{urlencode({'view': view})}"


def case_page(
    request: HttpRequest,
    case: Case,
    *,
    flash: str = "",
    problems: Sequence[Problem] = (),
    refused: bool = False,
    asked: bool = False,
) -> CasePage:
    """The page of the case; `refused` with what was typed, `asked` with what would change the model's answer."""
    user, view, read = person(request), view_of(request), open_dossier(case)
    whole = without_numbers(read, user)
    blind = veiled(case, user)
    dossier = bare_dossier(whole, user) if blind else whole
    lease = lease_of(dossier, user)
    posted = dict(request.POST.lists()) if refused else earlier_form(read, user)
    form = (
        decision_form(dossier, user, view=view, posted=posted, problems=problems) if lease.mine and not blind else None
    )
    decided = decided_of(dossier) if form is None else None
    awaiting = dossier.review if case.state == State.AWAITING_SIGNOFF else None
    assessment = assessment_of(dossier)
    if assessment is not None:
        assessment = replace(assessment, leaned=your_words(dossier.opinions, user.pk, case.kind))
    if asked and assessment is not None:
        assessment = replace(assessment, what_if=what_if_of(dossier))
    # Whoever holds a case must not lose a half written note to a key; what awaits a signature has left the queue.
    before, behind = neighbours(case, view, user) if not lease.mine and awaiting is None else (None, None)
    return CasePage(
        head=case_head(dossier, user),
        lease=lease,
        findings=findings_of(dossier, user),
        facts=fact_groups(whole, user),
        assessment=assessment,
        events=timeline(dossier, user),
        queue_url=f"{reverse('desk:queue')}?{urlencode({'view': view})}",
        own_url=case_url(case, view),
        version=case.version,
        previous_url=case_url(before, view) if before else "",
        next_url=case_url(behind, view) if behind else "",
        grant=grant_of(dossier),
        costs=costs_of(dossier),
        no_score=_no_score(dossier) if dossier.assessment is None and not blind else "",
        veil=veil_of(holds=lease.mine) if blind else None,
        form=form,
        opinion=_opinion(case, user, view) if lease.mine and blind else None,
        decided=decided,
        awaiting=" · ".join(why_signed(case, awaiting)) if awaiting else "",
        pending=pending_of(dossier, user) if awaiting else None,
        sign_url=reverse("desk:signoff", args=[case.ref]) if awaiting and rules.may_sign(case, user) else "",
        notice=_notice(dossier, user, lease.holder) if not lease.mine and decided is None else reopening_words(dossier),
        actions=actions_for(dossier, user, view=view) if not lease.mine else (),
        file=file_part(dossier, user),
        flash=flash,
    )


def _opinion(case: Case, user: User, view: str) -> OpinionForm:
    return replace(opinion_form(case, view=view), aside=way_aside(case, user, view))


def _no_score(dossier: Dossier) -> str:
    """Why the page shows no score."""
    if dossier.case.decided_by == DecidedBy.LENDER:
        return _("Decided by the lender before this system")
    if dossier.case.state == State.NEEDS_DATA:
        return _("The data of this case is held: it is scored once they are mended.")
    parked = [event.facts.get("reasons", ()) for event in dossier.events if event.name == "park"]
    return " · ".join(sentences(parked[-1])) if parked else _("The machine has not assessed this case yet.")


def _notice(dossier: Dossier, user: User, holder: str) -> str:
    case = dossier.case
    if case.state == State.IN_REVIEW:
        return _("%(person)s is reviewing this case.") % {"person": holder or _("Somebody")}
    if case.state == State.NEEDS_DATA:
        return _("The data of this case is held: see Held data.")
    if case.state == State.QUEUED and case.reserved_for and not rules.may_claim_reserved(case.reserved_for, user):
        return _("This case waits for %(person)s.") % {"person": case.reserved_for.display_name}
    if case.state == State.QUEUED and case.reserved_for_id != user.pk and decided_before(dossier, user):
        return str(DECIDED_BEFORE)
    if case.state == State.QUEUED and confirmed_before(dossier, user):
        return str(CONFIRMED_BEFORE)
    if case.state == State.WITHDRAWN:
        return _("The lender has withdrawn this case.")
    if not rules.may_review(case, user):
        return _("You read this case; you cannot change it.")
    return ""


@page("GET")
def case(request: HttpRequest, ref: str) -> HttpResponse:
    return render(request, "desk/case.html", {"page": case_page(request, case_for(request, ref))})


@page("GET")
@vary_on_headers("HX-Request")
def what_if(request: HttpRequest, ref: str) -> HttpResponse:
    """What would change the model's answer: a part of the case's page, or the whole of it for who has no script."""
    found = case_for(request, ref)
    if veiled_now(found, person(request)):
        raise OpinionFirst
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "components/what_if.html", {"w": what_if_of(open_dossier(found))})
    return render(request, "desk/case.html", {"page": case_page(request, found, asked=True)})


@page("POST", Role.REVIEWER, Role.SUPERVISOR, of="case")
def claim(request: HttpRequest, ref: str) -> HttpResponse:
    user = person(request)
    claimed = actions.claim_case(case_for(request, ref).pk, by=user, most_a_day=bounds_of(user).most_cases)
    return redirect(case_url(claimed, view_of(request)))


@page("POST", Role.REVIEWER, Role.SUPERVISOR, of="case")
def release(request: HttpRequest, ref: str) -> HttpResponse:
    case = actions.release_case(case_for(request, ref).pk, by=person(request))
    messages.success(request, _("%(ref)s is back in the queue.") % {"ref": case.ref})
    return redirect(f"{reverse('desk:queue')}?{urlencode({'view': view_of(request)})}")


@page("POST", Role.REVIEWER, Role.SUPERVISOR, of="case")
def extend(request: HttpRequest, ref: str) -> HttpResponse:
    """Renew the lease; asked by the page while its reader is at work."""
    try:
        lease = actions.extend_claim(case_for(request, ref).pk, by=person(request))
    except CaseError as refusal:
        return JsonResponse({"sentence": str(refusal)}, status=refusal.status)
    return JsonResponse({"seconds_left": int((lease.lease_until - timezone.now()).total_seconds())})


@page("POST", Role.REVIEWER, Role.SUPERVISOR, of="case")
def information(request: HttpRequest, ref: str) -> HttpResponse:
    case = actions.receive_information(
        case_for(request, ref).pk, by=person(request), note=request.POST.get("reason", "")
    )
    return redirect(case_url(case, view_of(request)))


@page("POST", Role.SUPERVISOR, Role.ADMIN, of="case")
def withdraw(request: HttpRequest, ref: str) -> HttpResponse:
    case = actions.withdraw_case(case_for(request, ref).pk, by=person(request), note=request.POST.get("reason", ""))
    messages.success(request, _("%(ref)s is withdrawn.") % {"ref": case.ref})
    return redirect(case_url(case, view_of(request)))


@page("POST", Role.SUPERVISOR, of="case")
def take_over(request: HttpRequest, ref: str) -> HttpResponse:
    reason = request.POST.get("reason", "")
    case = take_over_case(case_for(request, ref).pk, by=person(request), reason=reason)
    messages.success(request, _("You hold %(ref)s now.") % {"ref": case.ref})
    return redirect(case_url(case, view_of(request)))
