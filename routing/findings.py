"""Everything that is to be said against a version's tables before it may be proposed."""

from __future__ import annotations

from routing.table.analysis import analyse
from routing.table.findings import Finding
from routing.terms import Terms

__all__ = ["Finding", "findings_of"]


def findings_of(terms: Terms) -> list[Finding]:
    """Errors and warnings of the tables of rules, signatures and limits, in this order."""
    kinds = terms.kinds
    tables = ((terms.rules, kinds.rules), (terms.signatures, kinds.signatures), (terms.limits, kinds.limits))
    return [finding for table, kind in tables if table is not None for finding in analyse(table, kind)]
