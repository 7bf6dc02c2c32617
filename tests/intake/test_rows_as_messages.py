"""Rows that a bureau or CRM sends as messages, for the cases of others: kept once, found by key and moment."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import timezone
from redis import Redis

from cases.accounts import create_token
from cases.models import Case, User
from intake.admission.files import take_in_file
from intake.health.message_looks import look_at_messages
from intake.models import Batch, Connector, IdempotencyKey, ReferenceRow, RejectedRow
from intake.record.reference import look_up
from intake.ways_in.connectors import set_connector
from intake.ways_in.consuming import consume
from tests import mapped
from tests.api.calls import Caller, a_case, codes, ndjson, problem
from tests.intake.places import MakeFile
from tests.intake.pulled import REASON
from tests.intake.silent import silent
from tests.intake.test_joins import LOANS, scores
from tests.intake.test_redis_streams import redis

__all__ = ["redis"]

BUREAU = {"reference": {"key": {"column": "applicant_id"}, "as_of": {"column": "as_of"}}}
ROWS = "/sources/credit-bureau/rows"
STREAM = "test:loans"


def a_row(at: str = "2026-01-05T09:29:59+08:00", score: int = 610, **more: Any) -> dict[str, Any]:
    return {"applicant_id": "P1", "as_of": at, "评分": score, **more}


@pytest.fixture
def bureau(db: None, admin: User, supervisor: User) -> Caller:
    mapped.signed("credit-bureau", BUREAU, by=admin, second=supervisor)
    return Caller(create_token("bureau", scopes=["ingest"]))


def test_rows_are_kept_once_however_they_are_sent_and_serve_what_is_applied_for_later(
    bureau: Caller, make_file: MakeFile
) -> None:
    one = bureau.post(ROWS, a_row())
    assert (one.status_code, one.json()) == (200, {"accepted": 1, "duplicates": 0, "rejected": []})
    never = [a_row("9999-12-31"), a_row("0001-01-01")]
    many = [a_row(), a_row("2026-01-05 09:30:00", 620), {"as_of": "2026-01-05"}, a_row("no day"), 5, *never]
    told = bureau.post(ROWS, many).json()
    assert (told["accepted"], told["duplicates"]) == (1, 1)
    assert [(each["index"], codes(each["errors"])) for each in told["rejected"]] == [
        (2, {"applicant_id": "required"}), (3, {"as_of": "not_a_date"}), (4, {"": "not_an_object"}),
        (5, {"as_of": "in_the_future"}), (6, {"as_of": "too_early"}),
    ]  # fmt: skip
    lines = ndjson([a_row("2026-01-05 09:30:01", 630), b"{", a_row()])
    told = bureau.post(ROWS, raw=lines, content_type="application/x-ndjson").json()
    assert (told["accepted"], told["duplicates"], [each["index"] for each in told["rejected"]]) == (1, 1, [1])
    look_at_messages()
    batch = Batch.objects.get()
    assert (batch.kind, batch.name, batch.rows, batch.accepted, batch.rejected) == ("push", "bureau", 11, 3, 6)
    assert (Case.objects.count(), RejectedRow.objects.count()) == (0, 6)
    assert set(ReferenceRow.objects.values_list("key", "version")) == {("p1", 1)}
    loans = "id,amount,applied,person\nat,1,2026-01-05 09:30:00,P1\nafter,1,2026-01-05 09:30:01,P1\n"
    described = make_file("branch.yaml", LOANS)
    take_in_file(make_file("a.csv", loans), source="branch", mapping=str(described), by=None, bars=silent)
    assert scores() == {"at": 610, "after": 620}


def test_a_row_without_a_moment_of_its_own_that_is_sent_again_adds_nothing(
    db: None, admin: User, supervisor: User
) -> None:
    as_it_comes = {"reference": {**BUREAU["reference"], "as_of": {"import_time": True}}}
    mapped.signed("credit-bureau", as_it_comes, by=admin, second=supervisor)
    bureau = Caller(create_token("bureau", scopes=["ingest"]))
    answers = [bureau.post(ROWS, {"applicant_id": "P1", "score": score}).json() for score in (610, 610, 620, 610)]
    # What was true before and is true again is news.
    assert [(each["accepted"], each["duplicates"]) for each in answers] == [(1, 0), (0, 1), (1, 0), (1, 0)]
    assert list(ReferenceRow.objects.order_by("as_of").values_list("cells__score", flat=True)) == ["610", "620", "610"]
    both = [{"applicant_id": "P2", "score": score} for score in (1, 2)]
    other = [{"applicant_id": "P2", "score": score} for score in (3, 2)]
    answers = [bureau.post(ROWS, rows).json() for rows in (both, both, other)]
    assert [(each["accepted"], each["duplicates"]) for each in answers] == [(2, 0), (0, 2), (2, 0)]


def test_what_came_last_of_rows_without_a_moment_is_what_is_true(
    db: None, admin: User, supervisor: User, make_file: MakeFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_it_comes = {"reference": {**BUREAU["reference"], "as_of": {"import_time": True}}}
    mapped.signed("credit-bureau", as_it_comes, by=admin, second=supervisor)
    bureau = Caller(create_token("bureau", scopes=["ingest"]))
    sent = [{"applicant_id": "P1", "score": score} for score in (1, 2, 1, 1)]

    def known() -> Any:
        [found] = look_up("credit-bureau", [("p1", timezone.now())])
        return found and found.cells["score"]

    answers = [bureau.post(ROWS, sent).json() for _time in range(2)]
    assert [(each["accepted"], each["duplicates"], known()) for each in answers] == [(3, 1, "1"), (0, 4, "1")]
    # A file, in which the first row comes again in another chunk; and one after it, which says what is true already.
    monkeypatch.setattr("intake.actions.CHUNK", 2)
    for rows, accepted in (("P1,3\nP1,4\nP1,3", 3), ("P1,3", 0)):
        file = make_file("scores.csv", f"applicant_id,score\n{rows}\n")
        report = take_in_file(file, source="credit-bureau", mapping=None, by=None, bars=silent)
        assert (report.accepted, known()) == (accepted, "3")


def test_rows_of_a_source_that_nobody_signed_as_only_kept_are_refused_whole(
    bureau: Caller, admin: User, supervisor: User
) -> None:
    mapped.proposed("branch", by=admin)
    refused = problem(bureau.post("/sources/branch/rows", a_row()), 409)
    assert refused["title"] == "Rows not kept"
    assert problem(bureau.post("/sources/nobody/rows", a_row()), 404)
    assert problem(bureau.post("/sources/no%00body/rows", a_row()), 404)
    assert problem(bureau.post(ROWS, raw=b"5"), 422)
    assert problem(bureau.post(ROWS, [a_row()] * 10_001), 413)
    assert problem(Caller(create_token("reports", scopes=["read"])).post(ROWS, a_row()), 403)
    assert bureau.post(ROWS, []).json() == {"accepted": 0, "duplicates": 0, "rejected": []}
    assert (ReferenceRow.objects.count(), RejectedRow.objects.count(), Batch.objects.count()) == (0, 0, 0)


def test_messages_of_a_stream_are_kept_by_their_names(bureau: Caller, redis: Redis, admin: User, settings: Any) -> None:
    said: dict[str, Any] = {"typed": {"stream": STREAM}, "by": admin, "reason": REASON}
    connector: Connector = set_connector("credit-bureau", kind="redis", address=settings.REDIS_URL, **said)
    names = [str(redis.xadd(STREAM, {"body": body})) for body in (json.dumps(a_row()), "{", json.dumps(a_row()))]
    assert consume(connector.pk, lambda reader: reader.is_idle, wait=0.05) == 3
    look_at_messages()
    batch = Batch.objects.get()
    assert (batch.kind, batch.accepted, batch.duplicates, batch.rejected) == ("redis", 1, 1, 1)
    kept = ReferenceRow.objects.get()
    assert (kept.message, kept.key, kept.version, kept.cells) == (
        names[0], "p1", 1, {"applicant_id": "P1", "as_of": "2026-01-05T09:29:59+08:00", "评分": "610"},
    )  # fmt: skip
    assert (RejectedRow.objects.get().message, Case.objects.count()) == (names[1], 0)


def test_a_case_that_is_posted_to_a_source_that_only_keeps_rows_is_refused_and_its_key_is_free_again(
    bureau: Caller, admin: User
) -> None:
    sent = a_case("A-1", source="credit-bureau")
    for _time in range(2):
        refused = problem(bureau.post("/cases", sent, Idempotency_Key="one"), 422)
        assert codes(refused["errors"]) == {"source": "source_keeps_rows"}
    other = a_case("A-2", source="branch")
    told = bureau.post("/cases/batch", [sent, other, a_case("A-3", source="credit-bureau", amount="0")]).json()
    assert (told["accepted"], told["duplicates"]) == (1, 0)
    assert [(each["index"], codes(each["errors"])) for each in told["rejected"]] == [
        (0, {"source": "source_keeps_rows"}), (2, {"amount": "not_positive"}),
    ]  # fmt: skip
    many = [a_case(f"B-{at}", source="credit-bureau") for at in range(60)]
    assert len(bureau.post("/cases/batch", many).json()["rejected"]) == 60
    assert (list(Case.objects.values_list("source", flat=True)), ReferenceRow.objects.count()) == (["branch"], 0)
    assert (
        IdempotencyKey.objects.count(),
        RejectedRow.objects.filter(batch__source__slug="credit-bureau").count(),
    ) == (0, 62)
