"""A version of the policy as the fields of a form, and what its buttons do to them before anything is saved.

Everything is text under the name of its input, so that what was typed comes back whatever is wrong with it. Of a table
`rules`: `rules.columns` are the keys of its fields, `rules.0.id` the first row's id, `rules.0.if.amount` its cell,
`rules.0.then.way` its output; `rules.default.then.way` the default row's.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from routing.record import tables_of
from routing.table.notation import write_cell, write_value
from routing.table.shapes import Table, TableKind
from routing.terms import LISTS, Terms

Form = dict[str, str]

MOST: Final = 1000
LONGEST_PLACE: Final = 4
TABLES: Final = ("rules", "signatures", "limits")
# Shares are typed as percentages: 12 is 12 %.
PERCENTS: Final = ("approve_below", "cut_off", "decline_above", "doubt_limit", "audit_share", "reviewer_accuracy")
PLAIN: Final = ("amount_limit", "sla_hours", "review_cost", "caution")
# Parts that are there or not, with their percentages and their other figures.
PARTS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "promise": (("miss_rate", "good_decline_rate", "confidence"), ()),
    "capacity": (("appetite", "random_share"), ("hours_a_day", "minutes_a_look")),
    "guard": (("tolerance",), ("least_cases",)),
    "exploration": (
        ("rate", "highest_pd", "most_loss_share", "tolerated_bad_rate", "confidence"),
        ("highest_exposure", "budget", "most_bads"),
    ),
}
USUAL: Final[Form] = {
    "promise.miss_rate": "5", "promise.confidence": "95", "capacity.hours_a_day": "12", "capacity.minutes_a_look": "6",
    "capacity.appetite": "0", "capacity.random_share": "5", "capacity.fallback": "wait", "guard.tolerance": "5",
    "guard.least_cases": "200", "exploration.rate": "1", "exploration.highest_pd": "30", "exploration.confidence": "95",
    "exploration.highest_exposure": "10000", "exploration.budget": "100000", "exploration.most_bads": "10",
    "exploration.most_loss_share": "20", "exploration.tolerated_bad_rate": "30",
}  # fmt: skip


def figure(value: float | None, *, percent: bool = False) -> str:
    """A figure as somebody would type it: all its digits, so that it reads back as itself; no exponent, no commas."""
    if value is None:
        return ""
    exact = Decimal(repr(float(value))) * (100 if percent else 1)
    shown = f"{exact:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def form_of(terms: Terms, purpose: str) -> Form:
    """The form that shows a version."""
    form = dict(USUAL)
    form |= {name: figure(getattr(terms, name), percent=True) for name in PERCENTS}
    form |= {name: figure(getattr(terms, name)) for name in PLAIN}
    form |= {"purpose": purpose, "currency": terms.currency, "segment_by": terms.segment_by}
    form |= {f"lists.{name}": "\n".join(terms.lists.get(name, ())) for name in LISTS}
    form["segment_bands"] = "\n".join(
        f"{name}: {figure(bands.approve_below, percent=True)}, {figure(bands.decline_above, percent=True)}"
        for name, bands in terms.segment_bands.items()
    )
    for part, (percents, plain) in PARTS.items():
        found = getattr(terms, part)
        if found is not None:
            form[f"{part}.on"] = "yes"
            form |= {f"{part}.{name}": figure(getattr(found, name), percent=True) for name in percents}
            form |= {f"{part}.{name}": figure(getattr(found, name)) for name in plain}
    if terms.capacity is not None:
        form["capacity.fallback"] = terms.capacity.fallback
    if terms.guard is not None and terms.guard.fall_back:
        form["guard.fall_back"] = "yes"
    for name, table in tables_of(terms).items():
        form |= table_form(name, table, getattr(terms.kinds, name))
    form["examples"] = str(len(terms.examples))
    for place, example in enumerate(terms.examples):
        start = f"example.{place}."
        form |= {f"{start}en": example.name_en, f"{start}zh": example.name_zh, f"{start}way": example.way}
        form[f"{start}inputs"] = "\n".join(f"{key} = {_input(value)}" for key, value in example.inputs.items())
    return form


def table_form(name: str, table: Table, kind: TableKind) -> Form:
    """The inputs of one table."""
    used = {key for row in table.rows for key, _cell in row.used}
    form = {
        f"{name}.on": "yes",
        f"{name}.hit": table.hit,
        f"{name}.rows": str(len(table.rows)),
        f"{name}.columns": " ".join(key for key in kind.registry if key in used),
    }
    for place, row in enumerate(table.rows):
        start = f"{name}.{place}."
        form |= {f"{start}id": row.id, f"{start}en": row.en, f"{start}zh": row.zh}
        form |= {f"{start}if.{key}": write_cell(kind.registry[key], cell) for key, cell in row.used}
        form |= {f"{start}then.{key}": write_value(kind.outputs[key].type, value) for key, value in row.outputs.items()}
    form |= {
        f"{name}.default.then.{key}": write_value(kind.outputs[key].type, value) for key, value in table.default.items()
    }
    return form


def pressed(form: Form, act: str) -> Form:
    """What a button of a table does: `add_row rules`, `remove_row rules 2`, `up rules 2`, `down rules 2`,
    `add_column rules` (the field chosen in `rules.new`), `remove_column rules amount`, `add_example`,
    `remove_example 1`, `add_table limits`, `remove_table limits`. An act that is none changes nothing."""
    name, table, of = (*act.split(), "", "", "")[:3]
    if name == "add_example":
        return form | {"examples": str(_count(form, "examples") + 1)}
    if name == "remove_example":
        return _without(form, "example", "examples", _number(table))
    if table not in TABLES:
        return form
    if name in ("add_table", "remove_table"):
        return {
            **form,
            f"{table}.on": "yes" if name == "add_table" else "",
            f"{table}.hit": form.get(f"{table}.hit") or "first",
        }
    if name == "add_row":
        place = _count(form, f"{table}.rows")
        return form | {f"{table}.rows": str(place + 1), f"{table}.{place}.id": _next_id(form, table)}
    if name == "remove_row":
        return _without(form, table, f"{table}.rows", _number(of))
    if name in ("up", "down"):
        return _swapped(form, table, _number(of), _number(of) + (-1 if name == "up" else 1))
    columns = form.get(f"{table}.columns", "").split()
    if name == "add_column" and form.get(f"{table}.new"):
        columns = [*columns, form[f"{table}.new"]]
    if name == "remove_column":
        columns = [key for key in columns if key != of]
        form = {key: value for key, value in form.items() if not _is_cell(key, table, of)}
    return form | {f"{table}.columns": " ".join(dict.fromkeys(columns))}


def rows_of(form: Mapping[str, str], table: str) -> range:
    """The places of a table's rows."""
    return range(_count(form, f"{table}.rows"))


