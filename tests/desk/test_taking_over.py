"""Taking over at the desk: offered to supervisors only, refused without a reason, told in the history."""

from __future__ import annotations

import pytest
from django.test import Client

from cases import actions
from cases.models import Case, Claim, User
from cases.states import State
from routing.models import Policy
from tests import make
from tests.desk.conftest import SignsIn

REASON = "The reviewer is ill this week."


def take_over(client: Client, case: Case, reason: str = REASON) -> tuple[int, str]:
    answer = client.post(f"/review/{case.ref}/take-over", {"reason": reason, "view": "open"})
    return answer.status_code, answer.headers.get("Location", "")


def test_a_supervisor_takes_a_held_case_and_its_history_says_why(
    ground: Policy, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    held = make.claimed_case(reviewer)
    boss, client = signs_in(supervisor), signs_in(reviewer)
    assert f'action="/review/{held.ref}/take-over"' in boss.get(f"/review/{held.ref}").content.decode()
    assert take_over(boss, held) == (302, f"/review/{held.ref}?view=open")
    page = boss.get(f"/review/{held.ref}").content.decode()
    assert f"You hold {held.ref} now." in page
    assert "data-decision" in page
    assert page.count("taken over by a supervisor") == 2
    assert page.count(f"“{REASON}”") == 2
    late = client.post(f"/review/{held.ref}/decide", {"decision": "approve", "version": held.version, "note": ""})
    assert late.status_code == 409
    assert "You do not hold this case any more." in late.content.decode()
    assert "supervisor is reviewing this case." in client.get(f"/review/{held.ref}").content.decode()


def test_a_supervisor_takes_a_case_that_waits_for_somebody(
    ground: Policy, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    case, _review = make.awaiting_case(reviewer)
    actions.sign_case(
        case.pk, by=supervisor, verdict="send_back", note="Please add the pay slips.", seen_version=case.version
    )
    boss = signs_in(supervisor)
    page = boss.get(f"/review/{case.ref}").content.decode()
    assert "This case waits for reviewer." in page
    assert "Claim this case" not in page
    assert "Take over" in page
    assert take_over(boss, case)[0] == 302
    assert Claim.objects.get(ended_at=None).holder == supervisor


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("short", "Say why you take the case over, in ten characters or more."),
        ("x" * 4001, "Keep the note to 4,000 characters or fewer."),
    ],
)
def test_taking_over_without_a_good_reason_is_refused(
    reason: str, sentence: str, ground: Policy, reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    held = make.claimed_case(reviewer)
    answer = signs_in(supervisor).post(f"/review/{held.ref}/take-over", {"reason": reason})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert make.reread(held).version == held.version


def test_a_case_kept_for_somebody_who_left_is_offered_to_all(
    ground: Policy, reviewer: User, second_reviewer: User, supervisor: User, signs_in: SignsIn
) -> None:
    held = make.claimed_case(reviewer)
    actions.ask_information(held.pk, by=reviewer, note="three pay slips", seen_version=held.version)
    actions.receive_information(held.pk, by=supervisor, note="")
    reviewer.is_active = False
    reviewer.save(update_fields=["is_active"])
    client = signs_in(second_reviewer)
    page = client.get(f"/review/{held.ref}").content.decode()
    assert "Claim this case" in page
    assert "This case waits for" not in page
    assert "Take over" not in signs_in(supervisor).get(f"/review/{held.ref}").content.decode()
    client.post(f"/review/{held.ref}/claim")
    assert make.reread(held).state == State.IN_REVIEW
