"""Recognises what one raw column holds: amounts, a flag, dates, categories; by its values, helped by its header."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from intake.recognition.decimal_marks import decimal_mark
from intake.values.cell_dates import read_moment
from intake.values.cells import (
    MISSING_ANYWHERE,
    MISSING_NUMBER,
    OPEN_MARK,
    CellError,
    cell_text,
    read_flag,
    read_number,
)
from scoring.ml.vocabulary import EPOCH

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Share of the known cells that must read as a kind; the rest are dirt.
MOST = 0.95
# With so many different values that read as a kind, words beside them are dirt however often they are said: one of
# them, such as "n.a." or "#DIV/0!", may stand for all that is missing.
MANY_VALUES = 20
# A whole number with few values whose header says "code" or "type" is a category.
FEW_CODES = 30
CODE_WORDS = frozenset(
    {"code", "codes", "cod", "cd", "type", "typ", "kind", "zip", "naics", "sic", "postcode", "postal"}
)
CODE_WORDS_ZH = re.compile(r"代码|编码|类型|类别|邮编|种类")
DATE_WORDS = re.compile(r"date|time|month|period|ym|日期|时间|月|年月", re.IGNORECASE)
DATE_SHAPE = re.compile(
    r"\d{4}\s*[-/.年]\s*\d{1,2}\D?.*|\d{1,2}([-/.])\d{1,2}\1\d{4}.*|(\d{1,2}[- ])?[A-Za-z]{3,9}\.?[- ].*\d{4}"
)
SLASHES = re.compile(r"(\d{1,2})([-/])(\d{1,2})\2\d{4}")
# 007 is a code, however much it looks like a number.
LEADING_ZERO = re.compile(r"0\d+")
SPLIT = re.compile(r"[\W_]+")
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

Kind = Literal["number", "flag", "category", "date", "empty"]


@dataclass(frozen=True)
class ColumnKind:
    """One column understood: `values` (n,) are amounts, 0/1, days since 1970-01-01, or places in `levels` (the
    categories, most common first); NaN is missing. `unreadable` counts given cells that are dirt, `example` is one."""

    kind: Kind
    values: FloatArray
    levels: tuple[str, ...] = ()
    unit: Literal["", "percent"] = ""
    unreadable: int = 0
    example: str = ""

    @property
    def known(self) -> FloatArray:
        """The values that are not missing."""
        return self.values[~np.isnan(self.values)]


def recognise(header: str, cells: NDArray[Any] | Sequence[object]) -> ColumnKind:
    """What the column under that header holds."""
    array = cells if isinstance(cells, np.ndarray) else _as_array(cells)
    if array.dtype.kind == "M":
        days = array.astype("datetime64[D]")
        return _or_empty("date", np.where(np.isnat(days), np.nan, days.astype(np.float64)))
    if array.dtype.kind in "iufb":
        return _numbers(header, array.astype(np.float64))
    return _texts(header, array)


def words_of(header: str) -> list[str]:
    """The words of a header: "codeGender_2" is code, gender, 2."""
    plain = CAMEL.sub(" ", unicodedata.normalize("NFKC", header).strip())
    return [word for word in SPLIT.split(plain.casefold()) if word]


def looks_like_code(header: str) -> bool:
    """Whether a header says that its numbers are codes."""
    return bool(CODE_WORDS & set(words_of(header))) or bool(CODE_WORDS_ZH.search(header))


def _as_array(cells: Sequence[object]) -> NDArray[Any]:
    array = np.empty(len(cells), dtype=object)
    array[:] = list(cells)
    return array


def _or_empty(kind: Kind, values: FloatArray, **more: Any) -> ColumnKind:
    return ColumnKind("empty" if np.isnan(values).all() else kind, values, **more)


def _numbers(header: str, given: FloatArray, **more: Any) -> ColumnKind:
    values = np.where(np.isfinite(given), given, np.nan)
    known = values[~np.isnan(values)]
    if not len(known):
        return ColumnKind("empty", values)
    distinct = np.unique(known)
    if np.array_equal(distinct, (0.0, 1.0)):
        return ColumnKind("flag", values)
    if not np.array_equal(distinct, np.trunc(distinct)):
        return ColumnKind("number", values, **more)
    days = _packed_dates(header, values)
    if days is not None:
        return ColumnKind("date", days)
    if looks_like_code(header) and len(distinct) <= FEW_CODES:
        places = np.where(np.isnan(values), -1, np.searchsorted(distinct, values))
        return _by_count(places, [cell_text(code) for code in distinct.tolist()])
    return ColumnKind("number", values, **more)


def _packed_dates(header: str, values: FloatArray) -> FloatArray | None:
    """Days of whole numbers such as 20260105, or 202601 under a header that speaks of time; None for other numbers."""
    codes, place = np.unique(values[~np.isnan(values)], return_inverse=True)
    days_written = codes.min() >= 1900_01_01 and codes.max() <= 2100_12_31
    months_written = codes.min() >= 1900_01 and codes.max() <= 2100_12 and DATE_WORDS.search(header)
    if not days_written and not months_written:
        return None
    found = np.array([_day(str(int(code))) for code in codes])
    if np.isnan(found).any():
        return None
    days = np.full(len(values), np.nan)
    days[~np.isnan(values)] = found[place]
    return days


def _texts(header: str, cells: NDArray[Any]) -> ColumnKind:
    """A column of texts and other objects, each distinct one looked at once."""
    index: dict[str, int] = {}
    by_cell: dict[object, int] = {None: -1}
    places = np.empty(len(cells), dtype=np.int64)
    for row, cell in enumerate(cells):
        key = cell if isinstance(cell, str | float | int | None) else str(cell)
        place = by_cell.get(key)
        if place is None:
            text = cell_text(cell)
            place = -1 if text.casefold() in MISSING_ANYWHERE else index.setdefault(text, len(index))
            by_cell[key] = place
        places[row] = place
    texts = list(index)
    if not texts:
        return ColumnKind("empty", np.full(len(cells), np.nan))
    counts = np.bincount(places[places >= 0], minlength=len(texts))
    for attempt in (_flags, _dates, _amounts):
        found = attempt(header, texts, places, counts)
        if found is not None:
            return found
    return _by_count(places, texts)


def _flags(header: str, texts: Sequence[str], places: IntArray, counts: IntArray) -> ColumnKind | None:
    values = _read_all(texts, read_flag)
    if len(texts) > 4 or set(values.tolist()) != {0.0, 1.0}:
        return None
    return ColumnKind("flag", _spread(values, places))


def _dates(header: str, texts: Sequence[str], places: IntArray, counts: IntArray) -> ColumnKind | None:
    shaped = np.array([bool(DATE_SHAPE.fullmatch(text)) for text in texts])
    if not _mostly(shaped, texts, counts):
        return None
    form = _slash_form(texts)
    days = np.array([_day(text, form if SLASHES.fullmatch(text) else "") for text in texts])
    return _if_most("date", texts, places, counts, days)


def _amounts(header: str, texts: Sequence[str], places: IntArray, counts: IntArray) -> ColumnKind | None:
    if any(LEADING_ZERO.fullmatch(text) for text in texts):
        return None
    # Where it is open most commas group, and what has another is told as unreadable.
    mark = decimal_mark(header, texts).replace(OPEN_MARK, ".")
    percents = sum(text.endswith(("%", "％")) for text in texts)
    values = _read_all(texts, lambda text: read_number(text.rstrip("%％ "), mark))
    found = _if_most("number", texts, places, counts, values)
    if found is None:
        return None
    unit: Literal["", "percent"] = "percent" if percents * 2 > len(texts) else ""
    known = _numbers(header, found.values)
    return ColumnKind(known.kind, known.values, known.levels, unit, found.unreadable, found.example)


def _if_most(
    kind: Kind, texts: Sequence[str], places: IntArray, counts: IntArray, values: FloatArray
) -> ColumnKind | None:
    """The column as that kind, where it mostly can be read so."""
    if not _mostly(~np.isnan(values), texts, counts):
        return None
    lost = np.flatnonzero(np.isnan(values)).tolist()
    odd = [place for place in lost if texts[place].casefold() not in MISSING_NUMBER]
    unreadable = int(counts[odd].sum()) if odd else 0
    return ColumnKind(kind, _spread(values, places), unreadable=unreadable, example=texts[odd[0]] if odd else "")


def _mostly(read: NDArray[np.bool_], texts: Sequence[str], counts: IntArray) -> bool:
    """Whether most of the known cells, or most of many different ones, are among the texts that can be read."""
    different = int(read.sum())
    if different >= max(MOST * len(texts), MANY_VALUES):
        return True
    return int(counts[read].sum()) >= max(MOST * _counted(texts, counts), 1)


def _counted(texts: Sequence[str], counts: IntArray) -> int:
    """How many cells say something that is not a word for "not known"."""
    return int(sum(count for text, count in zip(texts, counts, strict=True) if text.casefold() not in MISSING_NUMBER))


def _by_count(places: IntArray, texts: Sequence[str]) -> ColumnKind:
    counts = np.bincount(places[places >= 0], minlength=len(texts))
    order = np.argsort(-counts, kind="stable")
    rank = np.empty(len(texts))
    rank[order] = np.arange(len(texts))
    return ColumnKind("category", _spread(rank, places), tuple(texts[place] for place in order))


def _spread(values: FloatArray, places: IntArray) -> FloatArray:
    result: FloatArray = np.append(values, np.nan)[places]
    return result


def _read_all(texts: Sequence[str], read: Callable[[str], Any]) -> FloatArray:
    found = np.full(len(texts), np.nan)
    for place, text in enumerate(texts):
        try:
            found[place] = float(read(text))
        except (CellError, OverflowError):
            continue
    return np.where(np.isfinite(found), found, np.nan)


def _day(text: str, form: str = "") -> float:
    try:
        return float(read_moment(text, UTC, form).toordinal() - EPOCH)
    except CellError:
        return np.nan


def _slash_form(texts: Sequence[str]) -> str:
    """The order of dates such as 03/11/2015: what some of them prove, else month first."""
    found = [match for text in texts if (match := SLASHES.fullmatch(text))]
    if not found:
        return ""
    day_first = max(int(match.group(1)) for match in found) > 12
    mark = found[0].group(2)
    return mark.join(("%d", "%m", "%Y") if day_first else ("%m", "%d", "%Y"))
