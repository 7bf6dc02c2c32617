"""Other cases of the same applicant: what they asked for, what became of it, and what was lent to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.models import Case, User
from cases.states import OWNERS, Kind, Outcome, Owner, State
from desk.build.head import state_mark
from desk.case_file import RELATED_READ, CaseFile, Related
from desk.pages.case_file import RelatedCard, RelatedRow
from desk.words import PRODUCTS, amount_cell, day, money, word

SHOWN: Final = 8


def related_card(case: Case, file: CaseFile, user: User, *, most: int = SHOWN) -> RelatedCard | None:
    """None for an applicant whose only case this is. What `user` judges a second time is left out: its state and its
    amount among what was approved would tell how it was decided."""
    related = [each for each in file.related if user.pk not in each.lookers]
    if not related:
        return None
    opened = [each for each in related if _is_open(each)]
    hidden = len(related) - most
    at_least = "≥ " if len(file.related) >= RELATED_READ else ""
    return RelatedCard(
        rows=tuple(_row(each) for each in related[:most]),
        exposure=_exposure(related, at_least),
        open_note=_open_note(case, opened),
        more=_("and %(n)s more") % {"n": f"{at_least}{hidden}"} if hidden > 0 else "",
    )


def _is_open(each: Related) -> bool:
    return OWNERS[State(each.state)] is not Owner.NOBODY


def _open_note(case: Case, opened: list[Related]) -> str:
    if not opened or OWNERS[State(case.state)] is Owner.NOBODY:
        return ""
    words = ngettext(
        "%(n)s other case of this applicant is open at the same time: %(refs)s, %(amount)s.",
        "%(n)s other cases of this applicant are open at the same time: %(refs)s, %(amount)s.",
        len(opened),
    )
    refs = ", ".join(f"CR-{each.pk}" for each in opened[:SHOWN])
    return words % {"n": len(opened), "refs": refs, "amount": _sums(opened)}


def _exposure(related: Iterable[Related], at_least: str) -> str:
    """What was approved for the applicant in other cases; repayments are not known here."""
    lent = [each for each in related if each.kind == Kind.APPLICATION and each.outcome == Outcome.APPROVE]
    if not lent:
        return _("Nothing has been approved for this applicant in other cases.")
    words = ngettext("Approved in %(n)s other case: %(amount)s", "Approved in %(n)s other cases: %(amount)s", len(lent))
    return words % {"n": len(lent), "amount": f"{at_least}{_sums(lent)}"}


def _sums(cases: Iterable[Related]) -> str:
    """Amounts by currency; those of two currencies are not added up."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for each in cases:
        sums[each.currency] += each.amount
    return " + ".join(money(amount, currency) for currency, amount in sorted(sums.items()))


def _row(each: Related) -> RelatedRow:
    return RelatedRow(
        ref=f"CR-{each.pk}",
        url=reverse("desk:case", args=[f"CR-{each.pk}"]),
        product=word(PRODUCTS, each.product),
        amount=money(each.amount, each.currency),
        amount_short=amount_cell(each.amount, each.currency),
        applied_at=day(each.applied_at),
        state=state_mark(each.state),
        is_open=_is_open(each),
    )
