"""The part of a source's page about how it is reached: set, tried, asked, paused; its password on no page."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, User
from intake.models import Connector, Pull, Source, SourceStep
from intake.ways_in.pulling import pull_due
from tests.intake.pulled import QUERY, REASON, TYPED, connect, lay_down, loan


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.SOURCE_DATABASES = tmp_path
    lay_down(tmp_path, [loan(1), loan(2, amount=-3)])
    return tmp_path


@pytest.fixture
def desk(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def page(desk: Client, slug: str = "los", **asked: str) -> str:
    return desk.get(reverse("desk:source", args=[slug]), asked).content.decode()


def test_a_source_is_opened_its_connector_set_tried_and_asked(folder: Path, desk: Client) -> None:
    refused = desk.post(reverse("desk:source_add"), {"slug": "a b", "reason": REASON})
    assert (refused.status_code, Source.objects.count()) == (422, 0)
    desk.post(reverse("desk:source_add"), {"slug": "los", "reason": REASON})
    assert "?kind=sql" in page(desk)
    assert 'id="connector-query"' in page(desk, kind="sql")
    said = {"kind": "sql", "address": "sqlite:///loans.db", "reason": REASON, **TYPED}
    setting, acting = (reverse(f"desk:connector_{name}", args=["los"]) for name in ("set", "act"))
    refused = desk.post(setting, {**said, "query": "DROP TABLE loans"})
    assert (refused.status_code, Connector.objects.count()) == (422, 0)
    assert "DROP TABLE loans" in refused.content.decode()
    assert desk.post(setting, said).status_code == 302
    tried = desk.post(acting, {"act": "peek"}).content.decode()
    assert "A-00001" in tried
    assert "amount: “-3” is not above zero." in tried
    assert (Case.objects.count(), Pull.objects.count()) == (0, 0)
    desk.post(acting, {"act": "pull"})
    assert pull_due() == 1
    shown = page(desk)
    assert "Last pulls" in shown
    assert "sqlite:///loans.db" in shown
    lay_down(folder, [loan(0)])
    Connector.objects.update(looked_back_at=timezone.now() - timedelta(hours=7))
    desk.post(acting, {"act": "pull"})
    assert pull_due() == 1
    assert "1 row came late; last looked for on" in page(desk)
    lineage = desk.get(reverse("desk:lineage", args=[Case.objects.earliest("pk").ref])).content.decode()
    assert "row or message “A-00001” of sqlite:///loans.db" in lineage


def test_how_far_it_was_read_is_shown_of_numbers_too(folder: Path, desk: Client, admin: User) -> None:
    query = QUERY.replace("SELECT id", "SELECT CAST(substr(id, 3) AS INTEGER) AS id")
    connect(admin, query=query, watermark="amount")
    assert pull_due() == 1
    assert "5001.0 · 1" in page(desk)


def test_the_password_is_on_no_page_and_stays_when_the_address_is_left_empty(folder: Path, desk: Client) -> None:
    connect(User.objects.get(username="admin"), "postgresql://reader:s3c/r@et@db.invalid/loans")
    pull_due()
    assert "postgresql://reader:***@db.invalid/loans" in page(desk)
    sealed = Connector.objects.get().address
    said = {"kind": "sql", "address": "", "reason": REASON, **TYPED, "query": f"{QUERY} WHERE amount > 0"}
    desk.post(reverse("desk:connector_set", args=["los"]), said)
    shown = page(desk)
    assert Connector.objects.get().address == sealed
    assert "WHERE amount &gt; 0" in shown
    assert "s3c" not in shown


@pytest.mark.parametrize(
    ("address", "again"),
    [
        ("postgresql://reader:s3c/r@et@db.invalid/loans", "postgresql://reader:***@db.invalid/loans"),
        ("redis://:s3cret@r.invalid:6379/0", "redis://:***@r.invalid:6379/0"),
        ("sqlite:///loans.db", "sqlite:///loans.db"),
        ("postgresql:/reader:s3cret@db.invalid/loans", "***"),
        ("reader:s3cret@db.invalid", "***"),
        ("redis://:s3cret", "***"),
        ("postgresql://db.invalid/loans?user=reader&password=s3cret", "***"),
        ("", ""),
    ],
)
def test_a_refused_form_gives_no_password_back_and_takes_none_that_was_not_typed(
    folder: Path, desk: Client, admin: User, address: str, again: str
) -> None:
    connect(admin)
    sealed = Connector.objects.get().address
    setting = reverse("desk:connector_set", args=["los"])
    said = {"kind": "sql", "address": address, "reason": REASON, **TYPED, "rows_most": "many"}
    refused = desk.post(setting, said)
    shown = refused.content.decode()
    assert (refused.status_code, "s3c" in shown, "et@db" in shown) == (422, False, False)
    assert f'id="connector-address" name="address" value="{again}"' in shown
    told = "A password is never shown again: type the address with it in the place of ***."
    assert (told in shown) == ("***" in again)
    if "***" in again:
        # Sent as it came back: the stars are no password, and the address that there is does not stay unnoticed.
        answer = desk.post(setting, {"kind": "sql", "address": again, "reason": REASON, **TYPED})
        assert answer.status_code == 422
        assert "*** stands where it was, and is not one." in answer.content.decode()
    assert Connector.objects.get().address == sealed


def test_a_password_among_the_options_of_an_address_is_on_no_page_either(desk: Client, admin: User) -> None:
    connect(admin, "postgresql://db.invalid/loans?user=reader&password=s3cret&sslmode=require")
    shown = page(desk)
    assert "postgresql://db.invalid/loans?user=reader&amp;password=***&amp;sslmode=require" in shown
    assert "s3cret" not in shown


def test_it_is_paused_with_a_reason_and_read_by_others_without_a_form(
    folder: Path, desk: Client, auditor: User
) -> None:
    connect(User.objects.get(username="admin"))
    acting = reverse("desk:connector_act", args=["los"])
    assert desk.post(acting, {"act": "pause", "why": "short"}).status_code == 422
    assert Connector.objects.get().state == "active"
    assert desk.post(acting, {"act": "pause", "why": REASON}).status_code == 302
    assert SourceStep.objects.latest("id").name == "paused"
    assert desk.post(acting, {"act": "burn"}).status_code == 422
    reading = Client()
    reading.force_login(auditor)
    shown = page(reading)
    assert "sqlite:///loans.db" in shown
    assert 'id="connector-reason"' not in shown
    assert reading.post(acting, {"act": "resume", "why": REASON}).status_code == 403
