"""Zeros that were put back into a mended row are told where they stand, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cases.models import Case, User
from intake.models import Batch
from tests.desk.conftest import SignsIn
from tests.intake.returning import given_out, returned
from tests.intake.test_lost_zeros import loans, saved
from tests.intake.test_on_record import counts, take_in


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "zeros before it, which a mended row had lost, put back"), ("zh-hans", "已补回修正行中丢失的前导零")],
)
def test_the_reference_and_the_customer_say_that_their_zeros_were_put_back(
    tmp_path: Path, supervisor: User, signs_in: SignsIn, language: str, words: str
) -> None:
    client = signs_in(supervisor, language)
    take_in(written(tmp_path / "a.csv", loans("001500,000007,张伟0,待定,12,2026-02-20")))
    head, row = saved(given_out(client, Batch.objects.get()))
    row[3] = "80000"
    assert counts(take_in(written(tmp_path / "mended.csv", returned(head, row)))) == (1, 0, 0)
    mended, other = (
        client.get(f"/review/{Case.objects.get(external_ref=reference).ref}/lineage").content.decode()
        for reference in ("001500", "001001")
    )
    assert [len(re.findall(words, page)) for page in (mended, other)] == [2, 0]
