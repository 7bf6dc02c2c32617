"""Cells of a sheet that are merged down over several rows: the value stands in the first row, and is meant for all."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from intake.header_words.feature_naming import feature_name
from intake.header_words.header_units import is_money, says_percent
from intake.header_words.headers import field_matches, names_term
from intake.mapped.shares import is_kept_in_percent
from intake.values.cells import CellError, read_to_judge
from intake.values.percent_cells import Percentage
from intake.values.unread_cells import UnreadCell
from intake.wording.sentences import storable

# ((first row, first column), (last row, last column)), from nought.
Range = tuple[tuple[int, int], tuple[int, int]]
# Numbers that name somebody or something: 机构号, 产品代码, "Branch code", customer_id, 网点, "Dealer", and neither
# 支行贷款 nor "Store sales", nor the counts of 查询机构 and "Prior loans No.".
_NAMES_BY_NUMBER: Final = re.compile(
    r".*(?:号码?|代[码号]|编[码号])|(?!.*(?:查询|贷款|授信|放贷|借贷|发卡|非银|金融|未结清|逾期)机构).*"
    r"(?:机构|网点|[支分]行|批次|部门|柜员)|(?:.*[^a-z])?(?:id|code)\.?|(?:.*[^s\W_][\W_]+)?no\.?"
    r"|(?:branch|office|outlet|dealer|store|merchant|team|batch)[\s_]*(?:number|#)?",
    re.IGNORECASE,
)
_FIELDS_OF_A_GROUP: Final = (
    "applicant.phone",
    "applied_at",
    "applicant.id",
    "region",
    "industry",
    "channel",
    "product",
)


def is_of_a_group(header: str) -> bool:
    """Whether the numbers of a column are no sums, whatever rows share them: terms, days, percents, numbers of
    customers."""
    if any(field_matches(name, header) is not None for name in _FIELDS_OF_A_GROUP) or names_term(header):
        return True
    is_percent = says_percent(header) or is_kept_in_percent(feature_name(header))
    return (is_percent or _NAMES_BY_NUMBER.fullmatch(header.strip()) is not None) and not is_money(header)


def downwards(ranges: Iterable[Range] | None) -> list[Range]:
    """The ranges that lie over more than one row."""
    return [each for each in ranges or () if each[1][0] > each[0][0]]


def counted_from(ranges: Iterable[Range] | None, row: int, column: int, rows: int) -> list[Range]:
    """The ranges that begin in so many rows from this one on, in rows and columns counted from these."""
    return [
        ((top - row, left - column), (end - row, last - column))
        for (top, left), (end, last) in ranges or ()
        if row <= top < row + rows
    ]


class MergedCells:
    """Tells the rows of a sheet, given one after the other, with what is merged down into them.

    A branch or a day is that of every row. A number may be the sum of several loans as well as the income of one
    person: all rows that share one say so by name, the first of them too, unless its column (`of_groups` are the
    places of these) holds none that could be summed. Only rows that hold anything (`filled`, from nought, in order)
    share: cells of the height of two lines are no sums.
    """

    def __init__(
        self, ranges: Sequence[Range], first_column: int, of_groups: Collection[int], filled: Sequence[int]
    ) -> None:
        self._of_groups = of_groups
        self._begin: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for (top, left), (bottom, _right) in ranges:
            if bisect_right(filled, bottom) > bisect_right(filled, top):
                self._begin[top].append((left - first_column, bottom))
        self._open: dict[int, tuple[int, object]] = {}

    def told(self, row: int, cells: Sequence[object]) -> list[object]:
        """The cells of a row (from nought), its empty ones within a merged range filled."""
        told = list(cells)
        for place, (bottom, value) in [*self._open.items()]:
            if row > bottom:
                del self._open[place]
            elif told[place] in (None, ""):
                told[place] = value
        for place, bottom in self._begin.get(row, ()):
            if 0 <= place < len(told) and told[place] not in (None, ""):
                told[place] = self._for_all(place, told[place])
                self._open[place] = (bottom, told[place])
        return told

    def _for_all(self, place: int, value: object) -> object:
        is_sum = place not in self._of_groups and _is_number(value)
        return UnreadCell(storable(str(value)), "cell_merged") if is_sum else value


def _is_number(value: object) -> bool:
    """Whether a cell holds a number, as text too: 12,000元 and "USD 500" as 500. A percentage is no sum."""
    if not isinstance(value, str):
        return isinstance(value, int | float) and not isinstance(value, bool | Percentage)
    try:
        read_to_judge(value.strip())
    except CellError:
        return False
    return True
