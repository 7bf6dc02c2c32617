"""Looking at what a source sends while it comes in, before anything is decided on it, and what is usual for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models.query import QuerySet
from django.utils.module_loading import import_string

from cases.models import Case
from intake.first_signs import ROWS_LEAST as FIRST_LEAST
from intake.first_signs import ROWS_MOST as FIRST_MOST
from intake.first_signs import first_signs
from intake.health import (
    REFERENCE_MOST,
    ROWS_LEAST,
    Profile,
    Reference,
    Row,
    Sign,
    compare,
    make_profile,
    make_reference,
    measures,
    profile_from,
    reference_from,
)
from intake.models import Batch, Source, SourceStep
from intake.quarantine import quarantine_source
from intake.rows import ReadRow
from intake.submission import Submission

# Slow decay shows in many batches together before it shows in any one of them.
WINDOW: Final = 10
SIGNS_KEPT: Final = 20
FIELDS: Final = ("amount", "term_months", "currency", "region", "channel", "industry")


@dataclass
class Watch:
    """What one batch has looked like so far, by product, against what is usual for its source and the batches before.

    `earlier` are the profiles of the last WINDOW batches together, `unbroken_since` when the first of those began that
    ran up to now with some sign in each. `unknown` are products of which nobody knows yet what is usual;
    `looks_at_first`, whether their rows are compared with those of others, until a person has released the source.
    """

    source_id: int
    batch_id: int
    started_at: datetime
    references: dict[str, Reference]
    profiles: dict[str, Profile]
    earlier: dict[str, Profile]
    unbroken_since: datetime | None
    unknown: set[str] = field(default_factory=set)
    looks_at_first: bool = True
    signs: list[dict[str, Any]] = field(default_factory=list)
    first: dict[str, list[Sign]] = field(default_factory=dict)

    def look(self, rows: dict[str, list[Row]]) -> list[dict[str, Any]]:
        """Add rows by product; the signs of the batch, and of the batches together, as they now are."""
        for product, its_rows in rows.items():
            reference = self.references.get(product)
            if reference is None:
                self.unknown.add(product)
                self._look_at_first(product, its_rows)
            else:
                before = self.profiles.get(product, Profile())
                self.profiles[product] = before.add(make_profile(its_rows, reference))
                if self.looks_at_first and self.profiles[product].rows < ROWS_LEAST:
                    # Too few to be counted, and enough to see what is gross.
                    self._note_first(product, first_signs(its_rows, reference))
        self.signs = _as_dicts(self._signs())
        return self.signs

    def _look_at_first(self, product: str, rows: Sequence[Row]) -> None:
        """Against what is usual elsewhere; a few rows of one request together with what came just before them."""
        if not self.looks_at_first or product in self.first:
            return
        usual = usual_elsewhere(product, self.source_id)
        if usual is None:
            return
        if len(rows) < FIRST_LEAST:
            slug = Source.objects.values_list("slug", flat=True).get(pk=self.source_id)
            newest = Case.objects.filter(source=slug, product=product).order_by("-id")[:FIRST_MOST]
            rows = [*map(row_of, newest)]
        self._note_first(product, first_signs(rows[-FIRST_MOST:], usual))

    def _note_first(self, product: str, found: list[Sign]) -> None:
        if found:
            self.first[product] = found

    def _signs(self) -> Iterable[tuple[str, Sign]]:
        for product, signs in self.first.items():
            yield from ((product, sign) for sign in signs)
        for product, now in self.profiles.items():
            reference = self.references[product]
            found = compare(now, reference)
            yield from ((product, sign) for sign in found)
            seen = {(sign.feature, sign.what) for sign in found if sign.grade == "bad"}
            together = compare(now.add(self.earlier.get(product, Profile())), reference)
            yield from ((product, sign) for sign in together if (sign.feature, sign.what) not in seen)

    @property
    def is_bad(self) -> bool:
        return any(sign["grade"] == "bad" for sign in self.signs)

    def kept(self) -> dict[str, Any]:
        """As it stands with the batch."""
        drawn = [measures(now, self.references[product]) for product, now in self.profiles.items()]
        worst = {name: max(each[name] for each in drawn) for name in ("missing", "shift")} if drawn else {}
        profile = {product: now.as_dict() for product, now in self.profiles.items()}
        return {"profile": profile, "signs": self.signs, "measures": worst}


def open_watch(batch: Batch) -> Watch:
    """What is known when rows of a batch arrive: one read of the source and of its last batches."""
    source = Source.objects.get(pk=batch.source_id)
    now = Batch.objects.get(pk=batch.pk)
    released = source.steps.filter(name=SourceStep.Name.RELEASED).last()
    before = source.batches.filter(pk__lt=batch.pk).exclude(profile={}).order_by("-id")
    if released is not None:
        before = before.filter(started_at__gt=released.at)
    earlier: dict[str, Profile] = defaultdict(Profile)
    unbroken, since = True, None
    for each in before[:WINDOW]:
        for product, data in each.profile.items():
            earlier[product] = earlier[product].add(profile_from(data))
        unbroken = unbroken and bool(each.signs)
        since = each.started_at if unbroken else since
    return Watch(
        source_id=source.pk,
        batch_id=now.pk,
        started_at=now.started_at,
        references={product: reference_from(data) for product, data in source.reference.items()},
        profiles={product: profile_from(data) for product, data in now.profile.items()},
        earlier=dict(earlier),
        unbroken_since=since,
        signs=now.signs,
        looks_at_first=released is None,
    )


def usual_elsewhere(product: str, source_id: int) -> Reference | None:
    """What is usual for a product of which a source has not sent enough: what its model has learnt from, or else what
    the healthy source with the most rows sends."""
    of_model: Reference | None = import_string(settings.USUAL_OF_PRODUCT)(product)
    if of_model is not None:
        return of_model
    others = Source.objects.filter(state=Source.State.HEALTHY, reference__has_key=product).exclude(pk=source_id)
    found = [reference_from(each[product]) for each in others.values_list("reference", flat=True)]
    return max(found, key=lambda each: each.usual.rows, default=None)


def look_before(watch: Watch, rows: Sequence[ReadRow]) -> None:
    """Look at rows before they are taken in; a source that turns out bad is quarantined first, so that they wait."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.submission is not None:
            found[row.submission.product].append(row_of(row.submission))
    watch.look(found)
    if watch.is_bad:
        quarantine_if_new(watch)


