"""Messages of a source that were kept whole because they could not be taken in."""

from __future__ import annotations

from dataclasses import dataclass, field

from desk.pages.shared import Problem, StateMark


@dataclass(frozen=True)
class KeptRow:
    """A message: `signs` is how its body begins, masked; `tried` how often, `last` who asked for that or set it aside
    last and why, and `errors` what was wrong then. `may_ask` where it waits for no try, `is_aside` where it was set
    aside; `mended_url` leads to the row it was refused as."""

    pk: int
    name: str
    at: str
    why: str
    size: str
    signs: str
    tried: str
    state: StateMark | None = None
    last: str = ""
    errors: tuple[str, ...] = ()
    case_ref: str = ""
    case_url: str = ""
    whole_url: str = ""
    mended_url: str = ""
    may_ask: bool = False
    is_aside: bool = False


@dataclass(frozen=True)
class KeptPage:
    """desk/kept_messages.html. Fields of the form: reason, and message, a row's `pk` or "all"; `ask_url` and
    `aside_url`, where the same is sent to set it aside, are "" for whoever only reads. `to_try` is how many are tried
    where all are asked for, "" for none; `tabs` are (words, address, whether it is this)."""

    title: str
    source_url: str
    tabs: tuple[tuple[str, str, bool], ...]
    rows: tuple[KeptRow, ...]
    to_try: str
    shown_words: str
    next_url: str = ""
    ask_url: str = ""
    aside_url: str = ""
    reason: str = ""
    problems: tuple[Problem, ...] = field(default_factory=tuple)
