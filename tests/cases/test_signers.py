"""Who may sign: four-eyes by person, within one's authority, with one's own pen or that of somebody who gave it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from cases import actions
from cases.delegating import end_delegation, give_pen
from cases.errors import BadDecision, BeyondAuthority, FourEyes, NotAllowed, PacketChanged
from cases.models import Case, Delegation, Review, Signature, User
from cases.office import OFFICE
from cases.signers import Signers, signers_for
from cases.signoff import awaiting_signature
from cases.states import Role
from routing.models import Policy
from routing.table.tables import Cell, Row, Table
from tests import make
from tests.cases.history import everything, steps
from tests.cases.signing import attach, pen, sign
from tests.together import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("champion", "policy")]
NOTE = "look at the income again"


@pytest.fixture
def second_supervisor() -> User:
    return make.user("second_supervisor", Role.SUPERVISOR, authority=100_000)


def today() -> date:
    return timezone.now().astimezone(OFFICE).date()


def test_who_wrote_the_policy_signs_nothing_that_it_routed(reviewer: User, admin: User, policy: Policy) -> None:
    case, _review = make.awaiting_case(reviewer)
    assert case.tuned_by == admin == policy.drafted_by
    User.objects.filter(pk=admin.pk).update(role=Role.SUPERVISOR, authority_amount=100_000, authority_currency="USD")
    promoted = User.objects.get(pk=admin.pk)
    before = everything()
    for verdict in ("confirm", "send_back"):
        with pytest.raises(FourEyes, match=r"^You wrote the policy that routed this case: another person must sign"):
            sign(case, promoted, verdict, NOTE)
    assert everything() == before
    assert list(awaiting_signature(promoted)) == []


@pytest.mark.parametrize(("amount", "currency"), [(7_999, "USD"), (100_000, "CNY")])
def test_nobody_approves_beyond_their_authority_but_may_send_back(amount: int, currency: str, reviewer: User) -> None:
    case, _review = make.awaiting_case(reviewer)
    boss = make.user("boss", Role.SUPERVISOR, authority=amount, currency=currency)
    before = everything()
    with pytest.raises(BeyondAuthority, match=r"^Beyond your authority: add a signer who may sign it\.$"):
        sign(case, boss)
    assert everything() == before
    assert list(awaiting_signature(boss)) == [case]
    sign(case, boss, "send_back", NOTE)
    assert make.reread(case).state == "queued"


def test_authority_up_to_the_amount_is_enough_and_a_decline_needs_none(reviewer: User) -> None:
    case, _review = make.awaiting_case(reviewer)
    sign(case, make.user("exact", Role.SUPERVISOR, authority=8_000))
    assert make.reread(case).state == "approved"
    declined, _review = make.awaiting_case(reviewer, "A-2", outcome="decline")
    sign(declined, make.user("nothing", Role.SUPERVISOR))
    assert make.reread(declined).state == "declined"


def test_who_decided_the_case_once_does_not_sign_what_others_decide_later(
    reviewer: User, supervisor: User, second_supervisor: User
) -> None:
    case, _review = make.awaiting_case(supervisor)
    actions.revise_decision(
        case.pk, by=second_supervisor, outcome="decline", reason_codes=["high_debt"], note=NOTE,
        seen_version=case.version,
    )  # fmt: skip
    before = everything()
    for person in (supervisor, second_supervisor):
        with pytest.raises(FourEyes):
            sign(case, person)
        assert list(awaiting_signature(person)) == []
    assert everything() == before


def test_a_pen_signs_on_behalf_of_its_giver_with_their_authority(
    reviewer: User, second_reviewer: User, supervisor: User
) -> None:
    case, review = make.awaiting_case(reviewer, amount=Decimal(90_000))
    with pytest.raises(NotAllowed):
        sign(case, second_reviewer)
    pen(supervisor, second_reviewer)
    signature = sign(case, second_reviewer, note="agreed")
    assert (signature.signer, signature.on_behalf_of) == (second_reviewer, supervisor)
    assert case.events.latest("seq").facts == {
        "review": review.pk,
        "signature": signature.pk,
        "note": "agreed",
        "on_behalf_of": "supervisor",
        "on_behalf_of_id": supervisor.pk,
    }
    assert make.reread(case).state == "approved"


def test_the_giver_s_own_cases_and_limits_bind_the_holder(
    reviewer: User, second_reviewer: User, supervisor: User, second_supervisor: User
) -> None:
    own, _review = make.awaiting_case(supervisor)
    large, _review = make.awaiting_case(reviewer, "A-2", amount=Decimal(200_000))
    entered, _review = make.awaiting_case(reviewer, "A-3", entered_by=supervisor)
    mine, _review = make.awaiting_case(second_reviewer, "A-4")
    pen(supervisor, second_reviewer)
    before = everything()
    for case in (own, entered):
        with pytest.raises(FourEyes, match=r"^You would sign for supervisor, who decided or entered this case"):
            sign(case, second_reviewer)
    with pytest.raises(BeyondAuthority):
        sign(large, second_reviewer)
    with pytest.raises(FourEyes, match=r"^A second person must sign"):
        sign(mine, second_reviewer)
    assert everything() == before


def test_one_pen_signs_a_decision_once_whoever_holds_it(
    reviewer: User, second_reviewer: User, supervisor: User, second_supervisor: User
) -> None:
    pen(supervisor, second_reviewer)
    case, _review = make.awaiting_case(reviewer, signing=make.signing(approve=2))
    sign(case, second_reviewer)
    said = r"^supervisor, or somebody on their behalf, has signed this decision"
    with pytest.raises(FourEyes, match=said):
        sign(case, supervisor)
    other, _review = make.awaiting_case(reviewer, "A-2", signing=make.signing(approve=2))
    sign(other, supervisor)
    with pytest.raises(FourEyes, match=said):
        sign(other, second_reviewer)
    for each in (case, other):
        sign(each, second_supervisor)
        assert make.reread(each).state == "approved"


@pytest.mark.django_db(transaction=True)
def test_giver_and_holder_at_once_sign_once(reviewer: User, second_reviewer: User, supervisor: User) -> None:
    pen(supervisor, second_reviewer)
    case, review = make.awaiting_case(reviewer, signing=make.signing(approve=2))
    answers = at_once(*[
        lambda who=who: actions.sign_case(case.pk, by=who, verdict="confirm", note="", seen_version=case.version)
        for who in (supervisor, second_reviewer)
    ])  # fmt: skip
    assert sorted(type(answer).__name__ for answer in answers) == ["Signature", "StaleCase"]
    assert review.signatures.count() == 1


def test_a_supervisor_whose_own_authority_ends_signs_with_the_pen_of_another(reviewer: User, supervisor: User) -> None:
    junior = make.user("junior", Role.SUPERVISOR, authority=5_000)
    pen(supervisor, junior)
    small, _review = make.awaiting_case(reviewer, "A-1", amount=Decimal(4_000))
    large, _review = make.awaiting_case(reviewer, "A-2")
    assert sign(small, junior).on_behalf_of is None
    assert sign(large, junior).on_behalf_of == supervisor


def test_a_pen_that_was_taken_back_signs_no_more(reviewer: User, second_reviewer: User, supervisor: User) -> None:
    case, _review = make.awaiting_case(reviewer)
    given = pen(supervisor, second_reviewer)
    ended = end_delegation(given.pk, by=supervisor).ended_at
    assert end_delegation(given.pk, by=second_reviewer).ended_at == ended
    before = everything()
    with pytest.raises(NotAllowed):
        sign(case, User.objects.get(pk=second_reviewer.pk))
    assert everything() == before


def test_a_delegation_that_does_not_fit_is_refused(
    reviewer: User, second_reviewer: User, supervisor: User, second_supervisor: User, auditor: User
) -> None:
    day = timedelta(days=1)
    pen(supervisor, reviewer, days=5)
    why = "on leave this week"
    for by, holder, first, last, reason, field in [
        (second_supervisor, second_reviewer, today(), today(), "leave", "reason"),
        (second_supervisor, second_reviewer, today(), today(), "x" * 201, "reason"),
        (second_supervisor, auditor, today(), today(), why, "holder"),
        (second_supervisor, second_supervisor, today(), today(), why, "holder"),
        (second_supervisor, second_reviewer, today() - day, today(), why, "first_day"),
        (second_supervisor, second_reviewer, today(), today() - day, why, "last_day"),
        (second_supervisor, second_reviewer, today(), today() + 60 * day, why, "last_day"),
        (second_supervisor, reviewer, today() + 5 * day, today() + 9 * day, why, "holder"),
        (supervisor, second_reviewer, today() + 5 * day, today() + 9 * day, why, "first_day"),
    ]:
        with pytest.raises(BadDecision) as refusal:
            give_pen(by=by, holder_id=holder.pk, first_day=first, last_day=last, reason=reason)
        assert refusal.value.field == field, (by, holder, first, last)
    with pytest.raises(NotAllowed):
        give_pen(by=reviewer, holder_id=second_reviewer.pk, first_day=today(), last_day=today(), reason=why)
    with pytest.raises(NotAllowed):
        end_delegation(Delegation.objects.get().pk, by=second_supervisor)
    with pytest.raises(BadDecision):
        end_delegation(0, by=supervisor)
    assert Delegation.objects.get().ended_at is None
    longest = give_pen(
        by=second_supervisor, holder_id=second_reviewer.pk, first_day=today() + day, last_day=today() + 60 * day,
        reason=why,
    )  # fmt: skip
    assert (longest.ends_at - longest.starts_at).days == 60
    assert give_pen(
        by=supervisor, holder_id=reviewer.pk, first_day=today() + 6 * day, last_day=today() + 6 * day, reason=why
    )


# Looked at when each act ends: what was missing then is not missing at the end of the test.
@pytest.mark.django_db(transaction=True)
def test_a_signer_asked_by_name_must_sign_too(
    reviewer: User, second_reviewer: User, supervisor: User, second_supervisor: User
) -> None:
    case, review = make.awaiting_case(reviewer)
    asked = actions.ask_signer(
        case.pk, by=supervisor, signer_id=second_supervisor.pk, reason="she knows the group", seen_version=case.version
    )
    assert (asked.review, asked.asked_by, asked.signer) == (review, supervisor, second_supervisor)
    event = case.events.latest("seq")
    assert (event.name, event.facts) == (
        "ask_signer",
        {"review": review.pk, "asked_signer": "second_supervisor", "asked_signer_id": second_supervisor.pk,
         "reason": "she knows the group"},
    )  # fmt: skip
    sign(case, supervisor)
    assert make.reread(case).state == "awaiting_signoff"
    with pytest.raises(BadDecision) as refusal:
        actions.ask_signer(
            case.pk, by=reviewer, signer_id=second_supervisor.pk, reason="she knows the group",
            seen_version=make.reread(case).version,
        )  # fmt: skip
    assert refusal.value.field == "signer"
    sign(case, second_supervisor)
    assert make.reread(case).state == "approved"
    assert steps(case)[4:] == ["ask_signature", "ask_signer", "countersign", "sign_approval"]


def test_only_who_may_sign_is_asked_and_only_by_who_has_a_part_in_it(
    reviewer: User, second_reviewer: User, supervisor: User, second_supervisor: User, auditor: User
) -> None:
    case, review = make.awaiting_case(reviewer, amount=Decimal(90_000), entered_by=second_supervisor)
    junior = make.user("junior", Role.SUPERVISOR, authority=5_000)
    far = make.user("far", Role.SUPERVISOR, authority=500_000)
    around = Signers.read(case, review)
    assert signers_for(around, by=junior) == [far, supervisor]
    assert signers_for(around, by=supervisor, asked={far.pk}) == []
    pen(supervisor, second_reviewer)
    assert signers_for(around, by=far) == [second_reviewer, supervisor]
    assert signers_for(around, by=supervisor) == [far]
    before = everything("cases_askedsigner", "cases_case", "cases_caseevent")
    for by, signer, reason, error in [
        (auditor, far, "she knows the group", NotAllowed),
        (make.user("third_reviewer", Role.REVIEWER), far, "she knows the group", NotAllowed),
        (junior, second_supervisor, "she knows the group", BadDecision),
        (junior, reviewer, "she knows the group", BadDecision),
        (junior, junior, "she knows the group", BadDecision),
        (junior, far, "brief", BadDecision),
    ]:
        with pytest.raises(error):
            actions.ask_signer(case.pk, by=by, signer_id=signer.pk, reason=reason, seen_version=case.version)
    assert everything("cases_askedsigner", "cases_case", "cases_caseevent") == before
    actions.ask_signer(case.pk, by=junior, signer_id=far.pk, reason="she knows the group", seen_version=case.version)


def test_a_signer_puts_the_reasons_right_and_signs(reviewer: User, supervisor: User) -> None:
    case, review = make.awaiting_case(reviewer)
    for codes, field in ((["high_debt"], "reason_codes"), (["other", "x"], "reason_codes")):
        with pytest.raises(BadDecision) as refusal:
            sign(case, supervisor, note="the record speaks for it", reason_codes=codes)
        assert refusal.value.field == field
    signature = sign(case, supervisor, note="the record speaks for it", reason_codes=["good_record", "low_burden"])
    assert (signature.corrected_codes, signature.note) == (["good_record", "low_burden"], "the record speaks for it")
    assert Review.objects.get(pk=review.pk).reason_codes == ["stable_income"]
    assert case.events.latest("seq").facts["corrected_codes"] == ["good_record", "low_burden"]
    assert make.reread(case).state == "approved"


def test_the_same_reasons_are_no_correction(reviewer: User, supervisor: User) -> None:
    case, _review = make.awaiting_case(reviewer)
    assert sign(case, supervisor, reason_codes=["stable_income"]).corrected_codes is None


def test_another_outcome_is_a_new_decision_that_a_third_person_signs(
    reviewer: User, supervisor: User, second_supervisor: User
) -> None:
    case, first = make.awaiting_case(reviewer, signing=make.signing(approve=2))
    sign(case, second_supervisor)
    revised = actions.revise_decision(
        case.pk, by=supervisor, outcome="decline", reason_codes=["high_debt"], note=NOTE,
        seen_version=case.version + 1,
    )  # fmt: skip
    assert (revised.reviewer, revised.outcome, revised.is_override) == (supervisor, "decline", True)
    assert (revised.signature_reasons, revised.signatures_needed) == (["key_customer", "revised"], 1)
    event = case.events.latest("seq")
    assert (event.name, event.actor, event.facts["instead_of"], event.facts["outcome"]) == (
        "revise", supervisor, first.pk, "decline",
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        sign(case, reviewer)
    signature = sign(case, second_supervisor)
    assert (signature.review, make.reread(case).state) == (revised, "declined")
    assert steps(case)[3:] == ["claim", "ask_signature", "countersign", "revise", "sign_decline"]


def test_a_revision_that_is_incomplete_or_the_same_changes_nothing(
    reviewer: User, second_reviewer: User, supervisor: User
) -> None:
    case, _review = make.awaiting_case(reviewer)
    before = everything()
    for by, outcome, codes, note, error in [
        (supervisor, "approve", ["good_record"], NOTE, BadDecision),
        (supervisor, "decline", [], NOTE, BadDecision),
        (supervisor, "decline", ["high_debt"], "brief", BadDecision),
        (supervisor, "watch", ["high_debt"], NOTE, BadDecision),
        (second_reviewer, "decline", ["high_debt"], NOTE, NotAllowed),
        (reviewer, "decline", ["high_debt"], NOTE, NotAllowed),
    ]:
        with pytest.raises(error):
            actions.revise_decision(
                case.pk, by=by, outcome=outcome, reason_codes=codes, note=note, seen_version=case.version
            )
    assert everything() == before


def test_the_matrix_of_the_policy_asks_by_amount_risk_and_direction_of_the_override(
    reviewer: User, admin: User, supervisor: User
) -> None:
    def asks(row: str, more: float, **cells: Cell) -> Row:
        return Row(row, cells, {"signatures": more}, f"matrix {row}", f"矩阵 {row}")

    to_approve, large, risky = Cell("=", ("to_approve",)), Cell(">=", (20_000.0,)), Cell(">=", (0.001,))
    matrix = Table(
        "signatures",
        "collect",
        (
            asks("M1", 1.0, override=Cell("=", ("to_decline",))),
            asks("M2", 1.0, override=to_approve),
            asks("M3", 2.0, outcome=Cell("=", ("approve",)), amount=large, pd=risky),
        ),
        {"signatures": 0.0},
    )
    make.policy(admin, supervisor, audit_share=1.0, signatures=matrix)
    small = make.queued_case("A-1", key_customer=False)
    large_case = make.queued_case("A-2", key_customer=False, amount=Decimal(24_000))
    assert {case.advice for case in (small, large_case)} == {"approve"}

    def asked(case: Case) -> dict[str, tuple[int, list[str]]]:
        said = {key: (part["signatures"], [row["row"] for row in part["rows"]]) for key, part in case.signing.items()}
        return dict(sorted(said.items()))

    assert asked(small) == {"approve": (0, []), "decline": (1, ["M1"])}
    assert asked(large_case) == {"approve": (2, ["M3"]), "decline": (1, ["M1"])}


def test_a_changed_case_is_told_before_a_missing_authority(reviewer: User) -> None:
    case, _review = make.awaiting_case(reviewer)
    attach(case, reviewer)
    with pytest.raises(PacketChanged):
        sign(case, make.user("junior", Role.SUPERVISOR))
    assert Signature.objects.count() == 0
