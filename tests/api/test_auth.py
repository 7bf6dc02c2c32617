"""Who may call what: tokens that are missing, unknown, revoked, or lack the scope."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from cases.models import ApiToken, Case
from tests.api.calls import Caller, a_case, problem

CALLS = [
    ("post", "/cases", "ingest"),
    ("post", "/cases/batch", "ingest"),
    ("get", "/cases", "read"),
    ("get", "/cases/CR-1", "read"),
    ("post", "/outcomes", "outcomes"),
    ("post", "/performance", "outcomes"),
]


def call(caller: Caller, method: str, path: str) -> Any:
    return caller.post(path, a_case()) if method == "post" else caller.get(path)


@pytest.mark.parametrize(("method", "path", "scope"), CALLS)
@pytest.mark.parametrize("token", ["", "rrv_unknown", "张三".encode().decode("latin-1")])
def test_without_a_valid_token_every_call_answers_401(db: None, method: str, path: str, scope: str, token: str) -> None:
    response = call(Caller(token), method, path)
    problem(response, 401)
    assert response["WWW-Authenticate"] == "Bearer"
    assert Case.objects.count() == 0


@pytest.mark.parametrize(("method", "path", "scope"), CALLS)
def test_a_token_of_another_scope_answers_403_and_names_the_missing_one(
    ingest: Caller, reading: Caller, outcomes: Caller, method: str, path: str, scope: str
) -> None:
    callers = {"ingest": ingest, "read": reading, "outcomes": outcomes}
    for name, caller in callers.items():
        response = call(caller, method, path)
        if name == scope:
            assert response.status_code not in (401, 403)
        else:
            assert problem(response, 403)["detail"].endswith(f"it lacks the scope {scope}.")


def test_a_revoked_token_is_refused_from_then_on(ingest: Caller) -> None:
    assert ingest.post("/cases", a_case()).status_code == 202
    ApiToken.objects.update(revoked_at=timezone.now())
    problem(ingest.post("/cases", a_case("A-2")), 401)
    assert Case.objects.count() == 1


def test_a_token_in_the_address_is_no_token(ingest: Caller) -> None:
    problem(Caller("").get("/cases", token=ingest.token, api_key=ingest.token), 401)


def test_create_token_prints_a_token_that_works_and_keeps_only_its_hash(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("create_token", "nightly", "--scope", "ingest", "--scope", "read")
    text = capsys.readouterr().out.strip()
    assert text.startswith("rrv_")
    assert Caller(text).post("/cases", a_case()).status_code == 202
    assert Caller(text).get("/cases").status_code == 200
    kept = ApiToken.objects.get(name="nightly")
    assert text not in (kept.token_hash, kept.name)
    with pytest.raises(CommandError, match=r"A token of this name exists\."):
        call_command("create_token", "nightly", "--scope", "read")
    assert ApiToken.objects.get().scopes == ["ingest", "read"]
