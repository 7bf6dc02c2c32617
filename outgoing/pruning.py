"""Messages that were delivered long ago are deleted; what still waits, was given up or was dropped is kept. Secrets of
webhooks that were replaced are deleted once they sign no more."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from outgoing.telling import LATEST

# Long enough for whoever asks after a quarter what a receiver was told; the moves themselves are kept for good.
KEPT: Final = timedelta(days=90)
AT_ONCE: Final = 5_000
# The tables of messages, with that of their receivers and the column that names it.
TABLES: Final = (
    ("outgoing_delivery", "outgoing_webhook", "webhook_id"),
    ("outgoing_feedmessage", "outgoing_decisionfeed", "feed_id"),
)
# A move that its receiver's record may be read from again is told once more where no message says that it was.
_DELETE: Final = """
    DELETE FROM {messages} WHERE id IN (
        SELECT m.id FROM {messages} m
        JOIN {receivers} r ON r.id = m.{receiver} JOIN cases_caseevent e ON e.id = m.event_id
        WHERE m.state = 'sent' AND m.sent_at < %s AND e.at < r.read_until - make_interval(secs => %s)
        ORDER BY m.id LIMIT %s FOR UPDATE OF m SKIP LOCKED)
"""
_DELETE_SECRETS: Final = """
    DELETE FROM outgoing_retiredsecret WHERE id IN (
        SELECT id FROM outgoing_retiredsecret WHERE signs_until <= %s FOR UPDATE SKIP LOCKED)
"""


def prune_delivered() -> int:
    """Delete what was delivered more than KEPT ago, in short transactions. Returns how many messages."""
    return sum(_prune(_DELETE.format(messages=a, receivers=b, receiver=c)) for a, b, c in TABLES)


def prune_secrets() -> int:
    """Delete the retired secrets that sign no more: the next change of a secret does so too, but may never come.
    Returns how many. One that somebody holds locked is theirs to delete, or the next night's."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_DELETE_SECRETS, [timezone.now()])
        deleted: int = cursor.rowcount
    return deleted


def _prune(statement: str) -> int:
    count, deleted, before = 0, AT_ONCE, timezone.now() - KEPT
    while deleted == AT_ONCE:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute(statement, [before, LATEST.total_seconds(), AT_ONCE])
            deleted = cursor.rowcount
        count += deleted
    return count
