"""The made-up history of the demonstration: made by the real actions, and enough for the pages to say something."""

from __future__ import annotations

from cases.desk_rules import rules_in_force
from cases.models import Case, CaseEvent, Opinion, Review, SecondLook, User
from cases.states import State
from learning.override_queries import read_overrides
from learning.overrides import LEAST_SETTLED
from learning.reviewer_queries import months_ago, read_decisions
from learning.reviewers import LEAST_SHOWN, agreement
from riskreview import sample
from riskreview.sample_history import NOTE, SOURCE, make_history
from routing.models import Policy
from scoring.models import ModelVersion, Stream
from tests.conftest import TrainedBook
from tests.learning.book import keep_book


def test_it_is_decided_once_by_people_who_are_marked_as_made_up(
    champion: ModelVersion, policy: Policy, trained_book: TrainedBook
) -> None:
    sample.make_accounts("not-for-anybody")
    keep_book(trained_book, champion)
    before = rules_in_force()
    made = make_history()
    mine = Case.objects.filter(source=SOURCE)
    assert made == Review.objects.count() > 3 * LEAST_SHOWN
    assert not mine.filter(state__in=(State.IN_REVIEW, State.AWAITING_SIGNOFF)).exists()
    notes = Review.objects.values_list("case__external_ref", "note")
    assert all(note == NOTE.format(ref=ref) for ref, note in notes)
    people = User.objects.filter(username__startswith="made-up-")
    assert [(each.is_active, each.has_usable_password()) for each in people] == [(False, False)] * 3
    decided = CaseEvent.objects.filter(name="claim", case__in=mine)
    assert set(decided.values_list("actor", flat=True)) == set(people.values_list("pk", flat=True))
    after = rules_in_force()
    shares = ("opinion_share", "second_look_share", "release_hold_seconds")
    assert [getattr(after, name) for name in shares] == [getattr(before, name) for name in shares]
    assert make_history() == 0
    # Nothing of it is usual for the loans that come next.
    assert not Stream.objects.exists()

    settled = [each for each in read_overrides(months_ago(24)) if each.status == "settled"]
    assert len(settled) >= LEAST_SETTLED
    assert Opinion.objects.count() > LEAST_SHOWN
    assert not SecondLook.objects.filter(done_at=None).exists()
    decisions = read_decisions(months_ago(24))
    agreed = [agreement(person.pk, decisions) for person in people]
    assert sum(each is not None for each in agreed) >= 2
