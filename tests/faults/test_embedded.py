"""The embedded servers while parents, keepers and servers are killed: nothing lost, nothing left over."""

import os
import signal
import socket
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from riskreview import embedded
from riskreview.servers import SERVERS
from tests.faults.embedded_client import Client, keeper_pid, server_pid, wait_until_ended

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for most tests, so that the database is made once; each test leaves it stopped."""
    return tmp_path_factory.mktemp("servers") / "var"


@pytest.fixture
def client(var: Path) -> Iterator[Client]:
    client = Client(var)
    yield client
    client.kill()
    wait_until_ended(var)


def remember(addresses: dict[str, str], word: str) -> None:
    """Commit `word` to both servers."""
    with psycopg.connect(addresses["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS words (word text PRIMARY KEY)")
        connection.execute("INSERT INTO words VALUES (%s)", [word])
    with redis.Redis.from_url(addresses["REDIS_URL"]) as broker:
        broker.rpush("words", word)


def words(addresses: dict[str, str]) -> tuple[set[str], set[str]]:
    """What both servers remember."""
    with psycopg.connect(addresses["DATABASE_URL"]) as connection:
        stored = {row[0] for row in connection.execute("SELECT word FROM words")}
    with redis.Redis.from_url(addresses["REDIS_URL"], decode_responses=True) as broker:
        return stored, set(broker.lrange("words", 0, -1))


def both(addresses: dict[str, str], word: str) -> bool:
    """Whether both servers answer, and remember `word`; a server that is just coming back does not answer."""
    try:
        stored, listed = words(addresses)
    except (psycopg.OperationalError, redis.ConnectionError):
        return False
    return word in stored and word in listed


def test_both_are_durable_closed_to_others_and_ask_for_a_password(var: Path, client: Client) -> None:
    addresses = client.addresses()
    with psycopg.connect(addresses["DATABASE_URL"], autocommit=True) as connection:
        shown = {
            name: connection.execute(f"SHOW {name}").fetchone()
            for name in ("fsync", "full_page_writes", "synchronous_commit", "listen_addresses", "password_encryption")
        }
        assert shown == {
            "fsync": ("on",),
            "full_page_writes": ("on",),
            "synchronous_commit": ("on",),
            "listen_addresses": ("127.0.0.1",),
            "password_encryption": ("scram-sha-256",),
        }
        is_superuser = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
        assert is_superuser == (False,)
        for extension in ("pg_trgm", "citext", "btree_gin"):
            connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    with redis.Redis.from_url(addresses["REDIS_URL"], decode_responses=True) as broker:
        assert broker.config_get("append*") | broker.config_get("save") | broker.config_get("maxmemory-policy") == {
            "appenddirname": "appendonlydir",
            "appendfilename": "appendonly.aof",
            "appendfsync": "everysec",
            "appendonly": "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        assert broker.config_get("bind") == {"bind": "127.0.0.1"}
    for name, error in (("DATABASE_URL", psycopg.OperationalError), ("REDIS_URL", redis.AuthenticationError)):
        parts = urlsplit(addresses[name])
        assert parts.hostname == "127.0.0.1"
        assert parts.password
        for stranger in (addresses[name].replace(parts.password, "wrong"), addresses[name].replace(parts.password, "")):
            with pytest.raises(error):
                reach(stranger)
    for kind in SERVERS:
        folder = var / "embedded" / kind
        secret = (folder / "secret").read_text()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE((folder / name).stat().st_mode) for name in ("secret", "state.json")} == {0o600}
        assert secret.encode() not in Path(f"/proc/{server_pid(var, kind)}/cmdline").read_bytes()


def reach(url: str) -> None:
    """Say hello to either server."""
    if url.startswith("redis"):
        with redis.Redis.from_url(url) as broker:
            broker.ping()
    else:
        psycopg.connect(url).close()


def test_a_second_start_finds_what_was_stored_at_the_same_addresses(var: Path) -> None:
    first = Client(var)
    addresses = first.addresses()
    remember(addresses, "kept")
    first.end()
    wait_until_ended(var)
    with pytest.raises(psycopg.OperationalError):
        reach(addresses["DATABASE_URL"])
    second = Client(var)
    assert second.addresses() == addresses
    assert both(addresses, "kept")
    second.end()
    wait_until_ended(var)


def test_a_second_process_joins_and_the_servers_outlive_the_first(var: Path, client: Client) -> None:
    addresses = client.addresses()
    pids = {kind: server_pid(var, kind) for kind in SERVERS}
    second = Client(var)
    child = Client(var, **addresses)  # as a worker that inherits the addresses of its parent
    assert second.addresses() == child.addresses() == addresses
    client.kill()
    second.kill()
    time.sleep(2.5)
    assert {kind: server_pid(var, kind) for kind in SERVERS} == pids
    reach(addresses["DATABASE_URL"])
    reach(addresses["REDIS_URL"])
    child.kill()
    wait_until_ended(var)


def test_three_first_starts_at_the_same_moment_share_one_pair_of_servers(tmp_path: Path) -> None:
    clients = [Client(tmp_path / "var") for _ in range(3)]
    addresses = [client.addresses() for client in clients]
    assert addresses[0] == addresses[1] == addresses[2]
    for client in clients:
        client.kill()
    wait_until_ended(tmp_path / "var")


def test_ctrl_c_reaches_the_process_and_not_the_servers(var: Path, client: Client) -> None:
    addresses = client.addresses()
    second = Client(var)
    second.addresses()
    os.killpg(client.process.pid, signal.SIGINT)  # as a terminal does, to the whole group
    assert client.process.wait(10) == -signal.SIGINT
    reach(addresses["DATABASE_URL"])
    reach(addresses["REDIS_URL"])
    second.end()


def test_kill_9_of_the_parent_loses_nothing_and_leaves_nothing(var: Path) -> None:
    client = Client(var)
    remember(client.addresses(), "parent killed")
    client.kill()
    wait_until_ended(var)
    again = Client(var)
    assert both(again.addresses(), "parent killed")
    again.end()
    wait_until_ended(var)


def test_kill_9_of_the_keepers_lets_the_servers_end_cleanly_and_the_next_start_work(var: Path, client: Client) -> None:
    remember(client.addresses(), "keeper killed")
    log = var / "log" / "postgres.log"
    before = log.stat().st_size
    for kind in SERVERS:
        os.kill(keeper_pid(var, kind), signal.SIGKILL)
    wait_until_ended(var)
    assert "database system is shut down" in log.read_text()[before:]
    again = Client(var)
    assert both(again.addresses(), "keeper killed")
    assert "was interrupted" not in log.read_text()[before:]
    again.end()


def test_a_server_that_is_killed_comes_back_at_its_address_with_its_data(var: Path, client: Client) -> None:
    addresses = client.addresses()
    remember(addresses, "server killed")
    pids = {kind: server_pid(var, kind) for kind in SERVERS}
    for pid in pids.values():
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while not both(addresses, "server killed"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert all(server_pid(var, kind) != pid for kind, pid in pids.items())


def test_when_everything_is_killed_a_stale_pid_file_does_not_stop_the_next_start(var: Path) -> None:
    client = Client(var)
    remember(client.addresses(), "all killed")
    client.kill()
    for pid in [*(keeper_pid(var, kind) for kind in SERVERS), *(server_pid(var, kind) for kind in SERVERS)]:
        os.kill(pid, signal.SIGKILL)
    wait_until_ended(var)
    stale = var / "embedded" / "postgres" / "data" / "postmaster.pid"
    lines = stale.read_text().splitlines()
    stale.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")  # by now the number is a living stranger's
    again = Client(var)
    assert both(again.addresses(), "all killed")
    again.end()
    wait_until_ended(var)


def test_a_port_that_was_taken_meanwhile_is_replaced(var: Path) -> None:
    client = Client(var)
    before = client.addresses()
    remember(before, "port taken")
    client.end()
    wait_until_ended(var)
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", urlsplit(before["DATABASE_URL"]).port or 0))
        stranger.listen()
        again = Client(var)
        after = again.addresses()
    assert after["DATABASE_URL"] != before["DATABASE_URL"]
    assert after["REDIS_URL"] == before["REDIS_URL"]
    assert both(after, "port taken")
    again.end()
    wait_until_ended(var)


def test_a_lost_password_is_replaced(var: Path) -> None:
    client = Client(var)
    before = client.addresses()
    remember(before, "password lost")
    client.end()
    wait_until_ended(var)
    for kind in SERVERS:
        (var / "embedded" / kind / "secret").unlink()
    again = Client(var)
    after = again.addresses()
    assert urlsplit(after["DATABASE_URL"]).password != urlsplit(before["DATABASE_URL"]).password
    assert both(after, "password lost")
    again.end()
    wait_until_ended(var)


def test_only_what_is_unset_is_embedded(tmp_path: Path) -> None:
    client = Client(tmp_path, DATABASE_URL="postgresql://somewhere.example/else")
    addresses = client.addresses()
    assert addresses["DATABASE_URL"] == "postgresql://somewhere.example/else"
    assert addresses[embedded.MARKER] == f"valkey:{tmp_path}"
    reach(addresses["REDIS_URL"])
    assert [path.name for path in (tmp_path / "embedded").iterdir()] == ["valkey"]
    client.end()
    wait_until_ended(tmp_path)


def test_a_long_path_with_spaces_that_nobody_else_may_enter(tmp_path: Path) -> None:
    var = tmp_path / "a long path 很长的路径" / ("x" * 120) / "var"
    var.parent.mkdir(parents=True)
    tmp_path.chmod(0o700)
    (var / "embedded" / "postgres" / "unfinished").mkdir(parents=True)  # of a first start that was killed
    client = Client(var)
    addresses = client.addresses()
    remember(addresses, "far away")
    assert both(addresses, "far away")
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    assert not (var / "embedded" / "postgres" / "unfinished").exists()
    client.end()
    wait_until_ended(var)
