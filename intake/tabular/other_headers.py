"""A header further down in a table, as where the files of several branches were put together. Where it says something
else than the first one, other units, another order, other names, no row below it is read under the first."""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from intake.header_words.feature_names import FEATURE_NAMES
from intake.header_words.header_units import money_scale, months_scale, squeeze, unit_of
from intake.header_words.headers import FIELD_PATTERNS, field_matches
from intake.header_words.later_headers import known_after_decision
from intake.mapped.header_currencies import currency_in
from intake.tabular.returned import added_columns
from intake.tabular.stated_units import stated_in_notes
from intake.tabular.table_headers import Header
from intake.tabular.tables import BadRow, TableRow, clean_name, is_blank
from intake.values.cells import cell_text

OTHER_HEADER: Final = "other_header"

# Asked of every row: nearly all of them hold a cell of this kind.
_FIGURE: Final = re.compile(r"[-+(]?\d[\d.,:/ -]*\)?")
_TO_LOOK_PAST: Final = re.compile(r"[\s_-]+")
# Of a header so many cells are names that are known; of a narrow one half of them.
_NAMES_LEAST: Final = 2
_NAMES_ENOUGH: Final = 4
# So many rows above a header may hold its title and unit.
_ROWS_ABOVE: Final = 3


class OtherHeaders:
    """Passes the rows of a table below its header on, as long as they stand below this header; in the order in which
    they stand. A repetition of the header, as where a page begins, changes nothing, and ends what another has begun."""

    def __init__(self, header: Header, notes: Sequence[str]) -> None:
        names = [clean_name(cell) for cell in header.cells]
        added = added_columns(names)
        # The table of refused rows adds columns, in which a header that was refused has its number and reason.
        self._added = frozenset(at for at, name in enumerate(names) if name in added)
        self._columns = self._names(header.cells)
        self._lines = [self._names(line) for line in header.lines]
        self._known = {_plain(name) for line in (self._columns, *self._lines) for name in line if name}
        # Programs call columns 1, 2 and 3, too.
        self._figures = {name for name in self._known if _FIGURE.fullmatch(name)}
        self._squeezed = {squeeze(name) for name in self._columns if name}
        self._stated = _stated(notes)
        # A table of refused rows may begin with the header under which they were refused.
        self._is_first = not added
        self._before: deque[Sequence[object]] = deque(maxlen=_ROWS_ABOVE)
        self._other = 0

    def told(self, number: int, cells: Sequence[object], row: TableRow) -> TableRow:
        """The row of these cells; one that cannot be read where another header stands in it or above it."""
        if self._is_header(cells):
            self._other = self._judge(number, cells)
        else:
            self._is_first = False
        self._before.append(cells)
        if not self._other:
            return row
        texts = row.cells if isinstance(row, BadRow) else tuple(map(cell_text, row.values()))
        return BadRow(OTHER_HEADER, {"row": str(self._other)}, texts)

    def _is_header(self, cells: Sequence[object]) -> bool:
        """Whether a row holds names of columns and nothing else: no number, no day, no code with a number in it."""
        for at, cell in enumerate(cells):
            is_figure = _FIGURE.fullmatch(cell) if isinstance(cell, str) else cell is not None
            if is_figure and at not in self._added and not (self._figures and _plain(cell) in self._figures):
                return False
        names = [name for name in self._names(cells) if name]
        if len(names) < _NAMES_LEAST or len({*names}) * 2 <= len(names):
            return False
        known = [name for name in names if _plain(name) in self._known or self._is_name(name)]
        others = [name for name in names if name not in known]
        # A letter alone is a value (Y, N) unless it names a column of this very table.
        spoken = {name for name in known if any(map(str.isalpha, name)) and (len(name) > 1 or name in self._known)}
        enough = max(_NAMES_LEAST, min(len(names) / 2, _NAMES_ENOUGH))
        return len(spoken) >= enough and not any(map(_is_value, others))

    def _is_name(self, name: str) -> bool:
        return squeeze(name) in self._squeezed or _is_known_name(name)

    def _judge(self, number: int, cells: Sequence[object]) -> int:
        """The number of the row where it is another header, 0 where it says the same as the first one."""
        said = self._names(cells)
        if said in self._lines:
            stated = _stated([clean_name(cell) for row in self._before if self._is_narrow(row) for cell in row])
            is_same = stated in ((None, ""), self._stated) and self._is_below_its_group(said)
            return 0 if is_same else number
        if self._is_first and self._says_same(said):
            # A line of the first header: the same names in another language.
            self._lines.append(said)
            return 0
        return number

    def _is_below_its_group(self, said: list[str]) -> bool:
        """Whether a repeated lower line of a header has the upper one above it, or none: another one may name another
        unit for all of its group."""
        at = self._lines.index(said)
        if at == 0 or not self._before:
            return True
        above = self._before[-1]
        return self._names(above) == self._lines[at - 1] or any(map(_is_value, self._names(above)))

    def _is_narrow(self, cells: Sequence[object]) -> bool:
        return sum(not is_blank([cell]) for cell in cells) * 2 <= len(self._columns)

    def _says_same(self, said: Sequence[str]) -> bool:
        pairs = zip(self._columns, said, strict=False)
        return len(said) <= len(self._columns) and not any(self._contradict(*pair) for pair in pairs if all(pair))

    def _contradict(self, column: str, said: str) -> bool:
        if _plain(column) == _plain(said):
            return False
        is_of_another = _plain(said) in self._known or squeeze(said) in self._squeezed - {squeeze(column)}
        meanings = _meanings(column), _meanings(said)
        return is_of_another or _unit(column) != _unit(said) or (all(meanings) and meanings[0].isdisjoint(meanings[1]))

    def _names(self, cells: Sequence[object]) -> list[str]:
        """The names in a row as they are compared, without the columns that were added."""
        names = [_plain(cell) for at, cell in enumerate(cells) if at not in self._added]
        while names and not names[-1]:
            names.pop()
        return names


@lru_cache(maxsize=4_096)
def _folded(text: str) -> str:
    return _TO_LOOK_PAST.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _plain(cell: object) -> str:
    """A name without case, width and the ways in which programs write a blank."""
    return _folded(clean_name(cell))


def _is_value(name: str) -> bool:
    """Whether what is no known name looks like a value: 12个月, HT-2025-001, A3."""
    digits = sum(map(str.isdigit, name))
    return name[:1].isdigit() or (digits > 0 and digits >= sum(map(str.isalpha, name)))


@lru_cache(maxsize=4_096)
def _is_known_name(name: str) -> bool:
    return bool(_meanings(name)) or known_after_decision(name)


def _meanings(name: str) -> set[str]:
    """The fields and the feature that a name may stand for."""
    feature = FEATURE_NAMES.get(squeeze(name))
    fields = {field for field in FIELD_PATTERNS if field_matches(field, name) is not None}
    return fields | {feature} if feature else fields


def _unit(name: str) -> tuple[object, ...]:
    currency = currency_in(name) or ("CNY" if unit_of(name).endswith("元") else "")
    return money_scale(name), months_scale(name), currency or "CNY"


def _stated(notes: Sequence[str]) -> tuple[object, ...]:
    stated = stated_in_notes("unit_above_header", notes)
    return stated.scale, stated.currency
