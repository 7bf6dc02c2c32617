"""Tables in text files: comma, semicolon, tab or bar separated, in any usual encoding, plain or gzip."""

import csv
import gzip
import io
import os
import re
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from intake.encodings import detect_encoding, is_broken, is_utf_8_read_as_gb
from intake.sentences import SHOWN_LENGTH, shorten, storable
from intake.table_headers import MAX_TITLE_ROWS, find_header
from intake.tables import (
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

SEPARATORS = ",;\t|^"
_SAMPLE_RECORDS = 100
# A quoted cell may run over this many lines and characters; beyond, the quotation mark is a slip in one row.
_MAX_LINES = 50
_MAX_CHARACTERS = 100_000
_MAX_LINE = 1_000_000
_SHOWN_OF_LINE = 1_000
_END = 8_192
# UTF-16 that ends within a sign is cut off; of other encodings a broken sign is told with its row.
DAMAGED = (OSError, EOFError, zlib.error, UnicodeDecodeError)
_SEPARATOR_LINE = re.compile(r"\ufeff?sep=([,;\t|^])\r?\n?", re.IGNORECASE)

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
        self._skipped_lines = 0
        self.separator = self._find_separator()
        first = list(islice(self._records(), MAX_TITLE_ROWS + 2))
        header = find_header([[] if isinstance(cells, BadRow) else cells for _, cells in first])
        for _number, cells in first[: header.last if header else None]:
            if isinstance(cells, BadRow) and cells.code == "line_too_long":
                raise TableError(cells.code, **cells.params)
        if header is None:
            raise TableError("table_empty")
        self._header_row = first[header.last][0]
        self.notes, names = header.notes, [str(cell) for cell in header.cells]
        broken = [storable(name) for name in names if is_broken(name)]
        if broken:
            raise TableError("header_undecodable", encoding=encoding, names=shorten(", ".join(broken), SHOWN_LENGTH))
        self.take_names(self._naming(names, header.spacers))
        self.total_rows = self._estimate()

    def rows(self) -> Iterator[tuple[int, TableRow]]:
        """Every row below the header that is not blank, in order, with its number."""
        try:
            for number, cells in self._records():
                if number <= self._header_row:
                    continue
                if isinstance(cells, BadRow):
                    yield number, cells
                elif not is_blank(cells):
                    yield number, self._row(cells)
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
        named = _SEPARATOR_LINE.fullmatch(lines[0]) if lines else None
        if named:
            self._skipped_lines = 1
            return named.group(1)
        return max(SEPARATORS, key=lambda separator: _fitness(lines, separator))

    def _records(self) -> Iterator[Record]:
        with self._open_text() as stream:
            lines = _Lines(stream)
            number = 0
            while (line := lines.take()) is not None:
                number += 1
                if number <= self._skipped_lines:
                    continue
                if lines.was_cut:
                    yield number, BadRow("line_too_long", {"limit": f"{_MAX_LINE:,}"}, (line[:_SHOWN_OF_LINE],))
                elif '"' in line:
                    yield number, _quoted(line, lines, self.separator, len(self.columns) + len(self.spacers))
                else:
                    yield number, line.rstrip("\r\n").split(self.separator)

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
    """Physical lines of a text, with the possibility to give some back."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self._stream = stream
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
        return line or None

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


def _fitness(lines: Sequence[str], separator: str) -> tuple[float, int]:
    """How well a separator cuts the sample into a table: the share of rows as wide as most, times the width.

    A row cut through a quoted cell counts against it, and a header narrower than its rows makes it unlikely.
    """
    try:
        records = [cells for cells in csv.reader(lines, delimiter=separator) if cells]
    except csv.Error:
        records = [line.split(separator) for line in lines]
    widths = [0 if any(cell.count('"') % 2 for cell in cells) else len(cells) for cells in records]
    usual = max(set(widths), key=lambda width: (widths.count(width), width), default=0)
    if usual < 2:
        return 0.0, -SEPARATORS.index(separator)
    fitness = widths.count(usual) / len(widths) * (usual - 1)
    return fitness if widths[0] == usual else fitness * 0.3, -SEPARATORS.index(separator)
