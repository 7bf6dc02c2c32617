"""Cells of an .xls that its reader gives out as empty, because their formula failed, or as the bare number of a share
or money that everybody sees in percent or in another currency, or as a day of which everybody sees the month alone."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from intake.shown.currency_cells import sign_of
from intake.shown.padded_numbers import digits_of_form
from intake.shown.written_numbers import is_written_out
from intake.tabular.sheet_marks import COMMENT_MOST, SheetMarks
from intake.tabular.styled_cells import BUILT_IN
from intake.tabular.tables import TableError
from intake.values.percent_cells import is_percent_form, is_written_form
from intake.values.shown_months import span_of_form


def marks_of_old_workbook(path: Path, sheet: str, first_rows: range = range(0)) -> SheetMarks:
    """What a sheet does not tell by itself; `#N/A` counts as failed, too."""
    import xlrd  # only old workbooks need it

    marks = SheetMarks()
    try:
        book = xlrd.open_workbook(path, logfile=io.StringIO(), on_demand=True, ragged_rows=True, formatting_info=True)
        cells, percents, signs = book.sheet_by_name(sheet), _forms(book, is_percent_form), _signs(book)
        written, spans, filled = _forms(book, is_written_form), _spans(book), _filled(book)
        identifiers = {at: form for at, form in enumerate(_number_formats(book)) if is_written_out(form)}
        marks.is_from_1904 = book.datemode == 1
        notes = {place: note.text for place, note in cells.cell_note_map.items() if place[0] in first_rows}
        marks.comments = {place: text[:COMMENT_MOST] for place, text in notes.items()}
        for row in range(cells.nrows):
            for column, kind in enumerate(cells.row_types(row)):
                if kind == xlrd.XL_CELL_ERROR:
                    said = xlrd.error_text_from_code.get(cells.cell_value(row, column), "#")
                    marks.failed[row, column] = said
                elif kind == xlrd.XL_CELL_DATE and (span := spans and spans.get(cells.cell_xf_index(row, column))):
                    marks.add_spans(row, {column: span})
                elif kind == xlrd.XL_CELL_NUMBER and (percents or signs or written or filled or identifiers):
                    form = cells.cell_xf_index(row, column)
                    if form in identifiers:
                        marks.written_out.setdefault(column, {})[row + 1] = identifiers[form]
                    elif form in percents:
                        marks.percents.setdefault(column, set()).add(row + 1)
                    elif form in written:
                        marks.written.setdefault(column, set()).add(row + 1)
                    elif form in signs:
                        marks.signs.setdefault(column, {})[row + 1] = signs[form]
                    elif form in filled:
                        marks.padded.setdefault(column, {})[row + 1] = filled[form]
    except TableError:
        raise
    except Exception:
        # Of a damaged file it raises whatever comes: the reader of the workbook has the last word over that.
        return SheetMarks()
    return marks


def _forms(book: Any, wanted: Callable[[str], bool]) -> set[int]:
    """The numbers of the cell formats of a workbook that show a percentage in such a form."""
    return {at for at, form in enumerate(_number_formats(book)) if wanted(form)}


def _spans(book: Any) -> dict[int, str]:
    """The cell formats of a workbook that show a day as its month or year alone, by their numbers."""
    return {at: span for at, form in enumerate(_number_formats(book)) if (span := span_of_form(form))}


def _filled(book: Any) -> dict[int, int]:
    """To how many digits the cell formats of a workbook fill up whole numbers, by their numbers."""
    return {at: digits for at, form in enumerate(_number_formats(book)) if (digits := digits_of_form(form))}


def _number_formats(book: Any) -> list[str]:
    """The number format of each cell format; xlrd knows no form of those that Chinese programs have built in."""
    forms = {key: form.format_str or BUILT_IN.get(str(key), "") for key, form in book.format_map.items()}
    return [forms.get(form.format_key, "") for form in book.xf_list]


def _signs(book: Any) -> dict[int, str]:
    """The sign of the foreign currency that the cell formats of a workbook show, by their numbers.

    Only of number formats that the workbook holds itself: which money the others show depends on who looks at it.
    """
    forms = {form.format_key: sign_of(form.format_str) for form in book.format_list}
    return {at: sign for at, form in enumerate(book.xf_list) if (sign := forms.get(form.format_key, ""))}
