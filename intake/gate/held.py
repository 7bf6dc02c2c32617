"""What is held and why, counted: for whoever looks after the data. A finding that is only a mark holds nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models import BooleanField, Exists, F, Func, JSONField, OuterRef, Value

from cases.models import Case
from cases.states import State

REASONS_MOST: Final = 12
# What a case waits for that was read as its columns seem to say (`intake/signing/first_look.py`).
NOT_LOOKED_AT: Final = "reading_not_looked_at"
# That it was sent back to where it came from, and is waited for.
RETURNED: Final = "returned_to_source"
# As `cases.arrivals.holds`: a finding that says nothing of its severity does hold.
_FOR_IT: Final = '$[*] ? (@.code == $code && !(@.severity == "mark"))'
_FOR_ANOTHER: Final = '$[*] ? (@.code != $code && !(@.severity == "mark"))'


@dataclass(frozen=True)
class HeldReason:
    """How many held cases of a source have a finding of this code."""

    source: str
    code: str
    cases: int


def is_returned(findings: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a case was sent back to where it came from."""
    return any(finding["code"] == RETURNED for finding in findings)


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


def waiting_for_looks() -> dict[tuple[str, int], int]:
    """How many held cases wait for somebody to look at how they were read, by source and number of the version."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.source, (f -> 'params' ->> 'version')::int, count(*)
            FROM cases_case c CROSS JOIN LATERAL jsonb_array_elements(c.findings) AS f
            WHERE c.state = 'needs_data' AND f ->> 'code' = %s
            GROUP BY 1, 2
            """,
            [NOT_LOOKED_AT],
        )
        return {(source, version): cases for source, version, cases in cursor.fetchall()}


def case_to_look_at() -> Exists:
    """Whether a case of a source waits for such a look; in a query of sources."""
    waits = {"state": State.NEEDS_DATA, "findings__contains": [{"code": NOT_LOOKED_AT}]}
    return Exists(Case.objects.filter(source=OuterRef("slug"), **waits))


def waits_for(code: str) -> Func:
    """Whether a finding of this code holds a case; for a filter."""
    return _exists(_FOR_IT, code)


def waits_for_others(code: str) -> Func:
    """Whether a finding of any other code holds a case; for a filter."""
    return _exists(_FOR_ANOTHER, code)


def _exists(path: str, code: str) -> Func:
    told = Value({"code": code}, output_field=JSONField())
    return Func(F("findings"), Value(path), told, function="jsonb_path_exists", output_field=BooleanField())
