"""Bodies and addresses that no honest system sends: each is refused in the usual shape, none is a server error."""

from __future__ import annotations

import json
from bisect import bisect_left
from typing import Any

import pytest
from django.test import Client, override_settings

from cases.models import Case
from learning.models import Label
from tests import make
from tests.api.calls import Caller, a_case, codes, problem

POSTS = ["/cases", "/cases/batch", "/outcomes", "/performance", "/sources/bureau/rows"]
NOT_JSON = {
    "nothing": b"",
    "half an object": b'{"a": ',
    "a form": b"a=1&b=2",
    "bytes": b"\xff\x00\xfe",
    "deep arrays": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "an endless number": b"1" * 5_000,
}


def caller_for(path: str, ingest: Caller, outcomes: Caller) -> Caller:
    return outcomes if path in ("/outcomes", "/performance") else ingest


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("name", NOT_JSON)
def test_a_body_that_is_not_json_answers_422(ingest: Caller, outcomes: Caller, path: str, name: str) -> None:
    refused = problem(caller_for(path, ingest, outcomes).post(path, raw=NOT_JSON[name]), 422)
    assert refused["title"] in ("Not JSON", "Not a list")
    assert Case.objects.count() == 0


@pytest.mark.parametrize("depth", [100, 600, 1000, 5000])
@pytest.mark.parametrize("place", ["feature", "field", "applicant", "unknown", "row"])
def test_nesting_of_any_depth_answers_422(ingest: Caller, depth: int, place: str) -> None:
    deep = "[" * depth + "]" * depth
    case = a_case()
    whole = {
        "feature": json.dumps(case).replace('"car"', deep),
        "field": json.dumps(case).replace('"consumer"', deep),
        "applicant": json.dumps({**case, "applicant": "HERE"}).replace('"HERE"', deep),
        "unknown": json.dumps({**case, "other": "HERE"}).replace('"HERE"', deep),
        "row": deep,
    }[place]
    problem(ingest.post("/cases", raw=whole.encode()), 422)
    batch = ingest.post("/cases/batch", raw=f"[{whole}]".encode())
    assert batch.status_code in (200, 422)
    assert Case.objects.count() == 0


def test_no_depth_is_read_that_cannot_be_shown(ingest: Caller, outcomes: Caller) -> None:
    """What the JSON reader just takes must not be too deep for the sentence about it."""

    def title(depth: int) -> str:
        body = json.dumps(a_case()).replace('"car"', "[" * depth + "]" * depth).encode()
        return str(problem(ingest.post("/cases", raw=body), 422)["title"])

    limit = bisect_left(range(2000), True, key=lambda depth: title(depth) == "Not JSON")
    assert 100 < limit < 2000
    assert {title(depth) for depth in range(limit - 12, limit)} == {"Bad fields"}
    for depth in range(limit - 12, limit + 4):
        deep = "[" * depth + "]" * depth
        assert outcomes.post("/outcomes", raw=f'[{{"bad": {deep}}}]'.encode()).status_code in (200, 422)


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ('"amount": NaN', "amount", "not_a_number"),
        ('"amount": Infinity', "amount", "not_a_number"),
        ('"amount": 1e400', "amount", "not_a_number"),
        ('"amount": 1e300', "amount", "too_many_digits"),
        (f'"amount": {"9" * 4000}', "amount", "too_many_digits"),
        ('"amount": 1e-30', "amount", "too_many_decimals"),
        ('"amount": true', "amount", "not_a_number"),
        ('"amount": "１２"', "amount", "not_a_number"),
        ('"term_months": 1e300', "term_months", "out_of_range"),
        ('"term_months": NaN', "term_months", "not_an_integer"),
        (f'"term_months": {"9" * 4000}', "term_months", "out_of_range"),
        ('"features": {"x": NaN}', "features.x", "not_finite"),
        ('"features": {"x": -Infinity}', "features.x", "not_finite"),
        (f'"features": {{"x": {"9" * 4000}}}', "features.x", "number_too_large"),
        (r'"features": {"x": "a\u0000b"}', "features.x", "forbidden_character"),
        (r'"features": {"x": "\ud800"}', "features.x", "forbidden_character"),
        (r'"features": {"x\u0000": 1}', "features.x␀", "bad_feature_name"),
        (r'"external_ref": "a\u0000b"', "external_ref", "forbidden_character"),
        (r'"external_ref": "\udfff"', "external_ref", "forbidden_character"),
        (r'"applicant": {"id": "1", "name": "\u0000"}', "applicant.name", "forbidden_character"),
        (r'"region": "\u0000"', "region", "forbidden_character"),
        (r'"other\u0000": 1', "other␀", "unknown_field"),
        ('"applied_at": 1767576600', "applied_at", "not_a_date"),
        ('"applied_at": "0001-01-01T00:00:00+14:00"', "applied_at", "too_early"),
        ('"applied_at": "9999-12-31T23:59:59-14:00"', "applied_at", "in_the_future"),
        ('"features": [1]', "features", "not_an_object"),
        ('"applicant": "310101"', "applicant", "not_an_object"),
    ],
)
def test_impossible_values_are_named_and_take_nothing_in(ingest: Caller, change: str, field: str, code: str) -> None:
    usual = {name: value for name, value in a_case().items() if name not in json.loads(f"{{{change}}}")}
    body = json.dumps(usual)[:-1] + f", {change}}}"
    refused = problem(ingest.post("/cases", raw=body.encode()), 422)
    assert codes(refused["errors"])[field] == code
    assert all(len(error["value"]) <= 200 for error in refused["errors"])
    assert Case.objects.count() == 0


