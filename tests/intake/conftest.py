"""Fixtures of the intake tests."""

from pathlib import Path

import pytest

from tests.intake.places import MakeFile


@pytest.fixture
def make_file(tmp_path: Path) -> MakeFile:
    """Writes a file of the given name with text (as UTF-8) or bytes, and gives its path."""

    def make(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make
