"""What administrators do with decision feeds: make, change, pause, resume."""

from __future__ import annotations

from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.errors import BadDecision, CaseError, CaseMoved, NotAllowed
from cases.models import User
from cases.sealed import CannotOpen, opened, seal
from cases.states import Role
from intake.mapped.fields import is_slug
from intake.sources.connector_settings import TOPIC
from intake.sources.reaching import masked
from intake.ways_in.connectors import check_address
from outgoing.models import DecisionFeed, FeedStep

LACKING: Final = _("Say why, in ten characters or more.")
KEPT_LEAST, KEPT_MOST = 100, 100_000_000


class FeedNotFound(CaseError):
    status = 404
    code = "feed_not_found"
    title = _("No such feed")
    sentence = _("There is no such decision feed.")


def make_feed(
    *, slug: str, kind: str, address: str, target: str, most_kept: str, by: User, reason: str
) -> DecisionFeed:
    """A new feed of the decisions from now on.

    Raises:
        NotAllowed: not an administrator.
        BadDecision: names the field (`slug`, `kind`, `address`, `target`, `most_kept`, `reason`).
    """
    why = _checked(by, reason)
    if not is_slug(slug):
        raise BadDecision("slug", _("Name it: letters, digits, hyphens."))
    if kind not in DecisionFeed.Kind.values:
        raise BadDecision("kind", _("Choose one of the list."))
    if not address:
        raise BadDecision("address", _("Enter the address."))
    check_address(kind, address)
    kept = _kept(kind, most_kept)
    _check_target(target)
    now = timezone.now()
    try:
        with transaction.atomic(durable=True):
            feed = DecisionFeed.objects.create(
                slug=slug, kind=kind, address=seal(address), target=target, most_kept=kept, made_by=by,
                begins_at=now, read_until=now,
            )  # fmt: skip
            _step(feed, FeedStep.Name.MADE, by, why, **_told(feed))
    except IntegrityError as taken:
        # Two administrators with one name: the second is told, as whoever comes later is.
        raise BadDecision("slug", _("There is a feed of that name.")) from taken
    return feed


def change_feed(slug: str, *, address: str, target: str, most_kept: str, by: User, reason: str) -> DecisionFeed:
    """Write elsewhere from now on; an empty `address` keeps the one there is. Raises as `make_feed`, FeedNotFound."""
    why = _checked(by, reason)
    _check_target(target)
    with transaction.atomic(durable=True):
        feed = lock_feed(slug)
        check_address(feed.kind, address)
        feed.target, feed.most_kept = target, _kept(feed.kind, most_kept)
        if address:
            feed.address = seal(address)
        feed.problem, feed.problem_at, feed.due_at = {}, None, timezone.now()
        feed.save(update_fields=["target", "most_kept", "address", "problem", "problem_at", "due_at"])
        _step(feed, FeedStep.Name.CHANGED, by, why, **_told(feed))
        return feed


def pause_feed(slug: str, *, by: User, reason: str) -> None:
    """Nothing is written; what is decided meanwhile waits. Raises NotAllowed, BadDecision, FeedNotFound, CaseMoved."""
    _turn(slug, DecisionFeed.State.ACTIVE, DecisionFeed.State.PAUSED, FeedStep.Name.PAUSED, by, reason)


def resume_feed(slug: str, *, by: User, reason: str) -> None:
    """Write what has waited, and go on. Raises as `pause_feed`."""
    _turn(slug, DecisionFeed.State.PAUSED, DecisionFeed.State.ACTIVE, FeedStep.Name.RESUMED, by, reason)


def _turn(
    slug: str, old: DecisionFeed.State, new: DecisionFeed.State, step: FeedStep.Name, by: User, reason: str
) -> None:
    why = _checked(by, reason)
    with transaction.atomic(durable=True):
        feed = lock_feed(slug)
        if feed.state != old:
            raise CaseMoved
        feed.state = new
        feed.save(update_fields=["state"])
        _step(feed, step, by, why)


def lock_feed(slug: str) -> DecisionFeed:
    found: DecisionFeed | None = DecisionFeed.objects.select_for_update().filter(slug=slug).first()
    if found is None:
        raise FeedNotFound
    return found


def shown_address(feed: DecisionFeed) -> str:
    """The address as a page may show it, without its password."""
    try:
        return masked(opened(feed.address))
    except CannotOpen:
        return ""


def _told(feed: DecisionFeed) -> dict[str, Any]:
    return {"address": shown_address(feed), "target": feed.target, "most_kept": feed.most_kept}


def _kept(kind: str, text: str) -> int:
    if kind == DecisionFeed.Kind.KAFKA or not text:
        return int(DecisionFeed._meta.get_field("most_kept").default)
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and KEPT_LEAST <= int(text) <= KEPT_MOST):
        raise BadDecision("most_kept", _("Enter a whole number from 100 to 100,000,000."))
    return int(text)


def _check_target(target: str) -> None:
    if not TOPIC.fullmatch(target.replace(":", ".")) or target in (".", ".."):
        raise BadDecision("target", _("Name it by letters, digits, dots, colons, hyphens and underscores."))


def _checked(by: User, reason: str) -> str:
    if not by.is_active or by.role != Role.ADMIN:
        raise NotAllowed
    return rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=LACKING, field="reason")


def _step(feed: DecisionFeed, name: FeedStep.Name, by: User, reason: str, **facts: Any) -> None:
    FeedStep.objects.create(feed=feed, name=name, actor=by, reason=reason, facts=facts)
