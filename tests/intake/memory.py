"""Imports a file in a process of its own and prints its counts with the most memory it ever held.

`python -m tests.intake.memory FILE SOURCE`
"""

from __future__ import annotations

import json
import sys
from io import StringIO
from pathlib import Path

import django
from django.core.management import call_command


def main() -> None:
    django.setup()
    out = StringIO()
    before = most_kib()
    call_command("import_cases", sys.argv[1], "--source", sys.argv[2], "--json", stdout=out)
    print(json.dumps({**json.loads(out.getvalue()), "grown_kib": most_kib() - before}))


def most_kib() -> int:
    """The peak of this program's own memory; `getrusage` would tell that of the process it was forked from."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()
