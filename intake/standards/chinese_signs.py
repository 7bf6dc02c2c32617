"""The simplified form and the sound of each Chinese sign, for names that are compared.

Both tables stand beside this module: the simplified forms are those of OpenCC (Apache License 2.0), the first sound of
each sign, without its tone, that of pinyin-data (MIT).
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files


def in_simplified_signs(text: str) -> str:
    """The text with every traditional sign in its simplified form: 張偉 is 张伟."""
    return text if text.isascii() else text.translate(_simplified())


def sound_alike(one: str, other: str) -> bool:
    """Whether two simplified signs sound the same but for the tone, as 伟 and 玮 do."""
    sound = _sounds().get(one)
    return sound is not None and sound == _sounds().get(other)


@cache
def _simplified() -> dict[int, str]:
    return {ord(row["traditional"]): row["simplified"] for row in _table("simplified_signs.csv")}


@cache
def _sounds() -> dict[str, str]:
    return {sign: row["sound"] for row in _table("sounds_of_signs.csv") for sign in row["signs"]}


def _table(name: str) -> csv.DictReader[str]:
    text = files("intake.standards").joinpath(name).read_text("utf-8")
    return csv.DictReader(text.splitlines())