OUTCOME = {"case_ref": "CR-1", "observed_at": "2026-05-01T00:00:00+08:00", "bad": True}


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"case_ref": "CR-" + "9" * 30}, "case_ref", "unknown_case"),
        ({"case_ref": "CR-٣"}, "case_ref", "unknown_case"),
        ({"case_ref": "CR-1\x00"}, "case_ref", "unknown_case"),
        ({"case_ref": ["CR-1"]}, "case_ref", "not_text"),
        ({"case_ref": "", "external_ref": "a\x00b"}, "external_ref", "unknown_case"),
        ({"case_ref": "", "external_ref": "\ud800"}, "external_ref", "unknown_case"),
        ({"case_ref": "", "external_ref": {"a": 1}}, "external_ref", "not_text"),
        ({"case_ref": "", "external_ref": "A", "source": "b\x00"}, "external_ref", "unknown_case"),
        ({"observed_at": "0001-01-01T00:00:00+14:00"}, "observed_at", "too_early"),
        ({"observed_at": "9999-12-31T23:59:59-14:00"}, "observed_at", "in_the_future"),
        ({"observed_at": [1]}, "observed_at", "not_a_date"),
        ({"bad": "yes"}, "bad", "not_a_flag"),
        ({"bad": 1}, "bad", "not_a_flag"),
        ({"dpd\x00": 1}, "dpd␀", "unknown_field"),
    ],
)
def test_impossible_outcomes_are_named_and_write_nothing(
    outcomes: Caller, change: dict[str, Any], field: str, code: str
) -> None:
    response = outcomes.post("/outcomes", [{**OUTCOME, **change}])
    assert response.status_code == 200, response.content
    (row,) = response.json()["rejected"]
    assert codes(row["errors"])[field] == code
    assert Label.objects.count() == 0


@pytest.mark.parametrize("depth", [100, 800, 900, 940, 980, 5000])
def test_nested_outcomes_are_refused(outcomes: Caller, depth: int) -> None:
    deep = "[" * depth + "]" * depth
    for row in (deep, json.dumps({**OUTCOME, "bad": "HERE"}).replace('"HERE"', deep)):
        response = outcomes.post("/outcomes", raw=f"[{row}]".encode())
        assert response.status_code in (200, 422), response.content
    assert Label.objects.count() == 0


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"source": "a\x00b"}, 422),
        ({"state": "x\x00"}, 422),
        ({"state": "lost"}, 422),
        ({"since": "yesterday"}, 422),
        ({"since": "2026-01-05T09:30:00"}, 422),
        ({"since": "2026-02-30T09:30:00Z"}, 422),
        ({"since": "1767577800"}, 422),
        ({"since": ""}, 422),
        ({"since": "2026-01-05T09:30:00.5Z"}, 200),
        ({"since": "0001-01-01T00:00:00+14:00"}, 200),
        ({"cursor": "made-up"}, 422),
        ({"cursor": "\x00"}, 422),
    ],
)
def test_odd_filters_are_answered_or_refused(reading: Caller, params: dict[str, str], status: int) -> None:
    response = reading.get("/cases", **params)
    if status == 422:
        problem(response, 422)
    else:
        assert (response.status_code, response.json()) == (200, {"cases": [], "next": None})


@pytest.mark.parametrize("ref", ["CR-0", "CR-" + "9" * 40, "CR-x", "1", "CR-%00", "CR-٣", "CR--1"])
def test_a_ref_that_names_no_case_answers_404(reading: Caller, ref: str) -> None:
    problem(reading.get(f"/cases/{ref}"), 404)


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
def test_a_body_above_the_limit_answers_413(ingest: Caller) -> None:
    problem(ingest.post("/cases", a_case(external_ref="A" * 2000)), 413)
    assert Case.objects.count() == 0


def test_a_method_that_an_address_does_not_have_answers_405(ingest: Caller) -> None:
    assert Client().delete("/api/v1/cases", headers=ingest.headers()).status_code == 405


@pytest.mark.django_db
def test_head_is_answered_as_get_without_a_body(reading: Caller) -> None:
    ref = make.case("A-1").ref
    for path, status in (("/cases", 200), (f"/cases/{ref}", 200), ("/cases/none", 404), ("/outcomes", 405)):
        whole = reading.get(path)
        head = Client().head(f"/api/v1{path}", headers=reading.headers())
        assert (head.status_code, head.content) == (status, b"")
        assert head["Content-Length"] == whole["Content-Length"] == str(len(whole.content))
        assert head["Content-Type"] == whole["Content-Type"]
    assert Client().head("/api/v1/cases").status_code == 401


@pytest.mark.django_db
def test_an_unknown_address_and_a_wrong_method_are_problems_too(client: Client) -> None:
    unknown, wrong = client.get("/api/v1/nothing"), client.delete("/api/v1/cases")
    for response, status in ((unknown, 404), (wrong, 405)):
        assert response.status_code == status
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["status"] == status


def test_a_field_that_is_named_twice_is_refused_alone_and_in_a_batch(ingest: Caller) -> None:
    twice = json.dumps(a_case("A-1"))[:-1] + ', "amount": 7}'
    assert "amount is named more than once" in problem(ingest.post("/cases", raw=twice.encode()), 422)["detail"]
    answer = ingest.post("/cases/batch", raw=f"[{json.dumps(a_case('A-2'))}, {twice}]".encode()).json()
    assert (answer["accepted"], [row["index"] for row in answer["rejected"]]) == (1, [1])
    assert codes(answer["rejected"][0]["errors"]) == {"amount": "named_twice"}
    assert Case.objects.get().external_ref == "A-2"
