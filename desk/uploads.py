"""A sample file or a text that a form sent along, opened for as long as it is looked at."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.http import HttpRequest
from django.utils.translation import gettext as _

from cases.errors import BadDecision
from intake.reading.parse import open_table
from intake.record.past_rows import last_file, opened_file
from intake.tabular.tables import Table

SAMPLE_BYTES: Final = 50 * 2**20
TEXT_MOST: Final = 200_000


@contextmanager
def opened_sample(request: HttpRequest, slug: str, act: str) -> Iterator[tuple[str, Table]]:
    """The name and table of the uploaded sample, or with the act `last` of the source's last file.

    Raises BadDecision where there is none, TableError where it is no table.
    """
    if act == "last":
        last = last_file(slug)
        if last is None:
            raise BadDecision("last", _("No file of this source is kept."))
        yield last.name, opened_file(last)
        return
    file = request.FILES.get("file")
    if file is None or not file.size:
        raise BadDecision("file", _("Choose a file that is not empty."))
    if file.size > SAMPLE_BYTES:
        raise BadDecision("file", _("A sample of some thousand rows is enough: at most 50 MB."))
    name = Path(file.name or "sample").name
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / f"sample{Path(name).suffix[:10]}"
        with place.open("wb") as out:
            for chunk in file.chunks():
                out.write(chunk)
        yield name, open_table(place)


def uploaded_text(request: HttpRequest) -> str:
    """The text of the uploaded file, "" where none came. Raises BadDecision for one that is large or no text."""
    file = request.FILES.get("file")
    if file is None or not file.size:
        return ""
    if file.size > TEXT_MOST:
        raise BadDecision("text", _("The file is too large."))
    raw = file.read()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return str(raw.decode(encoding)).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    raise BadDecision("text", _("The file is no text."))
