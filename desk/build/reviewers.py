"""Figures of reviewers as cells and tables; `too few` stands where a figure would rest on fewer than the minimum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import isnan
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.build.overrides import View, words_of
from desk.pages.models import Cell, Table
from desk.words import MISSING, PRODUCTS, duration, number, percent, word
from learning.error_chances import ErrorChances
from learning.overrides import Override
from learning.reviewer_accuracy import Judged
from learning.reviewers import (
    LEAST_SECONDS,
    LEAST_SHOWN,
    Decision,
    agreement,
    commonest_reasons,
    deference,
    lift,
    pace,
)

KIND_WORDS: Final[Mapping[str, Promise]] = {
    "": gettext_lazy("without a PD"),
    "below": gettext_lazy("PD well below the cut-off"),
    "near": gettext_lazy("PD near the cut-off"),
    "above": gettext_lazy("PD well above the cut-off"),
    "below-doubtful": gettext_lazy("PD well below the cut-off, doubtful"),
    "near-doubtful": gettext_lazy("PD near the cut-off, doubtful"),
    "above-doubtful": gettext_lazy("PD well above the cut-off, doubtful"),
}


@dataclass(frozen=True)
class Work:
    """What a person's figures are worked out from."""

    person: int
    decisions: Sequence[Decision]
    rescues: Sequence[Override]
    currency: str
    too_fast: float

    @property
    def own(self) -> list[Decision]:
        return [each for each in self.decisions if each.reviewer == self.person]


def figure_words() -> tuple[str, ...]:
    """The names of `figure_cells`."""
    return (
        _("Decisions"),
        _("Lift over the model, a hundred decisions"),
        _("Agreement with a blind second person (kappa)"),
        _("Pull of the advice"),
        _("Time a case"),
        _("Too fast"),
        _("Same note again"),
    )


def figure_cells(work: Work) -> tuple[Cell, ...]:
    """One cell for each of `figure_words`."""
    own = work.own
    repeated = sum(each.repeated for each in own)
    noted = sum(each.note_length > 0 for each in own)
    same = (
        Cell(percent(repeated / noted, 0), n_of(noted)) if noted >= LEAST_SHOWN else too_few(noted)
    )  # fmt: skip
    return (Cell(number(len(own))), _lift(work), _kappa(work), _pull(own), *_pace(work), same)


def too_few(count: int) -> Cell:
    return Cell(MISSING, _("too few: %(n)s of %(least)s") % {"n": number(count), "least": number(LEAST_SHOWN)})


def n_of(count: int) -> str:
    return f"n = {number(count)}"


def _lift(work: Work) -> Cell:
    found = lift(work.own, work.rescues)
    if found is None:
        return too_few(sum(each.bad is not None and each.is_advised for each in work.own))
    view = View("reviewer", work.currency, {})
    told = {"interval": view.interval(found.a_hundred), "n": number(found.matured), "k": number(found.overrides)}
    note = _("%(interval)s · n = %(n)s matured, %(k)s overrides") % told
    return Cell(view.money(found.a_hundred.value), note)


def _kappa(work: Work) -> Cell:
    found = agreement(work.person, work.decisions)
    if found is None:
        pairs = sum(bool(each.looked) and work.person in (each.reviewer, each.looker) for each in work.decisions)
        return too_few(pairs)
    value = MISSING if isnan(found.kappa.value) else number(found.kappa.value, 2)
    told = {
        "low": number(found.kappa.low, 2),
        "high": number(found.kappa.high, 2),
        "n": number(found.pairs),
        "declines": percent(found.declines, 0),
        "upheld": number(found.upheld),
        "disputes": number(found.disputes),
    }
    note = (
        _("%(low)s to %(high)s · n = %(n)s · %(declines)s declines · %(upheld)s of %(disputes)s disputes upheld") % told
    )
    return Cell(value, note)


