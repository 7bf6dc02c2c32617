"""The parts of the page of overrides: sums in words, values by group drawn and as a table, and what is still open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.reason_codes import ReasonCode
from desk.pages import Figure
from desk.pages.models import Cell, Table
from desk.pages.overrides import OverridePart
from desk.whiskers import Whiskers, whiskers
from desk.words import MISSING, PRODUCTS, SEGMENTS, money, number, percent, word
from learning.overrides import (
    LEAST_SETTLED,
    Group,
    Override,
    Verdict,
    count_statuses,
    first_to_mature,
    grouped,
    settle,
)
from scoring.ml.intervals import Estimate

BY_WORDS: Final[Mapping[str, Promise]] = {
    "reason": gettext_lazy("Reason"),
    "reviewer": gettext_lazy("Reviewer"),
    "product": gettext_lazy("Product"),
    "segment": gettext_lazy("Segment"),
}
VERDICT_WORDS: Final[Mapping[Verdict, Promise]] = {
    "adds": gettext_lazy("adds value"),
    "costs": gettext_lazy("costs value"),
    "not_shown": gettext_lazy("not shown"),
    "too_few": gettext_lazy("too few"),
}
TONES: Final[Mapping[Verdict, str]] = {"adds": "down", "costs": "up", "not_shown": "mute", "too_few": "mute"}
PART_WORDS: Final[Mapping[str, Promise]] = {
    "rescues": gettext_lazy("Approved against the advice"),
    "granted": gettext_lazy("Declined against the advice, and granted all the same"),
    "rejects": gettext_lazy("Declined against the advice"),
}


@dataclass(frozen=True)
class View:
    """How overrides are shown: by what they are grouped, in which currency, and the names of people."""

    by: str
    currency: str
    names: Mapping[str, str]

    def keys_of(self, each: Override) -> Iterable[str]:
        return each.reasons if self.by == "reason" else (str(getattr(each, self.by)),)

    def words_of(self, key: str) -> str:
        """A group in words."""
        return words_of(self.by, key, self.names)

    def money(self, value: float) -> str:
        return money(round(value) + 0, self.currency)

    def interval(self, found: Estimate) -> str:
        return _("%(low)s to %(high)s") % {"low": self.money(found.low), "high": self.money(found.high)}


def words_of(name: str, key: str, names: Mapping[str, str]) -> str:
    """A value of a field of overrides in words."""
    if name == "reason":
        return str(ReasonCode(key).label) if key in ReasonCode.values else key
    if name == "reviewer":
        return names.get(key, key)
    return word(PRODUCTS if name == "product" else SEGMENTS, key)


def override_figures(overrides: Sequence[Override]) -> tuple[Figure, ...]:
    """How many there are, and how far their money is known."""
    counts = count_statuses(overrides)
    others = counts["undecided"] + counts["no_loan"] + counts["unpriced"]
    told = {
        _("waiting for a signature or release"): counts["undecided"],
        _("approved by the reviewer, but no loan was granted"): counts["no_loan"],
        _("without figures to count with"): counts["unpriced"],
    }
    note = " · ".join(f"{number(count)} {words}" for words, count in told.items() if count)
    return (
        Figure(_("Overrides"), number(len(overrides))),
        Figure(_("Settled"), number(counts["settled"]), _("their loans matured: measured")),
        Figure(_("Not matured yet"), number(counts["open"]), _("a loan that has not matured")),
        Figure(_("Estimated only"), number(counts["estimated"]), _("declined: no loan shows who was right")),
        Figure(_("Not to be settled"), number(others), note),
    )  # fmt: skip


def what_is_missing(overrides: Sequence[Override], today: date) -> tuple[str, ...]:
    """Why nothing is settled yet and when that will change; () once something is."""
    if not overrides:
        return (
            _("Nobody decided against the advice in this period."),
            _("An override is settled once its loan has matured: twelve months after the application, or at its term."),
        )
    counts = count_statuses(overrides)
    if counts["settled"]:
        return ()
    coming, late = first_to_mature(overrides, today)
    told = [_("No override is settled yet: none of their loans has a matured outcome.")]
    if coming is not None:
        told.append(_("The first loan matures on %(day)s.") % {"day": coming.isoformat()})
    if late:
        told.append(
            ngettext(
                "The window of %(n)s loan is over, but its outcome was not reported: outcomes come by file or API.",
                "The windows of %(n)s loans are over, but no outcome was reported: outcomes come by file or API.",
                late,
            )
            % {"n": number(late)}
        )
    if not counts["open"]:
        told.append(_("No loan was granted against the advice, so there is nothing that could mature."))
    return tuple(told)


def measured_part(key: str, overrides: Sequence[Override], view: View) -> OverridePart:
    """Overrides of one direction whose loans were granted."""
    settled = [each for each in overrides if each.status == "settled"]
    groups = grouped(overrides, view.keys_of)
    sentences = []
    if len(settled) >= LEAST_SETTLED:
        found = settle(settled)
        told = {
            "value": view.money(found.value.value),
            "interval": view.interval(found.value),
            "n": number(found.settled),
            "won": number(found.won),
        }
        sentences.append(
            _("Measured: %(value)s against the model on %(n)s loans (95 %%: %(interval)s); %(won)s of them won.") % told
        )
    else:
        told = {"n": number(len(settled)), "least": number(LEAST_SETTLED)}
        sentences.append(_("%(n)s settled: with fewer than %(least)s no money is told.") % told)
    return OverridePart(
        key, str(PART_WORDS[key]), True, tuple(sentences), _chart(groups, view), _measured_table(key, groups, view)
    )


def _chart(groups: Sequence[Group], view: View) -> Whiskers | None:
    shown = [group for group in groups if group.settlement is not None]
    rows = [
        (view.words_of(group.key), *group.settlement.value, view.money(group.settlement.value.value))
        for group in shown
        if group.settlement is not None
    ]
    return whiskers(rows, [TONES[group.verdict] for group in shown])


def _measured_table(key: str, groups: Sequence[Group], view: View) -> Table:
    return Table(
        words=str(PART_WORDS[key]),
        columns=(
            str(BY_WORDS[view.by]), _("Settled"), _("Not matured yet"), _("Won"), _("Value against the model"),
            _("What is shown"),
        ),
        rows=tuple((view.words_of(group.key), _measured_cells(group, view)) for group in groups),
        empty=_("None in this period."),
    )  # fmt: skip


def _measured_cells(group: Group, view: View) -> tuple[Cell, ...]:
    counts = (Cell(number(group.settled)), Cell(number(group.open)))
    found = group.settlement
    if found is None or group.q_value is None:
        return (*counts, Cell(MISSING), Cell(MISSING), Cell(str(VERDICT_WORDS["too_few"])))
    share = found.won_share
    return (
        *counts,
        Cell(percent(share.value, 0), _share_interval(share)),
        Cell(view.money(found.value.value), view.interval(found.value)),
        Cell(str(VERDICT_WORDS[group.verdict]), q_words(group.q_value)),
    )


def _share_interval(found: Estimate) -> str:
    return _("%(low)s to %(high)s") % {"low": percent(found.low, 0), "high": percent(found.high, 0)}


def q_words(q_value: float) -> str:
    """`q = 0.03`, `q < 0.001`."""
    return "q < 0.001" if q_value < 0.001 else f"q = {number(q_value, 3)}"


def csv_rows(
    parts: Sequence[tuple[str, Sequence[Override]]], view: View, keys_of: Callable[[Override], Iterable[str]]
) -> Iterable[list[str]]:
    """The measured groups of each part as plain figures; "" where there are too few to tell."""
    yield [
        "part", view.by, "words", "currency", "settled", "open", "estimated", "won", "value", "value_low", "value_high",
        "q_value", "verdict",
    ]  # fmt: skip
    for name, overrides in parts:
        for group in grouped(overrides, keys_of):
            found = group.settlement
            figures = [""] * 5
            if found is not None and group.q_value is not None:
                numbers = (*found.value, group.q_value)
                figures = [str(found.won), *(f"{each:.2f}" for each in numbers[:3]), f"{numbers[3]:.4g}"]
            counts = [str(each) for each in (group.settled, group.open, group.estimated)]
            yield [name, group.key, view.words_of(group.key), view.currency, *counts, *figures, group.verdict]
