"""What is written down of booked loans: their repayment, month by month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import transaction
from django.utils import timezone

from cases.models import Case
from cases.queries import key_of_ref
from cases.standing import is_released
from cases.states import Outcome
from intake.wording.field_errors import FieldError
from portfolio.given_months import GivenMonth
from portfolio.models import Loan, RepaymentMonth

MOST_ROWS: Final = 10_000


@dataclass
class MonthsReceipt:
    """What became of a list of months: counts, and why each of those that were refused was, by its position."""

    accepted: int = 0
    duplicates: int = 0
    refused: dict[int, FieldError] = field(default_factory=dict)


def record_months(given: Sequence[GivenMonth], *, given_by: str) -> MonthsReceipt:
    """Write months of loans. The same figures of a day twice add nothing; other figures restate the day.

    Two senders of one loan: the cases are locked in order, so the second finds what the first wrote.
    """
    receipt, keys = MonthsReceipt(), _find_cases(given)
    wanted = {key for key in keys if isinstance(key, int)}
    with transaction.atomic(durable=True):
        cases = {each.pk: each for each in Case.objects.select_for_update().filter(pk__in=wanted).order_by("pk")}
        known = _latest(wanted)
        new: list[RepaymentMonth] = []
        for position, (each, key) in enumerate(zip(given, keys, strict=True)):
            problem = key if isinstance(key, FieldError) else _problem_of(cases[key], each)
            if isinstance(key, FieldError) or problem is not None:
                receipt.refused[position] = problem  # type: ignore[assignment]
            elif known.get((key, each.as_of)) == (each.dpd, each.balance):
                receipt.duplicates += 1
            else:
                known[key, each.as_of] = (each.dpd, each.balance)
                new.append(
                    RepaymentMonth(loan_id=key, as_of=each.as_of, dpd=each.dpd, balance=each.balance, given_by=given_by)
                )
        _look_at_them({month.loan_id for month in new})
        receipt.accepted = len(RepaymentMonth.objects.bulk_create(new, batch_size=1000))
    return receipt


def _look_at_them(keys: set[int]) -> None:
    now = timezone.now()
    Loan.objects.bulk_create(
        [Loan(case_id=key, look_at=now) for key in sorted(keys)],
        update_conflicts=True, unique_fields=["case"], update_fields=["look_at"],
    )  # fmt: skip


def _latest(keys: set[int]) -> dict[tuple[int, object], tuple[int, object]]:
    months = RepaymentMonth.objects.filter(loan__in=keys).order_by("loan", "as_of", "-id").distinct("loan", "as_of")
    return {
        (loan, as_of): (dpd, balance)
        for loan, as_of, dpd, balance in months.values_list("loan_id", "as_of", "dpd", "balance")
    }


def _problem_of(case: Case, each: GivenMonth) -> FieldError | None:
    if case.outcome != Outcome.APPROVE or not is_released(case):
        return FieldError("loan_ref", each.loan_ref, "no_loan")
    if each.as_of < timezone.localtime(case.applied_at).date():
        return FieldError("as_of", each.as_of.isoformat(), "before_application")
    return None


def _find_cases(given: Sequence[GivenMonth]) -> list[int | FieldError]:
    """The key of each row's case, or why there is none: two queries, however many rows."""
    keys = {each.loan_ref: key_of_ref(each.loan_ref) for each in given}
    on_record = set(Case.objects.filter(pk__in=[key for key in keys.values() if key]).values_list("pk", flat=True))
    by_ref: dict[str, list[tuple[int, str]]] = defaultdict(list)
    refs = {each.loan_ref for each in given}
    for key, ref, source in Case.objects.filter(external_ref__in=refs).values_list("pk", "external_ref", "source"):
        by_ref[ref].append((key, source))
    found: list[int | FieldError] = []
    for each in given:
        hits = [key for key, source in by_ref[each.loan_ref] if each.source in ("", source)]
        own = keys[each.loan_ref]
        if not hits and own in on_record and own:
            hits = [own]
        code = "several_cases" if hits else "unknown_case"
        found.append(hits[0] if len(hits) == 1 else FieldError("loan_ref", each.loan_ref, code))
    return found
