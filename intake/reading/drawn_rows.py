"""Rows drawn from all over a table, which tell what it is like as a whole before all of it is read."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from intake.mapped.case_mapping import CaseMapping
from intake.mapped.earlier_readings import EarlierMapping
from intake.mapped.joined import LookUp
from intake.reading.rows import ReadRow, bind_mapping, read_rows
from intake.tabular.tables import Table, TableRow
from intake.wording.sentences import IntakeError

DRAWN_MOST: Final = 2_000


class _Drawn(Table):
    """Some rows of a table, in their order."""

    def __init__(self, table: Table, rows: Sequence[tuple[int, TableRow]]) -> None:
        self.columns, self.total_rows, self._rows = table.columns, len(rows), rows

    def rows(self) -> Iterator[tuple[int, TableRow]]:
        return iter(self._rows)


def drawn_rows(
    table: Table, mapping: CaseMapping, *, now: datetime, look_up: LookUp, earlier: Sequence[EarlierMapping]
) -> tuple[list[ReadRow], int]:
    """At most DRAWN_MOST rows of a table by chance, in their order, and how many it has; only these are read by the
    mapping. The same rows whenever it is asked, and up to where the table cannot be read: that is told elsewhere."""
    draw, count = random.Random(0), 0  # noqa: S311
    taken: list[tuple[int, TableRow]] = []
    try:
        for count, row in enumerate(table.rows(), 1):
            place = len(taken) if count <= DRAWN_MOST else draw.randrange(count)
            if place < DRAWN_MOST:
                taken[place : place + 1] = [row]
    except IntakeError:
        pass
    drawn = _Drawn(table, sorted(taken, key=lambda each: each[0]))
    bound = bind_mapping(mapping, table)
    return list(read_rows(drawn, bound, now=now, look_up=look_up, earlier=earlier)), count