def quarantine_if_new(watch: Watch) -> None:
    since = watch.unbroken_since or watch.started_at
    quarantine_source(watch.source_id, signs=watch.signs, since=since, batch_id=watch.batch_id)


def learn_unknown(watch: Watch) -> None:
    """After a batch: a product that has sent enough for the first time is known from now on. A quarantined source
    teaches nothing."""
    source = Source.objects.get(pk=watch.source_id)
    if watch.unknown and source.state == Source.State.HEALTHY:
        learn_usual(source, sorted(watch.unknown))


def look_after(batch_id: int, case_ids: Sequence[int]) -> None:
    """Look at cases that came as single messages, and keep what they add to their batch."""
    batch = Batch.objects.get(pk=batch_id)
    watch = open_watch(batch)
    found: dict[str, list[Row]] = defaultdict(list)
    for product, row in _rows_on_record(Case.objects.filter(pk__in=case_ids)):
        found[product].append(row)
    watch.look(found)
    with transaction.atomic(durable=True):
        Batch.objects.filter(pk=batch_id).update(**watch.kept())
    if watch.is_bad:
        quarantine_if_new(watch)
    learn_unknown(watch)


def row_of(case: Case | Submission) -> Row:
    """Everything about a case whose look is compared."""
    return _row(case.features, [getattr(case, name) for name in FIELDS])


def _rows_on_record(cases: QuerySet[Case]) -> Iterator[tuple[str, Row]]:
    """(product, what `row_of` tells) of cases; no objects are made of them, which would cost more than the looking."""
    for product, features, *told in cases.values_list("product", "features", *FIELDS):
        yield product, _row(features, told)


def _row(features: Mapping[str, Any], told: Sequence[Any]) -> Row:
    fields = dict(zip(FIELDS, told, strict=True))
    return {**features, **{name: value or None for name, value in fields.items()}, "amount": float(fields["amount"])}


def learn_usual(source: Source, products: Iterable[str], *, since: datetime | None = None) -> list[str]:
    """Learn what is usual for products of a source from its newest cases (of those that came since), where there are
    enough of them; those learnt."""
    learnt = {}
    for product in products:
        cases = Case.objects.filter(source=source.slug, product=product).order_by("-id")
        cases = cases.filter(received_at__gte=since) if since else cases
        made = make_reference([row for _product, row in _rows_on_record(cases[:REFERENCE_MOST])])
        if made is not None:
            learnt[product] = made.as_dict()
    if learnt:
        with transaction.atomic(durable=True):
            known = Source.objects.select_for_update().values_list("reference", flat=True).get(pk=source.pk)
            Source.objects.filter(pk=source.pk).update(reference={**known, **learnt})
    return sorted(learnt)


def _as_dicts(signs: Iterable[tuple[str, Sign]]) -> list[dict[str, Any]]:
    found = [{"product": product, **sign.as_dict()} for product, sign in signs]
    return sorted(found, key=lambda sign: sign["grade"] != "bad")[:SIGNS_KEPT]
