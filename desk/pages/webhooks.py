"""Where messages about cases go: the webhooks, and one of them with its form, its messages and its steps."""

from __future__ import annotations

from dataclasses import dataclass, field

from desk.pages.feeds import FeedForm, FeedRow
from desk.pages.shared import Problem, StateMark
from desk.pages.sources import SourceStepRow


@dataclass(frozen=True)
class WebhookRow:
    """A webhook in the list; `waiting` and `given_up` are counts of its messages."""

    slug: str
    url: str
    address: str
    state: StateMark
    types: str
    waiting: str
    given_up: str


@dataclass(frozen=True)
class TypeBox:
    """One kind of message, to be ticked."""

    name: str
    words: str
    ticked: bool


@dataclass(frozen=True)
class WebhookForm:
    """Fields: slug (new ones), url, types, reason. `set_url` is "" for whoever only reads."""

    address: str
    types: tuple[TypeBox, ...]
    set_url: str = ""
    slug: str = ""
    is_new: bool = False
    reason: str = ""
    problems: tuple[Problem, ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class WebhooksPage:
    """desk/webhooks.html."""

    rows: tuple[WebhookRow, ...]
    form: WebhookForm | None = None
    feeds: tuple[FeedRow, ...] = ()
    feed_form: FeedForm | None = None


@dataclass(frozen=True)
class DeliveryRow:
    """One message: which case and move, what became of it, when it goes out or went."""

    message_id: str
    ref: str
    case_url: str
    type: str
    state: StateMark
    attempts: str
    at: str
    problem: str
    may_go_again: bool


@dataclass(frozen=True)
class WebhookPage:
    """desk/webhook.html. `secret` is shown this once, with the time until which the one that it replaced signs along,
    "" where it replaced none. Acts: pause, resume, rotate, replay; field: reason."""

    slug: str
    state: StateMark
    form: WebhookForm
    deliveries: tuple[DeliveryRow, ...]
    steps: tuple[SourceStepRow, ...]
    list_url: str
    act_url: str = ""
    secret: str = ""
    replaced_until: str = ""
    is_active: bool = True
    given_up: str = ""
    problems: tuple[Problem, ...] = field(default_factory=tuple)
