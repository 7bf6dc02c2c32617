"""After a signature: the next decision that waits for this person, or the list."""

from __future__ import annotations

import pytest

from cases import actions
from cases.models import Case, User
from cases.states import Role, State
from desk.build.signoff_list import next_to_sign
from routing.models import Policy
from tests import make
from tests.cases.signing import attach
from tests.desk.conftest import SignsIn
from tests.desk.test_case_page import text_of
from tests.desk.test_deciding import sign


@pytest.fixture
def case(ground: Policy, reviewer: User) -> Case:
    return make.awaiting_case(reviewer)[0]


def test_after_a_signature_comes_the_next_that_waits_for_this_person_with_what_was_done(
    case: Case,
    reviewer: User,
    supervisor: User,
    signs_in: SignsIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    second_supervisor = make.user("second_supervisor", Role.SUPERVISOR, authority=100_000)
    own, _review = make.awaiting_case(supervisor, "N-1")
    large, _review = make.awaiting_case(reviewer, "N-2", amount="90000000.00")
    void, _review = make.awaiting_case(reviewer, "N-3")
    attach(void, reviewer)
    behind, _review = make.awaiting_case(reviewer, "N-4")
    # However many are beyond their authority, what they may sign is found behind them.
    monkeypatch.setattr("desk.build.signoff_list.LOOKED_AT", 1)
    assert next_to_sign(supervisor, own.pk) == behind
    named, _review = make.awaiting_case(reviewer, "N-5")
    actions.ask_signer(
        named.pk, by=second_supervisor, signer_id=supervisor.pk, reason="you know them", seen_version=named.version
    )
    client = signs_in(supervisor)
    # By name first, then what came behind, then from the beginning; never what they may not sign as it stands.
    for signed, following in ((behind, named), (named, case)):
        assert sign(client, make.reread(signed), "confirm")["Location"] == f"/signoff/{following.ref}"
        page = text_of(client.get(f"/signoff/{following.ref}").content.decode())
        assert f"{signed.ref} is signed" in page
        assert f"{following.ref} is next." in page
    assert sign(client, make.reread(case), "send_back", reason="the income is not proven")["Location"] == "/signoff"
    page = text_of(client.get("/signoff").content.decode())
    assert f"{case.ref} is sent back. Nothing else waits for your signature." in page
    assert {make.reread(each).state for each in (own, large, void)} == {State.AWAITING_SIGNOFF}


def test_who_stays_on_a_case_is_led_to_the_list(
    case: Case, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    make.awaiting_case(reviewer, "N-1")
    supervisor.goes_on = False
    supervisor.save()
    client = signs_in(supervisor)
    assert sign(client, make.reread(case), "confirm")["Location"] == "/signoff"
    assert "Nothing else waits" not in text_of(client.get("/signoff").content.decode())
