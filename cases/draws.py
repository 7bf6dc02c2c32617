"""Draws that can be repeated: a number in [0, 1) that follows from a secret, the name of an arm and a case alone."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_ARM: Final = re.compile(r"[a-z][a-z_]*")


def draw(secret: str, arm: str, key: str) -> float:
    """A number in [0, 1) that depends on secret, arm and case alone: the first 64 bits of an HMAC-SHA256.

    Arms never share a draw: an arm's name is lower-case letters and underscores, so no other arm with another key gives
    the same text. A draw can be repeated by whoever knows the secret, and foreseen by nobody else.
    """
    return float(draws(secret, arm, [key])[0])


def draws(secret: str, arm: str, keys: Sequence[str]) -> FloatArray:
    """The draws (n,) of n cases. ValueError unless the arm's name is one."""
    if not _ARM.fullmatch(arm):
        raise ValueError(f"{arm!r} is not the name of an arm")
    # What all keys share is hashed once, which takes a third off the time.
    shared = hmac.new(secret.encode(), f"{arm}:".encode(), "sha256")
    digests = []
    for key in keys:
        own = shared.copy()
        own.update(key.encode())
        digests.append(own.digest()[:8])
    return np.frombuffer(b"".join(digests), dtype=">u8").astype(np.float64) / 2**64
