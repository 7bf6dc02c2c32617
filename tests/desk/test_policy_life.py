"""The life of a version on its pages: proposed, approved, scheduled, returned, rolled back; budgets and alerts."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils import translation

from cases.models import Case, User
from desk.build.policy_exploration import stop_words
from routing.arms import Stop
from routing.exploring import ask_exploration, sign_exploration, stop_exploration
from routing.models import Exploration, Policy, PolicyStep
from tests import make
from tests.desk.conftest import SignsIn
from tests.desk.test_models import words_of
from tests.desk.test_policies import EXPLORES, book, in_force, second_admin, send, stored, text_of

__all__ = ["book", "in_force", "second_admin"]


def test_a_version_is_proposed_with_its_replay_approved_by_another_and_rolled_back(
    book: list[Case], in_force: Policy, admin: User, supervisor: User, signs_in: SignsIn
) -> None:
    made, drafter, approver = (
        make.tested(admin, audit_share=0.0, approve_below=0.001),
        signs_in(admin),
        signs_in(supervisor),
    )
    answer = drafter.post(f"/policies/{made.pk}/propose", {"period": "90", "note": "fewer"}, follow=True)
    assert "A second person has to approve it." in answer.content.decode()
    proposed = stored(made)
    assert (proposed.status, (proposed.simulation or {})["cases"]) == ("proposed", 13)
    assert "nobody approves what they drafted or proposed" in text_of(answer)
    own = drafter.get(f"/policies/{made.pk}/approval")
    assert "nobody approves what they drafted or proposed" in text_of(own)
    assert "<form class" not in own.content.decode().split("<main", 1)[1]
    page = approver.get(f"/policies/{made.pk}/approval").content.decode()
    assert proposed.simulation_sha256 in page
    text = words_of(page)
    assert "The machine approves fewer: 0.0% of cases instead of 92.3%" in text
    assert "Machine approves below a PD of: 0.1% instead of 12.0%." in text
    ticks = re.findall(r'name="ticked" value="([^"]+)"', page)
    form = {"simulation_sha256": proposed.simulation_sha256, "start": "now", "note": "seen"}
    missing = approver.post(f"/policies/{made.pk}/approval", {**form, "ticked": ticks[1:]})
    assert missing.status_code == 422
    assert "Tick every consequence" in text_of(missing)
    assert missing.content.decode().count(" checked>") == len(ticks)
    assert stored(made).status == "proposed"
    stale = approver.post(f"/policies/{made.pk}/approval", {**form, "ticked": ticks, "simulation_sha256": "0"})
    assert (stale.status_code, stored(made).status) == (409, "proposed")
    assert "This is not the simulation that you saw." in text_of(stale)
    assert drafter.post(f"/policies/{made.pk}/approval", {**form, "ticked": ticks}).status_code == 403
    done = approver.post(f"/policies/{made.pk}/approval", {**form, "ticked": ticks}, follow=True)
    assert "Consumer loan, version 2 is in force." in done.content.decode()
    assert (stored(made).status, stored(in_force).status) == ("active", "retired")
    assert approver.get(f"/policies/{made.pk}/approval").status_code == 302
    assert approver.post(f"/policies/{in_force.pk}/roll-back", {"reason": " "}).status_code == 422
    back = approver.post(f"/policies/{in_force.pk}/roll-back", {"reason": "too few approvals"}, follow=True)
    assert "too few approvals" in text_of(back)
    assert (stored(made).status, stored(in_force).status) == ("retired", "active")


def test_a_version_may_start_later_and_be_returned_until_then(
    in_force: Policy, admin: User, supervisor: User, signs_in: SignsIn
) -> None:
    made, client = make.proposed(admin, sla_hours=8), signs_in(supervisor)
    page = client.get(f"/policies/{made.pk}/approval").content.decode()
    form: dict[str, Any] = {
        "simulation_sha256": made.simulation_sha256, "ticked": re.findall(r'name="ticked" value="([^"]+)"', page),
        "start": "later",
    }  # fmt: skip
    for starts_at, words in (
        ("", "A date and a time are expected."),
        ("2020-01-01T09:00", "The start lies in the past."),
    ):
        answer = client.post(f"/policies/{made.pk}/approval", {**form, "starts_at": starts_at})
        assert (answer.status_code, words in text_of(answer)) == (422, True)
    client.post(f"/policies/{made.pk}/approval", {**form, "starts_at": "2099-01-02T09:00"})
    assert (stored(made).status, stored(made).starts_at) == ("scheduled", datetime(2099, 1, 2, 1, tzinfo=UTC))
    assert "Approved, to start" in text_of(client.get(f"/policies/{made.pk}"))
    assert client.post(f"/policies/{made.pk}/return", {"reason": ""}).status_code == 422
    client.post(f"/policies/{made.pk}/return", {"reason": "wait for the board"})
    assert stored(made).status == "draft"
    assert "wait for the board" in text_of(client.get(f"/policies/{made.pk}"))


def test_a_proposal_whose_base_was_replaced_says_so_before_anybody_ticks(
    in_force: Policy, admin: User, second_admin: User, supervisor: User, signs_in: SignsIn
) -> None:
    old = make.proposed(admin, sla_hours=8)
    make.approved(make.proposed(second_admin, sla_hours=6), supervisor)
    text = text_of(signs_in(supervisor).get(f"/policies/{old.pk}/approval"))
    assert "Another version came into force since this one was simulated: return it, and propose it anew." in text


def test_a_proposal_is_no_longer_edited(admin: User, signs_in: SignsIn) -> None:
    made, client = make.proposed(admin), signs_in(admin)
    assert 'value="save"' not in client.get(f"/policies/{made.pk}").content.decode()
    for act in ("save", "add_row rules"):
        assert send(client, made, act, {"sla_hours": "3"}).status_code == 409
    assert client.post(f"/policies/{made.pk}/propose", {"period": "dates"}).status_code == 422
    assert stored(made).sha256 == made.sha256


def test_a_budget_of_exploration_is_asked_for_signed_by_a_supervisor_and_stopped(
    admin: User, supervisor: User, auditor: User, signs_in: SignsIn
) -> None:
    made = make.policy(admin, supervisor, exploration=EXPLORES)
    url = f"/policies/{made.pk}/exploration"
    drafter, signer = signs_in(admin), signs_in(supervisor)
    assert "No budget was asked for" in text_of(signs_in(auditor).get(f"/policies/{made.pk}"))
    assert drafter.post(url, {"act": "stop", "reason": "x"}).status_code == 404
    for budget in ("much", "", "nan", "1e9"):
        assert drafter.post(url, {"act": "ask", "budget": budget}).status_code == 422
    drafter.post(url, {"act": "ask", "budget": "50,000"})
    assert "A supervisor must sign it" in text_of(drafter.get(f"/policies/{made.pk}"))
    assert signer.post(url, {"act": "sign", "seen": "1.00"}).status_code == 409
    assert drafter.post(url, {"act": "sign", "seen": "50000.00"}).status_code == 403
    page = signer.get(f"/policies/{made.pk}").content.decode()
    seen = re.search(r'name="seen" value="(50000\.00)"', page)
    assert seen
    signer.post(url, {"act": "sign", "seen": seen[1]})
    assert Exploration.objects.get().signed_by == supervisor
    signer.post(url, {"act": "stop", "reason": "enough learned"})
    assert Exploration.objects.get().stop_reason == "enough learned"
    assert "Stopped" in text_of(drafter.get(f"/policies/{made.pk}"))


def test_why_the_stop_rule_stopped_is_told_in_the_readers_language(
    admin: User, supervisor: User, signs_in: SignsIn
) -> None:
    made = make.policy(admin, supervisor, exploration=EXPLORES)
    asked = ask_exploration(made.pk, by=admin, budget=Decimal(50_000))
    sign_exploration(asked.pk, by=supervisor, seen_budget=Decimal(50_000))
    stop = Stop("bad_rate", {"bads": 18, "matured": 20, "tolerated": 0.3, "confidence": 0.95})
    stopped = stop_exploration(asked.pk, by=None, reason=stop.stored)
    assert json.loads(stopped.stop_reason)["code"] == "bad_rate"
    reader = signs_in(admin)
    told = "18 bad of 20: above the tolerated 30.0% at 95.0% confidence."
    # On the card of the budget, and in the life of the version.
    assert text_of(reader.get(f"/policies/{made.pk}")).count(told) == 2
    with translation.override("zh-hans"):
        assert stop_words(stop.stored) == "20 笔中有 18 笔变坏：在 95.0% 置信度下高于可容忍的 30.0%。"
        assert stop_words(Stop("bads", {"bads": 5, "most": 5}).stored) == "已有 5 笔贷款变坏；达到 5 笔即停止探索。"
    assert stop_words(Stop("loss", {"loss": 12_500.4, "share": 0.5}).stored) == (
        "Losses of 12,500 have reached 50.0% of the budget."
    )
    for written in ("enough learned", '{"code": "other"}', "17"):
        assert stop_words(written) == written


def test_alerts_of_the_guard_stand_on_the_list(in_force: Policy, admin: User, signs_in: SignsIn) -> None:
    facts = {"measure": "approve_share", "side": "below", "share": 0.4, "cases": 300, "predicted": 0.8, "low": 0.7,
             "high": 0.9, "falls_back_to": 1}  # fmt: skip
    PolicyStep.objects.create(policy=in_force, name="alert", facts=facts)
    text = text_of(signs_in(admin).get("/policies"))
    assert "Machine approves 40.0% of 300 cases; 70.0% to 90.0% were expected." in text
    assert "The version before was put in force again." in text
