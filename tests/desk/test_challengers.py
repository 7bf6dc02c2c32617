"""Challengers on the pages: shadow, comparison, proposal, approval by another, rollback, rescoring, "would be"."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, User
from cases.states import State
from intake.models import Source
from learning.comparing import comparison_of
from learning.train import keep_held_out
from routing.models import Policy, Route
from routing.rescoring import preview_rescoring
from scoring.actions import register_model
from scoring.ml.champion import Champion
from scoring.models import Assessment, ModelReference, ModelStep, ModelVersion, Promotion, ShadowScore, TrafficSplit
from scoring.open_cases import score_open_cases
from scoring.promotion import propose_model
from scoring.shadow import start_shadow
from tests import make
from tests.conftest import TrainedBook
from tests.desk.conftest import SignsIn
from tests.learning.book import keep_book


@pytest.fixture
def challenger(champion: ModelVersion, trained: Champion) -> ModelVersion:
    return register_model(replace(trained, seed=1))


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode()))


def approval(proposal: Promotion) -> dict[str, Any]:
    return {"comparison_sha256": proposal.comparison_sha256, "ticked": ["comparison_seen", "power"], "start": "now"}


def post(client: Client, name: str, key: int, **form: Any) -> Any:
    return client.post(reverse(f"desk:{name}", args=[key]), form, follow=True)


def test_an_admin_compares_and_proposes_and_only_another_person_approves_by_the_form(
    champion: ModelVersion,
    challenger: ModelVersion,
    trained_book: TrainedBook,
    admin: User,
    supervisor: User,
    signs_in: SignsIn,
) -> None:
    keep_book(trained_book, champion, loans=600)
    refs = [f"CR-{case.pk}" for case in Case.objects.order_by("pk")]
    said = trained_book.held_out.log_odds[: len(refs)]
    keep_held_out(challenger, refs, said + 0.5 * np.sin(np.arange(len(refs))))
    client, url = signs_in(admin), reverse("desk:comparison", args=[champion.pk, challenger.pk])
    text = text_of(client.get(url, {"difference": "0.02"}))
    assert re.search(r"Can this sample detect the difference you want\? No: with \d+ loans, \d+ of them bad", text)
    assert "Training loans, each scored by models that had not seen it" in text
    assert text.index("Can this sample") < text.index("Gates") < text.index("Measures")
    assert client.get(url, {"difference": "none"}).status_code == 422
    answer = post(client, "model_propose", challenger.pk, difference="0.02", note="Steeper.")
    proposal = Promotion.objects.get()
    assert "You cannot approve it" in text_of(answer)
    assert proposal.comparison["wanted_difference"] == 0.02
    refused = post(client, "promotion", proposal.pk, **approval(proposal))
    assert (refused.status_code, champion_number()) == (403, 1)
    other = signs_in(supervisor)
    assert post(other, "promotion", proposal.pk, **approval(proposal) | {"ticked": []}).status_code == 422
    ticked = re.findall(r'name="ticked" value="(\w+)"', page_of(other, proposal))
    done = post(other, "promotion", proposal.pk, **approval(proposal) | {"ticked": ticked})
    assert (done.status_code, champion_number()) == (200, 2)
    assert ModelReference.objects.get(model=challenger).origin == "held_out", "watched from its first case on"
    assert "Roll back to" in text_of(client.get(reverse("desk:model_card", args=[challenger.pk])))
    assert "Roll back to" not in text_of(other.get(reverse("desk:model_card", args=[challenger.pk])))
    post(client, "model_roll_back", challenger.pk, reason="It declines everybody.")
    assert champion_number() == 1


def page_of(client: Client, proposal: Promotion) -> str:
    return client.get(reverse("desk:promotion", args=[proposal.pk])).content.decode()


def champion_number() -> int:
    return ModelVersion.objects.get(status="champion").number


def test_shadow_and_share_are_started_signed_and_stopped_by_forms(
    champion: ModelVersion, challenger: ModelVersion, admin: User, supervisor: User, signs_in: SignsIn
) -> None:
    client, other = signs_in(admin), signs_in(supervisor)
    assert "In shadow" in text_of(post(client, "model_shadow", challenger.pk, act="start", reason="To see."))
    post(client, "model_split", challenger.pk, act="ask", share="20", reason="To try.")
    asked = TrafficSplit.objects.get()
    form = {"act": "sign", "split": asked.pk, "seen": repr(asked.share)}
    assert post(client, "model_split", challenger.pk, **form).status_code == 403
    assert "Sign this share" in text_of(other.get(reverse("desk:model_card", args=[challenger.pk])))
    assert "signed by" in text_of(post(other, "model_split", challenger.pk, **form))
    post(other, "model_split", challenger.pk, act="stop", split=asked.pk, reason="Enough.")
    post(client, "model_shadow", challenger.pk, act="stop", reason="Enough.")
    names = list(ModelStep.objects.filter(model=challenger).values_list("name", flat=True))
    assert names == ["start_shadow", "ask_split", "sign_split", "stop_split", "stop_shadow"]


def test_an_open_case_says_what_it_would_be_under_the_shadow_and_a_blind_one_does_not(
    champion: ModelVersion,
    challenger: ModelVersion,
    policy: Policy,
    admin: User,
    reviewer: User,
    signs_in: SignsIn,
) -> None:
    start_shadow(challenger.pk, by=admin, reason="To see.")
    shown = make.queued_case("A-1")
    make.desk_rules(admin, opinion_share=1.0)
    blind = make.queued_case("A-2")
    assert ShadowScore.objects.count() == 2
    pages = {case.ref: text_of(signs_in(reviewer).get(f"/review/{case.ref}")) for case in (shown, blind)}
    told = re.search(r"Under Consumer loan, version 2 it would be: .*? PD [\d.]+%", pages[shown.ref])
    assert told is not None, pages[shown.ref]
    assert told[0] == "Under Consumer loan, version 2 it would be: approve, PD 1.5%"
    assert "it would be" not in pages[blind.ref]


def test_waiting_cases_are_scored_again_only_when_asked_and_only_where_nobody_touched_them(
    champion: ModelVersion,
    challenger: ModelVersion,
    policy: Policy,
    admin: User,
    supervisor: User,
    reviewer: User,
    signs_in: SignsIn,
) -> None:
    waiting, held = make.queued_case("A-1"), make.claimed_case(reviewer, "A-2")
    signed, _review = make.awaiting_case(reviewer, "A-3")
    due_at = make.reread(waiting).due_at
    proposal = propose_model(challenger.pk, by=admin, comparison=make.comparison(challenger, champion))
    post(signs_in(supervisor), "promotion", proposal.pk, **approval(proposal))
    assert set(Assessment.objects.values_list("model", flat=True)) == {champion.pk}
    # It was never in shadow: the sweep asks it what each open case would be, once, and nothing is compared on that.
    assert (score_open_cases(), score_open_cases()) == (3, 0)
    assert set(ShadowScore.objects.values_list("case", "is_afterwards")) == {
        (case.pk, True) for case in (waiting, held, signed)
    }
    assert "Under Consumer loan, version 2 it would be" in text_of(signs_in(reviewer).get(f"/review/{held.ref}"))
    assert comparison_of(challenger, against=champion, sample="live")["cases"] == 0
    bad = Source.objects.create(slug=waiting.source, state=Source.State.QUARANTINED, bad_since=timezone.now())
    # What a source sent that turned bad stays with people.
    assert preview_rescoring(challenger).waiting == 0
    bad.delete()
    preview = preview_rescoring(challenger)
    assert (preview.waiting, preview.looked_at, dict(preview.changes)) == (1, 1, {("approve", "review", "approve"): 1})
    client, url = signs_in(admin), reverse("desk:rescoring", args=[challenger.pk])
    assert "Of 1 cases 0 would come to the advice to approve" in text_of(client.get(url))
    assert client.post(url).status_code == 422
    assert signs_in(supervisor).post(url, {"reason": "Newer."}).status_code == 403
    client.post(url, {"reason": "Newer."})
    states = {case.pk: case.state for case in Case.objects.all()}
    assert states == {waiting.pk: "received", held.pk: "in_review", signed.pk: State.AWAITING_SIGNOFF}
    event = make.reread(waiting).events.get(name="rescore")
    assert (event.facts["by"], event.facts["reason"]) == ("admin", "Newer.")
    make.run_machine()
    assert (make.reread(waiting).state, make.reread(waiting).due_at) == ("queued", due_at)
    assert list(Assessment.objects.filter(case=waiting).order_by("pk").values_list("model", flat=True)) == [
        champion.pk,
        challenger.pk,
    ]
    assert Route.objects.filter(case=waiting).count() == 2


def test_reviewers_see_no_comparison(
    champion: ModelVersion, challenger: ModelVersion, reviewer: User, auditor: User, signs_in: SignsIn
) -> None:
    url = reverse("desk:comparison", args=[champion.pk, challenger.pk])
    assert signs_in(reviewer).get(url).status_code == 403
    answer = signs_in(auditor).get(url)
    assert (answer.status_code, "Propose the challenger" in text_of(answer)) == (200, False)
    assert "No: 0 loans with a known end" in text_of(answer)
