"""Whether what a source sends now looks like what is usual for it: tests and signs. No database.

A sign needs both: more than chance for the number of rows at hand (Bonferroni over everything that is compared), and a
difference that matters. So fifty rows are not called bad for being few, nor a million for a trifle. Of fewer than fifty
only what is gross counts, of fewer than five nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from intake.health.chances import chance_of_more, chi_square_tail
from intake.health.profiles import COMMON_USUAL, REFUSED, Profile, Reference, no_days, one_known, tells_time
from intake.health.steady import may_change
from intake.health.trifles import moved_further
from intake.health.usual_rows import rows_with
from intake.recognition.running_numbers import MEANT

ROWS_LEAST: Final = 50
# Fewer rows, or fewer that are unusual, tell nothing; below ROWS_LEAST a share must differ by so much to be bad.
FEW_LEAST: Final = 5
GROSS: Final = 0.3
# So large a part of few rows must have moved into one bin.
GROSS_BIN: Final = 0.5
CHANCE: Final[Mapping[str, float]] = {"bad": 1e-4, "watch": 1e-2}
# By how much shares differ, and the population stability index, before it matters.
MATTERS: Final[Mapping[str, Mapping[str, float]]] = {
    "missing": {"bad": 0.10, "watch": 0.05},
    "new_values": {"bad": 0.10, "watch": 0.02},
    "distribution": {"bad": 0.25, "watch": 0.10},
    "one_value": {"bad": 0.30, "watch": 0.15},
    "refused": {"bad": 0.10, "watch": 0.05},
}
# New values are bad from so large a part of the rows on, by more than a standard error. One almost empty bin makes the
# index large: so large a part must have come to or gone from the values that were seen before, too.
MOVED: Final = MATTERS["new_values"]["bad"]
# So large a part of numbers must lie more than a trifle away.
FURTHER: Final = 0.005
# A column that holds one value only is bad from here on.
STUCK: Final = 0.10
# What the case itself is about may well be one sum, one term and one place for a day's loans.
OF_THE_CASE: Final = frozenset({"amount", "term_months", "currency", "region", "channel", "industry"})
Grade = Literal["bad", "watch"]
What = Literal["missing", "new_values", "distribution", "one_value", "zeros", "scale", "refused"]


@dataclass(frozen=True)
class Sign:
    """One thing that is not as usual: `value` against `usual`, both shares, or a stability index against nothing."""

    feature: str
    what: What
    value: float
    usual: float
    rows: int
    grade: Grade

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"feature": self.feature, "what": self.what, "value": round(self.value, 4),
                "usual": round(self.usual, 4), "rows": self.rows, "grade": self.grade}  # fmt: skip


def compare(now: Profile, reference: Reference, *, looks: int = 1, batch: Profile | None = None) -> list[Sign]:
    """What of `now` is not as usual, the worst first, where so many looks are taken at once; nothing for fewer than
    FEW_LEAST rows, and of fewer than ROWS_LEAST only what is gross. `batch` is what came together with it, where that
    is not `now` itself: what may change from one batch to the next is no break, and watched where it never did."""
    if now.rows < FEW_LEAST:
        return []
    usual = reference.usual
    tests = looks * max(1, len(usual.missing) + 3 * len(usual.counts) + len(reference.free))
    signs = [_missing(name, now, usual, tests) for name in usual.missing]
    steady = {name for name in reference.steady if may_change(name, batch or now, reference)} - OF_THE_CASE
    changing = {name for name in steady if one_known(name, usual) is None}
    for name, counts in usual.counts.items():
        if name in changing:
            continue
        seen = now.counts.get(name, Counter())
        if name in reference.days:
            signs.append(_no_days(name, now, reference, tests))
            continue
        if name in reference.edges and not _are_codes(name, usual):
            sign = _distribution(name, seen, counts, tests)
            signs.append(None if sign and _is_trifle(name, now, reference) else sign)
        else:
            signs += [_new_values(name, seen, counts, tests), _categories(name, seen, counts, tests)]
    signs += [one_value(name, now, reference, tests) for name in usual.missing if name not in changing]
    found = [sign for sign in signs if sign is not None]
    found = [
        replace(each, grade="watch") if each.feature in steady and each.what != "missing" else each for each in found
    ]
    return sorted(found, key=lambda sign: (sign.grade != "bad", -sign.value, sign.feature))


def more_refused(now: Profile, usual: Profile, *, looks: int = 1) -> Sign | None:
    """Whether more of the rows could not be taken in than usual, where so many looks are taken at once; both count all
    products together, since a row that cannot be read is of none. Nothing while too few rows tell what is usual."""
    if now.rows < FEW_LEAST or usual.rows < ROWS_LEAST:
        return None
    return _more("", REFUSED, (now.missing[REFUSED], now.rows), (usual.missing[REFUSED], usual.rows), looks)


def likest(now: Profile, reference: Reference) -> Reference:
    """The reference with those of its usual rows that the rows at hand are most alike: those it was made from, or what
    a person has called usual as well. Each look is judged against these alone."""
    if not reference.also:
        return reference
    states = (reference.usual, *reference.also)
    return replace(reference, usual=min(states, key=lambda usual: _distance(now, usual, reference)))


def _distance(now: Profile, usual: Profile, reference: Reference) -> float:
    passing = {*reference.days, *reference.steady}
    return sum(
        stability(now.counts.get(name, Counter()), counts)
        for name, counts in usual.counts.items()
        if name not in passing
    )


def measures(now: Profile, reference: Reference) -> dict[str, float]:
    """What a board draws: the share of missing cells, and the largest stability index, each from 0 up. Columns that
    the source never had are no gaps: they would hide those that are."""
    states = (reference.usual, *reference.also, now)
    names = [name for name in reference.usual.missing if any(each.missing[name] < each.rows for each in states)]
    cells = now.rows * len(names)
    missing = sum(now.missing[name] for name in names)
    reference = likest(now, reference)
    shifts = [
        stability(now.counts[name] if name in reference.edges else _seen_before(now.counts[name], counts), counts)
        for name, counts in reference.usual.counts.items()
        if now.counts.get(name) and name not in reference.days and name not in reference.steady
        if name not in reference.edges or not _is_trifle(name, now, reference)
    ]
    return {"missing": round(missing / cells, 4) if cells else 0.0, "shift": round(max(shifts, default=0.0), 4)}


def _missing(name: str, now: Profile, usual: Profile, tests: int) -> Sign | None:
    return _more(name, "missing", (now.missing[name], now.rows), (usual.missing[name], usual.rows_of(name)), tests)


def _is_trifle(name: str, now: Profile, reference: Reference) -> bool:
    """Whether the numbers of a feature of which half share a few lie no more than a trifle from where they usually do.
    Where many numbers differ a trifle moves few of them to another bin."""
    near, seen, usual = (each.get(name, Counter()) for each in (now.near, now.counts, reference.usual.counts))
    shared = reference.usual.common.get(name, Counter()).total()
    return 2 * shared >= usual.total() and moved_further(near, seen, usual, len(reference.edges[name])) < FURTHER


def _are_codes(name: str, usual: Profile) -> bool:
    """Whether the numbers of a feature may be codes, as those of branches: of no known meaning, whole, and so few that
    all are known. One below all others falls into a bin that was empty, and one that is gone leaves its own empty,
    which makes the index large; so the bins are judged as the words of a category are."""
    values = () if name in MEANT else usual.common.get(name, ())
    return 0 < len(values) < COMMON_USUAL and all(value.removesuffix(".0").lstrip("-").isdigit() for value in values)


def _new_values(name: str, seen: Counter[str], usual: Counter[str], tests: int) -> Sign | None:
    """Values that were never seen; to be expected is the share of those that were seen once (Good and Turing)."""
    new = sum(count for value, count in seen.items() if value not in usual)
    once = sum(count == 1 for count in usual.values())
    sign = _more(name, "new_values", (new, seen.total()), (once, usual.total()), tests)
    if sign is None:
        return None
    # Of a branch with six rows of a hundred some days bring twelve, and of those who send little many do.
    by_chance = math.sqrt(sign.value * (1 - sign.value) / sign.rows)
    return sign if sign.value - sign.usual - by_chance >= MOVED else replace(sign, grade="watch")


def _no_days(name: str, now: Profile, reference: Reference, tests: int) -> Sign | None:
    """Days are always new ones; what is no day below them is told of."""
    seen, usual = (
        (no_days(name, each, reference), each.counts.get(name, Counter()).total()) for each in (now, reference.usual)
    )
    return _more(name, "new_values", seen, usual, tests)


def _more(name: str, what: What, now: tuple[int, int], before: tuple[int, int], tests: int) -> Sign | None:
    """A share (so many of so many) that is larger than before."""
    if not now[1] or not before[1]:
        return None
    share, usual = now[0] / now[1], before[0] / before[1]
    if not _may_matter(what, now, share - usual):
        return None
    grade = _grade(what, share - usual, chance_of_more(*now, *before) * tests)
    return Sign(name, what, share, usual, now[1], grade) if grade else None


def _may_matter(what: What, now: tuple[int, int], difference: float) -> bool:
    if now[1] < ROWS_LEAST:
        return now[0] >= FEW_LEAST and difference >= GROSS
    return difference >= MATTERS[what]["watch"]


def one_value(name: str, now: Profile, reference: Reference, tests: int) -> Sign | None:
    """A value that far more rows hold than usual: a default, or a column that is stuck. Days are alike within a day.

    How usual it is, is known of the commonest values; of another at most as much as of its bin, or the rarest of those.
    """
    if name in OF_THE_CASE:
        return None
    usual = reference.usual
    seen = now.common.get(name) or now.counts.get(name) or Counter()
    value, count = next(iter(seen.most_common(1)), ("", 0))
    known, known_before = now.rows - now.missing[name], usual.rows_of(name) - usual.missing[name]
    if not known or not known_before or tells_time(value, name, reference):
        return None
    before = rows_with(value, name, reference)
    if before is None:
        return None
    share, usual_share = count / known, before / known_before
    stuck = share == 1 and known >= ROWS_LEAST and share - usual_share >= STUCK
    if not stuck and not _may_matter("one_value", (count, known), share - usual_share):
        return None
    # Chosen as the commonest among as many values as are known by name.
    chance = chance_of_more(count, known, before, known_before) * tests * COMMON_USUAL
    grade = _grade("one_value", max(share - usual_share, MATTERS["one_value"]["bad"] * stuck), chance)
    return Sign(name, "one_value", share, usual_share, known, grade) if grade else None


def _categories(name: str, seen: Counter[str], usual: Counter[str], tests: int) -> Sign | None:
    """How the values that were seen before are spread; those that were not are told of by themselves. Where every row
    holds one of them the column is stuck, however few held the others: nothing but 否 is no branch that closed."""
    known = _seen_before(seen, usual)
    sign = _distribution(name, known, usual, tests)
    if sign is None:
        return None
    if len(+seen) == 1 and known and name not in OF_THE_CASE and seen.total() >= ROWS_LEAST:
        by_chance = (usual[next(iter(+seen))] / usual.total()) ** seen.total() * tests
        return replace(sign, grade="bad" if by_chance <= CHANCE["bad"] else "watch")
    return sign if _moved(known, usual) >= MOVED else replace(sign, grade="watch")


def _seen_before(seen: Counter[str], usual: Counter[str]) -> Counter[str]:
    return Counter({value: count for value, count in seen.items() if value in usual})


def _moved(seen: Counter[str], usual: Counter[str]) -> float:
    """Which share of the rows came to or went from the values that make the index large: without them it would not even
    be watched."""
    rest, came, gone = stability(seen, usual), 0.0, 0.0
    for term, difference in sorted(_terms(seen, usual), reverse=True):
        if rest < MATTERS["distribution"]["watch"]:
            break
        rest -= term
        came, gone = came + max(0.0, difference), gone + max(0.0, -difference)
    return max(came, gone)


def _distribution(name: str, seen: Counter[str], usual: Counter[str], tests: int) -> Sign | None:
    bins = seen.keys() | usual.keys()
    total, before = seen.total(), usual.total()
    if len(bins) < 2 or not total or before < ROWS_LEAST:
        return None
    shift = stability(seen, usual)
    if total < ROWS_LEAST:
        chance = _chance_of_one_bin(seen, usual) * len(bins) if name not in OF_THE_CASE else 1.0
    else:
        # Two binned samples: Press et al., Numerical Recipes, 14.3.1.
        ratio = math.sqrt(before / total)
        statistic = sum((ratio * seen[key] - usual[key] / ratio) ** 2 / (seen[key] + usual[key]) for key in bins)
        chance = chi_square_tail(statistic, len(bins) - 1)
    grade = _grade("distribution", shift, chance * tests)
    return Sign(name, "distribution", shift, 0.0, total, grade) if grade else None


def _chance_of_one_bin(seen: Counter[str], usual: Counter[str]) -> float:
    """Of few rows: that so many fall into one bin; 1 where no bin has grossly more of them than usual."""
    (key, count), total, before = seen.most_common(1)[0], seen.total(), usual.total()
    if count < FEW_LEAST or count / total - usual[key] / before < GROSS_BIN:
        return 1.0
    return chance_of_more(count, total, usual[key], before)


def stability(seen: Counter[str], usual: Counter[str]) -> float:
    """The population stability index without what chance alone adds to it, at least 0.

    Of two samples of n and m rows from one population it has the mean (B - 1)(1/n + 1/m) over B bins (Yurdakul and
    Naranjo, Statistical properties of the population stability index, 2020). Half a row is added to every bin.
    """
    bins = len(seen.keys() | usual.keys())
    by_chance = (bins - 1) * (1 / (seen.total() + bins / 2) + 1 / (usual.total() + bins / 2))
    return max(0.0, math.fsum(term for term, _difference in _terms(seen, usual)) - by_chance)


def _terms(seen: Counter[str], usual: Counter[str]) -> list[tuple[float, float]]:
    """What each bin adds to the index, and by how much its share is larger than usual."""
    bins = seen.keys() | usual.keys()
    n, m = seen.total() + len(bins) / 2, usual.total() + len(bins) / 2
    shares = [((seen[key] + 0.5) / n, (usual[key] + 0.5) / m) for key in bins]
    return [((p - q) * math.log(p / q), p - q) for p, q in shares]


def _grade(what: str, difference: float, chance: float) -> Grade | None:
    grades: tuple[Grade, ...] = ("bad", "watch")
    return next((g for g in grades if difference >= MATTERS[what][g] and chance <= CHANCE[g]), None)
