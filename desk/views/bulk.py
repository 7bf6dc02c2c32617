"""Acting on several chosen cases of the queue: placing them, or deciding clear ones alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.claimable import barred_among
from cases.claiming import release_case
from cases.deciding_in_bulk import BulkItem, BulkResult, decide_in_bulk, why_not_in_bulk
from cases.desk_rules import rules_in_force
from cases.errors import BadDecision, CaseError
from cases.instants import storable_moment
from cases.models import Case, User
from cases.placing import MOST_PLACED, Placed, free_cases, hand_over_cases, put_back, rest_cases
from cases.queries import key_of_ref
from cases.reason_codes import reasons_for_outcome
from cases.second_looks import without_looks_in_hand
from cases.standing import release_hold
from cases.states import APPLICATION_OUTCOMES, Outcome, Role
from cases.taking_back import take_back
from desk.access import page, person
from desk.build.bulk import bulk_rows, could_words, people_choices
from desk.build.decision import decided_words
from desk.pages import Problem, ReasonCode
from desk.pages.bulk import BulkDonePage, BulkPage, BulkResultRow
from desk.pages.team import Choice
from desk.posted import number_of
from desk.words import clock, money, number
from routing.staff import bounds_of

DECIDES: Final = "decide"
PLACES: Final = "place"


@page("GET", Role.REVIEWER, Role.SUPERVISOR)
def bulk(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/bulk.html", {"page": _page(request, _items(request.GET.getlist("refs")))})


@page("POST", Role.REVIEWER, Role.SUPERVISOR, of="bulk")
def act(request: HttpRequest) -> HttpResponse:
    """Do it, and say of each case what became of it."""
    items = _items(request.POST.getlist("refs"))
    try:
        done = _decide(request, items) if request.POST.get("act") == DECIDES else _place(request, items)
    except BadDecision as refusal:
        shown = _page(request, items, Problem(refusal.field, str(refusal)))
        return render(request, "desk/bulk.html", {"page": shown}, status=422)
    return render(request, "desk/bulk_done.html", {"page": done})


def _items(texts: Sequence[str]) -> list[BulkItem]:
    """Chosen cases, named `CR-1` or `CR-1:7` with the version that was seen; what is no such name is left out."""
    items = []
    for text in dict.fromkeys(texts):
        ref, _colon, version = text.partition(":")
        key = key_of_ref(ref)
        if key is not None:
            items.append(BulkItem(key, number_of(version)))
    return items[: MOST_PLACED + 1]


def _place(request: HttpRequest, items: Sequence[BulkItem]) -> BulkDonePage:
    posted, by, keys = request.POST, person(request), [item.case_id for item in items]
    reason = posted.get("reason", "")
    if posted.get("act") == "hand_over":
        found = User.objects.filter(pk=number_of(posted.get("to", "")), is_active=True).first()
        if found is None:
            raise BadDecision("to", _("Choose a person."))
        placed = hand_over_cases(keys, by=by, to=found, reason=reason)
    elif posted.get("act") == "rest":
        placed = rest_cases(keys, by=by, until=_moment(posted.get("until", "")), reason=reason)
    elif posted.get("act") == "free":
        placed = free_cases(keys, by=by, reason=reason)
    else:
        raise BadDecision("", _("Choose what to do."))
    rows = [_result(each.case_id, each.refusal) for each in placed]
    done = tuple(row for row in rows if not row.refusal)
    words = ngettext("%(n)s case is placed.", "%(n)s cases are placed.", len(done)) % {"n": len(done)}
    return BulkDonePage(
        words=words,
        done=done,
        refused=tuple(row for row in rows if row.refusal),
        queue_url=reverse("desk:queue"),
        undo_url=reverse("desk:bulk_undo") if done else "",
        undo_refs=_seen(placed),
        undo_until=_("can be taken back as long as nobody has taken the case"),
        undo_act=PLACES,
    )


def _decide(request: HttpRequest, items: Sequence[BulkItem]) -> BulkDonePage:
    posted, outcome = request.POST, request.POST.get("outcome", "")
    results = decide_in_bulk(
        items, by=person(request), outcome=outcome, reason_codes=posted.getlist("reason_codes"),
        note=posted.get("note", ""), most_a_day=bounds_of(person(request)).most_cases,
    )  # fmt: skip
    rows = [_result(each.case_id, each.refusal) for each in results]
    done = tuple(row for row in rows if not row.refusal)
    words = ngettext("%(decision)s: %(n)s case.", "%(decision)s: %(n)s cases.", len(done))
    held = release_hold()
    return BulkDonePage(
        words=words % {"decision": decided_words(outcome), "n": len(done)},
        done=done,
        refused=tuple(row for row in rows if row.refusal),
        queue_url=reverse("desk:queue"),
        undo_url=reverse("desk:bulk_undo") if done and held else "",
        undo_refs=_seen(results),
        undo_until=_("can be taken back until %(time)s") % {"time": clock(timezone.now() + held)},
    )


@page("POST", Role.REVIEWER, Role.SUPERVISOR, of="bulk")
def undo(request: HttpRequest) -> HttpResponse:
    """Take the decisions back that are not released yet, and put their cases back into the queue; or take back where
    cases were placed."""
    by, rows, items = person(request), [], _items(request.POST.getlist("refs"))
    if not items:
        shown = _page(request, items, Problem("refs", _("Choose at least one case.")))
        return render(request, "desk/bulk.html", {"page": shown}, status=422)
    if request.POST.get("act") == PLACES:
        placed = put_back({item.case_id: item.seen_version for item in items}, by=by)
        rows = [_result(each.case_id, each.refusal) for each in placed]
        return _undone(
            request,
            rows,
            lambda n: ngettext("%(n)s case is back where it was.", "%(n)s cases are back where they were.", n),
        )
    for item in items:
        refusal = ""
        try:
            take_back(item.case_id, by=by, seen_version=item.seen_version)
            release_case(item.case_id, by=by)
        except CaseError as error:
            refusal = str(error)
        rows.append(_result(item.case_id, refusal))
    return _undone(
        request, rows, lambda n: ngettext("%(n)s decision is taken back.", "%(n)s decisions are taken back.", n)
    )


def _undone(request: HttpRequest, rows: Sequence[BulkResultRow], words: Callable[[int], str]) -> HttpResponse:
    done = tuple(row for row in rows if not row.refusal)
    refused = tuple(row for row in rows if row.refusal)
    shown = BulkDonePage(words(len(done)) % {"n": len(done)}, done, refused, reverse("desk:queue"))
    return render(request, "desk/bulk_done.html", {"page": shown})


def _seen(results: Sequence[Placed] | Sequence[BulkResult]) -> tuple[str, ...]:
    """The cases that were acted on, with the versions they were left at."""
    return tuple(f"{Case(pk=each.case_id).ref}:{each.version}" for each in results if not each.refusal)


def _result(case_id: int, refusal: str) -> BulkResultRow:
    ref = Case(pk=case_id).ref
    return BulkResultRow(ref, reverse("desk:case", args=[ref]), refusal)


def _moment(text: str) -> datetime:
    try:
        found = parse_datetime(text.strip())
    except ValueError:
        found = None
    if found is None:
        raise BadDecision("until", _("Enter a day and a time, such as 2026-12-01 09:00."))
    return timezone.make_aware(found) if timezone.is_naive(found) else storable_moment(found)


def _page(request: HttpRequest, items: Sequence[BulkItem], problem: Problem | None = None) -> BulkPage:
    user, desk = person(request), rules_in_force()
    read = without_looks_in_hand(Case.objects.visible_to(user), user).select_related("applicant", "reserved_for")
    found = read.in_bulk([item.case_id for item in items])
    cases = [found[item.case_id] for item in items if item.case_id in found]
    barred = barred_among(list(found), user) if user.may_decide_in_bulk else set()
    refusals = {
        outcome.value: {case.pk: why_not_in_bulk(case, outcome, by=user, desk=desk, barred=barred) for case in cases}
        for outcome in (APPLICATION_OUTCOMES if user.may_decide_in_bulk else ())
    }
    limit = {"n": number(desk.bulk_most), "amount": money(desk.bulk_amount, desk.bulk_currency)}
    ticked, chosen = request.POST.getlist("reason_codes"), request.POST.get("outcome", "")
    codes = dict.fromkeys(code for outcome in APPLICATION_OUTCOMES for code in reasons_for_outcome(outcome))
    return BulkPage(
        rows=bulk_rows(cases, refusals),
        action_url=reverse("desk:bulk_act"),
        queue_url=reverse("desk:queue"),
        may_place=user.role == Role.SUPERVISOR,
        may_decide=user.may_decide_in_bulk,
        decide_words=_("At most %(n)s cases of one product, each up to %(amount)s, with the advice.") % limit,
        people=people_choices(request.POST.get("to", "")),
        codes=tuple(
            ReasonCode(
                code.value,
                str(code.label),
                " ".join(each for each in APPLICATION_OUTCOMES if code in reasons_for_outcome(each)),
                chosen=code.value in ticked,
            )
            for code in codes
        ),
        outcomes=tuple(Choice(each.value, str(each.label), each == chosen) for each in APPLICATION_OUTCOMES),
        counts=tuple(could_words(Outcome(outcome), each, len(cases)) for outcome, each in refusals.items()),
        typed=request.POST.dict() if problem else {},
        problems=(problem,) if problem else (),
    )
