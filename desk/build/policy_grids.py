"""The tables of a policy as spreadsheets, and its examples: rows and columns of inputs from the fields of a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.build.consequence_words import HITS, NAMES
from desk.pages.policies import Column, ExampleInputs, Grid, GridRow, Input
from desk.policy_form import TABLES, examples_of, rows_of
from desk.words import is_chinese
from routing.examples import ExampleFailure
from routing.fields import WAYS, Kinds
from routing.table.explain import cell_words
from routing.table.fields import Choice, Field
from routing.table.files import FORMS
from routing.table.findings import Finding
from routing.table.notation import read_cell
from routing.table.shapes import DEFAULT, Output, TableKind

NOTES: Final[dict[str, Promise]] = {
    "rules": gettext_lazy("Who decides a case. What is unknown never becomes an approval: it goes to people."),
    "signatures": gettext_lazy("How many second persons must sign a decision."),
    "limits": gettext_lazy("How much is granted at most: base plus income, times the coefficient, between its ends."),
}
TYPES: Final[dict[str, Promise]] = {
    "number": gettext_lazy("number"),
    "integer": gettext_lazy("whole number"),
    "money": gettext_lazy("money"),
    "percent": gettext_lazy("percent such as 12.5% (0.125 is the same)"),
    "boolean": gettext_lazy("true or false"),
    "choice": gettext_lazy("one of"),
    "text": gettext_lazy("text"),
    "date": gettext_lazy("date"),
}


def label(named: Field | Output | Choice) -> str:
    """A field, an output or a choice in the reader's language."""
    return named.zh if is_chinese() else named.en


def grids_of(
    form: Mapping[str, str],
    kinds: Kinds,
    policy_id: int,
    findings: Mapping[str, Sequence[Finding]],
    *,
    editable: bool,
) -> tuple[Grid, ...]:
    """The three tables; `findings` by table mark the rows that they name. What nobody edits is told in words."""
    if not editable:
        form = {**form, **_in_words(form, kinds)}
    return tuple(_grid(form, name, getattr(kinds, name), policy_id, findings.get(name, ())) for name in TABLES)


def _in_words(form: Mapping[str, str], kinds: Kinds) -> dict[str, str]:
    """The cells in the reader's language: `below 12.0 %` for `< 12%`."""
    language = "zh" if is_chinese() else "en"
    told = {}
    for name, value in form.items():
        table, _sign, rest = name.partition(".")
        key = rest.partition(".if.")[2]
        if table in TABLES and key and value:
            field = getattr(kinds, table).registry[key]
            told[name] = cell_words(field, read_cell(field, value), language).removeprefix(label(field)).strip()
    return told


def _grid(form: Mapping[str, str], name: str, kind: TableKind, policy_id: int, findings: Sequence[Finding]) -> Grid:
    keys = [key for key in form.get(f"{name}.columns", "").split() if key in kind.registry]
    on = bool(form.get(f"{name}.on"))
    switch = "" if name != "limits" else f"remove_table {name}" if on else f"add_table {name}"
    rows = rows_of(form, name)
    return Grid(
        name=name,
        words=str(NAMES[name]),
        note=str(NOTES[name]),
        on=on,
        hit=Input(f"{name}.hit", _("What counts"), form.get(f"{name}.hit", ""),
                  options=tuple((key, str(words)) for key, words in HITS.items())),
        columns=(
            *(Column(key, label(kind.registry[key]), hint_of(kind.registry[key]), f"remove_column {name} {key}")
              for key in keys),
            *(Column(key, label(output), "", then=True) for key, output in kind.outputs.items()),
        ),
        rows=tuple(_row(form, name, place, keys, kind, findings) for place in rows),
        default=tuple(_says(form, f"{name}.default.", output, _("default row")) for output in kind.outputs.values()),
        addable=tuple((key, label(field)) for key, field in kind.registry.items() if key not in keys),
        hidden=((f"{name}.on", "yes" if on else ""), (f"{name}.rows", str(len(rows))),
                (f"{name}.columns", " ".join(keys))),
        files=tuple((form_.upper(), reverse("desk:policy_table", args=[policy_id, name, form_])) for form_ in FORMS),
        import_url=reverse("desk:policy_import", args=[policy_id, name]),
        switch=switch,
    )  # fmt: skip


