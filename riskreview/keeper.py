"""The process that keeps one embedded server: brings it up, mends it, and stops it when its last client is gone.

It is started by `riskreview.embedded` and never by hand. Files in its folder: `clients.lock` is held
shared by every client, so the moment it can be had exclusively, nobody is left (the kernel lets go of it however a
client ends); `keeper.lock` is held for the keeper's life; `state.json` says how far it is.
"""

import fcntl
import json
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import IO

from riskreview.programs import ServerError
from riskreview.server import Server, write_private
from riskreview.servers import SERVERS

GRACE_SECONDS = 1.0  # so that `make` can run one command after another on the same server
_POLL_SECONDS = 0.1


class Keeper:
    """Keeps `server` for as long as somebody holds `clients.lock` in its folder."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.stopping = False
        self._idle_since: float | None = None

    def run(self) -> int:
        """Serve until the last client is gone or SIGTERM arrives; 1 if the server cannot be started."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._on_sigterm)
        with (self.server.folder / "clients.lock").open("w") as clients:
            try:
                self.server.start(self._say)
                self._tell(phase="ready", url=self.server.url)
                while not self.stopping and not self._is_unused(clients):
                    self._mend()
                    time.sleep(_POLL_SECONDS)
            except ServerError as error:
                self._tell(phase="failed", text=str(error))
                return 1
            # Here `clients` is held exclusively unless we were told to stop: a client that comes now waits for our end
            # and then starts a new keeper, instead of being handed a server that is about to go.
            self._tell(phase="stopping")
            self.server.stop()
        return 0

    def _is_unused(self, clients: IO[str]) -> bool:
        try:
            fcntl.flock(clients, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._idle_since = None
            return False
        self._idle_since = self._idle_since or time.monotonic()
        if time.monotonic() - self._idle_since >= GRACE_SECONDS:
            return True
        fcntl.flock(clients, fcntl.LOCK_UN)
        return False

    def _mend(self) -> None:
        """Start the server anew if it died; its port stays, so that its clients find it again by themselves."""
        if self.server.process is None or self.server.process.poll() is None:
            return
        log(f"{self.server.title} ended with {self.server.process.returncode}; starting it again")
        self.server.start(self._say)
        self._tell(phase="ready", url=self.server.url)

    def _say(self, text: str) -> None:
        log(text)
        self._tell(phase="starting", text=text)

    def _tell(self, phase: str, text: str = "", url: str = "") -> None:
        write_state(self.server.folder, {"phase": phase, "text": text, "url": url, "keeper": os.getpid()})

    def _on_sigterm(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopping = True


def write_state(folder: Path, state: dict[str, str | int]) -> None:
    """Replace `state.json` at once; it holds a password and is closed to others."""
    write_private(folder / "state.json", json.dumps(state))


def log(text: str) -> None:
    """One line with the time into the keeper's log, which is its standard output."""
    print(time.strftime("%Y-%m-%d %H:%M:%S"), text, flush=True)


def main(kind: str, folder: Path, log_file: Path) -> int:
    """Keep the server `kind` of `folder`; what the server itself says goes to `log_file`."""
    with (folder / "keeper.lock").open("w") as life:
        fcntl.flock(life, fcntl.LOCK_EX)
        write_state(folder, {"phase": "starting", "text": "", "url": "", "keeper": os.getpid()})
        # The caller goes on when the lock is held; it stays held by the copy, whose end is nobody's duty to collect.
        if os.fork():
            os._exit(0)
        try:
            server = SERVERS[kind](folder, log_file)
        except ServerError as error:
            write_state(folder, {"phase": "failed", "text": str(error), "url": "", "keeper": os.getpid()})
            return 1
        return Keeper(server).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
