"""Looking at what a source sends while it comes in, before anything is decided on it, and what is usual for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models.query import QuerySet

from cases.models import Case
from intake.batches_before import first_sign_of, profiles_before
from intake.case_rows import by_product, row_of
from intake.first_signs import ROWS_LEAST as FIRST_LEAST
from intake.first_signs import ROWS_MOST as FIRST_MOST
from intake.first_signs import first_signs, signs_alone
from intake.health import ROWS_LEAST, Sign, compare, likest, measures, more_refused
from intake.models import Batch, Source, SourceStep
from intake.profiles import (
    ALL_PRODUCTS,
    REFERENCE_LEAST,
    REFUSED,
    Profile,
    Reference,
    Row,
    make_profile,
    make_reference,
    profile_from,
    reference_from,
    refusals,
)
from intake.quarantine import quarantine_source, releases_of
from intake.refusals import learn_refusals, usual_refusals
from intake.returned import ROW
from intake.rows import ReadRow
from intake.usual import OWN_LEAST, first_cases, learn_usual, usual_elsewhere

# The rows just before a few are sought among so many cases of all sources.
NEAR: Final = 2_000
SIGNS_KEPT: Final = 20


@dataclass
class Watch:
    """What one batch has looked like so far, by product, against what is usual for its source and the batches before.

    `earlier` are the profiles of the last batches, the newest first. `unknown` are products of which nobody knows yet
    what is usual; `releases`, how often a person has released the source: until then their rows are compared with those
    of others; `on_record`, whether the rows that are looked at are the source's newest cases already; `before`, those
    by product that came just before them, the newest first; `own`, what the source's first cases tell once they are
    many enough to stay the same. `refusals` and `newest_refusals` count the rows of the batch and those that came last,
    with those that could not be taken in, `usual_refusals` says how many are usual.
    """

    source_id: int
    batch_id: int
    started_at: datetime
    references: dict[str, Reference]
    profiles: dict[str, Profile]
    earlier: dict[str, list[Profile]]
    unknown: set[str] = field(default_factory=set)
    releases: int = 0
    on_record: bool = False
    before: dict[str, list[Row]] = field(default_factory=dict)
    own: dict[str, Reference] = field(default_factory=dict)
    signs: list[dict[str, Any]] = field(default_factory=list)
    first: dict[str, list[Sign]] = field(default_factory=dict)
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
                just_before = self.before.get(product, [])[: max(0, ROWS_LEAST - added.rows)]
                self.newest[product] = added.add(make_profile(just_before, reference)) if just_before else added
                if not self.releases and self.profiles[product].rows < ROWS_LEAST:
                    # Few rows, and enough to see what is a mistaken unit.
                    self._note_first(product, first_signs(its_rows, reference))
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

    def _look_at_first(self, product: str, rows: Sequence[Row]) -> None:
        """Against what is usual elsewhere, or what the source itself has sent before; a few rows of one request
        together with what came just before them."""
        if self.releases or _are_bad(self.first.get(product, ())):
            return
        own = self.own.get(product)
        if own is None or len(rows) < FIRST_LEAST:
            before, batches = first_cases(product, self.source_id)
            if self.on_record:
                before = before[: max(0, len(before) - len(rows))]
            if len(rows) < FIRST_LEAST:
                taken = min(len(before), FIRST_MOST)
                before, rows = before[:-taken] if taken else before, [*before[len(before) - taken :], *rows]
            own = make_reference(before, least=OWN_LEAST, batches=batches[: len(before)])
            if own and len(before) >= REFERENCE_LEAST:
                self.own[product] = own
        rows = rows[-FIRST_MOST:]
        usual = usual_elsewhere(product, self.source_id)
        found = first_signs(rows, usual) if usual else []
        if own and not _are_bad(found):
            # A source that lacks a column of others is only watched for it; it may break with what it sends itself.
            mine = first_signs(rows, own, is_own=True)
            found = mine if _are_bad(mine) else found or mine
        self._note_first(product, found or ([] if usual or own else signs_alone(rows)))

    def _note_first(self, product: str, found: list[Sign]) -> None:
        if found:
            self.first[product] = found

    def _signs(self) -> Iterable[tuple[str, Sign]]:
        for product, signs in self.first.items():
            yield from ((product, sign) for sign in signs)
        for product, newest in self.newest.items():
            seen: set[tuple[str, str]] = set()
            reference, batch = self.references[product], self.profiles[product]
            usual = likest(batch, reference).usual
            # Of weekends and working days together nobody knows what is usual.
            alike = [each for each in self.earlier.get(product, ()) if likest(each, reference).usual is usual]
            looks = windows(newest, batch, alike)
            for rows in looks:
                found = compare(rows, likest(rows, reference), looks=len(looks), batch=batch)
                yield from ((product, sign) for sign in found if (sign.feature, sign.what) not in seen)
                seen |= {(sign.feature, sign.what) for sign in found if sign.grade == "bad"}
        refused = self._refused()
        if refused:
            yield ALL_PRODUCTS, refused

    def _refused(self) -> Sign | None:
        looks = windows(self.newest_refusals, self.refusals, self.earlier.get(ALL_PRODUCTS, ()))
        found = [more_refused(rows, self.usual_refusals, looks=len(looks)) for rows in looks]
        signs = [sign for sign in found if sign]
        return next((sign for sign in signs if sign.grade == "bad"), signs[0] if signs else None)

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


def open_watch(batch: Batch) -> Watch:
    """What is known when rows of a batch arrive: one read of the source and of its last batches."""
    source = Source.objects.get(pk=batch.source_id)
    # Read before the batch: of a release in between, which empties the batch, the look knows nothing then.
    releases = releases_of(source)
    now = Batch.objects.get(pk=batch.pk)
    profiles = {product: profile_from(data) for product, data in now.profile.items()}
    earlier: dict[str, list[Profile]] = defaultdict(list)
    for profile in profiles_before(batch):
        for product, data in profile.items():
            earlier[product].append(profile_from(data))
    return Watch(
        source_id=source.pk,
        batch_id=now.pk,
        started_at=now.started_at,
        references={product: reference_from(data) for product, data in source.reference.items()},
        refusals=profiles.pop(ALL_PRODUCTS, Profile()),
        newest_refusals=profile_from(now.profile.get(ALL_PRODUCTS, {}).get("newest", {})),
        usual_refusals=usual_refusals(source, before=batch),
        profiles=profiles,
        earlier=dict(earlier),
        signs=now.signs,
        releases=releases,
    )


def look_before(watch: Watch, rows: Sequence[ReadRow]) -> None:
    """Look at rows before they are taken in; a source that turns out bad is quarantined first, so that they wait. Rows
    that were given out to be mended are few and odd by nature: of those only what is refused again tells anything."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.submission is not None and ROW not in row.raw:
            found[row.submission.product].append(row_of(row.submission))
    watch.look(found)
    if watch.is_bad:
        quarantine_if_new(watch)


