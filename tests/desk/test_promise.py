"""The page of a promise: what it rests on, which lines follow, and who may draw them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from cases.models import User
from cases.states import Role
from learning.promises import champion_evidence, drawn_lines, frontier_of
from routing import drafting
from routing.drafting import draft_policy
from routing.models import Policy, PolicyStep
from routing.promised_lines import follows_from_evidence
from routing.publication import propose_policy
from routing.terms import Promise, Terms
from scoring.models import ModelVersion
from tests import make
from tests.conftest import TrainedBook
from tests.desk.conftest import SignsIn
from tests.desk.promise_page import text_of, url_of
from tests.learning.book import keep_book
from tests.promotion import Promotion
from tests.rolled_back import rolled_back

LOANS = 1500


@pytest.fixture(scope="module")
def office(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, trained_book: TrainedBook, promotion: Promotion
) -> Iterator[None]:
    """The book and the admin who put its model in force, once for the tests of this file."""
    with django_db_blocker.unblock(), rolled_back():
        model = promotion.repeat(by=make.user("admin", Role.ADMIN))
        keep_book(trained_book, model, loans=LOANS)
        yield


@pytest.fixture
def admin(office: None, db: None) -> User:
    return User.objects.get(username="admin")


@pytest.fixture
def book(office: None, db: None) -> ModelVersion:
    return ModelVersion.objects.get()


@pytest.fixture
def draft(admin: User) -> Policy:
    return draft_policy("consumer", by=admin, terms=make.terms(promise=Promise(0.3)), purpose="for the test")


def typed(policy: Policy, **changes: str) -> dict[str, str]:
    usual = {"miss_rate": "30", "good_decline_rate": "", "confidence": "95", "review_share": "5", "segment_by": ""}
    return usual | {"seen": policy.sha256} | changes


def untouched(policy: Policy) -> bool:
    now = Policy.objects.get(pk=policy.pk)
    steps = list(PolicyStep.objects.filter(policy=policy).values_list("name", flat=True))
    return (now.sha256, now.terms) == (policy.sha256, policy.terms) and "edit" not in steps


def test_the_page_says_what_is_promised_what_it_rests_on_and_which_lines_follow(
    book: ModelVersion,
    draft: Policy,
    auditor: User,
    signs_in: SignsIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = signs_in(auditor)
    with django_assert_max_num_queries(12):
        text = text_of(client, url_of(draft))
    terms = make.terms(promise=Promise(0.3))
    evidence = champion_evidence("consumer")
    promise = drawn_lines(terms, evidence).promise
    assert promise is not None
    (line,) = promise.evidence["lines"]
    assert len(evidence) == LOANS
    least = frontier_of("consumer", terms, evidence=evidence).least[0.05]
    for words in (
        "Promise · Consumer loan, version 1 Draft",
        "Of the loans granted so far that turned bad, the machine approves at most 30% by itself, with 95% confidence.",
        f"Loans whose end is known 1,500 Turned bad {evidence.bads} … held out of training {evidence.bads} "
        "… scored here 0",
        f"everybody {line['approve_below'] * 100:.4f}% 16.0000% {evidence.bads} {line['misses']} "
        f"of {line['misses_allowed']} allowed",
        f"{line['bound'] * 100:.2f}%",
        "The promise cannot be kept with at most 5% seen by people.",
        f"With 5% seen by people the best promise there is {least * 100:.1f}%.",
        "Loans that were never granted have no outcome.",
        "exact: each loan counts once",
        "At the lines as they stand set by hand, not drawn from the promise",
    ):
        assert words in text, (words, text)
    assert "Draw these lines" not in text


def test_every_role_of_the_office_reads_the_page_in_both_languages(
    book: ModelVersion, draft: Policy, reviewer: User, supervisor: User, admin: User, auditor: User, signs_in: SignsIn
) -> None:
    for user in (supervisor, admin, auditor):
        chinese = text_of(signs_in(user, "zh-hans"), url_of(draft) + "?good_decline_rate=10&segment_by=region")
        assert "系统自行通过的至多占 30%，置信度 95%" in chinese
        assert "坏贷款太少，不足以单设界线" in chinese
        assert ("将这些界线写入草稿" in chinese) == (user == admin)
        assert not re.search(r"\b(Promise|promise|lines?|seen|needed|most|bad|good|nobody)\b", chinese)
    refused = signs_in(reviewer).get(url_of(draft))
    assert refused.status_code == 403


def test_an_admin_draws_the_lines_into_the_draft(
    book: ModelVersion, draft: Policy, admin: User, signs_in: SignsIn
) -> None:
    client = signs_in(admin)
    answer = client.post(url_of(draft), typed(draft, miss_rate="20", good_decline_rate="10"))
    assert (answer.status_code, answer["Location"]) == (302, url_of(draft))
    made = Terms.from_dict(Policy.objects.get(pk=draft.pk).terms)
    expected = drawn_lines(
        replace(make.terms(), promise=Promise(0.2, good_decline_rate=0.1)), champion_evidence("consumer")
    )
    assert made.sha256 == expected.sha256
    assert made.bands == expected.bands != make.terms().bands
    assert follows_from_evidence(made)
    assert list(PolicyStep.objects.filter(policy=draft).values_list("name", flat=True)) == ["draft", "edit"]
    assert "At the lines as they stand drawn from the evidence of Consumer loan, version 1" in text_of(
        client, url_of(draft)
    )


def test_lines_by_segment_stand_in_the_draft_and_too_small_ones_share_the_last(
    book: ModelVersion, draft: Policy, admin: User, signs_in: SignsIn
) -> None:
    client = signs_in(admin)
    assert client.post(url_of(draft), typed(draft, miss_rate="50", segment_by="region")).status_code == 302
    made = Terms.from_dict(Policy.objects.get(pk=draft.pk).terms)
    assert made.segment_by == "region"
    assert made.promise is not None
    lines = made.promise.evidence["lines"]
    assert [line["segment"] for line in lines] == [*made.segment_bands, ""]
    assert len(lines) > 1
    assert all(line["bads"] >= 5 for line in lines)
    text = text_of(client, url_of(draft))
    assert "Too few bad loans for lines of their own (5 are needed); they share the last:" in text


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"miss_rate": "0.1"}, 422, "This promise needs at least 2995 that did"),
        ({"miss_rate": "none"}, 422, "A percentage above 0 and below 100 is expected."),
        ({"miss_rate": "nan", "confidence": "100"}, 422, "A percentage above 0 and below 100 is expected."),
        ({"segment_by": "sign of the zodiac"}, 422, "This is no field of segments."),
        ({"seen": "somebody else's"}, 409, "Somebody else has edited this version"),
    ],
)
def test_what_cannot_be_drawn_changes_nothing(
    changes: dict[str, str], status: int, words: str, book: ModelVersion, draft: Policy, admin: User, signs_in: SignsIn
) -> None:
    answer = signs_in(admin).post(url_of(draft), typed(draft, **changes))
    assert answer.status_code == status
    assert words in unescape(answer.content.decode())
    assert untouched(draft)


def test_only_an_admin_draws_and_only_into_a_draft(
    book: ModelVersion, draft: Policy, admin: User, supervisor: User, auditor: User, reviewer: User, signs_in: SignsIn
) -> None:
    for user in (supervisor, auditor, reviewer):
        assert signs_in(user).post(url_of(draft), typed(draft)).status_code == 403
    assert Client().post(url_of(draft), typed(draft)).status_code == 302
    assert untouched(draft)
    active = make.policy(admin, supervisor)
    client = signs_in(admin)
    assert "Draw these lines" not in text_of(client, url_of(active))
    assert client.post(url_of(active), typed(active)).status_code == 409
    assert untouched(active)
    assert client.get("/policies/999999/promise").status_code == 404


def test_a_promise_drawn_for_another_model_is_told_on_both_pages(
    book: ModelVersion, admin: User, supervisor: User, signs_in: SignsIn
) -> None:
    lines = drawn_lines(make.terms(promise=Promise(0.3)), champion_evidence("consumer"))
    made = draft_policy("consumer", by=admin, terms=lines, purpose="for the test")
    assert drafting.test_policy(made.pk, by=admin).passed
    made.refresh_from_db()
    propose_policy(made.pk, by=admin, simulation=make.simulation(made))
    policy = make.approved(Policy.objects.get(pk=made.pk), supervisor)
    client = signs_in(supervisor)
    told = "The lines were drawn from the evidence of "
    assert told not in text_of(client, url_of(policy))
    assert told not in text_of(client, "/policies")
    make.other_champion(book)
    assert told in text_of(client, url_of(policy))
    assert told in text_of(client, "/policies")
