"""What is said against a version before it may be proposed, beside what its tables say of themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from riskreview import sample
from routing.examples import failing_examples
from routing.findings import findings_of
from routing.terms import Example, Terms, TermsError


def without_row(terms: Terms, ident: str) -> Terms:
    rows = tuple(row for row in terms.rules.rows if row.id != ident)
    return replace(terms, rules=replace(terms.rules, rows=rows))


def test_the_usual_tables_keep_the_machine_within_its_authority() -> None:
    assert [finding.code for finding in findings_of(sample.TERMS) if finding.severity == "error"] == []


def test_a_table_that_lets_the_machine_approve_above_the_amount_limit_is_an_error() -> None:
    # Beside R2, R7 asks for a look at more than the credit limit: only without both the machine is unbound.
    unbound = without_row(without_row(sample.TERMS, "R2"), "R7")
    (finding,) = [each for each in findings_of(unbound) if each.severity == "error"]
    assert (finding.code, finding.rows, finding.field) == ("above_authority", ("R10",), "amount")
    assert finding.en == "the machine would approve “A clearly good loan” also above the amount limit"
    assert finding.zh == "“明显优质的贷款”即使超过金额限额也会被机器批准"


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
