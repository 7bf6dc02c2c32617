"""A process that uses embedded servers, for tests which kill it: prints the addresses, ends when its input closes."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from riskreview import embedded
from riskreview.env import PROJECT
from riskreview.programs import ServerError
from riskreview.servers import SERVERS

NAMES = ("DATABASE_URL", "REDIS_URL", embedded.MARKER)


class Client:
    """One such process on the servers of `var`; `environ` is added to ours without its own addresses."""

    def __init__(self, var: Path, **environ: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if name not in NAMES}
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.embedded_client"],
            cwd=PROJECT,
            env=inherited | {"RISKREVIEW_VAR": str(var)} | environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def addresses(self) -> dict[str, str]:
        """Waits for the servers; fails with the process's own sentence if they cannot be had."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line.startswith("{"), line
        answer: dict[str, str] = json.loads(line)
        return answer

    def end(self) -> None:
        """Let it end as a program ends."""
        self.process.communicate(timeout=60)

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()
        self.process.communicate()


def server_pid(var: Path, kind: str) -> int:
    """The process number of a running server."""
    return int((var / "embedded" / kind / "server.pid").read_text())


def keeper_pid(var: Path, kind: str) -> int:
    """The process number of its keeper."""
    return int(embedded.read_state(var / "embedded" / kind)["keeper"])


def wait_until_ended(var: Path) -> None:
    """Fails if after 60 seconds any process of any server of `var` still lives; each holds one of two locks."""
    deadline = time.monotonic() + 60
    for path in (var / "embedded" / kind / name for kind in SERVERS for name in ("keeper.lock", "server.lock")):
        while path.exists() and not _is_free(path):
            assert time.monotonic() < deadline, f"{path} is still held"
            time.sleep(0.02)


def _is_free(path: Path) -> bool:
    with path.open() as file:
        return embedded.try_lock(file, fcntl.LOCK_SH)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        embedded.use_if_unset()
    except ServerError as refusal:
        sys.exit(print(refusal))
    print(json.dumps({name: os.environ.get(name, "") for name in NAMES}), flush=True)
    sys.stdin.read()
