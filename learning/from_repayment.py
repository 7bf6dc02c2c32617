"""Outcomes worked out from the months in `portfolio/`: early bads as they are told, the others at maturity.

A loan is bad that was 90 days past due within its window, and good where all the window was told of and it never was
(`portfolio/months.py`). Good before its window is over says nothing yet and is not written: the months say it. Where
somebody told the matured outcome of a loan, that stands, and the months add nothing to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, time
from typing import Final

from django.utils import timezone

from learning.actions import ObservedOutcome, record_outcomes
from learning.label_models import MATURED, Source
from learning.labels import window_of
from learning.models import Label
from portfolio.models import Loan, RepaymentMonth
from portfolio.months import Month, first_bad, is_known_good

LOANS: Final = 500
GIVEN_BY: Final = "portfolio"


def label_repayment(*, now: datetime | None = None) -> int:
    """Work out what is due, and write it as labels. Returns how many were written.

    Two sweeps at once: the same outcome twice adds nothing. News that comes meanwhile keep their loan due.
    """
    moment = now or timezone.now()
    loans = list(Loan.objects.filter(look_at__lte=moment).select_related("case").order_by("look_at", "pk")[:LOANS])
    if not loans:
        return 0
    keys = [loan.pk for loan in loans]
    months, told = _months_of(keys), _told(keys)
    found = [each for loan in loans if (each := _outcome_of(loan, months[loan.pk], told[loan.pk], moment))]
    receipt = record_outcomes(found, given_by=GIVEN_BY)
    for loan in loans:
        ends = loan.case.applied_at + window_of(loan.case.term_months)
        still = Loan.objects.filter(pk=loan.pk, look_at=loan.look_at)
        still.update(look_at=ends if ends > moment else None)
    return receipt.accepted


def _outcome_of(loan: Loan, months: Sequence[Month], told: Sequence[Label], now: datetime) -> ObservedOutcome | None:
    """What the months add to what was told of the loan, if anything."""
    case = loan.case
    ends = case.applied_at + window_of(case.term_months)
    since, until = timezone.localtime(case.applied_at).date(), timezone.localtime(ends).date()
    bad_on = first_bad(months, until)
    if ends > now:
        if bad_on is None or any(label.source == Source.EARLY_BAD for label in told):
            return None
        seen = timezone.make_aware(datetime.combine(bad_on, time.max.replace(microsecond=0)))
        return ObservedOutcome(case.pk, min(seen, now), bad=True)
    if bad_on is None and not is_known_good(months, since, until):
        return None
    matured = [label for label in told if label.source in MATURED]
    if not matured:
        return ObservedOutcome(case.pk, ends, bad=bad_on is not None)
    last = matured[-1]
    if last.given_by != GIVEN_BY or last.is_bad == (bad_on is not None):
        return None
    # The months were restated: so is the outcome, as of now.
    return ObservedOutcome(case.pk, now, bad=bad_on is not None)


def _months_of(keys: Sequence[int]) -> dict[int, list[Month]]:
    latest = RepaymentMonth.objects.filter(loan__in=keys).order_by("loan", "as_of", "-id").distinct("loan", "as_of")
    found: dict[int, list[Month]] = defaultdict(list)
    for month in latest:
        found[month.loan_id].append(Month(month.as_of, month.dpd, month.balance == 0))
    return found


def _told(keys: Sequence[int]) -> dict[int, list[Label]]:
    labels = Label.objects.filter(case__in=keys, source__in=(Source.EARLY_BAD, *MATURED)).order_by("observed_at", "pk")
    found: dict[int, list[Label]] = defaultdict(list)
    for label in labels:
        found[label.case_id].append(label)
    return found
