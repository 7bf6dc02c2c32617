"""What comes in a stream is taken in or kept as it came: no sign is put in the place of another."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import DataError

from cases.models import Case
from intake.admission import taking_in
from intake.admission.taking_in import Taken
from intake.models import Connector, RejectedRow, Source
from intake.ways_in import stream_messages
from intake.ways_in.kept_messages import kept_messages
from intake.ways_in.stream_messages import BYTES_MOST, KEPT_MOST, Message, read_message, take_in_messages
from tests.intake.kept import keep, of_crm

CASE = json.dumps(of_crm("A-1")).encode()
NUL = CASE.replace(b"A-1", b"A-\x001")


@pytest.mark.parametrize("deaths", [0, 5])
def test_a_message_with_a_raw_nul_is_refused_by_that_name_whoever_died_of_it(db: None, deaths: int) -> None:
    (row,) = keep(NUL, deaths=deaths)
    assert [error["code"] for error in row.errors] == ["forbidden_character"]
    assert "NUL" in row.errors[0]["en"]
    assert row.raw["message"] == NUL.decode().replace("\x00", "␀")
    assert not kept_messages("crm").exists()


@pytest.mark.parametrize("deaths", [0, 5])
def test_bytes_that_are_no_text_stay_to_be_seen(db: None, deaths: int) -> None:
    (row,) = keep(CASE.replace(b"A-1", b"A-\xd6\xd0"), deaths=deaths)
    assert row.errors[0]["code"] == "undecodable"
    assert "A-\\xd6\\xd0" in row.raw["message"]


@pytest.fixture
def connector(db: None) -> Connector:
    source = Source.objects.create(slug="crm", kind="redis")
    return Connector.objects.create(source=source, kind="redis", settings={"field": "body"})


def all_of(messages: Sequence[Message]) -> list[int]:
    return list(range(len(messages)))


@pytest.mark.parametrize(
    ("body", "code", "is_kept"), [(CASE, "message_failed", True), (NUL, "forbidden_character", False)]
)
def test_what_our_side_cannot_take_in_is_kept_whole_only_where_that_is_exact(
    connector: Connector, monkeypatch: pytest.MonkeyPatch, body: bytes, code: str, *, is_kept: bool
) -> None:
    real, calls = taking_in.take_in, list[Any]()

    def take_in(*given: Any) -> Taken:
        calls.append(given)
        if len(calls) == 1:
            raise DataError("poison")
        return real(*given)

    monkeypatch.setattr(stream_messages, "take_in", take_in)
    take_in_messages(connector, "loans", [Message("1-0", body)], all_of)
    kept = RejectedRow.objects.get()
    assert (kept.errors[0]["code"], "body" in kept.raw, kept_messages("crm").exists()) == (code, is_kept, is_kept)
    assert not Case.objects.exists()
    assert not is_kept or kept.raw["body"].encode() == body


@pytest.mark.parametrize("deaths", [0, 5])
def test_a_message_that_is_too_large_is_kept_whole(db: None, deaths: int) -> None:
    body = b'{"note": "' + "长".encode() * (BYTES_MOST // 3) + b'"}'
    (row,) = keep(body, deaths=deaths)
    assert [error["code"] for error in row.errors] == ["message_too_large"]
    assert row.raw["message"].encode() == body


def test_of_a_message_beyond_that_the_beginning_is_kept_and_said_to_be_so(db: None) -> None:
    source = Source.objects.create(slug="crm", kind="redis")
    row = read_message(Message("1-0", b"x" * (KEPT_MOST + 1)), 1, source)
    assert [error.code for error in row.errors] == ["message_too_large", "message_cut_off"]
    assert row.errors[1].params == {"size": "4,194,305", "limit": "4,194,304"}
    assert len(row.raw["message"]) == KEPT_MOST


@pytest.mark.parametrize("inner", [b'"amount": 1, "amount": 2', b'"features": {"a": 1, "a": 1}'])
def test_a_field_that_is_named_twice_is_refused_and_the_text_kept(db: None, inner: bytes) -> None:
    body = b"{" + inner + b"}"
    (row,) = keep(body, deaths=0)
    assert [(error["field"], error["code"]) for error in row.errors] == [
        ("amount" if b"amount" in inner else "a", "named_twice")
    ]
    assert row.raw["message"] == body.decode()
