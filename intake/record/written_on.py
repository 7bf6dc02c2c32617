"""Files of the watched folder that were written to after they had been set aside: their sender had only paused."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from intake.models import IncomingFile
from intake.wording.sentences import IntakeError

# Whoever writes a file straight into the folder pauses for less than this, or it is read half and again once whole.
SETTLED: Final = timedelta(seconds=10)
# Nobody goes on writing after a longer pause: such a transfer is broken off, and begun anew.
PAUSE_MOST: Final = timedelta(days=1)
NAME_BYTES: Final = 200
DONE: Final = "done"
REFUSED: Final = "refused"
WRITTEN_ON: Final = "file_written_on"


def kept_path(file: IncomingFile, folder: str) -> Path:
    """Where it lies once it is set aside in this folder."""
    aside: Path = settings.INCOMING / f".{folder}" / file.source
    # With the number before it a long name would be none that a disk takes.
    end = file.name.encode()[-NAME_BYTES:].decode(errors="ignore")
    return aside / f"{file.pk}-{end}"


def written_on() -> list[tuple[IncomingFile, Path]]:
    """The files with their places that hold something else than what was read of them, of those set aside lately."""
    lately = IncomingFile.objects.filter(archive=None, done_at__gte=timezone.now() - PAUSE_MOST).order_by("pk")
    found = [(file, kept_path(file, folder)) for file in lately for folder in (DONE, REFUSED)]
    return [(file, path) for file, path in found if _is_written_on(file, path)]


def _is_written_on(file: IncomingFile, path: Path) -> bool:
    try:
        looks = path.stat()
    except FileNotFoundError:
        return False
    # What was read had not been written to for this long when it was opened. A sender that sets the time of the file
    # back to what it is at home is seen by the size.
    changed = datetime.fromtimestamp(looks.st_mtime, UTC)
    longer = file.size is not None and looks.st_size != file.size
    return longer or (file.done_at is not None and changed > file.done_at - SETTLED)


def put_back(file: IncomingFile, path: Path) -> None:
    """Back into the folder, where it is read once it is whole; its rows that came in are known then.

    It keeps its number before its name: under the name alone it could take the place of a file that came meanwhile.
    """
    refusal = IntakeError(WRITTEN_ON, value=file.name, name=path.name)
    with transaction.atomic(durable=True):
        IncomingFile.objects.filter(pk=file.pk).update(batch=None, members=0, refusal=refusal.as_dict())
    # The folder is there: the file came through it. Killed before this, it is put back with the next sweep.
    os.rename(path, settings.INCOMING / file.source / path.name)
