"""Addresses of Redis and Kafka, read and judged, as what their libraries are opened with."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from intake.sources.reaching import EXAMPLES, ConnectorProblem, judged_address

REDIS_PORT: Final = 6379
KAFKA_PORT: Final = 9092
CONNECT_SECONDS: Final = 5
# Longer than a read waits for messages.
ANSWER_SECONDS: Final = 30
MECHANISMS: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
BROKER: Final = re.compile(r"(\[[0-9a-fA-F:]+\]|[^\s:/\[\]]+)(?::(\d{1,5}))?")


def opened_redis(address: str) -> Redis:
    """A Redis at an address that was judged; nothing is sent yet. Raises ConnectorProblem."""
    try:
        parts = urlsplit(address)
        port = parts.port or REDIS_PORT
        database = int(parts.path.strip("/") or 0)
    except ValueError as wrong:
        raise ConnectorProblem("address_form", example=EXAMPLES["redis"]) from wrong
    # An option could switch the check of the certificate off.
    if parts.scheme not in ("redis", "rediss") or not parts.hostname or parts.query:
        raise ConnectorProblem("address_form", example=EXAMPLES["redis"])
    is_secure = parts.scheme == "rediss"
    found = judged_address(parts.hostname, port, is_secure=is_secure)
    secure: dict[str, Any] = {"ssl": True, "ssl_check_hostname": True, "ssl_cert_reqs": "required"}
    return Redis(
        host=parts.hostname if is_secure else found,
        port=port,
        db=database,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        # Whoever asked comes again: waiting here as well would only hold up others.
        retry=Retry(NoBackoff(), 0),
        **(secure if is_secure else {}),
    )


def redis_secrets(address: str) -> list[str]:
    password = urlsplit(address).password
    return [password, unquote(password)] if password else []


def kafka_options(address: str) -> dict[str, Any]:
    """What a client of librdkafka is opened with: `kafka://` plainly, `kafkas://` with TLS. Raises ConnectorProblem.

    Brokers that the operator named (RISKREVIEW_KAFKA_BROKERS) are not judged.
    """
    scheme, _found, rest = address.partition("://")
    netloc, _mark, query = rest.partition("?")
    who, _at, brokers = netloc.rstrip("/").rpartition("@")
    options = dict(parse_qsl(query))
    mechanism = options.pop("mechanism", "PLAIN")
    if scheme not in ("kafka", "kafkas") or options or mechanism not in MECHANISMS:
        raise ConnectorProblem("address_form", example=EXAMPLES["kafka"])
    is_secure = scheme == "kafkas"
    servers = [_broker(each.strip(), is_secure=is_secure) for each in brokers.split(",")]
    made: dict[str, Any] = {"bootstrap.servers": ",".join(servers), "socket.connection.setup.timeout.ms": 10_000}
    user, _colon, password = who.partition(":")
    if user:
        made |= {"sasl.mechanism": mechanism, "sasl.username": unquote(user), "sasl.password": unquote(password)}
    made["security.protocol"] = ("SASL_" if user else "") + ("SSL" if is_secure else "PLAINTEXT")
    return made


def _broker(text: str, *, is_secure: bool) -> str:
    found = BROKER.fullmatch(text)
    if found is None:
        raise ConnectorProblem("address_form", example=EXAMPLES["kafka"])
    host, port = found[1], int(found[2] or KAFKA_PORT)
    if f"{host}:{port}" in settings.KAFKA_BROKERS:
        return f"{host}:{port}"
    address = judged_address(host.strip("[]"), port, is_secure=is_secure)
    place = host if is_secure else f"[{address}]" if ":" in address else address
    return f"{place}:{port}"


def judge_brokers(brokers: dict[int, Any], *, is_secure: bool) -> None:
    """The brokers that those of the address name as their fellows, and which the library calls by itself.

    Raises ConnectorProblem, before a message is read or sent.
    """
    for each in brokers.values():
        if f"{each.host}:{each.port}" not in settings.KAFKA_BROKERS:
            judged_address(each.host.strip("[]"), each.port, is_secure=is_secure)


def kafka_secrets(address: str) -> list[str]:
    password = address.partition("://")[2].rpartition("@")[0].partition(":")[2]
    return [password, unquote(password)] if password else []
