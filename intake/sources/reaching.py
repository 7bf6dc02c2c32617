"""Where databases and brokers may be: addresses as somebody typed them, judged before anything is opened.

The lender's own systems are reached where the operator names their networks (RISKREVIEW_SOURCE_NETWORKS), with or
without encryption. Whatever lies outside is reached only where its certificate is checked against its name, so that no
name that changes its mind between judging and calling leads anywhere else. Within, the call goes to the very address
that was judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from django.conf import settings

from cases.addresses import AddressRefused, find_address
from intake.wording.sentences import IntakeError

EXAMPLES: Final = {
    "sql": "postgresql://reader:password@db.bank.example:5432/loans",
    "redis": "redis://:password@redis.bank.example:6379/0",
    "kafka": "kafka://user:password@kafka.bank.example:9092",
}
# What one of the other side's own words may hold of our secrets.
HIDDEN: Final = "***"
HOST: Final = r"[\w.-]+(?::\d+)?"
# scheme://user:***@host:port/place, the parts before and behind the host at will.
PLAIN: Final = rf"[a-z0-9+]+://(?:[^:/@?#\s]*(?::{re.escape(HIDDEN)})?@)?(?:{HOST}(?:,{HOST})*)?(?:/[\w./-]*)?"
SAID_MOST: Final = 240


class ConnectorProblem(IntakeError):
    """A database, stream or topic cannot be read; `sentence(language)` says why and holds no password."""


def judged_address(host: str, port: int, *, is_secure: bool) -> str:
    """The address behind a name, once every address it has was judged. Raises ConnectorProblem."""
    try:
        return find_address(host, port, inside=settings.SOURCE_NETWORKS, is_secure=is_secure)
    except AddressRefused as refusal:
        raise ConnectorProblem(f"address_{refusal.code}", host=host) from refusal


def masked(address: str) -> str:
    """The address as it may be shown: without its password, wherever in it an unescaped @ or / stands."""
    without = re.sub(r"(://[^:/@]*):.*@", rf"\1:{HIDDEN}@", address, flags=re.DOTALL)
    return re.sub(r"([?&][^=&]*(?:pass|pwd|secret|token)[^=&]*)=[^&]*", rf"\1={HIDDEN}", without, flags=re.IGNORECASE)


def shown_again(typed: str) -> str:
    """A refused address as its form may show it again, with HIDDEN in the place of its password; nothing else of one
    that is not written plainly enough to tell where a password stands."""
    without = masked(typed)
    return without if not typed or re.fullmatch(PLAIN, without) else HIDDEN


def said_by(error: BaseException, secrets: Iterable[str]) -> str:
    """The first lines of what the other side said, without these secrets."""
    text = " ".join(str(error).split())
    for secret in sorted({each for each in secrets if each}, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text[:SAID_MOST]
