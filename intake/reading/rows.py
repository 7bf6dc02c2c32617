"""Turns the rows of a table into submissions: each is valid, or has a named reason for every cell that is not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from intake.mapped.case_mapping import CaseMapping, MappingError
from intake.mapped.earlier_readings import EarlierMapping, EarlierReading, EarlierReadings
from intake.mapped.fields import is_slug
from intake.mapped.joined import KeptRow, LookUp, Wanted, cells_of, join_of, look_up_all, true_as_it_comes
from intake.mapped.mapped_row import RowOutcome
from intake.mapped.readings import Occurrences
from intake.mapped.row_reader import map_row, wanted_of
from intake.mapped.submission import Submission, read_submission
from intake.recognition.decimal_marks import settle_marks, settle_percents, settle_points
from intake.recognition.feature_columns import with_features
from intake.recognition.telling_columns import telling_columns
from intake.shown.padded_numbers import without_zeros
from intake.shown.shown_rows import as_shown, cells_shown_otherwise
from intake.shown.written_numbers import NumberInSigns
from intake.tabular.returned import added_columns, extra_columns, extra_names, notes_of_zeros
from intake.tabular.tables import BadRow, Table, TableRow
from intake.tabular.totals import no_loan
from intake.values.cells import cell_text
from intake.values.outliers import Note
from intake.values.unread_cells import UnreadCell, unread_errors
from intake.wording.field_errors import FieldError
from intake.wording.sentences import storable

SAMPLE_ROWS = 1_000


@dataclass(frozen=True)
class ReadRow:
    """One row of a file: a valid submission, or the reasons why it is none; `raw` is the row as it stood, storable.

    `outcome` is what became of the loan, where the mapping tells and the table knows it; `notes` say which values were
    changed on the way; `reference` is the key and moment under which the row is kept for other sources, and
    `true_as_it_comes` says that its moment is that of its arrival; `joined` are the rows of other sources it took
    something from: the name of the join, the row's key, and of a message the features. `message` is what a message is
    called in its stream, or a row in its database; `version` is the number of the signed mapping that a message was
    read by. `earlier` is what other mappings, by which such tables were read before, call the row, `numbered_by` the
    column of its reference. `told_as` is the reference of a row that is none of them, where one could be read.
    `left_out` are the columns that tell the row from others beside its reference, `telling` those that do so alone.
    `otherwise` are the cells of which `raw` holds the number and not what they show.
    """

    row_number: int
    submission: Submission | None
    errors: list[FieldError]
    raw: dict[str, str]
    outcome: RowOutcome | None = None
    notes: tuple[Note, ...] = ()
    message: str = ""
    reference: Wanted | None = None
    joined: tuple[tuple[str, int, tuple[str, ...]], ...] = ()
    version: int = 0
    true_as_it_comes: bool = False
    earlier: tuple[EarlierReading, ...] = ()
    numbered_by: str = ""
    told_as: str = ""
    left_out: Sequence[str] = ()
    telling: Sequence[str] = ()
    otherwise: Sequence[tuple[str, object]] = ()

    @property
    def as_shown(self) -> dict[str, str]:
        """The row as its cells show it, storable: how it is kept where it is refused, whenever that is found."""
        return _storable(as_shown(self.raw, self.otherwise)) if self.otherwise else self.raw

    @property
    def is_good(self) -> bool:
        return not self.errors and (self.submission is not None or self.reference is not None)


def sample_rows(table: Table, limit: int = SAMPLE_ROWS) -> list[dict[str, object]]:
    """The first rows of a table that can be read as cells."""
    readable = (row for _, row in table.rows() if not isinstance(row, BadRow))
    return list(islice(readable, limit))


def bind_mapping(mapping: CaseMapping, table: Table) -> CaseMapping:
    """The mapping made definite for one table: its columns exist, and the rest of them are features if it says so.

    Raises MappingError when a column that the mapping reads is not in the table, or when no source is named as it must.
    """
    if not mapping.source:
        raise MappingError("mapping_source")
    if not is_slug(mapping.source):
        raise MappingError("not_a_slug", value=mapping.source)
    missing = missing_columns(mapping, table.columns)
    if missing:
        raise MappingError("mapping_columns", names=", ".join(missing), columns=", ".join(table.columns))
    taken = next((column for column in table.columns if join_of(column, mapping.joins)), "")
    if taken:
        raise MappingError("mapping_join_column", name=taken)
    columns, sample = table.columns, sample_rows(table)
    drop = dict.fromkeys(added_columns(columns), "not_used") | mapping.drop
    mapping = replace(mapping, columns=tuple(columns), drop=drop)
    if mapping.rest_as_features:
        mapping = with_features(mapping, columns, sample)
    mapping = replace(mapping, telling=telling_columns(mapping, sample))
    return settle_points(settle_marks(settle_percents(mapping, columns, sample), columns, sample), columns, sample)


def missing_columns(mapping: CaseMapping, columns: list[str]) -> list[str]:
    """The columns that a mapping reads and a table does not have, in alphabetical order."""
    needed = (mapping.used_columns | mapping.outcome_columns()) - mapping.joined_columns()
    return sorted(needed - set(columns))


def read_rows(
    table: Table,
    mapping: CaseMapping,
    *,
    now: datetime,
    skip: int = 0,
    look_up: LookUp | None = None,
    earlier: Sequence[EarlierMapping] = (),
) -> Iterator[ReadRow]:
    """Every row of the table below its header that is not blank, in order, one at a time, behind the first `skip`.

    `now` (aware) is the time of import: the `applied_at` of rows that have none, and the limit of those that have one.
    `look_up` finds the rows of joined sources; without it nothing is known there.
    `earlier` are other mappings by which such tables were read before: each row is told by their names, too.
    Raises MappingError before the first row when the mapping does not fit the table.
    """
    bound = bind_mapping(mapping, table)
    return _read(table, bound, now, skip, look_up, EarlierReadings(earlier, now, bound))


def _read(
    table: Table,
    mapping: CaseMapping,
    now: datetime,
    skip: int,
    look_up: LookUp | None,
    earlier: EarlierReadings,
) -> Iterator[ReadRow]:
    occurrences = Occurrences()
    for place, (number, row, joined) in enumerate(joined_rows(table, mapping, now, skip, look_up)):
        if isinstance(row, BadRow):
            if place >= skip:
                yield ReadRow(number, None, [row.error()], _raw_of_broken(row, table.columns))
            continue
        if place >= skip:
            texts = texts_of(row)
            read = read_row(number, row, joined, table.columns, mapping, now, occurrences, texts)
            told = () if _unread(row, mapping) else earlier.of(row, texts)
            yield replace(read, earlier=told) if told else read
        elif (earlier or mapping.counts_equal_rows) and not _unread(row, mapping):
            # The reference of a later row tells which of its equals it is.
            texts = texts_of(row)
            map_row(mapping, row, now=now, occurrences=occurrences, texts=texts)
            earlier.of(row, texts)


def joined_rows(
    table: Table, mapping: CaseMapping, now: datetime, skip: int, look_up: LookUp | None
) -> Iterator[tuple[int, TableRow, dict[str, KeptRow]]]:
    """Every row of the table with what other sources know of it, looked up for many rows at once."""
    if not mapping.joins or look_up is None:
        yield from ((number, row, {}) for number, row in table.rows())
        return
    place, rows = 0, table.rows()
    while chunk := list(islice(rows, SAMPLE_ROWS)):
        place += len(chunk)
        if place <= skip:
            yield from ((number, row, {}) for number, row in chunk)
            continue
        wanted = [{} if isinstance(row, BadRow) else wanted_of(mapping, row, now=now) for _number, row in chunk]
        found = list(look_up_all(mapping.joins, wanted, look_up))
        bare = [_wanted_bare(mapping, row, joined, now) for (_n, row), joined in zip(chunk, found, strict=True)]
        others = look_up_all(mapping.joins, bare, look_up) if any(bare) else [{} for _row in chunk]
        for (number, row), joined, other in zip(chunk, found, others, strict=True):
            yield number, row, other | joined


def _wanted_bare(mapping: CaseMapping, row: TableRow, joined: dict[str, KeptRow], now: datetime) -> dict[str, Wanted]:
    """What was not found under numbers as they are shown may have been kept without the zeros before them."""
    bare = None if isinstance(row, BadRow) else without_zeros(row)
    wanted = {} if bare is None else wanted_of(mapping, bare, now=now)
    return {name: each for name, each in wanted.items() if name not in joined}


def read_row(
    number: int,
    row: dict[str, object],
    joined: dict[str, KeptRow],
    columns: list[str],
    mapping: CaseMapping,
    now: datetime,
    occurrences: Occurrences,
    texts: dict[str, str],
) -> ReadRow:
    raw = _storable(_in_signs(row, texts))
    otherwise = cells_shown_otherwise(row)
    unread = _unread(row, mapping)
    if unread:
        return ReadRow(number, None, unread, raw, otherwise=otherwise)
    if wrong := no_loan(mapping, columns, texts):
        return ReadRow(number, None, [wrong], raw, otherwise=otherwise)
    extra = extra_columns(columns)
    surplus = [raw[column] for column in extra if raw[column]]
    if joined:
        mapped, errors = map_row(mapping, {**row, **cells_of(joined)}, now=now, occurrences=occurrences)
    else:
        mapped, errors = map_row(mapping, row, now=now, occurrences=occurrences, texts=texts)
    if surplus:
        errors.insert(0, _surplus_cells(surplus, len(added_columns(columns)), len(columns)))
    as_it_comes = true_as_it_comes(mapping.reference)
    if not mapping.makes_cases:
        kept = None if errors else mapped.reference
        return ReadRow(number, None, errors, raw, reference=kept, true_as_it_comes=as_it_comes, otherwise=otherwise)
    joins = mapping.joined_names
    result = read_submission(mapped.raw, now=now, derived=mapped.derived, joined=joins, **mapped.once_told)
    if isinstance(result, list):
        failed = {error.field for error in errors}
        shape = [_in_file(error, mapping, raw) for error in result]
        # What could not be read is missing for that reason: it is named once.
        errors += [error for error in shape if error.field not in failed]
    if errors or isinstance(result, list):
        # A row without a reference is known by what its cells show.
        told_as = str(mapped.raw.get("external_ref") or "")
        return ReadRow(number, None, errors, _storable(as_shown(texts, otherwise)), told_as=told_as)
    took = tuple((name, each.id, ()) for name, each in joined.items())
    return ReadRow(
        number,
        result,
        [],
        raw,
        mapped.outcome,
        mapped.notes + notes_of_zeros(row, mapping.used_columns),
        reference=mapped.reference,
        joined=took,
        true_as_it_comes=as_it_comes,
        left_out=mapping.left_out,
        telling=mapping.telling,
        numbered_by=mapping.fields["external_ref"].column,
        otherwise=otherwise,
    )


def _unread(row: dict[str, object], mapping: CaseMapping) -> list[FieldError]:
    """The errors of cells that no value can be made of, where the mapping reads their columns. Of rows that are kept
    for others to join any column may be asked for."""
    if UnreadCell not in map(type, row.values()):
        return []
    read = mapping.used_columns | mapping.outcome_columns() if mapping.makes_cases else None
    return unread_errors(row, read)


def _in_signs(row: dict[str, object], texts: dict[str, str]) -> dict[str, str]:
    """The texts with what everybody sees of numbers between signs, by which a text file tells the same case."""
    if NumberInSigns not in map(type, row.values()):
        return texts
    return texts | {column: cell.shown for column, cell in row.items() if isinstance(cell, NumberInSigns)}


def raw_row(row: dict[str, object]) -> dict[str, str]:
    """A row as it is kept where it is refused."""
    return _storable(texts_of(row))


def texts_of(row: dict[str, object]) -> dict[str, str]:
    """What stands in each cell of a row."""
    # Most cells of a text file are a word or a whole number, of which nothing is taken off: no call for each of them.
    return {
        column: cell if isinstance(cell, str) and cell.isalnum() else cell_text(cell) for column, cell in row.items()
    }


def _storable(texts: dict[str, str]) -> dict[str, str]:
    """The cells as they can be kept; looked through one by one only where one of them cannot."""
    whole = "".join(texts.values())
    return texts if storable(whole) == whole else {column: storable(text) for column, text in texts.items()}


def _surplus_cells(surplus: list[str], added: int, width: int) -> FieldError:
    """A broken row that was given out and came back with its surplus cells still standing outside of the columns."""
    expected = width - added
    params = {"found": str(expected + len(surplus)), "expected": str(expected)}
    return FieldError("row", " | ".join(surplus), "too_many_cells", params)


def _in_file(error: FieldError, mapping: CaseMapping, raw: dict[str, str]) -> FieldError:
    """The error by the name of the file's column and with what its cell held, before any cleaning."""
    column = mapping.column_of(error.field)
    return replace(error, field=column, value=raw.get(column, error.value))


def _raw_of_broken(row: BadRow, columns: list[str]) -> dict[str, str]:
    """The cells under their columns; those beyond the last column are `extra_1`, `extra_2` and so on."""
    names = columns + extra_names(columns, max(len(row.cells) - len(columns), 0))
    return {name: storable(cell) for name, cell in zip(names, row.cells, strict=False)}
