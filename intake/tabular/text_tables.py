"""Tables in text files: parted by comma, semicolon, tab, bar or other signs, in any usual encoding, plain or gzip."""

import csv
import gzip
import io
import os
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from intake.tabular.encodings import detect_encoding, is_broken, is_utf_8_read_as_gb
from intake.tabular.other_headers import OtherHeaders
from intake.tabular.separators import STAND_IN, named_separator, separator_of
from intake.tabular.table_headers import MAX_TITLE_ROWS, find_header
from intake.tabular.tables import (
    LAST_ROWS,
    BadRow,
    Naming,
    Table,
    TableError,
    TableRow,
    column_names,
    fit,
    is_blank,
)
from intake.wording.sentences import SHOWN_LENGTH, shorten, storable

_SAMPLE_RECORDS = 100
# A quoted cell may run over this many lines and characters; beyond, the quotation mark is a slip in one row.
_MAX_LINES = 50
_MAX_CHARACTERS = 100_000
_MAX_LINE = 1_000_000
_SHOWN_OF_LINE = 1_000
_END = 8_192
# UTF-16 that ends within a sign is cut off; of other encodings a broken sign is told with its row.
DAMAGED = (OSError, EOFError, zlib.error, UnicodeDecodeError)

# One record of the file: its row number, and its cells or what is wrong with it.
Record = tuple[int, "list[str] | BadRow"]


