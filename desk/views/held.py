"""Cases whose data is held, and completing them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases import rules
from cases.arrivals import holds
from cases.desk_rules import rules_in_force
from cases.errors import BadDecision, CaseMoved
from cases.models import Case, User
from cases.personal import own_names
from cases.states import Role, State
from desk.access import case_for, page, person
from desk.build.decision import actions_for
from desk.build.facts import fact_groups, reader_language
from desk.build.findings import finding_words, findings_of
from desk.build.free_text import without_numbers
from desk.build.head import case_head, timeline
from desk.build.held_reasons import held_groups
from desk.build.personal import Sight, sight_of
from desk.dossier import Dossier, open_dossier
from desk.keyset import after, cursor_of
from desk.pages import Action, HeldCasePage, HeldPage, HeldRow, Problem, SupplyField
from desk.posted import number_of
from desk.views.case import view_of
from desk.words import PRODUCTS, amount_cell, masked, number, plain, when, word
from intake.cells import CellError, read_number
from intake.gate import can_be_supplied
from intake.mending import is_returned, return_to_source, supply_data
from intake.models import ApplicantLink
from intake.quality import QualityRules
from intake.rule_sets import rules_of
from scoring.ml.vocabulary import Feature

ROWS: Final = 50
ORDER: Final = ("id",)
PREFIX: Final = "feature-"
AMOUNT: Final = "amount"
Value = int | float | str | bool | None


class BadValue(Exception):
    """A typed value that cannot be read; `name` is its feature."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@page("GET", Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR)
def held(request: HttpRequest) -> HttpResponse:
    chosen = _asked(request, "source"), _asked(request, "code")
    kept = {name: value for name, value in zip(("source", "code"), chosen, strict=True) if value}
    rows = Case.objects.visible_to(person(request)).filter(state=State.NEEDS_DATA).select_related("applicant")
    rows = rows.filter(source=chosen[0]) if chosen[0] else rows
    rows = rows.filter(findings__contains=[{"code": chosen[1]}]) if chosen[1] else rows
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
    try:
        supply_data(
            case.pk,
            by=person(request),
            values=_values(request, case),
            reason=request.POST.get("reason", ""),
            seen_version=number_of(version),
        )
    except BadValue as refusal:
        problems = [Problem(PREFIX + refusal.name, _("This value cannot be read."))]
    except BadDecision as refusal:
        problems = [_problem(case, refusal)]
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


def _problem(case: Case, refusal: BadDecision) -> Problem:
    """The refusal at the field it speaks of; for the form as a whole where the form has no such field."""
    shown = {"reason", *(PREFIX + name for name in _held_names(case))}
    words = str(_amount_words() if refusal.field == f"{PREFIX}{AMOUNT}" else refusal)
    return Problem(refusal.field if refusal.field in shown else "", words)


def _amount_words() -> str:
    return _("The amount must come from the lender again; the case can only be withdrawn or sent anew.")


def _held_names(case: Case) -> list[str]:
    """The features to supply; none where the amount is at fault, which is the lender's own and is not mended here."""
    names = [finding["feature"] for finding in case.findings if holds(finding) and can_be_supplied(finding)]
    return [] if AMOUNT in names else names


def _values(request: HttpRequest, case: Case) -> dict[str, Value]:
    """The posted values, read as what the quality rules and the feature table expect.

    Raises:
        BadValue: a number that is none.
    """
    quality, table = rules_of(case.product, case.source), open_dossier(case).table
    values: dict[str, Value] = {}
    for name in _held_names(case):
        text = request.POST.get(PREFIX + name, "").strip()
        feature = table.by_name.get(name) if table else None
        if text:
            values[name] = _read(name, text, _kind(name, feature, quality))
    return values


def _read(name: str, text: str, kind: str) -> Value:
    if kind != "number":
        return text == "true" if kind == "flag" else text
    try:
        value = float(read_number(text))
    except CellError as error:
        raise BadValue(name) from error
    if not math.isfinite(value):
        raise BadValue(name)
    return int(value) if value.is_integer() else value


def _kind(name: str, feature: Feature | None, quality: QualityRules) -> str:
    rule = quality.features.get(name)
    if rule is not None and rule.choices:
        return "choice"
    if feature is not None:
        return {"number": "number", "category": "choice", "flag": "flag"}.get(feature.type, "text")
    return "number" if rule is not None and (rule.minimum is not None or rule.maximum is not None) else "text"


def _page(request: HttpRequest, case: Case, problems: Sequence[Problem] = ()) -> HeldCasePage:
    user = person(request)
    dossier = without_numbers(open_dossier(case), user)
    names, may = _held_names(case), rules.may_review(case, user)
    refused = {problem.field: problem.words for problem in problems}
    return HeldCasePage(
        head=case_head(dossier, user),
        findings=findings_of(dossier, user),
        fields=tuple(_field(dossier, user, name, request.POST, refused) for name in names) if may else (),
        facts=fact_groups(dossier, user),
        events=timeline(dossier, user),
        list_url=reverse("desk:held"),
        action_url=reverse("desk:supply", args=[case.ref]),
        version=case.version,
        reason=request.POST.get("reason", ""),
        refusal=_refusal(case, may),
        problems=tuple(problems),
        actions=(*_return_action(case, user), *actions_for(dossier, user, view=view_of(request))),
        ends=_("A supervisor or administrator can withdraw it.") if may and not rules.may_withdraw(case, user) else "",
    )


def _refusal(case: Case, may: bool) -> str:
    if any(finding["feature"] == AMOUNT for finding in case.findings):
        return _amount_words()
    return "" if may else _("You read this case; you cannot change it.")


def _field(
    dossier: Dossier, reader: User, name: str, posted: Mapping[str, str], refused: Mapping[str, str]
) -> SupplyField:
    case, language, sight = dossier.case, reader_language(), sight_of(dossier, reader)
    quality = rules_of(case.product, case.source)
    feature, rule = dossier.table.by_name.get(name) if dossier.table else None, quality.features.get(name)
    kind = _kind(name, feature, quality)
    now, hint = (
        case.features.get(name),
        next((finding_words(each, sight) for each in case.findings if each["feature"] == name), ""),
    )
    return SupplyField(
        name=name,
        words=feature.words.text(language) if feature else name.replace("_", " "),
        kind=kind,  # type: ignore[arg-type]
        value=posted.get(PREFIX + name, ""),
        now="" if now is None or hint else sight.shown(name, now) if sight.is_personal(name) else plain(now),
        hint=hint,
        problem=refused.get(PREFIX + name, ""),
        choices=_choices(kind, feature, rule.choices if rule else ()),
    )


def _choices(kind: str, feature: Feature | None, listed: Sequence[str]) -> tuple[tuple[str, str], ...]:
    if kind == "flag":
        return (("true", _("yes")), ("false", _("no")))
    if kind != "choice":
        return ()
    known = {each.code: each.words.text(reader_language()) for each in feature.categories} if feature else {}
    return tuple((code, known.get(code, code)) for code in (listed or known))