def _pull(own: Sequence[Decision]) -> Cell:
    found = deference(own)
    if found is None:
        contrary = sum(
            each.lean in ("approve", "decline") and each.is_advised and each.lean != each.advice for each in own
        )
        return too_few(contrary)
    told = {
        "low": percent(found.pull.low, 0),
        "high": percent(found.pull.high, 0),
        "yielded": number(found.yielded),
        "contrary": number(found.contrary),
        "left": number(found.left),
        "agreeing": number(found.agreeing),
    }
    note = _(
        "%(low)s to %(high)s · gave up %(yielded)s of %(contrary)s leans against the advice, %(left)s of %(agreeing)s"
        " leans with it"
    )
    return Cell(percent(found.pull.value, 0), note % told)


def _pace(work: Work) -> tuple[Cell, Cell]:
    found = pace(work.own, work.too_fast)
    if found is None:
        timed = sum(each.seconds >= LEAST_SECONDS for each in work.own)
        return too_few(timed), too_few(timed)
    middle, lower, upper = (
        duration(timedelta(seconds=seconds)) for seconds in (found.middle, found.lower, found.upper)
    )
    note = _("half between %(low)s and %(high)s · n = %(n)s") % {
        "low": lower, "high": upper, "n": number(found.decisions),
    }  # fmt: skip
    return Cell(middle, note), Cell(percent(found.too_fast / found.decisions, 0), n_of(found.decisions))


def reasons_words(own: Sequence[Decision]) -> str:
    """What reasons were given most often; "" on too few."""
    found = commonest_reasons(own)
    if found is None:
        return ""
    codes, count, total = found
    named = " + ".join(words_of("reason", code, {}) for code in codes)
    return _("Most often the reasons were: %(reasons)s (%(share)s of %(n)s decisions with reasons).") % {
        "reasons": named, "share": percent(count / total, 0), "n": number(total),
    }  # fmt: skip


def kind_tables(models: Mapping[str, ErrorChances]) -> tuple[Table, ...]:
    """The team's chance of error by kind of case, against what models expected that had not seen the decisions."""
    return tuple(
        Table(
            words=_("Chance of error by kind of case: %(product)s") % {"product": word(PRODUCTS, product)},
            columns=(_("Kind of case"), _("Judged"), _("Wrong"), _("Expected wrong"), _("Chance of error")),
            rows=tuple(
                (
                    str(KIND_WORDS[check.kind]),
                    (
                        Cell(number(check.judged)),
                        Cell(number(check.wrong)),
                        Cell(number(check.expected, 1)),
                        Cell(percent(found.team[check.kind])),
                    ),
                )
                for check in found.checks
                if check.judged >= LEAST_SHOWN
            ),
            note=_("used to hand out cases") if found.helps else _("not used: the kind of case tells no errors apart"),
            empty=_("None in this period."),
        )
        for product, found in sorted(models.items())
    )


def own_kind_tables(person: int, models: Mapping[str, ErrorChances], judged: Iterable[Judged]) -> tuple[Table, ...]:
    """A person's chance of error by kind of case beside the team's, on products with enough judged decisions."""
    counts = Counter[tuple[str, str]]()
    for each in judged:
        if each.person == person:
            counts[each.product, each.kind] += each.judged
    tables = []
    for product, found in sorted(models.items()):
        total = sum(count for (name, _kind), count in counts.items() if name == product)
        if total < LEAST_SHOWN or person not in found.people:
            continue
        rows = tuple(
            (
                str(KIND_WORDS[check.kind]),
                (
                    Cell(number(counts[product, check.kind])),
                    Cell(percent(found.people[person][check.kind])),
                    Cell(percent(found.team[check.kind])),
                ),
            )
            for check in found.checks
        )
        words = _("Chance of error by kind of case: %(product)s") % {"product": word(PRODUCTS, product)}
        columns = (_("Kind of case"), _("Judged"), _("This person, drawn to the team"), _("Team"))
        tables.append(Table(words, columns, rows))
    return tuple(tables)
