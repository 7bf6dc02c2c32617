"""`POST /cases/batch`: an array or NDJSON, each row judged by itself."""

from __future__ import annotations

import json

import pytest

from cases.models import Case
from tests.api.calls import Caller, a_case, codes, ndjson, problem

NDJSON = "application/x-ndjson"


def test_a_bad_row_is_named_by_its_place_and_harms_no_other(ingest: Caller) -> None:
    ingest.post("/cases", a_case("A-0"))
    rows = [a_case("A-1"), {"bad": 1}, a_case("A-0"), a_case("A-2", amount="0"), "text", None, a_case("A-3")]
    response = ingest.post("/cases/batch", rows)
    answer = response.json()
    assert (response.status_code, answer["accepted"], answer["duplicates"]) == (200, 2, 1)
    rejected = {row["index"]: codes(row["errors"]) for row in answer["rejected"]}
    assert list(rejected) == [1, 3, 4, 5]
    assert rejected[1].items() >= {"bad": "unknown_field", "amount": "required", "external_ref": "required"}.items()
    assert (rejected[3], rejected[4], rejected[5]) == (
        {"amount": "not_positive"}, {"": "not_an_object"}, {"": "not_an_object"},
    )  # fmt: skip
    assert set(Case.objects.values_list("external_ref", flat=True)) == {"A-0", "A-1", "A-3"}


def test_ndjson_is_read_line_by_line_and_a_broken_line_is_one_bad_row(ingest: Caller) -> None:
    lines = [a_case("A-1"), b"", b'{"external_ref": ', a_case("A-2"), b"\xff\xfe", b"   ", a_case("A-1")]
    answer = ingest.post("/cases/batch", raw=ndjson(lines), content_type=NDJSON).json()
    assert (answer["accepted"], answer["duplicates"]) == (2, 1)
    assert [(row["index"], codes(row["errors"])) for row in answer["rejected"]] == [
        (1, {"": "not_json"}), (3, {"": "undecodable"}),
    ]  # fmt: skip


@pytest.mark.parametrize("content_type", ["application/json", NDJSON])
def test_a_row_that_is_not_utf8_is_refused_and_never_read_as_other_signs(ingest: Caller, content_type: str) -> None:
    good, named = a_case("A-1"), a_case("A-2", channel="网点")
    bad = json.dumps(named, ensure_ascii=False).encode("gb18030")
    lines = [json.dumps(good).encode(), bad, json.dumps(a_case("A-3", channel="网点"), ensure_ascii=False).encode()]
    raw = b"\n".join(lines) if content_type == NDJSON else b"[" + b",".join(lines) + b"]"
    answer = ingest.post("/cases/batch", raw=raw, content_type=content_type).json()
    assert (answer["accepted"], answer["duplicates"]) == (2, 0)
    assert [(row["index"], codes(row["errors"])) for row in answer["rejected"]] == [(1, {"": "undecodable"})]
    assert dict(Case.objects.values_list("external_ref", "channel")) == {"A-1": "branch", "A-3": "网点"}


def test_a_case_twice_in_one_batch_is_a_duplicate_and_with_other_content_a_conflict(ingest: Caller) -> None:
    rows = [a_case("A-1"), a_case("A-1"), a_case("A-1", amount="5.00"), a_case("A-1", source="web")]
    answer = ingest.post("/cases/batch", rows).json()
    assert (answer["accepted"], answer["duplicates"]) == (2, 1)
    assert [(row["index"], codes(row["errors"])) for row in answer["rejected"]] == [
        (2, {"external_ref": "reference_reused"})
    ]
    assert Case.objects.get(source="branch-los").amount == 120000


def test_a_moment_in_a_zone_that_the_database_refuses_is_the_same_moment(ingest: Caller) -> None:
    """RFC 3339 allows offsets up to 23:59."""
    zones = {"+16:00": "2026-01-04T17:30", "-18:00": "2026-01-06T03:30", "+23:59": "2026-01-04T09:31"}
    rows = [a_case(zone, applied_at=f"2026-01-05T09:30:00{zone}") for zone in zones]
    assert ingest.post("/cases/batch", [*rows, a_case("good")]).json()["accepted"] == 4
    stored = {case.external_ref: case.applied_at.isoformat() for case in Case.objects.all()}
    assert stored == {**{zone: f"{at}:00+00:00" for zone, at in zones.items()}, "good": "2026-01-05T01:30:00+00:00"}
    one = a_case("single", applied_at="2026-01-05T09:30:00+16:00")
    assert ingest.post("/cases", one).status_code == 202
    for edge in ("0001-01-01T00:00:00+20:00", "9999-12-31T23:59:00-20:00"):
        problem(ingest.post("/cases", a_case("edge", applied_at=edge)), 422)


def test_an_empty_batch_takes_nothing_in(ingest: Caller) -> None:
    for raw, content_type in ((b"[]", "application/json"), (b"\n\n", NDJSON)):
        response = ingest.post("/cases/batch", raw=raw, content_type=content_type)
        assert (response.status_code, response.json()) == (200, {"accepted": 0, "duplicates": 0, "rejected": []})


@pytest.mark.parametrize("body", [{"cases": []}, "text", 3, None])
def test_anything_but_a_list_answers_422(ingest: Caller, body: object) -> None:
    assert problem(ingest.post("/cases/batch", body), 422)["title"] == "Not a list"


@pytest.mark.parametrize("content_type", ["application/json", NDJSON])
def test_more_than_10000_rows_answer_413_and_nothing_is_taken_in(ingest: Caller, content_type: str) -> None:
    rows = [a_case("A-0"), *[{"bad": 1}] * 10_000]
    raw = ndjson(rows) if content_type == NDJSON else None
    problem(ingest.post("/cases/batch", rows, raw=raw, content_type=content_type), 413)
    assert Case.objects.count() == 0


def test_a_batch_of_10000_full_cases_is_taken_in(ingest: Caller) -> None:
    padding = {f"feature_{number}": "x" * 20 for number in range(10)}
    rows = [a_case(f"A-{number}", applicant={"id": f"P-{number}"}, features=padding) for number in range(10_000)]
    response = ingest.post("/cases/batch", rows)
    assert (response.status_code, response.json()) == (200, {"accepted": 10_000, "duplicates": 0, "rejected": []})


@pytest.mark.parametrize("bad", ["1" * 6000, "[" * 5000 + "]" * 5000, '{"a": }', '"a", "]"'])
def test_a_row_of_an_array_that_cannot_be_read_harms_no_other(ingest: Caller, bad: str) -> None:
    good = [json.dumps(a_case(ref)) for ref in ("A-1", 'A-"],[{,2')]
    answer = ingest.post("/cases/batch", raw=f"[{good[0]}, {bad}, {good[1]}]".encode()).json()
    assert answer["accepted"] == 2
    assert [row["index"] for row in answer["rejected"]] == list(range(1, 1 + len(answer["rejected"])))
    assert set(Case.objects.values_list("external_ref", flat=True)) == {"A-1", 'A-"],[{,2'}


@pytest.mark.parametrize("body", ["[1, 2", "[1] [2]", '{"a": ' + "1" * 6000 + "}", "[" * 5000])
def test_a_body_that_is_no_array_is_refused_whole(ingest: Caller, body: str) -> None:
    problem(ingest.post("/cases/batch", raw=body.encode()), 422)
    assert Case.objects.count() == 0
