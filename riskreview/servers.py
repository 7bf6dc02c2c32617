"""The two embedded servers as data folders and commands: how each is made, started, found ready and stopped."""

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from riskreview.env import open_private
from riskreview.lifeline import spawn
from riskreview.programs import ServerError, account_for, postgres_programs, valkey_program

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
        self.secret, self._secret_is_new = _secret(folder / "secret")

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
        with self.log.open("ab") as output:
            # The server inherits the lock, so nobody can start a second one on the same data while any part of it
            # lives, whatever became of the process that started it.
            self.process = self._spawn(command, text, lock, self.stop_signal, output.fileno())
        (self.folder / "server.pid").write_text(str(self.process.pid))
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

    def _spawn(
        self, command: list[str], text: bytes, lock: int, farewell: signal.Signals, output: int
    ) -> subprocess.Popen[bytes]:
        reader, writer = os.pipe()
        try:
            if self.account.ids:
                os.fchown(reader, *self.account.ids)  # /dev/stdin is opened anew by the other account
            os.write(writer, text)
            os.close(writer)
            return spawn(
                command, farewell=farewell, cwd=self.data, environ=_ENVIRON,
                stdin=reader, output=output, account=self.account.ids, pass_fds=[lock],
            )  # fmt: skip
        finally:
            os.close(reader)


class PostgreSQL(Server):
    """PostgreSQL with scram passwords on loopback TCP. The role of the application is no superuser."""

    kind = "postgres"
    title = "PostgreSQL"
    stop_signal = signal.SIGINT  # "fast": open transactions are rolled back, everything committed is kept
    _settings: ClassVar[dict[str, str]] = {
        "listen_addresses": HOST,
        "unix_socket_directories": "",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "shared_buffers": "256MB",
        "max_connections": "80",
        "max_wal_size": "2GB",
        "random_page_cost": "1.1",
        "idle_in_transaction_session_timeout": "60s",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_checkpoints": "off",
        "log_min_duration_statement": "1s",
        "log_lock_waits": "on",
    }

    @property
    def url(self) -> str:
        return f"postgresql://riskreview:{self.secret}@{HOST}:{self.port}/riskreview"

    def command(self) -> tuple[list[str], bytes]:
        settings = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        program = str(postgres_programs(self.account) / "postgres")
        return [program, "-D", self._place, "-p", str(self.port), *settings], b""

    def is_ready(self) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"

    def prepare(self, lock: int, say: Say) -> None:
        if not (self.data / "PG_VERSION").exists():
            say("Making a new PostgreSQL database (first start only)")
            self._make(lock)
        elif self._secret_is_new:
            self._single_user(lock, f"ALTER ROLE riskreview PASSWORD '{self.secret}';\n")
        self._secret_is_new = False
        # Whoever wrote this file is gone, since we hold the lock; its number may be a stranger's by now.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _make(self, lock: int) -> None:
        final, self.data = self.data, self.folder / "unfinished"
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        self.account.give(self.data)
        self._run(
            lock, f"{secrets.token_urlsafe(32)}\n", "initdb", "-D", self._place, "-U", "postgres",
            "--pwfile=/dev/stdin", "--auth-local=reject", "--auth-host=scram-sha-256",
            "--encoding=UTF8", "--no-instructions",
            # Built in, so that indexes stay right when the machine's own collations change.
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
        )  # fmt: skip
        self._single_user(
            lock,
            f"CREATE ROLE riskreview LOGIN CREATEDB PASSWORD '{self.secret}';\n"
            "GRANT pg_monitor TO riskreview;\n"
            "CREATE DATABASE riskreview OWNER riskreview;\n",
        )
        self.data = self.data.rename(final)  # a start that was killed half-way leaves nothing that looks finished

    def _single_user(self, lock: int, sql: str) -> None:
        quiet = ("-c", "log_checkpoints=off", "-c", "log_min_error_statement=panic")  # a statement may hold a password
        self._run(lock, sql, "postgres", "--single", "-D", self._place, *quiet, "template1")

    def _run(self, lock: int, text: str, program: str, *arguments: str) -> None:
        command = [str(postgres_programs(self.account) / program), *arguments]
        with self.log.open("a+b") as output:
            begin = output.seek(0, os.SEEK_END)
            code = self._spawn(command, text.encode(), lock, signal.SIGKILL, output.fileno()).wait()
            output.seek(begin)
            said = output.read().decode(errors="replace")
        failures = [line for line in said.splitlines() if "ERROR:" in line or "FATAL:" in line or "error:" in line]
        if code or failures:
            raise ServerError(f"{program} failed: {failures[0] if failures else f'exit {code}'} (see {self.log}).")

    @property
    def _place(self) -> str:
        # As root the server runs as an account that may not be able to walk to its folder, but stands in it.
        return "/proc/self/cwd" if self.account.ids else str(self.data)


class Valkey(Server):
    """Valkey with a password on loopback TCP and an append-only file."""

    kind = "valkey"
    title = "Valkey"
    stop_signal = signal.SIGTERM

    @property
    def url(self) -> str:
        return f"redis://:{self.secret}@{HOST}:{self.port}/0"

    def prepare(self, lock: int, say: Say) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)
        self.account.give(self.data)

    def command(self) -> tuple[list[str], bytes]:
        lines = (
            f"bind {HOST}", f"port {self.port}", "protected-mode yes", f"requirepass {self.secret}", "dir ./",
            "appendonly yes", "appendfsync everysec", 'save ""', "maxmemory-policy noeviction", "daemonize no",
        )  # fmt: skip
        # By standard input: a command line can be read by everybody on the machine.
        return [str(valkey_program(self.account)), "-"], "\n".join(lines).encode() + b"\n"

    def is_ready(self) -> bool:
        try:
            with socket.create_connection((HOST, self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.secret}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (more := connection.recv(256)):
                    answer += more
        except OSError:
            return False
        return answer.endswith(b"+PONG\r\n")  # while it still reads its file it answers -LOADING


SERVERS: dict[str, type[Server]] = {server.kind: server for server in (PostgreSQL, Valkey)}


def _secret(path: Path) -> tuple[str, bool]:
    if path.exists():
        return path.read_text(encoding="ascii"), False
    value = secrets.token_urlsafe(32)
    with open_private(path, "x") as file:
        file.write(value)
    return value, True


def _free_port(path: Path) -> int:
    """The port of the last time if it is free, else another, which is remembered."""
    port = int(path.read_text()) if path.exists() else secrets.choice(_PORTS)
    while not _is_free(port):
        port = secrets.choice(_PORTS)
    path.write_text(str(port))
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
