"""The packet that a decision stands on: frozen with it, computed anew at the signature, void when anything changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from cases import actions
from cases.canonical import canonical_sha256
from cases.errors import PacketChanged, StaleCase
from cases.freezing import changes_since, packet_now
from cases.models import Case, Review, Signature, User
from cases.packet import Packet, changes_of
from routing.models import Policy
from scoring.actions import contributions_sha256
from scoring.models import Assessment, ModelVersion
from tests import make
from tests.cases.history import everything, steps
from tests.cases.signing import attach, sign
from tests.together import at_once

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def decided(champion: ModelVersion, policy: Policy, reviewer: User) -> tuple[Case, Review]:
    return make.awaiting_case(reviewer, signing=make.signing(approve=2))


def test_the_packet_holds_all_that_the_decision_stands_on(
    decided: tuple[Case, Review], champion: ModelVersion, policy: Policy, reviewer: User, admin: User
) -> None:
    case, review = decided
    parts = review.packet["parts"]
    assert set(parts) == {"facts", "score", "route", "documents", "decision"}
    assert (parts["facts"]["amount"], parts["facts"]["features"]) == ("8000.00", case.features)
    assert parts["facts"]["applicant"] == {
        "source": "branch-los",
        "ref": "applicant of A-1",
        "name_sha256": hashlib.sha256("张敏".encode()).hexdigest(),
        "segment": "retail",
        "key_customer": True,
    }
    stored = Assessment.objects.get(case=case)
    assert parts["score"] == {
        "pd": case.pd,
        "pd_low": case.pd_low,
        "pd_high": case.pd_high,
        "points": case.points,
        "doubt": case.doubt,
        "model": str(champion),
        "model_sha256": champion.sha256,
        "contributions_sha256": contributions_sha256(stored.contributions),
    }
    assert (parts["route"]["policy"], parts["route"]["policy_sha256"]) == (str(policy), policy.sha256)
    assert (parts["route"]["signing"], parts["route"]["tuned_by"], parts["route"]["way"]) == (
        case.signing, admin.pk, "review",
    )  # fmt: skip
    assert parts["documents"] == {"files": []}
    assert parts["decision"] == {
        "reviewer": reviewer.pk,
        "outcome": "approve",
        "override": False,
        "reason_codes": ["stable_income"],
        "note": "a note for the test",
        "signature_reasons": ["key_customer", "policy:S2"],
        "signatures_needed": 2,
        "seen_version": case.version - 1,
        "opinion": None,
    }
    assert review.packet["hashes"] == {name: canonical_sha256(part) for name, part in parts.items()}
    assert review.packet_sha256 == canonical_sha256(review.packet["hashes"])


def test_the_packet_computed_anew_is_the_one_that_was_frozen(decided: tuple[Case, Review], supervisor: User) -> None:
    case, review = decided
    stored = Review.objects.get(pk=review.pk)
    assert packet_now(make.reread(case), stored).sha256 == stored.packet_sha256
    assert changes_since(make.reread(case), stored) == []
    assert sign(case, supervisor).packet_sha256 == stored.packet_sha256


Change = Callable[[dict[str, Any]], None]


def amount(parts: dict[str, Any]) -> None:
    parts["facts"]["amount"] = "9000.00"


def feature(parts: dict[str, Any]) -> None:
    parts["facts"]["features"] |= {"annual_income": 1, "sub_grade": 2}


def applicant(parts: dict[str, Any]) -> None:
    parts["facts"]["applicant"] |= {"segment": "sme"}


def model(parts: dict[str, Any]) -> None:
    parts["score"] |= {"model": "consumer v9", "model_sha256": "9" * 64, "pd": 0.5}


def explanation(parts: dict[str, Any]) -> None:
    parts["score"]["contributions_sha256"] = "8" * 64


def policy_version(parts: dict[str, Any]) -> None:
    parts["route"] |= {"policy": "consumer policy 9", "policy_sha256": "9" * 64, "advice": "decline", "signing": {}}


def document(parts: dict[str, Any]) -> None:
    parts["documents"]["files"] = [{"name": "x.pdf", "sha256": "7" * 64, "size": 3}]


def decision(parts: dict[str, Any]) -> None:
    parts["decision"]["note"] = "another note"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (amount, ["Amount changed: 8000.00 → 9000.00"]),
        (feature, ["Facts changed: annual_income, sub_grade"]),
        (applicant, ["What is known of the applicant changed"]),
        (model, ["Model changed: Consumer loan, version 1 → Consumer loan, version 9", "The score changed"]),
        (explanation, ["The explanation of the score changed"]),
        (policy_version, ["Policy changed: Consumer loan, version 1 → Consumer loan, version 9", "The advice changed",
                          "What the policy says of signatures changed"]),
        (document, ["Document added: x.pdf"]),
        (decision, ["The decision itself is not the one that was frozen"]),
    ],
)  # fmt: skip
def test_every_change_is_told_in_words(change: Change, words: list[str], decided: tuple[Case, Review]) -> None:
    _case, review = decided
    before = deepcopy(review.packet["parts"])
    before["score"]["model"] = "consumer v1"
    after = deepcopy(before)
    change(after)
    assert changes_of(Packet(before).as_json(), Packet(after)) == words


def test_a_document_added_after_the_decision_voids_it(
    decided: tuple[Case, Review], reviewer: User, supervisor: User
) -> None:
    case, _review = decided
    first = sign(case, supervisor)
    attach(case, reviewer, "statement.pdf")
    another = make.user("another", supervisor.role, authority=100_000)  # type: ignore[arg-type]
    before = everything()
    with pytest.raises(PacketChanged) as refusal:
        sign(case, another)
    assert refusal.value.changes == ("Document added: statement.pdf",)
    assert str(refusal.value) == (
        "The case is not the one that was decided, so no signature on it counts. Send it back."
        " Document added: statement.pdf"
    )
    with translation.override("zh-hans"), pytest.raises(PacketChanged, match=r"请退回。 新增材料：statement\.pdf$"):
        sign(case, another)
    for act in (actions.revise_decision, actions.ask_signer):
        given = {"outcome": "decline", "reason_codes": ["high_debt"], "note": "the income is not proven"}
        asked = {"signer_id": supervisor.pk, "reason": "a look at the income"}
        with pytest.raises(PacketChanged):
            act(
                case.pk,
                by=another,
                seen_version=make.reread(case).version,
                **(given if act is actions.revise_decision else asked),
            )
    assert everything() == before
    sign(case, another, "send_back", "look at the new statement")
    held = actions.claim_next(by=reviewer)
    again = make.decide(held, reviewer)
    assert again.packet["parts"]["documents"]["files"][0]["name"] == "statement.pdf"
    assert sign(case, supervisor).packet_sha256 == again.packet_sha256 != first.packet_sha256
    assert steps(case)[3:] == [
        "claim", "ask_signature", "countersign", "attach", "send_back", "claim", "ask_signature", "countersign",
    ]  # fmt: skip


def test_a_page_from_before_the_document_is_told_of_it_rather_than_that_it_is_old(
    decided: tuple[Case, Review], reviewer: User, supervisor: User
) -> None:
    case, _review = decided
    attach(case, reviewer)
    with pytest.raises(PacketChanged):
        actions.sign_case(case.pk, by=supervisor, verdict="confirm", note="", seen_version=case.version)
    with pytest.raises(StaleCase):
        actions.sign_case(
            case.pk, by=supervisor, verdict="send_back", note="a reason to go back", seen_version=case.version
        )


def test_a_decision_from_before_there_were_packets_is_signed_as_it_was(
    champion: ModelVersion, policy: Policy, reviewer: User, supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.deciding.freeze", lambda case, review: review.save(force_insert=True))
    case, review = make.awaiting_case(reviewer)
    assert (review.packet, review.packet_sha256) == ({}, "")
    assert (sign(case, supervisor).packet_sha256, make.reread(case).state) == ("", "approved")


def test_a_case_without_a_score_has_a_packet_too(policy: Policy, reviewer: User) -> None:
    held = make.claimed_case(reviewer, amount=Decimal(90_000))
    review = make.decide(held, reviewer)
    assert review.packet["parts"]["score"]["model_sha256"] == ""
    assert changes_since(make.reread(held), Review.objects.get(pk=review.pk)) == []


@pytest.mark.django_db(transaction=True)
def test_a_document_and_a_signature_at_once_come_one_after_the_other(
    decided: tuple[Case, Review], reviewer: User, supervisor: User
) -> None:
    case, _review = decided

    def signs() -> Signature:
        return actions.sign_case(case.pk, by=supervisor, verdict="confirm", note="", seen_version=case.version)

    signed, added = at_once(signs, lambda: attach(case, reviewer))
    assert not isinstance(added, Exception)
    assert isinstance(signed, Signature | PacketChanged)
    order = ["countersign", "attach"] if isinstance(signed, Signature) else ["attach"]
    assert steps(case)[5:] == order
    with pytest.raises(PacketChanged):
        sign(case, make.user("another", supervisor.role, authority=100_000))  # type: ignore[arg-type]
