"""The pages of reviewers: few cases tell nothing of a person, and nobody sees a colleague's page."""

from __future__ import annotations

from cases.models import User
from learning import reviewers
from routing.models import Policy
from tests import make
from tests.desk.conftest import SignsIn
from tests.desk.test_team import words


def test_a_person_sees_their_own_page_and_no_other_and_few_cases_tell_nothing(
    ground: Policy,
    reviewer: User,
    second_reviewer: User,
    supervisor: User,
    auditor: User,
    admin: User,
    signs_in: SignsIn,
) -> None:
    make.released_at_once(admin)
    for number, outcome in enumerate(("approve", "decline", "decline")):
        make.decide(make.claimed_case(reviewer, f"A-{number}", key_customer=False), reviewer, outcome=outcome)
    own = signs_in(reviewer)
    assert "Own figures" in own.get("/review").content.decode()
    seen = words(own, "/team/reviewers/reviewer")
    assert "too few: 1 of 20" not in seen
    assert "too few: 3 of 20" in seen
    assert "Chances of error are drawn to the team" in seen
    # Neither a colleague's nor one that is not there: the two cannot be told apart.
    for path in ("/team/reviewers/second_reviewer", "/team/reviewers/nobody", "/team/reviewers"):
        assert own.get(path).status_code == 403
    for person in (supervisor, auditor):
        assert signs_in(person).get("/team/reviewers/reviewer").status_code == 200
    assert signs_in(supervisor).get("/team/reviewers/nobody").status_code == 404
    everybody = words(signs_in(supervisor, "zh-hans"), "/team/reviewers")
    assert "过少：3 / 20" in everybody
    assert "不是排名" in everybody
    assert reviewers.LEAST_SHOWN == 20
