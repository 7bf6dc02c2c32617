"""What the reader of a workbook does not tell of a sheet's cells, and their numbers would be wrong without."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from intake.shown.currency_cells import sign_of
from intake.shown.padded_numbers import digits_of_form
from intake.shown.written_numbers import is_written_out
from intake.tabular.merged_cells import Range
from intake.tabular.tables import TableError
from intake.values.percent_cells import is_percent_form, is_written_form
from intake.wording.sentences import SHOWN_LENGTH, shorten, storable

# Not available: what a table writes where it knows that there is nothing.
MISSING: Final = "#N/A"
CELLS_MOST: Final = 1_000_000
# About 300 MB.
SHOWN_MOST: Final = 5_000_000
# A workbook with more of them was never computed at all, and no list of rows helps to mend it.
UNCOMPUTED_MOST: Final = 100_000
# So many signs of a comment are looked through.
COMMENT_MOST: Final = 1_000


def tells_of_number(form: str) -> bool:
    """Whether a number format shows more of a number than its digits."""
    is_beside = is_percent_form(form) or is_written_form(form) or sign_of(form)
    return bool(is_beside or digits_of_form(form) or is_written_out(form))


@dataclass
class SheetMarks:
    """`failed` is what stands in the cells whose formula failed, by row and column from 0; `percents` the rows, counted
    from 1, of the cells that show a percentage, by column from 0; `signs` those that show a foreign currency,
    `written` those that only write a percent sign; `spans` those that show a day as its month or year alone;
    `padded` to how many digits those are filled up that show zeros before a whole number, `written_out` the formats of
    those that show it as an identifier; `is_from_1904` that the days of the workbook are counted from there;
    `uncomputed` the formulas that have no result yet, shortened, by row and column from 0; `merged` the merged cells of
    an .ods, of which its reader says nothing: all over several rows, and in the first rows those over several columns;
    `comments` what is written on cells of the first rows, by row and column from 0."""

    failed: dict[tuple[int, int], str] = field(default_factory=dict)
    percents: dict[int, set[int]] = field(default_factory=dict)
    signs: dict[int, dict[int, str]] = field(default_factory=dict)
    written: dict[int, set[int]] = field(default_factory=dict)
    spans: dict[int, dict[int, str]] = field(default_factory=dict)
    padded: dict[int, dict[int, int]] = field(default_factory=dict)
    written_out: dict[int, dict[int, str]] = field(default_factory=dict)
    is_from_1904: bool = False
    uncomputed: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[Range] = field(default_factory=list)
    comments: dict[tuple[int, int], str] = field(default_factory=dict)
    _shown: int = 0

    def add_form(self, row: int, column: int, form: str) -> None:
        """A cell, by row and column from 0, that shows its number in such a format."""
        if is_written_out(form):
            self.written_out.setdefault(column, {})[row + 1] = form
            return
        if is_percent_form(form):
            self.percents.setdefault(column, set()).add(row + 1)
        if is_written_form(form):
            self.written.setdefault(column, set()).add(row + 1)
        if sign := sign_of(form):
            self.signs.setdefault(column, {})[row + 1] = sign
        if digits := digits_of_form(form):
            self.padded.setdefault(column, {})[row + 1] = digits

    def add_shown(
        self, row: int, percents: Collection[int], signs: Mapping[int, str], forms: Mapping[int, str]
    ) -> None:
        """The cells of a row, from 0, that show a percentage or a foreign currency, and those that show their number in
        another format. Raises TableError where there are too many to hold, as a row and a cell that are repeated a
        million times make them."""
        self._shown += len(percents) + len(signs) + len(forms)
        if self._shown > SHOWN_MOST:
            raise TableError("table_bomb")
        for column in percents:
            self.percents.setdefault(column, set()).add(row + 1)
        for column, sign in signs.items():
            self.signs.setdefault(column, {})[row + 1] = sign
        for column, form in forms.items():
            self.add_form(row, column, form)

    def add_spans(self, row: int, spans: Mapping[int, str]) -> None:
        """The cells of a row, from 0, that show a day as its month or year alone. Raises TableError as `add_shown`."""
        self._shown += len(spans)
        if self._shown > SHOWN_MOST:
            raise TableError("table_bomb")
        for column, span in spans.items():
            self.spans.setdefault(column, {})[row + 1] = span

    def add_uncomputed(self, row: int, column: int, formula: str) -> None:
        """A cell whose formula, "" where the file does not hold it there, has no result. Raises TableError where there
        are too many to hold: one left out would be read as empty."""
        self.uncomputed[row, column] = shorten(storable(f"={formula.strip()}"), SHOWN_LENGTH)
        if len(self.uncomputed) > UNCOMPUTED_MOST:
            raise TableError("formulas_uncomputed")
