"""The posted table of a mapping, read into the shape of a mapping file; what cannot be read is named by its field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import gettext as _

from desk.pages.shared import Problem
from intake.mapped.given import BY_VALUES, NUMBERS
from intake.mapped.mapping_file import DROP_REASONS, FIELDS, KEEPING
from intake.values.cells import CellError, read_flag

FEATURE: Final = "feature"
KEEP: Final = "keep"
DROP: Final = "drop:"
KEPT: Final = ("reference.key", "reference.as_of")
# What tells of whom a row is, a text of any kind unless its type says more; and the types that do.
_OF_WHOM: Final = ("applicant.id", "reference.key")
_IN_ONE_FORM: Final = ("identity_number", "phone")
MAKES: Final = ("cases", "kept", "both")
ROWS_MOST: Final = 2_000
# What a row of the table says of its entry, besides what it keeps of it (code table, pattern, prefix).
PARTS: Final = ("type", "scale", "format", "utc_offset", "decimal")
_MOMENTS: Final = ("applied_at", "reference.as_of")
OF_NUMBERS: Final = ("minimum", "maximum", "beyond", "shares")
_FEATURE_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_COMMA: Final = re.compile(r"[,，]")


@dataclass
class _Read:
    """The content as it grows, and what is wrong."""

    fields: dict[str, Any] = field(default_factory=dict)
    features: dict[str, Any] = field(default_factory=dict)
    drop: dict[str, str] = field(default_factory=dict)
    reference: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def content_from_form(content: Mapping[str, Any], posted: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
    """The stored content with what was posted in place of it, and the problems by the name of their input.

    Entries that no row of the table shows (computed ones, the outcome) stay as they are.
    """
    read, shown = _Read(), set()
    for at in range(ROWS_MOST):
        if f"column-{at}" not in posted:
            break
        shown.add(posted.get(f"was-{at}", ""))
        _take_row(read, content, posted, at)
    fields = {name: entry for name, entry in content.get("fields", {}).items() if "column" not in entry}
    features = {n: entry for n, entry in content.get("features", {}).items() if f"features.{n}" not in shown}
    for name in sorted(FIELDS - set(read.fields)):
        _take_unread(read, fields.get(name), name, posted)
    makes = posted.get("makes", MAKES[0])
    made: dict[str, Any] = {**content, "drop": read.drop, "joins": dict(content.get("joins", {}))}
    made["fields"] = read.fields if makes != "kept" else {}
    made["features"] = {**read.features, **features} if makes != "kept" else {}
    made.pop("reference", None)
    if makes != "cases":
        made["reference"] = {"as_of": {"import_time": True}, **read.reference}
        if "key" not in read.reference:
            read.problems.append(Problem("makes", _("Choose the column by which others find a row.")))
    elif read.reference:
        # Left out without a word, a key that was chosen is missed only when nothing can be joined.
        made["reference"] = {"as_of": {"import_time": True}, **read.reference}
        told = _("A column says how others find its rows: choose that they are kept, or that they are both.")
        read.problems.append(Problem("makes", told))
    if not made["joins"] or makes == "kept":
        made.pop("joins")
    return made, read.problems


def entry_of(content: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The entry of `fields.amount`, `features.x` or `reference.key`; {} where there is none."""
    section, _point, name = key.partition(".")
    found = content.get(section, {}).get(name, {}) if section in ("fields", "features", "reference") else {}
    return dict(found)


