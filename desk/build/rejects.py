"""Rejects whose loans nobody saw: what they are expected to have won, in words and by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from desk.build.overrides import BY_WORDS, PART_WORDS, VERDICT_WORDS, View
from desk.pages.models import Cell, Table
from desk.pages.overrides import OverridePart
from desk.words import MISSING, number
from learning.overrides import LEAST_COHORT, LEAST_SETTLED, Expectation, Override, expect

Cohorts = Mapping[tuple[str, int], tuple[int, int]]


def estimated_part(rejects: Sequence[Override], cohorts: Cohorts, view: View) -> OverridePart:
    """Rejects without a loan: what they are expected to have won, which nobody measured."""
    found = expect(rejects, cohorts)
    sentences = [_("Estimated, not measured: nobody sees what these loans would have done.")]
    if found is not None:
        told = {
            "value": view.money(found.by_pd.value),
            "interval": view.interval(found.by_pd),
            "n": number(len(rejects)),
        }
        sentences.append(
            _(
                "By the model's own PD: %(value)s on %(n)s cases (%(interval)s at the ends of the PDs). The model"
                " advised to approve them, so by its own figures declining them loses: this tells what was at stake,"
                " not who was right."
            )
            % told
        )
        sentences.append(_cohort_words(found, view))
    return OverridePart(
        "rejects", str(PART_WORDS["rejects"]), False, tuple(sentences), None, _estimated_table(rejects, cohorts, view)
    )


def _cohort_words(found: Expectation, view: View) -> str:
    if found.by_cohort is None:
        told = {"least": number(LEAST_COHORT)}
        return _("By loans alike: not known, no band of PD has %(least)s approved loans that matured.") % told
    told = {
        "value": view.money(found.by_cohort.value),
        "interval": view.interval(found.by_cohort),
        "n": number(found.covered),
    }
    words = _("By approved loans of the same product and band of PD: %(value)s on %(n)s cases (95 %%: %(interval)s).")
    return words % told


def _estimated_table(rejects: Sequence[Override], cohorts: Cohorts, view: View) -> Table:
    members: dict[str, list[Override]] = {}
    for each in rejects:
        for key in view.keys_of(each):
            members.setdefault(key, []).append(each)
    return Table(
        words=_("Estimated by group"),
        columns=(str(BY_WORDS[view.by]), _("Cases"), _("By the PD"), _("By loans alike")),
        rows=tuple((view.words_of(key), _estimated_cells(members[key], cohorts, view)) for key in sorted(members)),
        empty=_("None in this period."),
    )


def _estimated_cells(mine: Sequence[Override], cohorts: Cohorts, view: View) -> tuple[Cell, ...]:
    found = expect(mine, cohorts)
    if found is None or len(mine) < LEAST_SETTLED:
        return (Cell(number(len(mine))), Cell(str(VERDICT_WORDS["too_few"])), Cell(str(VERDICT_WORDS["too_few"])))
    by_cohort = Cell(MISSING)
    if found.by_cohort is not None:
        note = _("%(interval)s · %(n)s cases") % {
            "interval": view.interval(found.by_cohort),
            "n": number(found.covered),
        }
        by_cohort = Cell(view.money(found.by_cohort.value), note)
    return Cell(number(len(mine))), Cell(view.money(found.by_pd.value), view.interval(found.by_pd)), by_cohort
