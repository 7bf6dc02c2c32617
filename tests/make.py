"""Builders that call the real actions, so that no test starts from a state the product cannot reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from cases import actions, claiming
from cases.arrivals import NewCase, insert_cases
from cases.canonical import canonical_sha256
from cases.desk_rules import set_desk_rules
from cases.models import Case, DeskRules, Review, SecondLook, User
from cases.move import lock_case
from cases.states import Role, State
from learning.compare import Sample, compare
from learning.compare_cost import Desk
from riskreview import sample
from routing.actions import active_policy, route_scored_cases
from routing.drafting import draft_policy, test_policy
from routing.frozen import without_cases
from routing.models import Policy
from routing.publication import approve_policy, consequences_of, propose_policy
from routing.second_looks import draw_second_looks
from routing.terms import Terms
from routing.usual_examples import usual_examples
from scoring.actions import score_waiting_cases
from scoring.life import Step, lock_model, put_in_force, tell
from scoring.models import ModelVersion, Promotion
from scoring.registry import champion_sha256

PASSWORD = "a-long-test-password"
# Terms by which the clear loan, with a PD of 1.7 %, lies between the lines and waits with the advice to approve.
UNCERTAIN: Mapping[str, Any] = {
    "audit_share": 0.0,
    "approve_below": 0.001,
    "cut_off": 0.5,
    "decline_above": 1.0,
    "doubt_limit": 1.0,
}
CLEAR_FEATURES: Mapping[str, Any] = {
    "interest_rate": 7.5,
    "sub_grade": 4,
    "annual_income": 90_000,
    "employment_years": 8,
    "income_verified": "verified",
    "delinquencies_2y": 0,
    "inquiries_12m": 1,
    "accounts_delinquent_now": 0,
    "open_instalment_accounts": 2,
    "credit_utilisation": 35.0,
}


def user(username: str, role: Role, *, authority: int = 0, currency: str = "USD") -> User:
    person = User(
        username=username,
        role=role,
        authority_amount=Decimal(authority),
        authority_currency=currency,
        is_staff=role == Role.ADMIN,
        is_superuser=role == Role.ADMIN,
    )
    person.set_password(PASSWORD)
    person.save()
    return person


def new_case(external_ref: str = "A-1", **changes: Any) -> NewCase:
    """A case as it arrives: a clear consumer loan of USD 8,000 unless `changes` say otherwise."""
    arrival = NewCase(
        external_ref=external_ref,
        content_hash=f"hash of {external_ref}",
        kind="application",
        product="consumer",
        industry="",
        region="CA",
        channel="branch",
        amount=Decimal("8000.00"),
        currency="USD",
        term_months=36,
        applied_at=timezone.now(),
        applicant_ref=f"applicant of {external_ref}",
        applicant_name="张敏",
        segment="retail",
        key_customer=False,
        features=dict(CLEAR_FEATURES),
    )
    return replace(arrival, **changes)


def case(
    external_ref: str = "A-1", *, source: str = "branch-los", entered_by: User | None = None, **changes: Any
) -> Case:
    """A received case (held when `changes` carry findings)."""
    with transaction.atomic():
        receipt = insert_cases(
            source, [new_case(external_ref, **changes)], entered_by=entered_by.pk if entered_by else None, facts={}
        )
    found: Case = Case.objects.select_related("applicant").get(pk=receipt.keys[0])
    return found


def cases(count: int, *, first: int = 0, source: str = "branch-los", **changes: Any) -> list[Case]:
    """Many received cases at once, with references B-0, B-1 and so on, or from the number `first` on."""
    return taken_in([new_case(f"B-{number}", **changes) for number in range(first, first + count)], source=source)


def taken_in(arrivals: Sequence[NewCase], *, source: str = "branch-los") -> list[Case]:
    """These cases, received at once: the way for many, since each by itself costs a transaction."""
    with transaction.atomic():
        receipt = insert_cases(source, arrivals, entered_by=None, facts={})
    return list(Case.objects.filter(pk__in=receipt.keys).order_by("pk"))


def policy(drafter: User, publisher: User, **changes: Any) -> Policy:
    """A policy in force, for `consumer` unless `product` is among them; `changes` are terms other than the sample's."""
    return approved(proposed(drafter, **changes), publisher)