def _take_row(read: _Read, content: Mapping[str, Any], posted: Mapping[str, str], at: int) -> None:
    column, target = posted[f"column-{at}"], posted.get(f"target-{at}", "")
    was = entry_of(content, posted.get(f"was-{at}", ""))
    if target == KEEP or not column:
        if was:
            section, _point, name = posted[f"was-{at}"].partition(".")
            getattr(read, section)[name] = was
        return
    if target.startswith(DROP):
        reason = target.removeprefix(DROP)
        read.drop[column] = reason if reason in DROP_REASONS else "not_used"
        return
    if not target:
        return
    entry = _entry(read, was if was.get("column") == column else {}, column, posted, at)
    is_new_target = posted.get(f"was-{at}", "") not in (target, f"fields.{target}")
    is_kept_type = target in _OF_WHOM and entry.get("type") in _IN_ONE_FORM
    if target != FEATURE and is_new_target and entry.get("type") == was.get("type") and not is_kept_type:
        # The type of the feature that it was; a field knows its own.
        entry.pop("type", None)
    if was.get("type") in NUMBERS and entry.get("type") not in NUMBERS:
        # What was believed of a number is said of nothing else.
        entry = {part: value for part, value in entry.items() if part not in OF_NUMBERS}
    if entry.get("type") != "date" and target not in _MOMENTS and entry.get("utc_offset") == was.get("utc_offset"):
        # What is no moment any more has no zone, either.
        entry.pop("utc_offset", None)
    if entry.get("type") not in KEEPING:
        entry.pop("unread", None)
    if target in KEPT:
        read.reference[target.partition(".")[2]] = entry
    elif target == FEATURE:
        _add_feature(read, posted.get(f"name-{at}", "").strip(), entry, at)
    elif target in read.fields:
        read.problems.append(Problem(f"target-{at}", _("Another column is that already.")))
    elif target in FIELDS:
        read.fields[target] = entry


def _add_feature(read: _Read, name: str, entry: dict[str, Any], at: int) -> None:
    if not _FEATURE_NAME.fullmatch(name):
        told = _("Lower-case letters, digits and underscores, starting with a letter, at most 63.")
        read.problems.append(Problem(f"name-{at}", told))
    elif name in read.features:
        read.problems.append(Problem(f"name-{at}", _("Another column has this name already.")))
    read.features[name or f"column_{at + 1}"] = entry


def _entry(read: _Read, was: dict[str, Any], column: str, posted: Mapping[str, str], at: int) -> dict[str, Any]:
    """The entry of a column: what the row says, and of what it does not show what was there."""
    entry = {**{name: value for name, value in was.items() if name not in (*PARTS, "missing")}, "column": column}
    entry |= {part: text for part in PARTS if (text := posted.get(f"{part}-{at}", "").strip())}
    missing = [word for each in _COMMA.split(posted.get(f"missing-{at}", "")) if (word := each.strip())]
    if missing:
        entry["missing"] = missing
    try:
        Decimal(entry.get("scale", "1"))
    except InvalidOperation:
        read.problems.append(Problem(f"scale-{at}", _("Enter a number.")))
        entry.pop("scale")
    return entry


def _take_unread(read: _Read, was: dict[str, Any] | None, name: str, posted: Mapping[str, str]) -> None:
    """A field that no column gives: the same for all, a stand-in, made up, or none."""
    how, value = posted.get(f"how-{name}", ""), posted.get(f"value-{name}", "").strip()
    if how == KEEP and was is not None:
        read.fields[name] = was
    elif how in ("constant", "default"):
        if not value:
            read.problems.append(Problem(f"value-{name}", _("Say which value.")))
        read.fields[name] = {how: _value(read, name, value)}
    elif how == "import_time" and name == "applied_at":
        read.fields[name] = {"import_time": True}
    elif how == "row_hash" and name == "external_ref":
        read.fields[name] = was if was and "row_hash" in was else {"row_hash": BY_VALUES, "prefix": "R-"}
    elif how == "derive" and name == "applicant.id":
        read.fields[name] = was if was and "derive" in was else {"derive": "applicant_reference"}


def _value(read: _Read, name: str, text: str) -> object:
    """What was typed, as the field wants it: months are whole, a key customer yes or no."""
    if name == "term_months" and text.isascii() and text.isdigit() and len(text) <= 4:
        return int(text)
    if name == "applicant.key_customer" and text:
        try:
            return read_flag(text)
        except CellError:
            read.problems.append(Problem(f"value-{name}", _("Write yes or no.")))
    return text
