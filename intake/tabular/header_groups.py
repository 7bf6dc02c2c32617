"""The upper of two lines of a header in a workbook, whose merged cells say which columns each group stands over."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from intake.tabular.group_names import tells_unit
from intake.tabular.merged_cells import Range
from intake.tabular.tables import clean_name, is_blank

# Of one group alone nothing tells it from the title of the table.
_GROUPS_LEAST: Final = 2
_TITLE: Final = re.compile(
    r"[表单账册]\s*([(（\[【]|$)|明细|清单|台账|汇总|统计|公司|银行|[支分]行|信用社|部\s*([(（\[【]|$)"
    r"|\b(?:list|report|register|schedule|statement|bank|branch|company|ltd|department)\b",
    re.IGNORECASE,
)
_DIGIT: Final = re.compile(r"\d")


@dataclass(frozen=True)
class Groups:
    """What stands over each column of the line below, "" over those beside the groups; whether a cell of the upper line
    is merged down into the lower one, so that both are the header for sure; and the groups that are not merged, of
    which only the order of the cells tells how far they reach."""

    names: list[str]
    is_merged_down: bool
    unmerged: frozenset[str] = frozenset()

    def without(self, places: Collection[int]) -> Groups:
        """The same, where the columns at these places are left out."""
        return replace(self, names=[name for at, name in enumerate(self.names) if at not in places])


def groups_over(rows: Sequence[Sequence[object]], at: int, merged: Collection[Range]) -> Groups | None:
    """The groups in the row at this index, by the merged cells (in rows and columns of `rows`); None where it has no
    merged cell that stands over several columns."""
    upper, lower = rows[at : at + 2]
    names = [clean_name(cell) for cell in upper]
    names += [""] * (len(lower) - len(names))
    ends = {start[1]: end[1] for start, end in merged if start[0] == at}
    if all(start == end for start, end in ends.items()):
        return None
    is_down = any(
        start[0] == at and end[0] == at + 1 and start[1] < len(names) and names[start[1]] for start, end in merged
    )
    told, unmerged, end = names[:], set(), -1
    for place, name in enumerate(names):
        if name:
            # One that is not merged may stand over what follows, as in a table without merged cells.
            end = ends.get(place, len(names))
        elif place <= end:
            told[place] = told[place - 1]
            unmerged |= {told[place]} if end == len(names) else set()
    return Groups(told, is_down, frozenset(unmerged))


def are_groups(rows: Sequence[Sequence[object]], at: int, merged: Collection[Range]) -> bool:
    """Whether the row at this index, which is filled in few of its cells, is the upper line of the header and no title
    or note above it: a cell is merged down into the names, or several are merged over them, one of which tells the
    unit of those below, or which tell equal names apart, and none is a title. Other groups say little of which account
    is to be taken."""
    groups = groups_over(rows, at, merged)
    if groups is None or groups.is_merged_down:
        return groups is not None
    texts = [cell for cell in rows[at] if not is_blank([cell])]
    names = [name for name in map(clean_name, texts) if name not in groups.unmerged and groups.names.count(name) > 1]
    is_named = all(isinstance(text, str) and not _DIGIT.search(text) and not _TITLE.search(text) for text in texts)
    is_needed = any(map(tells_unit, names)) or _tells_apart(groups, rows[at + 1])
    return is_named and len(names) >= _GROUPS_LEAST and is_needed


def _tells_apart(groups: Groups, lower: Sequence[object]) -> bool:
    """Whether names that stand several times below are different ones with their groups, none of which is unmerged."""
    names = [clean_name(cell) for cell in lower]
    whole = [*zip(groups.names, names, strict=False)]
    again = [(group, name) for group, name in whole if name and names.count(name) > 1]
    return bool(again) and len(set(again)) == len(again) and all(group not in groups.unmerged for group, _name in again)
