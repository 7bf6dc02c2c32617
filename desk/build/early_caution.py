"""What people's blind opinions say of the models in force, and what that would make of the lines."""

from __future__ import annotations

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.pages.models import Cell, Table
from desk.words import MISSING, number, percent
from learning.early_caution import LEAST_OPINIONS, LEAST_PEOPLE
from learning.early_caution_reading import Said, said_of_champion
from routing.actions import active_policy, terms_of
from routing.facts import lowered
from scoring.models import ModelVersion


def caution_table() -> Table:
    """A row a product with a model in force."""
    champions = ModelVersion.objects.filter(status=ModelVersion.Status.CHAMPION).order_by("product")
    said = [said_of_champion(product) for product in champions.values_list("product", flat=True)]
    return Table(
        _("What people say of the models in force"),
        (
            _("Model"), _("Too hopeful by (log-odds)"), _("Opinions"), _("Its bad loans assessed here"),
            _("Caution in force"), _("Machine approves below a PD of"),
        ),
        tuple((str(each.model), _cells(each)) for each in said if each is not None),
        _("what they thought before they saw the score, with the interval (95 %)"),
        _("No model is in force yet."),
    )  # fmt: skip


def _cells(said: Said) -> tuple[Cell, ...]:
    policy, found = active_policy(said.model.product), said.found
    terms = terms_of(policy) if policy else None
    shift, opinions = Cell(MISSING, _why_not(said)), Cell(MISSING)
    if found is not None:
        shift = Cell(number(found.shift, 2), f"{number(found.low, 2)} – {number(found.high, 2)}")
        people = ngettext("%(n)s person", "%(n)s people", found.people) % {"n": number(found.people)}
        opinions = Cell(number(found.opinions), people)
    if terms is None:
        return shift, opinions, Cell(percent(said.own_share)), Cell(MISSING), Cell(MISSING)
    line = np.array([terms.approve_below])
    now, then = (float(lowered(line, each)[0]) for each in (terms.caution, said.caution))
    note = _("%(pd)s with a caution of %(caution)s") % {"pd": percent(then), "caution": number(said.caution, 2)}
    return shift, opinions, Cell(percent(said.own_share)), Cell(number(terms.caution, 2)), Cell(percent(now), note)


def _why_not(said: Said) -> str:
    if said.is_over:
        return _("its own outcomes speak")
    given = {"people": number(LEAST_PEOPLE), "opinions": number(LEAST_OPINIONS)}
    return _("fewer than %(people)s people with %(opinions)s opinions each") % given
