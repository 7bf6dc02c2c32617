"""Every variable of the environment: what a good value becomes, and the sentence for a bad one."""

import base64
import os
import re
import stat
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path

import pytest

from riskreview.env import PROJECT, Email, Env, EnvError, Oidc, read_env, var_folder
from riskreview.env_file import load_file

KEY = "k3y-x9" * 10
FIELD_KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
OLD_FIELD_KEY = base64.urlsafe_b64encode(bytes(range(100, 132))).decode()
PRODUCTION = {
    "RISKREVIEW_SECRET_KEY": KEY,
    "RISKREVIEW_FIELD_KEYS": FIELD_KEY,
    "RISKREVIEW_ALLOWED_HOSTS": "risk.example.com",
}


def read(**more: str) -> Env:
    return read_env(PRODUCTION | more)


def test_a_full_environment_is_read_exactly(tmp_path: Path) -> None:
    assert read(
        RISKREVIEW_VAR=str(tmp_path),
        RISKREVIEW_DEBUG="0",
        RISKREVIEW_FIELD_KEYS=f"{FIELD_KEY}, {OLD_FIELD_KEY}",
        RISKREVIEW_ALLOWED_HOSTS="risk.example.com, .bank.example",
        RISKREVIEW_LANGUAGE="zh-Hans",
        DATABASE_URL="postgresql://risk:p%40ss%2Fword@db.example.com:5433/book?sslmode=require&connect_timeout=5",
        REDIS_URL="rediss://:secret@redis.example.com:6380/2",
        RISKREVIEW_EMAIL_URL="smtps://me:pa%3Ass@mail.example.com?from=risk@example.com",
        RISKREVIEW_OIDC_ISSUER="https://login.example.com",
        RISKREVIEW_OIDC_CLIENT_ID="riskreview",
        RISKREVIEW_OIDC_CLIENT_SECRET="hush",
        RISKREVIEW_KAFKA_BROKERS="k1:9092,[::1]:9093",
        RISKREVIEW_SENTRY_DSN="https://key@sentry.example.com/1",
        RISKREVIEW_SCAN_COMMAND="clamdscan --fdpass 'a b'",
        RISKREVIEW_WEBHOOK_NETWORKS="10.20.0.0/16, fd00::/8",
        RISKREVIEW_SOURCE_NETWORKS="10.30.0.0/16",
    ) == Env(
        var=tmp_path,
        debug=False,
        secret_key=KEY,
        field_keys=(FIELD_KEY, OLD_FIELD_KEY),
        database={
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "book",
            "USER": "risk",
            "PASSWORD": "p@ss/word",
            "HOST": "db.example.com",
            "PORT": "5433",
            "OPTIONS": {"sslmode": "require", "connect_timeout": "5"},
        },
        redis_url="rediss://:secret@redis.example.com:6380/2",
        allowed_hosts=("risk.example.com", ".bank.example"),
        language="zh-hans",
        email=Email("mail.example.com", 465, "me", "pa:ss", "tls", "risk@example.com"),
        oidc=Oidc("https://login.example.com", "riskreview", "hush"),
        kafka_brokers=("k1:9092", "[::1]:9093"),
        sentry_dsn="https://key@sentry.example.com/1",
        scan_command=("clamdscan", "--fdpass", "a b"),
        webhook_networks=(ip_network("10.20.0.0/16"), ip_network("fd00::/8")),
        source_networks=(ip_network("10.30.0.0/16"),),
    )


def test_what_is_unset_is_empty_and_in_the_project() -> None:
    env = read()
    assert (env.var, env.debug, env.language) == (PROJECT / "var", False, "en")
    assert env.database == {"ENGINE": "django.db.backends.postgresql", "NAME": ""}
    assert (env.redis_url, env.email, env.oidc, env.kafka_brokers, env.sentry_dsn) == ("", None, None, (), "")
    assert env.scan_command == ()
    assert (env.webhook_networks, env.source_networks) == ((), ())


def test_a_database_behind_a_socket_has_its_folder_as_host() -> None:
    database = read(DATABASE_URL="postgres:///book?host=/run/postgresql&port=5433").database
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("/run/postgresql", "5433", "book")


