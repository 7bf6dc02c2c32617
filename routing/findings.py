"""Everything that is to be said against a version's tables before it may be proposed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from routing.given_facts import facts_from
from routing.policy import APPROVE, route
from routing.record import tables_of
from routing.table.analysis import analyse
from routing.table.findings import Finding
from routing.terms import Terms

# Above the limit by a little and by far: a rule with a ceiling of its own must not let either pass.
ABOVE_LIMIT: Final = (1.01, 1_000.0)

__all__ = ["Finding", "findings_by_table", "findings_of"]


def findings_of(terms: Terms) -> list[Finding]:
    """Errors and warnings of the tables of rules, signatures and limits, in this order."""
    return [finding for found in findings_by_table(terms).values() for finding in found]


def findings_by_table(terms: Terms) -> dict[str, list[Finding]]:
    """Errors and warnings of each table that the version has."""
    found = {name: list(analyse(table, getattr(terms.kinds, name))) for name, table in tables_of(terms).items()}
    if not any(finding.severity == "error" for finding in found["rules"]):
        found["rules"] += _above_authority(terms)
    return found


def _above_authority(terms: Terms) -> Iterator[Finding]:
    """Examples that the machine approves, asked for again with more than the amount limit: its authority ends there."""
    for example in terms.examples:
        if example.way != "approve":
            continue
        money = {"currency": terms.currency}
        asked = [{**example.inputs, **money, "amount": terms.amount_limit * above} for above in ABOVE_LIMIT]
        try:
            routed = route(terms, facts_from(terms, asked))
        except ValueError:
            # An example that cannot be asked fails as an example, and is told there.
            continue
        rows = {terms.rules.row_id(int(row)) for row in routed.ways.row[routed.way == APPROVE]}
        if rows:
            yield Finding(
                "above_authority",
                "error",
                tuple(sorted(rows)),
                "amount",
                f"the machine would approve “{example.name_en}” also above the amount limit",
                f"“{example.name_zh}”即使超过金额限额也会被机器批准",
            )
            return
