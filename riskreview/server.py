"""What the embedded servers have in common: a folder, a lock, a secret, a port, and how they start and stop."""

import contextlib
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from riskreview import lifeline
from riskreview.env import new_private_file
from riskreview.logs import open_log
from riskreview.programs import ServerError, account_for

Say = Callable[[str], None]
HOST = "127.0.0.1"
_ENVIRON = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}  # and no PG* variable of the user
_PORTS = range(20_000, 32_000)  # below what Linux and macOS hand out to outgoing connections


class Server(ABC):
    """One server on `folder` (made by the caller, closed to others). `output` is the open log file."""

    kind: ClassVar[str]
    title: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]
    start_seconds: ClassVar[float] = 120  # PostgreSQL may have to replay what a crash left in its log

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.log = log
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.account = account_for(self.data)
        self.secret, self.secret_is_new = _secret(folder / "secret")

    @abstractmethod
    def prepare(self, lock: int, say: Say) -> None:
        """Make the data folder if there is none; whoever touches it holds the file `lock` open."""

    @abstractmethod
    def command(self) -> tuple[list[str], bytes]:
        """The command that serves `data` on `port`, and what it reads from its standard input."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether it answers on `port`."""

    @property
    @abstractmethod
    def url(self) -> str:
        """Its address with name and password, as in DATABASE_URL or REDIS_URL."""

    def start(self, say: Say) -> None:
        """Bring the server up; ServerError with one sentence if that fails."""
        with (self.folder / "server.lock").open("w") as lock:
            self._take_over(lock.fileno(), say)
            self.prepare(lock.fileno(), say)
            for _ in range(5):
                self.port = _free_port(self.folder / "port")
                if self._launch(lock.fileno(), say):
                    return
                if _is_free(self.port):  # not a lost race for the port, so another port would not help
                    break
        raise ServerError(f"{self.title} did not start: see the end of {self.log}.")

    def stop(self) -> None:
        """Stop cleanly, with force after a minute."""
        if self.process is None:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        (self.folder / "server.pid").unlink(missing_ok=True)

    def _launch(self, lock: int, say: Say) -> bool:
        say(f"Starting {self.title} on {HOST}:{self.port}")
        command, text = self.command()
        with open_log(self.log) as output:
            # The server inherits the lock, so nobody can start a second one on the same data while any part of it
            # lives, whatever became of the process that started it.
            self.process = self.spawn(command, text, lock, self.stop_signal, output.fileno())
        write_private(self.folder / "server.pid", str(self.process.pid))
        deadline = time.monotonic() + self.start_seconds
        while self.process.poll() is None and time.monotonic() < deadline:
            if self.is_ready():
                return True
            time.sleep(0.02)
        self.stop()
        return False

    def _take_over(self, lock: int, say: Say) -> None:
        """Hold the lock; a server left behind by a killed start is asked to end first."""
        deadline = time.monotonic() + 60
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                say(f"Waiting for an earlier {self.title} to end")
            if time.monotonic() > deadline:
                raise ServerError(f"An earlier {self.title} on {self.data} does not end: stop it by hand.")
            with contextlib.suppress(OSError, ValueError):
                # The lock is held by others, so the process of this number is that server and no stranger.
                os.kill(int((self.folder / "server.pid").read_text()), self.stop_signal)
            time.sleep(0.2)

    def spawn(
        self, command: list[str], text: bytes, lock: int, farewell: signal.Signals, output: int
    ) -> subprocess.Popen[bytes]:
        reader, writer = os.pipe()
        try:
            if self.account.ids:
                os.fchown(reader, *self.account.ids)  # /dev/stdin is opened anew by the other account
            os.write(writer, text)
            os.close(writer)
            return lifeline.spawn(
                command, farewell=farewell, cwd=self.data, environ=_ENVIRON,
                stdin=reader, output=output, account=self.account.ids, pass_fds=[lock],
            )  # fmt: skip
        finally:
            os.close(reader)


def write_private(path: Path, text: str) -> None:
    """Replace a small file at once, closed to others. Written by root it belongs to whom its folder belongs, so that
    the owner can go on after somebody has started the servers as root.
    """
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with new_private_file(draft) as file:
        file.write(text)
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.chown(draft, folder.st_uid, folder.st_gid)
    draft.rename(path)


def _secret(path: Path) -> tuple[str, bool]:
    if path.exists():
        return path.read_text(encoding="ascii"), False
    value = secrets.token_urlsafe(32)
    write_private(path, value)
    return value, True


def _free_port(path: Path) -> int:
    """The port of the last time if it is free, else another, which is remembered."""
    port = int(path.read_text()) if path.exists() else secrets.choice(_PORTS)
    while not _is_free(port):
        port = secrets.choice(_PORTS)
    write_private(path, str(port))
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
