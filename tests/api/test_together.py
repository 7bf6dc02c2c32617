"""Senders at the same moment: one case, one answer a key, no deadlock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from cases.accounts import create_token
from cases.models import ApiToken, Case, CaseEvent
from intake import api
from intake.models import IdempotencyKey, RejectedRow
from tests.api.calls import Caller, a_case
from tests.together import together


def test_one_case_from_eight_senders_at_once_is_one_case(shared_db: None) -> None:
    caller = Caller(create_token("los", scopes=["ingest"]))
    answers = together([lambda: caller.post("/cases", a_case())] * 8)
    assert Counter(answer.status_code for answer in answers) == {202: 1, 200: 7}
    assert len({answer.json()["ref"] for answer in answers}) == 1
    assert (Case.objects.count(), CaseEvent.objects.count()) == (1, 1)


def test_one_key_from_eight_threads_gives_one_case_and_one_answer(shared_db: None) -> None:
    caller = Caller(create_token("los", scopes=["ingest"]))
    answers = together([lambda: caller.post("/cases", a_case(), Idempotency_Key="k-1")] * 8)
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1
    assert (Case.objects.count(), IdempotencyKey.objects.count()) == (1, 1)


def test_one_key_with_eight_bodies_at_once_takes_one_case_in(shared_db: None) -> None:
    caller = Caller(create_token("los", scopes=["ingest"]))

    def send(number: int) -> Callable[[], Any]:
        return lambda: caller.post("/cases", a_case(f"A-{number}"), Idempotency_Key="k-1")

    answers = together([send(number) for number in range(8)])
    assert Counter(answer.status_code for answer in answers) == {202: 1, 422: 7}
    assert Case.objects.count() == 1


def test_batches_with_the_same_cases_in_opposite_order_do_not_lock_each_other_out(shared_db: None) -> None:
    caller = Caller(create_token("los", scopes=["ingest"]))
    rows = [a_case(f"A-{number}", applicant={"id": f"P-{number}"}) for number in range(300)]
    forth, back = together([lambda: caller.post("/cases/batch", rows), lambda: caller.post("/cases/batch", rows[::-1])])
    assert (forth.status_code, back.status_code) == (200, 200)
    assert forth.json()["accepted"] + back.json()["accepted"] == 300
    assert forth.json()["duplicates"] + back.json()["duplicates"] == 300
    assert Case.objects.count() == CaseEvent.objects.count() == 300


def test_good_bad_and_reused_references_at_once_each_get_their_own_answer(shared_db: None) -> None:
    caller = Caller(create_token("los", scopes=["ingest"]))
    caller.post("/cases", a_case("A-0"))
    bodies = [a_case("A-0"), a_case("A-0", amount="1.00"), a_case("A-1", amount="-5")]
    bodies += [a_case(f"A-{number}", applicant={"id": f"P-{number}"}) for number in range(2, 7)]
    bodies += [a_case("A-7", source="web", features={"annual_income": -1})]

    def send(body: dict[str, Any]) -> Callable[[], Any]:
        return lambda: caller.post("/cases", body)

    answers = together([send(body) for body in bodies])
    assert [answer.status_code for answer in answers] == [200, 409, 422, *[202] * 6]
    refs = {case.external_ref: (case.ref, case.state) for case in Case.objects.all()}
    for body, answer in zip(bodies[3:], answers[3:], strict=True):
        assert (answer.json()["ref"], answer.json()["state"]) == refs[body["external_ref"]]
    assert refs["A-7"][1] == "needs_data"
    assert set(refs) == {"A-0", *(f"A-{number}" for number in range(2, 8))}
    refused = RejectedRow.objects.values_list("row_number", "raw__external_ref")
    assert sorted(refused) == [(1, "A-0"), (1, "A-1")]


def test_a_refusal_gives_back_its_own_key_and_not_one_that_another_request_has_taken_since(
    shared_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bad body twice and a good one, all under one key: the second refusal comes while the good one is at work."""
    caller = Caller(create_token("los", scopes=["ingest"]))
    bad, good = a_case("A-1", amount="-1"), a_case("A-2")
    take_one, begun, refused = api._take_one, [], []

    def send(body: dict[str, Any]) -> Any:
        return caller.post("/cases", body, Idempotency_Key="k-1")

    def takes(raw: Any, token: ApiToken) -> Any:
        begun.append(raw["external_ref"])
        if begun == ["A-1"]:
            refused.append(send(bad))  # gives the key back that both had
            refused.append(send(good))
        return take_one(raw, token)

    monkeypatch.setattr(api, "_take_one", takes)
    refused.append(send(bad))
    assert [answer.status_code for answer in refused] == [422, 202, 422]
    assert [send(good).content, send(bad).status_code] == [refused[1].content, 422]
    assert (Case.objects.count(), IdempotencyKey.objects.count()) == (1, 1)


def test_a_case_that_is_taken_in_is_answered_where_a_refusal_of_the_same_body_has_given_the_key_back(
    shared_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = Caller(create_token("los", scopes=["ingest"]))
    take_one = api._take_one

    def takes(raw: Any, token: ApiToken) -> Any:
        IdempotencyKey.objects.all().delete()
        return take_one(raw, token)

    monkeypatch.setattr(api, "_take_one", takes)
    answers = [caller.post("/cases", a_case(), Idempotency_Key="k-1") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 200]
    assert len({answer.json()["ref"] for answer in answers}) == 1
    assert (Case.objects.count(), IdempotencyKey.objects.count()) == (1, 0)
