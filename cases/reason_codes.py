"""The coded reasons a person gives for a decision, and the direction in which each speaks."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.states import Outcome


class ReasonCode(models.TextChoices):
    HIGH_DEBT = "high_debt", _("High debt burden")
    MANY_INQUIRIES = "many_inquiries", _("Too many recent enquiries")
    PAST_DELINQUENCY = "past_delinquency", _("Past delinquency")
    UNVERIFIED_INCOME = "unverified_income", _("Income could not be verified")
    SHORT_HISTORY = "short_history", _("Short employment or credit history")
    PURPOSE_RISK = "purpose_risk", _("Risk in the purpose of the loan")
    POLICY_BREACH = "policy_breach", _("Against the credit policy")
    STABLE_INCOME = "stable_income", _("Stable and verified income")
    GOOD_RECORD = "good_record", _("Good repayment record")
    LOW_BURDEN = "low_burden", _("Low repayment burden")
    STRONG_SUPPORT = "strong_support", _("Collateral, guarantor or relationship")
    DATA_CORRECTED = "data_corrected", _("Model data was wrong or outdated")
    OTHER = "other", _("Other (explain in the note)")


ADVERSE = (
    ReasonCode.HIGH_DEBT,
    ReasonCode.MANY_INQUIRIES,
    ReasonCode.PAST_DELINQUENCY,
    ReasonCode.UNVERIFIED_INCOME,
    ReasonCode.SHORT_HISTORY,
    ReasonCode.PURPOSE_RISK,
    ReasonCode.POLICY_BREACH,
    ReasonCode.DATA_CORRECTED,
    ReasonCode.OTHER,
)
FAVOURABLE = (
    ReasonCode.STABLE_INCOME,
    ReasonCode.GOOD_RECORD,
    ReasonCode.LOW_BURDEN,
    ReasonCode.STRONG_SUPPORT,
    ReasonCode.DATA_CORRECTED,
    ReasonCode.OTHER,
)


def reasons_for_outcome(outcome: str) -> tuple[ReasonCode, ...]:
    """The codes that can be given for `outcome`: favourable ones for an approval, adverse ones for a decline."""
    if outcome == Outcome.APPROVE:
        return FAVOURABLE
    if outcome == Outcome.DECLINE:
        return ADVERSE
    return tuple(ReasonCode)
