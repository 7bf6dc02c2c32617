"""Reading overrides: decisions against the advice with what stood behind them then, and what came of their loans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from cases.models import Review, Signature
from cases.standing import settled
from cases.states import Kind, Outcome, State
from learning.label_models import MATURED
from learning.matured import matured_bad, window_end
from learning.models import Label
from learning.overrides import Override, band_of
from routing.models import Route
from scoring.models import Assessment

# The newest are read; more than that says nothing new.
MOST_OVERRIDES: Final = 20_000
MOST_COHORT: Final = 20_000
MONEY: Final = ("exposure", "margin", "loss_given_default")


def as_of_decision(reviews: QuerySet[Review]) -> QuerySet[Any]:
    """Reviews with the assessment and the route that stood when each was decided: nothing that came later."""
    before = {"case": OuterRef("case"), "case_version__lte": OuterRef("seen_version")}
    assessed = Assessment.objects.filter(**before).order_by("-case_version")
    routed = Route.objects.filter(**before).order_by("-case_version")
    return reviews.annotate(
        then_pd=Subquery(assessed.values("pd")[:1]),
        then_low=Subquery(assessed.values("pd_low")[:1]),
        then_high=Subquery(assessed.values("pd_high")[:1]),
        economics=Subquery(routed.values("economics")[:1]),
    )


def read_overrides(since: datetime) -> list[Override]:
    """The overrides of applications decided since then, the oldest first. One statement."""
    corrected = Signature.objects.filter(review=OuterRef("pk"), corrected_codes__isnull=False).order_by("-pk")
    against = settled(Review.objects.filter(is_override=True, at__gte=since, case__kind=Kind.APPLICATION))
    rows = as_of_decision(against).annotate(
        bad=matured_bad("case"),
        codes=Coalesce(Subquery(corrected.values("corrected_codes")[:1]), F("reason_codes")),
    )
    newest = rows.order_by("-at", "-pk").values(
        "pk", "outcome", "codes", "bad", "then_pd", "then_low", "then_high", "economics", "case_id",
        "reviewer__username", "case__product", "case__applicant__segment", "case__currency", "case__amount",
        "case__state", "case__outcome", "case__released_at", "case__applied_at", "case__term_months",
    )[:MOST_OVERRIDES]  # fmt: skip
    now = timezone.now()
    return [_override(row, now) for row in newest][::-1]


def _override(row: Mapping[str, Any], now: datetime) -> Override:
    exposure, margin, loss = ((row["economics"] or {}).get(name) for name in MONEY)
    released = row["case__released_at"] is None or row["case__released_at"] <= now
    decided = released and row["case__state"] in (State.APPROVED, State.DECLINED)
    granted = decided and row["case__outcome"] == Outcome.APPROVE
    return Override(
        key=row["pk"],
        case=row["case_id"],
        direction="rescue" if row["outcome"] == Outcome.APPROVE else "reject",
        reviewer=row["reviewer__username"],
        product=row["case__product"],
        segment=row["case__applicant__segment"],
        reasons=tuple(row["codes"]),
        currency=row["case__currency"],
        exposure=float(row["case__amount"]) if exposure is None else exposure,
        margin=margin,
        loss=loss,
        pd=row["then_pd"],
        pd_low=row["then_low"],
        pd_high=row["then_high"],
        decided=decided,
        granted=granted,
        bad=row["bad"] if granted else None,
        window_ends=timezone.localdate(window_end(row["case__applied_at"], row["case__term_months"])),
    )


def once_a_case(overrides: Iterable[Override]) -> list[Override]:
    """The last override of each case and direction: where two people decided one case alike, its money counts once."""
    return list({(each.case, each.direction): each for each in overrides}.values())


def read_cohorts() -> dict[tuple[str, int], tuple[int, int]]:
    """Bads and loans among the newest matured ones that were approved as advised, by product and band of PD. One
    statement."""
    approved = Label.objects.filter(
        source__in=MATURED,
        case__outcome=Outcome.APPROVE,
        case__advice=Outcome.APPROVE,
        case__pd__isnull=False,
    )
    newest = approved.order_by("-pk").values_list("case", "observed_at", "pk", "is_bad", "case__product", "case__pd")
    latest: dict[int, tuple[datetime, int, bool, str, float]] = {}
    for case, at, key, bad, product, pd in newest[:MOST_COHORT]:
        told = (at, key, bool(bad), product, float(pd or 0.0))
        latest[case] = max(latest.get(case, told), told)
    loans, bads = Counter[tuple[str, int]](), Counter[tuple[str, int]]()
    for _at, _key, is_bad, name, chance in latest.values():
        loans[name, band_of(chance)] += 1
        bads[name, band_of(chance)] += is_bad
    return {key: (bads[key], count) for key, count in loans.items()}


def named(overrides: Iterable[Override], **wanted: str) -> list[Override]:
    """Those whose fields are as `wanted` says ("" for any); `reason` is one of theirs."""
    reason = wanted.pop("reason", "")
    return [
        each
        for each in overrides
        if (not reason or reason in each.reasons)
        and all(not value or getattr(each, name) == value for name, value in wanted.items())
    ]
