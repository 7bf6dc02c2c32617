"""How a cell is written in a spreadsheet: `> 39000`, `[18, 65)`, `in: a; b`, `missing`; Chinese words are read too."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from routing.table.check import cell_problems
from routing.table.fields import ORDERED, WORDED, Choice, Field, FieldType, Operand, Operator
from routing.table.shapes import Cell

_WORDS: Final[tuple[tuple[Operator, str], ...]] = (
    ("any", r"any|-|\*|任意|不限"),
    ("is_missing", r"(?:is )?missing|缺失|为空"),
    ("not_missing", r"(?:is )?(?:not missing|known)|不缺失|非空"),
)
# In English the colon may be left out where a semicolon says that a list is meant.
_LISTS: Final[tuple[tuple[Operator, str], ...]] = (
    ("not_in", r"(?:(?:not in|none of)(?:\s*[:：]|\s+(?=.*[;；]))|不属于\s*[:：]?)"),
    ("in", r"(?:(?:in|one of)(?:\s*[:：]|\s+(?=.*[;；]))|属于\s*[:：]?)"),
)
# No word on its own: it would hit nobody, in silence, where a list or its contrary was meant.
_LIKE_A_LIST: Final = re.compile(r".*[;；]|(?:in|not|none of|one of)\s", re.IGNORECASE | re.DOTALL)
# Longer ones first: `<=` before `<`, 不等于 before 等于.
_SIGNS: Final[tuple[tuple[Operator, str], ...]] = (
    ("!=", r"!=|<>|≠|！＝|不等于"),
    ("<=", r"<=|≤|＜＝|小于等于|不高于|不大于|不超过|不晚于|至多"),
    (">=", r">=|≥|＞＝|大于等于|不低于|不小于|不早于|至少"),
    ("=", r"==?|＝|等于"),
    ("<", r"<|＜|小于|低于|早于"),
    (">", r">|＞|大于|高于|超过|晚于"),
)
# Only for figures: a word such as “over 60” may begin like this.
_ENGLISH: Final[tuple[tuple[Operator, str], ...]] = (
    ("!=", r"is not\b|not equal to\b"),
    ("<=", r"at most\b|up to\b|not above\b|not after\b"),
    (">=", r"at least\b|not below\b|not before\b"),
    ("=", r"is\b|equals\b"),
    ("<", r"below\b|under\b|less than\b|before\b"),
    (">", r"above\b|over\b|more than\b|after\b"),
)
_BETWEEN: Final = re.compile(
    r"(?:between\s+(.+?)\s+and\s+(.+)|介于\s*(.+?)\s*(?:与|和|至|到|、)\s*(.+?)\s*(?:之间)?)", re.IGNORECASE
)
_INTERVAL: Final = re.compile(r"([\[(])(.*)([\])])", re.DOTALL)
_NUMBER: Final = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d*)(?:\.\d*)?(?:e[+-]?\d{1,3})?", re.IGNORECASE)
_DATE: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
# A spreadsheet's own limit; and an interval longer than this is none.
_MOST_CHARACTERS: Final = 32_767
_MOST_INTERVAL: Final = 1000
_YES: Final = frozenset({"true", "yes", "1", "是"})
_NO: Final = frozenset({"false", "no", "0", "否"})


class NotationError(ValueError):
    """What cannot be read as a cell or a value, and why, in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        self.en, self.zh = en, zh
        super().__init__(en)


def write_cell(field: Field, cell: Cell) -> str:
    """A cell as text that `read_cell` reads back to the same cell."""
    told = [write_value(field.type, operand) for operand in cell.operands]
    match cell.op:
        case "any":
            return ""
        case "is_missing":
            return "missing"
        case "not_missing":
            return "not missing"
        case "between":
            return f"{'[' if cell.closed[0] else '('}{told[0]}, {told[1]}{']' if cell.closed[1] else ')'}"
        case "in" | "not_in":
            return f"{'in' if cell.op == 'in' else 'not in'}: {'; '.join(told)}"
    return f"{cell.op} {told[0]}"


