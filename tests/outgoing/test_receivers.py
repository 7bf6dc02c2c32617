"""Receivers of webhooks that trickle, talk without end, or cannot be called."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from cases.addresses import AddressRefused, Target, find_target, read_url
from cases.models import User
from outgoing import calling, sending, webhooks
from outgoing.calling import call
from outgoing.models import Delivery
from outgoing.sending import send_all, send_due
from outgoing.telling import tell_webhooks
from routing.models import Policy
from tests import make
from tests.outgoing.test_webhooks import HERE, REASON

HEAD = b"HTTP/1.1 200 OK\r\n"


class Talker:
    """A server that says something first and then one thing again and again, until nobody listens."""

    def __init__(self) -> None:
        self.line = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.line.getsockname()[1]
        self.first, self.then, self.pause = b"", b"", 0.05
        self.asked = b""
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _address = self.line.accept()
            except OSError:
                return
            with line:
                try:
                    self.asked = line.recv(65_536)
                    line.sendall(self.first)
                    while self.then:
                        line.sendall(self.then)
                        time.sleep(self.pause)
                except OSError:
                    continue


@pytest.fixture
def talker() -> Iterator[Talker]:
    made = Talker()
    yield made
    made.line.close()


@pytest.mark.parametrize(
    ("first", "then"),
    [(HEAD, b"X"), (HEAD, b"X-Of: 1\r\n"), (b"", b"HTTP/1.1 100 Continue\r\n\r\n"), (b"HTTP/1", b".")],
    ids=["a header", "headers", "continue", "the status"],
)
def test_an_answer_that_trickles_is_ended_by_the_clock(
    talker: Talker, first: bytes, then: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "ANSWER_SECONDS", 0.4)
    talker.first, talker.then = first, then
    began = time.monotonic()
    with pytest.raises(urllib3.exceptions.ReadTimeoutError):
        call(Target("127.0.0.1", "crm.example.com", talker.port, "/", False), b"{}", {})
    assert 0.3 < time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (HEAD + b"Content-Length: 100000000000\r\n\r\n", b"x" * 65_536),
        (HEAD + b"Content-Length: 1000\r\n\r\n", b"x"),
        (HEAD + b"Content-Length: 500\r\n\r\nshort", b""),
        (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain", b""),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nno size\r\n", b""),
    ],
    ids=["endless", "trickling", "short", "not gzip", "not chunked"],
)
def test_what_is_said_behind_the_status_is_not_read(talker: Talker, first: bytes, then: bytes) -> None:
    talker.first, talker.then = first, then
    assert call(Target("127.0.0.1", "crm.example.com", talker.port, "/", False), b"{}", {}) == 200


def test_a_name_in_chinese_is_called_as_the_network_knows_it(talker: Talker) -> None:
    host, port, path, is_secure = read_url("https://例子.公司.cn:8443/收?从=1")
    assert (host, port, is_secure) == ("xn--fsqu00a.xn--55qx5d.cn", 8443, True)
    talker.first = HEAD + b"\r\n"
    assert call(Target("127.0.0.1", host, talker.port, path, False), b"{}", {}) == 200
    assert talker.asked.startswith(b"POST /%E6%94%B6?%E4%BB%8E=1 HTTP/1.1\r\n")
    assert f"Host: {host}:{talker.port}\r\n".encode() in talker.asked


@pytest.mark.parametrize(
    ("port", "is_secure", "named"),
    [(443, True, "[2606:4700::1111]"), (80, True, "[2606:4700::1111]:80"), (443, False, "[2606:4700::1111]:443")],
)
def test_the_name_that_is_asked_for_has_brackets_and_a_port_that_is_not_the_usual(
    port: int, is_secure: bool, named: str
) -> None:
    assert Target("2606:4700::1111", "2606:4700::1111", port, "/", is_secure).named == named


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://192.0.0.192/opc/v1/", "inside"), ("https://192.88.99.1/", "inside"),
        ("https://168.63.129.16/machine", "inside"), ("https://[fec0::1]/", "inside"),
        ("https://[2002:7f00:1::]/", "inside"), ("https://127。0。0。1/", "inside"),
        ("https://１２７.0.0.1/", "inside"), ("https://0x7f000001/", "inside"), ("https://0177.0.0.1/", "inside"),
        ("https://例..cn/", "form"),
    ],
)  # fmt: skip
def test_no_other_spelling_leads_into_the_house_or_its_cloud(url: str, code: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        find_target(url)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1/", "inside"), ("https://169.254.169.254/latest", "inside"), ("https://[::1]/", "inside"),
        ("https://10.0.0.1/", "inside"), ("https://2130706433/", "inside"), ("https://0x7f.1/", "inside"),
        ("https://[::ffff:10.0.0.1]/", "inside"), ("https://[fe80::1%lo]/", "inside"), ("http://1.1.1.1/", "scheme"),
    ],
)  # fmt: skip
def test_numbers_that_may_not_be_called_are_refused_when_they_are_typed(url: str, code: str) -> None:
    named = (ipaddress.ip_network("10.20.0.0/16"),)
    with pytest.raises(AddressRefused) as refused:
        read_url(url, inside=named)
    assert refused.value.code == code
    assert read_url("http://10.20.3.4/", inside=named) == ("10.20.3.4", 80, "/", False)
    assert read_url("https://1.1.1.1/") == ("1.1.1.1", 443, "/", True)


@pytest.mark.parametrize("host", ["1.1.1.1", "10.20.3.4", "crm.example.com"])
@pytest.mark.parametrize("port", [22, 25, 0, 1023])
def test_what_listens_at_a_well_known_port_is_no_receiver(host: str, port: int) -> None:
    for inside in ((), (ipaddress.ip_network("10.20.0.0/16"),)):
        if inside or host != "10.20.3.4":
            with pytest.raises(AddressRefused) as refused:
                read_url(f"https://{host}:{port}/x", inside=inside)
            assert refused.value.code == "port"


def test_a_receiver_outside_is_called_at_its_usual_ports_alone() -> None:
    inside = (ipaddress.ip_network("10.20.0.0/16"),)
    for port in (443, 8443):
        assert find_target(f"https://1.1.1.1:{port}/").port == port
    for named in ((), inside):
        with pytest.raises(AddressRefused) as refused:
            find_target("https://1.1.1.1:9443/", inside=named)
        assert refused.value.code == "port"
    for port in (80, 443, 1024, 9443):
        assert find_target(f"http://10.20.3.4:{port}/", inside=inside).port == port


@pytest.fixture
def two(ground: Policy, admin: User, settings: Any) -> None:
    """Two webhooks, `first` and `second`, with five messages each."""
    settings.WEBHOOK_NETWORKS = HERE
    for slug in ("first", "second"):
        said: dict[str, Any] = {"types": ["case.queued"], "by": admin, "reason": REASON}
        webhooks.make_webhook(slug=slug, url=f"http://127.0.0.1/{slug}", **said)
    for number in range(5):
        make.queued_case(f"A-{number}")
    tell_webhooks()


def states(slug: str) -> list[tuple[str, int]]:
    return list(Delivery.objects.filter(webhook__slug=slug).order_by("pk").values_list("state", "attempts"))


def test_one_that_is_silent_is_called_once_whatever_waits_for_it(two: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "AT_ONCE", 2)
    called: list[str] = []

    def calls(target: Target, _body: bytes, _headers: dict[str, str]) -> int:
        called.append(target.path)
        if target.path == "/first":
            raise urllib3.exceptions.HTTPError
        return 200

    assert send_all(calls) == 6
    assert called.count("/first") == 1
    assert states("first") == [("waiting", 1)] + [("waiting", 0)] * 4
    assert states("second") == [("sent", 1)] * 5


def test_an_address_of_which_no_call_can_be_made_keeps_nothing_else_back(two: None) -> None:
    def calls(target: Target, _body: bytes, _headers: dict[str, str]) -> int:
        if target.path == "/first":
            raise UnicodeEncodeError("latin-1", "例", 0, 1, "ordinal not in range")
        return 200

    send_due(calls)
    assert states("second") == [("sent", 1)] * 5
    assert states("first")[0] == ("waiting", 1)
    assert Delivery.objects.filter(webhook__slug="first").order_by("pk")[0].problem == "UnicodeEncodeError"


def test_what_a_sender_had_in_hand_when_it_died_is_due_again_within_a_minute_under_the_same_id(two: None) -> None:
    got: list[str] = []

    def dies(_target: Target, _body: bytes, headers: dict[str, str]) -> int:
        got.append(headers["webhook-id"])
        raise KeyboardInterrupt

    def answers(_target: Target, _body: bytes, headers: dict[str, str]) -> int:
        got.append(headers["webhook-id"])
        return 200

    with pytest.raises(KeyboardInterrupt):
        send_due(dies)
    assert send_due(dies) == 0
    waiting = Delivery.objects.filter(state="waiting").order_by("due_at")
    assert waiting.count() == 10
    waiting.update(due_at=waiting[0].due_at - sending.LEASE)
    send_due(answers)
    # One message of each receiver was out.
    died = got[:2]
    assert len(set(died)) == 2
    assert sorted(got[2:]) == sorted(Delivery.objects.values_list("message_id", flat=True))
    assert set(died) < set(got[2:])
    assert Delivery.objects.filter(state="sent").count() == 10
