"""Words that a version's tables ask for and no recent case has: most often a word that is spelt otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db.models import Max

from cases.models import Case
from routing.fields import FEATURE_PREFIX
from routing.record import tables_of
from routing.table.columns import word_of
from routing.table.fields import Field
from routing.table.findings import Finding
from routing.table.shapes import Table, TableKind
from routing.terms import Terms

# Looked at: so many of the product's cases, among so many of all; with fewer than the least nothing is said.
MOST_CASES: Final = 5_000
MOST_LOOKED_AT: Final = 50_000
LEAST_CASES: Final = 100
# Where a case has the words that every product's tables may ask for.
COLUMNS: Final = {
    "industry": "industry",
    "region": "region",
    "channel": "channel",
    "currency": "currency",
    "applicant_segment": "applicant__segment",
}
SPELT: Final = frozenset({"=", "!=", "in", "not_in"})


def unseen_words(terms: Terms, product: str) -> dict[str, list[Finding]]:
    """Warnings by table of words that none of the product's latest cases has; {} where too few cases are known."""
    tables = {name: (table, getattr(terms.kinds, name)) for name, table in tables_of(terms).items()}
    asked = {key: _place(key) for table, kind in tables.values() for key, _word, _row in _asked(table, kind)}
    latest = Case.objects.aggregate(last=Max("pk"))["last"] if asked else None
    if latest is None:
        return {}
    cases = Case.objects.filter(product=product, pk__gt=latest - MOST_LOOKED_AT).order_by("-pk")
    rows = list(cases.values_list(*asked.values())[:MOST_CASES])
    if len(rows) < LEAST_CASES:
        return {}
    seen = {key: {word_of(str(row[place])) for row in rows} for place, key in enumerate(asked)}
    return {
        name: [
            _finding(kind.registry[key], word, row, len(rows))
            for key, word, row in _asked(table, kind)
            if word not in seen[key]
        ]
        for name, (table, kind) in tables.items()
    }


def _asked(table: Table, kind: TableKind) -> Iterator[tuple[str, str, str]]:
    """Field, word and row of all words that the table asks for."""
    for row in table.rows:
        for key, cell in row.used:
            if kind.registry[key].type == "text" and cell.op in SPELT:
                yield from ((key, str(word), row.id) for word in cell.operands)


def _place(key: str) -> str:
    """Where a case has what this field asks for."""
    return COLUMNS.get(key) or f"features__{key.removeprefix(FEATURE_PREFIX)}"


def _finding(field: Field, word: str, row: str, cases: int) -> Finding:
    return Finding(
        "unseen_word",
        "warning",
        (row,),
        field.key,
        f"None of the last {cases:,} cases has “{word}” as {field.en}: is it spelt as cases have it?",
        f"最近 {cases:,} 件案件的“{field.zh}”均不是“{word}”：写法是否与案件一致？",
    )
