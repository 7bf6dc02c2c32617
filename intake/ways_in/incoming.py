"""The watched folder: what lies in `incoming/<source>/` is taken in once it is whole, and then set aside."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterable
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.errors import BadDecision, CaseMoved, NotAllowed
from cases.locks import alone
from cases.models import User
from cases.states import Role
from intake.actions import ImportReport, file_hash
from intake.admission.files import FileChanged, MemberDone, each_member, take_in_file
from intake.mapped.fields import is_slug
from intake.models import IncomingFile, MappingVersion, ReadingLook, Way
from intake.reading.reading_ahead import ReaderLost
from intake.record.mapping_steps import in_force
from intake.record.written_on import DONE, REFUSED, SETTLED, kept_path, put_back, written_on
from intake.sources.faults import Failed, told_as_failed
from intake.sources.source_names import known_spellings, plain_name, spelling_of
from intake.sources.sources import open_source
from intake.tabular.archive_members import is_archive
from intake.wording.sentences import IntakeError

log = logging.getLogger(__name__)

UNFINISHED: Final = (".part", ".tmp", ".crdownload", ".filepart")
TEXTS: Final = (".csv", ".tsv", ".txt")
# Of UTF-16 a sign has two bytes.
LINE_END_BYTES: Final = 2
SETTLED_WITHIN_A_LINE: Final = timedelta(seconds=60)
UPLOADERS: Final = (Role.SUPERVISOR, Role.ADMIN)
NAME_MOST: Final = 200
LOCK: Final = "files of the watched folder"


class _Silent:
    """A progress bar that nobody watches."""

    def update(self, n: int = 1) -> object:
        return n


def waiting_files() -> list[tuple[str, Path]]:
    """(source, file) of what lies in the folder and is written to no more, the oldest first."""
    now, found = time.time(), []
    folders = sorted(settings.INCOMING.glob("*/"))
    spelt = known_spellings([folder.name for folder in folders])
    for folder in folders:
        source = spelt.get(folder.name) or plain_name(folder.name)
        for path in folder.iterdir() if is_slug(source) else ():
            if path.is_file() and not path.name.startswith(".") and path.suffix.lower() not in UNFINISHED:
                changed = path.stat().st_mtime
                if now - changed >= _settled(path).total_seconds():
                    found.append((changed, source, path))
    return [(source, path) for _changed, source, path in sorted(found)]


def _settled(path: Path) -> timedelta:
    """How long nobody must have written to it. A table of text that ends within a line may have been cut in a number,
    which would be taken for a whole one."""
    if path.suffix.lower() not in TEXTS:
        return SETTLED
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - LINE_END_BYTES))
            is_whole = bool(set(file.read()) & set(b"\r\n"))
    except OSError:
        return SETTLED
    return SETTLED if is_whole else SETTLED_WITHIN_A_LINE


def has_files() -> bool:
    """Whether a worker is to look."""
    return bool(waiting_files() or written_on())


def take_in_waiting() -> int:
    """Take in what waits, one file after the other; returns how many were set aside. What was written to after it had
    been set aside waits again.

    Two workers at once: one holds the lock of the session, the other finds nothing to do. One that is killed leaves its
    file where it is, and the next goes on behind the last row.
    """
    with alone(LOCK) as mine:
        if not mine:
            return 0
        for file, path in written_on():
            put_back(file, path)
        return sum(_take_in_one(source, path) for source, path in waiting_files())


def _take_in_one(source: str, path: Path) -> bool:
    """Whether the file is through; one that is still being written to stays for the next time."""
    try:
        # Before it is read: of whoever writes to it from now on, the size tells.
        size, sha256 = path.stat().st_size, file_hash(path)
    except OSError as problem:
        # Taken away again, or nobody lets us read it: that holds up no other.
        log.warning("A file of the watched folder cannot be read: %s", problem)
        return False
    with transaction.atomic(durable=True):
        incoming, _created = IncomingFile.objects.update_or_create(
            source=source, name=path.name[:255], sha256=sha256, archive=None, defaults={"size": size}
        )
    changes: dict[str, object]
    stays = False
    try:
        changes = _taken_in(source, path, incoming)
    except IntakeError as refusal:
        changes = {"batch": None, "refusal": refusal.as_dict(), "members": 0}
        # What is in it now is another file, which comes next time. A reader that was ended, or failed, goes on next
        # time, and where it does so again, the file may be why: it must not hold up the others for ever.
        lost_before = incoming.refusal.get("code") == refusal.code
        stays = isinstance(refusal, FileChanged) or (isinstance(refusal, ReaderLost | Failed) and not lost_before)
    with transaction.atomic(durable=True):
        if is_slug(source):
            # One that was refused opens its source too: the mapping that it wants is made there.
            open_source(source, Way.FILE)
        IncomingFile.objects.filter(pk=incoming.pk).update(done_at=timezone.now(), **changes)
    if stays:
        return False
    # Killed before this, the file is known when it is met again, and adds nothing.
    came_in = changes["batch"] or (changes["members"] and incoming.tables.filter(batch__isnull=False).exists())
    _set_aside(path, kept_path(incoming, DONE if came_in else REFUSED))
    return True


def _taken_in(source: str, path: Path, incoming: IncomingFile) -> dict[str, object]:
    """What the record of a file says after it: its batch, or how many files were in it."""

    def take(table: Path, name: str = "") -> ImportReport:
        by, bars = incoming.uploaded_by, lambda _total: nullcontext(_Silent())
        with told_as_failed(name or path.name):
            return take_in_file(table, source=source, mapping=None, by=by, bars=bars, name=name, unattended=True)

    if not is_archive(path):
        return {"batch": take(path).file, "refusal": {}, "members": 0}
    members = 0
    for done in each_member(path, take):
        _note_member(incoming, done)
        members += 1
    return {"batch": None, "refusal": {}, "members": members}


def _note_member(archive: IncomingFile, done: MemberDone) -> None:
    """Written once its rows are in; one that comes again with its archive is told of anew."""
    batch = done.report.file if done.report else None
    if batch is None and IncomingFile.objects.filter(archive=archive, place=done.member.place).exclude(batch=None):
        # An archive that is read again for another of its tables: what became of this one stands.
        return
    refusal = done.refusal.as_dict() if done.refusal else {}
    with transaction.atomic(durable=True):
        IncomingFile.objects.update_or_create(
            archive=archive,
            place=done.member.place,
            defaults={"batch": batch, "refusal": refusal, "done_at": timezone.now()},
            create_defaults={
                "source": archive.source,
                "name": done.name,
                "sha256": batch.sha256 if batch else "",
                "uploaded_by": archive.uploaded_by,
                "batch": batch,
                "refusal": refusal,
                "done_at": timezone.now(),
            },
        )


def kept_files(version: MappingVersion) -> list[IncomingFile]:
    """The files that were read by a version and still lie where they were set aside; of an archive the archive. Known
    by what is in them: one that was to be read again, whose process died, leads to no batch."""
    contents = version.batches.values("sha256")
    files = IncomingFile.objects.filter(source=version.source.slug, archive=None, sha256__in=contents)
    members = IncomingFile.objects.filter(batch__mapping=version, archive__isnull=False).values("archive")
    found = files | IncomingFile.objects.filter(pk__in=members)
    return [file for file in found.order_by("pk") if kept_path(file, DONE).is_file()]


def read_again(slug: str, number: int, *, by: User) -> int:
    """Put the files of a source that were read by a version whose look waits back into the folder: they are read by the
    mapping in force, and their rows take the place of what waits (`intake/admission/reading_anew.py`). Returns how
    many; none where nothing is signed.

    Raises:
        NotAllowed: neither supervisor nor administrator. CaseMoved: no such version waits for a look.
    """
    if not by.is_active or by.role not in UPLOADERS:
        raise NotAllowed
    waiting = ReadingLook.objects.select_related("version__source").filter(looked_at=None)
    look = waiting.filter(version__source__slug=slug, version__number=number).first()
    if look is None:
        raise CaseMoved
    files = kept_files(look.version) if in_force(slug) else []
    for file in files:
        folder = settings.INCOMING / file.source
        # It may have come through a folder of the same name in other capitals.
        folder.mkdir(parents=True, exist_ok=True)
        target = _own_place(folder, file.name)
        with transaction.atomic(durable=True):
            IncomingFile.objects.filter(pk=file.pk).update(
                name=target.name, uploaded_by=by, done_at=None, batch=None, refusal={}, members=0
            )
        # Killed before this, it lies where it was; asked for once more, it goes.
        kept_path(file, DONE).rename(target)
    return len(files)


def _set_aside(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    path.rename(target)


def store_upload(source: str, name: str, chunks: Iterable[bytes], *, by: User) -> IncomingFile:
    """Put an uploaded file into the watched folder, whole or not at all.

    Raises:
        NotAllowed: neither supervisor nor administrator. BadDecision: no source, or a file that is empty or too large.
    """
    if not by.is_active or by.role not in UPLOADERS:
        raise NotAllowed
    source = spelling_of(source)
    if not is_slug(source):
        raise BadDecision("source", _("Name the source: letters, digits, hyphens."))
    plain = "".join(sign if sign.isalnum() or sign in "._-" else "_" for sign in Path(name).name)
    plain = plain[-NAME_MOST:].lstrip(".") or "file"
    if Path(plain).suffix.lower() in UNFINISHED:
        # It is whole, and under such a name it would wait for ever.
        plain = "_".join(plain.rsplit(".", 1))
    folder = settings.INCOMING / source
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{time.time_ns()}-{plain}.part"
    try:
        if not _write(part, chunks):
            raise BadDecision("file", _("Choose a file that is not empty."))
        target = _own_place(folder, plain)
        with transaction.atomic(durable=True):
            incoming, _created = IncomingFile.objects.update_or_create(
                source=source,
                name=target.name,
                sha256=file_hash(part),
                archive=None,
                defaults={"uploaded_by": by, "done_at": None, "batch": None, "refusal": {}, "members": 0},
            )
        # It is whole, and need not lie still first as what others write into the folder.
        long_ago = time.time() - SETTLED_WITHIN_A_LINE.total_seconds()
        os.utime(part, (long_ago, long_ago))
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
    return incoming


def _own_place(folder: Path, plain: str) -> Path:
    """Under the name of a file that still waits, an upload would take its place. Two at once: only one of them makes
    the empty file, which its own then replaces; left behind by a process that died, it is refused as empty."""
    target, number = folder / plain, 1
    while True:
        try:
            target.open("xb").close()
        except FileExistsError:
            number += 1
            target = folder / f"{number}-{plain}"
        else:
            return target


def _write(part: Path, chunks: Iterable[bytes]) -> int:
    size = 0
    with part.open("xb") as out:
        for chunk in chunks:
            size += out.write(chunk)
            if size > settings.INCOMING_BYTES:
                raise BadDecision("file", _("The file is too large to be uploaded; put it into the watched folder."))
    return size
