"""The review queue and its rows."""

from __future__ import annotations

from dataclasses import dataclass

from desk.charts import Bar
from desk.pages.lists import Filter
from desk.pages.shared import StateMark, TimeLeft


@dataclass(frozen=True)
class Tab:
    """A view of the queue; `count` is words (`23`, `1,000+`). `note` says whose it is where somebody shares it."""

    key: str
    words: str
    url: str
    count: str
    current: bool
    note: str = ""

    @property
    def count_key(self) -> str:
        """Names its count on the page, apart from those of the top bar."""
        return f"view-{self.key}"


@dataclass(frozen=True)
class SaveForm:
    """Keeping what is looked at as a view. Fields: view (the filter), name, is_shared, is_default; the buttons of a
    view one keeps post `saved` with its key and `act` = `first` or `remove`. `may_share` offers the tick for others."""

    action_url: str
    view: str
    name: str = ""
    key: str = ""
    is_shared: bool = False
    is_default: bool = False
    problem: str = ""
    may_share: bool = False


@dataclass(frozen=True)
class QueueRow:
    """A case in the queue. `points` like `582`, `margin` like `(569–593)`, both "" without a score;
    `kind` only where it is not an application; `holder` "" if free, `assigned` says to whom it was
    handed."""

    ref: str
    url: str
    applicant: str
    product: str
    kind: str
    amount: str
    points: str
    margin: str
    pd: str
    why: str
    why_more: tuple[str, ...]
    left: TimeLeft
    state: StateMark
    holder: str = ""
    assigned: str = ""
    mine: bool = False
    key_customer: bool = False


@dataclass(frozen=True)
class DayProgress:
    """What the reader did today: `done_words` like `18 of 40`, with `median` and `agreed` "" when none."""

    done_words: str
    bar: Bar
    median: str = ""
    agreed: str = ""


@dataclass(frozen=True)
class QueuePage:
    """desk/queue.html (partial `table`). The filter is sent by GET to `url`: `view` is the tab, then q, product,
    industry, region, sla, least, most, sort. Start posts `view`, which is all of it in one value.
    `all_cases_url` looks for the same among all cases, where none of the queue matches."""

    url: str
    tab: str
    view: str
    tabs: tuple[Tab, ...]
    rows: tuple[QueueRow, ...]
    search: str
    filters: tuple[Filter, ...]
    least: str
    most: str
    is_narrowed: bool
    plain_url: str
    save: SaveForm
    bulk_url: str
    start_url: str
    can_start: bool
    refresh_url: str
    updated_at: str
    shown_words: str
    next_url: str = ""
    first_url: str = ""
    all_cases_url: str = ""
    day: DayProgress | None = None
