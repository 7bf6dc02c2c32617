"""Child programs of `make demo`: restarted when they die, ended when asked, gone when their parent is killed."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from riskreview import lifeline, logs, processes
from riskreview.env import PROJECT
from riskreview.processes import Children, Program

SLEEPER = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
# A parent that starts one child through the lifeline and says its number.
PARENT = """
import os, signal, subprocess, sys, time
from pathlib import Path
from riskreview import lifeline
lifeline.ON_LINUX = lifeline.ON_LINUX and sys.argv[1] == "kernel"
child = lifeline.spawn([sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(60)"],
                       farewell=signal.SIGTERM, cwd=Path.cwd(), environ=os.environ, output=subprocess.PIPE)
print(child.stdout.readline().decode(), end="", flush=True)
time.sleep(60)
"""


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def wait_for(happened: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that only waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def run_until(children: Children, happened: Callable[[], bool]) -> None:
    """Keep the children running until something happened."""

    def watch() -> None:
        try:
            wait_for(happened)
        finally:
            children.finish()

    watcher = threading.Thread(target=watch)
    watcher.start()
    children.run()
    watcher.join()
    assert happened()


def test_lines_are_printed_with_their_programs_name_and_kept_in_its_log(tmp_path: Path) -> None:
    out = io.StringIO()
    programs = [
        Program("worker", python(SLEEPER)),
        Program("web", python("import os, time; print(os.environ['X'], flush=True); time.sleep(60)"), {"X": "中"}),
        Program("quiet", python(SLEEPER), echo=False),
    ]
    with Children(programs, cwd=tmp_path, logs=tmp_path / "log", out=out) as children:
        run_until(
            children, lambda: len(out.getvalue().splitlines()) == 2 and bool(read(tmp_path / "log" / "quiet.log"))
        )
    assert sorted(out.getvalue().splitlines()) == ["web    | 中", "worker | up"]
    assert {path.name: path.read_text() for path in (tmp_path / "log").iterdir()} == {
        "worker.log": "up\n",
        "web.log": "中\n",
        "quiet.log": "up\n",
    }


def read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_a_log_that_has_grown_large_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_LARGE", 3)
    for text in (b"one", b"two", b"three", b"four"):
        with logs.open_log(tmp_path / "web.log") as log:
            log.write(text)
    assert read(tmp_path / "web.log") == "four"
    assert read(tmp_path / "web.log.1") == "three"


def test_a_program_that_dies_is_started_again_ever_later_and_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_FIRST_PAUSE", 0.1)
    out = io.StringIO()
    dying = "import os, signal; print('up', flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    with Children([Program("worker", python(dying))], cwd=tmp_path, logs=tmp_path, out=out) as children:
        children._children[0].pause = 0.1
        run_until(children, lambda: out.getvalue().count("it starts again") == 3)
    told = [line for line in out.getvalue().splitlines() if "again" in line]
    assert told == [f"worker | was ended by SIGKILL; it starts again in {pause} s" for pause in ("0.1", "0.2", "0.4")]


def test_an_exit_code_is_told(tmp_path: Path) -> None:
    out = io.StringIO()
    with Children([Program("beat", python("raise SystemExit(3)"))], cwd=tmp_path, logs=tmp_path, out=out) as children:
        run_until(children, lambda: bool(out.getvalue()))
    assert out.getvalue() == "beat | ended with exit code 3; it starts again in 1 s\n"


def test_a_program_that_does_not_end_is_killed_with_all_it_started(tmp_path: Path) -> None:
    out = io.StringIO()
    nested = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {SLEEPER!r}]).pid)\n{STUBBORN}"
    program = Program("worker", python(nested), stop_seconds=0.3)
    with Children([program], cwd=tmp_path, logs=tmp_path, out=out) as children:
        run_until(children, lambda: out.getvalue().count("up") == 2)
        grandchild = next(int(line.split()[-1]) for line in out.getvalue().splitlines() if line[-1].isdigit())
        assert is_alive(grandchild)
    wait_for(lambda: not is_alive(grandchild))
    assert "worker | did not end in 0.3 s and is killed" in out.getvalue()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_run_and_the_old_handlers_return(tmp_path: Path, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    ticks: list[float] = []

    def tick() -> None:
        ticks.append(time.monotonic())
        if len(ticks) == 2:
            os.kill(os.getpid(), number)

    with Children([Program("web", python(SLEEPER))], cwd=tmp_path, logs=tmp_path, out=io.StringIO()) as children:
        children.run(tick)
        child = children._children[0].process
    assert child is not None
    assert child.returncode == -signal.SIGTERM
    assert 0.9 < ticks[1] - ticks[0] < 3
    assert signal.getsignal(number) is before


def test_a_program_that_cannot_be_started_leaves_the_others_ended(tmp_path: Path) -> None:
    children = Children([Program("web", python(SLEEPER)), Program("none", ["/no/such"])], cwd=tmp_path, logs=tmp_path)
    with pytest.raises(FileNotFoundError), children:
        pytest.fail("it started")
    assert children._children[0].process is None


@pytest.mark.parametrize("way", ["kernel", "watcher"])
def test_kill_9_of_the_parent_ends_the_child(way: str) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, way], cwd=PROJECT, stdout=subprocess.PIPE)
    assert parent.stdout
    child = int(parent.stdout.readline())
    assert is_alive(child)
    parent.kill()
    parent.communicate()
    wait_for(lambda: not is_alive(child))


def test_the_watcher_passes_on_signals_input_and_the_exit_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifeline, "ON_LINUX", False)

    def start(code: str) -> subprocess.Popen[bytes]:
        return lifeline.spawn(
            python(code), farewell=signal.SIGTERM, cwd=tmp_path, environ=os.environ, output=subprocess.PIPE
        )

    with start("raise SystemExit(7)") as process:
        assert process.wait(10) == 7
    with start(SLEEPER) as process:
        assert process.stdout
        assert process.stdout.readline() == b"up\n"
        process.terminate()
        assert process.wait(10) == 128 + signal.SIGTERM
