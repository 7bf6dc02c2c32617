"""What a source's data usually looks like, and whether what comes now looks like it: counts, tests, signs. No database.

A sign needs both: more than chance for the number of rows at hand (Bonferroni over everything that is compared), and a
difference that matters. So fifty rows are not called bad for being few, nor a million for a trifle.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any, Final, Literal

REFERENCE_LEAST: Final = 300
REFERENCE_MOST: Final = 5_000
ROWS_LEAST: Final = 50
BINS: Final = 10
CATEGORIES_MOST: Final = 50
# Of a column of numbers nine of ten known values are numbers.
NUMBERS_LEAST: Final = 0.9
CHANCE: Final[Mapping[str, float]] = {"bad": 1e-4, "watch": 1e-2}
# By how much shares differ, and the population stability index, before it matters.
MATTERS: Final[Mapping[str, Mapping[str, float]]] = {
    "missing": {"bad": 0.10, "watch": 0.05},
    "new_values": {"bad": 0.10, "watch": 0.02},
    "distribution": {"bad": 0.25, "watch": 0.10},
}
OTHER: Final = "…"
# Days and months are always new ones: of a text that is mostly such, only being missing is looked at.
_TIME: Final = re.compile(r"(19|20)\d\d[-/.年]\s?\d{1,2}|[A-Z][a-z]{2}-(19|20)?\d\d$")
Row = Mapping[str, Any]
Grade = Literal["bad", "watch"]


@dataclass
class Profile:
    """Counts over rows: missing cells by feature, and how the known ones fall into the reference's bins or values."""

    rows: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    counts: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, other: Profile) -> Profile:
        """Both together."""
        names = self.counts.keys() | other.counts.keys()
        counts = {name: self.counts.get(name, Counter()) + other.counts.get(name, Counter()) for name in names}
        return Profile(self.rows + other.rows, self.missing + other.missing, counts)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "rows": self.rows,
            "missing": dict(self.missing),
            "counts": {n: dict(c) for n, c in self.counts.items()},
        }


@dataclass(frozen=True)
class Reference:
    """What is usual: `edges` are the inner limits of a number's bins, `usual` the counts of the rows it was made from.

    A feature without edges is a category; one with too many values (free text) is only looked at for being missing.
    """

    edges: Mapping[str, Sequence[float]]
    usual: Profile
    free: Sequence[str] = ()

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"edges": {name: list(each) for name, each in self.edges.items()}, "usual": self.usual.as_dict(),
                "free": list(self.free)}  # fmt: skip


@dataclass(frozen=True)
class Sign:
    """One thing that is not as usual: `value` against `usual`, both shares, or a stability index against nothing."""

    feature: str
    what: Literal["missing", "new_values", "distribution", "zeros", "scale"]
    value: float
    usual: float
    rows: int
    grade: Grade

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"feature": self.feature, "what": self.what, "value": round(self.value, 4),
                "usual": round(self.usual, 4), "rows": self.rows, "grade": self.grade}  # fmt: skip


def profile_from(data: Mapping[str, Any]) -> Profile:
    """What `Profile.as_dict` wrote."""
    counts = {name: Counter(each) for name, each in data.get("counts", {}).items()}
    return Profile(data.get("rows", 0), Counter(data.get("missing", {})), counts)


def reference_from(data: Mapping[str, Any]) -> Reference:
    """What `Reference.as_dict` wrote."""
    return Reference(data["edges"], profile_from(data["usual"]), tuple(data.get("free", ())))


def make_reference(rows: Sequence[Row]) -> Reference | None:
    """What is usual, from at most REFERENCE_MOST rows; None where they are fewer than REFERENCE_LEAST."""
    if len(rows) < REFERENCE_LEAST:
        return None
    edges, free = {}, []
    for name in sorted({name for row in rows for name in row}):
        known = [row[name] for row in rows if is_known(row.get(name))]
        numbers = sorted(float(value) for value in known if is_number(value))
        if known and len(numbers) >= NUMBERS_LEAST * len(known):
            edges[name] = _edges(numbers)
        elif len(set(map(str, known))) > CATEGORIES_MOST or _mostly_times(known):
            free.append(name)
    shape = Reference(edges, Profile(), tuple(free))
    return Reference(edges, make_profile(rows, shape), tuple(free))


def _mostly_times(known: Sequence[Any]) -> bool:
    return sum(bool(_TIME.match(str(value))) for value in known) > len(known) / 2


