"""Refused rows that a spreadsheet program saved when they were mended: of 001500 it keeps 1500, another loan.

Which row it was tells the column that was added when it was given out, and how its cells stood is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from django.db.models import Q

from intake.models import RejectedRow
from intake.tabular.returned import ROW, PutBack, added_columns
from intake.tabular.tables import BadRow, Table, TableRow
from intake.values.cells import cell_text
from intake.wording.sentences import storable

ASKED_AT_ONCE: Final = 1_000
_ZEROS_FIRST: Final = re.compile(r"0[0-9]+", re.ASCII)
# What is refused as known already, or asked about, is told by its reference.
_OF_THE_CASE: Final = frozenset({"external_ref", "applicant"})
# What is longer, or no number, is the id of a message.
_ROW_NUMBER: Final = re.compile(r"[0-9]{1,9}", re.ASCII)


def with_zeros_as_given_out(table: Table, slug: str) -> Table:
    """The table; one of refused rows of this source with the zeros before numbers that were lost since."""
    return _Returned(table, slug) if ROW in table.columns else table


class _Returned(Table):
    """A table of refused rows in which 1500 is the 001500 again that was given out."""

    def __init__(self, table: Table, slug: str) -> None:
        self.columns, self.total_rows, self.spacers = table.columns, table.total_rows, table.spacers
        self.notes, self.sheet, self.lines = table.notes, table.sheet, table.lines
        self._table, self._slug = table, slug

    def rows(self) -> Iterator[tuple[int, TableRow]]:
        added, rows = added_columns(self.columns), self._table.rows()
        while chunk := list(islice(rows, ASKED_AT_ONCE)):
            texts = {
                number: {column: cell_text(cell) for column, cell in row.items()}
                for number, row in chunk
                if not isinstance(row, BadRow)
            }
            kept = _kept_rows(self._slug, {storable(each[ROW]) for each in texts.values()})
            for number, row in chunk:
                if isinstance(row, BadRow):
                    yield number, row
                    continue
                own = {column: text for column, text in texts[number].items() if column not in added}
                yield number, row | _lost(own, kept.get(storable(texts[number][ROW]), ()))

    def last_rows(self) -> Sequence[Sequence[object]]:
        return self._table.last_rows()


@dataclass(frozen=True)
class _Kept:
    """The cells of a refused row as they stood, and those columns and texts of it that it was refused for."""

    cells: Mapping[str, str]
    refused: frozenset[str]

    def lost(self, texts: Mapping[str, str]) -> dict[str, str]:
        """The cells that lost zeros, as they were kept; none where another cell has its zeros, which a spreadsheet
        program would have dropped as well, and none that had to be mended: there a person took them away."""
        zeros = {name: was for name, was in self.cells.items() if _ZEROS_FIRST.fullmatch(was)}
        if any(texts.get(name) == was for name, was in zeros.items()):
            return {}
        lost = {name: was for name, was in zeros.items() if texts.get(name) == (was.lstrip("0") or "0")}
        return {name: was for name, was in lost.items() if self.refused.isdisjoint((name, was))}


def _kept_rows(slug: str, places: Iterable[str]) -> dict[str, list[_Kept]]:
    """The refused rows of a source, by what tells them where they are given out."""
    numbers = [int(place) for place in places if _ROW_NUMBER.fullmatch(place)]
    told = Q(message="", row_number__in=numbers) | Q(message__in=set(places) - {""})
    found: dict[str, list[_Kept]] = {}
    kept = RejectedRow.objects.filter(told, batch__source__slug=slug)
    for number, message, raw, errors in kept.values_list("row_number", "message", "raw", "errors").iterator():
        row = _Kept(raw, frozenset(part for error in errors for part in _told_by(error)))
        if row not in (alike := found.setdefault(message or str(number), [])):
            alike.append(row)
    return found


def _told_by(error: Mapping[str, Any]) -> list[str]:
    """The columns that an error names, and the text that it is about, unless that only says which case it is."""
    value = [] if error["field"] in _OF_THE_CASE else [str(error.get("value", ""))]
    return [*str(error["field"]).split(", "), *value]


def _lost(texts: Mapping[str, str], kept: Sequence[_Kept]) -> dict[str, PutBack]:
    """The cells that lost zeros, as they were kept. Rows of several files may have stood in one place: it is the one of
    which most cells came back, and where that may be several, what all of them say."""
    zeros = [each.lost(texts) for each in kept]
    same = [
        len(lost) + sum(text == each.cells.get(name) for name, text in texts.items())
        for each, lost in zip(kept, zeros, strict=True)
    ]
    first, *others = [lost for lost, count in zip(zeros, same, strict=True) if count == max(same)] or [{}]
    return {name: PutBack(was) for name, was in first.items() if all(lost.get(name) == was for lost in others)}
