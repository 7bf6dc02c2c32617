"""Words that a version asks for and that no case of the product has."""

from __future__ import annotations

from dataclasses import replace

from cases.models import User
from routing import drafting, seen_words
from routing.table.tables import Cell, Row
from routing.terms import Terms
from tests import make


def asking(**cells: Cell) -> Terms:
    row = Row("R11", cells, {"way": "review"}, "Words", "词语")
    terms = make.terms()
    return replace(terms, rules=replace(terms.rules, rows=(*terms.rules.rows, row)))


def test_a_word_that_no_case_has_is_a_warning(admin: User) -> None:
    make.cases(60, region="CA", industry="mining")
    make.cases(40, source="other", region="NY", industry="mining")
    terms = asking(region=Cell("in", ("CA", "New York")), industry=Cell("=", ("minning",)))
    found = seen_words.unseen_words(terms, "consumer")
    told = [(each.code, each.severity, each.rows, each.field) for each in found["rules"]]
    # In the order of a row's cells.
    assert told == [
        ("unseen_word", "warning", ("R11",), "industry"),
        ("unseen_word", "warning", ("R11",), "region"),
    ]
    assert found["rules"][1].en == "None of the last 100 cases has “New York” as Region: is it spelt as cases have it?"
    assert found["rules"][1].zh == "最近 100 件案件的“地区”均不是“New York”：写法是否与案件一致？"
    assert (found["signatures"], seen_words.unseen_words(terms, "other")) == ([], {})
    tested = drafting.test_policy(drafting.draft_policy("consumer", by=admin, terms=terms).pk, by=admin)
    assert [each.field for each in tested.findings if each.code == "unseen_word"] == ["industry", "region"]


def test_words_of_a_products_own_fields_are_looked_for_too(admin: User) -> None:
    make.cases(100, features={**make.CLEAR_FEATURES, "income_verified": "verified"})
    terms = asking(feature_income_verified=Cell("in", ("verified", "by nobody")))
    (finding,) = seen_words.unseen_words(terms, "consumer")["rules"]
    assert "“by nobody”" in finding.en


def test_of_few_cases_nothing_is_said_and_nothing_is_asked_where_no_word_is(admin: User) -> None:
    make.cases(99)
    assert seen_words.unseen_words(asking(region=Cell("=", ("TX",))), "consumer") == {}
    make.case("A-100")
    assert seen_words.unseen_words(make.terms(), "consumer") == {}
