"""Rows of a lender's database as a table like any other, each with its place in the order by which it is read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from itertools import islice
from typing import Any, Final
from uuid import UUID

from intake.reading.rows import SAMPLE_ROWS
from intake.sources.connector_settings import SqlSettings
from intake.sources.reaching import ConnectorProblem
from intake.tabular.tables import Table, TableRow, column_names, is_blank
from intake.values.unread_cells import text_of_bytes
from intake.wording.sentences import shorten, storable

# A time without a zone is meant as on the lender's clocks.
CHINA: Final = timezone(timedelta(hours=8))
MESSAGE_MOST: Final = 100
# With these MySQL says that there is no date; the driver gives as text what is none.
ZERO_DATE: Final = re.compile(r"0000-00-00( 00:00:00(\.0+)?)?")
# Times as texts that lie in the order that they mean, and what else looks like a date.
SORTED_DATE: Final = re.compile(
    r"\d{4}([-/.])\d{2}\1\d{2}(?!\d)(?![ T]\d:)(?!.*(?:\d\s*[ap]\.?m(?![a-z])|[上下]午))([ T]?)(.*)",
    re.IGNORECASE | re.ASCII,
)
LIKE_DATE: Final = re.compile(
    r"\s*(?:\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{2}|\d{4})"
    r"|\d{1,2}[- ][a-z]{3,9}[- ,]+\d{4})(?!\d)",
    re.IGNORECASE | re.ASCII,
)

# How a value of the order is kept between two pulls: exactly, so that nothing is read twice or passed over.
WRITE: Final[dict[type, tuple[str, Any]]] = {
    bool: ("integer", int),
    int: ("integer", int),
    float: ("float", float.hex),
    Decimal: ("decimal", str),
    str: ("text", str),
    datetime: ("datetime", datetime.isoformat),
    date: ("date", date.isoformat),
    UUID: ("uuid", str),
    bytes: ("bytes", bytes.hex),
}
READ: Final[dict[str, Any]] = {
    "integer": int,
    "float": float.fromhex,
    "decimal": Decimal,
    "text": str,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "uuid": UUID,
    "bytes": bytes.fromhex,
}


def kept_value(name: str, value: object) -> list[object]:
    """[kind, text] of a value of the order. Raises ConnectorProblem for a kind that has none."""
    found = WRITE.get(type(value))
    if found is None or value != value:
        raise ConnectorProblem("position_kind", name=name, kind=type(value).__name__)
    kind, write = found
    return [kind, write(value)]


def value_again(kept: Sequence[Any]) -> Any:
    kind, text = kept
    return READ[kind](text)


def order_form(text: str) -> str | None:
    """The form of a text by which rows are put in order; None where texts of it do not lie in the order that they mean,
    as 2026/1/10 and 5.3.2026. Of what holds numbers and is no date, the length: 9 lies behind 10."""
    found = SORTED_DATE.fullmatch(text)
    # A number of a file may begin with a day: 2026-01-09-0001.
    if found and (found[2] or not found[3]):
        return f"date {found[1]}{found[2]}"
    if found is None and LIKE_DATE.match(text):
        return None
    return f"{len(text)} signs" if any(sign.isdigit() for sign in text) else "words"


def message_of(key: object) -> str:
    """What a row is called by its key; one that is too long is cut off."""
    return shorten(storable(str(key)), MESSAGE_MOST)


def place_of(name: str, columns: Sequence[str]) -> int:
    """Where a column of the order stands. Raises ConnectorProblem."""
    for place, column in enumerate(columns):
        if column.casefold() == name.casefold():
            return place
    raise ConnectorProblem("no_column", name=name, columns=", ".join(columns))


class DatabaseTable(Table):
    """The rows of one question. The first SAMPLE_ROWS may be gone through again, those behind them once.

    Ends before the first row whose watermark is a time younger than `settle_seconds`: rows are committed out of order.
    Raises ConnectorProblem at the row of the place `behind`, after which the question began: where it comes again, the
    database does not compare what it gives out, and a pull would read the same rows for ever or pass some over.
    `positions` are the places of the rows that were given out and not yet written down, by their number.
    """

    def __init__(
        self,
        names: Sequence[str],
        rows: Iterator[Sequence[Any]],
        settings: SqlSettings,
        *,
        first: int = 2,
        behind: list[Any] | None = None,
    ) -> None:
        self._number, self._behind = first, behind
        self.columns = column_names(names)
        self.total_rows = None
        self.positions: dict[int, list[list[object]]] = {}
        self.messages: dict[int, str] = {}
        self._names = (settings.watermark, settings.key)
        self._order = tuple(place_of(each, self.columns) for each in self._names)
        self._limit = datetime.now(UTC) - timedelta(seconds=settings.settle_seconds)
        self._rest = rows
        self._first = list(islice(rows, SAMPLE_ROWS))
        self._form: str | None = None

    def rows(self) -> Iterator[tuple[int, TableRow]]:
        """Every row that is not blank, the first with its number, which is 2 as if the names stood above it."""
        number = self._number - 1
        self._form = order_form(self._behind[0][1]) if self._behind and self._behind[0][0] == "text" else None
        for source in (self._first, self._rest):
            for values in source:
                number += 1
                if self._is_young(values[self._order[0]]):
                    return
                self._note(number, values)
                cells = [plain_cell(value) for value in values]
                if not is_blank(cells):
                    yield number, dict(zip(self.columns, cells, strict=True))

    def _note(self, number: int, values: Sequence[Any]) -> None:
        order = zip(self._names, (values[at] for at in self._order), strict=True)
        self.positions[number] = place = [kept_value(name, value) for name, value in order]
        if place == self._behind:
            raise ConnectorProblem("position_rounded", name=self._names[0])
        self._check_form(values[self._order[0]])
        self.messages[number] = message_of(values[self._order[1]])

    def _check_form(self, watermark: object) -> None:
        """Raises ConnectorProblem at a text that does not lie where it means, or in another form than the one before:
        the next question, which goes on behind it, would pass rows over."""
        if not isinstance(watermark, str):
            return
        form = order_form(watermark)
        # A day alone lies before its hours, however these are written.
        before = self._form or form or ""
        if form is None or not (form.startswith(before) or before.startswith(form)):
            raise ConnectorProblem("position_unsorted", name=self._names[0], value=watermark)
        self._form = form

    def reached(self, number: int) -> list[list[object]]:
        """The place of this row; those up to it are forgotten."""
        place = self.positions[number]
        for kept in (self.positions, self.messages):
            for each in [each for each in kept if each <= number]:
                del kept[each]
        return place

    def _is_young(self, watermark: object) -> bool:
        if isinstance(watermark, str):
            # SQLite keeps times as texts.
            try:
                watermark = datetime.fromisoformat(watermark)
            except ValueError:
                return False
        if isinstance(watermark, date) and not isinstance(watermark, datetime):
            # More rows of a day may come until it is over.
            watermark = datetime.combine(watermark + timedelta(days=1), time())
        if not isinstance(watermark, datetime):
            return False
        return (watermark if watermark.tzinfo else watermark.replace(tzinfo=CHINA)) > self._limit


def plain_cell(value: object) -> object:
    """One value of a database as text, number, flag, date or None; anything nested as its JSON, bytes as the text they
    are or else as UnreadCell."""
    if isinstance(value, str) and ZERO_DATE.fullmatch(value):
        return None
    if value is None or isinstance(value, str | bool | int | Decimal | date):
        return value
    if isinstance(value, float):
        return value if value == value else None
    if isinstance(value, bytes | bytearray | memoryview):
        return text_of_bytes(bytes(value))
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value.isoformat() if isinstance(value, time) else value)