def examples_of(form: Mapping[str, str]) -> range:
    """The places of the examples."""
    return range(_count(form, "examples"))


def _count(form: Mapping[str, str], name: str) -> int:
    return min(max(_number(form.get(name, "0")), 0), MOST)


def _number(text: str) -> int:
    """The place that a text names; -1 where it names none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_PLACE else -1


def _input(value: float | str | bool | None) -> str:
    """A value of an example as `policy_reading` reads it back; words that look like something else are quoted."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value if fact_of(value) == value and value == value.strip() else json.dumps(value, ensure_ascii=False)
    return str(value).lower() if isinstance(value, bool) else figure(value)


def fact_of(text: str) -> float | str | bool | None:
    """What a text typed as a fact of an example means: yes or no, a figure (12% is 0.12), else words."""
    if text.lower() in ("true", "yes", "是"):
        return True
    if text.lower() in ("false", "no", "否"):
        return False
    if not text:
        return None
    try:
        if text.startswith('"'):
            return str(json.loads(text))
        found = Decimal(text.removesuffix("%"))
    except (ValueError, ArithmeticError):
        return text
    shown = float(found / 100 if text.endswith("%") else found)
    return shown if math.isfinite(shown) else text


def _next_id(form: Mapping[str, str], table: str) -> str:
    """An id that no row of the table has; ids are never used again while others stand."""
    letter = table[0].upper()
    taken = [form.get(f"{table}.{place}.id", "") for place in rows_of(form, table)]
    numbers = [max(_number(one[1:]), 0) for one in taken if one[:1] == letter]
    return f"{letter}{max(numbers, default=0) + 1}"


def _is_cell(name: str, table: str, column: str) -> bool:
    return name.startswith(f"{table}.") and name.endswith(f".if.{column}")


def _without(form: Form, prefix: str, counter: str, gone: int) -> Form:
    """The form without one numbered part; those behind it move up."""
    count = _count(form, counter)
    kept = {name: value for name, value in form.items() if _place(name, prefix) is None}
    for name, value in form.items():
        place = _place(name, prefix)
        if place is not None and place != gone:
            kept[_moved(name, prefix, place - 1 if place > gone else place)] = value
    return kept | {counter: str(max(count - 1, 0))} if 0 <= gone < count else form


def _swapped(form: Form, prefix: str, one: int, other: int) -> Form:
    if not {one, other} <= set(rows_of(form, prefix)):
        return form
    turned = {one: other, other: one}
    return {
        name if (place := _place(name, prefix)) is None else _moved(name, prefix, turned.get(place, place)): value
        for name, value in form.items()
    }


def _place(name: str, prefix: str) -> int | None:
    parts = name.split(".")
    place = _number(parts[1]) if parts[0] == prefix and len(parts) > 2 else -1
    return place if place >= 0 else None


def _moved(name: str, prefix: str, place: int) -> str:
    return ".".join([prefix, str(place), *name.split(".")[2:]])
