"""Patterns that people write: compiled only where matching a cell cannot take longer than a moment.

`re` backtracks: `(a+)+`, or a few repeats that may share the same signs, try more ways than any machine can. So a
repeat within a repeat is refused, and repeats that compete for the same signs are counted (Davis et al., The impact of
regular expression denial of service in practice, 2018). With n signs of at most CELL_MOST a match then takes at most
some n³ steps, a few hundredths of a second for the worst of patterns on the worst of cells.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from re import _compiler as compiler  # type: ignore[attr-defined]
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final

PATTERN_MOST: Final = 200
CELL_MOST: Final = 100
# By the number of repeats that compete: the ways that alternatives and parts that may be missing may multiply to.
WAYS_MOST: Final = {0: 256, 1: 64, 2: 8}
REPEATS: Final = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
REFUSED: Final = (op.GROUPREF, op.GROUPREF_EXISTS, op.ASSERT, op.ASSERT_NOT)
# With what a pattern names, these signs tell whether two of its parts may take the same text.
_COMMON: Final = frozenset(map(chr, (*range(32, 127), 0xA0, 0xE9, 0x3000, 0x4E00, 0xFF11, 0xFF21, 10)))
Items = Sequence[tuple[Any, Any]]


class PatternRefused(ValueError):
    """A pattern that is not taken; `code` is that of its sentence (`intake/wording/sentences.py`)."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@lru_cache(maxsize=256)
def safe_pattern(text: str) -> re.Pattern[str]:
    """Compile a pattern of at most PATTERN_MOST signs and one group. Raises PatternRefused, or `re.error`."""
    if len(text) > PATTERN_MOST:
        raise PatternRefused("pattern_too_long")
    pattern = re.compile(text)
    if pattern.groups > 1:
        raise PatternRefused("pattern_groups")
    try:
        items = list(_flat(parser.parse(text)))
        _refuse_nested(items)
        _Competing(_COMMON | _named(items)).refuse(items)
    except RecursionError as problem:
        raise PatternRefused("pattern_nested") from problem
    return pattern


def full_match(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The match of a whole cell; one longer than CELL_MOST fits no pattern."""
    return pattern.fullmatch(text) if len(text) <= CELL_MOST else None


def _flat(items: Any) -> Iterator[tuple[Any, Any]]:
    """The items in their order, those of groups among them."""
    for name, value in items:
        if name is op.SUBPATTERN:
            yield from _flat(value[-1])
        else:
            yield name, value


def _parts(name: Any, value: Any) -> list[list[tuple[Any, Any]]]:
    """What an item is made of: what is repeated, or each of the alternatives."""
    if name in REPEATS:
        return [list(_flat(value[2]))]
    if name is op.BRANCH:
        return [list(_flat(each)) for each in value[1]]
    return [list(_flat(value))] if name is op.ATOMIC_GROUP else []


def _refuse_nested(items: Items) -> None:
    for name, value in items:
        if name in REFUSED:
            raise PatternRefused("pattern_looks_around")
        for part in _parts(name, value):
            if name in REPEATS and value[1] > 1 and any(_is_open(*each) for each in part):
                raise PatternRefused("pattern_nested")
            _refuse_nested(part)


def _is_open(name: Any, value: Any) -> bool:
    """Whether an item may take more or fewer signs of the same text."""
    if name is op.BRANCH or (name in REPEATS and value[0] != value[1]):
        return True
    return any(_is_open(*each) for part in _parts(name, value) for each in part)


def _named(items: Items) -> frozenset[str]:
    """Every sign that a pattern names, by itself or as the end of a range."""
    found: set[str] = set()
    for name, value in items:
        if name in (op.LITERAL, op.NOT_LITERAL):
            found.add(chr(value))
        elif name is op.RANGE:
            found |= set(map(chr, value))
        elif name is op.IN:
            found |= _named(value)
        for part in _parts(name, value):
            found |= _named(part)
    return frozenset(found)


class _Competing:
    """Counts the repeats of a pattern that may leave signs to what follows them; `signs` are those it is tried on."""

    def __init__(self, signs: frozenset[str]) -> None:
        self.signs = signs

    def refuse(self, items: Items) -> None:
        long, ways = self.count(items, frozenset())
        if long not in WAYS_MOST:
            raise PatternRefused("pattern_competing")
        if ways > WAYS_MOST[long]:
            raise PatternRefused("pattern_ways")

    def count(self, items: Items, after: frozenset[str]) -> tuple[int, int]:
        """How many repeats compete, and how many ways the rest multiplies to; what comes behind these items may begin
        with the signs `after`."""
        long, ways = 0, 1
        for at, (name, value) in enumerate(items):
            follows = self.first(items[at + 1 :], after)
            parts = _parts(name, value)
            if name in REPEATS and value[1] > 1 and value[0] != value[1]:
                long += bool(self.first(parts[0], frozenset()) & follows) or len(parts[0]) > 1
                continue
            inner = [self.count(part, follows) for part in parts]
            long += max((each[0] for each in inner), default=0)
            can_miss = name in REPEATS and value[0] != value[1]
            ways *= can_miss + sum(each[1] for each in inner) if inner else 1
        return long, ways

    def first(self, items: Items, after: frozenset[str]) -> frozenset[str]:
        """The signs that a text of these items may begin with, and of those behind them where they may be empty."""
        found: frozenset[str] = frozenset()
        for name, value in items:
            if name is op.AT:
                continue
            parts = _parts(name, value)
            if not parts:
                return found | self.of_one(name, value)
            found = found.union(*(self.first(part, frozenset()) for part in parts))
            if (name in REPEATS and value[0] > 0) or (name is op.BRANCH and all(parts)):
                return found
        return found | after

    def of_one(self, name: Any, value: Any) -> frozenset[str]:
        """The signs of one item, as the engine itself takes them, whatever the case."""
        one = parser.SubPattern(parser.State(), [(name, value)])
        ways = [compiler.compile(one, flags | re.DOTALL) for flags in (0, re.IGNORECASE)]
        return frozenset(sign for sign in self.signs if any(way.fullmatch(sign) for way in ways))
