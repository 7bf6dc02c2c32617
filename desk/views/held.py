"""Cases whose data is held, and completing them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases import rules
from cases.desk_rules import rules_in_force
from cases.errors import BadDecision, CaseMoved
from cases.models import Case, User
from cases.personal import own_names
from cases.states import Role, State
from desk.access import case_for, page, person
from desk.build.decision import actions_for
from desk.build.facts import fact_groups
from desk.build.findings import finding_words, findings_of
from desk.build.free_text import without_numbers
from desk.build.head import case_head, timeline
from desk.build.held_reasons import held_groups
from desk.build.personal import Sight
from desk.build.supplied import PREFIX, follows_words, lenders_words, supply_field, unread_words, values_of
from desk.dossier import open_dossier
from desk.keyset import after, cursor_of
from desk.pages import Action, HeldCasePage, HeldPage, HeldRow, Problem
from desk.posted import number_of
from desk.views.case import view_of
from desk.words import PRODUCTS, amount_cell, masked, number, when, word
from intake.gate.held import is_returned, waits_for
from intake.gate.rule_sets import rules_of
from intake.mending.mendable import AMOUNT, Mendable, mendable_of
from intake.mending.mended import BadValue
from intake.mending.mending import NOT_BEFORE_THE_LOOK, return_to_source, supply_data
from intake.models import ApplicantLink
from intake.signing.first_look import is_not_looked_at

ROWS: Final = 50
ORDER: Final = ("id",)


@page("GET", Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR)
def held(request: HttpRequest) -> HttpResponse:
    chosen = _asked(request, "source"), _asked(request, "code")
    kept = {name: value for name, value in zip(("source", "code"), chosen, strict=True) if value}
    rows = Case.objects.visible_to(person(request)).filter(state=State.NEEDS_DATA).select_related("applicant")
    rows = rows.filter(source=chosen[0]) if chosen[0] else rows
    # As the reasons beside the list count them: what is only marked so does not wait for it.
    rows = rows.filter(waits_for(chosen[1])) if chosen[1] else rows
    cases = list(after(rows.order_by(*ORDER), ORDER, request.GET.get("after", ""))[: ROWS + 1])
    more = {**kept, "after": cursor_of(cases[ROWS - 1], ORDER)} if len(cases) > ROWS else {}
    sight = Sight(own=own_names(rules_in_force().personal_fields))
    shown = HeldPage(
        rows=tuple(_row(case, sight) for case in cases[:ROWS]),
        shown_words=_("%(n)s shown") % {"n": number(min(len(cases), ROWS))},
        next_url=f"?{urlencode(more)}" if more else "",
        links=number(ApplicantLink.objects.filter(state=ApplicantLink.State.DOUBTFUL).count()),
        links_url=reverse("desk:links"),
        groups=held_groups(chosen),
        all_url=reverse("desk:held") if kept else "",
    )
    return render(request, "desk/held.html", {"page": shown})


def _asked(request: HttpRequest, name: str) -> str:
    """What the list is filtered by; NUL, which no text in the database can hold, is left out."""
    return request.GET.get(name, "").replace("\x00", "")


def _row(case: Case, sight: Sight) -> HeldRow:
    return HeldRow(
        ref=case.ref,
        url=reverse("desk:held_case", args=[case.ref]),
        applicant=masked(case.applicant.name or case.applicant.external_id),
        source=case.source,
        product=word(PRODUCTS, case.product),
        amount=amount_cell(case.amount, case.currency),
        findings=tuple(finding_words(finding, sight) for finding in case.findings),
        since=when(case.received_at),
    )


@page("GET", Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR)
def held_case(request: HttpRequest, ref: str) -> HttpResponse:
    case = case_for(request, ref)
    if case.state != State.NEEDS_DATA:
        return redirect("desk:case", ref=case.ref)
    return render(request, "desk/held_case.html", {"page": _page(request, case)})


@page("POST", Role.REVIEWER, Role.SUPERVISOR, of="held_case")
def supply(request: HttpRequest, ref: str) -> HttpResponse:
    case, version = case_for(request, ref), request.POST.get("version", "")
    if case.state != State.NEEDS_DATA:
        raise CaseMoved
    dossier, found = open_dossier(case), mendable_of(case, quality := rules_of(case.product, case.source))
    try:
        supply_data(
            case.pk,
            by=person(request),
            values=values_of(dossier, request.POST, found.supplied, quality),
            reason=request.POST.get("reason", ""),
            seen_version=number_of(version),
        )
    except BadValue as refusal:
        problems = [Problem(PREFIX + refusal.name, unread_words(dossier, refusal, quality))]
    except BadDecision as refusal:
        problems = [_problem(found, refusal)]
    else:
        messages.success(request, _("%(ref)s is complete and goes to scoring.") % {"ref": case.ref})
        return redirect("desk:held")
    return render(request, "desk/held_case.html", {"page": _page(request, case, problems)}, status=422)


@page("POST", Role.REVIEWER, Role.SUPERVISOR, of="held_case")
def return_held(request: HttpRequest, ref: str) -> HttpResponse:
    """Send the case back to whoever sent it, with what they must mend."""
    case = case_for(request, ref)
    if case.state != State.NEEDS_DATA:
        raise CaseMoved
    version, reason = number_of(request.POST.get("version", "")), request.POST.get("reason", "")
    try:
        return_to_source(case.pk, by=person(request), reason=reason, seen_version=version)
    except BadDecision as refusal:
        shown = _page(request, case, [Problem("", str(refusal))])
        return render(request, "desk/held_case.html", {"page": shown}, status=422)
    messages.success(request, _("%(ref)s is returned to its source.") % {"ref": case.ref})
    return redirect("desk:held")


def _return_action(case: Case, user: User) -> tuple[Action, ...]:
    if not rules.may_review(case, user) or is_returned(case.findings):
        return ()
    url = reverse("desk:return_held", args=[case.ref])
    version = ("version", str(case.version))
    return (Action(_("Return to the source"), url, reason_required=True, fields=(version,)),)


def _problem(found: Mendable, refusal: BadDecision) -> Problem:
    """The refusal at the field it speaks of; for the form as a whole where the form has no such field."""
    shown = {"reason", *(PREFIX + name for name in found.supplied)}
    words = str(_amount_words() if refusal.field == f"{PREFIX}{AMOUNT}" else refusal)
    return Problem(refusal.field if refusal.field in shown else "", words)


def _amount_words() -> str:
    return _("The amount must come from the lender again; the case can only be withdrawn or sent anew.")


def _page(request: HttpRequest, case: Case, problems: Sequence[Problem] = ()) -> HeldCasePage:
    user = person(request)
    dossier, quality = without_numbers(open_dossier(case), user), rules_of(case.product, case.source)
    found, may = mendable_of(case, quality), rules.may_review(case, user)
    waits = is_not_looked_at(case.findings)
    refused = {problem.field: problem.words for problem in problems}
    fields = tuple(
        supply_field(
            dossier,
            user,
            name,
            quality,
            request.POST,
            problem=refused.get(PREFIX + name, ""),
            required=name in found.names and name not in found.either,
            lacking=found.computed.get(name, ()),
        )
        for name in (found.supplied if may and not waits else ())
    )
    return HeldCasePage(
        head=case_head(dossier, user),
        findings=findings_of(dossier, user),
        fields=fields,
        facts=fact_groups(dossier, user),
        events=timeline(dossier, user),
        list_url=reverse("desk:held"),
        action_url=reverse("desk:supply", args=[case.ref]),
        version=case.version,
        reason=request.POST.get("reason", ""),
        refusal=str(NOT_BEFORE_THE_LOOK) if waits else _refusal(found, may),
        problems=tuple(problems),
        actions=(*_return_action(case, user), *actions_for(dossier, user, view=view_of(request))),
        ends=_("A supervisor or administrator can withdraw it.") if may and not rules.may_withdraw(case, user) else "",
        lenders=lenders_words(dossier, found, quality),
        follows=follows_words(dossier, found, quality) if fields else "",
    )


def _refusal(found: Mendable, may: bool) -> str:
    if found.needs_amount:
        return _amount_words()
    return "" if may else _("You read this case; you cannot change it.")
