"""The promise joined to what is known: evidence from training and from live cases, lines, frontier, live check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone, translation

from cases import actions
from cases.actions import claim_case
from cases.models import Case, User
from learning.actions import ObservedOutcome, record_outcomes
from learning.models import HeldOutScore
from learning.promises import (
    NoEvidence,
    NothingPromised,
    TooFewBads,
    champion_evidence,
    drawn_lines,
    evidence_for,
    frontier_of,
    standing,
)
from learning.train import keep_held_out
from riskreview import sample
from routing.arms import Exploration
from routing.exploring import ask_exploration, sign_exploration
from routing.guarantee import upper_bound
from routing.models import Policy, Route
from routing.terms import Promise, Terms
from scoring.ml.calibration import sigmoid
from scoring.models import ModelVersion
from tests import make
from tests.conftest import TrainedBook
from tests.learning.book import keep_book
from tests.routing.tampering import tampering

EXPLORING = Exploration(
    rate=0.5, highest_pd=0.9, highest_exposure=500.0, budget=10_000.0, most_bads=50, most_loss_share=0.5,
    tolerated_bad_rate=0.4,
)  # fmt: skip
POOR = {**make.CLEAR_FEATURES, "interest_rate": 28.0, "sub_grade": 33, "annual_income": 20_000, "delinquencies_2y": 5}
AGO = timedelta(days=730)


def granted(count: int, **changes: Any) -> list[Case]:
    """Clear cases of two years ago, routed by the policy in force, and by it approved."""
    now = timezone.now()
    make.cases(count, applied_at=now - AGO, **changes)
    make.run_machine()
    return list(Case.objects.filter(state="approved").order_by("pk"))


def told(cases: Sequence[Case], bad: Sequence[bool], *, days: int = 400) -> None:
    """How these loans went; each matured a minute after the one before."""
    receipt = record_outcomes(
        [
            ObservedOutcome(case.pk, case.applied_at + timedelta(days=days, minutes=place), turned)
            for place, (case, turned) in enumerate(zip(cases, bad, strict=True))
        ],
        given_by="tests",
    )
    assert receipt.accepted == len(cases)


def grant(held: Case, by: User) -> None:
    """The person approves the case that they hold."""
    actions.decide_case(
        held.pk, by=by, outcome="approve", reason_codes=["stable_income"], note="for the test",
        seen_version=make.reread(held).version,
    )  # fmt: skip


@pytest.fixture
def promised(admin: User, supervisor: User) -> Policy:
    """The sample's policy with a promise of 10 %, nothing drawn for the audit."""
    return make.policy(admin, supervisor, audit_share=0.0, promise=Promise(0.1))


def test_the_evidence_of_the_sample_book_is_what_was_said_of_each_loan_by_models_that_had_not_seen_it(
    trained_book: TrainedBook, champion: ModelVersion
) -> None:
    assert keep_book(trained_book, champion) == 3000
    found = evidence_for("consumer", champion)
    bads = sum(trained_book.bad)
    assert (len(found), found.bads, found.model, found.model_sha256) == (3000, bads, "consumer v1", champion.sha256)
    assert not found.live.any()
    assert (found.weight == 1.0).all()
    of = dict(zip(trained_book.names, sigmoid(trained_book.held_out.log_odds), strict=True))
    names = Case.objects.filter(source=sample.HISTORY.source).order_by("pk").values_list("external_ref", flat=True)
    assert found.pd.tolist() == [of[name] for name in names]
    assert (found.since[:4], found.until[:4]) == ("2016", "2016")
    assert set(found.segments) == {"region", "industry", "channel", "applicant_segment"}
    terms = make.terms(promise=Promise(0.3))
    made = drawn_lines(terms, found)
    assert made.promise is not None
    (line,) = made.promise.evidence["lines"]
    bad_pds = np.sort(found.pd[found.bad])
    assert line["misses_allowed"] == int(np.searchsorted(bad_pds, line["cut_off"]))
    assert line["bound"] == upper_bound(line["misses"], bads) <= 0.3
    assert made.approve_below == min(np.floor(line["cut_off"] * 1e6) / 1e6, 0.14)
    seen = frontier_of("consumer", terms, evidence=found)
    assert len(seen.points) == 35 * 7
    assert list(seen.needed.values()) == sorted(seen.needed.values(), reverse=True)
    least = [seen.least[share] for share in sorted(seen.least)]
    assert least == sorted(least, reverse=True)
    kept = {(point.promise, point.review_share): point.kept for point in seen.points}
    assert all(kept[promise, share] == (promise >= seen.least[share]) for promise, share in kept)


