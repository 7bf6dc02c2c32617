"""A mapping says where every field comes from; what it cannot read is named by the file's own column."""

import collections.abc
import json

import pytest

from intake.mapped.row_reader import map_row
from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, read_rows
from intake.recognition.mapping import (
    CaseMapping,
    MappedRow,
    MappingError,
    Occurrences,
    load_mapping,
    mapping_as_data,
    read_mapping,
)
from tests.intake.places import MAPPINGS, NOW, MakeFile

FIELDS = {
    "external_ref": {"column": "no"},
    "product": {"constant": "consumer"},
    "amount": {"column": "amt"},
    "currency": {"constant": "CNY"},
    "term_months": {"default": 12},
    "applied_at": {"import_time": True},
    "applicant.id": {"derive": "applicant_reference"},
}


def a_mapping(**changes: object) -> CaseMapping:
    return read_mapping({"source": "branch-x", "fields": FIELDS, **changes})


def with_fields(**changes: object) -> CaseMapping:
    return a_mapping(fields={**FIELDS, **changes})


def applied(mapping: CaseMapping, row: collections.abc.Mapping[str, object]) -> MappedRow:
    result, errors = map_row(mapping, {"no": "1", "amt": "100", **row}, now=NOW)
    assert errors == []
    return result


def read_file(make_file: MakeFile, text: str, mapping: CaseMapping) -> list[ReadRow]:
    return list(read_rows(open_table(make_file("a.csv", text)), mapping, now=NOW))


def test_the_shipped_mappings_load_and_survive_being_stored() -> None:
    files = sorted(MAPPINGS.glob("*.yaml"))
    assert len(files) == 5
    for path in files:
        mapping = load_mapping(path)
        stored = json.loads(json.dumps(mapping_as_data(mapping)))
        assert mapping_as_data(read_mapping(stored)) == stored
        assert load_mapping(path, source="other").source == "other"


def test_no_shipped_mapping_reads_what_is_known_only_after_the_decision() -> None:
    late = {
        "loan_status",
        "balance",
        "paid_total",
        "paid_principal",
        "paid_interest",
        "paid_late_fees",
        "Class",
        "target",
    }
    late |= {
        "initial_listing_status",
        "disbursement_method",
        "chg_off_date",
        "chg_off_prin_gr",
        "mis_status",
        "bad",
        "default",
    }
    late |= {"default_next_month", "balance_gross", "disbursement_date", "disbursement_gross"}
    for path in MAPPINGS.glob("*.yaml"):
        assert not load_mapping(path).used_columns & late


def test_what_was_made_up_is_recorded_as_derived_and_what_the_author_knows_is_not() -> None:
    row = applied(a_mapping(), {})
    assert set(row.derived) == {"term_months", "applied_at", "applicant.id"}
    assert row.raw["applied_at"] == NOW.isoformat()


def test_derivations_depend_on_the_reference_alone() -> None:
    mapping = with_fields(
        **{
            "applicant.name": {"derive": "chinese_name"},
            "applicant.key_customer": {"derive": "share", "with": {"share": 0.5}},
            "channel": {"derive": "choice", "with": {"choices": ["branch", "online"]}},
            "applied_at": {"derive": "moment_in_month", "from": ["month"], "with": {"utc_offset": "-05:00"}},
        }
    )
    first = applied(mapping, {"month": "Mar-2018", "amt": "1"}).raw
    again = applied(mapping, {"month": "Mar-2018", "amt": "2"}).raw
    assert first["applicant"] == again["applicant"]
    assert first["applied_at"] == again["applied_at"]
    assert str(first["applied_at"]).startswith("2018-03-")
    drawn = [applied(mapping, {"no": str(number), "month": "Mar-2018"}).raw for number in range(200)]
    assert {str(raw["channel"]) for raw in drawn} == {"branch", "online"}
    assert 70 < sum(raw["applicant"]["key_customer"] for raw in drawn) < 130  # type: ignore[index]


def test_cells_are_read_as_the_mapping_says() -> None:
    features = {
        "a": {
            "column": "a",
            "type": "integer",
            "pattern": r"emp_(\d+)",
            "values": {"emp_lt_1": 0},
            "missing": ["emp_unk"],
        },
        "b": {"column": "b", "type": "number", "scale": 0.01},
        "c": {"column": "c", "type": "text", "values": {"Y": "yes"}, "other": "missing"},
        "d": {"column": "d", "type": "percent"},
        "e": {"column": "e", "type": "flag"},
        "f": {"column": "f", "type": "date"},
        "g": {"compute": "percent_of", "from": ["x", "y"]},
        "h": {"compute": "grade_rank", "from": ["grade"]},
        "i": {"constant": 7},
    }
    row = {
        "a": "emp_5",
        "b": "1234",
        "c": "y",
        "d": "12%",
        "e": "是",
        "f": "2026/1/5",
        "x": "1",
        "y": "3",
        "grade": "b2",
    }
    found = applied(a_mapping(features=features), row).raw["features"]
    assert found == {
        "a": 5, "b": 12.34, "c": "yes", "d": 12, "e": True, "f": "2026-01-05",
        "g": 33.33, "h": 7, "i": 7,
    }  # fmt: skip
    empty = {"a": "emp_unk", "b": "NA", "c": "z", "d": "", "e": None, "f": "--", "x": "1", "y": "0", "grade": ""}
    found = applied(a_mapping(features=features), empty).raw["features"]
    assert found == dict.fromkeys("abcdefgh") | {"i": 7}
    found = applied(a_mapping(features={"a": features["a"]}), {"a": "emp_lt_1"}).raw["features"]
    assert found == {"a": 0}


