"""Child processes that do not outlive the process which started them, not even when it is killed with `kill -9`.

Linux tells a child of its parent's death (PR_SET_PDEATHSIG). Elsewhere a small watcher stands between the two: it holds
the read end of a pipe, and when the kernel closes the other end it passes the signal on.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

ON_LINUX = sys.platform.startswith("linux")
_PR_SET_PDEATHSIG = 1
_PROJECT = Path(__file__).resolve().parent.parent


def spawn(
    command: Sequence[str],
    *,
    farewell: signal.Signals,
    cwd: Path,
    environ: Mapping[str, str],
    stdin: int | IO[bytes] = subprocess.DEVNULL,
    output: int | IO[bytes] = subprocess.DEVNULL,
    account: tuple[int, int] | None = None,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, so that Ctrl-C at the terminal does not reach it; it is sent `farewell`
    when this process dies. `account` is the (uid, gid) to run as. Call from the main thread: Linux counts the end of
    the starting *thread* as the parent's death.
    """
    watched = [] if ON_LINUX else [sys.executable, "-m", "riskreview.lifeline", str(int(farewell))]
    lifeline = () if ON_LINUX else os.pipe()
    process = subprocess.Popen(
        [*watched, *([str(lifeline[0])] if lifeline else []), *command],
        cwd=cwd,
        env={**environ, "PYTHONPATH": str(_PROJECT)} if watched else environ,
        stdin=stdin,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=[*pass_fds, *lifeline[:1]],
        user=account[0] if account else None,
        group=account[1] if account else None,
        extra_groups=[] if account else None,
        preexec_fn=_tie(farewell) if ON_LINUX else None,
    )
    if lifeline:
        os.close(lifeline[0])  # the write end stays open, on purpose, for as long as this process lives
    return process


def _tie(farewell: signal.Signals) -> Callable[[], None]:
    libc = ctypes.CDLL(None, use_errno=True)  # loaded here: between fork and exec as little as possible is done
    parent = os.getpid()

    def tie() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(farewell))
        if os.getppid() != parent:  # the parent died before the kernel knew of our wish
            os._exit(1)

    return tie


def _watch(farewell: int, lifeline: int, command: Sequence[str]) -> int:
    """Run `command`, pass signals on, and send it `farewell` when the other end of `lifeline` is gone."""
    os.set_inheritable(lifeline, False)
    child = subprocess.Popen(command, close_fds=False)

    def wait_for_the_end() -> None:
        while os.read(lifeline, 1):
            pass
        child.send_signal(farewell)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: child.send_signal(received))
    threading.Thread(target=wait_for_the_end, daemon=True).start()
    code = child.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(_watch(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
