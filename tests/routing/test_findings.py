"""What is said against a version before it may be proposed, beside what its tables say of themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from riskreview import sample
from routing.examples import failing_examples
from routing.findings import findings_of
from routing.table.shapes import HitPolicy
from routing.table.tables import Cell, Row
from routing.terms import Example, Terms, TermsError


def without_row(terms: Terms, ident: str) -> Terms:
    rows = tuple(row for row in terms.rules.rows if row.id != ident)
    return replace(terms, rules=replace(terms.rules, rows=rows))


def errors(terms: Terms) -> list[str]:
    return [finding.code for finding in findings_of(terms) if finding.severity == "error"]


def test_the_usual_tables_keep_the_machine_within_its_authority() -> None:
    assert errors(sample.TERMS) == []


def test_every_row_that_approves_must_leave_to_people_what_they_must_see() -> None:
    # R10 is bound by the rows beside it: without one of them it is not, whatever the examples show.
    for gone, field, en in (
        ("R1", "key_customer", "Key customer is yes"),
        ("R2", "amount_above_limit", "Amount above the limit is yes, Amount asked for above 39,000"),
        ("R3", "opted_out", "Wants no automated decision is yes"),
    ):
        (finding,) = [each for each in findings_of(without_row(sample.TERMS, gone)) if each.severity == "error"]
        assert (finding.code, finding.rows, finding.field) == ("above_authority", ("R10",), field)
        assert finding.en == (
            f"R10 approves cases that people must see ({en}): no row that comes before it takes all of them."
        )


def test_a_row_may_bound_the_amount_itself() -> None:
    bound = without_row(sample.TERMS, "R2")
    rows = tuple(
        replace(row, cells={**row.cells, "amount": Cell("<=", (bound.amount_limit,))}) if row.id == "R10" else row
        for row in bound.rules.rows
    )
    assert errors(replace(bound, rules=replace(bound.rules, rows=rows))) == []


def test_more_than_the_credit_limit_is_kept_for_people_where_there_is_one() -> None:
    unbound = without_row(sample.TERMS, "R7")
    assert [each.field for each in findings_of(unbound) if each.severity == "error"] == ["over_limit"]
    assert errors(replace(unbound, limits=None)) == []


@pytest.mark.parametrize("hit", ["first", "collect"])
def test_a_row_that_approves_by_channel_is_an_error_where_it_comes_first(hit: HitPolicy) -> None:
    vip = Row("R0", {"channel": Cell("=", ("branch",)), "pd": Cell("<", (0.05,))}, {"way": "approve"}, "VIP", "贵宾")
    terms = replace(sample.TERMS, rules=replace(sample.TERMS.rules, hit=hit, rows=(vip, *sample.TERMS.rules.rows)))
    found = [(each.rows, each.field) for each in findings_of(terms) if each.severity == "error"]
    fields = ("opted_out", "key_customer", "amount_above_limit", "over_limit")
    assert found == ([(("R0",), field) for field in fields] if hit == "first" else [])


def test_an_example_that_cannot_be_read_names_the_input_in_both_languages() -> None:
    strange = Example("Odd", "奇怪", {"pd": 0.05, "points": "many"}, "approve")
    (failure,) = failing_examples(replace(sample.TERMS, examples=(strange,)))
    assert (failure.got, failure.en, failure.zh) == ("", "the value of points cannot be read", "无法读取 points 的值")


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ({"lists": {"blacklist": "abc"}}, "lists.blacklist"),
        ({"lists": {"blacklist": 7}}, "lists.blacklist"),
        ({"capacity": {"hours_a_day": -1.0, "minutes_a_look": 6.0, "fallback": "wait"}}, "capacity.hours_a_day"),
        ({"capacity": {"colour": 1.0}}, "capacity"),
    ],
)
def test_a_part_that_cannot_be_is_named(part: dict[str, Any], field: str) -> None:
    with pytest.raises(TermsError) as refusal:
        Terms.from_dict({**sample.TERMS.to_dict(), **part})
    assert refusal.value.field == field
