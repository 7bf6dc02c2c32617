"""Secrets at rest: encrypted under RISKREVIEW_FIELD_KEYS, the newest key first, older ones still readable."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class CannotOpen(Exception):
    """None of the keys at hand has sealed this."""


def seal(text: str) -> str:
    return _box().encrypt(text.encode()).decode()


def opened(sealed: str) -> str:
    """Raises CannotOpen."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken as wrong:
        raise CannotOpen from wrong


def sealed_again(sealed: str) -> str:
    """The same secret under the newest key, so that an older one can be thrown away. Raises CannotOpen."""
    try:
        return _box().rotate(sealed.encode()).decode()
    except InvalidToken as wrong:
        raise CannotOpen from wrong


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])
