"""The contents of documents: named by their hash, scanned, written once, and checked whenever they are read."""

from __future__ import annotations

import hashlib
import os
import secrets
import subprocess
import tempfile
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, storages
from django.utils.translation import gettext_lazy as _

from cases.errors import BadDocument, CaseError


class ContentAltered(CaseError):
    """The stored bytes are not those that were added."""

    code = "content_altered"
    title = _("The file is not what was added")
    sentence = _("This file is not what was added to the case: its content has changed or is gone. It is not shown.")


class ScannerAway(CaseError):
    """Nobody looked for viruses, so nothing is taken."""

    status = 503
    code = "scanner_away"
    title = _("No file is taken now")
    sentence = _("The virus scanner does not answer, so no file is taken now. Try again later.")


class WriteOnceStorage(FileSystemStorage):
    """A folder in which a file appears whole or not at all, and is never written again."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself: it is the hash of the content, so what lies there is the same."""
        return name

    def _save(self, name: str, content: IO[Any]) -> str:
        path = Path(self.path(name))
        if path.exists():
            return name
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "wb") as file:
                for part in content.chunks():  # type: ignore[attr-defined]
                    file.write(part)
                file.flush()
                os.fsync(file.fileno())
            # Two people who add the same file at once rename the same bytes over each other.
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
        return name


def store_content(content: bytes) -> str:
    """Keep the content under its hash, which is returned (64 hex digits); once, however many cases have it.

    A copy that was altered stays as it is: whoever reads it is told.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    storages["attachments"].save(_name(sha256), ContentFile(content))
    return sha256


def read_content(sha256: str) -> bytes:
    """The content of that hash.

    Raises:
        ContentAltered: it is gone, or its bytes give another hash.
    """
    try:
        with storages["attachments"].open(_name(sha256)) as file:
            content: bytes = file.read()
    except OSError as error:
        raise ContentAltered from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ContentAltered
    return content


def scan_content(content: bytes, *, name: str) -> None:
    """Let the lender's scanner look at the content, where one is set (`RISKREVIEW_SCAN_COMMAND`).

    Raises:
        BadDocument: it found something. ScannerAway: it could not be run, or took too long.
    """
    command: tuple[str, ...] = settings.SCAN_COMMAND
    if not command:
        return
    with tempfile.NamedTemporaryFile(prefix="riskreview-scan-") as file:
        file.write(content)
        file.flush()
        try:
            found = subprocess.run(
                [*command, file.name],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=settings.SCAN_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ScannerAway from error
    if found.returncode != 0:
        raise BadDocument(str(_("The virus scanner refuses “%(name)s”.")) % {"name": name})


def _name(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"
