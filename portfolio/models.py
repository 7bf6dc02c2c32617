"""Booked loans and their repayment month by month, as the lender's systems told it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models import Case


class Loan(models.Model):
    """An approved case of which repayment is told. `look_at` is when its outcome is to be worked out next, None where
    nothing can change it but news."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="loan")
    look_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["look_at"], condition=Q(look_at__isnull=False), name="loan_to_look_at")]

    def __str__(self) -> str:
        return f"loan of {self.case_id}"


class RepaymentMonth(models.Model):
    """What was told of a loan as of a day: `dpd` days past due, and the `balance` in the case's currency, None where it
    was not told. Never changed: who tells otherwise of the same day restates, and the latest counts."""

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="months")
    as_of = models.DateField()
    dpd = models.PositiveIntegerField()
    balance = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    given_by = models.CharField(max_length=100)
    recorded_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(balance__isnull=True) | Q(balance__gte=0), name="month_balance_is_none_or_more"
            )
        ]
        indexes = [models.Index(fields=["loan", "as_of", "-id"], name="months_of_a_loan")]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.as_of} {self.dpd}"
