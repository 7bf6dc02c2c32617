"""Webhooks as rows and forms, their messages, and what was done with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import Case
from desk.pages.shared import Problem, StateMark
from desk.pages.sources import SourceStepRow
from desk.pages.webhooks import DeliveryRow, TypeBox, WebhookForm, WebhookRow
from desk.words import number, when
from outgoing.messages import TYPES
from outgoing.models import Delivery, Webhook, WebhookStep

MARKS: Final = {"active": "approved", "paused": "waiting_info", "gone": "declined"}
DELIVERY_MARKS: Final = {"sent": "approved", "waiting": "queued", "dead": "declined", "dropped": "withdrawn"}


def webhook_state(webhook: Webhook) -> StateMark:
    return StateMark(MARKS[webhook.state], str(Webhook.State(webhook.state).label))


def webhook_row(webhook: Any) -> WebhookRow:
    """Of a webhook with its counts `waiting` and `given_up`."""
    return WebhookRow(
        slug=webhook.slug,
        url=reverse("desk:webhook", args=[webhook.slug]),
        address=webhook.url,
        state=webhook_state(webhook),
        types=" · ".join(str(TYPES[name][1]) for name in webhook.types),
        waiting=number(webhook.waiting),
        given_up=number(webhook.given_up) if webhook.given_up else "",
    )


def webhook_form(
    webhook: Webhook | None, *, set_url: str, typed: Mapping[str, Any] | None = None, problem: Problem | None = None
) -> WebhookForm:
    """The form of a webhook, or of a new one; with what was `typed` where it was refused."""
    kept = {"url": webhook.url if webhook else "", "slug": webhook.slug if webhook else "", "reason": ""}
    said = {**kept, **(typed or {})}
    ticked: Collection[str] = typed["types"] if typed else webhook.types if webhook else ("case.decided",)
    return WebhookForm(
        address=said["url"],
        types=tuple(TypeBox(name, f"{words} ({name})", name in ticked) for name, (_moves, words) in TYPES.items()),
        set_url=set_url,
        slug=said["slug"],
        is_new=webhook is None,
        reason=said["reason"],
        problems=(problem,) if problem else (),
    )


def delivery_row(delivery: Delivery) -> DeliveryRow:
    """Of a message with its event."""
    state = Delivery.State(delivery.state)
    at = delivery.sent_at or (delivery.due_at if state == Delivery.State.WAITING else None)
    ref = Case(pk=delivery.event.case_id).ref
    return DeliveryRow(
        message_id=delivery.message_id,
        ref=ref,
        case_url=reverse("desk:case", args=[ref]),
        type=str(TYPES[delivery.type][1]),
        state=StateMark(DELIVERY_MARKS[state], str(state.label)),
        attempts=number(delivery.attempts),
        at=when(at) if at else "",
        problem=delivery.problem,
        may_go_again=state in (Delivery.State.SENT, Delivery.State.DEAD),
    )


def webhook_step(step: WebhookStep) -> SourceStepRow:
    facts = []
    if "url" in step.facts:
        facts.append(step.facts["url"])
        facts.append(" · ".join(str(TYPES[name][1]) for name in step.facts["types"] if name in TYPES))
    if "messages" in step.facts:
        facts.append(_("%(n)s messages") % {"n": number(step.facts["messages"])})
    return SourceStepRow(
        at=when(step.at),
        by=step.actor.display_name if step.actor else _("The system"),
        name=str(WebhookStep.Name(step.name).label),
        details=tuple(facts),
        reason=step.reason,
    )
