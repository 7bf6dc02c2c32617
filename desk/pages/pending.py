"""A decision on its way through its signatures, as the case itself and the sign-off show it."""

from __future__ import annotations

from dataclasses import dataclass

from desk.pages.shared import TimeLeft


@dataclass(frozen=True)
class Asked:
    """Somebody who was asked by name to sign."""

    name: str
    by: str
    reason: str
    signed: bool


@dataclass(frozen=True)
class Pending:
    """Since when a decision waits, until when, who was asked by name; `changes` is what makes it void."""

    since: str
    left: TimeLeft
    asked: tuple[Asked, ...] = ()
    changes: tuple[str, ...] = ()
    signer_url: str = ""
