"""Past loans like a case: only those whose outcome is known, around its PD, quickly."""

from __future__ import annotations

import time
from datetime import timedelta

from pytest_django import DjangoAssertNumQueries

from cases.models import Case
from learning.actions import ObservedOutcome, record_outcomes
from learning.models import HeldOutScore
from learning.similar import similar_to
from routing.models import Policy
from scoring.ml.features import FeatureTable
from scoring.models import Assessment, ModelVersion
from tests import make
from tests.conftest import TrainedBook
from tests.learning.book import keep_book


def assessed(case: Case) -> tuple[Assessment, FeatureTable]:
    found = Assessment.objects.select_related("model").get(case=case)
    return found, FeatureTable.from_dict(found.model.feature_table)


def test_loans_of_the_book_are_compared_with_what_became_of_them(
    champion: ModelVersion,
    policy: Policy,
    trained_book: TrainedBook,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    keep_book(trained_book, champion, loans=1500)
    assessment, table = assessed(make.queued_case())
    line = assessment.pd + 0.02
    similar_to(assessment, table, product="consumer", line=line)
    started = time.perf_counter()
    with django_assert_max_num_queries(5):
        found = similar_to(assessment, table, product="consumer", line=line)
    # Less than a tenth of a second by itself; others keep a test's machine busy.
    assert time.perf_counter() - started < 0.5
    assert 3 <= len(found.loans) <= 5
    assert (found.group, 100 <= found.pool <= 300) == (100, True)
    assert 0 < found.bads < found.group
    assert {like.bad for like in found.loans} == {True, False}
    assert {like.pd >= line for like in found.loans} == {True, False}
    odds = dict(HeldOutScore.objects.values_list("case", "log_odds"))
    assert all(like.case_id in odds for like in found.loans)
    for like in found.loans:
        assert len(like.told_apart) <= 3
        assert all(there != here for _name, there, here in like.told_apart)


def test_only_matured_outcomes_of_other_loans_count_and_the_last_word_on_each(
    champion: ModelVersion, policy: Policy
) -> None:
    twin, early, unknown, case = (make.case(name) for name in ("T-1", "T-2", "T-3", "T-4"))
    make.run_machine()
    later = twin.applied_at + timedelta(days=400)
    told = [
        ObservedOutcome(twin.pk, later, bad=True, mature=True),
        ObservedOutcome(early.pk, early.applied_at + timedelta(days=30), bad=True, mature=False),
        ObservedOutcome(case.pk, later, bad=True, mature=True),
    ]
    record_outcomes(told, given_by="tests")
    record_outcomes([ObservedOutcome(twin.pk, later + timedelta(days=1), bad=False, mature=True)], given_by="tests")
    assessment, table = assessed(case)
    found = similar_to(assessment, table, product="consumer", line=0.5)
    assert [(like.case_id, like.bad, like.why) for like in found.loans] == [(twin.pk, False, "nearest")]
    assert (found.pool, found.group, found.bads) == (1, 0, 0)
    assert found.loans[0].told_apart == ()
    assert unknown.pk not in {like.case_id for like in found.loans}
    assert similar_to(assessment, table, product="another", line=0.5).loans == ()
