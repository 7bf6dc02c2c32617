"""Webhooks from the move to the receiver: signed, tried again, given up, sent again, and never into the house."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from cases import actions
from cases.addresses import AddressRefused, Target, find_target, read_url
from cases.desk_rules import set_desk_rules
from cases.errors import BadDecision, NotAllowed
from cases.models import Notification, User
from cases.sealed import CannotOpen, opened, seal
from cases.taking_back import take_back
from outgoing import telling, webhooks
from outgoing.calling import call
from outgoing.models import Delivery, Webhook, WebhookStep
from outgoing.retries import WAITS, wait_after
from outgoing.sending import send_all, send_due
from outgoing.signing import new_secret, signed_headers
from outgoing.telling import tell_webhooks
from routing.models import Policy
from tests import make

REASON = "agreed with the owners of the system"
HERE = (ipaddress.ip_network("127.0.0.0/8"),)


class Receiver:
    """A receiver on this machine: answers with `status`, keeps what it got."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                self.send_response(receiver.status)
                self.send_header("Location", "http://127.0.0.1/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks?of=crm"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_NETWORKS = HERE
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


def hook(receiver: Receiver, admin: User, *types: str) -> str:
    """A webhook to the receiver; its secret."""
    wanted = types or ("case.queued", "case.decided")
    _webhook, secret = webhooks.make_webhook(slug="crm", url=receiver.url, types=wanted, by=admin, reason=REASON)
    return secret


def checked(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As a receiver checks it by the specification."""
    said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    right = "v1," + base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()
    return right in headers["webhook-signature"].split(" ")


def test_the_signature_is_that_of_the_specifications_own_example() -> None:
    headers = signed_headers(
        b'{"test": 2432232314}',
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        with_secrets=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_move_reaches_its_receiver_once_signed_and_without_personal_data(
    ground: Policy, admin: User, receiver: Receiver
) -> None:
    secret = hook(receiver, admin)
    case = make.queued_case("A-1", applicant_name="张伟")
    assert (tell_webhooks(), tell_webhooks()) == (1, 0)
    assert (send_due(), send_due()) == (1, 0)
    ((headers, body),) = receiver.got
    assert checked(secret, headers, body)
    assert not checked(new_secret(), headers, body)
    assert json.loads(body) == {
        "type": "case.queued",
        "timestamp": case.events.get(name="send_to_people").at.isoformat(),
        "data": {
            "ref": case.ref, "source": "branch-los", "external_ref": "A-1", "kind": "application",
            "product": "consumer", "state": "queued", "version": case.version,
        },
    }  # fmt: skip
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.status) == ("sent", 1, 200)
    assert headers["webhook-id"] == delivery.message_id


def test_a_decision_waits_for_its_release_and_is_no_news_once_taken_back(
    ground: Policy, admin: User, reviewer: User, receiver: Receiver
) -> None:
    set_desk_rules(by=admin, reason=REASON, changes={"release_hold_seconds": 60, "opinion_share": 0.0})
    hook(receiver, admin, "case.decided")
    held = actions.claim_case(make.queued_case("A-1", key_customer=False).pk, by=reviewer)
    actions.decide_case(held.pk, by=reviewer, outcome="approve", reason_codes=[], note="", seen_version=held.version)
    decided = make.reread(held)
    tell_webhooks()
    assert Delivery.objects.get().due_at == decided.released_at
    assert send_due() == 0
    take_back(decided.pk, by=reviewer, seen_version=decided.version)
    Delivery.objects.update(due_at=timezone.now())
    send_due()
    assert Delivery.objects.get().state == "dropped"
    assert receiver.got == []


def test_what_fails_is_tried_again_later_and_given_up_after_the_last_try(
    ground: Policy, admin: User, receiver: Receiver
) -> None:
    hook(receiver, admin)
    make.queued_case("A-1")
    tell_webhooks()
    receiver.status = 302
    for attempt in range(1, len(WAITS) + 2):
        assert Delivery.objects.get().state == "waiting"
        assert send_due() == 1
        found = Delivery.objects.get()
        assert (found.attempts, found.status, found.problem) == (attempt, 302, "HTTP 302")
        Delivery.objects.filter(state="waiting").update(due_at=timezone.now())
    assert Delivery.objects.get().state == "dead"
    assert [body for _headers, body in receiver.got] == [receiver.got[0][1]] * (len(WAITS) + 1)
    assert Notification.objects.get(person=admin).code == "webhook_given_up"
    receiver.status = 204
    assert webhooks.replay("crm", by=admin, reason=REASON) == 1
    assert send_due() == 1
    assert Delivery.objects.get().state == "sent"
    assert {headers["webhook-id"] for headers, _body in receiver.got} == {Delivery.objects.get().message_id}


def test_of_many_messages_that_are_given_up_the_maker_is_told_once_until_they_have_read_it(
    ground: Policy, admin: User, receiver: Receiver
) -> None:
    hook(receiver, admin)
    receiver.status = 500

    def give_up(ref: str) -> None:
        make.queued_case(ref)
        tell_webhooks()
        Delivery.objects.filter(state="waiting").update(attempts=len(WAITS), due_at=timezone.now())
        send_due()

    for number in range(3):
        give_up(f"A-{number}")
    assert Delivery.objects.filter(state="dead").count() == 3
    assert [(each.person, each.params["webhook"]) for each in Notification.objects.all()] == [(admin, "crm")]
    Notification.objects.update(read_at=timezone.now())
    give_up("A-3")
    assert Notification.objects.filter(code="webhook_given_up").count() == 2


def test_where_its_maker_has_left_administrators_are_told_what_was_given_up(
    ground: Policy, admin: User, supervisor: User, receiver: Receiver
) -> None:
    hook(receiver, admin)
    User.objects.filter(pk=admin.pk).update(is_active=False)
    other = User.objects.create_user("admin-2", role=admin.role)
    make.queued_case("A-1")
    tell_webhooks()
    receiver.status = 500
    Delivery.objects.update(attempts=len(WAITS), due_at=timezone.now())
    send_due()
    assert [each.person for each in Notification.objects.filter(code="webhook_given_up")] == [other]


def test_a_receiver_that_is_silent_is_asked_once_a_minute_and_holds_nobody_up(
    ground: Policy, admin: User, receiver: Receiver
) -> None:
    said: dict[str, Any] = {"types": ["case.queued"], "by": admin, "reason": REASON}
    webhooks.make_webhook(slug="silent", url="http://127.0.0.1:1024/", **said)
    webhooks.make_webhook(slug="well", url=receiver.url, **said)
    for ref in ("A-1", "A-2", "A-3"):
        make.queued_case(ref)
    tell_webhooks()
    assert send_all() == 4
    assert len(receiver.got) == 3
    silent = Delivery.objects.filter(webhook__slug="silent").order_by("pk")
    assert [(each.state, each.attempts) for each in silent] == [("waiting", 1), ("waiting", 0), ("waiting", 0)]
    assert [each.problem for each in silent] == ["NewConnectionError", "", ""]


def test_the_name_of_the_address_stands_in_the_certificate_or_nothing_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = Receiver()
    certificate = certificate_of("crm.example.com", tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    receiver.server.socket = context.wrap_socket(receiver.server.socket, server_side=True)
    port = receiver.server.server_port
    right, wrong = (Target("127.0.0.1", name, port, "/", True) for name in ("crm.example.com", "other.example.com"))
    with pytest.raises(urllib3.exceptions.HTTPError, match="certificate verify failed"):
        call(right, b"{}", {})
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert call(right, b"{}", {}) == 200
    assert receiver.got[0][0]["Host"] == f"crm.example.com:{port}"
    with pytest.raises(urllib3.exceptions.HTTPError, match=r"doesn't match|Hostname mismatch"):
        call(wrong, b"{}", {})
    assert len(receiver.got) == 1
    receiver.server.shutdown()
    receiver.server.server_close()


def certificate_of(name: str, folder: Path) -> Path:
    """A certificate that nobody has signed but its own key, both in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    itself, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), timezone.now()
    made = x509.CertificateBuilder(
        issuer_name=itself, subject_name=itself, public_key=key.public_key(), serial_number=1,
        not_valid_before=now - timedelta(days=1), not_valid_after=now + timedelta(days=1),
    ).add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False).sign(key, SHA256())  # fmt: skip
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.public_bytes(Encoding.PEM)
    path = folder / "certificate.pem"
    path.write_bytes(pem)
    return path


