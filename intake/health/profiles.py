"""What the rows of a source look like, counted, and what is usual for it, to compare with. No database."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import repeat
from typing import Any, Final

from intake.health.trifles import nearly
from intake.health.usual_ends import beyond, edges_of, ends_of, is_comparable, reach
from intake.recognition.running_numbers import run_on
from intake.values.packed_days import is_day, is_packed

REFERENCE_LEAST: Final = 300
REFERENCE_MOST: Final = 5_000
CATEGORIES_MOST: Final = 50
# Of a column of numbers nine of ten known values are numbers.
NUMBERS_LEAST: Final = 0.9
# So many of the commonest values are counted one by one: of a batch, and of what is usual.
COMMON: Final = 3
COMMON_USUAL: Final = 20
OTHER: Final = "…"
# Among the profiles of a batch by product that of all its rows: of a row that cannot be read nobody knows the product.
ALL_PRODUCTS: Final = ""
REFUSED: Final = "refused"
# Of a batch with fewer rows it is no news that a column has one value.
BATCH_LEAST: Final = 5
# Days, months and quarters are always new ones: of a text that is mostly such, only being missing is looked at.
_TIME: Final = re.compile(
    r"(19|20)\d\d([-/.年]\s?(\d{1,2}|[QW]\d)|\s?[QW]\d|年第\s?\d)|[A-Z][a-z]{2}-(19|20)?\d\d$|第\s?\d{1,2}[周季期批]"
)
Row = Mapping[str, Any]


@dataclass
class Profile:
    """Counts over rows: missing cells by feature, how the known ones fall into the reference's bins or values, and the
    commonest values of numbers and free texts (at least so often: what was rare in a part is forgotten). `rows_by` are
    the rows of features that others tell of than of the rest: rows that were read again by another mapping. `beyond` is
    what of numbers lies beyond the usual ends and `near` where they would fall a trifle away; without these nothing is
    known of that, as of batches from before."""

    rows: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    common: dict[str, Counter[str]] = field(default_factory=dict)
    rows_by: dict[str, int] = field(default_factory=dict)
    beyond: dict[str, Counter[str]] = field(default_factory=dict)
    near: dict[str, Counter[str]] = field(default_factory=dict)

    def rows_of(self, name: str) -> int:
        """Of how many rows the feature is counted."""
        return self.rows_by.get(name, self.rows)

    def add(self, other: Profile, *, common: int = COMMON) -> Profile:
        """Both together, with so many of the commonest values."""
        commonest = {
            name: Counter(dict(each.most_common(common))) for name, each in _sum(self.common, other.common).items()
        }
        counts, far = _sum(self.counts, other.counts), _sum(self.beyond, other.beyond)
        names = self.rows_by.keys() | other.rows_by.keys()
        rows_by = {name: self.rows_of(name) + other.rows_of(name) for name in names}
        near = _sum(self.near, other.near)
        return Profile(self.rows + other.rows, self.missing + other.missing, counts, commonest, rows_by, far, near)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "rows": self.rows,
            "missing": dict(self.missing),
            "counts": {n: dict(c) for n, c in self.counts.items()},
            "common": {n: dict(c) for n, c in self.common.items()},
            "beyond": {n: dict(c) for n, c in self.beyond.items()},
            "near": {n: dict(c) for n, c in self.near.items()},
        } | ({"rows_by": dict(self.rows_by)} if self.rows_by else {})


def refusals(rows: int, refused: int) -> Profile:
    """That so many of the rows could not be taken in, counted as if a column of theirs were missing."""
    return Profile(rows, Counter({REFUSED: refused}))


def _sum(one: Mapping[str, Counter[str]], other: Mapping[str, Counter[str]]) -> dict[str, Counter[str]]:
    return {name: one.get(name, Counter()) + other.get(name, Counter()) for name in one.keys() | other.keys()}


@dataclass(frozen=True)
class Reference:
    """What is usual: `edges` are the inner limits of a number's bins, `usual` the counts of the rows it was made from.

    A feature without edges is a category; one with too many values (free text) and one of numbers that run on are only
    looked at for being missing, or one and the same. `steady` are features with one value in every batch the reference
    was made from, `ordered` those in which rows that came one after the other were unlike all of them; `also` are
    counts of other rows that a person has called usual as well, as those of weekends. With batches from before `since`
    (ISO) nothing is compared, and what is usual is learnt anew from the cases since then where it `is_anew`: people
    have signed another mapping. `called` are the names that features had in mappings before, `products` those that the
    product had. `ends` are between which limits all numbers above nought lie, but for odd ones.
    """

    edges: Mapping[str, Sequence[float]]
    usual: Profile
    free: Sequence[str] = ()
    steady: Sequence[str] = ()
    also: Sequence[Profile] = ()
    ordered: Sequence[str] = ()
    since: str = ""
    is_anew: bool = False
    called: Mapping[str, Sequence[str]] = field(default_factory=dict)
    products: Sequence[str] = ()
    ends: Mapping[str, Sequence[float]] = field(default_factory=dict)

    @cached_property
    def days(self) -> frozenset[str]:
        """The features whose numbers are packed days or months, such as 20260815 and 202608."""
        packed = {name: sum(is_day(limit // 1) for limit in each) for name, each in self.edges.items()}
        return frozenset(name for name, each in self.edges.items() if packed[name] > len(each) / 2)

    @cached_property
    def reach(self) -> Mapping[str, Sequence[float]]:
        """Between which limits numbers usually lie that tell of their unit."""
        counts, ends, names = self.usual.counts, self.ends, self.edges.keys() & self.usual.counts.keys()
        found = {name: reach(self.edges[name], counts[name], ends.get(name, ())) for name in names}
        return {name: each for name, each in found.items() if each and name not in self.days}

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"edges": {name: list(each) for name, each in self.edges.items()}, "usual": self.usual.as_dict(),
                "free": list(self.free), "steady": list(self.steady),
                "also": [each.as_dict() for each in self.also], "ordered": list(self.ordered),
                "since": self.since, "is_anew": self.is_anew, "products": list(self.products),
                "called": {name: list(each) for name, each in self.called.items()},
                "ends": {name: list(each) for name, each in self.ends.items()}}  # fmt: skip


def profile_from(data: Mapping[str, Any]) -> Profile:
    """What `Profile.as_dict` wrote."""
    counts, common, far, near = (
        {name: Counter(each) for name, each in data.get(part, {}).items()}
        for part in ("counts", "common", "beyond", "near")
    )
    missing = Counter(data.get("missing", {}))
    return Profile(data.get("rows", 0), missing, counts, common, data.get("rows_by", {}), far, near)


def reference_from(data: Mapping[str, Any]) -> Reference:
    """What `Reference.as_dict` wrote; of one from before steady features were told apart those with one value are."""
    usual = profile_from(data["usual"])
    steady = data.get("steady", [name for name in usual.missing if one_known(name, usual)])
    also = tuple(map(profile_from, data.get("also", ())))
    ordered = tuple(data.get("ordered", ()))
    told = (tuple(data.get("free", ())), tuple(steady), also, ordered)
    names = (data.get("called", {}), tuple(data.get("products", ())))
    signed = (data.get("since", ""), data.get("is_anew", False))
    return Reference(data["edges"], usual, *told, *signed, *names, data.get("ends", {}))


def make_reference(
    rows: Sequence[Row], *, least: int = REFERENCE_LEAST, batches: Sequence[object] = ()
) -> Reference | None:
    """What is usual, from at most REFERENCE_MOST rows; None where they are fewer than `least`.

    `batches` says of each row with which others it came; where it is empty all came together.
    """
    if len(rows) < least:
        return None
    edges, ends, free, told = {}, {}, [], _batches_that_tell(rows, batches)
    for name in sorted({name for row in rows for name in row}):
        known = [row[name] for row in rows if is_known(row.get(name))]
        numbers = sorted(map(float, _numbers_of(known)))
        if known and len(numbers) >= NUMBERS_LEAST * len(known):
            parts = [_numbers_of([row[name] for row in each if is_known(row.get(name))]) for each in told]
            # Of what runs on the next numbers are always new ones: that they are others tells nothing.
            if len(known) >= NUMBERS_LEAST * len(rows) and run_on(name, parts):
                free.append(name)
            else:
                edges[name], ends[name] = edges_of(numbers), ends_of(numbers)
        elif len(set(map(str, known))) > CATEGORIES_MOST or _mostly_times(known):
            free.append(name)
    shape = Reference(edges, Profile(), tuple(free))
    usual = make_profile(rows, shape, common=COMMON_USUAL)
    steady = [name for name in sorted(usual.missing) if all(_is_one(row.get(name) for row in each) for each in told)]
    return Reference(edges, usual, tuple(free), tuple(steady), ends=ends)


def _batches_that_tell(rows: Sequence[Row], batches: Sequence[object]) -> list[list[Row]]:
    """The rows by batch. Small batches tell nothing; where most rows came so, all count as one."""
    by_batch = defaultdict(list)
    for row, batch in zip(rows, batches or repeat(None), strict=False):
        by_batch[batch].append(row)
    told = [each for each in by_batch.values() if len(each) >= BATCH_LEAST]
    return told if sum(map(len, told)) > len(rows) / 2 else [[*rows]]


def _is_one(cells: Iterable[Any]) -> bool:
    return len({cell for cell in cells if is_known(cell)}) <= 1


def one_known(name: str, profile: Profile) -> str | None:
    """The only value of a feature among the rows; None where there are several, or none."""
    values = profile.common.get(name) or profile.counts.get(name) or ()
    return next(iter(values)) if len(values) == 1 else None


def _mostly_times(known: Sequence[Any]) -> bool:
    return sum(bool(_TIME.match(str(value))) for value in known) > len(known) / 2


def make_profile(rows: Iterable[Row], reference: Reference, *, common: int = COMMON) -> Profile:
    """The counts of these rows by the bins of the reference, and so many of the commonest values. A feature no row of
    the reference had is not counted."""
    rows = list(rows)
    known_names = reference.usual.missing.keys() | reference.usual.counts.keys()
    names = known_names or {name for row in rows for name in row}
    found, currencies = Profile(len(rows)), reference.usual.counts.get("currency", ())
    strange = {each for each in {row.get("currency") for row in rows} if not is_comparable(each, currencies)}
    for name in names:
        cells = [row.get(name) for row in rows]
        known = [cell for cell in cells if is_known(cell)]
        found.missing[name] = len(cells) - len(known)
        edges = reference.edges.get(name)
        if edges is None and name not in reference.free:
            found.counts[name] = Counter([str(cell)[:60] for cell in known])
            continue
        numbers = _numbers_of(known)
        texts = [str(cell)[:60] for cell in known if not is_number(cell)] if len(numbers) < len(known) else []
        if edges is not None:
            binned = [each for each in numbers if is_day(each)] if name in reference.days else numbers
            bins = Counter(map(bisect_right, repeat(edges), binned))
            found.counts[name] = Counter({str(at): count for at, count in bins.items()})
            others = sum(not is_time(text) for text in texts) if name in reference.days else len(texts)
            found.counts[name] += Counter({OTHER: others + len(numbers) - len(binned)})
            if name not in reference.days:
                found.near[name] = nearly(numbers, edges, reference.usual.counts.get(name, Counter()))
            if name in reference.reach:
                alike = [row.get(name) for row in rows if row.get("currency") not in strange] if strange else []
                told = _numbers_of(alike) if strange else numbers
                found.beyond[name] = beyond(told, reference.reach[name], edges)
        values: Counter[Any] = Counter(numbers)
        values.update(texts)
        found.common[name] = Counter({str(value): count for value, count in values.most_common(common)})
    return found


def _numbers_of(known: Sequence[Any]) -> Sequence[Any]:
    """The numbers among known values."""
    # A call of ours for each would be one for every cell of a file, and nearly all columns hold one kind of value.
    plain = set(map(type, known)) <= {int, float} and all(map(math.isfinite, known))
    return known if plain else [cell for cell in known if is_number(cell)]


def is_known(cell: Any) -> bool:
    return cell is not None and cell != ""


def is_number(cell: Any) -> bool:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool) and math.isfinite(cell)


def is_time(value: str) -> bool:
    """Whether a text is a packed day, or begins like a day, a month or another period of the calendar."""
    return _TIME.match(value) is not None or is_packed(value)


def tells_time(value: str, name: str, reference: Reference) -> bool:
    """Whether the value of a feature is a day. What looks like a packed one among other numbers is a number."""
    return is_time(value) and (name not in reference.edges or name in reference.days or not is_packed(value))


def no_days(name: str, profile: Profile, reference: Reference) -> int:
    """How many of the values of a feature of days are none: what is no number, and what lies beside all days."""
    edges, counts = reference.edges[name], profile.counts.get(name, Counter())
    limits = [is_day(each // 1) for each in edges]
    beside = (at for at in range(len(edges) + 1) if not any(limits[max(0, at - 1) : at + 1]))
    return counts[OTHER] + sum(counts[str(at)] for at in beside)