def terms(**changes: Any) -> Terms:
    """The sample's terms with `changes`, and examples that fit their lines."""
    changed = replace(sample.TERMS, **changes)
    if "examples" in changes:
        return changed
    return replace(changed, examples=usual_examples(changed.approve_below, changed.decline_above))


def tested(drafter: User, **changes: Any) -> Policy:
    """A version that passed its test, for `consumer` unless `product` is among the changes."""
    product = changes.pop("product", sample.PRODUCT)
    draft = draft_policy(product, by=drafter, terms=terms(**changes), purpose="for the test")
    found = test_policy(draft.pk, by=drafter)
    assert found.passed, found
    return found.policy


def simulation(policy: Policy, **changes: Any) -> dict[str, Any]:
    """What a simulation of this version against the one in force says; without `changes`, of no case."""
    present = active_policy(policy.product)
    return (
        without_cases(
            policy.sha256,
            present.pk if present else None,
            present.sha256 if present else "",
            champion_sha256(policy.product),
        )
        | changes
    )


def proposed(drafter: User, *, figures: Mapping[str, Any] | None = None, **changes: Any) -> Policy:
    """A version for `consumer` that its drafter proposed; `figures` are parts of its simulation."""
    policy = tested(drafter, **changes)
    return propose_policy(policy.pk, by=drafter, simulation=simulation(policy, **(figures or {})), note="")


def other_champion(version: ModelVersion) -> ModelVersion:
    """A model like `version` without a file of its own, promoted in its place by two people."""
    other = without_file(version)
    with transaction.atomic():
        promotion = proposed_model(other, version, by=user("who_proposed_it", Role.ADMIN))
        approver = user("who_approved_it", Role.SUPERVISOR)
        tell(other, Step.APPROVE, by=approver, facts={"comparison_sha256": promotion.comparison_sha256})
        promotion.approved_by, promotion.approved_at, promotion.starts_at = approver, timezone.now(), timezone.now()
        promotion.status = Promotion.Status.PROMOTED
        promotion.save()
        put_in_force(
            lock_model(other.pk), Step.ACTIVATE, by=approver, promoted_by=approver, facts={"promotion": promotion.pk}
        )
    return ModelVersion.objects.get(pk=other.pk)


def without_file(version: ModelVersion) -> ModelVersion:
    """A candidate like `version`, without a file of its own."""
    other = ModelVersion.objects.get(pk=version.pk)
    other.pk, other.sha256, other.number = None, "f" * 64, version.number + 1
    other.status, other.promoted_at, other.promoted_by = ModelVersion.Status.CANDIDATE, None, None
    other.save(force_insert=True)
    return other


def comparison(model: ModelVersion, against: ModelVersion, *failing: str) -> dict[str, Any]:
    """A comparison of two models that says nothing of them but the gates that `model` does not pass."""
    gates = [{"code": code, "passed": False} for code in failing] or [{"code": "power", "passed": True}]
    sides = {"challenger": model, "champion": against}
    return {name: {"model": str(each), "sha256": each.sha256} for name, each in sides.items()} | {"gates": gates}


def proposed_model(model: ModelVersion, against: ModelVersion, *, by: User) -> Promotion:
    """A proposal written without a look at the model's file."""
    # As of no case: what the page of the proposal shows.
    nothing = Sample((), np.array([]), np.array([]), np.array([], dtype=np.int64), np.array([]), (), {})
    figures = compare(nothing, Desk(0.2, 0.1, 0.85, 0.0), difference=0.01, other_reasons=None)
    smoke = {"vectors": 1, "passed": True}
    found = comparison(model, against) | {"sample": "live", "smoke": smoke, **figures}
    return Promotion.objects.create(
        product=model.product,
        model=model,
        against=against,
        trained_by=model.trained_by,
        comparison=found,
        comparison_sha256=canonical_sha256(found),
        proposed_by=by,
    )


