"""Which sign, or which signs together, part the cells of a text file."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from typing import Final

from intake.tabular.table_headers import MAX_TITLE_ROWS
from intake.tabular.tables import TableError

# Of several that fit alike the first. U+0001 is Hive's, U+001F that of the "unit separator".
SEPARATORS: Final = ",;\t|^\x01\x1f，；"
# Stands in a line for a separator of several signs, of which csv knows none; Unicode says that it is no character.
STAND_IN: Final = "\U0010ffff"
_SEPARATOR_LINE: Final = re.compile(r"\ufeff?sep=([,;\t|^，；\x1f]|[^\w\s\"]{1,5})\r?\n?", re.IGNORECASE)
# Signs that may part cells, and do not stand within words, numbers, dates and remarks.
_OTHER_THAN: Final = r"\w \xa0\u3000\r\n\v\f\"'“”‘’()（）\[\]【】{}《》,;.%％‰，。；、"
_SIGNS: Final = re.compile(rf"[^{_OTHER_THAN}]{{2,5}}")
_SIGN: Final = re.compile(rf"[^{_OTHER_THAN}/-]{{1,5}}")
# With these somebody hides digits and names, or says that nothing is known: 吴**, 5101********1488, ——.
_HIDING: Final = frozenset("*＊•●×#—–-~_·…")
# Of the lines of a table so many are cut alike; of a few one may be broken.
_ALIKE: Final = 0.6
_MOST: Final = 0.9
_UNLIKELY: Final = 0.3


def named_separator(line: str) -> str:
    """The separator that a first line of the form sep=; names, "" where it is none."""
    found = _SEPARATOR_LINE.fullmatch(line)
    return found.group(1) if found else ""


def separator_of(lines: Sequence[str]) -> str:
    """The separator by the first lines of a file that are not blank; a comma where the file has but one column.

    Raises TableError where something parts the cells of the header that is no separator of the lines below it.
    """
    fits = {each: _fitness(lines, each) for each in SEPARATORS}
    best = max(SEPARATORS, key=lambda each: (fits[each], -SEPARATORS.index(each)))
    runs: set[str] = {run for line in lines[: MAX_TITLE_ROWS + 2] for run in _SIGNS.findall(line)}
    # Of two tabs there may be an empty cell in between.
    several = [run for run in runs if run.strip("\t") and not _hides(run, lines, fits[best])]
    found = {
        run: width for run in several
        if (width := _width(lines, run)) and _is_whole(lines, run)
        and width > max((fits[each] for each in SEPARATORS if each not in run), default=0)
    }  # fmt: skip
    if not fits[best]:
        # A sign that is none of the usual ones parts at least three cells, or a colon in a name would.
        signs: list[str] = _SIGN.findall(lines[0]) if lines else []
        found |= {run: width for run in signs if (width := _width(lines, run)) > 1}
    if found:
        return max(found, key=lambda run: (found[run], -len(run), run))
    if unknown := _unknown(lines, best if fits[best] else ""):
        raise TableError("separator_unknown", signs=unknown)
    return best


def _hides(run: str, lines: Sequence[str], fitness: float) -> bool:
    """Whether the signs stand for what was hidden in rows that a usual separator cuts: in their first line is none."""
    return _HIDING.issuperset(run) and fitness > 0 and run not in lines[0]


def _width(lines: Sequence[str], run: str) -> int:
    """How often the signs stand in each line, 0 where not most lines agree with the header. Narrower titles may stand
    above one of at least three columns."""
    texts = [line.replace(run, STAND_IN) for line in lines]
    widths = [len(cells) - 1 for cells in _records(texts, STAND_IN)]
    usual = max(set(widths), key=lambda width: (widths.count(width), width), default=0)
    if usual < 1 or widths.count(usual) < max(2, _ALIKE * len(widths)):
        return 0
    titles = widths[: widths.index(usual)] if usual > 1 else []
    is_header = widths[len(titles)] == usual and len(titles) <= MAX_TITLE_ROWS and not any(titles)
    return usual if is_header else 0


def _is_whole(lines: Sequence[str], run: str) -> bool:
    """Whether the separators among several signs hardly ever stand alone: of a|b||c they do."""
    inside = [each for each in SEPARATORS if each in run]
    alone = sum(any(each in line.replace(run, "") for each in inside) for line in lines)
    return not inside or alone <= (1 - _MOST) * len(lines)


def _unknown(lines: Sequence[str], separator: str) -> str:
    """The signs that stand twice in the header and in most lines below it, where nothing cuts these into a table; ""
    where there are none. Where a `separator` cuts them, only signs of which it is a part, and never stands alone."""
    runs: list[str] = (_SIGNS if separator else _SIGN).findall(lines[0]) if lines else []
    for run in runs:
        below = sum(run in line for line in lines[1:])
        is_part = separator in run and run.strip(separator) and separator not in lines[0].replace(run, "")
        if runs.count(run) > 1 and below * 2 > len(lines) - 1 > 0 and (is_part or not separator):
            return run
    return ""


def _fitness(lines: Sequence[str], separator: str) -> float:
    """How well a separator cuts the sample into a table: the share of rows as wide as most, times the width.

    A row cut through a quoted cell counts against it, and a header narrower than its rows makes it unlikely.
    """
    records = _records(lines, separator)
    widths = [0 if any(cell.count('"') % 2 for cell in cells) else len(cells) for cells in records]
    usual = max(set(widths), key=lambda width: (widths.count(width), width), default=0)
    if usual < 2:
        return 0.0
    fitness = widths.count(usual) / len(widths) * (usual - 1)
    return fitness if widths[0] == usual else fitness * _UNLIKELY


def _records(lines: Sequence[str], separator: str) -> list[list[str]]:
    try:
        return [cells for cells in csv.reader(lines, delimiter=separator) if cells]
    except csv.Error:
        return [line.split(separator) for line in lines]
