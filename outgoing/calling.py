"""One POST to a receiver of webhooks: to the address that was judged, and answered in time or not at all."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Event, Timer
from typing import Any, Final

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse

from cases.addresses import Target

CONNECT_SECONDS: Final = 5
ANSWER_SECONDS: Final = 10


class _InTime(HTTPConnection):
    """The time-out of a socket begins anew with each byte; an answer that trickles is ended by the clock."""

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        line, late = self.sock, Event()

        def hang_up() -> None:
            late.set()
            with suppress(OSError):
                # Not the method of TLS, which would change what the reader works with.
                socket.socket.shutdown(line, socket.SHUT_RDWR)

        timer = Timer(ANSWER_SECONDS, hang_up)
        timer.daemon = True
        timer.start()
        try:
            return super().getresponse()
        finally:
            timer.cancel()
            if late.is_set():
                # What had come by then may look like a whole answer, or like a fault of the receiver.
                raise TimeoutError


class _SecureInTime(_InTime, HTTPSConnection):
    pass


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _InTime


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureInTime


def call(target: Target, body: bytes, headers: dict[str, str]) -> int:
    """POST to the address that was judged, under the name it was asked for. Returns the status; what else the receiver
    says is not read, however long it is.

    Raises:
        urllib3.exceptions.HTTPError: no connection, a wrong certificate, no answer in time, or none of HTTP.
    """
    kinds: dict[bool, type[urllib3.HTTPConnectionPool]] = {True: _SecurePool, False: _Pool}
    named: dict[str, Any] = {"assert_hostname": target.host, "server_hostname": target.host} if target.is_secure else {}
    patience = urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS)
    with kinds[target.is_secure](target.address, target.port, timeout=patience, retries=False, **named) as pool:
        answer = pool.urlopen(
            "POST",
            target.path,
            body=body,
            headers={**headers, "Host": target.named},
            redirect=False,
            preload_content=False,
        )
        answer.close()
        return answer.status
