"""Rows that stand in an order, as in a file sorted by branch: its parts are unlike each other though all of them
together are as ever. Telling that from rows that broke. No database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from intake.health.health import GROSS, ROWS_LEAST, Sign, compare
from intake.health.profiles import Profile, Reference, Row, make_profile, make_reference

# Rows are looked at in so many parts of equal size, or in fewer of ROWS_LEAST rows.
PARTS: Final = 10


@dataclass(frozen=True)
class Order:
    """The features in which parts of `rows` rows are unlike all of them."""

    features: frozenset[str]
    rows: int

    def unexplained(self, signs: Sequence[Sign], now: Profile, reference: Reference) -> list[Sign]:
        """The signs of some of the rows (`now`) that tell of more than where they stand."""
        return [sign for sign in signs if not self._explains(sign, now, reference)]

    def _explains(self, sign: Sign, now: Profile, reference: Reference) -> bool:
        """Whether all of the rows are usually as many so, but for less than GROSS of these. A mistaken unit is one
        wherever it stands."""
        if sign.feature not in self.features or sign.what == "scale":
            return False
        rows = max(self.rows, now.rows)
        if sign.what != "distribution":
            return sign.value * sign.rows - sign.usual * rows < GROSS * sign.rows
        usual, seen = reference.usual.counts[sign.feature], now.counts.get(sign.feature, Counter())
        more = sum(max(0.0, count - usual[key] * rows / usual.total()) for key, count in seen.items())
        return more < GROSS * seen.total()


@dataclass(frozen=True)
class Whole:
    """A file that stands in an order, as a whole: what rows drawn from all over it look like, and the order."""

    profile: Profile
    order: Order


def ordered_features(rows: Sequence[Row], whole: Reference) -> frozenset[str]:
    """The features in which parts of rows that follow each other are unlike all these rows, from which `whole` was
    made. None where fewer than half of the parts are: some rows are odd then, and they stand in no order."""
    size = max(ROWS_LEAST, -(-len(rows) // PARTS))
    parts = [make_profile(rows[at : at + size], whole) for at in range(0, len(rows), size)]
    found = [compare(part, whole, looks=len(parts)) for part in parts]
    unlike = sum(any(sign.grade == "bad" for sign in signs) for signs in found)
    if len(parts) < 2 or 2 * unlike < len(parts):
        return frozenset()
    return frozenset(sign.feature for signs in found for sign in signs)


def order_of(rows: Sequence[Row]) -> frozenset[str]:
    """The same of rows alone."""
    whole = make_reference(rows, least=2 * ROWS_LEAST)
    return ordered_features(rows, whole) if whole else frozenset()
