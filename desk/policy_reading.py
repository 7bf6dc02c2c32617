"""From the fields of a form to the terms of a policy, or to everything that is wrong with them, field by field."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from desk.pages import Problem
from desk.policy_form import PARTS, PERCENTS, PLAIN, TABLES, Form, examples_of, fact_of, rows_of
from desk.words import is_chinese
from routing.arms import Exploration, SettingError
from routing.capacity import Capacity
from routing.table.notation import NotationError, read_cell, read_value
from routing.table.shapes import TableErrors, TableKind
from routing.table.tables import read_table
from routing.terms import LISTS, Bands, Guard, Promise, Terms, TermsError

SHAPES: Final[Mapping[str, Callable[..., object]]] = {
    "promise": Promise, "capacity": Capacity, "exploration": Exploration, "guard": Guard,
}  # fmt: skip
WHOLE: Final = frozenset({"least_cases", "most_bads"})


class _Reader:
    """Reads one form and collects what is wrong with it."""

    def __init__(self, form: Form, base: Terms) -> None:
        self.form, self.base = form, base
        self.problems: list[Problem] = []

    def wrong(self, name: str, words: str) -> None:
        self.problems.append(Problem(name, words))

    def number(self, name: str, *, percent: bool = False, empty: float | None = math.nan) -> float | None:
        text = self.form.get(name, "").strip().replace(",", "").removesuffix("%").strip()
        if not text and empty is not math.nan:
            return empty
        try:
            # Exact, so that what `policy_form.figure` wrote reads back as the same figure.
            found = float(Decimal(text) / 100 if percent else Decimal(text))
        except ArithmeticError:
            found = math.nan
        if not math.isfinite(found):
            self.wrong(name, _("A number is expected."))
            return 0.5 if percent else 1.0
        return found

    def part(self, name: str) -> dict[str, Any] | None:
        if not self.form.get(f"{name}.on"):
            return None
        percents, plain = PARTS[name]
        optional = None if name == "promise" else math.nan
        found: dict[str, Any] = {
            key: self.number(f"{name}.{key}", percent=True, empty=optional if key == "good_decline_rate" else math.nan)
            for key in percents
        }
        for key in plain:
            value = self.number(f"{name}.{key}")
            if key in WHOLE and value is not None:
                if not value.is_integer():
                    self.wrong(f"{name}.{key}", _("A whole number is expected."))
                value = int(value)
            found[key] = value
        if name == "capacity":
            found["fallback"] = self.form.get("capacity.fallback", "")
        if name == "guard":
            found["fall_back"] = bool(self.form.get("guard.fall_back"))
        if name == "promise" and self.base.promise is not None:
            found["evidence"] = dict(self.base.promise.evidence)
        try:
            SHAPES[name](**found)
        except (TermsError, SettingError) as refusal:
            self.wrong(f"{name}.{refusal.field.removeprefix(f'{name}.')}", said(refusal))
        return found

    def table(self, name: str) -> dict[str, Any] | None:
        """A table in plain JSON; cells that cannot be read are problems."""
        if not self.form.get(f"{name}.on"):
            return None
        kind: TableKind = getattr(self.base.kinds, name)
        columns = [key for key in self.form.get(f"{name}.columns", "").split() if key in kind.registry]
        return {
            "kind": name,
            "hit": self.form.get(f"{name}.hit", ""),
            "rows": [self._row(f"{name}.{place}.", kind, columns) for place in rows_of(self.form, name)],
            "default": self._outputs(f"{name}.default.", kind),
        }

    def _row(self, start: str, kind: TableKind, columns: Sequence[str]) -> dict[str, Any]:
        cells = {}
        for key in columns:
            given = self.form.get(f"{start}if.{key}", "").strip()
            try:
                cells[key] = read_cell(kind.registry[key], given).to_dict()
            except NotationError as refusal:
                self.wrong(f"{start}if.{key}", said(refusal))
        return {
            "id": self.form.get(f"{start}id", "").strip(),
            "when": cells,
            "then": self._outputs(start, kind),
            "en": self.form.get(f"{start}en", "").strip(),
            "zh": self.form.get(f"{start}zh", "").strip(),
        }

    def _outputs(self, start: str, kind: TableKind) -> dict[str, Any]:
        found = {}
        for key, output in kind.outputs.items():
            given = self.form.get(f"{start}then.{key}", "").strip()
            if not given:
                continue
            try:
                found[key] = read_value(output.type, given, output.choices)
            except NotationError as refusal:
                self.wrong(f"{start}then.{key}", said(refusal))
        return found

    def examples(self) -> list[dict[str, Any]]:
        return [
            {
                "name_en": self.form.get(f"example.{place}.en", "").strip(),
                "name_zh": self.form.get(f"example.{place}.zh", "").strip(),
                "inputs": self._inputs(f"example.{place}.inputs"),
                "way": self.form.get(f"example.{place}.way", ""),
            }
            for place in examples_of(self.form)
        ]

    def _inputs(self, name: str) -> dict[str, Any]:
        """Lines like `pd = 0.05`, `key_customer = true`."""
        found: dict[str, Any] = {}
        for line in self.form.get(name, "").splitlines():
            if not line.strip():
                continue
            key, sign, value = (part.strip() for part in line.partition("="))
            if not sign or not key:
                self.wrong(name, _("Write one fact a line, such as pd = 0.05."))
                continue
            found[key] = fact_of(value)
        return found

    def segment_bands(self) -> dict[str, Any]:
        """Lines like `CA: 10, 18`: the segment, then both lines in percent."""
        found = {}
        for line in self.form.get("segment_bands", "").splitlines():
            if not line.strip():
                continue
            name, _sign, rest = line.rpartition(":")
            try:
                low, high = (float(Decimal(part.strip().removesuffix("%")) / 100) for part in rest.split(","))
                Bands(low, high)
            except TermsError as refusal:
                self.wrong("segment_bands", f"{name.strip()}: {said(refusal)}")
            except (ValueError, ArithmeticError):
                self.wrong("segment_bands", _("Write one segment a line, such as CA: 10, 18."))
            else:
                found[name.strip()] = {"approve_below": low, "decline_above": high}
        return found


def terms_from(form: Form, base: Terms) -> tuple[Terms | None, list[Problem]]:
    """The terms that a form describes, over `base` for what no form shows; or what is wrong, by the names of inputs."""
    reader = _Reader(form, base)
    content = base.to_dict()
    content |= {
        name: reader.number(name, percent=True, empty=None if name == "cut_off" else math.nan) for name in PERCENTS
    }
    content |= {name: reader.number(name, empty=0.0 if name == "caution" else math.nan) for name in PLAIN}
    content |= {name: reader.part(name) for name in PARTS}
    content["currency"] = form.get("currency", "").strip().upper()
    content |= {"segment_by": form.get("segment_by", ""), "segment_bands": reader.segment_bands()}
    lists = {
        name: [line.strip() for line in form.get(f"lists.{name}", "").splitlines() if line.strip()] for name in LISTS
    }
    content["lists"] = {name: words for name, words in lists.items() if words or name in base.lists}
    content["examples"] = reader.examples()
    tables = {name: reader.table(name) for name in TABLES}
    for name, table in tables.items():
        _check_table(reader, name, table)
    if reader.problems:
        return None, reader.problems
    try:
        return Terms.from_dict(content | tables), []
    except TermsError as refusal:
        return None, [Problem(refusal.field, said(refusal))]


def _check_table(reader: _Reader, name: str, table: Mapping[str, Any] | None) -> None:
    """All that is wrong with one table, at the inputs that it is wrong in."""
    if table is None:
        return
    kind: TableKind = getattr(reader.base.kinds, name)
    places = {name: str(place) for place, row in enumerate(table["rows"]) for name in (row["id"], f"#{place + 1}")}
    try:
        read_table(table, kind)
    except TableErrors as refusal:
        for problem in refusal.problems:
            place = "default" if problem.row == "default" else places.get(problem.row, "")
            start = f"{name}.{place}." if place else f"{name}."
            part = "if." if problem.field in kind.registry else "then." if problem.field in kind.outputs else ""
            field = problem.field if part or problem.field == "hit" else "id"
            reader.wrong(f"{start}{part}{field}", said(problem))


def said(refusal: Any) -> str:
    """What is wrong, in the reader's language."""
    return str(refusal.zh if is_chinese() else refusal.en)
