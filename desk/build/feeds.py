"""Decision feeds in words: the list, the form, the messages and the steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import Case
from desk.build.connectors import told
from desk.pages.feeds import FeedForm, FeedMessageRow, FeedRow
from desk.pages.shared import Problem, StateMark
from desk.pages.sources import SourceStepRow
from desk.words import number, when
from outgoing.feeds import shown_address
from outgoing.models import DecisionFeed, FeedMessage, FeedStep

MARKS: Final = {"active": "approved", "paused": "waiting_info"}
MESSAGE_MARKS: Final = {"waiting": "queued", "sent": "approved", "dropped": "withdrawn"}
KEPT: Final = "100000"


def feed_state(feed: DecisionFeed) -> StateMark:
    return StateMark(MARKS[feed.state], str(DecisionFeed.State(feed.state).label))


def feed_row(feed: Any) -> FeedRow:
    """Of a feed with the count of its waiting messages."""
    return FeedRow(
        slug=feed.slug,
        url=reverse("desk:feed", args=[feed.slug]),
        kind=str(DecisionFeed.Kind(feed.kind).label),
        target=feed.target,
        state=feed_state(feed),
        waiting=number(feed.waiting),
        problem=told(feed.problem),
    )


def feed_form(
    feed: DecisionFeed | None, *, set_url: str, typed: Mapping[str, str] | None = None, problem: Problem | None = None
) -> FeedForm:
    """The form of a feed, or of a new one; after a refused post it holds what was typed."""
    kept = {"target": feed.target, "most_kept": str(feed.most_kept)} if feed else {"target": "", "most_kept": KEPT}
    said = {"slug": "", "kind": "", "address": "", "reason": "", **kept, **(typed or {})}
    return FeedForm(
        kinds=tuple((value, str(label)) for value, label in DecisionFeed.Kind.choices),
        kind=said["kind"],
        address=shown_address(feed) if feed else "",
        typed_address=said["address"],
        target=said["target"],
        most_kept=said["most_kept"],
        keeps=feed is None or feed.kind == DecisionFeed.Kind.REDIS,
        set_url=set_url,
        slug=said["slug"],
        is_new=feed is None,
        reason=said["reason"],
        problems=(problem,) if problem else (),
    )


def message_row(message: FeedMessage) -> FeedMessageRow:
    """Of a message with its event."""
    state = FeedMessage.State(message.state)
    ref = Case(pk=message.event.case_id).ref
    at = message.sent_at or (message.due_at if state == FeedMessage.State.WAITING else None)
    return FeedMessageRow(
        message_id=message.message_id,
        ref=ref,
        case_url=reverse("desk:case", args=[ref]),
        state=StateMark(MESSAGE_MARKS[state], str(state.label)),
        at=when(at) if at else "",
    )


def feed_step(step: FeedStep) -> SourceStepRow:
    words = {
        "address": _("Address of the database or broker"),
        "target": _("Stream or topic"),
        "most_kept": _("Entries kept, about"),
    }
    return SourceStepRow(
        at=when(step.at),
        by=step.actor.display_name,
        name=str(FeedStep.Name(step.name).label),
        details=tuple(f"{words[name]}: {step.facts[name]}" for name in words if name in step.facts),
        reason=step.reason,
    )
