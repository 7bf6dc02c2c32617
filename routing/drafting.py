"""Writing a version of the policy: drafting, editing, and testing it against its own examples and findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.errors import StaleCase
from cases.models import User
from routing.examples import ExampleFailure, failing_examples
from routing.findings import Finding, findings_of
from routing.life import (
    DRAFTERS,
    Status,
    Step,
    back_to_draft,
    find_version,
    hold_versions,
    lock_active,
    lock_version,
    require_role,
    require_status,
    tell,
)
from routing.models import Policy
from routing.seen_words import unseen_words
from routing.terms import Terms

WAYS: Final = ("approve", "decline", "review")


@dataclass(frozen=True)
class Tested:
    """What a test of a version found. `ways_without_example` are ways that it can take and no example shows."""

    policy: Policy
    failures: tuple[ExampleFailure, ...]
    findings: tuple[Finding, ...]
    ways_without_example: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """No example fails, every way has one, and no finding is an error."""
        errors = [finding for finding in self.findings if finding.severity == "error"]
        return not (self.failures or self.ways_without_example or errors)


def draft_policy(product: str, *, by: User, terms: Terms, purpose: str = "") -> Policy:
    """A new version, not in force, based on the one that is. Raises NotAllowed unless `by` is an admin."""
    require_role(by, DRAFTERS)
    with transaction.atomic(durable=True):
        # Two drafts at once: the second counts the numbers when the first has taken its own.
        hold_versions(product)
        last = max(Policy.objects.filter(product=product).values_list("number", flat=True), default=0)
        policy = Policy.objects.create(
            product=product,
            number=last + 1,
            purpose=purpose,
            terms=terms.to_dict(),
            sha256=terms.sha256,
            based_on=lock_active(product),
            drafted_by=by,
        )
        tell(policy, Step.DRAFT, by=by, facts={"terms_sha256": policy.sha256})
    return policy


def edit_policy(policy_id: int, *, by: User, terms: Terms, purpose: str, seen_sha256: str) -> Policy:
    """Put other terms in a version that is not proposed yet; it is a draft again, whatever it was tested for.

    Raises:
        NotAllowed: `by` is no admin. CaseMoved: the version is proposed or further. StaleCase: its terms are not those
            of `seen_sha256` any more (compared under the lock, so of two editors the second does not overwrite what
            the first one wrote).
    """
    require_role(by, DRAFTERS)
    with transaction.atomic(durable=True):
        policy = lock_version(policy_id)
        require_status(policy, Status.DRAFT, Status.TESTED)
        _refuse_stale(policy, seen_sha256)
        policy.terms, policy.sha256, policy.purpose = terms.to_dict(), terms.sha256, purpose
        back_to_draft(policy, Step.EDIT, by=by, facts={"before": seen_sha256, "terms_sha256": policy.sha256})
    return policy


def test_policy(policy_id: int, *, by: User) -> Tested:
    """Try a version on its own examples and look for contradictions; what passes is TESTED, what fails is a draft.

    The examples run while nothing is locked; terms that were edited meanwhile are refused as stale under the lock.

    Raises:
        NotAllowed: `by` is no admin. CaseMoved: proposed or further. StaleCase: edited meanwhile.
    """
    require_role(by, DRAFTERS)
    read = find_version(policy_id)
    require_status(read, Status.DRAFT, Status.TESTED)
    terms = Terms.from_dict(read.terms)
    shown = {example.way for example in terms.examples}
    missing = tuple(way for way in WAYS if way in ways_of(terms) and way not in shown)
    unseen = unseen_words(terms, read.product)
    findings = (*findings_of(terms), *(finding for found in unseen.values() for finding in found))
    failures = tuple(failing_examples(terms))
    with transaction.atomic(durable=True):
        policy = lock_version(policy_id)
        require_status(policy, Status.DRAFT, Status.TESTED)
        _refuse_stale(policy, read.sha256)
        tested = Tested(policy, failures, findings, missing)
        if policy.status == Status.TESTED and not tested.passed:
            back_to_draft(policy, Step.TEST, by=by, facts=_facts(tested))
        else:
            policy.status = Status.TESTED if tested.passed else Status.DRAFT
            policy.save(update_fields=["status"])
            tell(policy, Step.TEST, by=by, facts=_facts(tested))
    return tested


def ways_of(terms: Terms) -> set[str]:
    """The ways that a policy can take: those of its rules and of their default, and people, who get what is missing."""
    rules = terms.to_dict()["rules"]
    return {"review", str(rules["default"]["way"]), *(str(row["then"]["way"]) for row in rules["rows"])}


def _refuse_stale(policy: Policy, seen_sha256: str) -> None:
    if policy.sha256 != seen_sha256:
        raise StaleCase(_("Somebody else has edited this version since you opened it. Look at it again."))


def _facts(tested: Tested) -> dict[str, Any]:
    return {
        "terms_sha256": tested.policy.sha256,
        "passed": tested.passed,
        "failed_examples": [
            {"name_en": each.name_en, "name_zh": each.name_zh, "expected": each.expected, "got": each.got}
            for each in tested.failures
        ],
        "ways_without_example": list(tested.ways_without_example),
        "errors": sum(finding.severity == "error" for finding in tested.findings),
        "warnings": sum(finding.severity == "warning" for finding in tested.findings),
    }