def test_every_bad_cell_of_a_row_is_named_by_its_column() -> None:
    mapping = a_mapping(
        features={
            "a": {"column": "收入", "type": "number"},
            "b": {"column": "类别", "type": "text", "values": {"x": "y"}, "other": "refuse"},
            "c": {"column": "期", "type": "integer", "pattern": r"t(\d+)"},
            "d": {"compute": "percent_of", "from": ["used", "limit"]},
        }
    )
    row = {"no": "1", "amt": "abc", "收入": "高", "类别": "q", "期": "12", "used": "1", "limit": "z"}
    _read, errors = map_row(mapping, row, now=NOW)
    assert [(error.field, error.value, error.code) for error in errors] == [
        ("amt", "abc", "not_a_number"),
        ("收入", "高", "not_a_number"),
        ("类别", "q", "value_not_listed"),
        ("期", "12", "pattern_not_found"),
        ("used, limit", "1 | z", "not_a_number"),
    ]


def test_errors_of_the_finished_case_are_named_by_the_column_too(make_file: MakeFile) -> None:
    rows = read_file(make_file, "no,amt\n1,-5\n,7\n3,8\n", a_mapping())
    assert [(error.field, error.value, error.code) for row in rows for error in row.errors] == [
        ("amt", "-5", "not_positive"),
        ("no", "", "required"),
    ]
    assert [row.submission is not None for row in rows] == [False, False, True]
    assert rows[0].raw == {"no": "1", "amt": "-5"}


def test_rows_without_an_id_get_a_hash_that_tells_equal_rows_apart() -> None:
    mapping = with_fields(external_ref={"row_hash": True, "prefix": "R-"})
    seen = Occurrences()

    def reference(**row: object) -> object:
        result, errors = map_row(mapping, row, now=NOW, occurrences=seen)
        assert errors == []
        return result.raw["external_ref"]

    first = reference(no="1", amt="100")
    assert str(first).startswith("R-")
    assert reference(no="1", amt="100") == f"{first}-2"
    assert reference(amt="200", no="1") != first
    seen = Occurrences()
    assert reference(amt=100.0, no="1") == first


def test_dropped_and_outcome_columns_do_not_change_the_reference_of_a_row() -> None:
    mapping = a_mapping(
        fields={**FIELDS, "external_ref": {"row_hash": True}},
        drop={"balance": "known_after_decision"},
        outcome={"column": "status", "bad_values": ["bad"], "good_values": ["good"]},
    )
    early = applied(mapping, {"balance": "5", "status": ""})
    late = applied(mapping, {"balance": "0", "status": "bad"})
    assert early.raw == late.raw
    assert early.outcome is None
    assert late.outcome is not None
    assert late.outcome.bad


def test_the_outcome_tells_bad_good_or_not_yet() -> None:
    outcome = {
        "column": "status", "bad_values": [1], "good_values": [0], "observed_at": {"column": "seen"}, "mature": False,
    }  # fmt: skip
    mapping = a_mapping(outcome=outcome, decided="approved")
    bad = applied(mapping, {"status": 1.0, "seen": "2026-01-05"}).outcome
    assert bad is not None
    assert (bad.bad, str(bad.observed_at), bad.mature) == (True, "2026-01-05 00:00:00+08:00", False)
    good = applied(mapping, {"status": "0", "seen": ""}).outcome
    assert good is not None
    assert (good.bad, good.observed_at) == (False, None)
    assert applied(mapping, {"status": "grace", "seen": "?"}).outcome is None
    _read, errors = map_row(mapping, {"no": "1", "amt": "1", "status": "0", "seen": "soon"}, now=NOW)
    assert [(error.field, error.value) for error in errors] == [("seen", "soon")]


def test_without_an_amount_every_row_is_refused_with_that_reason(make_file: MakeFile) -> None:
    fields = {name: given for name, given in FIELDS.items() if name != "amount"}
    rows = read_file(make_file, "no,amt\n1,5\n2,6\n", a_mapping(fields=fields))
    assert [[error.code for error in row.errors] for row in rows] == [["no_amount_column"]] * 2


def test_the_rest_of_the_columns_become_features_when_asked(make_file: MakeFile) -> None:
    mapping = a_mapping(rest_as_features=True, drop={"target": "known_after_decision"})
    (row,) = read_file(make_file, "no,amt,target,Own Home,年收入,未知列\n1,5,1,yes,20万,z\n", mapping)
    assert row.submission is not None
    features = row.submission.features
    assert features.pop("own_home") == "yes"
    assert features.pop("annual_income") == 200000
    ((name, value),) = features.items()
    assert name.startswith("col_")
    assert value == "z"


def test_a_mapping_for_another_table_names_the_missing_columns(make_file: MakeFile) -> None:
    with pytest.raises(MappingError) as refusal:
        read_file(make_file, "a,b\n1,2\n", a_mapping())
    assert refusal.value.params == {"names": "amt, no", "columns": "a, b"}
    with pytest.raises(MappingError) as refusal:
        read_file(make_file, "no,amt\n1,2\n", a_mapping(source=""))
    assert refusal.value.code == "mapping_source"
