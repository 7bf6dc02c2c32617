"""One version of quality rules as it was set: its text, and what differs from the version before it."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final

from desk.pages.quality import DiffLine, RulesVersion
from desk.words import number, when
from intake.models import RuleSet

# So many lines that are the same stand around each that differs.
AROUND: Final = 3


def version_part(row: RuleSet, before: RuleSet | None) -> RulesVersion:
    return RulesVersion(
        number=number(row.number),
        at=when(row.set_at),
        by=row.set_by.display_name,
        reason=row.reason,
        text=row.text,
        before=number(before.number) if before else "",
        lines=tuple(_differing(before.text, row.text)) if before else (),
    )


def _differing(before: str, now: str) -> Iterator[DiffLine]:
    old, new = before.splitlines(), now.splitlines()
    for at, group in enumerate(SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(AROUND)):
        if at:
            yield DiffLine("gap", "…")
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                yield from (DiffLine("same", line) for line in new[new_from:new_to])
                continue
            yield from (DiffLine("gone", line) for line in old[old_from:old_to])
            yield from (DiffLine("new", line) for line in new[new_from:new_to])