def quarantine_if_new(watch: Watch) -> None:
    since = first_sign_of(watch.signs, source_id=watch.source_id, batch_id=watch.batch_id, started_at=watch.started_at)
    quarantine_source(watch.source_id, signs=watch.signs, since=since, batch_id=watch.batch_id, releases=watch.releases)


def learn_unknown(watch: Watch) -> None:
    """After a batch: a product that has sent enough for the first time is known from now on, as is how many rows are
    refused. A quarantined source teaches nothing."""
    source = Source.objects.get(pk=watch.source_id)
    if source.state == Source.State.HEALTHY:
        learn_refusals(source)
        if watch.unknown:
            learn_usual(source, sorted(watch.unknown))


def look_after(batch_id: int, case_ids: Sequence[int]) -> Watch:
    """Look at cases that came as messages; a source that turns out bad is quarantined."""
    batch = Batch.objects.select_related("source").get(pk=batch_id)
    watch = open_watch(batch)
    watch.on_record = True
    mine = _since_release(batch)
    found = by_product(mine.filter(pk__in=case_ids))
    if 0 < len(case_ids) < ROWS_LEAST:
        # Each by itself they are too few to tell, and all of an hour hide a break: what came last shows it.
        first = min(case_ids)
        watch.before = by_product(mine.filter(pk__lt=first, pk__gte=first - NEAR).order_by("-pk")[:ROWS_LEAST])
    watch.look(found)
    if watch.is_bad:
        quarantine_if_new(watch)
    return watch


def _since_release(batch: Batch) -> QuerySet[Case]:
    """The cases of its source, without those from before a person released it: that person has looked into them."""
    cases: QuerySet[Case] = Case.objects.filter(source=batch.source.slug)
    released = SourceStep.objects.filter(source=batch.source_id, name=SourceStep.Name.RELEASED).last()
    return cases.filter(received_at__gt=released.at) if released else cases


def _as_dicts(signs: Iterable[tuple[str, Sign]]) -> list[dict[str, Any]]:
    found = [{"product": product, **sign.as_dict()} for product, sign in signs]
    return sorted(found, key=lambda sign: sign["grade"] != "bad")[:SIGNS_KEPT]
