"""Several chosen cases at once: what may be done with them, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass

from desk.pages.case import ReasonCode
from desk.pages.shared import Problem
from desk.pages.team import Choice


@dataclass(frozen=True)
class BulkRow:
    """One chosen case; `approve` and `decline` say why it cannot be decided so with others ("" where it can)."""

    ref: str
    url: str
    version: int
    applicant: str
    product: str
    amount: str
    advice: str
    state: str
    approve: str
    decline: str


@dataclass(frozen=True)
class BulkResultRow:
    """What became of one case; `refusal` is "" where it was done."""

    ref: str
    url: str
    refusal: str = ""


@dataclass(frozen=True)
class BulkPage:
    """desk/bulk.html. All forms post the chosen cases as `refs` (`CR-1:7`, the version that was seen), `act`, `reason`.

    Acts: `hand_over` with `to`, `rest` with `until`, `free`; `decide` with `outcome`, `reason_codes`, `note`.
    """

    rows: tuple[BulkRow, ...]
    action_url: str
    queue_url: str
    may_place: bool
    may_decide: bool
    decide_words: str
    people: tuple[Choice, ...]
    codes: tuple[ReasonCode, ...]
    outcomes: tuple[Choice, ...]
    counts: tuple[str, ...]
    typed: dict[str, str]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class BulkDonePage:
    """desk/bulk_done.html. Where it can be taken back, `undo_url` takes `refs` and `undo_act` as `act`."""

    words: str
    done: tuple[BulkResultRow, ...]
    refused: tuple[BulkResultRow, ...]
    queue_url: str
    undo_url: str = ""
    undo_refs: tuple[str, ...] = ()
    undo_until: str = ""
    undo_act: str = ""
