"""Everything that is to be said against a version's tables before it may be proposed."""

from __future__ import annotations

from routing.record import tables_of
from routing.table.analysis import analyse
from routing.table.findings import Finding
from routing.terms import Terms

__all__ = ["Finding", "findings_by_table", "findings_of"]


def findings_of(terms: Terms) -> list[Finding]:
    """Errors and warnings of the tables of rules, signatures and limits, in this order."""
    return [finding for found in findings_by_table(terms).values() for finding in found]


def findings_by_table(terms: Terms) -> dict[str, list[Finding]]:
    """Errors and warnings of each table that the version has."""
    return {name: list(analyse(table, getattr(terms.kinds, name))) for name, table in tables_of(terms).items()}
