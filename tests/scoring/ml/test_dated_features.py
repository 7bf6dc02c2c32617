"""Features with dates and special values: ages, stale facts, values that are no amounts."""

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest

from scoring.ml.errors import FeatureTableError
from scoring.ml.features import FeatureTable
from scoring.ml.vocabulary import Label, Words


def dated_table(**more: Any) -> FeatureTable:
    """A score of the bureau with a special value, measured on a day, and the age of the applicant."""
    sentences = {"plain": {"en": "{value}; {norm}", "zh": "{value}，{norm}"}}
    special = {"value": -999, "words": {"en": "no bureau record", "zh": "无征信记录"}}
    shared = {"words": {"en": "x", "zh": "x"}, "group": "g", "type": "number", "sentences": sentences}
    date_fact = {"words": {"en": "d", "zh": "d"}, "type": "date"}
    fresh = {"as_of": "checked_on", "fresh_days": 30}
    return FeatureTable.from_dict(
        {
            "product": "dated",
            "words": {"en": "d", "zh": "d"},
            "currency": "USD",
            "groups": {"g": {"en": "g", "zh": "g"}},
            "features": [
                {"name": "score", "special_values": [special], "unit": "money", "direction": -1, **fresh, **shared},
                {"name": "debt", **shared},
                {
                    "name": "debt_to_score",
                    **shared,
                    "formula": {"kind": "ratio", "numerator": "debt", "denominator": "score"},
                },
                {
                    "name": "score_to_debt",
                    **shared,
                    "formula": {"kind": "ratio", "numerator": "score", "denominator": "debt"},
                },
                {"name": "age", **shared, "nameable": False, "formula": {"kind": "years_since", "date": "born_on"}},
                {"name": "file_age", **shared, "formula": {"kind": "months_since", "date": "opened_on"}},
            ],
            "shown": [{"name": name, **date_fact} for name in ("checked_on", "born_on", "opened_on")],
            **more,
        }
    )


DATED: dict[str, object] = {
    "score": 600,
    "debt": 300,
    "applied_at": datetime(2026, 1, 5, 9, 30, tzinfo=UTC),
    "checked_on": "2025-12-20",
    "born_on": "1980年1月6日",
    "opened_on": "2020/03/05",
}


def test_dates_become_ages_in_completed_months_and_years() -> None:
    values = dict(zip(dated_table().names, dated_table().matrix([DATED])[0], strict=True))
    assert values == {"score": 600, "debt": 300, "debt_to_score": 0.5, "score_to_debt": 2, "age": 45, "file_age": 70}


@pytest.mark.parametrize(
    "written",
    ["2020-03-05", "20200305", "2020-03-05T10:00:00+08:00", date(2020, 3, 5), datetime(2020, 3, 5, tzinfo=UTC)],
)
def test_a_date_is_read_however_it_is_written(written: object) -> None:
    table = dated_table()
    assert table.matrix([{**DATED, "opened_on": written}])[0, table.names.index("file_age")] == 70


@pytest.mark.parametrize(
    ("change", "unreadable"),
    [
        ({"opened_on": None}, False),
        ({"applied_at": None}, False),
        ({"opened_on": "soon"}, True),
        ({"opened_on": "2026-02-30"}, True),
        ({"opened_on": "2026-03-05"}, True),
    ],
)
def test_an_age_without_a_date_before_the_application_is_missing(change: dict[str, object], unreadable: bool) -> None:
    table = dated_table()
    read, column = table.read([{**DATED, **change}]), table.names.index("file_age")
    assert np.isnan(read.values[0, column])
    assert read.unreadable[0, column] == unreadable


def test_a_special_value_stays_itself_but_enters_no_ratio() -> None:
    table = dated_table()
    read = table.read([{**DATED, "score": -999, "currency": "CNY"}])
    assert read.values[0, 0] == -999
    assert np.isnan(read.values[0, 2:4]).all()
    assert not read.unreadable.any()
    assert table.features[0].special_values == (Label(-999.0, Words("no bureau record", "无征信记录")),)


@pytest.mark.parametrize(
    ("change", "stale"),
    [({}, False), ({"checked_on": "2025-12-01"}, True), ({"checked_on": None}, False), ({"score": None}, False)],
)
def test_a_value_is_stale_when_it_was_measured_too_long_before(change: dict[str, object], stale: bool) -> None:
    old = {**DATED, "checked_on": "2025-12-01", **change} if change.get("score", 1) is None else {**DATED, **change}
    read = dated_table().read([old])
    assert read.stale[0].tolist() == [stale, False, False, False, False, False]


def test_arrays_are_read_as_lists_are() -> None:
    table, nothing = dated_table(), np.datetime64("NaT")
    columns = {
        "score": np.array([600.0, np.inf, np.nan]),
        "debt": np.array([300, 300, 300]),
        "opened_on": np.array(["2020-03-05", nothing, "2027-01-01"], dtype="datetime64[D]"),
        "applied_at": np.array(["2026-01-05"] * 3, dtype="datetime64[D]"),
    }
    read = table.read_columns(columns, 3)
    assert np.array_equal(read.values[:, 0], [600, np.nan, np.nan], equal_nan=True)
    assert read.unreadable[:, 0].tolist() == [False, True, False]
    assert np.array_equal(read.values[:, 5], [70, np.nan, np.nan], equal_nan=True)
    assert read.unreadable[:, 5].tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"economics": {"loss_given_default": 1.2, "margin": 0.1}}, "from 0 to 1"),
        ({"economics": {"margin": 0.1}}, "loss_given_default"),
        ({"economics": {"loss_given_default": 0.6, "margin": 0.1, "profit": 1}}, "profit"),
        ({"economics": {"loss_given_default": 0.6, "margin": 0.1, "rate": "a", "term": "b"}}, "names of features"),
        ({"shown": []}, "needs a date"),
        ({"fairness": [{"bins": [1]}]}, "name"),
    ],
)
def test_economics_dates_and_groups_that_cannot_be_are_refused(more: dict[str, object], named: str) -> None:
    with pytest.raises(FeatureTableError, match=named):
        dated_table(**more)
