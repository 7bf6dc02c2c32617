"""Keyset paging: the next page begins after the last row's sort key, so that depth costs nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.core import signing
from django.db.models import BooleanField, F, Func, Model, Q, QuerySet, Value

Row = TypeVar("Row", bound=Model)
SALT = "keyset"


def cursor_of(row: Model, order: Sequence[str]) -> str:
    """The place after `row`, signed, so that an address made by hand is recognised."""
    values = [getattr(row, name.lstrip("-")) for name in order]
    values = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return signing.dumps(values, salt=_salt(order))


def is_cursor(text: str, order: Sequence[str]) -> bool:
    """Whether `cursor_of` gave it for this order."""
    return _values(text, order) is not None


def after(rows: QuerySet[Row], order: Sequence[str], cursor: str) -> QuerySet[Row]:
    """The rows behind `cursor` in `order` (names, `-` for descending). A cursor that is none means the first page."""
    values = _values(cursor, order)
    if values is None:
        return rows
    if None not in values and len({name.startswith("-") for name in order}) == 1:
        return rows.filter(_row_behind(rows.model, order, values))
    behind = Q(pk__in=())
    equal = Q()
    for name, value in zip(order, values, strict=True):
        plain = name.lstrip("-")
        if value is None:
            # Only a view of cases without a place sorts by nothing: the key, last in every order, decides.
            equal &= Q(**{f"{plain}__isnull": True})
            continue
        behind |= equal & Q(**{f"{plain}__{'lt' if name.startswith('-') else 'gt'}": value})
        equal &= Q(**{plain: value})
    return rows.filter(behind)


def _row_behind(model: type[Model], order: Sequence[str], values: Sequence[Any]) -> Func:
    """`(a, b, c) > (1, 2, 3)`: the one form by which an index is entered at the place, rather than read up to it."""
    names = [name.lstrip("-") for name in order]
    fields: list[Any] = [model._meta.pk if name == "pk" else model._meta.get_field(name) for name in names]
    row = Func(*map(F, names), template="(%(expressions)s)")
    place = Func(*map(Value, values, fields), template="(%(expressions)s)")
    sign = " < " if order[0].startswith("-") else " > "
    return Func(row, place, template="%(expressions)s", arg_joiner=sign, output_field=BooleanField())


def _values(cursor: str, order: Sequence[str]) -> list[Any] | None:
    try:
        values: list[Any] = signing.loads(cursor, salt=_salt(order))
    except (signing.BadSignature, json.JSONDecodeError):
        return None
    return values


def _salt(order: Sequence[str]) -> str:
    """One an order: the place in another list is no place in this one."""
    return f"{SALT}:{','.join(order)}"
