"""Why each rule of the policy hit a case or did not, told from what its route kept."""

from __future__ import annotations

import re

import pytest

from cases.models import Case, User
from desk.build.rule_trace import rule_lines
from routing.models import Route
from tests.desk.conftest import SignsIn
from tests.desk.test_policies import book, in_force, text_of

__all__ = ["book", "in_force"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "asks “Key customer is yes”; here it is no"),
        ("zh-hans", "要求“重点客户 等于 是”；本案为 否"),
    ],
)
def test_a_case_tells_why_each_rule_hit_or_not(
    language: str, words: str, book: list[Case], supervisor: User, signs_in: SignsIn
) -> None:
    plain, key = book[0], book[-1]
    text = text_of(signs_in(supervisor, language).get(f"/review/{plain.ref}"))
    assert words in text
    if language == "en":
        assert re.search(
            r"R10 PD below the approval line → machine approves Band of the PD is approve hits · decides", text
        )
        other = text_of(signs_in(supervisor).get(f"/review/{key.ref}"))
        assert re.search(
            r"R1 Key customer: always reviewed by a person → people look Key customer is yes hits · decides", other
        )


def test_a_route_whose_trace_is_of_another_table_tells_nothing(
    book: list[Case], supervisor: User, signs_in: SignsIn
) -> None:
    found = Route.objects.filter(case=book[0]).latest()
    found.trace = "ff"
    assert rule_lines(found) == ()
    found.trace = "no hexadecimal"
    assert rule_lines(found) == ()
    assert rule_lines(None) == ()
