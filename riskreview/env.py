"""Reads every environment variable of RiskReview once, typed; a bad value is an `EnvError` with one sentence."""

import base64
import binascii
import ipaddress
import os
import re
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TextIO
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

PROJECT = Path(__file__).resolve().parent.parent
Language = Literal["en", "zh-hans"]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# libpq options which may follow the "?" of DATABASE_URL; anything else is more likely a slip than a wish.
_DATABASE_OPTIONS = (
    "application_name", "channel_binding", "connect_timeout", "gssencmode", "keepalives", "keepalives_count",
    "keepalives_idle", "keepalives_interval", "options", "sslcert", "sslkey", "sslmode", "sslrootcert",
    "target_session_attrs",
)  # fmt: skip
_SECRET_LENGTH = 50  # below this, Django's own deployment check complains


class EnvError(Exception):
    """A variable is missing or cannot be used; the text is one sentence for the person who starts the program."""


@dataclass(frozen=True)
class Email:
    """Where mail goes: `host` is empty when it is printed to the console instead of sent."""

    host: str
    port: int
    user: str
    password: str
    security: Literal["none", "starttls", "tls"]
    sender: str


@dataclass(frozen=True)
class Oidc:
    """The lender's own sign-in service (OpenID Connect)."""

    issuer: str
    client_id: str
    client_secret: str


@dataclass(frozen=True)
class Env:
    """Everything the environment says. `database` is the value of Django's DATABASES["default"]; without an address
    (`DATABASE_URL` unset and nothing embedded, as for `makemessages`) its NAME is empty, and `redis_url` is empty too.
    """

    var: Path
    debug: bool
    secret_key: str
    field_keys: tuple[str, ...]
    database: dict[str, object]
    redis_url: str
    allowed_hosts: tuple[str, ...]
    language: Language
    email: Email | None
    oidc: Oidc | None
    kafka_brokers: tuple[str, ...]
    sentry_dsn: str
    scan_command: tuple[str, ...]
    webhook_networks: tuple[Network, ...]
    source_networks: tuple[Network, ...]


def read_env(environ: Mapping[str, str]) -> Env:
    """Read and check all variables; raise EnvError at the first that cannot be used."""
    debug = _flag(environ, "RISKREVIEW_DEBUG")
    var = var_folder(environ)
    return Env(
        var=var,
        debug=debug,
        secret_key=_secret_key(environ, debug, var),
        field_keys=_field_keys(environ, debug, var),
        database=_database(environ.get("DATABASE_URL", "").strip()),
        redis_url=_redis(environ.get("REDIS_URL", "").strip()),
        allowed_hosts=_allowed_hosts(environ, debug),
        language=_language(environ),
        email=_email(environ.get("RISKREVIEW_EMAIL_URL", "").strip()),
        oidc=_oidc(environ),
        kafka_brokers=_brokers(environ.get("RISKREVIEW_KAFKA_BROKERS", "")),
        sentry_dsn=_sentry(environ.get("RISKREVIEW_SENTRY_DSN", "").strip()),
        scan_command=_command("RISKREVIEW_SCAN_COMMAND", environ.get("RISKREVIEW_SCAN_COMMAND", "")),
        webhook_networks=_networks("RISKREVIEW_WEBHOOK_NETWORKS", environ.get("RISKREVIEW_WEBHOOK_NETWORKS", "")),
        source_networks=_networks("RISKREVIEW_SOURCE_NETWORKS", environ.get("RISKREVIEW_SOURCE_NETWORKS", "")),
    )


def var_folder(environ: Mapping[str, str]) -> Path:
    """The folder of all data on disk: RISKREVIEW_VAR, or `var` in the project. A relative one is the project's."""
    return PROJECT / Path(environ.get("RISKREVIEW_VAR", "").strip() or "var").expanduser()


def _networks(name: str, value: str) -> tuple[Network, ...]:
    """Networks of the lender's own that may be called."""
    try:
        return tuple(ipaddress.ip_network(each) for each in _words(value))
    except ValueError as wrong:
        raise EnvError(f"{name} must be networks such as 10.20.0.0/16, separated by commas: {wrong}.") from wrong


