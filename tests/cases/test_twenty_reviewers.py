"""Twenty reviewers on one queue at the same moment: every case is decided once, by whoever held it, and its history is
complete."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from cases import actions
from cases.errors import NothingToClaim
from cases.models import Case, CaseEvent, Claim, Review, User
from cases.states import Role
from routing.models import Policy
from tests import make
from tests.together import together

REVIEWERS = 20
CASES = 100
STEPS = ["receive", "score", "send_to_people", "claim", "approve"]


@pytest.mark.django_db(transaction=True)
def test_twenty_reviewers_decide_each_case_once(champion: object, admin: User, supervisor: User) -> None:
    policy: Policy = make.policy(admin, supervisor, audit_share=1.0)
    assert policy.status == Policy.Status.ACTIVE
    made = make.cases(CASES)
    make.run_machine()
    people = [make.user(f"reviewer-{number}", Role.REVIEWER, authority=25_000) for number in range(REVIEWERS)]

    def works(person: User) -> list[int]:
        """One person's day: claim and decide until nothing waits."""
        mine: list[int] = []
        while True:
            try:
                case = actions.claim_next(by=person)
            except NothingToClaim:
                return mine
            make.decide(case, person, outcome="approve")
            mine.append(case.pk)

    by_person = together([partial(works, person) for person in people])
    decided = Counter(key for mine in by_person for key in mine)
    assert decided == {case.pk: 1 for case in made}
    assert set(Case.objects.values_list("state", "version")) == {("approved", len(STEPS))}
    assert Review.objects.count() == Claim.objects.filter(ended_at__isnull=False).count() == CASES
    reviewed_by = dict(Review.objects.values_list("case", "reviewer"))
    assert reviewed_by == {key: person.pk for person, mine in zip(people, by_person, strict=True) for key in mine}
    told: dict[int, list[tuple[int, str]]] = {}
    for case, seq, name in CaseEvent.objects.order_by("case", "seq").values_list("case", "seq", "name"):
        told.setdefault(case, []).append((seq, name))
    assert told == {case.pk: list(enumerate(STEPS, 1)) for case in made}
