"""The page of a promise without evidence, and the live check of one that is in force."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries

from cases.models import Case, User
from desk.build.promise import live_pairs
from learning.actions import ObservedOutcome, record_outcomes
from routing.drafting import draft_policy
from routing.terms import Promise
from scoring.models import ModelVersion
from tests import make
from tests.desk.conftest import SignsIn
from tests.desk.promise_page import text_of, url_of


def test_without_evidence_the_page_says_so_and_shows_no_line(
    admin: User, champion: ModelVersion, signs_in: SignsIn
) -> None:
    draft = draft_policy("consumer", by=admin, terms=make.terms(promise=Promise(0.3)), purpose="for the test")
    text = text_of(signs_in(admin), url_of(draft))
    assert "No loan with a known end was scored by a model that had not seen it." in text
    assert "Lines that follow" not in text
    assert "Live check" not in text
    ModelVersion.objects.update(status="retired")
    assert "No model is in force for this product" in text_of(signs_in(admin), url_of(draft))


def test_the_live_state_stands_on_the_page_in_the_pairs_and_on_the_overview(
    champion: ModelVersion,
    admin: User,
    supervisor: User,
    signs_in: SignsIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    active = make.policy(admin, supervisor, audit_share=0.0, promise=Promise(0.1))
    client = signs_in(supervisor)
    assert "Promise · Consumer loan in doubt no bad loan yet, promised at most 10%" in text_of(client, "/overview")
    make.cases(12, applied_at=timezone.now() - timedelta(days=730))
    make.run_machine()
    granted = Case.objects.filter(state="approved").order_by("pk")
    assert len(granted) == 12
    record_outcomes(
        [ObservedOutcome(case.pk, case.applied_at + timedelta(days=400), bad=True) for case in granted],
        given_by="tests",
    )
    with translation.override("en"):
        pairs = {pair.words: pair.value for pair in live_pairs(active)}
    assert pairs["Promised miss rate"] == "at most 10%, with 95% confidence"
    assert (pairs["So far"], pairs["Bad loans so far"]) == ("broken", "12 of 12 approved by the machine")
    assert pairs["Lines"] == "set by hand, not drawn from the promise"
    with django_assert_max_num_queries(12):
        text = text_of(client, "/overview")
    assert "Promise · Consumer loan broken 12 of 12 bad loans missed, promised at most 10%" in text
    assert f'href="{url_of(active)}"' in client.get("/overview").content.decode()
    assert "So far broken" in text_of(client, url_of(active))
    with translation.override("zh-hans"):
        assert [pair.value for pair in live_pairs(active)][1] == "已被打破"
