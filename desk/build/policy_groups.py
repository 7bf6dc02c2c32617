"""The figures of a policy as inputs under their headings: dials with sliders, parts that are switched on, lists."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.build.consequence_words import FALLBACKS, NAMES
from desk.build.simulation import SEGMENTS
from desk.pages.policies import Group, Input
from routing.terms import LISTS

Ends = tuple[str, str, str]
# name, unit, ends and step of the slider
DIALS: Final[tuple[tuple[str, str, Ends | None], ...]] = (
    ("approve_below", "%", ("0", "50", "0.1")),
    ("cut_off", "%", ("0", "50", "0.1")),
    ("decline_above", "%", ("0", "60", "0.1")),
    ("doubt_limit", "%", ("0", "100", "1")),
    ("amount_limit", "", None),
    ("audit_share", "%", ("0", "20", "0.1")),
    ("sla_hours", "", ("1", "168", "1")),
    ("review_cost", "", None),
    ("reviewer_accuracy", "%", ("50", "100", "1")),
    ("caution", "", ("0", "2", "0.01")),
)
HELPS: Final[dict[str, Promise]] = {
    "approve_below": gettext_lazy("Below it the machine approves, if no rule says otherwise."),
    "cut_off": gettext_lazy("Empty: each loan's own, from its margin and loss."),
    "decline_above": gettext_lazy("From it on the machine declines. Between the two lines people look."),
    "doubt_limit": gettext_lazy("Above it people look, whatever the PD."),
    "amount_limit": gettext_lazy("Above it people look."),
    "audit_share": gettext_lazy("Of what the machine would decide, drawn at random for people."),
    "caution": gettext_lazy("By how many log-odds lines and cut-offs are lowered while the model is too hopeful."),
}
PART_WORDS: Final[dict[str, Promise]] = {
    "audit_share": gettext_lazy("Random audit"),
    "sla_hours": gettext_lazy("Hours to decide"),
    "capacity": gettext_lazy("What people can look at"),
    "capacity.hours_a_day": gettext_lazy("Hours a day in all"),
    "capacity.minutes_a_look": gettext_lazy("Minutes a look takes"),
    "capacity.appetite": gettext_lazy("Approves beyond the places below a PD of"),
    "capacity.random_share": gettext_lazy("Assigned at random"),
    "promise": gettext_lazy("Promise"),
    "promise.miss_rate": gettext_lazy("Of the bads the machine approves at most"),
    "promise.good_decline_rate": gettext_lazy("Of the good it declines at most"),
    "promise.confidence": gettext_lazy("Confidence"),
    "guard": gettext_lazy("Guard"),
    "guard.tolerance": gettext_lazy("Tolerance beyond chance"),
    "guard.least_cases": gettext_lazy("From so many cases on"),
    "exploration": gettext_lazy("Exploration approvals"),
    "exploration.rate": gettext_lazy("Share of marginal declines that is approved"),
    "exploration.highest_pd": gettext_lazy("Highest PD"),
    "exploration.highest_exposure": gettext_lazy("Largest loan"),
    "exploration.budget": gettext_lazy("Budget in all"),
    "exploration.most_bads": gettext_lazy("Stops at so many bads"),
    "exploration.most_loss_share": gettext_lazy("Stops at a loss of the budget of"),
    "exploration.tolerated_bad_rate": gettext_lazy("Tolerated bad rate"),
    "exploration.confidence": gettext_lazy("Confidence"),
}
NOTES: Final[dict[str, Promise]] = {
    "capacity": gettext_lazy("What becomes of merely uncertain cases beyond people's places."),
    "promise": gettext_lazy("What the machine holds to, with the confidence given. Empty: not promised."),
    "guard": gettext_lazy("Tells when reality leaves what the simulation predicted."),
    "exploration": gettext_lazy("Approves a few marginal declines to learn from them, within a budget signed apart."),
}
PARTS: Final = {
    "capacity": ("hours_a_day", "minutes_a_look", "appetite", "random_share"),
    "promise": ("miss_rate", "good_decline_rate", "confidence"),
    "guard": ("tolerance", "least_cases"),
    "exploration": (
        "rate", "highest_pd", "highest_exposure", "budget", "most_bads", "most_loss_share", "tolerated_bad_rate",
        "confidence",
    ),
}  # fmt: skip
NO_PERCENT: Final = frozenset(
    {"hours_a_day", "minutes_a_look", "least_cases", "highest_exposure", "budget", "most_bads"}
)


def groups_of(form: Mapping[str, str]) -> tuple[Group, ...]:
    """All inputs of a policy but its tables and examples."""
    return (
        Group("dials", _("Dials"), (*(_dial(form, *dial) for dial in DIALS), _currency(form))),
        *(_part(form, name) for name in PARTS),
        _segments(form),
        _lists(form),
    )


def _dial(form: Mapping[str, str], name: str, unit: str, ends: Ends | None) -> Input:
    value = form.get(name, "")
    words = PART_WORDS.get(name) or NAMES[name]
    return Input(
        name=name,
        words=str(words),
        value=value,
        unit=unit if ends else form.get("currency", ""),
        help=str(HELPS.get(name, "")),
        slider=ends or _money_ends(value),
    )


def _money_ends(value: str) -> Ends:
    """A slider of money from nothing to a round sum well above what is typed."""
    try:
        size = float(value)
    except ValueError:
        size = 0.0
    top = 10 ** math.ceil(math.log10(size * 1.5)) if 1 <= size < 1e15 else 100
    return "0", f"{top:.0f}", f"{max(top // 1000, 1):.0f}"


def _currency(form: Mapping[str, str]) -> Input:
    return Input("currency", _("Currency"), form.get("currency", ""))


def _part(form: Mapping[str, str], part: str) -> Group:
    inputs = [
        Input(
            name=f"{part}.{name}",
            words=str(PART_WORDS[f"{part}.{name}"]),
            value=form.get(f"{part}.{name}", ""),
            unit="" if name in NO_PERCENT else "%",
        )
        for name in PARTS[part]
    ]
    if part == "capacity":
        chosen = tuple((key, str(words)) for key, words in FALLBACKS.items())
        inputs.append(Input("capacity.fallback", _("Beyond the places"), form.get("capacity.fallback", ""),
                            options=chosen))  # fmt: skip
    if part == "guard":
        inputs.append(_mark(form, "guard.fall_back", _("Then fall back to the version before")))
    switch = _mark(form, f"{part}.on", _("%(part)s is part of this version") % {"part": PART_WORDS[part]})
    return Group(part, str(PART_WORDS[part]), tuple(inputs), str(NOTES[part]), switch, folded=not switch.checked)


def _mark(form: Mapping[str, str], name: str, words: str) -> Input:
    return Input(name, words, "yes", checked=bool(form.get(name)), is_mark=True)


def _segments(form: Mapping[str, str]) -> Group:
    options = (("", _("nobody: one pair of lines for all")), *((name, str(words)) for name, words in SEGMENTS.items()))
    inputs = (
        Input("segment_by", _("Lines of their own"), form.get("segment_by", ""), options=options),
        Input("segment_bands", _("Segments"), form.get("segment_bands", ""), lines=4,
              help=_("One a line: name, approval line and decline line in percent, such as CA: 10, 18")),
    )  # fmt: skip
    return Group("segments", _("Lines by segment"), inputs, folded=not form.get("segment_bands"))


def _lists(form: Mapping[str, str]) -> Group:
    inputs = tuple(
        Input(f"lists.{name}", str(NAMES[name]), form.get(f"lists.{name}", ""), lines=4, help=_("One a line"))
        for name in LISTS
    )
    return Group("lists", _("Lists"), inputs, folded=not any(one.value for one in inputs))