def hint_of(field: Field) -> str:
    """What a column holds, in a few words."""
    if field.choices:
        return f"{TYPES[field.type]} {', '.join(label(choice) for choice in field.choices)}"
    return f"{TYPES[field.type]}{f' ({field.unit})' if field.unit else ''}"


def _row(
    form: Mapping[str, str], name: str, place: int, keys: Sequence[str], kind: TableKind, findings: Sequence[Finding]
) -> GridRow:
    start = f"{name}.{place}."
    id_ = form.get(f"{start}id", "")
    row = id_ or f"#{place + 1}"
    last = len(rows_of(form, name)) - 1
    acts = [(f"remove_row {name} {place}", "✕", _("Remove row %(row)s") % {"row": row})]
    if place < last:
        acts.insert(0, (f"down {name} {place}", "↓", _("Move row %(row)s down") % {"row": row}))
    if place:
        acts.insert(0, (f"up {name} {place}", "↑", _("Move row %(row)s up") % {"row": row}))
    return GridRow(
        id=Input(f"{start}id", _("Id of row %(row)s") % {"row": row}, id_),
        cells=tuple(
            Input(f"{start}if.{key}", f"{row}: {label(kind.registry[key])}", form.get(f"{start}if.{key}", ""))
            for key in keys
        ),
        says=tuple(_says(form, start, output, row) for output in kind.outputs.values()),
        told=(
            Input(f"{start}en", f"{row}: English", form.get(f"{start}en", ""), lang="en"),
            Input(f"{start}zh", f"{row}: 中文", form.get(f"{start}zh", ""), lang="zh-Hans"),
        ),
        acts=tuple(acts),
        marks=tuple(finding.severity for finding in findings if id_ in finding.rows),
    )


def _says(form: Mapping[str, str], start: str, output: Output, row: str) -> Input:
    name = f"{start}then.{output.key}"
    options = (("", "–"), *((choice.key, label(choice)) for choice in output.choices)) if output.choices else ()
    return Input(name, f"{row}: {label(output)}", form.get(name, ""), options=options)


def examples_inputs(form: Mapping[str, str], failures: Sequence[ExampleFailure]) -> tuple[ExampleInputs, ...]:
    """The examples; those that went another way say how."""
    failed = {failure.name_en: failure for failure in failures}
    return tuple(_example(form, place, failed) for place in examples_of(form))


def _example(form: Mapping[str, str], place: int, failed: Mapping[str, ExampleFailure]) -> ExampleInputs:
    start = f"example.{place}."
    name = form.get(f"{start}en", "")
    inputs = (
        Input(f"{start}en", _("Name in English"), name, lang="en"),
        Input(f"{start}zh", _("Name in Chinese"), form.get(f"{start}zh", ""), lang="zh-Hans"),
        Input(f"{start}way", _("Must go to"), form.get(f"{start}way", ""),
              options=(("", "–"), *((way.key, label(way)) for way in WAYS))),
        Input(f"{start}inputs", _("Facts"), form.get(f"{start}inputs", ""), lines=4,
              help=_("One a line, such as pd = 0.05")),
    )  # fmt: skip
    found = failed.get(name)
    return ExampleInputs(inputs, f"remove_example {place}", failure_words(found) if found else "")


def failure_words(failure: ExampleFailure) -> str:
    """How an example went otherwise."""
    if not failure.got:
        return failure.zh if is_chinese() else failure.en
    words = {way.key: label(way) for way in WAYS}
    return _("It goes to “%(got)s” instead of “%(wanted)s”.") % {
        "got": words[failure.got], "wanted": words.get(failure.expected, failure.expected),
    }  # fmt: skip


def row_words(rows: Sequence[str]) -> str:
    """The rows that a finding names."""
    return ", ".join(_("default row") if row == DEFAULT else row for row in rows)
