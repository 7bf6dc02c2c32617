"""Judges the first cells of a column: which are known, and how many a reader takes."""

from collections.abc import Callable, Mapping, Sequence

from intake.values.cells import MISSING_ANYWHERE, MISSING_NUMBER, CellError

SampleRow = Mapping[str, object]
# A small sample may be dirtier than this many of ten and still be numbers.
_SMALL_SAMPLE = 30


def known(texts: Sequence[str]) -> list[str]:
    """The texts that say something."""
    return [text for text in texts if text.casefold() not in MISSING_ANYWHERE]


def known_numbers(texts: Sequence[str]) -> list[str]:
    """The texts that say something where a number is expected."""
    return [text for text in texts if text.casefold() not in MISSING_NUMBER]


def share(texts: Sequence[str], test: Callable[[str], object]) -> float:
    """The share of texts that a reader takes and that pass its test."""
    passed = 0
    for text in texts:
        try:
            passed += bool(test(text))
        except CellError:
            continue
    return passed / len(texts) if texts else 0.0


def enough(texts: Sequence[str]) -> float:
    """The share that settles what a column is: nine of ten, six in a small sample, where one slip weighs more."""
    return 0.9 if len(texts) >= _SMALL_SAMPLE else 0.6


def mostly_fit(texts: Sequence[str], limit: int) -> bool:
    """Whether texts keep to a length: nine of ten, or all but one; the rows of the others are refused by themselves."""
    too_long = sum(len(text) > limit for text in texts)
    return too_long < len(texts) and too_long <= max(1, len(texts) // 10)
