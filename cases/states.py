"""The states of a case and who owns each of them: the machine, a person, the outside world, or nobody."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    RECEIVED = "received", _("Received")
    NEEDS_DATA = "needs_data", _("Data held")
    SCORED = "scored", _("Scored")
    QUEUED = "queued", _("Waiting for review")
    IN_REVIEW = "in_review", _("In review")
    WAITING_INFO = "waiting_info", _("Waiting for information")
    AWAITING_SIGNOFF = "awaiting_signoff", _("Awaiting sign-off")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    RESOLVED = "resolved", _("Resolved")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Owner(models.TextChoices):
    MACHINE = "machine", _("Machine")
    PERSON = "person", _("Person")
    OUTSIDE = "outside", _("Outside world")
    NOBODY = "nobody", _("Nobody")


OWNERS: dict[State, Owner] = {
    State.RECEIVED: Owner.MACHINE,
    State.NEEDS_DATA: Owner.PERSON,
    State.SCORED: Owner.MACHINE,
    State.QUEUED: Owner.PERSON,
    State.IN_REVIEW: Owner.PERSON,
    State.WAITING_INFO: Owner.OUTSIDE,
    State.AWAITING_SIGNOFF: Owner.PERSON,
    State.APPROVED: Owner.NOBODY,
    State.DECLINED: Owner.NOBODY,
    State.RESOLVED: Owner.NOBODY,
    State.WITHDRAWN: Owner.NOBODY,
}

MACHINE_STATES = tuple(state for state, owner in OWNERS.items() if owner is Owner.MACHINE)
FINAL_STATES = tuple(state for state, owner in OWNERS.items() if owner is Owner.NOBODY)


class Kind(models.TextChoices):
    APPLICATION = "application", _("Application")
    MONITORING = "monitoring", _("Monitoring")


class Role(models.TextChoices):
    REVIEWER = "reviewer", _("Reviewer")
    SUPERVISOR = "supervisor", _("Supervisor")
    ADMIN = "admin", _("Administrator")
    AUDITOR = "auditor", _("Auditor")


class Outcome(models.TextChoices):
    """What a case can end with when a person (or the machine, for the first two) decides it."""

    APPROVE = "approve", _("Approve")
    DECLINE = "decline", _("Decline")
    NO_ACTION = "no_action", _("No action")
    WATCH = "watch", _("Watch")
    CONTACT = "contact", _("Contact the customer")
    REDUCE_LIMIT = "reduce_limit", _("Reduce the limit")
    RESTRUCTURE = "restructure", _("Restructure")
    COLLECT = "collect", _("Collect")
    LEGAL = "legal", _("Legal action")


APPLICATION_OUTCOMES = (Outcome.APPROVE, Outcome.DECLINE)
RESOLUTIONS = tuple(outcome for outcome in Outcome if outcome not in APPLICATION_OUTCOMES)


class DecidedBy(models.TextChoices):
    """Who decided a closed case. `lender` is a decision taken before the case came here (a historical book)."""

    NOBODY = "", _("Not decided")
    MACHINE = "machine", _("Machine")
    PERSON = "person", _("Person")
    LENDER = "lender", _("Lender, before this system")
