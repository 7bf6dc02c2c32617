"""A file that is taken in tells how far it has come, for whoever looks from another process."""

from __future__ import annotations

import pytest

from intake.admission.files import take_in_file
from intake.models import Batch
from tests.intake.places import MakeFile
from tests.intake.test_actions import good, table


def test_a_file_tells_how_many_rows_it_has_and_comes_on_with_each_chunk(
    db: None, make_file: MakeFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.actions.CHUNK", 2)
    path = make_file("a.csv", table(*(good(n) for n in range(1, 6))))
    seen: list[tuple[int, bool]] = []

    class Bar:
        def __enter__(self) -> Bar:
            return self

        def __exit__(self, *_problem: object) -> None: ...

        def update(self, n: int = 1) -> None:
            batch = Batch.objects.get()
            seen.append((batch.rows, batch.moved_at is not None and batch.finished_at is None))

    take_in_file(path, source="branch", mapping=None, by=None, bars=lambda _total: Bar())
    assert seen == [(0, True), (2, True), (4, True), (5, True)]
    assert Batch.objects.get().rows_expected is not None