def test_a_relative_var_is_the_projects_and_not_the_callers() -> None:
    assert var_folder({"RISKREVIEW_VAR": "elsewhere"}) == PROJECT / "elsewhere"
    assert var_folder({"RISKREVIEW_VAR": "~/elsewhere"}) == Path.home() / "elsewhere"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("console://", Email("", 0, "", "", "none", "")),
        ("smtp://mail:2525", Email("mail", 2525, "", "", "starttls", "")),
        ("smtp://mail", Email("mail", 587, "", "", "starttls", "")),
        ("smtp://mail?starttls=0", Email("mail", 25, "", "", "none", "")),
    ],
)
def test_mail_addresses(url: str, expected: Email) -> None:
    assert read(RISKREVIEW_EMAIL_URL=url).email == expected


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("RISKREVIEW_DEBUG", "maybe", "RISKREVIEW_DEBUG must be 1 or 0, not 'maybe'."),
        ("RISKREVIEW_SCAN_COMMAND", "scan 'it", "RISKREVIEW_SCAN_COMMAND has a quotation mark that is not closed."),
        (
            "RISKREVIEW_SECRET_KEY",
            "short",
            "RISKREVIEW_SECRET_KEY must have at least 50 characters, at least 5 of them different.",
        ),
        (
            "RISKREVIEW_SECRET_KEY",
            "a" * 60,
            "RISKREVIEW_SECRET_KEY must have at least 50 characters, at least 5 of them different.",
        ),
        (
            "RISKREVIEW_FIELD_KEYS",
            f"{FIELD_KEY},abcd",
            "RISKREVIEW_FIELD_KEYS: key 2 must be 32 random bytes in URL-safe base64 (44 characters).",
        ),
        (
            "RISKREVIEW_FIELD_KEYS",
            "not base64!",
            "RISKREVIEW_FIELD_KEYS: key 1 must be 32 random bytes in URL-safe base64 (44 characters).",
        ),
        ("RISKREVIEW_ALLOWED_HOSTS", "*", "RISKREVIEW_ALLOWED_HOSTS: '*' is not a host name."),
        ("RISKREVIEW_ALLOWED_HOSTS", "https://a", "RISKREVIEW_ALLOWED_HOSTS: 'https://a' is not a host name."),
        ("RISKREVIEW_LANGUAGE", "de", "RISKREVIEW_LANGUAGE must be en or zh-hans, not 'de'."),
        ("DATABASE_URL", "sqlite:///x", "DATABASE_URL must start with postgresql:// or postgres://."),
        ("DATABASE_URL", "postgresql://h:x/d", "DATABASE_URL: the port must be a number from 1 to 65535."),
        ("DATABASE_URL", "postgresql://[::1/d", "DATABASE_URL is not an address."),
        (
            "DATABASE_URL",
            "postgresql://u:p@h",
            "DATABASE_URL names no database: expected postgresql://user:password@host:5432/name.",
        ),
        ("REDIS_URL", "amqp://h", "REDIS_URL must start with redis:// or rediss://."),
        ("REDIS_URL", "redis://", "REDIS_URL names no host: expected redis://:password@host:6379/0."),
        ("REDIS_URL", "redis://h/x", "REDIS_URL must end in the number of a database, not in '/x'."),
        ("REDIS_URL", "redis://h:99999", "REDIS_URL: the port must be a number from 1 to 65535."),
        (
            "RISKREVIEW_EMAIL_URL",
            "smtp://",
            "RISKREVIEW_EMAIL_URL names no host: expected smtp://user:password@host:587?from=risk@example.com.",
        ),
        (
            "RISKREVIEW_EMAIL_URL",
            "smtp://h?x=1",
            "RISKREVIEW_EMAIL_URL: after the ? only from=ADDRESS and starttls=0 or 1 are known.",
        ),
        (
            "RISKREVIEW_OIDC_ISSUER",
            "https://a",
            "RISKREVIEW_OIDC_CLIENT_ID is not set, though another RISKREVIEW_OIDC_ variable is.",
        ),
        ("RISKREVIEW_KAFKA_BROKERS", "k1", "RISKREVIEW_KAFKA_BROKERS: 'k1' is not host:port."),
        (
            "RISKREVIEW_SENTRY_DSN",
            "https://sentry.example.com/1",
            "RISKREVIEW_SENTRY_DSN has no key: expected https://KEY@host/PROJECT.",
        ),
    ],
)
def test_a_bad_value_is_one_sentence(name: str, value: str, sentence: str) -> None:
    with pytest.raises(EnvError) as refusal:
        read(**{name: value})
    assert str(refusal.value) == sentence


