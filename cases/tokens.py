"""API tokens: random, prefixed so that scanners recognise a leaked one, compared by hash."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

PREFIX: Final = "rrv_"


def new_token() -> tuple[str, str]:
    """A token's text (256 random bits) and the hash under which it is kept."""
    text = PREFIX + secrets.token_urlsafe(32)
    return text, hash_token(text)


def hash_token(text: str) -> str:
    """SHA-256 in hex. A random token of 256 bits needs no salt and no slow hash."""
    return hashlib.sha256(text.encode()).hexdigest()
