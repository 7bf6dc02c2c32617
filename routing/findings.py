"""Everything that is to be said against a version's tables before it may be proposed."""

from __future__ import annotations

from routing.authority import reserved_regions
from routing.record import tables_of
from routing.table.analysis import analyse
from routing.table.findings import Finding
from routing.terms import Terms

__all__ = ["Finding", "findings_by_table", "findings_of"]


def findings_of(terms: Terms) -> list[Finding]:
    """Errors and warnings of the tables of rules, signatures and limits, in this order."""
    return [finding for found in findings_by_table(terms).values() for finding in found]


def findings_by_table(terms: Terms) -> dict[str, list[Finding]]:
    """Errors and warnings of each table that the version has. What the machine may not approve, whatever a row says
    (`routing/authority.py`), no row may be written to approve: a table says what happens."""
    reserved = reserved_regions(terms.amount_limit, has_limits=terms.limits is not None)
    return {
        name: list(analyse(table, getattr(terms.kinds, name), reserved=reserved if name == "rules" else ()))
        for name, table in tables_of(terms).items()
    }