def approved(policy: Policy, publisher: User, *, starts_at: datetime | None = None) -> Policy:
    """The proposed version, approved by somebody who ticks everything."""
    return approve_policy(
        policy.pk,
        by=publisher,
        simulation_sha256=policy.simulation_sha256,
        ticked=[each.key for each in consequences_of(policy.pk)],
        starts_at=starts_at,
    )


def run_machine() -> None:
    """Score and route everything that waits, in this process."""
    while score_waiting_cases("tests") + route_scored_cases():
        pass


def queued_case(external_ref: str = "A-1", **changes: Any) -> Case:
    """A case in the queue. Needs the fixtures `champion` and `policy` for a score and an advice; a key customer's
    always goes to people."""
    made = case(external_ref, **{"key_customer": True, **changes})
    run_machine()
    return reread(made)


def desk_rules(by: User, **changes: Any) -> DeskRules:
    """The rules of the desk with `changes`, set by an administrator."""
    return set_desk_rules(by=by, reason="for the test", changes=changes)


def second_look(by: User, external_ref: str = "A-1", *, outcome: str = "approve", **changes: Any) -> SecondLook:
    """A drawn second look at a decision that `by` took alone. Needs `champion` and a policy that audits everything."""
    decide(claimed_case(by, external_ref, **{"key_customer": False, **changes}), by, outcome=outcome)
    draw_second_looks()
    found: SecondLook = SecondLook.objects.latest("pk")
    return found


def signing(*, approve: int = 0, decline: int = 0) -> dict[str, Any]:
    """What a policy says of a case that asks for so many signatures: by one row each, named by their number."""
    return {
        outcome: {
            "signatures": number,
            "rows": [{"row": f"S{number}", "en": f"{number} by the policy", "zh": f"策略要求 {number} 人"}]
            * bool(number),
        }
        for outcome, number in (("approve", approve), ("decline", decline))
    }


def claimed_case(
    by: User, external_ref: str = "A-1", *, signing: Mapping[str, Any] | None = None, **changes: Any
) -> Case:
    """A case that `by` holds, with what a policy said of its signatures."""
    waiting = queued_case(external_ref, **changes)
    if signing is None:
        return actions.claim_case(waiting.pk, by=by)
    with transaction.atomic():
        return claiming.claim_locked(lock_case(waiting.pk), by=by, signing=signing)


def awaiting_case(
    by: User, external_ref: str = "A-1", *, outcome: str = "approve", **changes: Any
) -> tuple[Case, Review]:
    """A case that `by` decided and a second person must sign (as every decision on a key customer)."""
    held = claimed_case(by, external_ref, **changes)
    review = decide(held, by, outcome=outcome)
    decided = reread(held)
    assert decided.state == State.AWAITING_SIGNOFF
    return decided, review


def decide(held: Case, by: User, *, outcome: str = "approve") -> Review:
    """The decision on a case that `by` holds, with a reason and a note."""
    reasons = ["stable_income"] if outcome == "approve" else ["high_debt"]
    return actions.decide_case(
        held.pk, by=by, outcome=outcome, reason_codes=reasons, note="a note for the test", seen_version=held.version
    )


def released_at_once(admin: User) -> None:
    """From now on a person's decision holds at once: nothing is held back to be taken back."""
    set_desk_rules(by=admin, reason="Decisions hold at once.", changes={"release_hold_seconds": 0})


def reread(made: Case) -> Case:
    """The case as it stands now; `refresh_from_db` would lift the protection of the state for all threads."""
    found: Case = Case.objects.select_related("applicant").get(pk=made.pk)
    return found
