"""What a file costs the database grows as its rows do, also of a source that its statistics do not know yet."""

from __future__ import annotations

import pytest
from django.db import connection

from intake.models import Source
from tests.intake.places import MakeFile
from tests.intake.test_actions import take_in
from tests.intake.test_ordered import day, text

ROWS = 1_000


def rows_looked_at() -> int:
    """How many rows of all tables this transaction has read so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables")
        return int(cursor.fetchone()[0])


@pytest.mark.usefixtures("db")
def test_the_first_file_of_a_source_is_not_compared_row_by_row_with_itself(make_file: MakeFile) -> None:
    """Statistics from before it came say that a source has one case and a batch one row: joined by both of these, each
    case of the file was compared with every origin of it."""
    take_in(make_file("other.csv", text(day(0, 400), None)), source="other")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    before = rows_looked_at()
    report = take_in(make_file("new.csv", text(day(5_000, ROWS), None)), source="newcomer")
    assert (report.accepted, list(Source.objects.get(slug="newcomer").reference)) == (ROWS, ["consumer"])
    assert rows_looked_at() - before < 100 * ROWS
