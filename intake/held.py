"""What is held and why, counted: for whoever looks after the data. A finding that is only a mark holds nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.models import BooleanField, F, Func, JSONField, Value

REASONS_MOST: Final = 12
# As `cases.arrivals.holds`: a finding that says nothing of its severity does hold.
_FOR_IT: Final = '$[*] ? (@.code == $code && !(@.severity == "mark"))'
_FOR_ANOTHER: Final = '$[*] ? (@.code != $code && !(@.severity == "mark"))'


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


def waits_for(code: str) -> Func:
    """Whether a finding of this code holds a case; for a filter."""
    return _exists(_FOR_IT, code)


def waits_for_others(code: str) -> Func:
    """Whether a finding of any other code holds a case; for a filter."""
    return _exists(_FOR_ANOTHER, code)


def _exists(path: str, code: str) -> Func:
    told = Value({"code": code}, output_field=JSONField())
    return Func(F("findings"), Value(path), told, function="jsonb_path_exists", output_field=BooleanField())
