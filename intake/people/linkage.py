"""Whether two applicants are one: what of them is compared, and how sure the comparison is.

Two steps, as record linkage is done since Fellegi and Sunter (1969): *keys* that two records of one person nearly
always share find the few pairs worth comparing, then each pair is *compared*. An equal identity number settles it; what
is only like it is put before a person.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Final

from rapidfuzz.distance import OSA, JaroWinkler

from intake.standards.identity import birth_date, read_identity_number
from intake.standards.people import core_of_name, has_legal_form
from intake.values.cells import CellError
from intake.values.near_names import Nearness, are_others, nearness

_LOOKS_LIKE_A_NUMBER: Final = re.compile(r"[0-9A-Z]{18}")
_NUMBER: Final = "number {}"
# Below this length the core of a firm's name says too little.
_FIRM_LEAST: Final = 4
_FRONT, _BACK = 6, 6
NEAR_FIRM: Final = 0.95


class Evidence(StrEnum):
    """What two applicants have in common."""

    IDENTITY = "same_identity_number"
    IDENTITY_SLIP = "identity_number_but_for_a_slip"
    PHONE = "same_phone"
    NAME = "same_name"
    NAME_NEAR = "nearly_the_same_name"
    CODE = "customer_number_but_for_zeros"


@dataclass(frozen=True)
class Person:
    """What is known of one applicant: identity numbers and telephone numbers in their standard form. `code` is the
    number of its source without the zeros before it, which a workbook drops; "" where it is no mere number."""

    key: int
    name: str
    numbers: frozenset[str]
    phones: frozenset[str]
    code: str = ""

    @property
    def core(self) -> str:
        return core_of_name(self.name)

    @property
    def is_firm(self) -> bool:
        return has_legal_form(self.name) or any(birth_date(number) is None for number in self.valid_numbers)

    @property
    def valid_numbers(self) -> frozenset[str]:
        return frozenset(number for number in self.numbers if _is_valid(number))


@dataclass(frozen=True)
class Likeness:
    """What two applicants share, and whether that settles that they are one."""

    evidence: tuple[Evidence, ...]
    settled: bool


def numbers_in(reference: str) -> frozenset[str]:
    """The identity number that a source's own reference of an applicant may be, also one with a slip in it."""
    try:
        return frozenset({read_identity_number(reference)})
    except CellError:
        bare = reference.strip().upper()
        return frozenset({bare} if _LOOKS_LIKE_A_NUMBER.fullmatch(bare) else ())


def code_of(source: str, reference: str) -> str:
    """A source's own number of an applicant as it is without the zeros before it, "" where it is something else."""
    number = reference.lstrip("0")
    return f"{source} {number}" if reference.isdecimal() and number and reference not in numbers_in(reference) else ""


def keys_of(person: Person, secret: str) -> frozenset[int]:
    """Numbers of 63 bits that an applicant shares with whoever may be the same. Nothing can be read from them."""
    return frozenset(digest_of(secret, text) for text in _key_texts(person))


def sure_keys(people: Sequence[Person], secret: str) -> frozenset[int]:
    """Of the keys those of valid identity numbers: whoever shares one is the same applicant."""
    return frozenset(digest_of(secret, _NUMBER.format(number)) for each in people for number in each.valid_numbers)


def compare(one: Person, other: Person) -> Likeness | None:
    """What speaks for two applicants being one; None where too little does, or where a number speaks against it.

    Two numbers that are both valid and differ are two people: a check digit lets no single slip through.
    """
    if one.numbers & other.numbers:
        is_sure = bool(one.valid_numbers & other.valid_numbers) and not are_others(one.name, other.name)
        return Likeness((Evidence.IDENTITY,), settled=is_sure)
    if _are_others(one, other):
        return None
    found = []
    if any(OSA.distance(a, b) == 1 for a in one.numbers for b in other.numbers):
        found.append(Evidence.IDENTITY_SLIP)
    if one.phones & other.phones:
        found.append(Evidence.PHONE)
    name = _firm_names(one, other, found) if one.is_firm or other.is_firm else _names(one, other, found)
    if one.code and one.code == other.code and (name or not (one.name and other.name)):
        return Likeness(tuple(filter(None, (*found, name, Evidence.CODE))), settled=False)
    is_enough = name and (found or (one.is_firm and other.is_firm))
    return Likeness((*found, name), settled=False) if name and is_enough else None


