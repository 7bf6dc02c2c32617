"""Keyset paging: the next page begins after the last row's sort key, so that depth costs nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TypeVar

from django.core import signing
from django.db.models import BooleanField, F, Func, Model, Q, QuerySet, Subquery, Value

Row = TypeVar("Row", bound=Model)
SALT = "keyset by key"


def cursor_of(row: Model, order: Sequence[str]) -> str:
    """The place after `row`, signed, so that an address made by hand is recognised. It names the row by its key, and
    says which of its values are missing: the values themselves are read again when the place is asked for, as they may
    be more than the reader may know (the rank of a case follows from its PD)."""
    return signing.dumps([row.pk, [name for name in _names(order) if getattr(row, name) is None]], salt=_salt(order))


def is_cursor(text: str, order: Sequence[str]) -> bool:
    """Whether `cursor_of` gave it for this order."""
    return _place(text, order) is not None


def after(
    rows: QuerySet[Row], order: Sequence[str], cursor: str, *, among: QuerySet[Row] | None = None
) -> QuerySet[Row]:
    """The rows behind `cursor` in `order` (names, `-` for descending). A cursor that is none means the first page. Its
    row is looked up by key in the same statement; it need not be among `rows` any more. `among` are all rows with what
    is computed for the order."""
    place = _place(cursor, order)
    if place is None:
        return rows
    key, missing = place
    read = (rows.model._base_manager if among is None else among).filter(pk=key)
    if not missing and _is_one_way(order):
        return rows.filter(_row_behind(order, Subquery(read.values(*_names(order)))))
    return rows.filter(
        _behind(order, [None if each in missing else Subquery(read.values(each)) for each in _names(order)])
    )


def behind(rows: QuerySet[Row], order: Sequence[str], row: Row) -> QuerySet[Row]:
    """The rows behind one that is at hand, all of whose values are known, in an order of one direction."""
    names = _names(order)
    fields: list[Any] = [row._meta.pk if name == "pk" else row._meta.get_field(name) for name in names]
    values = [Value(getattr(row, name), field) for name, field in zip(names, fields, strict=True)]
    return rows.filter(_row_behind(order, Func(*values, template="(%(expressions)s)")))


def _row_behind(order: Sequence[str], place: Func | Subquery) -> Func:
    """`(a, b, c) > (1, 2, 3)`: the one form by which an index is entered at the place, rather than read up to it."""
    row = Func(*map(F, _names(order)), template="(%(expressions)s)")
    sign = " < " if order[0].startswith("-") else " > "
    return Func(row, place, template="%(expressions)s", arg_joiner=sign, output_field=BooleanField())


def _behind(order: Sequence[str], values: Sequence[Subquery | None]) -> Q:
    """The same spelled out, for orders of two directions and rows without a value."""
    found, equal = Q(pk__in=()), Q()
    for name, value in zip(order, values, strict=True):
        plain = name.lstrip("-")
        if value is None:
            # Only a view of cases without a place sorts by nothing: the key, last in every order, decides.
            equal &= Q(**{f"{plain}__isnull": True})
            continue
        found |= equal & Q(**{f"{plain}__{'lt' if name.startswith('-') else 'gt'}": value})
        equal &= Q(**{plain: value})
    return found


def _place(cursor: str, order: Sequence[str]) -> tuple[int, list[str]] | None:
    """The key of the row and the names of what it lacks."""
    try:
        key, missing = signing.loads(cursor, salt=_salt(order))
    except (signing.BadSignature, json.JSONDecodeError):
        return None
    return key, missing


def _names(order: Sequence[str]) -> list[str]:
    return [name.lstrip("-") for name in order]


def _is_one_way(order: Sequence[str]) -> bool:
    return len({name.startswith("-") for name in order}) == 1


def _salt(order: Sequence[str]) -> str:
    """One an order: the place in another list is no place in this one."""
    return f"{SALT}:{','.join(order)}"