def write_value(field_type: FieldType, value: Operand) -> str:
    """One value: numbers exactly and without separators, fractions as percentages, words quoted where they must be."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        quoted = re.search(r"[\"“”]", value) or _LIKE_A_LIST.match(value)
        return json.dumps(value, ensure_ascii=False) if quoted else value
    if field_type == "percent":
        return f"{(Decimal(repr(float(value))) * 100).normalize():f}%"
    return str(int(value)) if float(value).is_integer() and abs(value) < 2**53 else repr(float(value))


def read_cell(field: Field, given: Operand) -> Cell:
    """The cell that a text, or a typed value of a spreadsheet (which it then must equal), stands for.

    Raises NotationError where it stands for none.
    """
    cell = Cell("=", (_typed(field.type, given),)) if not isinstance(given, str) else _read(field, given.strip())
    problem = next(cell_problems("", field, cell), None)
    if problem is not None:
        raise NotationError(problem.en, problem.zh)
    return cell


def _read(field: Field, text: str) -> Cell:
    if not text:
        return Cell("any")
    if len(text) > _MOST_CHARACTERS:
        raise NotationError("The text is too long.", "文字过长。")
    for op, pattern in _WORDS:
        if re.fullmatch(pattern, text, re.IGNORECASE):
            return Cell(op)
    for op, pattern in _LISTS:
        if found := re.match(pattern, text, re.IGNORECASE):
            return Cell(op, tuple(_value(field, part) for part in _parts(text[found.end() :])))
    if field.type in ORDERED and len(text) <= _MOST_INTERVAL and (between := _read_between(field, text)):
        return between
    for op, pattern in _SIGNS if field.type in WORDED else (*_SIGNS, *_ENGLISH):
        if found := re.match(pattern, text, re.IGNORECASE):
            return Cell(op, (_value(field, text[found.end() :]),))
    return Cell("=", (_value(field, text),))


def _read_between(field: Field, text: str) -> Cell | None:
    plain = unicodedata.normalize("NFKC", text)
    if found := _BETWEEN.fullmatch(plain):
        low, high = (end for end in found.groups() if end is not None)
        return Cell("between", (_value(field, low), _value(field, high)))
    if not (found := _INTERVAL.fullmatch(plain)):
        return None
    ends = next((ends for mark in (";", ", ", ",") if len(ends := found[2].split(mark)) == 2), None)
    if ends is None:
        raise NotationError(
            f"“{text}” does not have two ends such as [18, 65).", f"“{text}”没有两个端点（例如 [18, 65)）。"
        )
    return Cell("between", (_value(field, ends[0]), _value(field, ends[1])), (found[1] == "[", found[3] == "]"))


def _parts(text: str) -> Sequence[str]:
    """A list at its semicolons, but not at those within quotation marks."""
    parts = re.findall(r'\s*("(?:[^"\\]|\\.)*"|[^;；]*)\s*(?:[;；]|$)', text)
    return [part.strip() for part in parts if part.strip()]


def _value(field: Field, text: str) -> Operand:
    word = text.strip()
    labels = {label for choice in field.choices for label in (choice.key, choice.en, choice.zh)}
    if field.type in WORDED and word not in labels and not word.startswith('"') and _LIKE_A_LIST.match(word):
        raise NotationError(
            f"“{word}” reads like a list, not like a word: write in: a; b or not in: a; b, or quote it.",
            f"“{word}”像是列表而不是一个词：请写作 in: a; b 或 not in: a; b，或给该词加引号。",
        )
    return read_value(field.type, text, field.choices)


def read_value(field_type: FieldType, given: Operand, choices: Sequence[Choice] = ()) -> Operand:
    """One value from a text or from a typed cell; of choices their key, which may be given in words.

    Raises NotationError where it is no value of the type.
    """
    if not isinstance(given, str):
        return _typed(field_type, given)
    text = given.strip()
    if field_type in WORDED:
        word = _unquoted(text)
        keys = {label: choice.key for choice in choices for label in (choice.zh, choice.en)}
        return word if word in {choice.key for choice in choices} else keys.get(word, word)
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    if field_type == "boolean":
        if plain not in _YES | _NO:
            raise NotationError(f"“{text}” is neither yes nor no.", f"“{text}”既不是“是”也不是“否”。")
        return plain in _YES
    if field_type != "date":
        return _number(field_type, text, plain)
    found = _DATE.fullmatch(plain)
    return f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}" if found else plain


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text
    try:
        return str(json.loads(text))
    except ValueError as problem:
        raise NotationError(f"{text} has unbalanced quotation marks.", f"{text} 的引号不成对。") from problem


def _number(field_type: FieldType, text: str, plain: str) -> float:
    percent, tens = plain.endswith("%"), plain.endswith("万")
    digits = plain.removesuffix("%").removesuffix("万").strip().replace("−", "-")
    try:
        if not _NUMBER.fullmatch(digits) or (percent and field_type != "percent"):
            raise InvalidOperation
        exact = Decimal(digits.replace(",", ""))
    except InvalidOperation:
        raise NotationError(f"“{text}” is not a number that fits here.", f"“{text}”不是适用于此处的数字。") from None
    return float(exact / 100 if percent else exact * 10_000 if tens else exact) + 0.0


def _typed(field_type: FieldType, given: Operand) -> Operand:
    """A typed value of a spreadsheet: numbers stay numbers, and a yes or no is no number."""
    if isinstance(given, bool | str):
        return given
    if field_type == "boolean" and given in (0, 1):
        return bool(given)
    return write_value("number", given) if field_type in WORDED else float(given)
