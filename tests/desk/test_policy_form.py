"""The form of a policy: what it gives back, what its buttons do, and where mistakes are told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.policy_form import Form, figure, form_of, pressed, rows_of
from desk.policy_reading import terms_from
from routing.arms import Exploration
from routing.capacity import Capacity
from routing.fields import feature_field
from routing.table.tables import Cell, Row, Table
from routing.terms import Bands, Example, Guard, Promise, Terms
from tests import make

LIMITS = Table(
    "limits",
    "first",
    (Row("L1", {"risk_band": Cell("in", ("A", "B")), "yearly_income": Cell("between", (1e4, 5e4), (True, False))},
         {"base": 30_000.0, "coefficient": 1.25}, "Good", "好"),),
    {"base": 1000.0},
)  # fmt: skip
FULL = make.terms(
    approve_below=1 / 12,
    cut_off=None,
    limits=LIMITS,
    features=(feature_field("age", "number", "Age", "年龄"),),
    lists={"blacklist": ("C-1", "C-2"), "industry_red": ()},
    segment_by="region",
    segment_bands={"CA: south": Bands(1 / 30, 0.2), "NY": Bands(0.1, 0.3)},
    promise=Promise(0.05, None, 0.95, {"n": 12}),
    capacity=Capacity(12.5, 6.0, "approve", 0.07, 0.05),
    exploration=Exploration(0.01, 0.3, 10_000, 100_000, 10, 0.2, 0.3, 0.95),
    guard=Guard(0.04, 300, True),
    learned_value={"kind": "tree"},
    examples=(
        Example(
            "One",
            "一",
            {"pd": 1 / 3, "region": "true", "channel": "12%", "key_customer": True, "amount": None},
            "review",
        ),
    ),
)


@pytest.mark.parametrize("terms", [make.terms(), FULL], ids=["the sample's", "everything"])
def test_the_form_of_a_version_reads_back_as_the_same_version(terms: Terms) -> None:
    found, problems = terms_from(form_of(terms, "why"), terms)
    assert problems == []
    assert found is not None
    assert found.to_dict() == terms.to_dict()
    assert found.sha256 == terms.sha256


@given(
    low=st.floats(0.0001, 0.2), share=st.floats(0, 1), amount=st.floats(1e-3, 1e12), hours=st.floats(0.1, 8760),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_no_digit_of_a_figure_is_lost_between_form_and_terms(
    low: float, share: float, amount: float, hours: float
) -> None:
    terms = make.terms(approve_below=low, cut_off=None, decline_above=min(low * 2, 1), audit_share=share,
                       amount_limit=amount, sla_hours=hours)  # fmt: skip
    found, problems = terms_from(form_of(terms, ""), terms)
    assert problems == []
    assert found is not None
    assert found.sha256 == terms.sha256


ACTS = st.one_of(
    st.sampled_from(["add_row rules", "add_column rules", "add_example", "add_table limits", "remove_table limits"]),
    st.builds("{} {} {}".format, st.sampled_from(["remove_row", "up", "down", ""]), st.sampled_from(["rules", "x", ""]),
              st.one_of(st.integers(-2, 12).map(str), st.sampled_from(["", "²", "٣", "9" * 5000]))),
    st.builds("remove_column rules {}".format, st.sampled_from(["band", "pd", ""])),
    st.builds("remove_example {}".format, st.sampled_from(["0", "1", "99", ""])),
)  # fmt: skip


@given(acts=st.lists(ACTS, max_size=8), field=st.sampled_from(["pd", "amount", "", "nothing"]))
@settings(max_examples=80, deadline=None)
def test_whatever_is_pressed_the_form_stays_one_that_can_be_read(acts: list[str], field: str) -> None:
    form = form_of(make.terms(), "")
    for act in acts:
        form = pressed(form | {"rules.new": field}, act)
    found, problems = terms_from(form, make.terms())
    assert (found is None) == bool(problems)


def test_a_row_is_added_with_an_id_of_its_own_moved_and_removed() -> None:
    form = pressed(form_of(make.terms(), ""), "add_row rules")
    last = len(rows_of(form, "rules")) - 1
    assert form[f"rules.{last}.id"] == "R11"
    form = pressed(form | {f"rules.{last}.then.way": "review", f"rules.{last}.en": "New"}, f"up rules {last}")
    assert (form[f"rules.{last - 1}.id"], form[f"rules.{last}.id"]) == ("R11", "R10")
    found, _problems = terms_from(form, make.terms())
    assert found is not None
    assert [row.id for row in found.rules.rows][-2:] == ["R11", "R10"]
    assert pressed(form, "up rules 0") == form
    gone = pressed(form, f"remove_row rules {last - 1}")
    found, _problems = terms_from(gone, make.terms())
    assert found is not None
    assert found.rules == make.terms().rules


def test_a_column_is_added_filled_and_removed_with_its_cells() -> None:
    form = pressed(form_of(make.terms(), "") | {"rules.new": "term_months"}, "add_column rules")
    form["rules.0.if.term_months"] = "[12, 36)"
    found, _problems = terms_from(form, make.terms())
    assert found is not None
    assert found.rules.rows[0].cells["term_months"] == Cell("between", (12.0, 36.0), (True, False))
    gone = pressed(form, "remove_column rules term_months")
    assert not [name for name in gone if name.endswith("term_months") and name.startswith("rules.0")]
    found, _problems = terms_from(gone, make.terms())
    assert found is not None
    assert found.rules == make.terms().rules


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ({"approve_below": "a lot"}, "approve_below"),
        ({"approve_below": "50"}, "decline_above"),
        ({"audit_share": "101"}, "audit_share"),
        ({"sla_hours": "1e999"}, "sla_hours"),
        ({"currency": "dollars"}, "currency"),
        ({"rules.0.if.key_customer": "perhaps"}, "rules.0.if.key_customer"),
        ({"rules.1.then.way": "away"}, "rules.1.then.way"),
        ({"rules.1.then.tier": "many"}, "rules.1.then.tier"),
        ({"rules.2.id": ""}, "rules.2.id"),
        ({"rules.hit": "all"}, "rules.hit"),
        ({"rules.default.then.way": "approve"}, "rules.default.then.way"),
        ({"guard.on": "yes", "guard.least_cases": "3"}, "guard.least_cases"),
        ({"guard.on": "yes", "guard.least_cases": "200.5"}, "guard.least_cases"),
        ({"capacity.on": "yes", "capacity.fallback": "approve"}, "capacity.appetite"),
        ({"exploration.on": "yes", "exploration.budget": "1"}, "exploration.highest_exposure"),
        ({"promise.on": "yes", "promise.miss_rate": "100"}, "promise.miss_rate"),
        ({"segment_by": "region", "segment_bands": "CA 10 20"}, "segment_bands"),
        ({"segment_by": "region", "segment_bands": "CA: 20, 10"}, "segment_bands"),
        ({"segment_bands": "CA: 10, 20"}, "segment_by"),
        ({"example.0.inputs": "pd 0.3"}, "example.0.inputs"),
    ],
)
def test_what_is_wrong_is_told_where_it_was_typed(typed: Form, at: str) -> None:
    found, problems = terms_from(form_of(make.terms(), "") | typed, make.terms())
    assert found is None
    assert at in [problem.field for problem in problems]
    assert all(problem.words for problem in problems)


def test_figures_are_written_with_all_their_digits_and_no_exponent() -> None:
    told = [figure(None), figure(0.12, percent=True), figure(39_000), figure(1e-7), figure(1e17), figure(0.1 + 0.2)]
    assert told == ["", "12", "39000", "0.0000001", "100000000000000000", "0.30000000000000004"]


def test_switching_a_part_off_takes_it_out_of_the_terms() -> None:
    form = form_of(FULL, "") | {
        "guard.on": "",
        "promise.on": "",
        "capacity.on": "",
        "exploration.on": "",
        "limits.on": "",
    }
    found, problems = terms_from(form, FULL)
    assert problems == []
    assert found == replace(FULL, guard=None, promise=None, capacity=None, exploration=None, limits=None)
