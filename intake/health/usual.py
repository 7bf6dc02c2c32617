"""What is usual for a source and a product: what its own cases and those of others tell, and what a person says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Min
from django.db.models.functions import Mod
from django.db.models.query import QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from cases.models import Case
from intake.health.carried import carried, read_by, renamed_product, taught, usual_of
from intake.health.case_rows import rows_by_batch
from intake.health.health import likest
from intake.health.ordered import order_of, ordered_features
from intake.health.past_usual import cases_before, rows_before, spelled_out
from intake.health.profiles import (
    ALL_PRODUCTS,
    COMMON_USUAL,
    REFERENCE_LEAST,
    REFERENCE_MOST,
    Profile,
    Reference,
    Row,
    make_profile,
    make_reference,
    reference_from,
)
from intake.mapped.case_mapping import CaseMapping
from intake.models import Batch, CaseOrigin, Source, SourceStep

# So many rows of a source's own tell what is grossly otherwise, until it has sent enough to know what is usual.
OWN_LEAST: Final = 50
# So many kinds of rows beside the first ones may be usual, the newest.
ALSO_MOST: Final = 5


def first_cases(
    product: str, source_id: int, *, but: int | None = None, since: str = ""
) -> tuple[list[Row], list[int | None]]:
    """The first cases of a product that a source has sent (since then, ISO), in their order, and in which batch each
    came: fewer than are needed to know it, and none of the batch `but`."""
    slug = Source.objects.values_list("slug", flat=True).get(pk=source_id)
    cases = Case.objects.filter(source=slug, product=product).order_by("id")
    cases = cases.exclude(origin__batch=but) if but else cases
    cases = cases.filter(received_at__gte=datetime.fromisoformat(since)) if since else cases
    return rows_by_batch(cases[:REFERENCE_LEAST])


def usual_elsewhere(product: str, source_id: int) -> Reference | None:
    """What is usual for a product of which a source has not sent enough: what its model has learnt from, or else what
    the source with the most rows sends, a healthy one if there is any: a quarantined one has taught it before."""
    of_model: Reference | None = import_string(settings.USUAL_OF_PRODUCT)(product)
    if of_model is not None:
        return of_model
    others = Source.objects.filter(reference__has_key=product).exclude(pk=source_id).values_list("state", "reference")
    found = [(state == Source.State.HEALTHY, reference_from(each[product])) for state, each in others]
    return max(found, key=lambda each: (each[0], each[1].usual.rows), default=(False, None))[1]


def learn_usual(
    source: Source, products: Iterable[str], *, since: datetime | None = None, least: int = REFERENCE_LEAST
) -> list[str]:
    """Learn what is usual for products of a source from its newest cases (of those that came since), where there are
    so many of them; those learnt. What fewer than REFERENCE_LEAST have taught is learnt once more when so many came."""
    learnt = {}
    for product in products:
        cases = Case.objects.filter(source=source.slug, product=product).order_by("-id")
        cases = cases.filter(received_at__gte=since) if since else cases
        rows, batches = rows_by_batch(_newest(cases))
        made = make_reference(rows, least=least, batches=batches)
        if made is not None:
            is_anew = len(rows) < REFERENCE_LEAST and since is not None
            from_then = since if is_anew else since and timezone.now()
            learnt[product] = replace(
                made,
                ordered=sorted(ordered_features(rows, made)),
                since=from_then.isoformat() if from_then else "",
                is_anew=is_anew,
            ).as_dict()
    if learnt:
        _keep(source, learnt)
    return sorted(learnt)


def learn_also_usual(source: Source) -> list[str]:
    """Learn for each product that was bad when a person released the source that what came since the batch that
    quarantined it is usual beside what was usual before: each look is judged against what it is most alike of these.
    Where that is less than OWN_LEAST cases, the newest so many tell that came as bad; the products with enough."""
    step = source.steps.filter(name=SourceStep.Name.QUARANTINED).latest("pk")
    batch = Batch.objects.filter(pk=step.facts["batch"]).first()
    since = batch.started_at if batch else datetime.fromisoformat(step.facts["since"])
    learnt, told = {}, []
    for product, first in _came_as_bad(source).items():
        every = Case.objects.filter(source=source.slug, product=product).order_by("-id")
        rows, _batches = rows_by_batch(_newest(every.filter(received_at__gte=since)))
        if len(rows) < OWN_LEAST:
            rows, _batches = rows_by_batch(every.filter(received_at__gte=first)[:OWN_LEAST])
        if len(rows) < OWN_LEAST:
            continue
        told.append(product)
        # Of a product that nobody knows yet all that came is learnt once there is enough, these cases as well.
        if product in source.reference:
            reference = reference_from(source.reference[product])
            state = make_profile(rows, reference, common=COMMON_USUAL)
            ordered = {*reference.ordered, *order_of(rows)}
            also = (*reference.also, state)[-ALSO_MOST:]
            learnt[product] = replace(reference, also=also, ordered=sorted(ordered)).as_dict()
    if learnt:
        _keep(source, learnt)
    return told


def few_also(reference: Reference) -> bool:
    """Whether few rows have taught something that a person has called usual as well."""
    return any(usual.rows < REFERENCE_LEAST for usual in reference.also)


def learn_more_also(source: Source, came: Mapping[str, tuple[Reference, Profile, Profile]]) -> None:
    """Add what came of a batch that was not bad to what a person has called usual as well, where that is what the batch
    is most alike and few rows have taught it; from REFERENCE_LEAST rows on it moves no more. What fifty rows were by
    chance would be told of as a break of all that come later. `came` is by product what the batch was judged by, how it
    looks, and what is added of it."""
    if not came:
        return
    with transaction.atomic(durable=True):
        # Two batches that end at once: each adds to what the other has left.
        known = Source.objects.select_for_update().values_list("reference", flat=True).get(pk=source.pk)
        for product, (judged_by, batch, added) in came.items():
            reference = reference_from(known[product]) if product in known else None
            # By a mapping that people signed meanwhile the rows would count otherwise.
            if reference and replace(reference, also=()) == replace(judged_by, also=()):
                nearest = likest(batch, reference).usual
                also = [
                    grown(each, added) if each is nearest and each.rows < REFERENCE_LEAST else each
                    for each in reference.also
                ]
                known[product] = replace(reference, also=also).as_dict()
        Source.objects.filter(pk=source.pk).update(reference=known)


def grown(usual: Profile, added: Profile) -> Profile:
    """What is usual, with more rows that tell of it."""
    both = usual.add(added, common=COMMON_USUAL)
    # A sum of counters forgets noughts: what is never missing would not be compared from here on.
    return replace(both, missing=Counter({name: both.missing[name] for name in usual.missing}))


def learn_new_usual(source: Source) -> list[str]:
    """Learn for each product that was bad when a person released the source that what came since the first sign is what
    is usual now; the products with enough cases, OWN_LEAST at least."""
    return [
        product
        for product, first in _came_as_bad(source).items()
        if learn_usual(source, [product], since=first, least=OWN_LEAST)
    ]


def bad_when_released(source: Source) -> list[str]:
    """The products that were bad when a person last released a source; ALL_PRODUCTS among them where too many rows were
    refused."""
    products: list[str] = source.steps.filter(name=SourceStep.Name.RELEASED).latest("pk").facts["products"]
    return products


def _came_as_bad(source: Source) -> dict[str, datetime]:
    """The products that were bad when a person last released a source, and since when they came so: since the first
    sign, or since that of the releases before with the same answer, where too few cases had come to keep it."""
    found: dict[str, datetime] = {}
    released = source.steps.filter(name=SourceStep.Name.RELEASED).order_by("-pk").values_list("at", "facts")
    (_at, answer), *before = released
    for product in bad_when_released(source):
        if product == ALL_PRODUCTS:
            continue
        found[product] = datetime.fromisoformat(answer["since"])
        for at, facts in before:
            first = datetime.fromisoformat(facts["since"])
            is_same = facts.get("usual") == answer["usual"] and product in facts["products"]
            cases = Case.objects.filter(source=source.slug, product=product, received_at__range=(first, at))
            if not is_same or cases[:OWN_LEAST].count() == OWN_LEAST:
                break
            found[product] = first
    return found


def learn_anew(source: Source, products: Iterable[str]) -> None:
    """Learn what is usual for those of the products that people have signed another mapping for, once enough cases came
    by it."""
    for product in products:
        reference = reference_from(source.reference[product])
        if reference.is_anew and learn_usual(source, [product], since=datetime.fromisoformat(reference.since)):
            forget_open_batches(source)


def carry_usual(source_id: int, before: CaseMapping, after: CaseMapping) -> None:
    """Carry what is usual for a source over to a mapping that takes the place of another, inside the caller's
    transaction. What it reads in another way, and products that were called otherwise, are told by the rows that came
    before, which are read before anybody has to wait for the source."""
    slug = Source.objects.values_list("slug", flat=True).get(pk=source_id)
    past = rows_before(slug, after)
    if before.rest_as_features or after.rest_as_features:
        before, after = spelled_out(before, past), spelled_out(after, past)
    told = cases_before(past, after)
    at = timezone.now()
    source = Source.objects.select_for_update().get(pk=source_id)
    known = {product: reference_from(data) for product, data in source.reference.items()}
    now = {product: carried(each, before, after, at=at) for product, each in known.items()}
    renamed = renamed_product(before, after)
    if renamed and renamed[0] in now:
        called = now.pop(renamed[0])
        now = {renamed[1]: replace(called, products=[*called.products, renamed[0]])} | now
    for product, cases in told.items():
        if product not in now:
            made = usual_of(cases.rows, cases.batches)
            now |= {product: made} if made else {}
        else:
            now[product] = taught(now[product], cases.rows, cases.batches, read_by(after))
    if now != known:
        Source.objects.filter(pk=source_id).update(reference={name: each.as_dict() for name, each in now.items()})
        forget_open_batches(source)


def forget_open_batches(source: Source) -> None:
    """What was counted of the batches that go on is told by other names and bins from here on: they begin anew."""
    source.batches.filter(finished_at=None).update(profile={}, signs=[])


def _newest(cases: QuerySet[Case]) -> QuerySet[Case]:
    """The newest of these cases (the newest first), REFERENCE_MOST at most; where more came since the newest batch
    began, some from all over it: the last of a file that is sorted are of one kind."""
    last = cases.values_list("origin__batch", flat=True).first()
    # By the key of its first case, not by the batch of each: of a source that the database's statistics do not know yet
    # every case of the file would be compared with every origin of it.
    first = CaseOrigin.objects.filter(batch=last).aggregate(Min("case"))["case__min"] if last else None
    together = cases.filter(pk__gte=first) if first else cases
    every = -(-together.count() // REFERENCE_MOST) if first else 1
    return (together.alias(turn=Mod("pk", every)).filter(turn=0) if every > 1 else cases)[:REFERENCE_MOST]


def _keep(source: Source, learnt: Mapping[str, Any]) -> None:
    with transaction.atomic(durable=True):
        known = Source.objects.select_for_update().values_list("reference", flat=True).get(pk=source.pk)
        Source.objects.filter(pk=source.pk).update(reference={**known, **learnt})
