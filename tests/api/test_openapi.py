"""The OpenAPI document: version 3.1, complete, and every reference in it resolves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from cases.accounts import create_token
from cases.states import State
from desk.api import INSTANT
from intake.mapped.fields import MAX_FEATURES
from tests.api.calls import Caller, a_case

METHODS = {"get", "post", "put", "patch", "delete"}
PROMISED = {
    "/api/v1/cases": {"get", "post"},
    "/api/v1/cases/batch": {"post"},
    "/api/v1/cases/{ref}": {"get"},
    "/api/v1/outcomes": {"post"},
    "/api/v1/performance": {"post"},
    "/api/v1/sources/{slug}/rows": {"post"},
}


@pytest.fixture
def document() -> dict[str, Any]:
    response = Client().get("/api/v1/openapi.json")
    assert response.status_code == 200
    body: dict[str, Any] = response.json()
    return body


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            yield path, method, item[method]


def every(node: Any) -> Iterator[dict[str, Any]]:
    """Every object of the document."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from every(value)
    elif isinstance(node, list):
        for value in node:
            yield from every(value)


def test_it_is_openapi_3_1_and_names_the_product(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert (document["info"]["title"], document["info"]["version"]) == ("RiskReview", "1")
    assert document["info"]["description"]


def test_every_promised_address_is_documented(document: dict[str, Any]) -> None:
    documented: dict[str, set[str]] = {}
    for path, method, _operation in operations(document):
        documented.setdefault(path, set()).add(method)
    assert documented == PROMISED


def test_every_reference_resolves(document: dict[str, Any]) -> None:
    references = [node["$ref"] for node in every(document) if isinstance(node.get("$ref"), str)]
    assert references
    for reference in references:
        place: Any = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
        assert place


def test_every_operation_is_named_once_described_and_guarded(document: dict[str, Any]) -> None:
    found = list(operations(document))
    assert len({operation["operationId"] for _path, _method, operation in found}) == len(found)
    schemes = document["components"]["securitySchemes"]
    for _path, _method, operation in found:
        assert operation["summary"]
        assert operation["description"]
        assert all(answer["description"] for answer in operation["responses"].values())
        (security,) = operation["security"]
        assert {schemes[name]["scheme"] for name in security} == {"bearer"}


def test_every_part_of_an_address_and_every_filter_is_a_parameter(document: dict[str, Any]) -> None:
    named = {
        (path, method): {(each["in"], each["name"]) for each in operation.get("parameters", [])}
        for path, method, operation in operations(document)
    }
    assert named["/api/v1/cases/{ref}", "get"] == {("path", "ref")}
    assert named["/api/v1/cases", "get"] == {("query", name) for name in ("state", "source", "since", "cursor")}


def test_bodies_are_documented_with_their_fields(document: dict[str, Any]) -> None:
    one = document["paths"]["/api/v1/cases"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert {"external_ref", "source", "amount", "currency", "term_months", "applied_at", "applicant"} <= set(
        one["required"]
    )
    many = document["paths"]["/api/v1/cases/batch"]["post"]["requestBody"]["content"]
    assert set(many) == {"application/json", "application/x-ndjson"}
    assert many["application/json"]["schema"]["maxItems"] == 10_000
    assert set(document["paths"]["/api/v1/cases"]["post"]["responses"]) >= {"200", "202", "409", "422"}


def test_every_refusal_is_documented_as_the_problem_that_it_is(document: dict[str, Any]) -> None:
    for path, _method, operation in operations(document):
        assert ("413" in operation["responses"]) == ("requestBody" in operation)
        refusals = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
        assert refusals.keys() >= {"401", "403", "422"} | ({"404"} if "{" in path else set())
        assert all(list(answer["content"]) == ["application/problem+json"] for answer in refusals.values())


def test_what_a_time_must_look_like_is_documented_as_it_is_checked(document: dict[str, Any]) -> None:
    parameters = document["paths"]["/api/v1/cases"]["get"]["parameters"]
    since = next(each["schema"] for each in parameters if each["name"] == "since")
    text = next(each for each in every(since) if each.get("type") == "string")
    assert (text["format"], text["pattern"]) == ("date-time", INSTANT)


def test_the_document_tells_which_names_and_how_many_features_a_case_may_have(
    db: None, document: dict[str, Any]
) -> None:
    body = document["paths"]["/api/v1/cases"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    features = body["properties"]["features"]
    assert (features["propertyNames"], features["maxProperties"]) == (
        {"pattern": "^[a-z][a-z0-9_]{0,62}$"},
        MAX_FEATURES,
    )
    caller = Caller(create_token("los", scopes=["ingest"]))
    for at, name in enumerate(("annual_income", "a" * 63, "a" * 64, "x-extra", "Income", "1a", "")):
        told = re.search(features["propertyNames"]["pattern"], name) is not None
        answer = caller.post("/cases", a_case(f"A-{at}") | {"features": {name: 1}})
        assert (answer.status_code == 202) == told, name


def test_what_a_list_of_cases_is_filtered_by_is_told_as_it_is_checked(document: dict[str, Any]) -> None:
    found = {each["name"]: each for each in document["paths"]["/api/v1/cases"]["get"]["parameters"]}
    assert all(each["description"] and not each["required"] for each in found.values())
    assert found["state"]["schema"]["anyOf"][0]["enum"] == ["", *State.values]


def test_what_may_be_null_is_told_and_taken(db: None, document: dict[str, Any]) -> None:
    body = document["paths"]["/api/v1/cases"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    applicant = body["properties"]["applicant"]
    may_be = {name for name, each in body["properties"].items() if {"type": "null"} in each.get("anyOf", ())}
    assert may_be == {"industry", "region", "channel", "features"}
    of_applicant = {name for name, each in applicant["properties"].items() if {"type": "null"} in each.get("anyOf", ())}
    assert of_applicant == {"name", "segment", "identity_number", "phone"}
    whole = a_case() | dict.fromkeys(may_be) | {"applicant": {"id": "P-1", **dict.fromkeys(of_applicant)}}
    assert Caller(create_token("los", scopes=["ingest"])).post("/cases", whole).status_code == 202


def test_the_key_under_which_a_request_may_be_repeated_is_documented(document: dict[str, Any]) -> None:
    (told,) = document["paths"]["/api/v1/cases"]["post"]["parameters"]
    assert (told["name"], told["in"], told["required"]) == ("Idempotency-Key", "header", False)
    assert told["schema"] == {"type": "string", "maxLength": 255}
