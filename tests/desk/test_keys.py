"""Own keys: what may be chosen, what is stored, and what the page is told."""

from __future__ import annotations

import json

import pytest

from cases.errors import BadDecision
from cases.models import User
from desk.keys import CAPS, KEYS, USUAL, known_key_map, own_key_map
from tests.desk.conftest import SignsIn


def test_only_what_differs_is_stored_and_keys_may_change_places() -> None:
    assert own_key_map({}) == {}
    assert own_key_map({"KeyA": "KeyA", "KeyX": "KeyL"}) == {"KeyX": "KeyL"}
    assert own_key_map({"KeyA": "KeyX", "KeyX": "KeyA"}) == {"KeyA": "KeyX", "KeyX": "KeyA"}


@pytest.mark.parametrize(
    ("chosen", "field", "sentence"),
    [
        ({"KeyA": "Enter"}, "KeyA", "Choose a key of the list."),
        ({"KeyA": "KeyX"}, "KeyX", "This key does something else already: Approve."),
        ({"KeyJ": "Slash"}, "Slash", "This key does something else already: Next case."),
    ],
)
def test_two_acts_on_one_key_are_refused(chosen: dict[str, str], field: str, sentence: str) -> None:
    with pytest.raises(BadDecision) as refusal:
        own_key_map(chosen)
    assert (refusal.value.field, str(refusal.value)) == (field, sentence)
    assert known_key_map(chosen) == {}


def test_every_key_has_a_place_of_its_own_and_a_cap() -> None:
    assert len(set(USUAL)) == len(USUAL)
    assert set(USUAL) <= set(CAPS)
    assert [known_key_map(stored) for stored in (None, [1], "x", {"KeyA": 3})] == [{}, {}, {}, {}]


@pytest.mark.django_db
def test_own_keys_are_saved_shown_and_put_back(reviewer: User, signs_in: SignsIn) -> None:
    client = signs_in(reviewer)
    assert "data-key-map" not in client.get("/review").content.decode()
    usual = {key.code: key.code for key in KEYS}
    assert client.post("/preferences/own-keys/set", {**usual, "KeyA": "KeyQ"}).status_code == 302
    reviewer = User.objects.get(pk=reviewer.pk)
    assert reviewer.key_map == {"KeyA": "KeyQ"}
    page = client.get("/review").content.decode()
    assert f'data-key-map="{json.dumps({"KeyA": "KeyQ"}).replace(chr(34), "&quot;")}"' in page
    refused = client.post("/preferences/own-keys/set", {**usual, "KeyA": "KeyX"})
    assert refused.status_code == 422
    assert 'id="KeyX-problem">This key does something else already: Approve.' in refused.content.decode()
    assert User.objects.get(pk=reviewer.pk).key_map == {"KeyA": "KeyQ"}
    client.post("/preferences/own-keys/set", {"act": "reset"})
    assert User.objects.get(pk=reviewer.pk).key_map == {}
