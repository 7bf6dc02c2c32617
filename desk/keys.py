"""The keys of the desk: what each does, and the own keys somebody may put in their places (WCAG 2.1.4).

A key is named as `event.code`, so that a Chinese input method does not break it. Own keys move whole keys: whoever
puts P in the place of A finds everything that A did under P, on every page, and on every printed key cap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from cases.errors import BadDecision


@dataclass(frozen=True)
class Key:
    """A key with its usual place and what it does."""

    code: str
    words: Promise


KEYS: Final = (
    Key("KeyA", pgettext_lazy("decision", "Approve")),
    Key("KeyX", pgettext_lazy("decision", "Decline")),
    Key("KeyI", pgettext_lazy("decision", "Ask for documents")),
    Key("KeyU", gettext_lazy("Unsure (opinion first)")),
    Key("KeyE", gettext_lazy("Escalate")),
    Key("KeyT", gettext_lazy("Transfer, add signer")),
    Key("KeyH", gettext_lazy("Snooze")),
    Key("KeyP", gettext_lazy("Skip")),
    Key("KeyZ", gettext_lazy("Take the last decision back")),
    Key("KeyM", gettext_lazy("Write the note")),
    Key("KeyC", gettext_lazy("Comment")),
    Key("KeyW", gettext_lazy("What would change this")),
    Key("KeyS", gettext_lazy("Similar cases")),
    Key("KeyV", gettext_lazy("Documents")),
    Key("KeyB", gettext_lazy("Say what you think (opinion first)")),
    Key("KeyD", gettext_lazy("Show name and numbers")),
    Key("KeyJ", gettext_lazy("Next case")),
    Key("KeyK", gettext_lazy("Previous case")),
    Key("KeyR", gettext_lazy("Start reviewing, claim")),
    Key("KeyY", gettext_lazy("Sign")),
    Key("KeyN", gettext_lazy("Send back")),
    Key("KeyF", gettext_lazy("Fix and sign")),
    Key("KeyG", gettext_lazy("Go to a place: then the letter of the place")),
    Key("Slash", gettext_lazy("Search")),
)
CAPS: Final[Mapping[str, str]] = {
    **{f"Key{letter}": letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    "Slash": "/",
    "Comma": ",",
    "Period": ".",
    "Semicolon": ";",
    "Quote": "'",
    "BracketLeft": "[",
    "BracketRight": "]",
    "Minus": "-",
    "Equal": "=",
    "Backquote": "`",
}
USUAL: Final = tuple(key.code for key in KEYS)


def own_key_map(chosen: Mapping[str, str]) -> dict[str, str]:
    """What is stored of the keys somebody chose, by the usual key: only what differs from it.

    Raises:
        BadDecision: a key that is not on the list, or two keys in one place; names the usual key of the later one.
    """
    taken: dict[str, str] = {}
    for code in USUAL:
        own = chosen.get(code) or code
        if own not in CAPS:
            raise BadDecision(code, _("Choose a key of the list."))
        if own in taken:
            raise BadDecision(code, _("This key does something else already: %(act)s.") % {"act": taken[own]})
        taken[own] = str(next(key.words for key in KEYS if key.code == code))
    return {code: own for code in USUAL if (own := chosen.get(code) or code) != code}


def known_key_map(stored: Any) -> dict[str, str]:
    """A stored map as far as it still fits; {} where it does not (a key may have got a new use since)."""
    try:
        return own_key_map({str(code): str(own) for code, own in dict(stored).items()})
    except (BadDecision, TypeError, ValueError):
        return {}
