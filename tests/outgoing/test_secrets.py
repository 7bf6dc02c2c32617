"""Secrets of webhooks that are changed: each that was replaced signs along for a day, and no more than five do."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from cases.errors import BadDecision
from cases.models import User
from cases.sealed import opened, seal, sealed_again
from outgoing import pruning, sending, webhooks
from outgoing.models import RetiredSecret, Webhook, WebhookStep
from outgoing.pruning import prune_secrets
from outgoing.sending import send_due
from outgoing.signing import signed_headers
from outgoing.telling import tell_webhooks
from outgoing.webhooks import MOST_RETIRED, ROTATION, make_webhook, rotate_secret
from riskreview import tasks
from routing.models import Policy
from tests import make
from tests.cases.history import everything
from tests.outgoing.test_webhooks import REASON, Receiver, checked, hook, receiver
from tests.together import started_until_it_waits

__all__ = ["receiver"]
START = datetime(2026, 11, 2, 1, 30, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
TABLES = ("outgoing_webhook", "outgoing_webhookstep", "outgoing_retiredsecret")
SetClock = Callable[[datetime], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Sets the time at which secrets are changed, sign and are deleted."""

    def set_to(moment: datetime) -> None:
        for module in (webhooks, sending, pruning):
            monkeypatch.setattr(module, "timezone", SimpleNamespace(now=lambda: moment))

    set_to(START)
    return set_to


def rotated(admin: User) -> str:
    return rotate_secret("crm", by=admin, reason=REASON)[1]


def a_hook(admin: User) -> str:
    """A webhook that nothing is sent to; its secret."""
    return make_webhook(slug="crm", url="https://a.example", types=["case.queued"], by=admin, reason=REASON)[1]


def retired() -> list[tuple[str, datetime]]:
    return [(opened(each.secret), each.signs_until) for each in RetiredSecret.objects.all()]


def sent_signatures(receiver: Receiver, ref: str) -> tuple[dict[str, str], bytes]:
    """A message that goes out now."""
    make.queued_case(ref)
    tell_webhooks()
    assert send_due() == 1
    return receiver.got[-1]


def test_each_secret_that_was_replaced_signs_along_for_a_day_the_newest_first(
    ground: Policy, admin: User, receiver: Receiver, clock: SetClock
) -> None:
    a = hook(receiver, admin, "case.queued")
    clock(START)
    b = rotated(admin)
    clock(START + HOUR)
    c = rotated(admin)
    assert retired() == [(b, START + HOUR + ROTATION), (a, START + ROTATION)]
    headers, body = sent_signatures(receiver, "A-1")
    assert [checked(each, headers, body) for each in (a, b, c)] == [True, True, True]
    assert headers["webhook-signature"] == signed_headers(
        body,
        message_id=headers["webhook-id"],
        timestamp=int((START + HOUR).timestamp()),
        with_secrets=[c, b, a],
    )["webhook-signature"]  # fmt: skip
    clock(START + ROTATION)
    got = sent_signatures(receiver, "A-2")
    assert [checked(each, *got) for each in (a, b, c)] == [False, True, True]
    clock(START + HOUR + ROTATION)
    got = sent_signatures(receiver, "A-3")
    assert [checked(each, *got) for each in (a, b, c)] == [False, False, True]
    assert len(got[0]["webhook-signature"].split(" ")) == 1


