"""The model's doubt in words: how much, in which parts, and what each part rests on in this case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk import charts
from desk.build.facts import reader_language
from desk.explained import Explained
from desk.pages import DoubtPart
from desk.words import is_chinese, percent, word

DOUBT_PARTS: Final[dict[str, Promise]] = {
    "cut_off": gettext_lazy("Close to the cut-off"),
    "disagreement": gettext_lazy("Models disagree"),
    "novelty": gettext_lazy("Unlike the training loans"),
    "missing": gettext_lazy("Missing or stale data"),
}
DOUBT_WORDS: Final[dict[str, Promise]] = {
    "low": gettext_lazy("The model is sure of this figure."),
    "middle": gettext_lazy("The model is fairly sure; read the figure with its range."),
    "high": gettext_lazy("The model is unsure: weigh the file more than the figure."),
}
# From here on the facts go together as in fewer than one training loan in a hundred.
UNUSUAL: Final = 0.5


def doubt_level(doubt: float, limit: float) -> Literal["low", "middle", "high"]:
    return "high" if doubt > limit else "middle" if doubt > limit / 2 else "low"


def doubt_parts(explained: Explained) -> tuple[DoubtPart, ...]:
    """The stored parts in their own order, each with its sentence; models before the cut-off was known have fewer."""
    stored = explained.assessment.doubt_parts
    order = [*(name for name in DOUBT_PARTS if name in stored), *(name for name in stored if name not in DOUBT_PARTS)]
    return tuple(
        DoubtPart(
            words=word(DOUBT_PARTS, name),
            value=percent(stored[name], 0),
            bar=charts.bar(stored[name], 1.0, "mute"),
            sentence=_sentence(explained, name, stored[name]),
        )
        for name in order
    )


def _sentence(explained: Explained, name: str, value: float) -> str:
    if name == "cut_off":
        return _cut_off(explained)
    if name == "disagreement" and explained.assessment.cut_off is not None:
        return _disagreement(value)
    if name == "novelty":
        return _novelty(explained, value)
    return _missing(explained) if name == "missing" else ""


def _cut_off(explained: Explained) -> str:
    found = explained.assessment
    if found.cut_off is None:
        return ""
    figures = {
        "cut_off": percent(found.cut_off),
        "range": f"{percent(found.pd_low)} – {percent(found.pd_high)}",
    }
    if found.pd_low <= found.cut_off <= found.pd_high:
        return _("The cut-off of %(cut_off)s lies in the range of the PD, %(range)s.") % figures
    return _("The range of the PD, %(range)s, stays clear of the cut-off of %(cut_off)s.") % figures


def _disagreement(value: float) -> str:
    if not value:
        return _("All models stand on the same side of the cut-off.")
    return _("At most %(share)s of the models' votes stand on the other side of the cut-off.") % {
        "share": percent(value, 0)
    }


def _novelty(explained: Explained, value: float) -> str:
    novel = explained.assessment.novel
    if novel:
        return _("New or rare together in the training loans: %(facts)s.") % {"facts": _listed(explained, novel)}
    if value >= UNUSUAL:
        return _("Each fact is usual, but rarely do they come together like this.")
    return _("The training loans show facts like these.")


def _missing(explained: Explained) -> str:
    missing, stale = explained.missing, explained.assessment.stale
    parts = []
    if missing:
        parts.append(_("Not supplied: %(facts)s.") % {"facts": _listed(explained, missing)})
    if stale:
        parts.append(_("Out of date: %(facts)s.") % {"facts": _listed(explained, stale)})
    return " ".join(parts) or _("All that the model reads is there and up to date.")


def _listed(explained: Explained, names: Sequence[str]) -> str:
    words = [explained.table.by_name[name].words.text(reader_language()) for name in names]
    return ("、" if is_chinese() else ", ").join(words)
