"""What would change the answer: small, feasible changes that the model itself confirms."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from scoring.ml.champion import Champion
from scoring.ml.features import FeatureTable
from scoring.ml.vocabulary import Label, Words
from scoring.ml.whatif import Change, find_changes, training_quantiles
from tests.scoring.ml.conftest import Book

FloatArray = NDArray[np.float64]
FACTS: dict[str, object] = {
    "amount": 24000.0,
    "term_months": 60,
    "currency": "USD",
    "interest_rate": 14.0,
    "sub_grade": 12,
    "annual_income": 50000.0,
    "employment_years": 3,
    "income_verified": "not_verified",
    "delinquencies_2y": 2,
    "inquiries_12m": 6,
    "accounts_delinquent_now": 1,
    "open_instalment_accounts": 4,
    "credit_utilisation": 80.0,
}


@pytest.fixture(scope="module")
def quantiles(table: FeatureTable, book: Book) -> dict[str, tuple[float, ...] | None]:
    values = table.matrix(book.rows)
    return {
        feature.name: training_quantiles(values[:, column]) if feature.type == "number" else None
        for column, feature in enumerate(table.features)
    }


def weighed(table: FeatureTable, **weights: float) -> Callable[[FloatArray], FloatArray]:
    """A model that only adds up these features; what it cannot know counts as nought."""
    row = np.array([weights.get(name, 0.0) for name in table.names])
    return lambda values: np.asarray(np.nan_to_num(values) @ row)


def case(table: FeatureTable, **changed: object) -> FloatArray:
    row: FloatArray = table.matrix([{**FACTS, **changed}])[0]
    return row


def steps(changes: list[Change]) -> list[dict[str, tuple[float, float]]]:
    return [{step.feature: (step.before, step.after) for step in change.steps} for change in changes]


def test_the_smallest_step_that_crosses_is_found_and_told_in_both_languages(
    table: FeatureTable, quantiles: dict[str, tuple[float, ...] | None]
) -> None:
    model, values = weighed(table, amount=1e-4), case(table)
    (change,) = find_changes(model, table, values, 1.9, quantiles)
    assert steps([change]) == [{"amount": (24000.0, 17500.0)}]
    assert change.log_odds == pytest.approx(1.75, abs=1e-12)
    assert change.pd == pytest.approx(1 / (1 + np.exp(-1.75)))
    assert change.text(table, "en") == "Loan amount: $24,000 → $17,500"
    assert change.text(table, "zh-hans") == "贷款金额：$24,000 → $17,500"


def test_several_ways_stand_in_the_order_of_their_size(
    table: FeatureTable, quantiles: dict[str, tuple[float, ...] | None]
) -> None:
    model, values = (
        weighed(table, amount=2e-5, credit_utilisation=0.02, inquiries_12m=0.3, term_months=0.02),
        case(table),
    )
    now = float(model(values[None])[0])
    found = find_changes(model, table, values, now - 0.25, quantiles)
    assert len(found) == 3
    assert [change.size for change in found] == sorted(change.size for change in found)
    assert all(change.log_odds < now - 0.25 for change in found)
    assert len({frozenset(one) for one in steps(found)}) == 3
    assert len(find_changes(model, table, values, now - 0.25, quantiles, most=1)) == 1


def test_two_features_change_where_one_does_not_suffice_and_neither_more_than_needed(
    table: FeatureTable, quantiles: dict[str, tuple[float, ...] | None]
) -> None:
    model, values = weighed(table, amount=2e-5, credit_utilisation=0.01), case(table)
    (change,) = find_changes(model, table, values, 0.95, quantiles)
    assert {step.feature for step in change.steps} == {"amount", "credit_utilisation"}
    for spared in change.steps:
        (other,) = (step for step in change.steps if step is not spared)
        trial = values.copy()
        trial[table.names.index(other.feature)] = other.after
        assert float(model(trial[None])[0]) >= 0.95


def test_what_is_out_of_reach_has_no_way(table: FeatureTable, quantiles: dict[str, tuple[float, ...] | None]) -> None:
    assert find_changes(weighed(table, amount=1e-6), table, case(table), -5.0, quantiles) == []
    assert find_changes(weighed(table), table, case(table), -1.0, quantiles) == []


def test_only_what_an_applicant_can_change_is_changed_and_only_to_the_safer_side(
    table: FeatureTable, quantiles: dict[str, tuple[float, ...] | None]
) -> None:
    values = case(table)
    fixed = ("interest_rate", "sub_grade", "employment_years", "delinquencies_2y", "open_instalment_accounts")
    for name in fixed:
        for sign in (1.0, -1.0):
            model = weighed(table, **{name: sign})
            assert find_changes(model, table, values, float(model(values[None])[0]) - 0.5, quantiles) == []
    for name, sign in (("annual_income", 1.0), ("credit_utilisation", -1.0), ("amount", -1.0)):
        model = weighed(table, **{name: sign})
        assert find_changes(model, table, values, float(model(values[None])[0]) - 0.5, quantiles) == []
    barred = replace(table, features=tuple(replace(one, nameable=one.name != "amount") for one in table.features))
    assert find_changes(weighed(barred, amount=1e-4), barred, values, 1.9, quantiles) == []


def test_nobody_is_asked_to_pass_more_than_a_third_of_the_borrowers(
    table: FeatureTable, quantiles: dict[str, tuple[float, ...] | None]
) -> None:
    model, values = weighed(table, annual_income=-1e-5), case(table)
    reach = find_changes(model, table, values, -0.7, quantiles)
    assert steps(reach)[0]["annual_income"] == (50_000, 72_000)
    assert reach[0].size <= 1 / 3
    assert find_changes(model, table, values, -1.5, quantiles) == []


def test_a_category_moves_on_in_the_tables_list_and_never_back(
    table: FeatureTable, quantiles: dict[str, tuple[float, ...] | None]
) -> None:
    proof = weighed(table, income_verified=-1.0)
    (change,) = find_changes(proof, table, case(table), -0.5, quantiles)
    assert change.text(table, "en") == "Income check: not verified → source of income verified"
    verified = case(table, income_verified="verified")
    assert find_changes(weighed(table, income_verified=1.0), table, verified, 1.5, quantiles) == []


def test_what_is_derived_follows_what_is_changed(
    table: FeatureTable, quantiles: dict[str, tuple[float, ...] | None]
) -> None:
    model, values = weighed(table, instalment_to_income=10.0), case(table)
    now = float(model(values[None])[0])
    for change in find_changes(model, table, values, now * 0.9, quantiles):
        changed = {step.feature: step.after for step in change.steps}
        assert set(changed) <= {"amount", "term_months", "annual_income"}
        assert change.log_odds == float(model(case(table, **changed)[None])[0]) < now * 0.9


def test_what_is_missing_special_or_in_foreign_money_stays(
    table: FeatureTable, quantiles: dict[str, tuple[float, ...] | None]
) -> None:
    model = weighed(table, inquiries_12m=1.0, loan_to_income=1.0, instalment_to_income=1.0, term_months=0.01)
    special = Label(-999.0, Words("no bureau record", "无征信记录"))
    bureau = replace(
        table,
        features=tuple(
            replace(one, special_values=(special,)) if one.name == "inquiries_12m" else one for one in table.features
        ),
    )
    unknown = case(bureau, inquiries_12m=-999, currency="EUR")
    assert np.isnan(unknown[table.names.index("amount")])
    assert not np.isnan(unknown[table.names.index("loan_to_income")])
    now = float(model(unknown[None])[0])
    assert find_changes(model, bureau, unknown, now - 0.1, quantiles) == []
    missing = case(table, inquiries_12m=None, amount=None, annual_income=None)
    assert find_changes(weighed(table, inquiries_12m=1.0), table, missing, -0.1, quantiles) == []


def test_a_case_below_the_line_is_told_what_would_carry_it_over(
    table: FeatureTable, quantiles: dict[str, tuple[float, ...] | None]
) -> None:
    model, values = weighed(table, amount=1e-4), case(table)
    (change,) = find_changes(model, table, values, 3.0, quantiles)
    ((_feature, (before, after)),) = steps([change])[0].items()
    assert before == 24000.0 < 30000.0 < after <= 31000.0


def test_few_training_values_are_a_list_to_choose_from(
    table: FeatureTable, quantiles: dict[str, tuple[float, ...] | None]
) -> None:
    (change,) = find_changes(weighed(table, term_months=0.1), table, case(table), 5.9, quantiles)
    assert steps([change]) == [{"term_months": (60.0, 36.0)}]


def test_quantiles_are_values_that_occur_without_specials_and_outliers() -> None:
    column = np.array([-999.0, np.nan, *np.arange(10_000.0)])
    found = training_quantiles(column, (-999.0,))
    assert found is not None
    assert (len(found), found[0], found[-1]) == (41, 9.0, 9989.0)
    assert found[20] == 4999.0
    assert training_quantiles(np.array([np.nan, -999.0]), (-999.0,)) is None


def test_the_real_model_confirms_every_change_when_the_changed_case_is_read_anew(
    champion: Champion, book: Book
) -> None:
    line = float(np.log(0.25 / 0.75))
    found = 0
    for row in book.rows[:160]:
        values = champion.table.matrix([row])[0]
        below = champion.log_odds(values[None])[0] <= line
        for change in find_changes(champion.log_odds, champion.table, values, line, champion.quantiles):
            after = {step.feature: step.after for step in change.steps}
            proof = champion.table.by_name["income_verified"].categories
            if "income_verified" in after:
                after["income_verified"] = proof[int(after["income_verified"])].code  # type: ignore[assignment]
            (score,) = champion.log_odds(champion.table.matrix([{**row, **after}]))
            assert score == pytest.approx(change.log_odds, abs=1e-12)
            assert (score > line) == below
            assert all(champion.table.by_name[name].actionable for name in after)
            assert len(after) <= 3
            found += 1
    assert found > 30


def test_no_number_is_asked_to_become_much_more_or_less_than_it_is(champion: Champion, book: Book) -> None:
    values = champion.table.matrix(book.rows[:60])
    steps = [
        (step.before, step.after)
        for row in values
        for change in find_changes(champion.log_odds, champion.table, row, -2.2, champion.quantiles)
        for step in change.steps
        if step.feature in ("amount", "annual_income")
    ]
    assert steps
    assert all(before / 1.5 <= after <= before * 1.5 for before, after in steps)
