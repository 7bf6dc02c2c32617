"""What a version of the policy promises, what follows from it, and drawing those lines into a draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.errors import BadDecision, CaseError
from cases.models import User
from cases.states import Role
from desk.access import methods, page, person
from desk.build import promise_page as build
from desk.build.policy_list import version_name
from desk.build.promise import live_pairs, other_model
from desk.pages import Problem, StateMark
from desk.pages.policies import Input
from desk.pages.promise import PromisePage
from desk.policy_form import figure
from learning.promises import (
    PROMISES,
    REVIEW_SHARES,
    NoEvidence,
    champion_evidence,
    drawn_for,
    drawn_lines,
    frontier_of,
    promise_by,
)
from routing.actions import terms_of
from routing.drafting import edit_policy
from routing.life import find_version
from routing.models import Policy
from routing.promise_evidence import Evidence
from routing.promised_lines import kept_by
from routing.terms import SEGMENTS, Promise, Terms

DRAFTS: Final = (Policy.Status.DRAFT, Policy.Status.TESTED)
LIVED: Final = (Policy.Status.ACTIVE, Policy.Status.RETIRED)
USUAL: Final = Promise(0.05)
REVIEW_SHARE: Final = 0.05
NAMES: Final = ("miss_rate", "good_decline_rate", "confidence", "review_share", "segment_by")


@dataclass(frozen=True)
class Asked:
    """What was typed, as text by the name of its input, and what of it could be read."""

    typed: Mapping[str, str]
    promise: Promise
    review_share: float
    segment_by: str
    problems: tuple[Problem, ...]


@methods("GET", "HEAD", "POST", of="policy_promise")
def policy_promise(request: HttpRequest, policy_id: int) -> HttpResponseBase:
    return draw(request, policy_id) if request.method == "POST" else show(request, policy_id)


@page("GET", Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
def show(request: HttpRequest, policy_id: int) -> HttpResponse:
    policy = find_version(policy_id)
    return render(request, "desk/promise.html", {"page": _page(policy, request.GET.dict(), person(request))})


@page("POST", Role.ADMIN, of="policy_promise")
def draw(request: HttpRequest, policy_id: int) -> HttpResponse:
    """Draws the lines that follow from the promise into the draft; what cannot be read or kept is said on the page."""
    policy, user = find_version(policy_id), person(request)
    terms = terms_of(policy)
    asked = _asked(request.POST.dict(), terms)
    refusal = ""
    if not asked.problems:
        try:
            stated = _stated(terms, asked)
            edit_policy(
                policy.pk,
                by=user,
                terms=drawn_lines(stated, champion_evidence(policy.product)),
                purpose=policy.purpose,
                seen_sha256=request.POST.get("seen", ""),
            )
            return redirect("desk:policy_promise", policy.pk)
        except CaseError as error:
            if error.status != BadDecision.status:
                raise
            refusal = str(error)
    shown = _page(policy, request.POST.dict(), user, refusal=refusal)
    return render(request, "desk/promise.html", {"page": shown}, status=BadDecision.status)


def _stated(terms: Terms, asked: Asked) -> Terms:
    """The terms with the promise that was asked about. Lines of segments go with their field."""
    bands = terms.segment_bands if asked.segment_by == terms.segment_by else {}
    return replace(terms, promise=asked.promise, segment_by=asked.segment_by, segment_bands=bands)


def _asked(typed: Mapping[str, str], terms: Terms) -> Asked:
    """What was typed over what the version promises."""
    known = terms.promise or USUAL
    usual = {
        "miss_rate": figure(known.miss_rate, percent=True),
        "good_decline_rate": figure(known.good_decline_rate, percent=True),
        "confidence": figure(known.confidence, percent=True),
        "review_share": figure(REVIEW_SHARE, percent=True),
        "segment_by": terms.segment_by,
    }
    shown = {name: typed.get(name, value).strip()[:40] for name, value in usual.items()}
    problems: list[Problem] = []

    def share(name: str, instead: float) -> float:
        found = _share(shown[name])
        if found is None:
            problems.append(Problem(name, _("A percentage above 0 and below 100 is expected.")))
        return instead if found is None else found

    good = share("good_decline_rate", 0.5) if shown["good_decline_rate"] else None
    promise = Promise(share("miss_rate", USUAL.miss_rate), good, share("confidence", USUAL.confidence))
    review_share = share("review_share", REVIEW_SHARE)
    if shown["segment_by"] not in SEGMENTS:
        problems.append(Problem("segment_by", _("This is no field of segments.")))
        shown["segment_by"] = terms.segment_by
    return Asked(shown, promise, review_share, shown["segment_by"], tuple(problems))


def _share(text: str) -> float | None:
    """A percentage as it is typed, as a share; None unless it lies between 0 and 100 %."""
    try:
        found = float(text.removesuffix("%").strip()) / 100
    except ValueError:
        return None
    return round(found, 12) if 0 < found < 1 else None


def _page(policy: Policy, typed: Mapping[str, str], user: User, *, refusal: str = "") -> PromisePage:
    terms = terms_of(policy)
    asked = _asked(typed, terms)
    url = reverse("desk:policy_promise", args=[policy.pk])
    may = user.role == Role.ADMIN and policy.status in DRAFTS and not asked.problems
    shown = PromisePage(
        title=version_name(policy),
        state=StateMark(policy.status, str(Policy.Status(policy.status).label)),
        says=build.says(asked.promise),
        other_model=other_model(policy),
        inputs=_inputs(asked.typed),
        problems=asked.problems,
        given=tuple((name, asked.typed[name]) for name in NAMES),
        seen=policy.sha256,
        version_url=reverse("desk:policy", args=[policy.pk]),
        show_url=url,
        draw_url=url if may else "",
        refusal=refusal,
        live=live_pairs(policy) if policy.status in LIVED else (),
        notes=build.notes(terms),
    )
    try:
        evidence = champion_evidence(policy.product)
        return replace(shown, **_follows(policy, terms, asked, evidence))
    except NoEvidence as error:
        return replace(shown, refusal=str(error), draw_url="")


def _follows(policy: Policy, terms: Terms, asked: Asked, evidence: Evidence) -> dict[str, Any]:
    """What follows from the promise: its parts of the page."""
    promise, share = asked.promise, asked.review_share
    stated = _stated(terms, asked)
    frontier = frontier_of(
        policy.product,
        stated,
        evidence=evidence,
        promises=sorted({*PROMISES, promise.miss_rate}),
        review_shares=sorted({*REVIEW_SHARES, share}),
    )
    seen, least = frontier.needed[promise.miss_rate], frontier.least[share]
    parts: dict[str, Any] = {
        "evidence": build.evidence_pairs(evidence, None),
        "answers": (
            *build.standing(promise_by(terms, evidence)),
            *build.answers(promise, seen, least, share, terms),
        ),
        "present": build.present_table(terms, kept_by(terms, evidence, promise.confidence)),
        "plot": build.plot_of(frontier, promise, seen, share),
        "least": build.least_table(frontier.least),
        "frontier": build.frontier_table(frontier),
    }
    try:
        _promise, drawn = drawn_for(stated, evidence)
    except CaseError as error:
        return parts | {"refusal": str(error), "draw_url": ""}
    return parts | {
        "evidence": build.evidence_pairs(evidence, drawn),
        "lines": build.lines_table(stated, promise, drawn),
        "shared": build.shared_words(stated, promise, drawn),
    }


def _inputs(typed: Mapping[str, str]) -> tuple[Input, ...]:
    return (
        Input("miss_rate", _("Of the bad loans the machine approves at most"), typed["miss_rate"], "%"),
        Input(
            "good_decline_rate",
            _("Of the good loans it declines at most"),
            typed["good_decline_rate"],
            "%",
            help=_("empty: not promised"),
        ),
        Input("confidence", _("With a confidence of"), typed["confidence"], "%"),
        Input(
            "segment_by",
            _("Promised for each"),
            typed["segment_by"],
            options=tuple((field, str(words)) for field, words in build.FIELDS.items()),
        ),
        Input("review_share", _("People see at most"), typed["review_share"], "%", help=_("of the loans")),
    )
