"""What every kind of table has in common: named columns, numbered rows, rows that are broken."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from intake.wording.field_errors import FieldError
from intake.wording.sentences import IntakeError, storable

MAX_COLUMNS = 2_000
# So many rows at the end of a table are looked through for notes.
LAST_ROWS = 10


class TableError(IntakeError):
    """The whole file cannot be read as a table; `sentence(language)` says why."""


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be read as cells under the header: why, and its cells as far as they can be told apart."""

    code: str
    params: dict[str, str]
    cells: tuple[str, ...]

    def error(self) -> FieldError:
        """The reason as an error of the row as a whole."""
        return FieldError("row", storable(" | ".join(self.cells)), self.code, self.params)


@dataclass(frozen=True)
class Line:
    """A text beside a table, behind the code under which a table is refused that passes over what it says; where it is
    of one column alone, the name of that."""

    code: str
    said: str
    column: str = ""


TableRow = dict[str, object] | BadRow
# What makes names of the cells of a header, given the places of its nameless columns that seem empty; "" stands where
# the column is passed over.
Naming = Callable[[Sequence[object], Collection[int]], list[str]]


class Table(ABC):
    """A table in a file. `rows()` may be called again and reads the file afresh.

    Row numbers are those that a spreadsheet program shows: the header is normally 1, blank rows count, a row with a
    line break inside a quoted cell is one row. Cells are text, numbers, flags, dates or None.
    """

    columns: list[str]
    total_rows: int | None
    # What stands above the header, cell by cell: a title, a unit.
    notes: Sequence[str] = ()
    # Of those that may be names of groups, directly above the header, the place.
    note_places: Mapping[str, int] = MappingProxyType({})
    # What its sheet is called.
    sheet: str = ""
    # What its workbook says of it elsewhere: in sheets of notes, in comments on its header.
    lines: Sequence[Line] = ()
    # The places, from nought, of columns that have no name and, as far as was seen, no cell.
    spacers: Sequence[int] = ()

    def take_names(self, names: Sequence[str]) -> None:
        """Set the columns by the names of all places, "" where one is passed over."""
        self.columns = [name for name in names if name]
        self.spacers = [place for place, name in enumerate(names) if not name]

    @abstractmethod
    def rows(self) -> Iterator[tuple[int, TableRow]]:
        """Every row below the header that is not blank, in order, with its number."""

    def last_rows(self) -> Sequence[Sequence[object]]:
        """The cells of the last few rows where they can be had without reading all others, for notes below a table."""
        return ()


def is_blank(cells: Sequence[object]) -> bool:
    """Whether a row holds nothing but empty cells."""
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells)


def column_names(header: Sequence[object], spacers: Collection[int] = ()) -> list[str]:
    """The cleaned names of the header. A nameless first column is `row_index`, as data frames write their index.

    Raises TableError for too many columns, a nameless one that is none of the spacers or names that occur twice.
    Nameless columns at the end that come from a closing separator are left out.
    """
    names = _cleaned(header)
    for place, name in enumerate(names):
        if not name and place not in spacers:
            raise TableError("empty_header", position=str(place + 1))
    twice = [name for name, count in Counter(names).items() if name and count > 1]
    if twice:
        raise TableError("duplicate_header", names=", ".join(twice))
    return names


def mended_names(header: Sequence[object], _spacers: Collection[int] = ()) -> list[str]:
    """As `column_names`, for whoever only looks at a table and maps no field by its name: a nameless column is called
    by its place, `column_5`, and the second of a name `a (2)`. TableError for too many columns only."""
    names: list[str] = []
    for position, name in enumerate(_cleaned(header), 1):
        base = name or f"column_{position}"
        free, number = base, 1
        while free in names:
            number += 1
            free = f"{base} ({number})"
        names.append(free)
    return names


def _cleaned(header: Sequence[object]) -> list[str]:
    if len(header) > MAX_COLUMNS:
        raise TableError("too_many_columns", found=str(len(header)), limit=str(MAX_COLUMNS))
    names = [clean_name(cell) for cell in header]
    while names and not names[-1]:
        names.pop()
    if len(names) > 1 and not names[0]:
        names[0] = "row_index"
    return names


def clean_name(cell: object) -> str:
    """A header cell as a name: text without marks, NULs, line breaks and outer blanks."""
    text = "" if cell is None else str(cell)
    return " ".join(text.replace("\x00", "").replace("\ufeff", "").split())


def fit(cells: Sequence[object], columns: Sequence[str], spacers: Sequence[int] = ()) -> TableRow:
    """The cells under their columns; empty cells beyond the last column and in the spacers are harmless."""
    width = len(columns) + len(spacers)
    if len(cells) > width and is_blank(cells[width:]):
        cells = cells[:width]
    if len(cells) != width:
        code = "too_few_cells" if len(cells) < width else "too_many_cells"
        return BadRow(code, {"found": str(len(cells)), "expected": str(width)}, _texts(cells))
    if spacers:
        filled = [place for place in spacers if not is_blank([cells[place]])]
        named = [cell for place, cell in enumerate(cells) if place not in spacers]
        if filled:
            # At the end, where the row shows them outside of its columns.
            shown = [*named, *(cells[place] for place in filled)]
            return BadRow("cell_without_name", {"position": str(filled[0] + 1)}, _texts(shown))
        cells = named
    return dict(zip(columns, cells, strict=True))


def _texts(cells: Sequence[object]) -> tuple[str, ...]:
    return tuple("" if cell is None else str(cell) for cell in cells)
