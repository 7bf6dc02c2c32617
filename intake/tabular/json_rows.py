"""The rows of a JSON array one by one, so that a row that cannot be read harms no other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from intake.tabular.encodings import is_broken
from intake.wording.field_errors import FieldError
from intake.wording.sentences import storable

UNREADABLE: Final = (ValueError, RecursionError)
# Strings first: a bracket inside one is text.
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},]', re.DOTALL)


def text_of(body: bytes) -> str:
    """A body as text. What is not UTF-8 stays marked in it, so that only the rows that hold it are refused."""
    return body.decode("utf-8-sig", "surrogateescape")


def rows_of(text: str) -> list[object]:
    """The elements of a JSON array; one that is no JSON or no UTF-8, or too deep or too long a number, comes as its
    FieldError.

    Raises:
        ValueError: the text as a whole is no array.
    """
    if is_broken(text):
        return [row_of(item) for item in _items(text.strip())]
    try:
        rows = read_json(text)
    except UNREADABLE:
        return [row_of(item) for item in _items(text.strip())]
    if not isinstance(rows, list):
        raise ValueError("not an array")
    return rows


def row_of(text: str) -> object:
    """One JSON value, or the FieldError that says it is none."""
    if is_broken(text):
        return FieldError("", text, "undecodable", {"encoding": "UTF-8"})
    if "\x00" in text:
        return FieldError("", text, "forbidden_character")
    try:
        return read_json(text)
    except TwiceNamed as twice:
        return FieldError(twice.name, text, "named_twice")
    except UNREADABLE:
        return FieldError("", text, "not_json")


class TwiceNamed(ValueError):
    """An object that names a field more than once: of two values nobody knows which was meant."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"the field {name} is named more than once")


def read_json(text: str | bytes) -> Any:
    """A JSON text. Raises ValueError (of which TwiceNamed is one) or RecursionError where it is none."""
    return json.loads(text, object_pairs_hook=_named_once)


def _named_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        raise TwiceNamed(next(name for at, name in enumerate(names) if name in names[:at]))
    return found


def flat_row(raw: object) -> dict[str, str]:
    """A message as a row of a table: what is nested stands under dotted names, what is no object under `message`."""
    if isinstance(raw, FieldError):
        return {"message": storable(raw.value)}
    if not isinstance(raw, Mapping):
        return {"message": _cell(raw)}
    row: dict[str, object] = {}
    for name, value in raw.items():
        inner = value.items() if name in ("applicant", "features") and isinstance(value, Mapping) else None
        row |= {f"{name}.{key}": value for key, value in inner} if inner else {str(name): value}
    return {storable(name): _cell(value) for name, value in row.items()}


def _cell(value: object) -> str:
    if isinstance(value, str):
        return storable(value)
    if value is None:
        return ""
    # A flag is a number to Python; to whoever mends the row it is true or false.
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    try:
        return storable(json.dumps(value, ensure_ascii=False))
    except RecursionError:
        return "…"


def _items(text: str) -> Iterator[str]:
    """The texts between the commas of the outermost array."""
    if not text.startswith("["):
        raise ValueError("not an array")
    depth, start = 0, 1
    for token in _TOKEN.finditer(text):
        sign = token.group()
        if sign in ("[", "{"):
            depth += 1
        elif sign == "," and depth == 1:
            yield text[start : token.start()]
            start = token.end()
        elif sign in ("]", "}"):
            depth -= 1
            if depth == 0:
                if text[token.end() :].strip():
                    raise ValueError("something follows the array")
                yield text[start : token.start()]
                return
    raise ValueError("the array does not end")
