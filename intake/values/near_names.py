"""Whether two names of people are one name, or one of them may be a slip of the other."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import Enum
from typing import Final

from rapidfuzz.distance import OSA, JaroWinkler

from intake.standards.chinese_signs import sound_alike
from intake.standards.people import folded_name, has_legal_form, only_letters

NEAR_NAME: Final = 0.92
_BETWEEN_WORDS: Final = re.compile(r"[\s,;.·&/()_-]+")
_CHINESE: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff〇]{2,}")
# Longer names in Chinese signs are those of other languages, 阿依古丽·买买提: Jaro-Winkler does for them.
_CHINESE_MOST: Final = 4
# No firm, no nickname with a title, no mask.
_WHOLE_CHINESE: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff〇]{2,4}(?<!先生|女士|小姐|太太|夫人)")
_WHOLE_LATIN: Final = re.compile(r"[a-z]+(?:[\s,.'-]+[a-z]+)+\.?")
_TITLES: Final = frozenset({"mr", "mrs", "ms", "miss", "mister", "dr", "prof", "sir", "madam"})
_TITLE_BEHIND: Final = re.compile(r"(?:先生|女士|小姐|太太|夫人)$")
# Surnames of two signs: what is left is a given name of one or two.
_SURNAMES_OF_TWO: Final = re.compile(
    r"欧阳|司马|上官|诸葛|司徒|皇甫|尉迟|公孙|慕容|令狐|长孙|宇文|夏侯|轩辕|端木|东方|独孤|南宫|闻人|澹台|百里|呼延|申屠|淳于|单于|太史|赫连"
)


class Nearness(Enum):
    """How two names of people are alike."""

    SAME = "same"
    NEAR = "near"
    # A given name of one sign is another one, which relatives of one surname have, too.
    DOUBTFUL = "doubtful"


def nearness(one: str, other: str) -> Nearness | None:
    """How the names of two people are alike; None where they are not.

    Four signs that differ by one never come to a similarity of 0.92, so names in Chinese signs are compared by them.
    """
    first, second = _forms(one), _forms(other)
    if first & second:
        return Nearness.SAME
    if any(JaroWinkler.similarity(a, b) >= NEAR_NAME for a in first for b in second):
        return Nearness.NEAR
    if len(first) == len(second) == 1:
        return _chinese_nearness(*first, *second)
    return None


def are_others(one: str, other: str) -> bool:
    """Whether two names are surely those of two people: both whole, in signs of one script, of no firm, and unlike. Of
    names in Latin letters no word may be shared: people leave out a second name, and marry."""
    if nearness(one, other) is not None or has_legal_form(one) or has_legal_form(other):
        return False
    if _WHOLE_CHINESE.fullmatch(one) and _WHOLE_CHINESE.fullmatch(other):
        # 张三丰 may be 张三, whose name was written short.
        return set(one[1:]).isdisjoint(other[1:])
    names = [folded_name(one), folded_name(other)]
    words = [{*filter(None, _BETWEEN_WORDS.split(name))} for name in names]
    return all(map(_WHOLE_LATIN.fullmatch, names)) and not _share_a_word(*words)


def _share_a_word(some: Collection[str], others: Collection[str]) -> bool:
    """Whether a word stands in both names, also as its first letter: J Smith."""
    short = {word[0] for word in (*some, *others) if len(word) == 1}
    return bool(set(some) & set(others)) or any(word[0] in short for word in (*some, *others) if len(word) > 1)


def _forms(name: str) -> frozenset[str]:
    """A name as it is written and with its words in order, without titles: "Smith, John" and "Mr John Smith"."""
    words = [word for part in _BETWEEN_WORDS.split(folded_name(name)) if (word := only_letters(part))]
    named = [word for word in words if word not in _TITLES]
    # Of "Mrs Smith" the title tells more than nothing.
    words = named if len(named) > 1 else words
    forms = (_without_title("".join(each)) for each in (words, sorted(words)))
    return frozenset(form for form in forms if form)


def _without_title(name: str) -> str:
    """张建国先生 is 张建国; 张先生 and 欧阳先生 stay, else they would be 张女士 and 欧阳女士."""
    bare = _TITLE_BEHIND.sub("", name)
    return bare if _CHINESE.fullmatch(bare) and not _SURNAMES_OF_TWO.fullmatch(bare) else name


def _chinese_nearness(one: str, other: str) -> Nearness | None:
    """Of two names with as many signs, of which one differs or two beside each other stand the other way round."""
    if not (_CHINESE.fullmatch(one) and _CHINESE.fullmatch(other) and len(one) == len(other) <= _CHINESE_MOST):
        return None
    if OSA.distance(one, other) != 1:
        return None
    if min(_given(one), _given(other)) > 1:
        return Nearness.NEAR
    if one[:-1] != other[:-1]:
        return None
    return Nearness.NEAR if sound_alike(one[-1], other[-1]) else Nearness.DOUBTFUL


def _given(name: str) -> int:
    """How many signs the given name has."""
    has_two = len(name) > 2 and _SURNAMES_OF_TWO.match(name)
    return len(name) - (2 if has_two else 1)
