"""Which addresses may be called: no name may lead a call into the house. No database.

An administrator types an address, and a name may point anywhere by the time it is called. So the name is resolved once
for each call, every address it has is judged, and the call goes to the very address that was judged, with the name kept
for the certificate. Redirects are not followed. Machines of the lender's own networks are called where the operator
names these: RISKREVIEW_WEBHOOK_NETWORKS for webhooks, RISKREVIEW_SOURCE_NETWORKS for databases and brokers.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

MOST_LENGTH: Final = 500
USUAL_PORTS: Final = {True: 443, False: 80}
# Of a receiver anywhere. In the networks of the house also 80 and what is no well-known port: 22 or 25 is no receiver,
# and a call there is somebody feeling for what else answers.
RECEIVER_PORTS: Final = (443, 8443)
WELL_KNOWN: Final = range(1024)
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressRefused(Exception):
    """May not be called; `code` says why: `form`, `scheme`, `port`, `unknown` (no such name) or `inside`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Target:
    """Where a call goes: the address that was judged, and the name that its certificate must have."""

    address: str
    host: str
    port: int
    path: str
    is_secure: bool

    @property
    def named(self) -> str:
        """Host and port as the header `Host` has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == USUAL_PORTS[self.is_secure] else f"{host}:{self.port}"


def read_url(url: str, *, inside: Sequence[Network] = ()) -> tuple[str, int, str, bool]:
    """Host, port, path with query, and whether it is https, of an address as somebody typed it; a name such as
    例子.cn as the network knows it, xn--fsqu00a.cn.

    Plain http and other ports than RECEIVER_PORTS are for addresses of the named networks alone. An address that is
    written as numbers is judged here as it is before each call, so that whoever types a forbidden one is told. Raises
    AddressRefused.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        if not host.isascii():
            host = host.encode("idna").decode()
    except ValueError as wrong:  # also of a name that cannot be one
        raise AddressRefused("form") from wrong
    if not host or parts.username or parts.password or len(url) > MOST_LENGTH or any(ord(c) < 33 for c in url):
        raise AddressRefused("form")
    if parts.scheme not in ("https", "http") or (parts.scheme == "http" and not inside):
        raise AddressRefused("scheme")
    is_secure = parts.scheme == "https"
    _judge_numbers(host, inside, is_secure=is_secure)
    port = USUAL_PORTS[is_secure] if port is None else port
    # Where a name lies is known once it is resolved.
    _judge_port(port, is_named=bool(inside))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return host, port, path, is_secure


def find_target(url: str, *, inside: Sequence[Network] = ()) -> Target:
    """Resolve the name and judge every address it has. Raises AddressRefused."""
    host, port, path, is_secure = read_url(url, inside=inside)
    address = find_address(host, port, inside=inside, is_secure=is_secure)
    _judge_port(port, is_named=_is_named(_carried(ipaddress.ip_address(address)), inside))
    return Target(address, host, port, path, is_secure)


def find_address(host: str, port: int, *, inside: Sequence[Network] = (), is_secure: bool) -> str:
    """The first address of the name, after every address it has was judged. Raises AddressRefused."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as unknown:
        raise AddressRefused("unknown") from unknown
    addresses = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    for address in addresses:
        _judge(address, inside, is_secure=is_secure)
    if not addresses:
        raise AddressRefused("unknown")
    return str(addresses[0])


def _judge_numbers(host: str, inside: Sequence[Network], *, is_secure: bool) -> None:
    """A host that is no name, in whichever way its numbers are written (127.1, 0x7f000001): no network is asked."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):  # a name, which is judged once it is resolved
        return
    for each in found:
        _judge(ipaddress.ip_address(str(each[4][0]).partition("%")[0]), inside, is_secure=is_secure)


def _judge(address: Address, inside: Sequence[Network], *, is_secure: bool) -> None:
    """An address that carries another one in it (mapped, translated) is judged by that one."""
    real = _carried(address)
    if _is_named(real, inside):
        return
    if not real.is_global or real.is_multicast or real.is_reserved or any(real in each for each in NEVER):
        raise AddressRefused("inside")
    if not is_secure:
        raise AddressRefused("scheme")


def _is_named(real: Address, inside: Sequence[Network]) -> bool:
    return any(real in network for network in inside if network.version == real.version)


def _judge_port(port: int, *, is_named: bool) -> None:
    if port not in RECEIVER_PORTS and not (is_named and (port == USUAL_PORTS[False] or port not in WELL_KNOWN)):
        raise AddressRefused("port")


def _carried(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address.sixtofour:
        return address.sixtofour
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


# Public by their numbers and yet within the house or its cloud: protocol assignments, the relay of 6to4, Azure's own
# agent, the site-local addresses of old.
NEVER: Final[tuple[Network, ...]] = tuple(
    ipaddress.ip_network(each) for each in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "fec0::/10")
)
NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
