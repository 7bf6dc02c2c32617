"""The pages of reviewers: few cases tell nothing of a person, and nobody sees a colleague's page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cases.models import User
from desk.build.reviewer_course import course_tables
from learning import reviewers
from learning.reviewers import Decision
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


def test_the_course_of_a_day_is_drawn_where_two_parts_or_more_rest_on_enough_cases() -> None:
    start = datetime(2026, 11, 2, 9, tzinfo=UTC)
    decided = [
        Decision(
            reviewer=1,
            at=start + timedelta(days=day, minutes=place),
            seconds=60.0 + place,
            outcome="decline" if place < day else "approve",
            advice="approve",
        )
        for day in range(5)
        for place in range(12)
    ]
    hours, counts, _months = course_tables(decided)
    # All are decided within an hour: there is no course to draw.
    assert hours.drawings == ()
    assert [str(words) for words, _chart in counts.drawings] == []
    twice = course_tables([*decided, *[replace(each, reviewer=2) for each in decided]])[1]
    (overrides, drawn), (time, paces) = twice.drawings
    assert (overrides, [(row.words, row.figures) for row in drawn.rows]) == ("Overrides", [("10", "20%"), ("20", "0%")])
    assert (time, len(paces.rows)) == ("Median time, and half of the cases around it", 2)
