"""Log files of child programs under var/log: appended to, and begun anew when they have grown large."""

from pathlib import Path
from typing import IO

_LARGE = 20 * 1024 * 1024  # bytes


def open_log(path: Path) -> IO[bytes]:
    """Open `path` for appending and reading; a large one is first put aside as `path`.1, over the one before."""
    if path.exists() and path.stat().st_size > _LARGE:
        path.replace(path.with_name(f"{path.name}.1"))
    return path.open("a+b")
