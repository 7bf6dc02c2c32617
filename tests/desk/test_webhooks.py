"""Webhooks on the desk: made, seen, sent again; the secret is shown once, and only administrators change anything."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest

from cases.models import User
from cases.sealed import opened
from outgoing.models import Delivery, RetiredSecret, Webhook
from outgoing.telling import tell_webhooks
from outgoing.webhooks import ROTATION
from routing.models import Policy
from tests import make
from tests.cases.history import everything
from tests.desk.conftest import SignsIn

NEW = {"slug": "crm", "url": "https://crm.example.com/x", "types": ["case.queued"], "reason": "the CRM wants to know"}


@pytest.mark.django_db
def test_the_secret_is_shown_once_and_refused_input_comes_back(admin: User, auditor: User, signs_in: SignsIn) -> None:
    client = signs_in(admin)
    refused = client.post("/webhooks/make", {**NEW, "url": "ftp://x"})
    assert refused.status_code == 422
    assert "The address starts with https://." in (page := refused.content.decode())
    assert 'value="ftp://x"' in page
    assert Webhook.objects.count() == 0
    made = client.post("/webhooks/make", NEW).content.decode()
    secret = opened(Webhook.objects.get().secret)
    assert f"<code>{secret}</code>" in made
    for reader in (client, signs_in(auditor)):
        assert secret not in reader.get("/webhooks/crm").content.decode()
    assert 'name="act"' not in signs_in(auditor).get("/webhooks/crm").content.decode()
    assert signs_in(auditor).post("/webhooks/crm/act", {"act": "pause", "why": "a good reason"}).status_code == 403
    assert Webhook.objects.get().state == "active"


def test_what_was_given_up_goes_out_again_by_one_button(ground: Policy, admin: User, signs_in: SignsIn) -> None:
    client = signs_in(admin)
    client.post("/webhooks/make", NEW)
    case = make.queued_case("A-1")
    tell_webhooks()
    Delivery.objects.update(state="dead", attempts=10, problem="HTTP 500")
    page = client.get("/webhooks/crm").content.decode()
    assert case.ref in page
    assert "Send the ticked again, or all 1 given up" in page
    assert re.search(r'name="message" value="msg_[0-9a-f]{32}"', page)
    assert client.post("/webhooks/crm/act", {"act": "replay", "why": "no"}).status_code == 422
    assert Delivery.objects.get().state == "dead"
    answer: Any = client.post("/webhooks/crm/act", {"act": "replay", "why": "the CRM is back again"})
    assert answer["Location"] == "/webhooks/crm"
    again = Delivery.objects.get()
    assert (again.state, again.attempts, again.problem) == ("waiting", 0, "")


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "The address has no port, or 443 or 8443"), ("zh-hans", "地址不写端口，或为 443、8443")],
)
@pytest.mark.django_db
def test_an_address_with_the_port_of_something_else_is_refused_by_its_field(
    admin: User, signs_in: SignsIn, language: str, words: str
) -> None:
    refused = signs_in(admin, language).post("/webhooks/make", {**NEW, "url": "https://crm.example.com:22/x"})
    page = refused.content.decode()
    assert (refused.status_code, Webhook.objects.count()) == (422, 0)
    assert words in page
    assert re.search(r'name="url"[^>]*aria-invalid="true"', page)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "This address lies in a network of the house that the operator has not named (RISKREVIEW_WEBHOOK_NETW"),
        ("zh-hans", "该地址属于内部网络，且未经运维人员登记（RISKREVIEW_WEBHOOK_NETWORKS）。"),
    ],
)
@pytest.mark.parametrize("named", [(), ("10.20.0.0/16",)])
@pytest.mark.django_db
def test_numbers_within_the_house_are_refused_when_they_are_typed(
    admin: User, signs_in: SignsIn, settings: Any, named: tuple[str, ...], language: str, words: str
) -> None:
    settings.WEBHOOK_NETWORKS = tuple(ip_network(each) for each in named)
    client = signs_in(admin, language)
    for url in ("https://169.254.169.254/latest", "https://[::1]/x", "https://10.0.0.1/x"):
        refused = client.post("/webhooks/make", {**NEW, "url": url})
        assert refused.status_code == 422
        assert words in refused.content.decode()
    assert client.post("/webhooks/make", {**NEW, "url": "http://127.0.0.1/x"}).status_code == 422
    assert Webhook.objects.count() == 0


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", r"5 older secrets still sign along, as many as may: the secret can be changed again from 2\d{3}-"),
        ("zh-hans", r"已有 5 个旧密钥仍在一并签名，已达上限：2\d{3}-\d\d-\d\d \d\d:\d\d 起可再次更换。未作任何更改。"),
    ],
)
@pytest.mark.django_db
def test_a_sixth_change_of_a_secret_within_a_day_is_refused_on_the_page(
    admin: User, signs_in: SignsIn, language: str, words: str
) -> None:
    client = signs_in(admin, language)
    client.post("/webhooks/make", NEW)
    change = {"act": "rotate", "why": "the secret was lost"}
    assert [client.post("/webhooks/crm/act", change).status_code for _number in range(5)] == [200] * 5
    before = everything("outgoing_webhook", "outgoing_webhookstep", "outgoing_retiredsecret")
    refused = client.post("/webhooks/crm/act", change)
    assert refused.status_code == 422
    assert re.search(rf'id="act-problem">{words}', page := refused.content.decode())
    assert "<code>whsec_" not in page
    assert everything("outgoing_webhook", "outgoing_webhookstep", "outgoing_retiredsecret") == before


@pytest.mark.parametrize(
    ("language", "give", "replaced"),
    [
        ("en", "Give it to the receiver now.", "The secret that it replaces signs along until 2026-11-03 09:30."),
        ("zh-hans", "请现在交给接收方。", "被它更换的密钥在 2026-11-03 09:30 之前仍一并签名。"),
    ],
)
@pytest.mark.django_db
def test_a_secret_that_replaces_one_says_until_when_that_signs_along_and_a_first_one_says_nothing_of_it(
    admin: User, signs_in: SignsIn, monkeypatch: pytest.MonkeyPatch, language: str, give: str, replaced: str
) -> None:
    now = datetime(2026, 11, 2, 1, 30, 30, tzinfo=UTC)
    client = signs_in(admin, language)

    def notes(page: str) -> list[str]:
        card = page.split('aria-labelledby="secret-title"', 1)[1].split("</section>", 1)[0]
        return re.findall(r'<p class="note">(.*?)</p>', card)

    assert notes(client.post("/webhooks/make", NEW).content.decode()) == [give]
    # One that ended before, and is not deleted yet, is none that signs along.
    RetiredSecret.objects.create(webhook=Webhook.objects.get(), secret="x", signs_until=now - timedelta(seconds=1))
    monkeypatch.setattr("outgoing.webhooks.timezone.now", lambda: now)
    change = {"act": "rotate", "why": "the secret was lost"}
    monkeypatch.setattr("outgoing.webhooks.ROTATION", ROTATION - timedelta(hours=1))
    client.post("/webhooks/crm/act", change)
    monkeypatch.setattr("outgoing.webhooks.ROTATION", ROTATION)
    # Of two the newest is the one that was replaced.
    assert notes(client.post("/webhooks/crm/act", change).content.decode()) == [give, replaced]
    assert RetiredSecret.objects.count() == 2
    assert "<code>whsec_" not in client.get("/webhooks/crm").content.decode()
