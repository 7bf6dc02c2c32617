"""Counts what the numbers of a table prove of its decimal mark: cells that only a point, or only a comma, can read."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from intake.header_words.header_units import is_money
from intake.mapped.case_mapping import CaseMapping
from intake.values.cells import OPEN_MARK, cell_text, read_to_judge
from intake.values.samples import SampleRow, known_numbers, share

# The point of Rs.250 is none of its digits.
_NOT_DIGITS = re.compile(r"[^\d.,]+(?:(?<=[^\W\d_])\.(?=\d))?")
_COMMA_DECIMAL = re.compile(r"\d+,\d{1,2}|0,\d+|\d{5,},\d{4,}|\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3}){2,}")
_POINT_DECIMAL = re.compile(
    r"[\d,]*\.(\d{1,2}|\d{4,})|0\.\d+|\d{4,}\.\d+|\d{1,3}(,\d{3})+\.\d+|\d{1,3}(,\d{3}){2,}|\d{1,2}(,\d{2})+,\d{3}"
    r"|\d{1,4}(,\d{4}){2,}"
)
# Each of these is grouped by thousands or ten thousands, or has three or four decimals.
GROUPED = re.compile(r"[1-9]\d{0,2}(,\d{3})+|[1-9]\d{0,3}(,\d{4})+")
_BY_THOUSANDS = re.compile(r"[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
BY_TEN_THOUSANDS = re.compile(r"[1-9]\d{0,3}(,\d{4})+")
_THREE_DECIMALS = re.compile(r"\d+,\d{3}")
# 1250,000 has three decimals, or is a careless 1,250,000: by itself it proves nothing.
UNGROUPED = re.compile(r"\d{4,},\d{3}")
# Where points group, no comma does. A code such as 1,2 looks like a decimal comma, but not like this.
_GROUPED_BY_POINTS = re.compile(r"\d{1,3}(\.\d{3})+,\d+")
# 1.250 and 80.000 are thousands, or have three decimals.
EITHER = re.compile(r"\D*[1-9]\d{0,2}\.\d{3}\D*")
# 12.a00 proves nothing: a letter between its digits.
_WORD = re.compile(r"\d[.,]?[^\W\d_]+[.,]?\d|\d\.?[A-Za-z]\b")
# So many times more cells must prove one mark than the other.
CLEARLY = 9


@dataclass(frozen=True)
class Numbers:
    """The numbers of a table by column as they are written, and how many of them only one mark can read. `sums` are
    columns of money with so many cells that a comma may group, `of_three` those that have three decimals behind it."""

    texts: Mapping[str, Sequence[str]]
    counts: Mapping[str, Counter[str]]
    money: Sequence[str]
    sums: Mapping[str, int]
    of_three: frozenset[str]
    points_group: bool

    def told(self, *, money: bool) -> Counter[str]:
        """How many only one mark can read of all that is money, or of all that is none."""
        return _total(count for column, count in self.counts.items() if (column in self.money) == money)


def numbers_of(mapping: CaseMapping, columns: Sequence[str], sample_rows: Sequence[SampleRow]) -> Numbers:
    """The numbers of those columns in the first rows of a table."""
    texts = {column: written for column in columns if (written := written_numbers(column, sample_rows))}
    counts = {column: count_proofs(found) for column, found in texts.items()}
    counts = {each: count if count and is_number(texts[each]) else Counter() for each, count in counts.items()}
    three = _of_three_decimals(texts, _total(counts.values()))
    amount = mapping.fields.get("amount")
    money = [column for column in texts if is_money(column) or (amount is not None and column == amount.column)]
    sums = {column: found for column in money if column not in three and (found := count_grouped(texts[column]))}
    points_group = not sums and any(_groups_by_points(texts[column]) for column, count in counts.items() if count)
    return Numbers(texts, counts | three, money, sums, frozenset(three), points_group)


def _total(counts: Iterable[Counter[str]]) -> Counter[str]:
    return sum(counts, Counter[str]())


def _groups_by_points(texts: Sequence[str]) -> bool:
    return any(map(_GROUPED_BY_POINTS.fullmatch, map(digits_of, texts)))


def _of_three_decimals(texts: Mapping[str, Sequence[str]], told: Counter[str]) -> dict[str, Counter[str]]:
    """The columns of a currency of three decimals, where no number of the table proves a point: every cell has them,
    and many of these no group of thousands; half of them where no other proves a comma."""
    found: dict[str, Counter[str]] = {}
    for column, written in texts.items() if not told["."] else ():
        digits = [digits_of(text) for text in written]
        ungrouped = sum(UNGROUPED.fullmatch(text) is not None for text in digits)
        is_many = ungrouped and ungrouped * (4 if told[","] else 2) >= len(digits)
        if is_many and all(map(_THREE_DECIMALS.fullmatch, digits)) and is_number(written):
            found[column] = Counter({",": ungrouped})
    return found if _total(found.values())[","] >= CLEARLY else {}


def mark_of(count: Counter[str]) -> str:
    """The mark that so many more cells prove that the others are slips, whose rows are refused; OPEN_MARK where both
    are many, empty where none is proven."""
    for mark, other in ((",", "."), (".", ",")):
        if count[mark] and count[mark] >= CLEARLY * count[other]:
            return mark
    return OPEN_MARK if count else ""


def count_grouped(texts: Sequence[str]) -> int:
    """How many a comma may group by thousands."""
    return sum(_BY_THOUSANDS.fullmatch(digits) is not None for digits in map(digits_of, texts))


def proof_of_numbers(texts: Sequence[str]) -> set[str]:
    """The `proof_of` a column of numbers; others have none."""
    found = proof_of(texts)
    return found if found and is_number(texts) else set()


def proof_of(texts: Sequence[str]) -> set[str]:
    """The marks that some of these numbers can only be read with."""
    return set(count_proofs(texts))


def count_proofs(texts: Sequence[str]) -> Counter[str]:
    """How many of these numbers can only be read with each mark."""
    digits = [digits_of(text) for text in texts if not _WORD.search(text)]
    patterns = ((",", _COMMA_DECIMAL), (".", _POINT_DECIMAL))
    return Counter(mark for text in digits for mark, pattern in patterns if pattern.fullmatch(text))


def digits_of(text: str) -> str:
    """The digits of a number with their marks, full-width ones as others."""
    return _NOT_DIGITS.sub("", text if text.isascii() else unicodedata.normalize("NFKC", text))


def written_numbers(column: str, sample_rows: Sequence[SampleRow]) -> list[str]:
    """The known numbers of a column as they are written; none where the file holds numbers as such."""
    cells = [cell for row in sample_rows if (cell := row.get(column)) is not None]
    if not all(isinstance(cell, str) for cell in cells):
        return []
    return known_numbers([cell_text(cell) for cell in cells])


def is_number(texts: Sequence[str]) -> bool:
    """Whether most cells of a column are numbers, with either mark."""
    return share(texts, lambda text: (read_to_judge(text.rstrip("%％‰‱ ")), True)) >= 0.6