def _firm_names(one: Person, other: Person, found: Collection[Evidence]) -> Evidence | None:
    """What the names of two firms say beside what else was `found`: 张三(个体工商户) with one telephone is 张三."""
    if not one.core or not other.core:
        return None
    if one.core == other.core:
        return Evidence.NAME if found or len(one.core) >= _FIRM_LEAST else None
    return Evidence.NAME_NEAR if JaroWinkler.similarity(one.core, other.core) >= NEAR_FIRM else None


def _names(one: Person, other: Person, found: Collection[Evidence]) -> Evidence | None:
    """What the names of two people say beside what else was `found`.

    李明 and 李芳 with one telephone are father and daughter more often than a slip: it takes a number that is near.
    """
    near = nearness(one.name, other.name)
    if near is Nearness.DOUBTFUL and Evidence.IDENTITY_SLIP not in found:
        return None
    if near is None:
        return None
    return Evidence.NAME if near is Nearness.SAME else Evidence.NAME_NEAR


def _are_others(one: Person, other: Person) -> bool:
    """Whether both have a valid number of the same kind, of a resident or of an organisation, and none in common."""
    if one.valid_numbers & other.valid_numbers:
        return False
    kinds = [{birth_date(number) is None for number in each.valid_numbers} for each in (one, other)]
    return bool(kinds[0] & kinds[1])


def _is_valid(number: str) -> bool:
    try:
        return read_identity_number(number) == number
    except CellError:
        return False


def _key_texts(person: Person) -> Iterator[str]:
    for number in person.numbers:
        yield _NUMBER.format(number)
        # A slip within one part leaves the two others as they were. One part, or a half, would not do: a district and
        # the decade of birth are those of a thousand applicants.
        place, birthday, rest = number[:6], number[6:14], number[14:]
        yield f"place and birthday {place} {birthday}"
        yield f"place and rest {place} {rest}"
        yield f"birthday and rest {birthday} {rest}"
        # Two signs that changed places where parts meet are in two of them: all but these.
        yield f"but for the end of the place {number[:5]} {number[7:]}"
        yield f"but for the end of the birthday {number[:13]} {number[15:]}"
    for phone in person.phones:
        yield f"phone {phone}"
    if person.code:
        yield f"code {person.code}"
    core = person.core
    if person.is_firm and len(core) >= _FIRM_LEAST:
        yield f"firm {core}"
        if len(core) > _FRONT:
            yield f"firm front {core[:_FRONT]}"
            yield f"firm back {core[-_BACK:]}"


def digest_of(secret: str, text: str) -> int:
    """63 bits that equal texts share; who does not know the secret can tell nothing from them."""
    return int.from_bytes(hmac.digest(secret.encode(), f"linkage {text}".encode(), "sha256")[:8]) >> 1


def groups(links: Sequence[tuple[int, int]], apart: Collection[tuple[int, int]] = ()) -> Mapping[int, int]:
    """For each applicant that is one with another the smallest key of all that are one with it, over any number of
    links, taken in their order. A link that would bring two together who are `apart` brings nobody together: what a
    person said of a pair holds, whatever a third applicant shares with both.
    """
    members: dict[int, set[int]] = {}
    for one, other in links:
        first, second = (members.setdefault(key, {key}) for key in (one, other))
        if first is second or any({a, b} & first and {a, b} & second for a, b in apart):
            continue
        first |= second
        members.update(dict.fromkeys(second, first))
    return {key: min(group) for key, group in members.items() if len(group) > 1}


def told_apart(people: Sequence[Person]) -> set[tuple[int, int]]:
    """The pairs of applicants whose numbers say that they are two."""
    return {(one.key, other.key) for one, other in combinations(people, 2) if _are_others(one, other)}
