"""New, changed and removed rows of a version's tables in full, for whoever ticks what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from desk.build.consequence_words import NAMES
from desk.build.policy_grids import label
from desk.words import is_chinese
from routing.consequences import Consequence
from routing.table.explain import cell_words, value_words
from routing.table.fields import Field
from routing.table.shapes import Cell, TableKind
from routing.terms import Terms


def rows_of(consequence: Consequence, terms: Terms) -> tuple[str, ...]:
    """The rows that a consequence is about, a line each; () where it is about none."""
    params = consequence.params
    if "tables" in params:
        return tuple(
            f"{NAMES[name]}: {_row(row, getattr(terms.kinds, name))}"
            for name, rows in params["tables"].items()
            for row in rows
        )
    if not {"was", "now"} & set(params):
        return _default_row(consequence, terms)
    kind: TableKind = getattr(terms.kinds, str(params["name"]))
    before = {row["id"]: row for row in params["was"]}
    after = {row["id"]: row for row in params["now"]}
    lines = []
    for key in params["rows"]:
        if key in before:
            lines.append(_("was: %(row)s") % {"row": _row(before[key], kind)})
        if key in after:
            lines.append(_("now: %(row)s") % {"row": _row(after[key], kind)})
    return tuple(lines)


def _default_row(consequence: Consequence, terms: Terms) -> tuple[str, ...]:
    if consequence.code != "default_row_changed" or not consequence.params.get("name"):
        return ()
    kind: TableKind = getattr(terms.kinds, str(consequence.params["name"]))
    ends = (consequence.params.get("from"), consequence.params.get("to"))
    words = (_("was: %(row)s"), _("now: %(row)s"))
    return tuple(each % {"row": _says(says, kind)} for each, says in zip(words, ends, strict=True) if says)


def _row(row: Mapping[str, Any], kind: TableKind) -> str:
    """`R11 (Region above 40 %): Share of its region in the book above 40.0 % → Way: machine declines`."""
    cells = "; ".join(_cell(key, cell, kind) for key, cell in row["when"].items()) or _("every case")
    words = row.get("zh" if is_chinese() else "en")
    name = f"{row['id']} ({words})" if words else row["id"]
    return f"{name}: {cells} → {_says(row['then'], kind)}"


def _cell(key: str, cell: Mapping[str, Any], kind: TableKind) -> str:
    # A field that the product had when the row was written, and has no more, is told by its key.
    field = kind.registry.get(key) or Field(key, "text", key, key)
    closed = cell.get("closed", (True, True))
    asked = Cell(cell["op"], tuple(cell.get("operands", ())), (closed[0], closed[1]))
    return cell_words(field, asked, "zh" if is_chinese() else "en")


def _says(outputs: Mapping[str, Any], kind: TableKind) -> str:
    return ", ".join(f"{label(kind.outputs[key])}: {_value(key, value, kind)}" for key, value in outputs.items())


def _value(key: str, value: Any, kind: TableKind) -> str:
    output = kind.outputs[key]
    return value_words(Field(key, output.type, "", "", choices=output.choices), value, "zh" if is_chinese() else "en")
