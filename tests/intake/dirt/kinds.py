"""One kind of dirt: how its file is written, which rows come in, which are refused for what, or why the whole is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

COLUMNS: Final = ("id", "product", "amount", "term", "currency", "applied", "annual_income")
HEADER: Final = ",".join(COLUMNS)
Errors = Mapping[int, Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class Dirt:
    """`good` are the references that come in; `bad` the errors (field, code) by the number of the row as a spreadsheet
    program shows it; `refused` the code for which the whole file is."""

    name: str
    write: Callable[[Path], object]
    good: Sequence[str] = ()
    bad: Errors = field(default_factory=dict)
    refused: str = ""

    def __str__(self) -> str:
        return self.name


def row(number: int, **changes: str) -> str:
    """A good row of the usual columns, with `changes`."""
    cells = {
        "id": f"R-{number}",
        "product": "consumer",
        "amount": str(5000 + number),
        "term": "24",
        "currency": "CNY",
        "applied": "2025-03-04",
        "annual_income": str(60000 + number),
        **changes,
    }
    return ",".join(cells[name] for name in COLUMNS)


def refs(first: int, last: int) -> list[str]:
    """The references of the rows from `first` to `last`."""
    return [f"R-{number}" for number in range(first, last + 1)]


def lines(*rows: str, header: str = HEADER, end: str = "\n") -> str:
    """A table as text."""
    return end.join([header, *rows]) + end


def as_text(text: str, encoding: str = "utf-8") -> Callable[[Path], object]:
    """Writes it as it stands, in this encoding."""
    return lambda path: path.write_bytes(text.encode(encoding))


def as_bytes(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def as_made(make: Callable[[], bytes]) -> Callable[[Path], object]:
    """For what takes long to make: it is made by the test that writes it, not in every process that collects it."""
    return lambda path: path.write_bytes(make())


def among_good(number: int, bad: str, *errors: tuple[str, str], name: str) -> Dirt:
    """A bad row between twenty good ones before it and ten behind it."""
    rows = [row(each) for each in range(1, 21)] + [bad] + [row(each) for each in range(22, 32)]
    good = [*refs(1, 20), *refs(22, 31)]
    return Dirt(name, as_text(lines(*rows)), good=good, bad={number: errors})


def cell(column: str, value: str, code: str, name: str) -> Dirt:
    """One bad cell in row 22 (the 21st below the header)."""
    return among_good(22, row(21, **{column: value}), (column, code), name=name)
