"""Runs several programs as children of one: prefixed log lines, restarts with back-off, a clean end on Ctrl-C.

Used by `manage.py demo` for the worker, the beat and the web server. A child never outlives its parent
(`riskreview.lifeline`), and has its own session, so that Ctrl-C reaches the parent alone, which then ends the children
in an orderly way: SIGTERM lets a Celery worker finish what it has in hand.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TextIO

from riskreview.lifeline import spawn
from riskreview.logs import open_log

_FIRST_PAUSE, _LONGEST_PAUSE, _STEADY = 1.0, 30.0, 60.0  # seconds
_TICK_SECONDS = 0.1
_COLOURS = (36, 33, 35, 32, 34)  # of a terminal: cyan, yellow, magenta, green, blue


@dataclass(frozen=True)
class Program:
    """One program to run: `stop_seconds` is what it gets after SIGTERM before it is killed."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict)  # on top of ours
    stop_seconds: float = 10.0
    echo: bool = True  # also print its lines; they always go to its log file
    waits: bool = False  # for `run`: it is not needed before


@dataclass
class _Child:
    program: Program
    colour: int
    process: subprocess.Popen[bytes] | None = None
    reader: threading.Thread | None = None
    started: float = 0.0
    due: float = 0.0  # when to start (again), monotonic seconds
    pause: float = _FIRST_PAUSE


class Children:
    """The programs while they run: `with Children(...) as children: children.run()`."""

    def __init__(self, programs: Sequence[Program], *, cwd: Path, logs: Path, out: TextIO | None = None) -> None:
        self.cwd = cwd
        self.logs = logs
        self.out = out or sys.stdout
        self._children = [_Child(program, _COLOURS[i % len(_COLOURS)]) for i, program in enumerate(programs)]
        self._stop = threading.Event()
        self._writing = threading.Lock()

    def __enter__(self) -> "Children":
        self.logs.mkdir(parents=True, exist_ok=True)
        try:
            for child in self._children:
                if not child.program.waits:
                    self._start(child)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def run(self, tick: Callable[[], None] | None = None) -> None:
        """Keep all programs running until SIGINT, SIGTERM or SIGHUP, or `finish()`. `tick` is called about once a
        second. Call from the main thread.
        """
        next_tick = time.monotonic()
        with self._signals():
            while not self._stop.wait(_TICK_SECONDS):
                for child in self._children:
                    self._mend(child)
                if tick and time.monotonic() >= next_tick:
                    tick()
                    next_tick = time.monotonic() + 1.0

    def finish(self) -> None:
        """Let `run` return; may be called from anywhere."""
        self._stop.set()

    def stop(self) -> None:
        """End all programs with SIGTERM; after `stop_seconds`, or at a second Ctrl-C, kill all they started."""
        running = [(child, child.process) for child in self._children if child.process]
        begin = time.monotonic()
        for _, process in running:
            process.terminate()
        try:
            for child, process in running:
                if not _ends_within(process, begin + child.program.stop_seconds - time.monotonic()):
                    self._print(child, f"did not end in {child.program.stop_seconds:g} s and is killed")
        except KeyboardInterrupt:
            print("Ending at once.", file=self.out, flush=True)
        for child, process in running:
            self._sweep(process)
            if child.reader:
                child.reader.join(2)
            child.process = None

    def _start(self, child: _Child) -> None:
        program = child.program
        child.process = spawn(
            program.command,
            farewell=signal.SIGTERM,
            cwd=self.cwd,
            environ={**os.environ, "PYTHONUNBUFFERED": "1", **program.environ},
            output=subprocess.PIPE,
        )
        child.started = time.monotonic()
        child.reader = threading.Thread(target=self._read, args=(child, child.process.stdout), daemon=True)
        child.reader.start()

    def _mend(self, child: _Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.due:
                self._start(child)
            return
        code = child.process.poll()
        if code is None:
            return
        self._sweep(child.process)
        child.process = None
        child.pause = _FIRST_PAUSE if now - child.started > _STEADY else child.pause
        child.due = now + child.pause
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        self._print(child, f"{how}; it starts again in {child.pause:g} s")
        child.pause = min(child.pause * 2, _LONGEST_PAUSE)

    def _sweep(self, process: subprocess.Popen[bytes]) -> None:
        """Kill the program and whatever it started: its session, and so its group, is its own."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _read(self, child: _Child, stream: IO[bytes] | None) -> None:
        if stream is None:
            return
        with stream, open_log(self.logs / f"{child.program.name}.log") as log:
            for line in stream:
                log.write(line)
                log.flush()
                if child.program.echo:
                    self._print(child, line.decode(errors="replace").rstrip())

    def _print(self, child: _Child, text: str) -> None:
        width = max(len(other.program.name) for other in self._children)
        prefix = f"{child.program.name:<{width}} |"
        if self.out.isatty():
            prefix = f"\x1b[{child.colour}m{prefix}\x1b[0m"
        with self._writing:
            print(prefix, text, file=self.out, flush=True)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        wanted = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, lambda *_: self.finish()) for number in wanted}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _ends_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(max(0.0, seconds))
    except subprocess.TimeoutExpired:
        return False
    return True
