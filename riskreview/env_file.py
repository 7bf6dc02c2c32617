"""Reads a .env file into the environment; what is set there already wins."""

import re
from collections.abc import MutableMapping
from pathlib import Path

from riskreview.env import EnvError


def load_file(path: Path, environ: MutableMapping[str, str]) -> None:
    """Add the KEY=VALUE lines of a .env file to `environ`; what is already set there wins. No file: nothing happens."""
    if not path.is_file():
        return
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        key, equals, value = line.removeprefix("export ").partition("=")
        if not equals or not re.fullmatch(r"[A-Z][A-Z0-9_]*", key.strip()):
            raise EnvError(f"{path.name}, line {number}: expected NAME=value.")
        value = value.strip()
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        environ.setdefault(key.strip(), value)
