"""Scripts and styles that come together: written one job a file, sent as one file a page without comments and indents.

Smaller than one by one, since a compressor finds more that repeats, and nothing has to be built: the finder of static
files puts a bundle together when it is asked for, in a demo as for `collectstatic`, which then names it by its hash.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage

EVERY_PAGE_STYLES: Final = ("tokens", "base", "layout", "components", "pages", "commands", "deciding", "file")
EVERY_PAGE_SCRIPTS: Final = ("theme", "frame", "keys", "commands", "deciding", "draft")
CASE_PAGE_SCRIPTS: Final = ("lease", "opinion", "case", "file")
BUNDLES: Final[dict[str, tuple[str, ...]]] = {
    "css/every-page.css": tuple(f"css/{name}.css" for name in EVERY_PAGE_STYLES),
    "js/every-page.js": tuple(f"js/{name}.js" for name in EVERY_PAGE_SCRIPTS),
    "js/case-page.js": tuple(f"js/{name}.js" for name in CASE_PAGE_SCRIPTS),
}
STYLE_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)


def lean(text: str, *, style: bool) -> str:
    """The text without indents, empty lines and comments; of a script only the comments that have a line of their own.

    Line by line, not by the grammar of the language: no string in our files goes over the end of a line (a test holds
    them to that), so nothing but blanks and comments can be lost.
    """
    lines = (line.strip() for line in (STYLE_COMMENT.sub("", text) if style else text).splitlines())
    return "".join(f"{line}\n" for line in lines if line and (style or not line.startswith("//")))


def bundle(name: str) -> str:
    """What a bundle holds: its parts one after the other. Raises FileNotFoundError for a part that is not there."""
    parts = (Path(settings.BASE_DIR) / "static" / part for part in BUNDLES[name])
    return "".join(lean(part.read_text(encoding="utf-8"), style=name.endswith(".css")) for part in parts)


class BundleFinder(finders.BaseFinder):
    """Finds the bundles, for the server of a demo and for `collectstatic`; each is as new as its parts."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=settings.VAR / "bundles")

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The file of the bundle at `path`; an empty list when there is none."""
        if path not in BUNDLES:
            return []
        found = self._written(path)
        return [found] if find_all else found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        for path in BUNDLES:
            self._written(path)
            yield path, self.storage

    def _written(self, path: str) -> str:
        """Two servers at once: each puts a whole file in the place of the other's, which is the same."""
        place, text = Path(self.storage.path(path)), bundle(path)
        if place.is_file() and place.read_text(encoding="utf-8") == text:
            return str(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(dir=place.parent, suffix=place.suffix)
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
        # A temporary file is its owner's alone; whoever serves the files may be somebody else.
        os.chmod(fresh, 0o644)
        os.replace(fresh, place)
        return str(place)
