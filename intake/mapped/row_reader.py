"""Applies a mapping to a row: each value, or a named reason for every cell that cannot be read."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from functools import lru_cache
from operator import add

from cases.instants import storable_moment
from intake.header_words.header_units import is_money
from intake.mapped.case_mapping import CaseMapping
from intake.mapped.computed import compute
from intake.mapped.derive import DERIVATIONS
from intake.mapped.given import BY_VALUES, Given
from intake.mapped.header_currencies import currency_in
from intake.mapped.joined import Wanted, join_key, join_of, known_from, wrong_moment
from intake.mapped.kept_days import as_exported
from intake.mapped.mapped_row import MappedRow, RowOutcome
from intake.mapped.other_documents import MARK, OF_WHOM, UNREAD, document_of, number_of, numbers_applicant
from intake.mapped.plain_cells import columns_that_tell, plain_text
from intake.mapped.readings import Occurrences
from intake.shown.no_ones_numbers import refuse_lost_digits, refuse_masked
from intake.shown.shown_numbers import shown_with_unit
from intake.values.cell_dates import read_moment, span_of_text
from intake.values.cells import CellError, cell_text, lookup_key, lookup_keys, visible
from intake.values.currencies import KNOWN
from intake.values.currency_signs import YUAN, currencies_named
from intake.values.outliers import Limits, Note, within
from intake.values.percent_cells import shown_texts
from intake.values.shown_months import span_of_cell
from intake.wording.field_errors import FieldError

# Of two whose number lost its digits nobody knows which is which.
_TELL_APART = frozenset({"external_ref", "applicant.id", "reference.key"})


def map_row(
    mapping: CaseMapping,
    row: Mapping[str, object],
    *,
    now: datetime,
    occurrences: Occurrences | None = None,
    texts: Mapping[str, str] | None = None,
    currency: str = "",
) -> tuple[MappedRow, list[FieldError]]:
    """The row as a raw submission as far as it can be read, and an error, by the name of the table's column, for every
    cell that cannot; those values are missing.

    `texts` are the cells as `cell_text` gives them, for a caller that has them already; `currency` is the case's where
    the mapping does not read it.
    """
    told = {column: cell_text(cell) for column, cell in row.items()} if texts is None else texts
    return _RowReader(mapping, row, told, now, occurrences or Occurrences(), currency).read()


def reference_of(
    mapping: CaseMapping,
    row: Mapping[str, object],
    *,
    now: datetime,
    occurrences: Occurrences,
    texts: Mapping[str, str],
) -> str:
    """The reference that `map_row` would give the row, "" where it has none."""
    reader = _RowReader(mapping, row, texts, now, occurrences, "")
    return str(reader.value("external_ref", mapping.fields["external_ref"], "text") or "")


def wanted_of(mapping: CaseMapping, row: Mapping[str, object], *, now: datetime) -> dict[str, Wanted]:
    """Under which key and from before what moment each join looks for a row; none where the row lacks either."""
    mapped, _errors = map_row(mapping.joining, row, now=now)
    applicant = mapped.raw["applicant"]
    person = applicant.get("id") if isinstance(applicant, dict) else None
    applied = mapped.raw.get("applied_at")
    keys = {"applicant.id": person, "external_ref": mapped.raw.get("external_ref")}
    return {
        name: (join_key(str(keys[join.on])), storable_moment(datetime.fromisoformat(applied)))
        for name, join in mapping.joins.items()
        if isinstance(applied, str) and keys[join.on] not in (None, "")
    }


@lru_cache(maxsize=64)
def _midnight(zone: timezone) -> str:
    """How a moment ends that is a day of this zone: T00:00:00+08:00."""
    return datetime(2000, 1, 1, tzinfo=zone).isoformat()[10:]


class _RowReader:
    """Applies a mapping to one row and collects an error for each cell that cannot be read."""

    def __init__(
        self,
        mapping: CaseMapping,
        row: Mapping[str, object],
        texts: Mapping[str, str],
        now: datetime,
        occurrences: Occurrences,
        currency: str,
    ) -> None:
        self.mapping = mapping
        self.row = row
        self.texts = texts
        self.now = now
        self.occurrences = occurrences
        self.currency = currency
        self.errors: list[FieldError] = []
        self.notes: list[Note] = []
        self.computed_once: dict[str, object] = {}
        self.noisy_once: dict[str, object] = {}
        self.seed = ""
        self.midnight = _midnight(mapping.zone)

    def read(self) -> tuple[MappedRow, list[FieldError]]:
        applicant: dict[str, object] = {}
        raw: dict[str, object] = {"source": self.mapping.source, "applicant": applicant}
        for name, given, kind in self.mapping.ordered:
            value = self.value(name, given, kind)
            if name == "external_ref":
                self.seed = str(value or "")
            if value is not None:
                target, key = (applicant, name[10:]) if name.startswith("applicant.") else (raw, name)
                target[key] = value
        if "amount" not in self.mapping.fields and self.mapping.makes_cases:
            self.errors.append(FieldError("amount", "", "no_amount_column"))
        raw["features"], once, exported = self.features()
        self.refuse_other_currencies(raw)
        reference, notes = self.reference(), tuple(self.notes)
        told = (once, exported, self.mapping.days, self.computed_once, self.noisy_once)
        return MappedRow(raw, self.mapping.derived, self.outcome(), notes, reference, *told), self.errors

    def features(self) -> tuple[dict[str, object], dict[str, str], dict[str, str]]:
        """The features, those of them that are days as they were told once, and those that were texts once as a
        spreadsheet program exports them. 02/25/1985 is 1985-02-25, as other files write it; what has a time stays the
        moment it is."""
        found: dict[str, object] = {}
        once: dict[str, str] = {}
        exported: dict[str, str] = {}
        for name, full_name, given in self.mapping.ordered_features:
            value = self.value(full_name, given, given.type)
            if given.type == "date" and isinstance(value, str) and value.endswith(self.midnight):
                once[name], value = value, value.removesuffix(self.midnight)
            if given.type == "date" and given.unread and isinstance(value, str):
                # They were kept as each file wrote them.
                once[name] = visible(self.texts.get(given.column, ""))
                exported[name] = as_exported(value) or once[name]
            found[name] = value
        return found, once, exported

    def refuse_other_currencies(self, raw: dict[str, object]) -> None:
        """Takes out the numbers whose cells name a currency that cannot be the row's: 5,021 USD are not 5,021 CNY."""
        currency = str(raw.get("currency") or self.currency)
        if currency not in KNOWN:
            return
        for name, given in self.mapping.numbers:
            text = self.texts.get(given.column, "")
            if not text or (text[0].isdigit() and text[-1].isdigit()):
                continue
            named = currencies_named(text, in_money=name == "amount" or is_money(given.column))
            if named is None or lookup_key(text) in given.values:
                continue
            if currency in named and not (named == YUAN and self.is_no_yuan(currency, given)):
                continue
            values, key = (raw["features"], name[9:]) if name.startswith("features.") else (raw, name)
            if isinstance(values, dict) and values.get(key) is not None:
                values[key] = None
                self.errors.append(FieldError(given.column, text, "other_currency", {"currency": currency}))

    def is_no_yuan(self, currency: str, given: Given) -> bool:
        """Whether a bare 元 means CNY: nobody named the row's other currency for all of them, nor for the column."""
        stated = self.mapping.fields.get("currency")
        is_stated = stated is not None and stated.how == "constant"
        return currency != "CNY" and not is_stated and currency_in(given.column) != currency

    def reference(self) -> Wanted | None:
        """The key under which the row is kept, and the moment it is known from; None where it lacks either."""
        spec = self.mapping.reference
        if spec is None:
            return None
        key, as_of = self.value("reference.key", spec.key, "text"), self.value("reference.as_of", spec.as_of, "date")
        for given, value in ((spec.key, key), (spec.as_of, as_of)):
            if value is None and not self.errors:
                self.errors.append(FieldError(given.column, "", "required"))
        if key is None or not isinstance(as_of, str):
            return None
        moment = storable_moment(datetime.fromisoformat(as_of))
        if wrong := wrong_moment(moment):
            self.errors.append(FieldError(spec.as_of.column, self.texts.get(spec.as_of.column, ""), wrong))
            return None
        column = spec.as_of.column
        span = span_of_cell(self.row.get(column)) or span_of_text(self.texts.get(column, ""), spec.as_of.format)
        return join_key(str(key)), known_from(moment, span)

    def value(self, name: str, given: Given, kind: str) -> object:
        try:
            value = (
                self.read_column(name, given, given.type or kind)
                if given.how == "column"
                else self.obtain(name, given, given.type or kind)
            )
            if given.limits is not None:
                value = self.believed(name, value, given.limits)
            return self.told(value) if isinstance(value, datetime) else value
        except CellError as problem:
            texts = shown_texts(self.row, self.texts)
            shown = " | ".join(shown_with_unit(self.row.get(each), texts.get(each, "")) for each in given.columns)
            column = ", ".join(given.columns) or name
            self.errors.append(FieldError(column, shown, problem.code, problem.params))
            return None

    def told(self, moment: datetime) -> str:
        """A moment as text; of one that was put together of a day and a time the mapping knows the zone."""
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.mapping.zone)).isoformat()

    def read_column(self, name: str, given: Given, kind: str) -> object:
        text = self.texts.get(given.column, "")
        if name in _TELL_APART:
            refuse_lost_digits(text)
        if name == "applicant.id":
            refuse_masked(text)
        try:
            return self.mapping.readings.read(name, given, self.row.get(given.column), text, kind)
        except CellError as problem:
            if kind != "identity_number" or name not in OF_WHOM or problem.code not in UNREAD:
                raise
            return self.other_number(name, text, problem)

    def other_number(self, name: str, text: str, problem: CellError) -> str | None:
        """The number of the other document that the row names, which tells the applicant and is no identity number."""
        document = document_of(self.texts)
        number = number_of(text, document) if document else ""
        if not number:
            raise problem
        note = Note("applicant.identity_number", MARK, {"document": document})
        self.notes += [note] if note not in self.notes else []
        return None if name == "applicant.identity_number" else number

    def obtain(self, name: str, given: Given, kind: str) -> object:
        if given.how in ("constant", "default"):
            return read_moment(given.value, self.mapping.zone, given.format) if kind == "date" else given.value
        if given.how == "import_time":
            return self.now
        if given.how == "row_hash":
            return given.prefix + self.row_reference(self.mapping.not_telling, by_values=given.name == BY_VALUES)
        cells = [self.row.get(column) for column in given.sources]
        if given.how == "compute":
            return self.computed(name, given, cells)
        return DERIVATIONS[given.name][0](f"{self.seed}/{name}", cells, given.options)

    def computed(self, name: str, given: Given, cells: Sequence[object]) -> object:
        how = self.mapping.inputs[name], self.mapping.units[name]
        try:
            value, once, noisy = compute(given, *how, cells, self.texts, self.mapping.readings)
        except CellError as problem:
            if problem.code not in UNREAD or not numbers_applicant(given.sources[0], self.mapping.named):
                raise
            # No age and no region follow from the number of another document.
            return self.other_number("applicant.identity_number", self.texts.get(given.sources[0], ""), problem)
        for each, told in ((once, self.computed_once), (noisy, self.noisy_once)):
            if each != value:
                told[name.removeprefix("features.")] = each
        return value

    def believed(self, name: str, value: object, limits: Limits) -> object:
        """The value, or what the mapping puts in its place where it lies beyond the limits."""
        value, note = within(value, limits, name.removeprefix("features."))
        self.notes += [note] if note else []
        return value

    def row_reference(self, skipped: frozenset[str], *, by_values: bool) -> str:
        """A hash of the row without these columns, in any order of columns, and which of its equals it is."""
        if self.mapping.joins:
            # What other sources know of it does not make it another row.
            skipped = skipped | {column for column in self.row if join_of(column, self.mapping.joins)}
        names, columns = columns_that_tell(tuple(self.row), skipped, by_values)
        if by_values:
            told = [self.plain_text(column) for column in columns]
        else:
            told = lookup_keys([self.texts[column] for column in columns])
        content = "\x1f".join(map(add, names, told))
        digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).digest()
        number = self.occurrences.number(digest)
        return digest[:8].hex().upper() + ("" if number == 1 else f"-{number}")

    def plain_text(self, column: str) -> str:
        given = self.mapping.read_as.get(column)
        return plain_text(self.row[column], self.texts[column], given, self.mapping.zone)

    def outcome(self) -> RowOutcome | None:
        """What became of the loan; None while the table holds neither a bad nor a good value for it."""
        spec = self.mapping.outcome
        if spec is None:
            return None
        key = lookup_key(self.texts.get(spec.column, ""))
        if key not in spec.bad_values and key not in spec.good_values:
            return None
        observed = spec.observed_at and self.value("outcome.observed_at", spec.observed_at, "date")
        moment = storable_moment(datetime.fromisoformat(observed)) if isinstance(observed, str) else None
        return RowOutcome(key in spec.bad_values, moment, spec.mature)
