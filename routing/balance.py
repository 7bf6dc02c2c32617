"""Evening out what people were handed: from those with the fullest days to those with room, the least urgent first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class HandedCase:
    """A case that somebody was handed and has not taken. `excluded` may not see it."""

    key: int
    product: str
    excluded: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Bench:
    """One person: `looks` that their whole day holds, `busy` of them used by what is not to be moved, the products they
    know (None: all), and what they were handed, the most urgent first."""

    person: int
    looks: int
    busy: int = 0
    products: frozenset[str] | None = None
    handed: Sequence[HandedCase] = field(default_factory=tuple)


@dataclass(frozen=True)
class Shift:
    """One case from one person to another."""

    case: int
    origin: int
    to: int


def balance(benches: Sequence[Bench]) -> list[Shift]:
    """The moves that even out how full the days are, each case moved once at most; none where nothing gets better.

    A day's fullness is its looks over what it holds; a person who is away (0 looks) gives everything they can and takes
    nothing. Each step moves the least urgent case of the fullest day to the emptiest day that may take it, as long as
    the receiver is afterwards no fuller than the giver was.
    """
    looks = {each.person: each.looks for each in benches}
    knows = {each.person: each.products for each in benches}
    used = {each.person: each.busy + len(each.handed) for each in benches}
    left = {each.person: list(each.handed) for each in benches}
    shifts: list[Shift] = []
    while (step := _next(looks, knows, used, left)) is not None:
        case, shift = step
        left[shift.origin].remove(case)
        used[shift.origin] -= 1
        used[shift.to] += 1
        shifts.append(shift)
    return shifts


def _next(
    looks: Mapping[int, int],
    knows: Mapping[int, frozenset[str] | None],
    used: Mapping[int, int],
    left: Mapping[int, Sequence[HandedCase]],
) -> tuple[HandedCase, Shift] | None:
    by_fullness = sorted(looks, key=lambda person: (_fullness(used[person], looks[person]), person))
    for origin in reversed(by_fullness):
        fullness = _fullness(used[origin], looks[origin])
        for case in reversed(left[origin]):
            for to in by_fullness:
                if to == origin or _fullness(used[to] + 1, looks[to]) >= fullness:
                    continue
                products = knows[to]
                if to not in case.excluded and (products is None or case.product in products):
                    return case, Shift(case.key, origin, to)
    return None


def _fullness(used: int, looks: int) -> float:
    return used / looks if looks else float("inf") if used else 0.0
