"""Processor time of processes and all their children, as Linux tells it in /proc."""

from __future__ import annotations

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def seconds_of_tree(root: int) -> float:
    """Seconds on a processor of the process `root` and of all that now come from it; 0 where there is no /proc."""
    told = {int(each.name): _stat(each) for each in Path("/proc").glob("[0-9]*")}
    tree, grown = set[int](), {root}
    while grown:
        tree |= grown
        grown = {pid for pid, (parent, _seconds) in told.items() if parent in tree} - tree
    return sum(told[pid][1] for pid in tree if pid in told)


def parent_of(pid: int) -> int:
    return _stat(Path("/proc") / str(pid))[0]


def _stat(process: Path) -> tuple[int, float]:
    """The parent, and the seconds in programs and in the kernel; of a process that has ended meanwhile none."""
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0, 0.0
    return int(fields[1]), (int(fields[11]) + int(fields[12])) / TICKS
