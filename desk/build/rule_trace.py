"""Why each rule of the policy hit a case, might have, or did not: told from the stored trace and inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.build.policy_grids import label
from desk.pages import RuleLine
from desk.words import is_chinese
from routing.life import readable_terms
from routing.models import Route
from routing.table.explain import ToldCell, ToldRow, cell_words, value_words, why
from routing.table.shapes import DEFAULT, Value
from routing.terms import Terms

STATES: Final[dict[str, Promise]] = {
    "hit": gettext_lazy("hits"),
    "possible": gettext_lazy("possible"),
    "not": gettext_lazy("does not hit"),
}


def rule_lines(route: Route | None) -> tuple[RuleLine, ...]:
    """One line a rule, the default row last; () where no table was asked, or its version can be read no more."""
    terms = readable_terms(route.policy) if route and route.policy and route.row else None
    if route is None or terms is None:
        return ()
    try:
        told = why(terms.rules, bytes.fromhex(route.trace), route.inputs)
    except ValueError:
        return ()
    lines = tuple(_line(row, terms, route.row) for row in told)
    default = RuleLine(
        DEFAULT,
        _("What no other row takes"),
        "hit" if route.row == DEFAULT else "not",
        str(STATES["hit"] if route.row == DEFAULT else STATES["not"]),
        _way(terms, terms.rules.default),
        decides=route.row == DEFAULT,
    )
    return (*lines, default)


def _line(row: ToldRow, terms: Terms, deciding: str) -> RuleLine:
    rule = terms.rules.rows[row.index]
    if row.failing is not None:
        told = _failing(row.failing, terms)
    else:
        cells = row.unknown or row.cells
        told = "; ".join(_asked(cell, terms) for cell in cells)
        if row.unknown:
            told = _("not known: %(cells)s") % {"cells": told}
    return RuleLine(
        id=row.id,
        words=(rule.zh if is_chinese() else rule.en) or row.id,
        state=row.state,
        state_words=str(STATES[row.state]),
        way=_way(terms, rule.outputs),
        told=told,
        decides=row.id == deciding,
    )


def _failing(cell: ToldCell, terms: Terms) -> str:
    field = terms.kinds.rules.registry[cell.field]
    value = value_words(field, cell.value, "zh" if is_chinese() else "en")
    return _("asks “%(cell)s”; here it is %(value)s") % {"cell": _asked(cell, terms), "value": value}


def _asked(cell: ToldCell, terms: Terms) -> str:
    return cell_words(terms.kinds.rules.registry[cell.field], cell.cell, "zh" if is_chinese() else "en")


def _way(terms: Terms, outputs: Mapping[str, Value]) -> str:
    way = outputs["way"]
    found = next((one for one in terms.kinds.rules.outputs["way"].choices if one.key == way), None)
    return label(found) if found else str(way)