@pytest.mark.django_db(transaction=True)
def test_one_process_sends_at_a_time(ground: Policy, admin: User, receiver: Receiver) -> None:
    hook(receiver, admin)
    make.queued_case("A-1")
    tell_webhooks()
    inner: list[int] = []

    def calls(target: Target, body: bytes, headers: dict[str, str]) -> int:
        def elsewhere() -> None:
            inner.append(send_all())
            connection.close()

        other = threading.Thread(target=elsewhere)
        other.start()
        other.join()
        return 200

    assert send_all(calls) == 1
    assert inner == [0]
    assert send_all() == 0
    assert Delivery.objects.get().state == "sent"


def test_a_receiver_that_is_gone_ends_its_webhook(ground: Policy, admin: User, receiver: Receiver) -> None:
    hook(receiver, admin)
    make.queued_case("A-1")
    tell_webhooks()
    receiver.status = 410
    send_due()
    assert Webhook.objects.get().state == "gone"
    assert Delivery.objects.get().state == "dead"
    assert Notification.objects.get(person=admin).code == "webhook_gone"


def test_a_pause_loses_nothing(
    ground: Policy, admin: User, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "AT_ONCE", 1)
    hook(receiver, admin)
    for ref in ("A-1", "A-2"):
        make.queued_case(ref)
    # The second was not put up yet when the pause began.
    assert tell_webhooks() == 1
    webhooks.pause_webhook("crm", by=admin, reason=REASON)
    make.queued_case("A-3")
    assert tell_webhooks() == 0
    webhooks.resume_webhook("crm", by=admin, reason=REASON)
    assert [tell_webhooks() for _turn in range(3)] == [1, 1, 0]
    told = Delivery.objects.order_by("pk").values_list("event__case__external_ref", flat=True)
    assert list(told) == ["A-1", "A-2", "A-3"]
    assert [step.name for step in WebhookStep.objects.all()] == ["resumed", "paused", "made"]
    with pytest.raises(IntegrityError, match="keeps what was written"), transaction.atomic():
        WebhookStep.objects.update(reason="")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://127.0.0.1/x", "inside"), ("https://localhost/x", "inside"), ("https://10.1.2.3/", "inside"),
        ("https://169.254.169.254/latest/meta-data", "inside"), ("https://[::1]/", "inside"),
        ("https://[::ffff:10.0.0.1]/", "inside"), ("https://[64:ff9b::a00:1]/", "inside"),
        ("https://0.0.0.0/", "inside"), ("https://2130706433/", "inside"), ("http://1.1.1.1/", "scheme"),
        ("file:///etc/passwd", "form"), ("https://user:pw@example.com/", "form"), ("https://a b/", "form"),
        ("https://[oops/", "form"), ("https://nobody.invalid/", "unknown"),
    ],
)  # fmt: skip
def test_no_name_leads_into_the_house(url: str, code: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        find_target(url)
    assert refused.value.code == code


def test_a_named_network_may_be_called_and_its_neighbour_not() -> None:
    inside = (ipaddress.ip_network("10.20.0.0/16"),)
    assert find_target("http://10.20.3.4:8080/a?b=1", inside=inside).address == "10.20.3.4"
    assert read_url("https://crm.example.com") == ("crm.example.com", 443, "/", True)
    for url, code in (("http://10.21.0.1/", "inside"), ("http://8.8.8.8/", "scheme")):
        with pytest.raises(AddressRefused) as refused:
            find_target(url, inside=inside)
        assert refused.value.code == code


@pytest.mark.django_db
def test_only_an_administrator_makes_one_and_bad_input_names_its_field(admin: User, supervisor: User) -> None:
    good: dict[str, Any] = {
        "slug": "crm", "url": "https://crm.example.com/x", "types": ["case.decided"], "by": admin, "reason": REASON
    }  # fmt: skip
    with pytest.raises(NotAllowed):
        webhooks.make_webhook(**good | {"by": supervisor})
    for field, bad in (("slug", "a b"), ("url", "ftp://x"), ("types", []), ("types", ["x"]), ("reason", "no")):
        with pytest.raises(BadDecision) as refused:
            webhooks.make_webhook(**good | {field: bad})
        assert refused.value.field == field
    assert Webhook.objects.count() == 0
    webhook, secret = webhooks.make_webhook(**good)
    assert secret not in webhook.secret
    assert opened(webhook.secret) == secret
    with pytest.raises(BadDecision) as refused:
        webhooks.make_webhook(**good)
    assert refused.value.field == "slug"
    assert Webhook.objects.count() == 1


def test_a_secret_under_a_key_that_is_gone_cannot_be_opened(settings: Any) -> None:
    sealed = seal("whsec_1")
    fresh = base64.urlsafe_b64encode(bytes(range(32))).decode()
    settings.FIELD_KEYS = (fresh, *settings.FIELD_KEYS)
    assert opened(sealed) == "whsec_1"
    settings.FIELD_KEYS = (fresh,)
    with pytest.raises(CannotOpen):
        opened(sealed)


def test_waits_grow_and_scatter_by_a_fifth() -> None:
    assert wait_after(1, lambda: 0.0) == timedelta(seconds=4)
    assert wait_after(1, lambda: 1.0) == timedelta(seconds=6)
    assert wait_after(2, lambda: 0.5) == timedelta(minutes=5)
    assert wait_after(len(WAITS) + 1) is None
