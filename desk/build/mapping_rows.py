"""The rows of a mapping's table: each column with its target, how it is read, an example, and why it is thought so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from django.utils.translation import gettext as _

from desk.build.mapping_words import FIELD_WORDS, TYPED_PARTS, confidence_mark, why_words, zone_words
from desk.mapping_form import DROP, FEATURE, KEEP
from desk.pages.mappings import ColumnRow, JoinRow, Option, UnreadRow
from desk.words import is_chinese, number
from intake.header_words.feature_naming import feature_name
from intake.header_words.stated_zones import OPEN_ZONE
from intake.mapped.case_mapping import CHINA, FIELD_TYPES, MappingError
from intake.mapped.given import read_cell
from intake.mapped.joined import joined_column
from intake.mapped.mapping_file import FIELDS, read_given
from intake.recognition.date_orders import is_open as is_open_order
from intake.values.cells import CellError, cell_text
from intake.wording.field_errors import FieldError
from intake.wording.sentences import shorten

NEEDED: Final = ("external_ref", "product", "amount", "currency", "term_months", "applied_at", "applicant.id")
EXAMPLE_MOST: Final = 40
Row = TypeVar("Row", ColumnRow, UnreadRow)


def column_rows(
    content: Mapping[str, Any],
    columns: Sequence[str],
    rows: Sequence[Mapping[str, object]],
    recognised: Mapping[str, Any],
    posted: Mapping[str, str] | None,
) -> tuple[ColumnRow, ...]:
    """Every column in its order, one row for each use; after a refused post with what was typed."""
    uses = _uses(content)
    order = list(dict.fromkeys([*columns, *uses, *content.get("drop", {})]))
    listed = [(column, key) for column in order for key in uses.get(column, [""])]
    return tuple(
        _row(at, column, key, content, rows, recognised.get(column, {}), posted)
        for at, (column, key) in enumerate(listed)
    )


def form_of(content: Mapping[str, Any]) -> dict[str, str]:
    """What the table and the list of fields send when nothing is typed in them."""
    sent = {"makes": makes(content)}
    for row in column_rows(content, (), (), {}, None):
        sent |= {f"column-{row.at}": row.column, f"was-{row.at}": row.was}
        sent |= {f"{part}-{row.at}": getattr(row, part) for part in TYPED_PARTS}
    for each in unread_rows(content, None):
        sent |= {f"how-{each.name}": each.how, f"value-{each.name}": each.value}
    return sent


def marked(rows: Sequence[Row], saved: Sequence[Row], words: Callable[[Row, Row], str]) -> tuple[Row, ...]:
    """The rows as they were typed, those that differ from the saved ones with what is saved, in words."""
    return tuple(replace(row, saved=words(row, before)) for row, before in zip(rows, saved, strict=True))


def _uses(content: Mapping[str, Any]) -> dict[str, list[str]]:
    """By column: the keys of the entries that read it."""
    uses: dict[str, list[str]] = {}
    for section in ("reference", "fields", "features"):
        for name, entry in content.get(section, {}).items():
            columns = [entry["column"]] if "column" in entry else list(entry.get("from", ()))
            for column in dict.fromkeys(columns):
                uses.setdefault(column, []).append(f"{section}.{name}")
    return uses


def _row(
    at: int,
    column: str,
    key: str,
    content: Mapping[str, Any],
    rows: Sequence[Mapping[str, object]],
    clue: Mapping[str, Any],
    posted: Mapping[str, str] | None,
) -> ColumnRow:
    section, _point, name = key.partition(".")
    entry = content.get(section, {}).get(name, {}) if key else {}
    target = FEATURE if section == "features" else key if section == "reference" else name
    reason = content.get("drop", {}).get(column, "")
    fixed = _fixed(entry) if key and "column" not in entry else ""
    target = KEEP if fixed else target or (f"{DROP}{reason}" if reason else "")
    told = {
        "target": target,
        "name": name if section == "features" else feature_name(column),
        "missing": ", ".join(map(str, entry.get("missing", ()))),
        **{part: str(entry.get(part, "")) for part in ("type", "scale", "format", "utc_offset", "decimal")},
    }
    if posted is not None and posted.get(f"column-{at}") == column:
        told = {part: posted.get(f"{part}-{at}", "") for part in told}
    raw, value, error = _example(entry, name, column, rows)
    is_open = "column" in entry and not told["format"] and is_open_order([cell_text(row.get(column)) for row in rows])
    question = _("Day first or month first? Nothing here tells: choose the form of the date.") if is_open else ""
    if entry.get("utc_offset") == OPEN_ZONE and told["utc_offset"] == OPEN_ZONE:
        question = _("In which time zone is it? Its header does not say for sure.")
    if clue.get("how") == "doubtful":
        question = _("Late before the application, or with this loan? Only what was before it may be read.")
    return ColumnRow(
        at=at,
        column=column,
        was=key,
        **told,
        raw=raw,
        value=value,
        error=error,
        question=question,
        confidence=confidence_mark(clue),
        why=why_words(clue),
        codes=number(len(entry["values"])) if entry.get("values") else "",
        fixed=fixed,
    )


def _fixed(entry: Mapping[str, Any]) -> str:
    for how in ("compute", "derive"):
        if how in entry:
            options = entry.get("with") or {}
            scales, zone = options.get("scales", {}), zone_words(str(options.get("utc_offset", "")))
            columns = [f"{column} × {scales[column]}" if column in scales else column for column in entry["from"]]
            told = _("computed: %(name)s of %(columns)s") % {"name": entry[how], "columns": ", ".join(columns)}
            return " · ".join(filter(None, (told, zone)))
    return ""


def _example(
    entry: Mapping[str, Any], name: str, column: str, rows: Sequence[Mapping[str, object]]
) -> tuple[str, str, str]:
    """The first known cell of the column, what is read from it, and why it cannot be."""
    cell = next((row[column] for row in rows if cell_text(row.get(column))), None)
    raw = shorten(cell_text(cell), EXAMPLE_MOST)
    if cell is None or "column" not in entry:
        return raw, "", ""
    try:
        given = read_given(dict(entry), name, kept=True)
        read = read_cell(given, cell, given.type or FIELD_TYPES.get(name, "text"), CHINA)
    except CellError as problem:
        error = FieldError(column, cell_text(cell), problem.code, problem.params)
        return raw, "", error.sentence("zh-hans" if is_chinese() else "en")
    except MappingError:
        return raw, "", ""
    value = read.isoformat(sep=" ") if hasattr(read, "isoformat") else cell_text(read)
    return raw, shorten(value, EXAMPLE_MOST), ""


def unread_rows(content: Mapping[str, Any], posted: Mapping[str, str] | None) -> tuple[UnreadRow, ...]:
    """The fields that no column gives, the needed ones first."""
    fields = content.get("fields", {})
    open_names = [name for name in FIELD_WORDS if name in FIELDS and "column" not in fields.get(name, {})]
    rows = []
    for name in sorted(open_names, key=lambda name: name not in NEEDED):
        how, value = _how(fields.get(name, {}))
        if posted is not None and f"how-{name}" in posted:
            how, value = posted[f"how-{name}"], posted.get(f"value-{name}", "")
        rows.append(UnreadRow(name, str(FIELD_WORDS[name]), how, value, _options(name, how)))
    return tuple(rows)


def _how(entry: Mapping[str, Any]) -> tuple[str, str]:
    for how in ("constant", "default"):
        if how in entry:
            return how, cell_text(entry[how])
    made = next((how for how in ("import_time", "row_hash") if how in entry), "")
    if entry.get("derive") == "applicant_reference":
        return "derive", ""
    return made or (KEEP if entry else ""), ""


def _options(name: str, how: str) -> tuple[Option, ...]:
    lacking = _("nothing: its rows are refused") if name in NEEDED else _("nothing")
    options = [("", lacking), ("constant", _("the same for every row")), ("default", _("a stand-in, marked as such"))]
    made = {
        "applied_at": ("import_time", _("the time of the import")),
        "external_ref": ("row_hash", _("a hash of the row")),
        "applicant.id": ("derive", _("made up from the row's reference")),
    }
    if name in made:
        options.append(made[name])
    if how == KEEP:
        options.append((KEEP, _("as in the file it came from")))
    return tuple(options)


def join_rows(content: Mapping[str, Any]) -> tuple[JoinRow, ...]:
    joins = content.get("joins", {})
    return tuple(JoinRow(name, join["source"], str(FIELD_WORDS[join["on"]])) for name, join in joins.items())


def joined_columns(content: Mapping[str, Any], columns_of: Mapping[str, Sequence[str]]) -> list[str]:
    """The columns of joined sources under the names that a mapping calls them by."""
    joins = content.get("joins", {})
    return [joined_column(name, each) for name, join in joins.items() for each in columns_of.get(join["source"], ())]


def makes(content: Mapping[str, Any]) -> str:
    if "reference" not in content:
        return "cases"
    return "both" if content.get("fields") else "kept"
