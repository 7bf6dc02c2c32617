"""`POST /cases`: taken in once, recognised again, refused with every bad field named."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cases.models import Applicant, Case, CaseEvent
from intake.models import CaseOrigin, IdempotencyKey, Source
from tests.api.calls import Caller, a_case, codes, problem


def test_a_new_case_answers_202_with_its_ref_and_state(ingest: Caller) -> None:
    response = ingest.post("/cases", a_case())
    case = Case.objects.select_related("applicant").get()
    assert (response.status_code, response.json()) == (202, {"ref": case.ref, "state": "received"})
    assert (case.amount, case.currency, case.term_months) == (Decimal("120000.00"), "CNY", 24)
    assert (case.applicant.external_id, case.applicant.name) == ("310101199001011234", "张三")
    assert case.features == {"annual_income": 180000, "delinq_2yrs": 0, "purpose": "car"}
    assert [event.name for event in case.events.all()] == ["receive"]
    origin = CaseOrigin.objects.get(case=case)
    assert (origin.batch.kind, origin.batch.name, origin.row_number) == ("push", "los", None)


def test_the_same_content_again_answers_200_with_the_same_ref(ingest: Caller) -> None:
    first = ingest.post("/cases", a_case())
    again = ingest.post("/cases", a_case(amount=120000, applied_at="2026-01-05T01:30:00Z"))
    assert (again.status_code, again.json()) == (200, first.json())
    assert (Case.objects.count(), CaseEvent.objects.count(), Source.objects.count()) == (1, 1, 1)


def test_other_content_under_the_same_reference_answers_409_and_changes_nothing(ingest: Caller) -> None:
    ingest.post("/cases", a_case())
    other = a_case(amount="1.00", applicant={"id": "310101199001011234", "name": "李四", "key_customer": True})
    refused = problem(ingest.post("/cases", other), 409)
    assert codes(refused["errors"]) == {"external_ref": "reference_reused"}
    assert refused["errors"][0]["en"].endswith("is already known with other content: amount.")
    case = Case.objects.get()
    assert (case.amount, case.version) == (Decimal("120000.00"), 1)
    applicant = Applicant.objects.get()
    assert (applicant.name, applicant.key_customer) == ("张三", False)


def test_an_older_case_sent_again_does_not_bring_back_the_older_name(ingest: Caller) -> None:
    ingest.post("/cases", a_case("A-1"))
    ingest.post("/cases", a_case("A-2", applicant={"id": "310101199001011234", "name": "张三丰"}))
    assert ingest.post("/cases", a_case("A-1")).status_code == 200
    assert Applicant.objects.get().name == "张三丰"


def test_one_reference_of_two_sources_names_two_cases(ingest: Caller) -> None:
    first = ingest.post("/cases", a_case())
    second = ingest.post("/cases", a_case(source="web"))
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["ref"] != second.json()["ref"]


def test_every_bad_field_is_named_at_once_in_both_languages(ingest: Caller) -> None:
    wrong = a_case(
        external_ref="",
        source="two words",
        kind="loan",
        product="",
        amount="-5",
        currency="??",
        term_months="x",
        applied_at="2026-01-05T09:30:00",
        colour="red",
        applicant={"id": "", "key_customer": "yes", "age": 3},
        features={"Bad Name": 1, "nested": {"a": 1}},
    )
    refused = problem(ingest.post("/cases", wrong), 422)
    assert codes(refused["errors"]) == {
        "external_ref": "required",
        "source": "not_a_slug",
        "kind": "not_a_choice",
        "product": "required",
        "amount": "not_positive",
        "currency": "not_a_currency",
        "term_months": "not_an_integer",
        "applied_at": "no_time_zone",
        "colour": "unknown_field",
        "applicant.id": "required",
        "applicant.key_customer": "not_a_flag",
        "applicant.age": "unknown_field",
        "features.Bad Name": "bad_feature_name",
        "features.nested": "not_a_feature_value",
    }
    assert all(error["en"] and error["zh"] and error["en"] != error["zh"] for error in refused["errors"])
    assert (Case.objects.count(), Applicant.objects.count(), Source.objects.count()) == (0, 0, 0)


def test_a_case_with_data_that_cannot_be_judged_is_taken_in_and_held(ingest: Caller) -> None:
    response = ingest.post("/cases", a_case(features={"annual_income": -1}))
    assert (response.status_code, response.json()["state"]) == (202, "needs_data")
    case = Case.objects.get()
    assert [finding["feature"] for finding in case.findings] == ["annual_income"]
    assert [event.name for event in case.events.all()] == ["receive", "hold"]


def test_a_key_repeats_the_first_answer(ingest: Caller) -> None:
    first = ingest.post("/cases", a_case(), Idempotency_Key="k-1")
    again = ingest.post("/cases", a_case(), Idempotency_Key="k-1")
    assert (first.status_code, again.status_code, again.json()) == (202, 202, first.json())
    assert (Case.objects.count(), IdempotencyKey.objects.count()) == (1, 1)


def test_a_key_with_another_body_answers_422_and_takes_nothing_in(ingest: Caller) -> None:
    ingest.post("/cases", a_case(), Idempotency_Key="k-1")
    refused = problem(ingest.post("/cases", a_case("A-2"), Idempotency_Key="k-1"), 422)
    assert refused["title"] == "Key used before"
    assert Case.objects.get().external_ref == "A-1001"


def test_a_refused_request_leaves_its_key_free_for_the_mended_one(ingest: Caller) -> None:
    problem(ingest.post("/cases", a_case(amount="-5"), Idempotency_Key="k-1"), 422)
    assert IdempotencyKey.objects.count() == 0
    assert ingest.post("/cases", a_case(), Idempotency_Key="k-1").status_code == 202


def test_keys_of_two_tokens_do_not_meet(ingest: Caller, second_ingest: Caller) -> None:
    first = ingest.post("/cases", a_case("A-1"), Idempotency_Key="k-1")
    second = second_ingest.post("/cases", a_case("A-2"), Idempotency_Key="k-1")
    assert (first.status_code, second.status_code) == (202, 202)
    assert IdempotencyKey.objects.count() == 2


@pytest.mark.parametrize(("length", "status"), [(255, 202), (256, 422)])
def test_a_key_has_at_most_255_characters(ingest: Caller, length: int, status: int) -> None:
    assert ingest.post("/cases", a_case(), Idempotency_Key="k" * length).status_code == status
    assert Case.objects.count() == (status == 202)
