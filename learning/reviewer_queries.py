"""Reading what reviewers decided, with all that their figures are worked out from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Case as Cases
from django.db.models import Count, F, OuterRef, Q, Subquery, Value, When, Window
from django.db.models.functions import Length, Lower, Trim, TruncMonth
from django.utils import timezone

from cases.models import Opinion, Review
from cases.office import OFFICE
from cases.standing import settled
from cases.states import APPLICATION_OUTCOMES, Kind, Outcome
from learning.matured import matured_bad
from learning.reviewers import Decision
from learning.small_cells import Cell

# The newest are read.
MOST_DECISIONS: Final = 50_000
GROUPS: Final = {"region": "case__region", "segment": "case__applicant__segment", "channel": "case__channel"}


def read_decisions(since: datetime, *, of: int | None = None) -> list[Decision]:
    """Standing decisions on applications since then, the oldest first; of one person's, also those that they looked at
    a second time. One statement."""
    reviews = settled(Review.objects.filter(at__gte=since, case__kind=Kind.APPLICATION))
    if of is not None:
        reviews = reviews.filter(Q(reviewer=of) | Q(second_look__looker=of, second_look__done_at__isnull=False))
    said = Opinion.objects.filter(case=OuterRef("case"), person=OuterRef("reviewer"), at__lte=OuterRef("at"))
    same = Window(Count("pk"), partition_by=[F("reviewer"), TruncMonth("at"), Lower(Trim("note"))])
    # Only who approved has lent; what came of a loan that others granted in the end says nothing of a decline.
    lent = When(outcome=Outcome.APPROVE, case__outcome=Outcome.APPROVE, then=matured_bad("case"))
    rows = reviews.annotate(
        lean=Subquery(said.order_by("-pk").values("lean")[:1]),
        same=same,
        length=Length(Trim("note")),
        bad=Cases(lent, default=Value(None)),
    )
    newest = rows.order_by("-at", "-pk").values_list(
        "reviewer", "at", "claimed_at", "outcome", "advice", "lean", "second_look__outcome", "second_look__looker",
        "second_look__adjudication__outcome", "bad", "length", "same", "reason_codes",
    )[:MOST_DECISIONS]  # fmt: skip
    return [_decision(*row) for row in newest][::-1]


def _decision(
    reviewer: int,
    at: datetime,
    claimed_at: datetime,
    outcome: str,
    advice: str,
    lean: str | None,
    looked: str | None,
    looker: int | None,
    upheld: str | None,
    bad: bool | None,
    length: int,
    same: int,
    codes: list[str],
) -> Decision:
    return Decision(
        reviewer=reviewer,
        at=at.astimezone(OFFICE),
        seconds=(at - claimed_at).total_seconds(),
        outcome=outcome,
        advice=advice,
        lean=lean or "",
        looked=looked or "",
        looker=looker if looked else None,
        upheld=upheld or "",
        bad=bad,
        note_length=length,
        repeated=length > 0 and same > 1,
        codes=tuple(codes),
    )


def read_group_cells(since: datetime) -> dict[str, dict[str, dict[str, Cell]]]:
    """Decisions with advice since then by grouping, advice and group, and how many went against it. One statement."""
    advised = settled(
        Review.objects.filter(at__gte=since, case__kind=Kind.APPLICATION, advice__in=list(APPLICATION_OUTCOMES))
    )
    rows: Iterable[Any] = (
        advised.order_by()
        .values_list("advice", *GROUPS.values())
        .annotate(n=Count("pk"), overridden=Count("pk", filter=Q(is_override=True)))
    )
    counts, against = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
    for advice, *rest in rows:
        *values, count, overridden = rest
        for grouping, value in zip(GROUPS, values, strict=True):
            counts[grouping, advice, value] += count
            against[grouping, advice, value] += overridden
    found: dict[str, dict[str, dict[str, Cell]]] = {name: {} for name in GROUPS}
    for (grouping, advice, value), count in counts.items():
        found[grouping].setdefault(advice, {})[value] = Cell(count, against[grouping, advice, value])
    return found


def months_ago(months: int) -> datetime:
    """The moment so many months back, at 30.44 days each."""
    return timezone.now() - timedelta(days=round(30.44 * months))
