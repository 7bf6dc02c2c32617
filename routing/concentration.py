"""How much of what was granted lies in one industry or region: summed up now and then, and kept true in between.

The sum over a whole book takes seconds at a million cases, so it is kept for some minutes; what was approved since is
few, and added each time. So a cap is not overrun by what came between two sums.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import numpy as np
from django.db import transaction
from django.db.models import Max, Q, QuerySet, Sum
from django.utils import timezone

from cases.locks import hold
from cases.models import Case, CaseEvent
from cases.states import State
from routing.facts import Facts
from routing.models import Concentration, Policy
from routing.policy import APPROVE, Routed, route
from routing.record import used_fields
from routing.table.columns import BoolArray, Coded, FloatArray, word_of
from routing.terms import Terms

# The fields that rules may ask about, and the fact of a case that each is the share of.
SHARES: Final[Mapping[str, str]] = {"industry_share": "industry", "region_share": "region"}
OLDEST: Final = timedelta(minutes=5)
# An approval that is being written has a time before it can be seen: so old it is seen, or was undone.
SETTLED: Final = timedelta(minutes=1)
# How often the cases of a chunk are routed anew until the share of each counts the approvals before it.
MOST_ROUNDS: Final = 20


@dataclass(frozen=True)
class Book:
    """What was granted of a product: `parts` by dimension and value, `whole` of all; `as_of` None: never summed up."""

    whole: float = 0.0
    parts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    as_of: datetime | None = None

    def shares(
        self, words: Mapping[str, Coded], exposure: FloatArray, granted: BoolArray, *, held: BoolArray | None = None
    ) -> dict[str, FloatArray]:
        """By field the share (n,) of each case's industry or region, the case itself counted in, with all cases before
        it that are `granted` (n,); whose own amount the book has already (`held`) counts once. NaN where the case has
        no word, and where there is no book that it could be a share of."""
        given = np.where(granted, exposure, 0.0)
        own = exposure if held is None else np.where(held, 0.0, exposure)
        whole = self.whole + np.cumsum(given) - given
        if self.as_of is None:
            whole = np.full(len(exposure), np.nan)
        found = {}
        for key, dimension in SHARES.items():
            column, part = words[dimension], np.zeros(len(exposure))
            for code, word in enumerate(column.words):
                here = column.codes == code
                before = np.cumsum(np.where(here, given, 0.0)) - given
                part[here] = (self.parts.get(dimension, {}).get(word, 0.0) + before)[here]
            known = np.array([*(bool(word) for word in column.words), False])[column.codes] & (whole > 0)
            with np.errstate(divide="ignore", invalid="ignore"):
                found[key] = np.where(known, (part + own) / (whole + own), np.nan)
        return found


def asks(terms: Terms) -> bool:
    """Whether some table of the version asks how much lies where."""
    return bool(SHARES.keys() & set(used_fields(terms)))


def sum_up_concentration() -> int:
    """Sum up every product whose policy, in force or waiting, asks for it. Returns how many were summed up."""
    live = Policy.objects.filter(status__in=(Policy.Status.ACTIVE, Policy.Status.SCHEDULED))
    return sum(sum_up(product) for product in sorted({policy.product for policy in live if _asks(policy)}))


def sum_up_for(policy: Policy | None) -> bool:
    """Before a version comes into force: the sums that it asks for. Whether they were made."""
    return policy is not None and _asks(policy) and sum_up(policy.product)


def _asks(policy: Policy) -> bool:
    try:
        return asks(Terms.from_dict(policy.terms))
    except ValueError:
        return False


def summed_at(product: str) -> datetime | None:
    """As of when the product was last summed up; None: never."""
    last: datetime | None = Concentration.objects.filter(product=product).aggregate(last=Max("as_of"))["last"]
    return last


def sum_up(product: str) -> bool:
    """Sum up what was granted of a product, unless its sums are younger than OLDEST. Whether they were made."""
    last, as_of = summed_at(product), timezone.now() - SETTLED
    if last is not None and as_of - last < OLDEST:
        return False
    # One statement each: what is approved meanwhile is either in a sum, or later than it by its event.
    granted = _granted(product).exclude(pk__in=_approved_since(as_of).values("case_id"))
    total = granted.aggregate(total=Sum("amount"))["total"] or Decimal(0)
    rows = []
    for dimension in SHARES.values():
        sums: dict[str, Decimal] = {}
        for word, amount in granted.values_list(dimension).annotate(Sum("amount")).order_by():
            sums[word_of(word)] = sums.get(word_of(word), Decimal(0)) + amount
        # Of no word there is always a row: it says that the book was summed up, be it empty.
        rows += [
            Concentration(product=product, dimension=dimension, value=value, exposure=part, total=total, as_of=as_of)
            for value, part in {"": Decimal(0), **sums}.items()
        ]
    with transaction.atomic(durable=True):
        # Two sweeps at once: the second one replaces the first one's sums by its own, never half of them.
        hold(_lock(product))
        Concentration.objects.filter(product=product).delete()
        Concentration.objects.bulk_create(rows)
    return True


def book_of(product: str) -> Book:
    """The book as it stands: the last sums, and what was approved since."""
    rows = Concentration.objects.filter(product=product)
    sums = list(rows.values_list("dimension", "value", "exposure", "total", "as_of"))
    if not sums:
        return Book()
    whole, as_of = float(sums[0][3]), sums[0][4]
    parts: dict[str, dict[str, float]] = {dimension: {} for dimension in SHARES.values()}
    for dimension, value, exposure, _total, _at in sums:
        parts[dimension][value] = float(exposure)
    since = _granted(product).filter(pk__in=_approved_since(as_of).values("case_id"))
    for industry, region, amount in since.values_list("industry", "region", "amount"):
        whole += float(amount)
        for dimension, value in (("industry", word_of(industry)), ("region", word_of(region))):
            parts[dimension][value] = parts[dimension].get(value, 0.0) + float(amount)
    return Book(whole, parts, as_of)


def _granted(product: str) -> QuerySet[Case]:
    granted: QuerySet[Case] = Case.objects.filter(product=product, state=State.APPROVED)
    return granted


def _approved_since(as_of: datetime) -> QuerySet[CaseEvent]:
    return CaseEvent.objects.filter(Q(at__gt=as_of), to_state=State.APPROVED)


def _lock(product: str) -> str:
    return f"concentration of {product}"


def route_in_order(terms: Terms, facts: Facts, cases: Sequence[Case]) -> tuple[Facts, Routed]:
    """Route the cases of a chunk as if they came one after the other: the share of each counts what the machine
    approves before it. Returns the facts with these shares too.

    Inside the transaction that writes the routes: the product's book is held, so that of two workers the second counts
    what the first one approved. What a round changes lies behind what it leaves, so the rounds come to an end; cases
    on which they did not agree in MOST_ROUNDS have no known share, and people look.
    """
    if not asks(terms):
        return facts, route(terms, facts)
    product = cases[0].product
    hold(_lock(product))
    book = book_of(product)
    words = {dimension: Coded.of([getattr(case, dimension) for case in cases]) for dimension in SHARES.values()}
    return _settled(terms, facts, lambda granted: book.shares(words, facts.exposure, granted))


def _settled(terms: Terms, facts: Facts, shares: Callable[[BoolArray], dict[str, FloatArray]]) -> tuple[Facts, Routed]:
    granted = np.zeros(len(facts), dtype=np.bool_)
    for _round in range(MOST_ROUNDS):
        told = shares(granted)
        counted = replace(facts, columns={**facts.columns, **told})
        routed = route(terms, counted)
        before, granted = granted, routed.way == APPROVE
        if np.array_equal(before, granted):
            return counted, routed
    first = int(np.argmax(before != granted))
    unknown = {key: np.where(np.arange(len(facts)) < first, share, np.nan) for key, share in told.items()}
    counted = replace(facts, columns={**facts.columns, **unknown})
    return counted, route(terms, counted)