def test_held_out_scores_are_written_once_and_never_changed(champion: ModelVersion, policy: Policy) -> None:
    made = make.cases(3)
    other = make.case("card", product="credit_card", features={"limit": 5000})
    refs = [*(case.ref for case in made), other.ref, "CR-999999", "elsewhere"]
    assert keep_held_out(champion, refs, np.arange(6.0)) == 3
    assert keep_held_out(champion, refs, np.arange(6.0) + 1) == 0
    written = list(HeldOutScore.objects.order_by("pk").values_list("case_id", "log_odds"))
    assert written == [(case.pk, float(place)) for place, case in enumerate(made)]
    for change in (lambda: HeldOutScore.objects.update(log_odds=9.0), HeldOutScore.objects.all().delete):
        with pytest.raises(DatabaseError, match="keeps what was written"), transaction.atomic():
            change()
    assert list(HeldOutScore.objects.order_by("pk").values_list("case_id", "log_odds")) == written


def test_live_cases_join_the_evidence_once_they_matured_and_a_training_loan_counts_once(
    champion: ModelVersion, policy: Policy
) -> None:
    cases = granted(4)
    assert len(evidence_for("consumer", champion)) == 0
    told(cases[:3], [True, False, False])
    found = evidence_for("consumer", champion)
    assert (len(found), found.bads, found.live.tolist()) == (3, 1, [True] * 3)
    assert found.pd.tolist() == [case.assessments.get().pd for case in cases[:3]]
    assert found.exposure.tolist() == [8000.0] * 3
    assert found.segments["region"].tolist() == ["CA"] * 3
    told(cases[:1], [False], days=500)
    assert evidence_for("consumer", champion).bads == 0
    keep_held_out(champion, [cases[1].ref], np.array([0.0]))
    found = evidence_for("consumer", champion)
    assert (found.live.tolist(), found.pd[0]) == ([False, True, True], 0.5)


@pytest.mark.usefixtures("released_at_once")
def test_where_the_audit_draws_the_others_stand_for_what_it_drew(
    champion: ModelVersion, admin: User, supervisor: User, reviewer: User
) -> None:
    make.policy(admin, supervisor, audit_share=0.5)
    make.cases(20, applied_at=timezone.now() - AGO)
    make.run_machine()
    machine = list(Case.objects.filter(state="approved").order_by("pk"))
    drawn = Route.objects.filter(is_audit=True)
    assert 0 < len(machine) == 20 - drawn.count()
    told(machine, [False] * len(machine))
    found = evidence_for("consumer", champion)
    assert found.weight.tolist() == [2.0] * len(machine)
    # One that was drawn and that a person granted after all has an outcome, and still stands for nothing.
    grant(claim_case(drawn.order_by("pk")[0].case_id, by=reviewer), reviewer)
    told(list(Case.objects.filter(decided_by="person")), [True])
    found = evidence_for("consumer", champion)
    assert (len(found), found.bads) == (len(machine), 0)


def test_lines_are_refused_where_the_promise_cannot_be_kept_and_it_says_how_many_bads_are_needed(
    champion: ModelVersion, policy: Policy
) -> None:
    told(granted(3), [True, True, False])
    found = champion_evidence("consumer")
    with pytest.raises(NothingPromised):
        drawn_lines(make.terms(promise=None), found)
    with pytest.raises(TooFewBads) as refused:
        drawn_lines(make.terms(promise=Promise(0.05)), found)
    assert (refused.value.bads, refused.value.needed) == (2, 59)
    assert str(refused.value) == (
        "Of the loans whose end is known 2 turned bad. This promise needs at least 59 that did before the machine may "
        "approve anybody."
    )
    with translation.override("zh-hans"), pytest.raises(TooFewBads, match=r"其中 2 笔变坏.*至少需要 59 笔"):
        drawn_lines(make.terms(promise=Promise(0.05)), found)


def test_without_a_model_or_without_loans_there_is_nothing_to_rest_on(db: None, champion: ModelVersion) -> None:
    with pytest.raises(NoEvidence, match="No model is in force"):
        champion_evidence("credit_card")
    with pytest.raises(NoEvidence, match="No loan with a known end"):
        frontier_of("consumer", make.terms())


def test_a_version_that_promises_nothing_has_no_standing(champion: ModelVersion, admin: User, supervisor: User) -> None:
    make.policy(admin, supervisor, promise=None)
    assert standing("consumer") is None
    assert standing("credit_card") is None


