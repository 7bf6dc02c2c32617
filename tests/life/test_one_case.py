"""One case's whole life through a real worker: file to signed decision to label."""

from __future__ import annotations

from pathlib import Path

from cases import actions
from cases.models import Case, User
from cases.states import State
from cases.wake import send_wake
from learning.models import Label
from routing.models import Policy, Route
from scoring.models import Assessment, ModelVersion
from tests import make
from tests.worker import PATIENCE, running_worker, wait_for


def test_a_case_lives_from_arrival_to_signature_and_label(
    shared_db: None, champion: ModelVersion, policy: Policy, reviewer: User, supervisor: User, tmp_path: Path
) -> None:
    with running_worker(tmp_path / "worker.log"):
        born = make.case("L-1", key_customer=True)
        wait_for(lambda: make.reread(born).state == State.QUEUED, PATIENCE, "the case to be queued")
        held = actions.claim_next(by=reviewer)
        assert held.pk == born.pk
        review = actions.decide_case(
            held.pk, by=reviewer, outcome="approve", reason_codes=["stable_income"], note="", seen_version=held.version
        )
        assert review.signature_reasons == ["key_customer"]
        waiting = make.reread(born)
        actions.sign_case(waiting.pk, by=supervisor, verdict="confirm", note="", seen_version=waiting.version)
        wait_for(lambda: Label.objects.count() == 2, PATIENCE, "both labels")
    ended = make.reread(born)
    assert (ended.state, ended.outcome, ended.decided_by) == ("approved", "approve", "person")
    assert [event.name for event in ended.events.all()] == [
        "receive", "score", "send_to_people", "claim", "ask_signature", "sign_approval",
    ]  # fmt: skip
    assert [event.seq for event in ended.events.all()] == list(range(1, 7))
    assert Assessment.objects.filter(case=ended).count() == 1
    assert Route.objects.get(case=ended).way == "review"
    assert {label.source for label in Label.objects.all()} == {"decision", "signature"}
    assert all(label.is_bad is None for label in Label.objects.all())
    assert Case.objects.waiting_for_machine().count() == 0
    assert send_wake(coalesce=False)
