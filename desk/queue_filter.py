"""What part of the queue somebody looks at: everything that stands behind the address, read, applied and written again.

The text of a filter is `open` for a plain view and `view=open&product=consumer&sla=late` for a narrower one; it goes
from page to page as one value, so that a case knows its neighbours and the way back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from django.db.models import QuerySet
from django.utils import timezone

from cases.desk_rules import working_hours
from cases.models import Case, DeskRules, User
from cases.states import State
from cases.working_time import soon_until
from desk.keyset import behind
from desk.search import matching
from desk.tabs import FIRST, VIEWS

BEST: Final = ("queue_tier", "queue_rank", "id")
DUE: Final = ("due_at", "id")
SORTS: Final = {"best": BEST, "due": DUE}
SLA: Final = ("late", "soon")
LONGEST: Final = 100


@dataclass(frozen=True)
class QueueFilter:
    """A view of the queue and what narrows it; "" where it does not. `least` and `most` bound the amount; `after` is
    the place in the list, which is kept but is no part of what is looked at."""

    view: str = FIRST
    q: str = ""
    product: str = ""
    industry: str = ""
    region: str = ""
    sla: str = ""
    least: str = ""
    most: str = ""
    sort: str = "best"
    after: str = ""

    @classmethod
    def read(cls, text: str) -> QueueFilter:
        """The filter of a text as `text` gives it; whatever it does not know is left out."""
        if "=" not in text:
            return cls(view=text if text in VIEWS else FIRST)
        return cls.of(dict(parse_qsl(text, max_num_fields=20)) if text.count("&") < 20 else {})

    @classmethod
    def of(cls, given: Mapping[str, str]) -> QueueFilter:
        """The filter of the fields of an address. A `view` may itself be the text of a filter, which the others narrow
        further."""
        view = given.get("view", "")
        base = cls.read(view) if "=" in view else cls(view=view if view in VIEWS else FIRST)
        known = {each.name: given[each.name].strip() for each in fields(cls) if each.name in given}
        known.pop("view", None)
        return replace(base, **known)._clean()

    def _clean(self) -> QueueFilter:
        return replace(
            self,
            q=self.q[:LONGEST],
            product=self.product[:50],
            industry=self.industry[:50],
            region=self.region[:50],
            sla=self.sla if self.sla in SLA else "",
            least=self.least if amount_of(self.least) is not None else "",
            most=self.most if amount_of(self.most) is not None else "",
            sort=self.sort if self.sort in SORTS else "best",
        )

    def said(self, *, place: bool = False) -> dict[str, str]:
        """What stands behind the address, in a fixed order and without what narrows nothing."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        usual = {"sort": "best"}
        kept = {name: value for name, value in found.items() if value and value != usual.get(name)}
        if not place:
            kept.pop("after", None)
        return kept

    def text(self, *, place: bool = False) -> str:
        """One value for all of it."""
        said = self.said(place=place)
        return self.view if set(said) == {"view"} else urlencode(said)

    @property
    def order(self) -> tuple[str, ...]:
        return SORTS[self.sort]

    @property
    def is_whole(self) -> bool:
        """Whether this is the whole open queue, in whatever order."""
        return set(self.said()) <= {"view", "sort"} and self.view == FIRST

    @property
    def is_narrowed(self) -> bool:
        return bool(set(self.said()) - {"view", "q", "sort"})

    def apply(self, user: User, desk: DeskRules | None = None) -> QuerySet[Case]:
        """The cases that are looked at, without what was searched for and without an order. `desk` are the rules in
        force; they are read where they are not given and what is due soon is asked for."""
        return self.narrow(Case.objects.visible_to(user), user, desk)

    def narrow(self, rows: QuerySet[Case], user: User, desk: DeskRules | None = None) -> QuerySet[Case]:
        """As `apply`, of these cases. Conditions on the rows themselves, so that whoever claims reads the same index as
        the page."""
        rows = VIEWS[self.view][1](rows, user)
        for name in ("product", "industry", "region"):
            if value := getattr(self, name):
                rows = rows.filter(**{name: value})
        if (least := amount_of(self.least)) is not None:
            rows = rows.filter(amount__gte=least)
        if (most := amount_of(self.most)) is not None:
            rows = rows.filter(amount__lte=most)
        if self.sla:
            now = timezone.now()
            until = now if self.sla == "late" else soon_until(now, working_hours(desk))
            due = {"due_at__lt": until} if self.sla == "late" else {"due_at__gte": now, "due_at__lt": until}
            rows = rows.filter(**due, state__in=[State.QUEUED, State.IN_REVIEW])
        return rows


def amount_of(text: str) -> Decimal | None:
    """An amount as people type it, `120,000`; None where it is none."""
    try:
        found = Decimal(text.replace(",", "").replace("，", ""))
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found < Decimal(10) ** 13 else None


def known_view(text: str) -> str:
    """The text of the filter that `text` means."""
    return QueueFilter.read(text).text(place=True)


def neighbours(case: Case, view: str, user: User) -> tuple[Case | None, Case | None]:
    """The cases before and behind `case` in what is looked at; none for a case that has no place there."""
    chosen = QueueFilter.read(view)
    if case.queue_tier is None or case.due_at is None:
        return None, None
    rows, order = matching(chosen.apply(user), chosen.q), chosen.order
    backwards = tuple(f"-{name}" for name in order)
    before = behind(rows.order_by(*backwards), backwards, case)
    next_rows = behind(rows.order_by(*order), order, case)
    # One statement for both: which is which, their places tell.
    found = list(before[:1].union(next_rows[:1], all=True))
    here = _place(case, order)
    return (
        next((each for each in found if _place(each, order) < here), None),
        next((each for each in found if _place(each, order) > here), None),
    )


def _place(case: Case, order: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(getattr(case, name) for name in order)