def test_an_unknown_database_option_is_named() -> None:
    with pytest.raises(EnvError, match=r"^DATABASE_URL: unknown option 'sslmod'; known are application_name, "):
        read(DATABASE_URL="postgresql://h/d?sslmod=require")


def test_no_sentence_repeats_a_password() -> None:
    for name, url in (("DATABASE_URL", "mysql://u:hush@h/d"), ("REDIS_URL", "http://:hush@h")):
        with pytest.raises(EnvError) as refusal:
            read(**{name: url})
        assert "hush" not in str(refusal.value)


@pytest.mark.parametrize("name", sorted(PRODUCTION))
def test_without_debug_no_secret_and_no_host_has_a_default(name: str, tmp_path: Path) -> None:
    with pytest.raises(EnvError, match=f"^{name} is not set"):
        read_env({key: value for key, value in PRODUCTION.items() if key != name} | {"RISKREVIEW_VAR": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []


def test_development_secrets_are_made_once_kept_and_closed_to_others(tmp_path: Path) -> None:
    environ = {"RISKREVIEW_DEBUG": "1", "RISKREVIEW_VAR": str(tmp_path / "new" / "var")}
    first, second = read_env(environ), read_env(environ)
    assert first == second
    assert len(first.secret_key) >= 50
    assert first.allowed_hosts == ("localhost", "127.0.0.1", "[::1]")
    files = sorted(first.var.iterdir())
    assert [file.name for file in files] == ["development-field-key", "development-secret-key"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_var_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvError, match=r"^RISKREVIEW_SECRET_KEY is not set, and .* cannot keep one for development: "):
        read_env({"RISKREVIEW_DEBUG": "1", "RISKREVIEW_VAR": str(tmp_path / "file" / "var")})


def test_a_file_fills_what_is_unset(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("# comment\n\nRISKREVIEW_DEBUG=1\nexport REDIS_URL='redis://h/0'\nRISKREVIEW_LANGUAGE = en\n")
    environ = {"RISKREVIEW_DEBUG": "0"}
    load_file(path, environ)
    assert environ == {"RISKREVIEW_DEBUG": "0", "REDIS_URL": "redis://h/0", "RISKREVIEW_LANGUAGE": "en"}
    load_file(tmp_path / "none", environ)
    path.write_text("A=1\nrm -rf\n")
    with pytest.raises(EnvError, match=r"^\.env, line 2: expected NAME=value\.$"):
        load_file(path, environ)


def test_the_example_names_every_variable_and_can_be_used(tmp_path: Path) -> None:
    example = (PROJECT / ".env.example").read_text(encoding="utf-8")
    source = (PROJECT / "riskreview" / "env.py").read_text(encoding="utf-8")
    read_names = set(re.findall(r'"((?:RISKREVIEW|DATABASE|REDIS)_[A-Z_]+)"', source))
    assert read_names == set(re.findall(r"^#? ?([A-Z_]+)=", example, flags=re.MULTILINE))
    environ = {"RISKREVIEW_VAR": str(tmp_path)}
    load_file(PROJECT / ".env.example", environ)
    assert read_env(environ).debug


@pytest.mark.parametrize("debug", ["0", "1"])
def test_a_table_is_judged_in_a_fresh_checkout_that_has_no_secrets(tmp_path: Path, debug: str) -> None:
    """No `.env` in the way: what is set, if to nothing, wins over the file's."""
    emptied = {"RISKREVIEW_SECRET_KEY": "", "RISKREVIEW_FIELD_KEYS": "", "RISKREVIEW_ALLOWED_HOSTS": ""}
    environ = {**os.environ, **emptied, "RISKREVIEW_DEBUG": debug, "RISKREVIEW_VAR": str(tmp_path / "var")}
    table = tmp_path / "loans.csv"
    table.write_text("amount,bad\n1,0\n")
    told = subprocess.run(
        [sys.executable, "manage.py", "backtest", str(table), "--target", "missing"],
        cwd=PROJECT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "missing" in told.stderr
    assert "RISKREVIEW_" not in told.stderr
    assert not (tmp_path / "var").exists()