@pytest.mark.django_db
def test_those_that_have_ended_are_deleted_with_the_next_change_or_at_night(admin: User, clock: SetClock) -> None:
    a_hook(admin)
    b = rotated(admin)
    clock(START + HOUR)
    c = rotated(admin)
    clock(START + ROTATION)
    d = rotated(admin)
    assert retired() == [(c, START + 2 * ROTATION), (b, START + HOUR + ROTATION)]
    clock(START + HOUR + ROTATION)
    tasks.prune_messages()
    assert retired() == [(c, START + 2 * ROTATION)]
    clock(START + 2 * ROTATION)
    assert (prune_secrets(), prune_secrets()) == (1, 0)
    assert retired() == []
    assert opened(Webhook.objects.get().secret) == d


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            "5 older secrets still sign along, as many as may: the secret can be changed again from 2026-11-03 09:31"
            " on. Nothing was changed.",
        ),
        ("zh-hans", "已有 5 个旧密钥仍在一并签名，已达上限：2026-11-03 09:31 起可再次更换。未作任何更改。"),
    ],
)
@pytest.mark.django_db
def test_a_sixth_change_within_a_day_is_refused_and_says_until_when(
    admin: User, clock: SetClock, language: str, words: str
) -> None:
    made = [a_hook(admin)]
    for number in range(MOST_RETIRED):
        clock(START + number * HOUR)
        made.append(rotated(admin))
    assert [secret for secret, _until in retired()] == made[-2::-1]
    before = everything(*TABLES)
    clock(START + ROTATION - timedelta(seconds=1))
    with translation.override(language), pytest.raises(BadDecision) as refused:
        rotated(admin)
    assert (refused.value.field, str(refused.value)) == ("act", words)
    assert everything(*TABLES) == before
    clock(START + ROTATION + timedelta(seconds=30))
    made.append(rotated(admin))
    assert [secret for secret, _until in retired()] == made[-2:0:-1]
    assert opened(Webhook.objects.get().secret) == made[-1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("changed_before", [0, MOST_RETIRED - 1])
def test_of_two_who_change_it_at_once_the_second_retires_what_the_first_gave_out_or_is_refused(
    admin: User, monkeypatch: pytest.MonkeyPatch, changed_before: int
) -> None:
    made = [a_hook(admin), *(rotated(admin) for _number in range(changed_before))]
    others: list[Future[str]] = []
    with ThreadPoolExecutor(1) as pool:

        def seals(secret: str) -> str:
            monkeypatch.setattr(webhooks, "seal", seal)
            others.append(started_until_it_waits(pool, lambda: rotated(admin)))
            return seal(secret)

        monkeypatch.setattr(webhooks, "seal", seals)
        made.append(rotated(admin))
    if changed_before:
        with pytest.raises(BadDecision):
            others[0].result()
    else:
        made.append(others[0].result())
    assert opened(Webhook.objects.get().secret) == made[-1]
    assert [secret for secret, _until in retired()] == made[-2::-1]
    assert WebhookStep.objects.filter(name="rotated").count() == len(made) - 1


def test_a_round_reads_the_retired_secrets_once_for_all_its_messages(
    ground: Policy, admin: User, receiver: Receiver
) -> None:
    a = hook(receiver, admin, "case.queued")
    make_webhook(slug="two", url=receiver.url, types=["case.queued"], by=admin, reason=REASON)
    b = rotated(admin)
    for ref in ("A-1", "A-2", "A-3"):
        make.queued_case(ref)
    tell_webhooks()
    with CaptureQueriesContext(connection) as queries:
        assert send_due() == 6
    assert len([each for each in queries if "outgoing_retiredsecret" in each["sql"]]) == 1
    assert [[checked(each, *got) for got in receiver.got].count(True) for each in (a, b)] == [3, 3]


@pytest.mark.django_db
def test_retired_secrets_are_sealed_again_and_one_that_no_key_opens_changes_nothing(admin: User, settings: Any) -> None:
    a = a_hook(admin)
    b, c = rotated(admin), rotated(admin)
    old = settings.FIELD_KEYS
    new = ("A" * 43 + "=",)
    settings.FIELD_KEYS = new + old
    call_command("seal_again", "--json")
    settings.FIELD_KEYS = new
    assert [secret for secret, _until in retired()] == [b, a]
    assert opened(Webhook.objects.get().secret) == c
    settings.FIELD_KEYS = old + new
    first = RetiredSecret.objects.earliest("pk")
    RetiredSecret.objects.filter(pk=first.pk).update(secret=sealed_again(first.secret))
    before = everything(*TABLES)
    settings.FIELD_KEYS = new
    with pytest.raises(CommandError, match="nothing was changed"):
        call_command("seal_again")
    assert everything(*TABLES) == before


@pytest.mark.django_db(transaction=True)
def test_a_secret_that_is_replaced_while_all_are_sealed_again_is_sealed_again_too(
    admin: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = a_hook(admin)
    new = ("A" * 43 + "=",)
    settings.FIELD_KEYS = new + settings.FIELD_KEYS
    with ThreadPoolExecutor(1) as pool:
        again: list[Future[Any]] = []

        def seals(secret: str) -> str:
            again.append(started_until_it_waits(pool, lambda: call_command("seal_again", "--json")))
            return seal(secret)

        monkeypatch.setattr(webhooks, "seal", seals)
        b = rotated(admin)
        again[0].result()
    settings.FIELD_KEYS = new
    assert [secret for secret, _until in retired()] == [a]
    assert opened(Webhook.objects.get().secret) == b


@pytest.mark.django_db
def test_the_database_takes_no_empty_secret(admin: User) -> None:
    a_hook(admin)
    with pytest.raises(IntegrityError, match="retired_secret_is_there"), transaction.atomic():
        RetiredSecret.objects.create(webhook=Webhook.objects.get(), secret="", signs_until=timezone.now())
    assert retired() == []
