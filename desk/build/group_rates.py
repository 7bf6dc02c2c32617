"""Override rates by group of applicants as tables, with small groups hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from desk.build.overrides import q_words
from desk.pages.models import Cell, Table
from desk.words import MISSING, SEGMENTS, number, percent, region_words, word
from learning.small_cells import Cell as Counts
from learning.small_cells import GroupRate, Standing, group_rates, total_is_told

GROUP_WORDS: Final[Mapping[str, Promise]] = {
    "region": gettext_lazy("Region"),
    "segment": gettext_lazy("Segment"),
    "channel": gettext_lazy("Channel"),
}
ADVICE_WORDS: Final[Mapping[str, Promise]] = {
    "decline": gettext_lazy("Advised to decline, approved by a person"),
    "approve": gettext_lazy("Advised to approve, declined by a person"),
}
STANDING_WORDS: Final[Mapping[Standing, Promise]] = {
    "more": gettext_lazy("more often than others"),
    "fewer": gettext_lazy("less often than others"),
    "not_shown": gettext_lazy("no difference shown"),
    "hidden": gettext_lazy("hidden"),
}


def group_tables(grouping: str, cells: Mapping[str, Mapping[str, Counts]]) -> tuple[Table, ...]:
    """One table for each advice; groups that must not be told are counted together without a name or a figure."""
    return tuple(_table(grouping, str(words), cells.get(advice, {})) for advice, words in ADVICE_WORDS.items())


def _table(grouping: str, words: str, cells: Mapping[str, Counts]) -> Table:
    rates = group_rates(cells)
    told = [rate for rate in rates if rate.standing != "hidden"]
    hidden = len(rates) - len(told)
    rows = [(_group_words(grouping, rate.key), _cells(rate)) for rate in told]
    if hidden:
        kept = ngettext("%(n)s small group", "%(n)s small groups", hidden) % {"n": number(hidden)}
        rows.append((kept, (*[Cell(MISSING)] * 3, Cell(str(STANDING_WORDS["hidden"])))))
    if total_is_told(cells):
        advised = sum(cell.advised for cell in cells.values())
        overridden = sum(cell.overridden for cell in cells.values())
        share = Cell(percent(overridden / advised))
        rows.append((_("All groups"), (Cell(number(advised)), Cell(number(overridden)), share, Cell(""))))
    return Table(
        words=words,
        columns=(str(GROUP_WORDS[grouping]), _("Decisions"), _("Overridden"), _("Rate"), _("Against all others")),
        rows=tuple(rows),
        empty=_("No decision with this advice in this period."),
    )


def _group_words(grouping: str, key: str) -> str:
    if not key:
        return _("not given")
    if grouping == "region":
        return region_words(key)
    return word(SEGMENTS, key) if grouping == "segment" else key


def _cells(rate: GroupRate) -> tuple[Cell, ...]:
    if rate.rate is None or rate.q_value is None:
        return ()
    interval = _("%(low)s to %(high)s") % {"low": percent(rate.rate.low), "high": percent(rate.rate.high)}
    return (
        Cell(number(rate.advised)),
        Cell(number(rate.overridden)),
        Cell(percent(rate.rate.value), interval),
        Cell(str(STANDING_WORDS[rate.standing]), q_words(rate.q_value)),
    )
