"""The course of a day as tables and drawings: do overrides, disagreement or pace change as people go on?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.utils.translation import gettext as _

from desk.build.reviewers import n_of, too_few
from desk.pages.models import Cell, Table
from desk.whiskers import Whiskers, whiskers
from desk.words import MISSING, duration, number, percent
from learning.reviewers import (
    LEAST_SHOWN,
    Decision,
    Stretch,
    by_count,
    by_hour,
    by_month,
    rising_disagreement_p,
    rising_overrides_p,
)
from scoring.ml.intervals import wilson

# A rise or fall along the day is called one below this p-value.
TREND_P: Final = 0.01


def course_tables(own: Sequence[Decision]) -> tuple[Table, ...]:
    """Decisions by hour of the shift, by their count in the day, and by month."""
    hours, counts, months = by_hour(own), by_count(own), by_month(own)
    return (
        _course(_("By hour since the first decision of the day"), _("Up to hour"), hours, _trend_words(hours)),
        _course(_("By decisions of the day so far"), _("Up to decision"), counts, _trend_words(counts)),
        _course(_("By month"), _("Month"), months, ""),
    )


def _drawings(parts: Sequence[Stretch]) -> tuple[tuple[str, Whiskers], ...]:
    """Overrides, disagreement and time along the parts, with their intervals; only what rests on enough cases, and no
    course of a single part."""
    shares = (
        (_("Overrides"), [(part, part.overridden, part.advised) for part in parts]),
        (_("Second person differed"), [(part, part.disagreed, part.looked) for part in parts]),
    )
    drawn = [(words, _shares_drawn(told)) for words, told in shares]
    timed = [part for part in parts if part.quartiles is not None and part.timed >= LEAST_SHOWN]
    rows = [
        (_part_words(part), middle, lower, upper, duration(timedelta(seconds=middle)))
        for part in timed
        for lower, middle, upper in [part.quartiles or (0.0, 0.0, 0.0)]
    ]
    drawn.append((_("Median time, and half of the cases around it"), whiskers(rows) if len(rows) > 1 else None))
    return tuple((words, chart) for words, chart in drawn if chart is not None)


def _shares_drawn(told: Sequence[tuple[Stretch, int, int]]) -> Whiskers | None:
    rows = [
        (_part_words(part), share.value, share.low, share.high, percent(share.value, 0))
        for part, count, total in told
        if total >= LEAST_SHOWN
        for share in [wilson(count, total)]
    ]
    return whiskers(rows) if len(rows) > 1 else None


def _part_words(part: Stretch) -> str:
    return _("later") if part.name == "more" else part.name


def _trend_words(parts: Sequence[Stretch]) -> str:
    """Whether overrides or disagreement change along the day; nothing of too few decisions."""
    if sum(part.decisions for part in parts) < LEAST_SHOWN:
        return ""
    told = []
    for words, p_value in (
        (_("overrides"), rising_overrides_p(parts)),
        (_("disagreement"), rising_disagreement_p(parts)),
    ):
        shown = _("change along the day") if p_value < TREND_P else _("no change shown")
        said = {"what": words, "shown": shown, "p": number(p_value, 3)}
        told.append(_("%(what)s: %(shown)s (p = %(p)s)") % said)
    return " · ".join(told)


def _course(words: str, first: str, parts: Sequence[Stretch], note: str) -> Table:
    return Table(
        words=words,
        columns=(
            first, _("Decisions"), _("Overrides"), _("Second person differed"), _("Loans gone bad"), _("Median time"),
            _("Median length of note"), _("Same note again"),
        ),
        rows=tuple((_part_words(part), _course_cells(part)) for part in parts),
        note=note,
        empty=_("None in this period."),
        drawings=_drawings(parts),
    )  # fmt: skip


def _course_cells(part: Stretch) -> tuple[Cell, ...]:
    if part.decisions < LEAST_SHOWN:
        return (Cell(number(part.decisions)), *[Cell(MISSING)] * 6)
    return (
        Cell(number(part.decisions)),
        _share(part.overridden, part.advised),
        _share(part.disagreed, part.looked),
        _share(part.bad, part.matured),
        Cell(duration(timedelta(seconds=part.seconds)) if part.seconds is not None else MISSING),
        Cell(number(part.note_length)),
        _share(part.repeated, part.decisions),
    )


def _share(count: int, total: int) -> Cell:
    return Cell(percent(count / total, 0), n_of(total)) if total >= LEAST_SHOWN else too_few(total)
