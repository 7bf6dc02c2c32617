"""Opinions in words, and the form that asks for one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Band, Case, Lean, Opinion, Review
from cases.states import Kind
from desk.pages import OpinionChoice, OpinionForm
from desk.pages.shared import Tone

LEANED: Final[dict[str, Promise]] = {
    Lean.APPROVE: gettext_lazy("leaned to approve"),
    Lean.DECLINE: gettext_lazy("leaned to decline"),
    Lean.UNSURE: gettext_lazy("was unsure"),
}
LEANED_ON_A_WARNING: Final[dict[str, Promise]] = {
    Lean.APPROVE: gettext_lazy("leaned to no action"),
    Lean.DECLINE: gettext_lazy("leaned to acting"),
    Lean.UNSURE: gettext_lazy("was unsure"),
}
YOU_LEANED: Final[dict[str, Promise]] = {
    Lean.APPROVE: gettext_lazy("you leaned to approve"),
    Lean.DECLINE: gettext_lazy("you leaned to decline"),
    Lean.UNSURE: gettext_lazy("you were unsure"),
}
YOU_LEANED_ON_A_WARNING: Final[dict[str, Promise]] = {
    Lean.APPROVE: gettext_lazy("you leaned to no action"),
    Lean.DECLINE: gettext_lazy("you leaned to acting"),
    Lean.UNSURE: gettext_lazy("you were unsure"),
}
CHOICES_ON_A_WARNING: Final[dict[str, Promise]] = {
    Lean.APPROVE: gettext_lazy("Lean to no action"),
    Lean.DECLINE: gettext_lazy("Lean to acting"),
}
KEYS: Final = {Lean.APPROVE: "KeyA", Lean.DECLINE: "KeyX", Lean.UNSURE: "KeyU"}
TONES: Final[dict[Lean, Tone]] = {Lean.APPROVE: "approve", Lean.DECLINE: "decline", Lean.UNSURE: "plain"}


def opinion_form(case: Case, *, view: str) -> OpinionForm:
    words = CHOICES_ON_A_WARNING if case.kind == Kind.MONITORING else {}
    return OpinionForm(
        action_url=reverse("desk:opinion", args=[case.ref]),
        version=case.version,
        view=view,
        leans=tuple(
            OpinionChoice(each.value, str(words.get(each, each.label)), KEYS[each], KEYS[each][-1], TONES[each])
            for each in Lean
        ),
        bands=tuple(OpinionChoice(str(each.value), str(each.label), f"Digit{each}", str(each.value)) for each in Band),
    )


def opinion_words(opinion: Opinion, kind: str) -> str:
    """`leaned to decline · PD 5 to 10 %`."""
    leaned = LEANED_ON_A_WARNING if kind == Kind.MONITORING else LEANED
    return _with_band(leaned[opinion.lean], opinion.band)


def your_words(opinions: Iterable[Opinion], user_id: int, kind: str) -> str:
    """What the reader thought, to themselves; "" where they were not asked."""
    mine = [opinion for opinion in opinions if opinion.person_id == user_id]
    leaned = YOU_LEANED_ON_A_WARNING if kind == Kind.MONITORING else YOU_LEANED
    return _with_band(leaned[mine[-1].lean], mine[-1].band) if mine else ""


def lean_words(review: Review) -> str:
    """What the reviewer of this decision thought before they saw the model, for who signs; "" where they were not
    asked. One query unless the case hides nothing or its opinions were read along."""
    case = review.case
    if not case.opinion_first:
        return ""
    known = [
        each
        for each in case.opinions.all()
        if each.person_id == review.reviewer_id and each.seen_version <= review.seen_version
    ]
    return opinion_words(known[-1], case.kind) if known else ""


def _with_band(leaned: Promise, band: int) -> str:
    return _("%(leaned)s · PD %(band)s") % {"leaned": leaned, "band": Band(band).label}
