"""How much of what was granted lies in one industry or region, summed up now and then for the rules that ask."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.db.models import Max, Sum
from django.utils import timezone

from cases.locks import hold
from cases.models import Case
from cases.standing import released_q
from cases.states import State
from routing.models import Concentration, Policy
from routing.record import used_fields
from routing.terms import Terms

DIMENSIONS: Final = ("industry", "region")
FIELDS: Final = frozenset({"industry_share", "region_share"})
# A sum over the whole book takes seconds at a million cases, and one loan more moves no share that a rule is about.
OLDEST: Final = timedelta(minutes=5)


def sum_up_concentration() -> int:
    """Sum up every product whose policy asks for it and whose sums are older than OLDEST. Returns how many were."""
    return sum(
        _sum_up(policy.product) for policy in Policy.objects.filter(status=Policy.Status.ACTIVE) if _asks(policy)
    )


def _asks(policy: Policy) -> bool:
    try:
        return bool(FIELDS & set(used_fields(Terms.from_dict(policy.terms))))
    except ValueError:
        return False


def _sum_up(product: str) -> bool:
    mine = Concentration.objects.filter(product=product)
    last = mine.aggregate(last=Max("as_of"))["last"]
    now = timezone.now()
    if last is not None and now - last < OLDEST:
        return False
    granted = Case.objects.filter(released_q(), product=product, state=State.APPROVED)
    total = granted.aggregate(total=Sum("amount"))["total"] or Decimal(0)
    rows = [
        Concentration(product=product, dimension=dimension, value=value, exposure=exposure, total=total, as_of=now)
        for dimension in DIMENSIONS
        for value, exposure in granted.exclude(**{dimension: ""})
        .values_list(dimension)
        .annotate(Sum("amount"))
        .order_by()
    ]
    with transaction.atomic(durable=True):
        # Two sweeps at once: the second one replaces the first one's sums by its own, never half of them.
        hold(f"concentration of {product}")
        mine.delete()
        Concentration.objects.bulk_create(rows)
    return True