class TextTable(Table):
    """A table in a text file, read as a stream: memory does not grow with the file.

    Raises TableError when the file is not text, is damaged, or has no usable header.
    """

    def __init__(self, path: Path, naming: Naming = column_names) -> None:
        self.path = path
        self.columns = []
        self._naming = naming
        try:
            self._prepare()
        except DAMAGED as problem:
            raise TableError("table_damaged") from problem

    def _prepare(self) -> None:
        encoding = detect_encoding(self._open_bytes)
        if encoding is None:
            raise TableError("table_not_text")
        self.encoding = encoding
        self.separator = self._find_separator()
        # The csv reader knows separators of one sign; another is put in its place, line by line.
        self._sign = self.separator if len(self.separator) == 1 else STAND_IN
        first = list(islice(self._records(), MAX_TITLE_ROWS + 2))
        header = find_header([[] if isinstance(cells, BadRow) else cells for _, cells in first])
        for _number, cells in first[: header.last if header else None]:
            if isinstance(cells, BadRow) and cells.code == "line_too_long":
                raise TableError(cells.code, **cells.params)
        if header is None:
            raise TableError("table_empty")
        self._header, self._header_row = header, first[header.last][0]
        self.notes, self.note_places = header.notes, header.note_places
        names = [str(cell) for cell in header.cells]
        broken = [storable(name) for name in names if is_broken(name)]
        if broken:
            raise TableError("header_undecodable", encoding=encoding, names=shorten(", ".join(broken), SHOWN_LENGTH))
        self.take_names(self._naming(names, header.spacers))
        self.total_rows = self._estimate()

    def rows(self) -> Iterator[tuple[int, TableRow]]:
        """Every row below the header that is not blank, in order, with its number."""
        others = OtherHeaders(self._header, self.notes)
        try:
            for number, cells in self._records():
                if number <= self._header_row:
                    continue
                if isinstance(cells, BadRow):
                    yield number, others.told(number, cells.cells, cells)
                elif not is_blank(cells):
                    yield number, others.told(number, cells, self._row(cells))
        except DAMAGED as problem:
            raise TableError("table_damaged") from problem

    def last_rows(self) -> Sequence[Sequence[object]]:
        """The last lines of the file; none of a packed one, which would have to be unpacked as a whole."""
        with self._open_bytes() as stream:
            if not isinstance(stream, io.BufferedReader):
                return []
            size = os.stat(self.path).st_size
            # The signs of UTF-16 have two bytes each, and the first of the file say in which order.
            order = stream.read(2) if self.encoding == "utf-16" else b""
            stream.seek(max(size - _END, 0) // 2 * 2)
            text = (order + stream.read()).decode(self.encoding, errors="ignore")
        # The first line may have lost its beginning.
        lines = [line for line in text.splitlines()[1:] if line.strip()][-LAST_ROWS:]
        return [[cell.strip('"') for cell in line.split(self.separator)] for line in lines]

    def _row(self, cells: list[str]) -> TableRow:
        if is_broken("".join(cells)):
            return BadRow("undecodable", {"encoding": self.encoding}, tuple(cells))
        if self.encoding == "gb18030" and is_utf_8_read_as_gb("".join(cells)):
            return BadRow("other_encoding", {"encoding": self.encoding}, tuple(cells))
        return fit(cells, self.columns, self.spacers)

    def _open_bytes(self) -> gzip.GzipFile | io.BufferedReader:
        with self.path.open("rb") as stream:
            packed = stream.read(2) == b"\x1f\x8b"
        return gzip.open(self.path, "rb") if packed else self.path.open("rb")

    def _open_text(self) -> io.TextIOWrapper:
        # Half a pair of UTF-16 costs its row, as broken bytes of the others do.
        errors = "surrogatepass" if self.encoding.startswith("utf-16") else "surrogateescape"
        return io.TextIOWrapper(self._open_bytes(), self.encoding, errors=errors, newline="")

    def _find_separator(self) -> str:
        with self._open_text() as stream:
            lines: list[str] = []
            while len(lines) < _SAMPLE_RECORDS and sum(map(len, lines)) < _MAX_CHARACTERS:
                line = stream.readline(_MAX_CHARACTERS)
                if not line:
                    break
                lines += [line] if line.strip() else []
        named = named_separator(lines[0]) if lines else ""
        self._skipped_lines = 1 if named else 0
        return named or separator_of(lines)

    def _records(self) -> Iterator[Record]:
        with self._open_text() as stream:
            lines = _Lines(stream, self.separator if self._sign == STAND_IN else "")
            number = 0
            while (line := lines.take()) is not None:
                number += 1
                if number <= self._skipped_lines:
                    continue
                if lines.was_cut:
                    shown = (line[:_SHOWN_OF_LINE],)
                    yield number, lines.as_written(BadRow("line_too_long", {"limit": f"{_MAX_LINE:,}"}, shown))
                elif '"' in line:
                    yield (
                        number,
                        lines.as_written(_quoted(line, lines, self._sign, len(self.columns) + len(self.spacers))),
                    )
                else:
                    yield number, line.rstrip("\r\n").split(self._sign)

    def _estimate(self) -> int | None:
        """Rows of the file, from the length of its first lines; None for packed files, whose length says little."""
        size = os.stat(self.path).st_size
        with self._open_bytes() as stream:
            if not isinstance(stream, io.BufferedReader):
                return None
            head = stream.read(1 << 18)
        ends = head.count(b"\n") or head.count(b"\r")
        if len(head) == size:
            return max(ends - 1 + (not head.endswith((b"\n", b"\r", b"\n\x00"))), 0)
        return round(size / len(head) * ends) if ends else None


class _Lines:
    """Physical lines of a text, with the possibility to give some back. `signs` are the several ones that part cells,
    in whose place each line has STAND_IN."""

    def __init__(self, stream: io.TextIOWrapper, signs: str) -> None:
        self._stream = stream
        self._signs = signs
        self._given_back: deque[str] = deque()
        self.was_cut = False

    def take(self) -> str | None:
        """The next line; `was_cut` tells that it goes on too long, and that the rest of it was passed over."""
        self.was_cut = False
        if self._given_back:
            return self._given_back.popleft()
        # A single endless line must not fill the memory.
        line = part = self._stream.readline(_MAX_LINE)
        while len(part) == _MAX_LINE and not part.endswith(("\n", "\r")):
            self.was_cut = True
            part = self._stream.readline(_MAX_LINE)
        return (line.replace(self._signs, STAND_IN) if self._signs else line) or None

    def as_written(self, record: "list[str] | BadRow") -> "list[str] | BadRow":
        """A record whose quoted cells hold the separator as the file does."""
        if not self._signs:
            return record
        if isinstance(record, BadRow):
            return replace(record, cells=tuple(cell.replace(STAND_IN, self._signs) for cell in record.cells))
        return [cell.replace(STAND_IN, self._signs) for cell in record]

    def give_back(self, lines: Sequence[str]) -> None:
        self._given_back.extendleft(reversed(lines))


class _Collector:
    """Hands lines to the csv reader, remembers them, and notes when it asked for more than it may have."""

    def __init__(self, first: str, lines: _Lines) -> None:
        self.taken = [first]
        self.ran_out = False
        self._lines = lines
        self._started = False

    def __iter__(self) -> "_Collector":
        return self

    def __next__(self) -> str:
        if not self._started:
            self._started = True
            return self.taken[0]
        full = len(self.taken) >= _MAX_LINES or sum(map(len, self.taken)) > _MAX_CHARACTERS
        line = None if full else self._lines.take()
        if line is None:
            self.ran_out = True
            raise StopIteration
        self.taken.append(line)
        return line


def _quoted(first: str, lines: _Lines, separator: str, width: int) -> "list[str] | BadRow":
    """The cells of a record with quotation marks; a stray mark costs its own row only, never the rows below it."""
    collector = _Collector(first, lines)
    try:
        cells = next(csv.reader(collector, delimiter=separator, strict=True), None)
    except csv.Error as problem:
        if "field larger than" in str(problem):
            lines.give_back(collector.taken[1:])
            limit = f"{csv.field_size_limit():,}"
            return BadRow("cell_too_long", {"limit": limit}, (first[:_SHOWN_OF_LINE],))
        cells = None
    several = len(collector.taken) > 1
    if cells is not None and not collector.ran_out and not (several and width and len(cells) != width):
        return cells
    lines.give_back(collector.taken[1:])
    return BadRow("broken_quotes", {}, tuple(first.rstrip("\r\n").split(separator)))
