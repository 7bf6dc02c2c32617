"""A file is what is in it; what carries programs or says something else than it is does not come in."""

from __future__ import annotations

import pytest

from cases.errors import BadDocument
from cases.file_kinds import ENDINGS, kind_of, plain_name
from tests.cases.files import REFUSED, TAKEN


@pytest.mark.parametrize("name", TAKEN)
def test_a_kind_is_found_from_the_content(name: str) -> None:
    content, media_type = TAKEN[name]
    assert kind_of(content, name).media_type == media_type


@pytest.mark.parametrize("name", REFUSED)
def test_what_may_not_come_in_is_refused_with_a_sentence(name: str) -> None:
    content, sentence = REFUSED[name]
    with pytest.raises(BadDocument, match=sentence) as refusal:
        kind_of(content, name)
    assert f"“{name}”" in str(refusal.value)


def test_every_kind_that_is_taken_is_tried_here() -> None:
    tried = {name.rpartition(".")[2].lower() for name in TAKEN} | {"jpg", "tiff"}
    assert tried == {ending.removeprefix(".") for ending in ENDINGS}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("slip.pdf", "slip.pdf"),
        ("C:\\Users\\me\\slip.pdf", "slip.pdf"),
        ("../../etc/slip.pdf", "slip.pdf"),
        ("sl\x00ip\n  1.pdf", "slip 1.pdf"),
        ("photo\u202efdp.exe", "photofdp.exe"),
        ("流水" * 150 + ".xlsx", "流水" * 97 + "流.xlsx"),
    ],
)
def test_a_name_is_kept_without_what_could_deceive(given: str, kept: str) -> None:
    assert plain_name(given) == kept


@pytest.mark.parametrize("given", ["", " ", "..", "/", "\u202e"])
def test_a_file_needs_a_name(given: str) -> None:
    with pytest.raises(BadDocument, match="Give the file a name"):
        plain_name(given)
