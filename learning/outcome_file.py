"""Outcomes in a plain table: who, when, and bad or not. Columns named like the fields of the API need no mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final

from django.utils import timezone

from intake.tabular.tables import BadRow, Table, TableRow
from intake.wording.field_errors import FieldError
from learning.actions import ObservedOutcome, OutcomeReceipt, record_outcomes
from learning.given_outcomes import KEYS, GivenOutcome, find_cases, read_outcome, refusals

CHUNK: Final = 1000
NEEDED: Final = frozenset({"observed_at", "bad"})
NAMES: Final = frozenset({"case_ref", "external_ref"})
FLAGS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("1", "true", "yes", "y", "bad", "是", "坏"), True),
    **dict.fromkeys(("0", "false", "no", "n", "good", "否", "好"), False),
}


@dataclass
class PlainReceipt:
    """What became of the rows: counts, and every refused row by its number as a spreadsheet shows it."""

    rows: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: list[tuple[int, list[FieldError]]] = field(default_factory=list)


def is_plain(columns: Sequence[str]) -> bool:
    """Whether a table has the columns of plain outcomes, and no other."""
    return KEYS >= set(columns) >= NEEDED and bool(NAMES & set(columns))


def import_plain(table: Table, *, source: str, now: datetime) -> Iterator[PlainReceipt]:
    """Record the outcomes of the table, a chunk at a time; yields what became of all rows so far."""
    receipt, chunk = PlainReceipt(), []
    for number, row in table.rows():
        chunk.append((number, row))
        if len(chunk) == CHUNK:
            yield _record(chunk, receipt, source, now)
            chunk = []
    yield _record(chunk, receipt, source, now)


def _record(chunk: Sequence[tuple[int, TableRow]], receipt: PlainReceipt, source: str, now: datetime) -> PlainReceipt:
    given: list[tuple[int, GivenOutcome]] = []
    for number, row in chunk:
        read = [row.error()] if isinstance(row, BadRow) else read_outcome(_plain(row, source), now=now)
        if isinstance(read, list):
            receipt.rejected.append((number, read))
        else:
            given.append((number, read))
    good: list[tuple[int, ObservedOutcome]] = []
    for (number, each), key in zip(given, find_cases([each for _number, each in given]), strict=True):
        if isinstance(key, FieldError):
            receipt.rejected.append((number, [key]))
        else:
            good.append((number, ObservedOutcome(key, each.observed_at, each.bad)))
    done: OutcomeReceipt = record_outcomes([outcome for _number, outcome in good], given_by=source)
    receipt.rejected += [(good[position][0], [error]) for position, error in refusals(done)]
    receipt.rows += len(chunk)
    receipt.accepted += done.accepted
    receipt.duplicates += done.duplicates
    return receipt


def _plain(row: Mapping[str, object], source: str) -> dict[str, Any]:
    """The cells as the API would have them: a flag and a moment with its time zone; what is neither stays as it is."""
    cells: dict[str, Any] = {name: _text(row[name]) for name in ("case_ref", "external_ref", "source") if name in row}
    if not cells.get("case_ref"):
        cells["source"] = cells.get("source") or source
    bad = row["bad"]
    cells["bad"] = FLAGS.get(_text(bad).casefold(), bad)
    cells["observed_at"] = _moment(row["observed_at"])
    return cells


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(int(cell)) if isinstance(cell, bool) else str(cell).strip()


def _moment(cell: object) -> object:
    """A day, or a moment without a zone, is one of the lender's own."""
    if isinstance(cell, str):
        try:
            cell = datetime.fromisoformat(cell.strip())
        except ValueError:
            return cell
    if isinstance(cell, date) and not isinstance(cell, datetime):
        cell = datetime.combine(cell, time.min)
    if isinstance(cell, datetime):
        return (timezone.make_aware(cell) if timezone.is_naive(cell) else cell).isoformat()
    return "" if cell is None else str(cell)
