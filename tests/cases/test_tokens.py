"""API tokens: shown once, kept as a hash, refused when they are asked for wrongly."""

from __future__ import annotations

import hashlib

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from cases import accounts
from cases.errors import BadDecision
from cases.models import ApiToken, User
from cases.tokens import hash_token, new_token


def test_a_token_is_long_random_and_marked() -> None:
    texts = {new_token()[0] for _time in range(50)}
    assert len(texts) == 50
    for text in texts:
        assert text.startswith("rrv_")
        assert len(text) == 47
    assert hash_token("rrv_x") == hashlib.sha256(b"rrv_x").hexdigest()


@pytest.mark.django_db
def test_only_the_hash_of_a_token_is_kept() -> None:
    text = accounts.create_token("los", scopes=["ingest", "read"])
    token = ApiToken.objects.get()
    assert (token.name, token.scopes, token.revoked_at) == ("los", ["ingest", "read"], None)
    assert token.token_hash == hash_token(text)
    assert text not in str(vars(token))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "scopes", "field"),
    [("new", [], "scope"), ("new", ["ingest", "admin"], "scope"), ("los", ["read"], "name")],
)
def test_a_token_that_cannot_be_made_changes_nothing(name: str, scopes: list[str], field: str) -> None:
    accounts.create_token("los", scopes=["ingest"])
    before = list(ApiToken.objects.values())
    with pytest.raises(BadDecision) as refusal:
        accounts.create_token(name, scopes=scopes)
    assert refusal.value.field == field
    assert list(ApiToken.objects.values()) == before


@pytest.mark.django_db
def test_a_person_keeps_how_they_want_to_work(reviewer: User) -> None:
    accounts.set_preferences(reviewer, changes={"hot_keys": "alt"})
    assert User.objects.get(pk=reviewer.pk).hot_keys == "alt"


def test_a_name_is_said_as_its_language_says_it() -> None:
    assert User(first_name="敏", last_name="张", username="zm").display_name == "张敏"
    assert User(first_name="Min", last_name="Zhang", username="zm").display_name == "Min Zhang"
    assert User(username="zm").display_name == "zm"


def test_a_token_needs_a_name_that_can_be_kept(db: None) -> None:
    for name in ("", "x" * 101):
        with pytest.raises(BadDecision) as refusal:
            accounts.create_token(name, scopes=["read"])
        assert refusal.value.field == "name"
    assert ApiToken.objects.count() == 0


def test_a_revoked_token_opens_nothing_and_stays_revoked(client: Client, db: None) -> None:
    text = accounts.create_token("los", scopes=["read"])
    headers = {"Authorization": f"Bearer {text}"}
    assert client.get("/api/v1/cases", headers=headers).status_code == 200
    call_command("revoke_token", "los")
    first = ApiToken.objects.get().revoked_at
    assert client.get("/api/v1/cases", headers=headers).status_code == 401
    call_command("revoke_token", "los")
    assert ApiToken.objects.get().revoked_at == first
    with pytest.raises(CommandError, match="no token of this name"):
        call_command("revoke_token", "nobody")
