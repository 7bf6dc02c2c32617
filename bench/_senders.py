"""Many senders at once in one thread, each on a connection that it keeps: what a request costs them is next to nothing.

A thread and an `http.client` a sender cost as much processor time as half the server's work, which on a machine that
both share is time the server does not get. Here it is about 0.1 ms a request.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice


@dataclass
class Sender:
    """One connection: when its present request was sent, and what of the answer is there."""

    line: socket.socket
    sent_at: float = 0.0
    answer: bytes = field(default=b"")

    def send(self, request: bytes) -> None:
        self.answer, self.sent_at = b"", time.perf_counter()
        self.line.sendall(request)

    def hear(self) -> int:
        """The status of the answer once all of it is there, else 0."""
        part = self.line.recv(1 << 16)
        if not part:
            raise ConnectionError(f"the server hung up: {self.answer!r}")
        self.answer += part
        head, end, body = self.answer.partition(b"\r\n\r\n")
        if not end:
            return 0
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        return int(head.split(b" ", 2)[1]) if len(body) >= length else 0


def request(method: str, path: str, *, token: str = "", body: bytes = b"") -> bytes:
    """An HTTP/1.1 request whole."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += ["Content-Type: application/json", f"Authorization: Bearer {token}"] if token else []
    return "\r\n".join([*lines, "", ""]).encode() + body


def send_all(port: int, requests: Sequence[bytes], *, senders: int, expected: int) -> tuple[float, list[float]]:
    """Seconds until all `requests` were answered with the `expected` status, and the seconds of each."""
    times: list[float] = []
    waiting = iter(requests)
    start = time.perf_counter()
    with selectors.DefaultSelector() as ready:
        for first in list(islice(waiting, senders)):
            sender = Sender(socket.create_connection(("127.0.0.1", port)))
            ready.register(sender.line, selectors.EVENT_READ, sender)
            sender.send(first)
        while ready.get_map():
            for key, _events in ready.select():
                status = key.data.hear()
                if not status:
                    continue
                times.append(time.perf_counter() - key.data.sent_at)
                assert status == expected, key.data.answer
                if following := next(waiting, None):
                    key.data.send(following)
                else:
                    ready.unregister(key.data.line)
                    key.data.line.close()
    return time.perf_counter() - start, times
