"""What is held and why, counted: for whoever looks after the data."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

REASONS_MOST = 12


@dataclass(frozen=True)
class HeldReason:
    """How many held cases of a source have a finding of this code."""

    source: str
    code: str
    cases: int


def held_reasons() -> list[HeldReason]:
    """The reasons why cases are held, by source, the most frequent first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.source, f ->> 'code', count(DISTINCT c.id)
            FROM cases_case c CROSS JOIN LATERAL jsonb_array_elements(c.findings) AS f
            WHERE c.state = 'needs_data' AND coalesce(f ->> 'severity', 'hold') <> 'mark'
            GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT %s
            """,
            [REASONS_MOST],
        )
        return [HeldReason(*row) for row in cursor.fetchall()]
