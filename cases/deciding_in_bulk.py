"""Many clear cases decided at once: behind a permission, small, each with the events of a decision made alone.

What is not plainly alike is left out before anything is written: a case that needs an opinion first or a signature, of
another product than the others, above the amount, in another currency, of a key customer, or decided against the
advice. Each case is then claimed and decided in transactions of its own; one that somebody was faster on says so.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from cases import rules
from cases.claimable import barred_among
from cases.claiming import claim_case, release_case
from cases.deciding import check_decision, decide_case
from cases.desk_rules import rules_in_force
from cases.errors import BadDecision, CaseError, NotAllowed, StaleCase
from cases.models import Case, DeskRules, User
from cases.signoff import signing_of
from cases.states import APPLICATION_OUTCOMES, State

# Why a case waits that nobody may decide unseen: a sample that is not looked at measures nothing, and a colleague who
# passed a case on asked for a look.
LOOKED_AT: Final = frozenset(
    {"audit", "sent_back", "sent_back_because", "escalated", "transferred", "reopened", "signoff_expired"}
)


@dataclass(frozen=True)
class BulkItem:
    """One case of a bulk decision: its key and the version that was seen."""

    case_id: int
    seen_version: int


@dataclass(frozen=True)
class BulkResult:
    """What became of one case: the version after its decision, or why it was left as it is."""

    case_id: int
    version: int = 0
    refusal: str = ""


def why_not_in_bulk(
    case: Case, outcome: str, *, by: User, desk: DeskRules, barred: Container[int] = frozenset()
) -> str:
    """Why this case must be looked at by itself; "" where it may be decided with others. `barred` are the cases that
    something keeps from `by` (`claimable.barred_among`)."""
    if case.state != State.QUEUED:
        return _("It is not waiting any more.")
    if case.opinion_first:
        return _("It asks for an opinion first.")
    if {reason["code"] for reason in case.why} & LOOKED_AT:
        return _("It waits because somebody must look at it.")
    if case.currency != desk.bulk_currency:
        return _("Its amount is in another currency than the limit of bulk decisions.")
    if case.amount > desk.bulk_amount:
        return _("Its amount is above the limit of bulk decisions.")
    if case.applicant.key_customer:
        return _("It is of a key customer.")
    if not rules.may_claim_reserved(case.reserved_for, by) or by.pk == case.entered_by_id or case.pk in barred:
        return _("It is not yours to decide.")
    if rules.is_override(outcome, case.advice) or not case.advice:
        return _("The advice does not say so.")
    if signing_of(case, outcome, person=by).needed:
        return _("A second person must sign it.")
    return ""


def decide_in_bulk(
    items: Sequence[BulkItem],
    *,
    by: User,
    outcome: str,
    reason_codes: Sequence[str],
    note: str,
    most_a_day: int | None = None,
) -> list[BulkResult]:
    """Decide these cases alike. Returns what became of each, in the order given; `most_a_day` binds each as a claim of
    it alone.

    Raises:
        NotAllowed: `by` may not decide in bulk. BadDecision: nothing chosen, more than the desk's rules allow, several
            products, or an incomplete decision; names the field. Then nothing was decided.
    """
    if not (rules.may_review(None, by) and by.may_decide_in_bulk):
        raise NotAllowed(_("You may not decide in bulk: an administrator gives this right."))
    desk = rules_in_force()
    if not items:
        raise BadDecision("refs", _("Choose at least one case."))
    if len(items) > desk.bulk_most:
        raise BadDecision("refs", _("Choose %(n)s cases or fewer at a time.") % {"n": desk.bulk_most})
    if outcome not in APPLICATION_OUTCOMES:
        raise BadDecision("outcome", _("Choose a decision."))
    cases = Case.objects.visible_to(by).select_related("applicant", "reserved_for")
    found = cases.in_bulk([item.case_id for item in items])
    if len({case.product for case in found.values()}) > 1:
        raise BadDecision("refs", _("Decide one product at a time."))
    barred = barred_among(list(found), by)
    apart = {pk: why_not_in_bulk(case, outcome, by=by, desk=desk, barred=barred) for pk, case in found.items()}
    for case in found.values():
        if not apart[case.pk]:
            check_decision(case, outcome=outcome, reason_codes=reason_codes, note=note)
    results = []
    for item in items:
        case, refusal = found.get(item.case_id), apart.get(item.case_id, _("There is no such case."))
        if refusal or case is None:
            results.append(BulkResult(item.case_id, refusal=refusal))
        else:
            results.append(_decide(item, by, outcome, reason_codes, note, most_a_day))
    return results


def _decide(
    item: BulkItem, by: User, outcome: str, reason_codes: Sequence[str], note: str, most_a_day: int | None
) -> BulkResult:
    """Claim and decide one case. Whoever changed it since it was seen was faster, and it goes back to its place."""
    try:
        claimed = claim_case(item.case_id, by=by, most_a_day=most_a_day)
    except CaseError as refusal:
        return BulkResult(item.case_id, refusal=str(refusal))
    try:
        if claimed.version != item.seen_version + 1:
            raise StaleCase
        decide_case(
            claimed.pk, by=by, outcome=outcome, reason_codes=reason_codes, note=note, seen_version=claimed.version
        )
    except CaseError as refusal:
        release_case(claimed.pk, by=by)
        return BulkResult(item.case_id, refusal=str(refusal))
    return BulkResult(item.case_id, version=claimed.version + 1)
