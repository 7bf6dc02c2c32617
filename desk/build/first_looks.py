"""What the columns of a source were taken for, line by line with the first rows, for whoever looks at it first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import User
from cases.personal import masked_name, masked_number, masked_text
from desk.build.fact_names import case_names
from desk.build.mapping_words import COMPUTED_WORDS, DROP_WORDS, FIELD_WORDS, FORMATS, SCALES, TYPE_WORDS, zone_words
from desk.pages.first_looks import LookMark, ReadCell, Reading, ReadingsPage, ReadLine
from desk.pages.shared import Problem
from desk.words import is_chinese, number, when
from intake.gate.held import waiting_for_looks
from intake.health.quarantine import RELEASES
from intake.mapped.case_mapping import CaseMapping
from intake.mapped.given import Given
from intake.models import FirstRows, MappingVersion, Source
from intake.reading.mapping_preview import PreviewCell, preview
from intake.reading.mapping_sample import table_of
from intake.recognition.mapping import read_mapping
from intake.record.mapping_steps import in_force
from intake.record.reference import look_up
from intake.signing.first_look import new_uses, unnamed_columns, use_of, waiting_looks
from intake.standards.people import masked_phone
from intake.tabular.tables import BadRow, Table
from intake.values.cells import cell_text
from intake.ways_in.incoming import kept_files
from intake.wording.sentences import shorten

ROWS: Final = 3
FILES: Final = 5
CELL_MOST: Final = 40
_ORDER: Final = {name: at for at, name in enumerate(FIELD_WORDS)}
_HIDDEN: Final[Mapping[str, Callable[[str], str]]] = {
    "applicant.name": masked_name,
    "applicant.id": masked_number,
    "applicant.identity_number": masked_number,
    "applicant.phone": masked_phone,
}
_SHOWN: Final[Mapping[str, Callable[[str], str]]] = {
    "amount": lambda value: number(Decimal(value), 2),
    "applied_at": lambda value: when(datetime.fromisoformat(value)),
}


def look_mark(slug: str) -> LookMark:
    """That cases of the source of this name wait for a look."""
    return LookMark(_("look at how its columns are read"), reverse("desk:readings", args=[slug]))


def look_marks() -> dict[str, LookMark]:
    """By name of the source, of those of which cases wait for a look. One query."""
    return {slug: look_mark(slug) for slug, _version in waiting_for_looks()}


@dataclass(frozen=True)
class NotTaken:
    """What was typed and ticked of a version, and why it was not taken."""

    note: str
    is_answered: bool
    problem: Problem


def readings_page(source: Source, user: User, *, refused: Mapping[int, NotTaken]) -> ReadingsPage:
    """`refused` says by version what was not taken."""
    signed = in_force(source.slug)
    cases = waiting_for_looks()
    # A version whose cases were all read anew, or withdrawn, is nothing to look at.
    readings = [
        _reading(source, look.version, user, refused, cases[source.slug, look.version.number], signed is not None)
        for look in waiting_looks(source)
        if (source.slug, look.version.number) in cases
    ]
    return ReadingsPage(
        title=str(source),
        source_url=reverse("desk:source", args=[source.slug]),
        mapping_url=reverse("desk:mappings", args=[source.slug]),
        readings=tuple(readings),
        signed=number(signed.number) if signed else "",
    )


def _reading(
    source: Source,
    version: MappingVersion,
    user: User,
    refused: Mapping[int, NotTaken],
    cases: int,
    is_signed: bool,
) -> Reading:
    mapping = read_mapping(version.content, source=source.slug, kept=True)
    first = FirstRows.objects.filter(batch__mapping=version).order_by("-batch").first()
    sample = first.sample if first else {"columns": mapping.columns, "rows": []}
    table = table_of({**sample, "rows": sample["rows"][:ROWS]})
    posted = refused.get(version.number)
    may, at = user.role in RELEASES, [source.slug, version.number]
    unnamed = unnamed_columns(version)
    return Reading(
        number=str(version.number),
        files=tuple(version.batches.order_by("-id").values_list("name", flat=True)[:FILES]),
        cases=number(cases),
        lines=_lines(mapping, table, new_uses(version), unnamed, source.slug),
        rows=tuple(number(row) for row, _cells in table.rows()),
        confirm_url=reverse("desk:reading_confirm", args=at) if may else "",
        again_url=reverse("desk:reading_again", args=at) if may and is_signed and kept_files(version) else "",
        note=posted.note if posted else "",
        unnamed=number(len(unnamed)) if unnamed else "",
        is_answered=posted is not None and posted.is_answered,
        problems=(posted.problem,) if posted else (),
    )


def _lines(
    mapping: CaseMapping, table: Table, new: Collection[tuple[object, ...]], unnamed: Sequence[str], source: str
) -> tuple[ReadLine, ...]:
    """The fields in their usual order, the features, those `unnamed` last, and what is left out."""
    made = preview(table, mapping, now=timezone.now(), look_up=look_up)
    at = {name: place for place, name in enumerate(made.names)}
    by_number = sorted(made.rows, key=lambda row: row.number)
    called = case_names(_product(mapping, [row.cells[at["product"]].value for row in by_number if row.cells]), source)
    lines = []
    for name, given in sorted(mapping.named.items(), key=lambda each: _ORDER.get(each[0], len(_ORDER))):
        cells = tuple(_cell(name, row.cells[at[name]]) if row.cells else ReadCell("", "") for row in by_number)
        column, is_new = " | ".join(given.columns), use_of(name, given) in new
        is_unnamed = column in unnamed and name not in FIELD_WORDS
        words, how = _words(name, given, called), _how(given)
        lines.append(ReadLine(words, column, how, cells, is_new, is_unnamed=is_unnamed))
    lines.sort(key=lambda line: line.is_unnamed)
    rows = [row for _number, row in table.rows()]
    for column, reason in mapping.drop.items():
        hide = masked_name if reason == "personal" else masked_text
        cells = tuple(ReadCell(_raw(row, column, hide), "") for row in rows)
        words = _("left out: %(why)s") % {"why": DROP_WORDS[reason]}
        lines.append(ReadLine(words, column, "", cells, ("", column) in new, is_left_out=True))
    # Of a first reading all is new, and nothing stands out by being so.
    return tuple(lines if not all(line.is_new for line in lines) else (replace(line, is_new=False) for line in lines))


def _product(mapping: CaseMapping, read: Sequence[str]) -> str:
    """The product by whose words its features are called: that of every row, or the first of those that were `read`."""
    given = mapping.fields["product"]
    return str(given.value or "") if given.how in ("constant", "default") else next(filter(None, read), "")


def _words(name: str, given: Given, called: Callable[[str, str], str]) -> str:
    """A field by its words, a feature as its cases call it."""
    if name in FIELD_WORDS:
        return str(FIELD_WORDS[name])
    return called(name.removeprefix("features."), next(iter(given.columns), ""))


def _how(given: Given) -> str:
    """By which unit, form and type a column is read, or where the value comes from instead."""
    if given.how in ("constant", "default"):
        words = _("the same for every row") if given.how == "constant" else _("a stand-in, marked as such")
        return f"{words}{_colon()}{given.value}"
    told: dict[str, Any] = {
        "derive": _("made up from the row's reference"),
        "row_hash": _("a hash of the row"),
        "import_time": _("the time of the import"),
    }
    if given.how == "compute":
        zone = str(given.options.get("utc_offset", ""))
        return " · ".join(filter(None, (str(COMPUTED_WORDS.get(given.name, given.name)), zone_words(zone))))
    if given.how != "column":
        return str(told[given.how])
    scale = format(given.scale.normalize(), "f") if given.scale is not None else ""
    parts = [
        str(TYPE_WORDS.get(given.type, "")),
        str(dict(SCALES).get(scale, f"× {scale}")) if scale else "",
        str(dict(FORMATS).get(given.format, given.format)) if given.format else "",
        zone_words(given.utc_offset),
        {",": _("comma: 1.234,5"), ".": _("point: 1,234.5")}.get(given.decimal, ""),
    ]
    return " · ".join(part for part in parts if part)


def _colon() -> str:
    return "：" if is_chinese() else ": "


def _cell(name: str, cell: PreviewCell) -> ReadCell:
    """A cell of the first rows; of what names a person so much as tells two rows apart."""
    hide = _HIDDEN.get(name, masked_text)
    problem = cell.error.sentence("zh-hans" if is_chinese() else "en") if cell.error else ""
    value = _SHOWN[name](cell.value) if name in _SHOWN and cell.value else hide(cell.value)
    return ReadCell(shorten(hide(cell.raw), CELL_MOST), shorten(value, CELL_MOST), problem)


def _raw(row: Any, column: str, hide: Callable[[str], str]) -> str:
    return "" if isinstance(row, BadRow) else shorten(hide(cell_text(row.get(column))), CELL_MOST)
