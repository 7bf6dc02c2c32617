"""A row that tells otherwise of a case names what differs by columns, also by one that its own table lacks."""

from __future__ import annotations

import pytest

from intake.models import RejectedRow
from tests.intake.places import MakeFile
from tests.intake.test_on_record import counts, take_in

HEADER = "合同编号,借据号,贷款金额,期限(月),申请日期\n"


@pytest.mark.django_db(transaction=True)
def test_a_column_that_is_gone_is_named_as_the_table_of_then_had_it(make_file: MakeFile) -> None:
    rows = [f"HT{n // 2:04},JJ{n:04},5000,12,2026-01-05\n" for n in range(2, 22)]
    assert counts(take_in(make_file("a.csv", HEADER + "".join(rows)))) == (20, 0, 0)
    short = "".join(row.partition(",")[2] for row in [HEADER, *rows[:2]])
    assert counts(take_in(make_file("b.csv", short))) == (0, 0, 2)
    (error,) = RejectedRow.objects.order_by("row_number")[0].errors
    assert error["en"] == "The reference “JJ0002” is already known with other content: 合同编号."
