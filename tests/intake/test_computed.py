"""What is computed follows from its columns as the mapping reads them: missing codes, units and limits count."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from cases.models import Case
from intake.gate.lineage import Step, reading_of
from intake.mapped.case_mapping import CaseMapping
from intake.mapped.mapped_row import MappedRow
from intake.mapped.row_reader import map_row
from intake.mapped.submission import Submission, read_submission
from intake.recognition.mapping import MappingError, mapping_as_data, read_mapping
from tests.intake.places import NOW, MakeFile
from tests.intake.test_mapping import FIELDS, applied, read_file
from tests.intake.test_mapping import a_mapping as mapped
from tests.intake.test_on_record import counts, take_in

RATIO = {"compute": "ratio_of", "from": ["amt", "inc"]}
INCOME = {"column": "inc", "type": "number"}
CELLS = {"no": "1", "amt": "12.5", "inc": "200000"}


def with_income(x: dict[str, Any], income: dict[str, Any] | None = None, **fields: dict[str, Any]) -> CaseMapping:
    features = {"x": x} | ({"income": income} if income else {})
    return mapped(fields={**FIELDS, **fields}, features=features)


def features_of(mapping: CaseMapping, **cells: object) -> dict[str, object]:
    features = applied(mapping, {**CELLS, **cells}).raw["features"]
    assert isinstance(features, dict)
    return features


@pytest.mark.parametrize(
    ("income", "amount", "cells", "value"),
    [
        ({**INCOME, "missing": ["-1"]}, {}, {"inc": "-1"}, None),
        ({"column": "inc", "missing": ["-1"]}, {}, {"inc": "-1"}, None),
        ({**INCOME, "values": {"-9": None}}, {}, {"inc": "-9"}, None),
        ({"column": "inc", "values": {"A": 50}}, {}, {"inc": "A"}, 0.25),
        (INCOME, {"scale": 10_000}, {}, 0.625),
        ({**INCOME, "scale": 10_000}, {"scale": 10_000}, {"inc": "20"}, 0.625),
        ({**INCOME, "decimal": ","}, {}, {"inc": "12,500"}, 1),
        ({**INCOME, "maximum": 1000, "beyond": "cap"}, {}, {"inc": "99999999"}, 0.0125),
        ({**INCOME, "maximum": 1000, "beyond": "missing"}, {}, {"inc": "99999999"}, None),
        # As it was: what nothing reads, and what is read as a text, is computed from its cell.
        (None, {}, {"inc": "1.25万"}, 0.001),
        ({"column": "inc", "prefix": "CNY "}, {}, {}, 0.0001),
    ],
)
def test_numbers_are_computed_with_as_they_are_read(
    income: dict[str, Any] | None, amount: dict[str, Any], cells: dict[str, str], value: object
) -> None:
    mapping = with_income(RATIO, income, amount={"column": "amt", **amount})
    assert features_of(mapping, **cells)["x"] == value


def test_of_several_readings_a_number_comes_first_then_a_field_then_the_alphabet() -> None:
    share = {"compute": "difference_of", "from": ["amt", "none"]}
    readings = {
        "a_text": {"column": "amt"},
        "b_number": {"column": "amt", "type": "number", "scale": 3},
        "c_number": {"column": "amt", "type": "number", "scale": 5},
    }
    fields = {**FIELDS, "amount": {"column": "amt", "scale": 100}}
    mapping = mapped(fields=fields, features={**readings, "x": share})
    assert features_of(mapping, none="0")["x"] == 1250
    del fields["amount"]
    mapping = mapped(fields={**fields, "amount": {"constant": 5}}, features={**readings, "x": share})
    assert features_of(mapping, none="0")["x"] == 37.5


@pytest.mark.parametrize(
    ("born", "cell", "value"),
    [
        ({"type": "date", "missing": ["1900-01-01"]}, "1900-01-01", None),
        ({"missing": ["1900-01-01"]}, "1900-01-01", None),
        ({"type": "date", "format": "%d.%m.%y"}, "01.05.90", 35),
        ({"type": "date"}, "1990-03-01T01:00:00+08:00", 35),
        ({"type": "date", "unread": "keep"}, "1990-05-01", 35),
    ],
)
def test_days_are_computed_with_as_they_are_read(born: dict[str, Any], cell: str, value: object) -> None:
    age = {"compute": "years_between", "from": ["born", "day"]}
    mapping = mapped(features={"born": {"column": "born", **born}, "x": age})
    row = {**CELLS, "born": cell, "day": "2026-02-28"}
    assert applied(mapping, row).raw["features"]["x"] == value  # type: ignore[index]


def test_an_identity_number_stays_the_cell_it_is_and_a_missing_one_counts() -> None:
    by_number = {"compute": "region_by_identity", "from": ["id"]}
    person = {"column": "id", "missing": ["000"]}
    mapping = mapped(fields={**FIELDS, "applicant.id": person}, features={"x": by_number})
    assert features_of(mapping, id="11010519491231002X")["x"] == "110105"
    assert features_of(mapping, id="000")["x"] is None


@pytest.mark.parametrize(
    ("given", "cells", "value", "code"),
    [
        ({"maximum": 2, "beyond": "cap"}, {"inc": "5"}, 2, "value_capped"),
        ({"minimum": 0, "maximum": 2, "beyond": "missing"}, {"inc": "5"}, None, "value_left_out"),
        ({"maximum": 3, "beyond": "cap"}, {"inc": "5"}, 2.5, ""),
        ({"missing": ["-1"]}, {"inc": "-1"}, None, ""),
    ],
)
def test_what_is_computed_has_limits_and_missing_codes_of_its_own(
    given: dict[str, Any], cells: dict[str, str], value: object, code: str
) -> None:
    row = applied(with_income({**RATIO, **given}), {**CELLS, **cells})
    assert row.raw["features"] == {"x": value}
    assert [(note.field, note.code) for note in row.notes] == ([("x", code)] if code else [])


def test_a_computed_number_beyond_its_limits_refuses_its_row(make_file: MakeFile) -> None:
    good, bad = read_file(make_file, "no,amt,inc\n1,100,50\n2,100,10\n", with_income({**RATIO, "maximum": 4}))
    assert (good.is_good, bad.submission) == (True, None)
    assert [(error.field, error.value, error.code) for error in bad.errors] == [
        ("amt, inc", "100 | 10", "out_of_range")
    ]


def test_a_value_that_was_changed_for_the_feature_is_marked_once() -> None:
    mapping = with_income(RATIO, {**INCOME, "maximum": 1000, "beyond": "cap"})
    row = applied(mapping, {**CELLS, "inc": "5000"})
    assert row.raw["features"] == {"x": 0.0125, "income": 1000}
    assert [(note.field, note.code) for note in row.notes] == [("income", "value_capped")]


def test_limits_of_what_is_computed_are_stored_shown_and_checked() -> None:
    given = {**RATIO, "minimum": 0, "maximum": 10, "beyond": "cap", "missing": ["-1"]}
    data = mapping_as_data(with_income(given))
    stored = {**RATIO, "with": {}, "minimum": "0", "maximum": "10", "beyond": "cap", "missing": ["-1"]}
    assert data["features"] == {"x": stored}
    assert mapping_as_data(read_mapping(data)) == data
    reading = reading_of(data, "x")
    assert reading is not None
    assert reading.steps == (
        Step("compute", "ratio_of"),
        Step("missing", "-1"),
        Step("minimum", "0"),
        Step("maximum", "10"),
        Step("beyond", "cap"),
    )
    for wrong, key in (
        ({**RATIO, "minimum": 5, "maximum": 4}, "features.x.minimum"),
        ({**RATIO, "beyond": "cap"}, "features.x.beyond"),
        ({"compute": "region_by_identity", "from": ["id"], "maximum": 4}, "features.x.compute"),
        ({"derive": "choice", "with": {"choices": [1]}, "maximum": 4}, "features.x: maximum"),
    ):
        with pytest.raises(MappingError) as refused:
            with_income(wrong)
        assert refused.value.params["key"] == key


def submitted(row: MappedRow) -> Submission:
    given = {**row.raw, "product": "tractor", "applicant": {"id": "P1"}, "applied_at": NOW.isoformat()}
    case = read_submission(given, now=NOW, derived=row.derived, **row.once_told)
    assert isinstance(case, Submission)
    return case


def test_a_row_keeps_its_hash_and_is_known_by_that_of_what_was_computed_from_its_cells() -> None:
    plain, coded = with_income(RATIO, INCOME), with_income(RATIO, {**INCOME, "missing": ["-1"]})
    unread = with_income(RATIO)
    assert submitted(applied(coded, CELLS)) == submitted(applied(plain, CELLS))
    assert submitted(applied(plain, CELLS)).earlier_hashes == ()
    # -12.5 was computed of a missing income.
    row = applied(coded, {**CELLS, "inc": "-1"})
    assert row.computed_once == {"x": -12.5}
    then = applied(unread, {**CELLS, "inc": "-1"})
    assert then.raw["features"] == {"x": -12.5}
    assert submitted(row).earlier_hashes == (submitted(then).content_hash,)
    # A number took the place of none.
    mapping = with_income(RATIO, {**INCOME, "values": {"0": 5}})
    row, then = (applied(each, {**CELLS, "inc": "0"}) for each in (mapping, unread))
    assert (row.raw["features"], row.computed_once) == ({"x": 2.5, "income": 5}, {"x": None})
    income = {**then.raw, "features": {"income": 5}}
    once = MappedRow(income, then.derived, None)
    assert submitted(row).earlier_hashes == (submitted(once).content_hash,)


MAPPING = """
fields:
  external_ref: {column: 合同编号}
  product: {constant: tractor}
  amount: {column: 贷款金额(万元), scale: 10000}
  currency: {constant: CNY}
  term_months: {column: 期限}
  applied_at: {column: 申请日期}
  applicant.id: {column: 客户号}