def _edges(numbers: Sequence[float]) -> list[float]:
    """Inner limits of bins of about equal size; a value that many rows share ends one bin and begins the next."""
    cuts = {numbers[len(numbers) * step // BINS] for step in range(1, BINS)}
    # The value itself, where it is most of a bin, stands in a bin of its own: zeros become visible.
    return sorted(cuts | {math.nextafter(cut, math.inf) for cut in cuts if numbers.count(cut) > len(numbers) / BINS})


def make_profile(rows: Iterable[Row], reference: Reference) -> Profile:
    """The counts of these rows by the bins of the reference. A feature no row of the reference had is not counted."""
    rows = list(rows)
    known_names = reference.usual.missing.keys() | reference.usual.counts.keys()
    names = known_names or {name for row in rows for name in row}
    found = Profile(len(rows))
    for name in names:
        cells = [row.get(name) for row in rows]
        known = [cell for cell in cells if is_known(cell)]
        found.missing[name] = len(cells) - len(known)
        if name not in reference.free:
            edges = reference.edges.get(name)
            found.counts[name] = Counter(_place(cell, edges) for cell in known)
    return found


def _place(cell: Any, edges: Sequence[float] | None) -> str:
    """The name of the bin or the value; what is no number among numbers is `…`."""
    if edges is None:
        return str(cell)[:60]
    return str(bisect_right(edges, float(cell))) if is_number(cell) else OTHER


def is_known(cell: Any) -> bool:
    return cell is not None and cell != ""


def is_number(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool) and math.isfinite(cell)


def compare(now: Profile, reference: Reference) -> list[Sign]:
    """What of `now` is not as usual, the worst first; nothing for fewer than ROWS_LEAST rows."""
    if now.rows < ROWS_LEAST:
        return []
    usual = reference.usual
    tests = max(1, len(usual.missing) + 2 * len(usual.counts))
    signs = [_missing(name, now, usual, tests) for name in usual.missing]
    for name, counts in usual.counts.items():
        seen = now.counts.get(name, Counter())
        if name not in reference.edges:
            signs.append(_new_values(name, seen, counts, tests))
        signs.append(_distribution(name, seen, counts, tests))
    found = [sign for sign in signs if sign is not None]
    return sorted(found, key=lambda sign: (sign.grade != "bad", -sign.value, sign.feature))


def measures(now: Profile, reference: Reference) -> dict[str, float]:
    """What a board draws: the share of missing cells, and the largest stability index, each from 0 up."""
    cells = now.rows * max(1, len(reference.usual.missing))
    missing = sum(now.missing[name] for name in reference.usual.missing)
    shifts = [
        stability(now.counts.get(name, Counter()), counts)
        for name, counts in reference.usual.counts.items()
        if now.counts.get(name)
    ]
    return {"missing": round(missing / cells, 4) if cells else 0.0, "shift": round(max(shifts, default=0.0), 4)}


def _missing(name: str, now: Profile, usual: Profile, tests: int) -> Sign | None:
    share, before = now.missing[name] / now.rows, usual.missing[name] / usual.rows
    chance = chance_of_more(now.missing[name], now.rows, usual.missing[name], usual.rows)
    grade = _grade("missing", share - before, chance * tests)
    return Sign(name, "missing", share, before, now.rows, grade) if grade else None


def _new_values(name: str, seen: Counter[str], usual: Counter[str], tests: int) -> Sign | None:
    """Values that were never seen; to be expected is the share of those that were seen once (Good and Turing)."""
    total, before = seen.total(), usual.total()
    if not total or not before:
        return None
    new = sum(count for value, count in seen.items() if value not in usual)
    once = sum(count == 1 for count in usual.values())
    chance = chance_of_more(new, total, once, before)
    grade = _grade("new_values", new / total - once / before, chance * tests)
    return Sign(name, "new_values", new / total, once / before, total, grade) if grade else None


def _distribution(name: str, seen: Counter[str], usual: Counter[str], tests: int) -> Sign | None:
    if seen.total() < ROWS_LEAST or usual.total() < ROWS_LEAST:
        return None
    bins = seen.keys() | usual.keys()
    if len(bins) < 2:
        return None
    # Two binned samples: Press et al., Numerical Recipes, 14.3.1.
    ratio = math.sqrt(usual.total() / seen.total())
    statistic = sum((ratio * seen[key] - usual[key] / ratio) ** 2 / (seen[key] + usual[key]) for key in bins)
    shift = stability(seen, usual)
    grade = _grade("distribution", shift, chi_square_tail(statistic, len(bins) - 1) * tests)
    return Sign(name, "distribution", shift, 0.0, seen.total(), grade) if grade else None


def stability(seen: Counter[str], usual: Counter[str]) -> float:
    """The population stability index without what chance alone adds to it, at least 0.

    Of two samples of n and m rows from one population it has the mean (B - 1)(1/n + 1/m) over B bins (Yurdakul and
    Naranjo, Statistical properties of the population stability index, 2020). Half a row is added to every bin.
    """
    bins = seen.keys() | usual.keys()
    n, m = seen.total() + len(bins) / 2, usual.total() + len(bins) / 2
    index = 0.0
    for key in bins:
        p, q = (seen[key] + 0.5) / n, (usual[key] + 0.5) / m
        index += (p - q) * math.log(p / q)
    return max(0.0, index - (len(bins) - 1) * (1 / n + 1 / m))


def _grade(what: str, difference: float, chance: float) -> Grade | None:
    grades: tuple[Grade, ...] = ("bad", "watch")
    return next((g for g in grades if difference >= MATTERS[what][g] and chance <= CHANCE[g]), None)


def chance_of_more(count: int, rows: int, before: int, rows_before: int) -> float:
    """One-sided chance of such a share when both samples are alike: pooled normal test, corrected for continuity."""
    pooled = (count + before) / (rows + rows_before)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / rows + 1 / rows_before))
    if spread == 0:
        return 1.0
    difference = count / rows - before / rows_before - 0.5 * (1 / rows + 1 / rows_before)
    return 1 - NormalDist().cdf(difference / spread) if difference > 0 else 1.0


def chi_square_tail(statistic: float, degrees: int) -> float:
    """P(chi-square > statistic), exact for whole degrees (Abramowitz and Stegun, 26.4.4 and 26.4.5)."""
    if statistic <= 0 or degrees < 1:
        return 1.0
    half, odd = statistic / 2, degrees % 2
    tail = math.erfc(math.sqrt(half)) if odd else 0.0
    for step in range(degrees // 2):
        power = step + odd / 2
        tail += math.exp(power * math.log(half) - half - math.lgamma(power + 1))
    return min(1.0, tail)