def test_the_promise_is_in_doubt_until_a_bad_shows_and_broken_when_it_is_no_longer_luck(
    champion: ModelVersion, promised: Policy
) -> None:
    cases = granted(12)
    found = standing("consumer")
    assert found is not None
    assert (found.state, found.bads, found.misses, found.miss_rate, found.as_of) == ("in_doubt", 0, 0, None, None)
    told(cases[:1], [True])
    found = standing("consumer")
    assert found is not None
    assert (found.state, found.bads, found.misses, found.miss_rate) == ("in_doubt", 1, 1, 1.0)
    told(cases[1:11], [True] * 10)
    told(cases[11:], [False])
    found = standing("consumer")
    assert found is not None
    assert (found.state, found.bads, found.misses, found.audited) == ("broken", 11, 11, 0)
    assert 0.1 < found.least < 1.0
    assert (found.policy, found.number, found.promised) == (promised.pk, promised.number, 0.1)
    # Restated: none of them is bad any more.
    told(cases[:11], [False] * 11, days=500)
    found = standing("consumer")
    assert found is not None
    assert (found.state, found.bads) == ("in_doubt", 0)


@pytest.mark.usefixtures("released_at_once")
def test_bads_that_people_granted_are_no_misses_but_what_the_audit_drew_is(
    champion: ModelVersion, admin: User, supervisor: User, reviewer: User
) -> None:
    make.policy(admin, supervisor, audit_share=1.0, promise=Promise(0.1))
    for number in range(4):
        made = make.queued_case(f"K-{number}", applied_at=timezone.now() - AGO, key_customer=False)
        grant(claim_case(made.pk, by=reviewer), reviewer)
    audited = list(Case.objects.filter(state="approved"))
    told(audited, [True, True, True, False])
    found = standing("consumer")
    assert found is not None
    assert (found.bads, found.misses, found.audited, found.miss_rate) == (3, 3, 3, 1.0)
    # A large amount goes to people by a rule: what they grant is theirs.
    make.policy(admin, supervisor, audit_share=0.0, promise=Promise(0.2), amount_limit=5000)
    found = standing("consumer")
    assert found is not None
    assert (found.bads, found.promised) == (0, 0.2)
    made = make.queued_case("K-9", applied_at=timezone.now() - AGO, key_customer=False)
    grant(claim_case(made.pk, by=reviewer), reviewer)
    told([make.reread(made)], [True])
    found = standing("consumer")
    assert found is not None
    assert (found.bads, found.misses, found.state) == (1, 0, "holds")


def test_an_approval_by_lot_is_no_miss_and_weighs_only_where_the_lines_were_drawn_so(
    champion: ModelVersion, admin: User, supervisor: User
) -> None:
    exploring = make.policy(
        admin, supervisor, audit_share=0.0, promise=Promise(0.1), doubt_limit=1.0, approve_below=0.03, cut_off=0.04,
        decline_above=0.05, exploration=EXPLORING,
    )  # fmt: skip
    asked = ask_exploration(exploring.pk, by=admin, budget=Decimal(10_000))
    sign_exploration(asked.pk, by=supervisor, seen_budget=Decimal(10_000))
    # Of so many the lot, which is drawn for each by itself, takes some and leaves some.
    make.cases(40, applied_at=timezone.now() - AGO, features=POOR, amount=Decimal(100))
    make.case("K-1", applied_at=timezone.now() - AGO)
    make.run_machine()
    lot = [route.case for route in Route.objects.filter(is_exploration=True).order_by("case_id")]
    assert 0 < len(lot) < 40
    clear = Case.objects.get(external_ref="K-1")
    assert clear.outcome == "approve"
    told([*lot, clear], [True] * (len(lot) + 1))
    found = evidence_for("consumer", champion)
    assert sorted(found.weight.tolist()) == [1.0] + [2.0] * len(lot)
    assert found.explored.sum() == len(lot)
    state = standing("consumer")
    assert state is not None
    assert (state.bads, state.misses, state.miss_rate, state.explored, state.weighed) == (1, 1, 1.0, len(lot), False)
    weighed = Promise(0.1, evidence={"explored": len(lot)})
    with tampering():
        Policy.objects.filter(pk=exploring.pk).update(
            terms=replace(Terms.from_dict(exploring.terms), promise=weighed).to_dict()
        )
    state = standing("consumer")
    assert state is not None
    assert (state.bads, state.misses, state.weighed) == (len(lot) + 1, 1, True)
    assert state.miss_rate == pytest.approx(1 / (1 + 2 * len(lot)))
