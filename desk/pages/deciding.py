"""Around the decision bar: what follows each choice, taking back, passing a case on, phrases for the note."""

from __future__ import annotations

from dataclasses import dataclass

from desk.pages.lists import Option
from desk.pages.shared import Problem


@dataclass(frozen=True)
class NextStep:
    """What happens when one of `outcomes` (values of DecisionOption, separated by spaces) is confirmed."""

    outcomes: str
    title: str
    words: str


@dataclass(frozen=True)
class PassLink:
    """A way to let go of a case without deciding: the address of its form, `key` an event.code, `cap` its <kbd>."""

    words: str
    url: str
    key: str
    cap: str


@dataclass(frozen=True)
class Undo:
    """A decision that can still be taken back. `words` end where the countdown of `seconds_left` begins; `following`
    is the case that came for going on, at `following_version`, and goes back to its place."""

    words: str
    url: str
    version: int
    seconds_left: int
    clock: str
    following: str = ""
    following_version: int = 0
    view: str = ""


@dataclass(frozen=True)
class PassOnPage:
    """desk/pass_on.html (partial `panel`, a dialog). Fields: note, version, view, and to, until or why where listed."""

    title: str
    lead: str
    confirm: str
    ref: str
    case_url: str
    action_url: str
    version: int
    view: str
    asks_person: bool = False
    people: tuple[Option, ...] = ()
    reasons: tuple[Option, ...] = ()
    until: str = ""
    until_least: str = ""
    until_most: str = ""
    note: str = ""
    note_needed: bool = True
    changed: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class PhraseRow:
    """A phrase that is kept; `remove_url` where this reader may remove it."""

    words: str
    remove_url: str = ""


@dataclass(frozen=True)
class PhrasesPage:
    """desk/phrases.html. Fields of the form: words. `everybody` says that what is added is for everybody."""

    own: tuple[PhraseRow, ...]
    shared: tuple[PhraseRow, ...]
    action_url: str
    everybody: bool
    typed: str = ""
    problems: tuple[Problem, ...] = ()
