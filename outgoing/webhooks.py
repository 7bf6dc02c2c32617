"""What administrators do with webhooks: make, change, pause, give a new secret, send again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.addresses import AddressRefused, read_url
from cases.errors import BadDecision, CaseError, CaseMoved, NotAllowed
from cases.models import User
from cases.office import OFFICE
from cases.sealed import seal
from cases.states import Role
from intake.mapped.fields import is_slug
from outgoing.messages import TYPES
from outgoing.models import Delivery, RetiredSecret, Webhook, WebhookStep
from outgoing.signing import new_secret

# A secret that was replaced signs along for so long: every machine of the receiver learns the new one meanwhile.
ROTATION: Final = timedelta(hours=24)
# So many sign along: each makes the header of every message longer.
MOST_RETIRED: Final = 5
MOST_REPLAYED: Final = 10_000
LACKING: Final = _("Say why, in ten characters or more.")
URL_WORDS: Final = {
    "form": _("Give the whole address, such as https://crm.example.com/hooks; no name and password in it."),
    "scheme": _("The address starts with https://."),
    "port": _(
        "The address has no port, or 443 or 8443; in networks that the operator has named also 80 or one from 1024."
    ),
    "inside": _(
        "This address lies in a network of the house that the operator has not named (RISKREVIEW_WEBHOOK_NETWORKS)."
    ),
}


class WebhookNotFound(CaseError):
    status = 404
    code = "webhook_not_found"
    title = _("No such webhook")
    sentence = _("There is no such webhook.")


def make_webhook(*, slug: str, url: str, types: Sequence[str], by: User, reason: str) -> tuple[Webhook, str]:
    """A new webhook, and its secret, which is shown this once.

    Raises:
        NotAllowed: not an administrator. BadDecision: names the field (`slug`, `url`, `types`, `reason`).
    """
    why = _checked(by, reason)
    if not is_slug(slug):
        raise BadDecision("slug", _("Name it: letters, digits, hyphens."))
    _check(url, types)
    secret = new_secret()
    try:
        with transaction.atomic(durable=True):
            now = timezone.now()
            webhook = Webhook.objects.create(
                slug=slug,
                url=url,
                types=_ordered(types),
                secret=seal(secret),
                made_by=by,
                begins_at=now,
                read_until=now,
            )
            _step(webhook, WebhookStep.Name.MADE, by, why, url=url, types=_ordered(types))
    except IntegrityError as taken:
        # Two administrators with one name: the second is told, as whoever comes later is.
        raise BadDecision("slug", _("There is a webhook of that name.")) from taken
    return webhook, secret


def change_webhook(slug: str, *, url: str, types: Sequence[str], by: User, reason: str) -> Webhook:
    """Another address or other messages from now on, which tell of the moves of the last minutes (LATEST), too. Raises
    as `make_webhook`, and WebhookNotFound."""
    why = _checked(by, reason)
    _check(url, types)
    with transaction.atomic(durable=True):
        webhook = lock_webhook(slug)
        webhook.url, webhook.types = url, _ordered(types)
        webhook.save(update_fields=["url", "types"])
        _step(webhook, WebhookStep.Name.CHANGED, by, why, url=url, types=webhook.types)
    return webhook


def pause_webhook(slug: str, *, by: User, reason: str) -> Webhook:
    """Nothing goes out and nothing new is put up for it. Raises NotAllowed, BadDecision, WebhookNotFound, CaseMoved."""
    why = _checked(by, reason)
    with transaction.atomic(durable=True):
        webhook = lock_webhook(slug)
        if webhook.state != Webhook.State.ACTIVE:
            raise CaseMoved
        webhook.state = Webhook.State.PAUSED
        webhook.save(update_fields=["state"])
        _step(webhook, WebhookStep.Name.PAUSED, by, why)
    return webhook


def resume_webhook(slug: str, *, by: User, reason: str) -> Webhook:
    """Go on where it ended: what happened in the pause is told, too. Raises as `pause_webhook`."""
    why = _checked(by, reason)
    with transaction.atomic(durable=True):
        webhook = lock_webhook(slug)
        if webhook.state == Webhook.State.ACTIVE:
            raise CaseMoved
        webhook.state = Webhook.State.ACTIVE
        webhook.save(update_fields=["state"])
        _step(webhook, WebhookStep.Name.RESUMED, by, why)
    return webhook


def rotate_secret(slug: str, *, by: User, reason: str) -> tuple[Webhook, str]:
    """A new secret, shown this once; the one that it replaces signs along for ROTATION, whichever of them the receiver
    has. Raises as `change_webhook`, and BadDecision (`act`) while MOST_RETIRED sign along."""
    why = _checked(by, reason)
    secret = new_secret()
    with transaction.atomic(durable=True):
        # Two at once: the second waits here, and retires the secret that the first has given out.
        webhook = lock_webhook(slug)
        now = timezone.now()
        webhook.retired_secrets.filter(signs_until__lte=now).delete()
        ends = [each.signs_until for each in webhook.retired_secrets.all()]
        if len(ends) >= MOST_RETIRED:
            raise BadDecision("act", _too_many(min(ends)))
        RetiredSecret.objects.create(webhook=webhook, secret=webhook.secret, signs_until=now + ROTATION)
        webhook.secret = seal(secret)
        webhook.save(update_fields=["secret"])
        _step(webhook, WebhookStep.Name.ROTATED, by, why)
    return webhook, secret


def replay(slug: str, *, by: User, reason: str, message_ids: Sequence[str] = ()) -> int:
    """Send again: these messages, or all that were given up. Returns how many. Raises as `change_webhook`."""
    why = _checked(by, reason)
    with transaction.atomic(durable=True):
        webhook = lock_webhook(slug)
        chosen = Delivery.objects.filter(webhook=webhook, state__in=[Delivery.State.SENT, Delivery.State.DEAD])
        chosen = chosen.filter(message_id__in=message_ids) if message_ids else chosen.filter(state=Delivery.State.DEAD)
        keys = list(chosen.order_by("pk").values_list("pk", flat=True)[:MOST_REPLAYED])
        Delivery.objects.filter(pk__in=keys).update(
            state=Delivery.State.WAITING, attempts=0, due_at=timezone.now(), sent_at=None, problem=""
        )
        _step(webhook, WebhookStep.Name.REPLAYED, by, why, messages=len(keys))
    return len(keys)


def lock_webhook(slug: str) -> Webhook:
    found: Webhook | None = Webhook.objects.select_for_update().filter(slug=slug).first()
    if found is None:
        raise WebhookNotFound
    return found


def _too_many(first_end: datetime) -> str:
    # A full minute at which it has ended.
    shown = first_end.astimezone(OFFICE) + timedelta(minutes=1)
    words = gettext(
        "%(n)s older secrets still sign along, as many as may: the secret can be changed again from %(until)s on."
        " Nothing was changed."
    )
    return words % {"n": MOST_RETIRED, "until": shown.strftime("%Y-%m-%d %H:%M")}


def _checked(by: User, reason: str) -> str:
    if not by.is_active or by.role != Role.ADMIN:
        raise NotAllowed
    return rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=LACKING, field="reason")


def _check(url: str, types: Sequence[str]) -> None:
    try:
        read_url(url, inside=settings.WEBHOOK_NETWORKS)
    except AddressRefused as refusal:
        raise BadDecision("url", URL_WORDS[refusal.code]) from refusal
    if not types or set(types) - TYPES.keys():
        raise BadDecision("types", _("Choose what it is told."))


def _ordered(types: Sequence[str]) -> list[str]:
    return [name for name in TYPES if name in types]


def _step(webhook: Webhook, name: WebhookStep.Name, by: User, reason: str, **facts: Any) -> None:
    WebhookStep.objects.create(webhook=webhook, name=name, actor=by, reason=reason, facts=facts)