features:
  annual_income: {column: 年收入(元), type: number, missing: ["-1", "-999"]}
  loan_to_income: {compute: ratio_of, from: [贷款金额(万元), 年收入(元)]}
  debt_ratio: {compute: percent_of, from: [负债, 年收入(元)], maximum: 100, beyond: cap}
  age: {compute: years_between, from: [出生日期, 申请日期]}
"""
HEAD = "合同编号,贷款金额(万元),期限,申请日期,客户号,年收入(元),负债,出生日期\n"


@pytest.mark.django_db(transaction=True)
def test_a_table_in_units_with_missing_codes_gives_ratios_that_are_right(make_file: MakeFile) -> None:
    lines = ["A,12.5,12,2026-02-28,P1,200000,50000,1990-05-01", "B,12.5,12,2026-02-28,P2,-1,50000,1990-05-01"]
    lines.append("C,12.5万元,12,2026-02-28,P3,20万元,50万元,1990-05-01")
    text = HEAD + "\n".join(lines) + "\n"
    assert counts(take_in(make_file("a.csv", text), make_file("m.yaml", MAPPING))) == (3, 0, 0)
    known, missing, high = Case.objects.order_by("external_ref")
    assert known.features == {"annual_income": 200000, "loan_to_income": 0.625, "debt_ratio": 25, "age": 35}
    assert missing.features == {"annual_income": None, "loan_to_income": None, "debt_ratio": None, "age": 35}
    assert high.features == {"annual_income": 200000, "loan_to_income": 0.625, "debt_ratio": 100, "age": 35}
    assert [(each["feature"], each["code"], each["severity"]) for each in high.findings] == [
        ("debt_ratio", "value_capped", "mark")
    ]
    assert (known.findings, missing.findings) == ([], [])


def test_a_day_of_the_time_of_application_is_that_of_the_mapping() -> None:
    age = {"compute": "years_between", "from": ["born", "day"]}
    fields = {**FIELDS, "applied_at": {"column": "day"}}
    row = {**CELLS, "born": "1990-03-01", "day": datetime(2026, 3, 1, tzinfo=UTC).replace(tzinfo=None)}
    mapped_row, errors = map_row(mapped(fields=fields, features={"x": age}), row, now=NOW)
    assert (mapped_row.raw["features"], errors) == ({"x": 36}, [])
