"""A file that somebody writes to while it is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cases.models import Case
from intake.admission.files import FileChanged, take_in_file
from intake.models import Batch
from tests.intake.silent import silent

HEADER = "合同号,产品,贷款金额,期限,年收入\n"


class Writer:
    """A bar that, once the first chunk is in, puts other amounts into the rows behind it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def update(self, n: int = 1) -> None:
        if n:
            self.path.write_text(rows(777), encoding="utf-8")


def rows(amount: int) -> str:
    return HEADER + "".join(f"A-{number},consumer,{amount},24,60000\n" for number in range(3000))


def test_a_file_that_changes_while_it_is_read_is_not_complete_and_none_of_its_new_rows_are_taken_for_the_old(
    transactional_db: None, tmp_path: Path
) -> None:
    path = tmp_path / "loans.csv"
    path.write_text(rows(500_000), encoding="utf-8")

    @contextmanager
    def bars(total: int | None) -> Iterator[Writer]:
        yield Writer(path)

    with pytest.raises(FileChanged):
        take_in_file(path, source="branch", mapping=None, by=None, bars=bars)
    batch = Batch.objects.get()
    assert (batch.finished_at, batch.rows) == (None, 1000)
    assert set(Case.objects.values_list("amount", flat=True)) == {500_000}
    # The new content is a file of its own: what it says otherwise of a known case is refused, the rest comes in.
    report = take_in_file(path, source="branch", mapping=None, by=None, bars=silent)
    assert (report.accepted, report.rejected) == (2000, 1000)
