"""What one batch looks like against what is usual for its source: its rows as they come, and a file as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from intake.health.first_signs import ROWS_LEAST as FIRST_LEAST
from intake.health.first_signs import ROWS_MOST as FIRST_MOST
from intake.health.first_signs import first_signs, signs_alone
from intake.health.health import ROWS_LEAST, Sign, compare, likest, measures, more_refused
from intake.health.misread_parts import misread_parts, misread_so_far
from intake.health.ordered import Order, Whole, order_of
from intake.health.profiles import (
    ALL_PRODUCTS,
    COMMON_USUAL,
    REFERENCE_LEAST,
    REFUSED,
    Profile,
    Reference,
    Row,
    make_profile,
    make_reference,
    refusals,
)
from intake.health.usual import OWN_LEAST, few_also, first_cases, usual_elsewhere

SIGNS_KEPT: Final = 20


@dataclass
class Watch:
    """What one batch has looked like so far, by product, against what is usual for its source and the batches before.

    `earlier` are the profiles of the last batches, the newest first. `unknown` are products of which nobody knows yet
    what is usual; `releases`, how often a person has released the source: until then their rows are compared with those
    of others; `on_record`, whether the rows that are looked at are the source's newest cases already; `before`, those
    by product that came just before them, the newest first; `own`, what the source's first cases tell once they are
    many enough to stay the same. `refusals` and `newest_refusals` count the rows of the batch and those that came last,
    with those that could not be taken in, `usual_refusals` says how many are usual. `wholes` are by product the file as
    a whole, where it stands in an order, which is asked once (`is_drawn`), and `in_doubt` what of the newest rows would
    be as usual in another unit, until their order is known; what comes in parts and is never seen as a whole
    (`is_parts`: messages, pulls) may be as unlike all of them as parts of what is usual are. `added` counts by product
    what was looked at here, where a state that a person has called usual as well was learnt from few rows.
    """

    source_id: int
    batch_id: int
    started_at: datetime
    references: dict[str, Reference]
    profiles: dict[str, Profile]
    earlier: dict[str, list[Profile]]
    unknown: set[str] = field(default_factory=set)
    releases: int = 0
    slug: str = ""
    on_record: bool = False
    is_parts: bool = False
    is_drawn: bool = False
    wholes: dict[str, Whole] = field(default_factory=dict)
    before: dict[str, list[Row]] = field(default_factory=dict)
    own: dict[str, Reference] = field(default_factory=dict)
    signs: list[dict[str, Any]] = field(default_factory=list)
    first: dict[str, list[Sign]] = field(default_factory=dict)
    in_doubt: dict[str, list[Sign]] = field(default_factory=dict)
    added: dict[str, Profile] = field(default_factory=dict)
    newest: dict[str, Profile] = field(default_factory=dict)
    refusals: Profile = field(default_factory=Profile)
    newest_refusals: Profile = field(default_factory=Profile)
    usual_refusals: Profile = field(default_factory=Profile)

    def look(self, rows: dict[str, list[Row]]) -> list[dict[str, Any]]:
        """Add rows by product; the signs of them, of the batch, and of the batches together, as they now are."""
        for product, its_rows in rows.items():
            reference = self.references.get(product)
            if reference is None:
                self.unknown.add(product)
                self._look_at_first(product, its_rows)
            else:
                added = make_profile(its_rows, reference)
                self.profiles[product] = self.profiles.get(product, Profile()).add(added)
                if few_also(reference):
                    more = make_profile(its_rows, reference, common=COMMON_USUAL)
                    self.added[product] = self.added.get(product, Profile()).add(more, common=COMMON_USUAL)
                just_before = self.before.get(product, [])[: max(0, ROWS_LEAST - added.rows)]
                self.newest[product] = added.add(make_profile(just_before, reference)) if just_before else added
                order = self._order(product)
                few = not self.releases and self.profiles[product].rows < ROWS_LEAST
                if few or (order and order.features):
                    # Few rows, and enough to see what is a mistaken unit; in an order its bins may hold as many rows.
                    found = first_signs(its_rows, reference)
                    found = order.unexplained(found, added, reference) if order else found
                    scale = [sign for sign in found if sign.what == "scale"]
                    parts = misread_parts(added, reference, order) if order else []
                    self._note_first(product, found if few else scale or parts)
                elif parts := misread_parts(added, reference, Order(frozenset(), added.rows)):
                    self.in_doubt[product] = parts
                if reference.is_anew:
                    self._look_at_first(product, its_rows, reference)
        self.signs = _as_dicts(self._signs())
        return self.signs

    def settle(self) -> list[dict[str, Any]]:
        """The signs, with parts in a mistaken unit of what stands in no order; of a file in an order the look at the
        whole has said whether they are some."""
        for product, parts in self.in_doubt.items():
            if product not in self.wholes:
                self._note_first(product, parts)
        self.in_doubt = {}
        self.signs = _as_dicts(self._signs())
        return self.signs

    def look_at_whole(self, rows: dict[str, list[Row]], share: float) -> list[dict[str, Any]]:
        """Look at rows drawn from all over a file, such a share of them, where a part of it is not as usual; the signs
        as they now are. A file in an order is judged as a whole, and its parts by what the order does not explain."""
        self.is_drawn = True
        for product, its_rows in rows.items():
            features = order_of(its_rows)
            if not features:
                continue
            reference = self.references.get(product)
            profile = make_profile(its_rows, reference) if reference else Profile()
            order = Order(features, round(len(its_rows) / share))
            self.wholes[product] = Whole(profile, order)
            if reference is None or reference.is_anew:
                since = reference.since if reference else ""
                before, batches = first_cases(product, self.source_id, but=self.batch_id, since=since)
                own = make_reference(_unknown_of(before, reference), least=OWN_LEAST, batches=batches)
                noted = self.first.pop(product, [])
                self.first[product] = [sign for sign in noted if reference and sign.feature in reference.usual.missing]
                self._compare_first(product, its_rows, own, reference)
            if reference is not None:
                # The rows at hand were looked at before their order was known.
                self._note_first(product, misread_parts(self.newest.get(product, Profile()), reference, order))
        self.signs = _as_dicts(self._signs())
        return self.signs

    def count(self, accepted: int, refused: int) -> list[dict[str, Any]]:
        """Add what became of rows, a few together with those just before them; the signs as they now are."""
        added = refusals(accepted + refused, refused)
        few = self.newest_refusals.rows < ROWS_LEAST
        self.newest_refusals = self.newest_refusals.add(added) if few else added
        self.refusals = self.refusals.add(added)
        self.signs = _as_dicts(self._signs())
        return self.signs

    def _look_at_first(self, product: str, rows: Sequence[Row], known: Reference | None = None) -> None:
        """Against what is usual elsewhere, or what the source itself has sent before; a few rows of one request
        together with what came just before them. Of a product that is `known`, what nobody knows of it yet."""
        if self.releases or product in self.wholes or _are_bad(self.first.get(product, ())):
            return
        own = self.own.get(product)
        if own is None or len(rows) < FIRST_LEAST:
            before, batches = first_cases(product, self.source_id, since=known.since if known else "")
            if self.on_record:
                before = before[: max(0, len(before) - len(rows))]
            if len(rows) < FIRST_LEAST:
                taken = min(len(before), FIRST_MOST)
                before, rows = before[:-taken] if taken else before, [*before[len(before) - taken :], *rows]
            own = make_reference(_unknown_of(before, known), least=OWN_LEAST, batches=batches[: len(before)])
            if own and len(before) >= REFERENCE_LEAST:
                self.own[product] = own
        self._compare_first(product, rows[-FIRST_MOST:], own, known)

    def _compare_first(
        self, product: str, rows: Sequence[Row], own: Reference | None, known: Reference | None = None
    ) -> None:
        rows = _unknown_of(rows, known)
        usual = usual_elsewhere(product, self.source_id)
        found = first_signs(rows, usual) if usual else []
        if own and not _are_bad(found):
            # A source that lacks a column of others is only watched for it; it may break with what it sends itself.
            mine = first_signs(rows, own, is_own=True)
            found = mine if _are_bad(mine) else found or mine
        found = found or ([] if usual or own else signs_alone(rows))
        if known:
            others = [sign for sign in self.first.get(product, []) if sign.feature in known.usual.missing]
            found = [*others, *(sign for sign in found if any(sign.feature in row for row in rows))]
        self._note_first(product, found)

    def _note_first(self, product: str, found: list[Sign]) -> None:
        if found:
            self.first[product] = found

    def _signs(self) -> Iterable[tuple[str, Sign]]:
        for product, signs in self.first.items():
            yield from ((product, sign) for sign in signs)
        for product in self.newest:
            seen: set[tuple[str, str]] = set()
            reference, batch = self.references[product], self._batch(product)
            looks = self._looks(product)
            for rows, order in looks:
                nearest = likest(rows, reference)
                found = compare(rows, nearest, looks=len(looks), batch=batch)
                found = order.unexplained(found, rows, nearest) if order else found
                yield from ((product, sign) for sign in found if (sign.feature, sign.what) not in seen)
                seen |= {(sign.feature, sign.what) for sign in found if sign.grade == "bad"}
            yield from ((product, sign) for sign in self._misread(product))
        refused = self._refused()
        if refused:
            yield ALL_PRODUCTS, refused

    def _misread(self, product: str) -> list[Sign]:
        """What is in a mistaken unit of the rows that have come so far: a sorted file is held where that begins."""
        noted = {sign.feature for sign in self.first.get(product, ()) if sign.what == "scale"}
        reference, batch = self.references[product], self._batch(product)
        looks = windows(self.newest[product], self.profiles[product], self._alike(product))
        found: dict[str, Sign] = {}
        for rows in looks:
            order = self._order(product) or Order(frozenset(), rows.rows)
            for sign in misread_so_far(rows, reference, order, looks=len(looks), batch=batch):
                if sign.feature not in found or (sign.grade == "bad" and not _are_bad([found[sign.feature]])):
                    found[sign.feature] = sign
        return [sign for name, sign in found.items() if name not in noted]

    def _batch(self, product: str) -> Profile:
        return self.wholes[product].profile if product in self.wholes else self.profiles[product]

    def _order(self, product: str) -> Order | None:
        if product in self.wholes:
            return self.wholes[product].order
        reference = self.references[product]
        rows = max(usual.rows for usual in (reference.usual, *reference.also))
        return Order(frozenset(reference.ordered), rows) if self.is_parts else None

    def _looks(self, product: str) -> list[tuple[Profile, Order | None]]:
        """What is judged, with the order that may explain it: of none a file as a whole."""
        batch, order, alike = self._batch(product), self._order(product), self._alike(product)
        if product not in self.wholes:
            return [(rows, order) for rows in windows(self.newest[product], batch, alike)]
        parts = windows(self.newest[product], self.profiles[product], ())
        return [*((rows, None) for rows in windows(batch, batch, alike)), *((rows, order) for rows in parts)]

    def _alike(self, product: str) -> list[Profile]:
        """The batches before, but of weekends and working days together nobody knows what is usual."""
        reference = self.references[product]
        usual = likest(self._batch(product), reference).usual
        return [each for each in self.earlier.get(product, ()) if likest(each, reference).usual is usual]

    def _refused(self) -> Sign | None:
        looks = windows(self.newest_refusals, self.refusals, self.earlier.get(ALL_PRODUCTS, ()))
        found = [more_refused(rows, self.usual_refusals, looks=len(looks)) for rows in looks]
        signs = [sign for sign in found if sign]
        return next((sign for sign in signs if sign.grade == "bad"), signs[0] if signs else None)

    def learnable(self) -> dict[str, tuple[Reference, Profile, Profile]]:
        """By product what its batch is judged by, how it looks, and what of it was looked at here, where few rows have
        taught what is usual as well, and the batch is large enough to tell which usual state it is most alike."""
        batches = {product: self._batch(product) for product in self.added}
        return {
            product: (self.references[product], batch, self.added[product])
            for product, batch in batches.items()
            if batch.rows >= FIRST_LEAST
        }

    @property
    def is_bad(self) -> bool:
        return any(sign["grade"] == "bad" for sign in self.signs)

    def kept(self) -> dict[str, Any]:
        """As it stands with the batch."""
        drawn = [measures(now, self.references[product]) for product, now in self.profiles.items()]
        worst = {name: max(each[name] for each in drawn) for name in ("missing", "shift")} if drawn else {}
        profile = {product: now.as_dict() for product, now in self.profiles.items()}
        if self.refusals.rows:
            profile[ALL_PRODUCTS] = {**self.refusals.as_dict(), "newest": self.newest_refusals.as_dict()}
            worst["refused"] = round(self.refusals.missing[REFUSED] / self.refusals.rows, 4)
        return {"profile": profile, "signs": self.signs, "measures": worst}


def _are_bad(signs: Iterable[Sign]) -> bool:
    return any(sign.grade == "bad" for sign in signs)


def _unknown_of(rows: Sequence[Row], known: Reference | None) -> Sequence[Row]:
    """Of the rows what the reference knows nothing of, with the currency of their sums."""
    if known is None:
        return rows
    names = {name for row in rows for name in row} - known.usual.missing.keys() | {"currency"}
    return [{name: row[name] for name in names if name in row} for row in rows]


def windows(newest: Profile, batch: Profile, earlier: Sequence[Profile]) -> list[Profile]:
    """What is judged: the rows that came last, their batch, and it with the batches before, each time twice as many
    rows; the last with all of them. So a break shows in what came after it, whatever was sound before."""
    found = [newest, batch] if newest.rows < batch.rows else [batch]
    together = batch
    for place, each in enumerate(earlier, 1):
        together = together.add(each)
        if together.rows >= 2 * found[-1].rows or (place == len(earlier) and together.rows > found[-1].rows):
            found.append(together)
    return found


def _as_dicts(signs: Iterable[tuple[str, Sign]]) -> list[dict[str, Any]]:
    found = [{"product": product, **sign.as_dict()} for product, sign in signs]
    return sorted(found, key=lambda sign: sign["grade"] != "bad")[:SIGNS_KEPT]
