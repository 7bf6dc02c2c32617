"""Writing decisions to their streams: in order, from the rows that wait in PostgreSQL, marked after they are written.

A process that dies between writing and marking writes them again: at least once, under the same id. One process writes
a feed at a time, so that decisions of one case keep their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from cases.locks import alone
from cases.models import CaseEvent
from cases.notices import notify, who_answers
from cases.sealed import CannotOpen, opened
from intake.sources.reaching import ConnectorProblem
from outgoing.feed_writers import RedisWriter, Writer
from outgoing.models import DecisionFeed, FeedMessage

SEND_FEEDS: Final = "riskreview.tasks.send_decision_feeds"
AT_ONCE: Final = 500
LEFT_ALONE: Final = timedelta(seconds=30)


def feeds_due() -> bool:
    """Whether a decision waits to be written."""
    return bool(_due().exists())


def send_feeds() -> int:
    """Write what is due of every feed. Returns how many decisions were written."""
    return sum(_send(feed) for feed in list(_due()))


def _due() -> Any:
    now = timezone.now()
    waiting = FeedMessage.objects.filter(feed=OuterRef("pk"), state=FeedMessage.State.WAITING, due_at__lte=now)
    return DecisionFeed.objects.filter(Exists(waiting), state=DecisionFeed.State.ACTIVE, due_at__lte=now)


def _send(feed: DecisionFeed) -> int:
    with alone(f"feed {feed.pk}") as mine:
        if not mine:
            return 0
        count, problem = 0, dict[str, str]()
        try:
            with _writer(feed) as writer:
                while (written := _write_some(feed, writer)) is not None:
                    count += written
        except ConnectorProblem as refusal:
            problem = refusal.as_dict()
        _note(feed, problem)
        return count


def _writer(feed: DecisionFeed) -> AbstractContextManager[Writer]:
    try:
        address = opened(feed.address)
    except CannotOpen as wrong:
        raise ConnectorProblem("address_sealed") from wrong
    if feed.kind == DecisionFeed.Kind.REDIS:
        return RedisWriter(address, feed.target, feed.most_kept)
    from outgoing.kafka_writer import KafkaWriter  # kafka: paid by who writes

    return KafkaWriter(address, feed.target)


def _write_some(feed: DecisionFeed, writer: Writer) -> int | None:
    """Write the next decisions. Returns how many; None where nothing waits, or it was paused or set otherwise."""
    as_set = DecisionFeed.objects.filter(
        pk=feed.pk, state=DecisionFeed.State.ACTIVE, address=feed.address, target=feed.target
    )
    if not as_set.exists():
        return None
    waiting = FeedMessage.objects.filter(feed=feed, state=FeedMessage.State.WAITING, due_at__lte=timezone.now())
    back = CaseEvent.objects.filter(case=OuterRef("event__case"), seq=OuterRef("event__seq") + 1, name="take_back")
    next_ones = waiting.annotate(was_taken_back=Exists(back)).select_related("event__case").order_by("due_at", "id")
    found = list(next_ones[:AT_ONCE])
    if not found:
        return None
    _mark([each for each in found if each.was_taken_back], state=FeedMessage.State.DROPPED)
    going = [each for each in found if not each.was_taken_back]
    delivered = writer.write(going)
    done = in_order(going, delivered)
    _mark(done, state=FeedMessage.State.SENT, sent_at=timezone.now())
    if len(done) < len(going):
        raise ConnectorProblem("not_written", count=str(len(going) - len(done)))
    return len(done)


def in_order(messages: Sequence[FeedMessage], delivered: Sequence[bool]) -> list[FeedMessage]:
    """Those that are through: delivered, and none of their case before them is not. The others are written again, so
    that the last of a case is always the last that was written."""
    stuck: set[int] = set()
    done = []
    for message, was_delivered in zip(messages, delivered, strict=True):
        if was_delivered and message.event.case_id not in stuck:
            done.append(message)
        else:
            stuck.add(message.event.case_id)
    return done


def _mark(messages: Sequence[FeedMessage], **changes: Any) -> None:
    with transaction.atomic(durable=True):
        FeedMessage.objects.filter(pk__in=[each.pk for each in messages]).update(**changes)


def _note(feed: DecisionFeed, problem: dict[str, str]) -> None:
    """Keep what is wrong, and tell whoever made the feed when it begins."""
    if not problem and not feed.problem:
        return
    now = timezone.now()
    with transaction.atomic(durable=True):
        kept = DecisionFeed.objects.select_for_update().get(pk=feed.pk)
        if problem and not kept.problem:
            notify(who_answers(kept.made_by), "feed_stopped", None, {"feed": kept.slug}, caused_by=None)
        kept.problem, kept.problem_at = problem, now if problem else None
        kept.due_at = now + LEFT_ALONE if problem else now
        kept.save(update_fields=["problem", "problem_at", "due_at"])
