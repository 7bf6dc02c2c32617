"""Secrets and signatures of webhooks by the Standard Webhooks specification 1.0: what a receiver checks. No database.

A secret is `whsec_` and 32 random bytes in base64. What is signed is `id.timestamp.body`, by HMAC-SHA256; the header
holds `v1,` and the signature in base64, one for each secret in force while they change, separated by a space.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import Final

PREFIX: Final = "whsec_"
BYTES: Final = 32


def new_secret() -> str:
    """A secret as its receiver gets to see it, once."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def signed_headers(body: bytes, *, message_id: str, timestamp: int, with_secrets: Iterable[str]) -> dict[str, str]:
    """The headers of one delivery; `timestamp` in seconds since 1970, the secrets newest first."""
    said = f"{message_id}.{timestamp}.".encode() + body
    signatures = " ".join(f"v1,{_signature(said, each)}" for each in with_secrets)
    return {
        "Content-Type": "application/json",
        "User-Agent": "RiskReview-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signatures,
    }


def _signature(said: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()
