"""The pages of decision feeds: made beside the webhooks, changed and paused with a reason, the password on none."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from cases.models import User
from outgoing.models import DecisionFeed, FeedStep

REASON = "agreed with the owners of the stream"
SAID = {"slug": "core", "kind": "kafka", "address": "kafka://me:s3cret@kafka.bank.example:9092", "target": "decisions",
        "most_kept": "", "reason": REASON}  # fmt: skip


def test_a_feed_is_made_changed_and_paused_by_an_administrator(admin: User, auditor: User) -> None:
    desk, reading = Client(), Client()
    desk.force_login(admin)
    reading.force_login(auditor)
    refused = desk.post(reverse("desk:feed_make"), {**SAID, "target": "a b"})
    assert (refused.status_code, DecisionFeed.objects.count()) == (422, 0)
    assert 'value="a b"' in refused.content.decode()
    assert desk.post(reverse("desk:feed_make"), SAID).status_code == 302
    list_page = reading.get(reverse("desk:webhooks")).content.decode()
    assert 'href="/feeds/core"' in list_page
    assert "feed-reason" not in list_page
    sealed = DecisionFeed.objects.get().address
    change = {"address": "", "target": "loan-decisions", "reason": REASON}
    assert desk.post(reverse("desk:feed_set", args=["core"]), change).status_code == 302
    assert (DecisionFeed.objects.get().target, DecisionFeed.objects.get().address) == ("loan-decisions", sealed)
    acting = reverse("desk:feed_act", args=["core"])
    assert desk.post(acting, {"act": "pause", "why": "short"}).status_code == 422
    assert desk.post(acting, {"act": "burn", "why": REASON}).status_code == 422
    assert DecisionFeed.objects.get().state == "active"
    assert desk.post(acting, {"act": "pause", "why": REASON}).status_code == 302
    assert [step.name for step in FeedStep.objects.all()] == ["paused", "changed", "made"]
    shown = reading.get(reverse("desk:feed", args=["core"])).content.decode()
    assert "kafka://me:***@kafka.bank.example:9092" in shown
    assert "s3cret" not in shown + list_page
    assert reading.post(acting, {"act": "resume", "why": REASON}).status_code == 403
