"""What a second look and a dispute show: the file, the form, and two views side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.models import Adjudication, Band, Case, Opinion, SecondLook
from cases.reason_codes import ReasonCode
from cases.second_looks import agrees
from cases.states import RESOLUTIONS, Kind, Outcome
from desk.build.decision import RESOLUTION_KEYS, tone_of
from desk.build.head import CHANNELS
from desk.build.personal import Sight, reveal_form
from desk.dossier import Dossier
from desk.pages import Problem
from desk.pages.opinions import OpinionChoice
from desk.pages.second_looks import CodeChoice, DisputeRow, LookForm, LookHead, LookRow, ModelSaid, View
from desk.words import (
    ADVICE,
    MISSING,
    PRODUCTS,
    SEGMENTS,
    amount_cell,
    industry_words,
    masked,
    money,
    months,
    percent,
    region_words,
    when,
    word,
)

T = TypeVar("T")
Typed = Mapping[str, Sequence[str]]


def look_head(case: Case, sight: Sight, reveal_url: str) -> LookHead:
    """The case without its reference: that would lead to the decision."""
    applicant = case.applicant
    meta = (
        word(SEGMENTS, applicant.segment),
        region_words(case.region),
        industry_words(case.industry),
        word(CHANNELS, case.channel) if case.channel else "",
        when(case.applied_at),
    )
    return LookHead(
        applicant=sight.name_of(applicant),
        reveal=reveal_form(sight, reveal_url),
        amount=money(case.amount, case.currency),
        product=f"{word(PRODUCTS, case.product)} · {months(case.term_months)}",
        kind=str(Kind(case.kind).label) if case.kind != Kind.APPLICATION else "",
        meta=tuple(each for each in meta if each),
    )


def outcome_choices(kind: str) -> tuple[OpinionChoice, ...]:
    if kind == Kind.MONITORING:
        return tuple(
            OpinionChoice(each.value, str(each.label), key, key[-1])
            for each, key in zip(RESOLUTIONS, RESOLUTION_KEYS, strict=True)
        )
    return (
        OpinionChoice(Outcome.APPROVE.value, pgettext("decision", "Approve"), "KeyA", "A", "approve"),
        OpinionChoice(Outcome.DECLINE.value, pgettext("decision", "Decline"), "KeyX", "X", "decline"),
    )


def look_form(look: SecondLook, typed: Typed, problems: Sequence[Problem]) -> LookForm:
    return LookForm(
        action_url=reverse("desk:second_look_record", args=[look.pk]),
        outcomes=outcome_choices(look.case.kind),
        bands=tuple(OpinionChoice(str(each.value), str(each.label), f"Digit{each}", str(each.value)) for each in Band),
        codes=tuple(
            CodeChoice(code.value, str(code.label), code.value in typed.get("reason_codes", ())) for code in ReasonCode
        ),
        outcome=next(iter(typed.get("outcome", ())), ""),
        band=next(iter(typed.get("band", ())), ""),
        note=next(iter(typed.get("note", ())), ""),
        problems=tuple(problems),
    )


def look_row(look: SecondLook) -> LookRow:
    """An answered look, for whoever gave it."""
    case = look.case
    return LookRow(
        applicant=masked(case.applicant.name or case.applicant.external_id),
        product=word(PRODUCTS, case.product),
        amount=amount_cell(case.amount, case.currency),
        said=str(Outcome(look.outcome).label),
        agrees=agrees(look),
        result=result_words(look),
        at=when(look.done_at),
        url=reverse("desk:second_look", args=[look.pk]),
    )


def result_words(look: SecondLook) -> str:
    """Whether the two agree, of an answered look."""
    mine, theirs = Outcome(look.outcome).label, Outcome(look.review.outcome).label
    if agrees(look):
        return _("You agree with the decision: %(decision)s.") % {"decision": theirs}
    words = _("You say %(mine)s, the decision was %(theirs)s. A third person settles it.")
    return words % {"mine": mine, "theirs": theirs}


def dispute_row(look: SecondLook) -> DisputeRow:
    case = look.case
    first, second = _in_no_order(look, str(Outcome(look.review.outcome).label), str(Outcome(look.outcome).label))
    return DisputeRow(
        url=reverse("desk:dispute", args=[look.pk]),
        applicant=masked(case.applicant.name or case.applicant.external_id),
        product=word(PRODUCTS, case.product),
        amount=amount_cell(case.amount, case.currency),
        views=f"{first} ≠ {second}",
        since=when(look.done_at),
    )


def two_views(look: SecondLook, opinions: Sequence[Opinion], sight: Sight, *, named: bool) -> tuple[View, ...]:
    """Both views, in an order that does not tell whose they are; with the names once they may be known. Only who was
    asked for an opinion first gave a band with the decision: shown for one alone, the band would tell whose view it is.
    """
    review = look.review
    kept = next((each for each in opinions if each.person_id == look.reviewer_id), None)
    shows_bands = named or kept is not None
    decision = View(
        title=_("Decision") if named else "",
        outcome=str(Outcome(review.outcome).label),
        tone=tone_of(review.outcome),
        band=(str(Band(kept.band).label) if kept else MISSING) if shows_bands else "",
        codes=_code_words(review.reason_codes),
        note=sight.text(review.note),
        by=review.reviewer.display_name if named else "",
    )
    second = View(
        title=_("Second look") if named else "",
        outcome=str(Outcome(look.outcome).label),
        tone=tone_of(look.outcome),
        band=(str(Band(look.band).label) if look.band else MISSING) if shows_bands else "",
        codes=_code_words(look.reason_codes),
        note=sight.text(look.note),
        by=look.looker.display_name if named and look.looker else "",
    )
    return (decision, second) if named else _in_no_order(look, decision, second)


def settled_words(found: Adjudication) -> str:
    words = _("Settled by %(person)s: %(decision)s")
    return words % {"person": found.judge.display_name, "decision": Outcome(found.outcome).label}


def model_said(dossier: Dossier) -> ModelSaid | None:
    found = dossier.assessment
    if found is None:
        return None
    advice = word(ADVICE, dossier.case.advice or "review")
    return ModelSaid(advice, percent(found.pd), f"{percent(found.pd_low)} – {percent(found.pd_high)}")


def _code_words(codes: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(ReasonCode(code).label) for code in codes)


def _in_no_order(look: SecondLook, decision: T, second: T) -> tuple[T, T]:
    """By a draw of this dispute, the same on every page."""
    is_swapped = salted_hmac("desk.dispute", str(look.pk)).digest()[0] % 2
    return (second, decision) if is_swapped else (decision, second)