def _flag(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(name, "").strip().lower()
    if value in ("", "0", "false", "off", "no"):
        return False
    if value in ("1", "true", "on", "yes"):
        return True
    raise EnvError(f"{name} must be 1 or 0, not {value!r}.")


def _secret_key(environ: Mapping[str, str], debug: bool, var: Path) -> str:
    name = "RISKREVIEW_SECRET_KEY"
    value = environ.get(name, "").strip()
    if not value:
        return _development_secret(name, debug, var / "development-secret-key", secrets.token_urlsafe(48))
    if len(value) < _SECRET_LENGTH or len(set(value)) < 5:
        raise EnvError(f"{name} must have at least {_SECRET_LENGTH} characters, at least 5 of them different.")
    return value


def _field_keys(environ: Mapping[str, str], debug: bool, var: Path) -> tuple[str, ...]:
    name = "RISKREVIEW_FIELD_KEYS"
    keys = _words(environ.get(name, ""))
    if not keys:
        fresh = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii")
        keys = (_development_secret(name, debug, var / "development-field-key", fresh),)
    for position, key in enumerate(keys, start=1):
        try:
            size = len(base64.b64decode(key, altchars=b"-_", validate=True))
        except binascii.Error:
            size = 0
        if size != 32:
            raise EnvError(f"{name}: key {position} must be 32 random bytes in URL-safe base64 (44 characters).")
    return keys


def _development_secret(name: str, debug: bool, path: Path, fresh: str) -> str:
    """The secret of a developer's machine, made once and kept; never used with RISKREVIEW_DEBUG off."""
    if not debug:
        raise EnvError(f"{name} is not set, and with RISKREVIEW_DEBUG off no secret has a default.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with new_private_file(path) as file:
                file.write(fresh)
            return fresh
        except FileExistsError:
            return path.read_text(encoding="ascii").strip() or fresh
    except OSError as error:
        raise EnvError(f"{name} is not set, and {path} cannot keep one for development: {error.strerror}.") from error


def _database(url: str) -> dict[str, object]:
    engine: dict[str, object] = {"ENGINE": "django.db.backends.postgresql"}
    if not url:
        return engine | {"NAME": ""}
    parts = _split("DATABASE_URL", url, ("postgresql", "postgres"))
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    host = options.pop("host", "") or unquote(parts.hostname or "")
    port = options.pop("port", "") or str(_port("DATABASE_URL", parts) or "")
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise EnvError("DATABASE_URL names no database: expected postgresql://user:password@host:5432/name.")
    unknown = sorted(set(options).difference(_DATABASE_OPTIONS))
    if unknown:
        raise EnvError(f"DATABASE_URL: unknown option {unknown[0]!r}; known are {', '.join(_DATABASE_OPTIONS)}.")
    return engine | {
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": port,
        "OPTIONS": options,
    }


def _redis(url: str) -> str:
    if url:
        parts = _split("REDIS_URL", url, ("redis", "rediss"))
        _port("REDIS_URL", parts)
        if not parts.hostname:
            raise EnvError("REDIS_URL names no host: expected redis://:password@host:6379/0.")
        if not re.fullmatch(r"/?\d*", parts.path):
            raise EnvError(f"REDIS_URL must end in the number of a database, not in {parts.path!r}.")
    return url


def _allowed_hosts(environ: Mapping[str, str], debug: bool) -> tuple[str, ...]:
    hosts = _words(environ.get("RISKREVIEW_ALLOWED_HOSTS", ""))
    if not hosts and not debug:
        raise EnvError("RISKREVIEW_ALLOWED_HOSTS is not set: name this site, for example risk.example.com.")
    for host in hosts:
        if "/" in host or host == "*":
            raise EnvError(f"RISKREVIEW_ALLOWED_HOSTS: {host!r} is not a host name.")
    return hosts or ("localhost", "127.0.0.1", "[::1]")


def _language(environ: Mapping[str, str]) -> Language:
    match environ.get("RISKREVIEW_LANGUAGE", "").strip().lower():
        case "" | "en":
            return "en"
        case "zh-hans":
            return "zh-hans"
        case other:
            raise EnvError(f"RISKREVIEW_LANGUAGE must be en or zh-hans, not {other!r}.")


def _email(url: str) -> Email | None:
    if not url:
        return None
    name = "RISKREVIEW_EMAIL_URL"
    parts = _split(name, url, ("smtp", "smtps", "console"))
    options = dict(parse_qsl(parts.query))
    sender = options.pop("from", "")
    starttls = options.pop("starttls", "1")
    if options or starttls not in ("0", "1"):
        raise EnvError(f"{name}: after the ? only from=ADDRESS and starttls=0 or 1 are known.")
    if parts.scheme == "console":
        return Email("", 0, "", "", "none", sender)
    if not parts.hostname:
        raise EnvError(f"{name} names no host: expected smtp://user:password@host:587?from=risk@example.com.")
    security: Literal["none", "starttls", "tls"] = "starttls" if starttls == "1" else "none"
    if parts.scheme == "smtps":
        security = "tls"
    port = _port(name, parts) or {"none": 25, "starttls": 587, "tls": 465}[security]
    return Email(parts.hostname, port, unquote(parts.username or ""), unquote(parts.password or ""), security, sender)


def _oidc(environ: Mapping[str, str]) -> Oidc | None:
    names = ("RISKREVIEW_OIDC_ISSUER", "RISKREVIEW_OIDC_CLIENT_ID", "RISKREVIEW_OIDC_CLIENT_SECRET")
    values = [environ.get(name, "").strip() for name in names]
    if not any(values):
        return None
    for name, value in zip(names, values, strict=True):
        if not value:
            raise EnvError(f"{name} is not set, though another RISKREVIEW_OIDC_ variable is.")
    _split(names[0], values[0], ("https",))
    return Oidc(*values)


def _brokers(text: str) -> tuple[str, ...]:
    for broker in _words(text):
        if not re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[^\s:/\[\]]+):\d{1,5}", broker):
            raise EnvError(f"RISKREVIEW_KAFKA_BROKERS: {broker!r} is not host:port.")
    return _words(text)


def _sentry(url: str) -> str:
    if url and not _split("RISKREVIEW_SENTRY_DSN", url, ("https", "http")).username:
        raise EnvError("RISKREVIEW_SENTRY_DSN has no key: expected https://KEY@host/PROJECT.")
    return url


def _command(name: str, text: str) -> tuple[str, ...]:
    """The words of a command as a shell would split them; no shell runs it."""
    try:
        return tuple(shlex.split(text))
    except ValueError:
        raise EnvError(f"{name} has a quotation mark that is not closed.") from None


def _split(name: str, url: str, schemes: tuple[str, ...]) -> SplitResult:
    # The value is not repeated in any message: it may hold a password.
    try:
        parts = urlsplit(url)
    except ValueError:
        raise EnvError(f"{name} is not an address.") from None
    if parts.scheme not in schemes:
        raise EnvError(f"{name} must start with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
    return parts


def _port(name: str, parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        raise EnvError(f"{name}: the port must be a number from 1 to 65535.") from None


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in (part.strip() for part in text.split(",")) if word)


def new_private_file(path: Path) -> TextIO:
    """Open a new file for writing that nobody else may read, from its first moment on."""
    return open(path, "x", encoding="ascii", opener=lambda name, flags: os.open(name, flags, mode=0o600))
