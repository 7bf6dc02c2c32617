"""How somebody wants to work: their own keys."""

from __future__ import annotations

from dataclasses import dataclass

from desk.pages.shared import KeyMode, Problem


@dataclass(frozen=True)
class KeyChoice:
    """One key: `code` is posted with the code of the own key as its value; `caps` are (code, cap, chosen)."""

    code: str
    words: str
    cap: str
    caps: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True)
class OwnKeysPage:
    """desk/own_keys.html. Fields named by the usual keys; the button `act` with `reset` puts all back."""

    choices: tuple[KeyChoice, ...]
    action_url: str
    mode: KeyMode
    problems: tuple[Problem, ...] = ()
