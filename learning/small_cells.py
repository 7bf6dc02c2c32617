"""Overrides by group of applicants, with no small group told: neither by itself nor as what is left of the sum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from learning.small_samples import adjusted_p_values, fisher_p
from scoring.ml.intervals import Estimate, wilson

# Groups with fewer advised decisions are hidden, and so are overrides that are fewer than this but some.
LEAST_DECISIONS: Final = 10
LEAST_OVERRIDES: Final = 5
FALSE_SHARE: Final = 0.10

Standing = Literal["more", "fewer", "not_shown", "hidden"]


@dataclass(frozen=True)
class Cell:
    """Decisions of a group that had one advice, and how many went against it."""

    advised: int
    overridden: int


@dataclass(frozen=True)
class GroupRate:
    """The override rate of a group against all others; `standing` "hidden" (then nothing else is told), or whether
    the difference is shown (Fisher's test, Benjamini and Hochberg over the groups that are told)."""

    key: str
    advised: int
    overridden: int
    rate: Estimate | None
    q_value: float | None
    standing: Standing


def hidden_groups(cells: Mapping[str, Cell]) -> frozenset[str]:
    """The groups that must not be told. Small ones; and, as long as what is hidden could be worked out from the total
    (a single group, or so few altogether that they are small themselves), the next smallest as well."""
    hidden = {key for key, cell in cells.items() if _is_small(cell)}
    rest = sorted(set(cells) - hidden, key=lambda key: (cells[key].advised, key))
    while hidden and rest and (len(hidden) == 1 or _is_small(_sum(cells, hidden))):
        hidden.add(rest.pop(0))
    return frozenset(hidden)


def group_rates(cells: Mapping[str, Cell]) -> list[GroupRate]:
    """The groups in the order of their keys, those that are hidden last and without figures."""
    hidden = hidden_groups(cells)
    told = sorted(set(cells) - hidden)
    everybody = _sum(cells, set(cells))
    p_values = [
        fisher_p(
            cells[key].overridden,
            cells[key].advised,
            everybody.overridden - cells[key].overridden,
            everybody.advised - cells[key].advised,
        )
        for key in told
    ]
    rates = [
        _rate(key, cells[key], everybody, q_value)
        for key, q_value in zip(told, adjusted_p_values(p_values), strict=True)
    ]
    return rates + [GroupRate(key, 0, 0, None, None, "hidden") for key in sorted(hidden)]


def total_is_told(cells: Mapping[str, Cell]) -> bool:
    """Whether the sum over all groups may be told: not where it is small itself."""
    return bool(cells) and not _is_small(_sum(cells, set(cells)))


def _rate(key: str, cell: Cell, everybody: Cell, q_value: float) -> GroupRate:
    rate = wilson(cell.overridden, cell.advised)
    standing: Standing = "not_shown"
    if q_value <= FALSE_SHARE:
        standing = "more" if rate.value * everybody.advised > everybody.overridden else "fewer"
    return GroupRate(key, cell.advised, cell.overridden, rate, q_value, standing)


def _is_small(cell: Cell) -> bool:
    return cell.advised < LEAST_DECISIONS or 0 < cell.overridden < LEAST_OVERRIDES


def _sum(cells: Mapping[str, Cell], keys: set[str] | frozenset[str]) -> Cell:
    return Cell(sum(cells[key].advised for key in keys), sum(cells[key].overridden for key in keys))
