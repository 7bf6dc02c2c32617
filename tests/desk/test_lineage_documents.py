"""The number of another document is told as such, and not as a checked identity number, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from cases.models import Case, User
from intake.admission.files import take_in_file
from tests.desk.conftest import SignsIn
from tests.intake.silent import silent
from tests.intake.test_other_documents import residents, table


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("language", "other", "checked"),
    [
        ("en", "the number of another document, not checked: 护照", "read as an identity number in the 18 signs"),
        ("zh-hans", "其他证件的号码，未经校验：护照", "GB 11643"),
    ],
)
def test_a_passport_is_told_as_another_document(
    tmp_path: Path, supervisor: User, signs_in: SignsIn, language: str, other: str, checked: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(table(*residents(), ("护照", "E12345678")), encoding="utf-8")
    assert take_in_file(path, source="branch", mapping=None, by=None, bars=silent).accepted == 19
    client = signs_in(supervisor, language)
    pages = [
        client.get(f"/review/{Case.objects.get(external_ref=reference).ref}/lineage").content.decode()
        for reference in ("HT0019", "HT0001")
    ]
    assert [(other in page, checked in page) for page in pages] == [(True, False), (False, True)]
