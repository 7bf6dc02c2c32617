"""What a mapping does to the cells of a table: standards, limits, and values that follow from others."""

from __future__ import annotations

from typing import Any

import pytest

from cases.models import Case
from intake.actions import import_rows, start_import
from intake.mapped.row_reader import map_row
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.recognition.mapping import MappingError, mapping_as_data, read_mapping
from tests.intake.places import NOW, MakeFile
from tests.intake.test_mapping import FIELDS, applied, read_file, with_fields
from tests.intake.test_mapping import a_mapping as mapped


def feature(**given: object) -> Any:
    return mapped(features={"x": {"column": "x", **given}})


def test_columns_of_standards_are_read_into_their_one_form() -> None:
    mapping = with_fields(
        industry={"column": "行业", "type": "industry"},
        region={"column": "地区", "type": "region"},
        **{
            "applicant.id": {"column": "身份证号", "type": "identity_number"},
            "applicant.name": {"column": "姓名", "type": "name"},
        },
    )
    row = {"行业": "零售业", "地区": "上海", "身份证号": "110105 19491231 002x", "姓名": "张　三"}
    raw = applied(mapping, row).raw
    assert (raw["industry"], raw["region"]) == ("F52", "310000")
    assert raw["applicant"] == {"id": "11010519491231002X", "name": "张三"}


def test_a_wrong_check_digit_refuses_the_row_and_no_other(make_file: MakeFile) -> None:
    mapping = with_fields(**{"applicant.id": {"column": "id", "type": "identity_number"}})
    text = "no,amt,id\n1,100,11010519491231002X\n2,100,110105194912310021\n"
    good, bad = read_file(make_file, text, mapping)
    assert good.submission is not None
    assert good.submission.applicant.external_id == "11010519491231002X"
    (error,) = bad.errors
    assert (error.field, error.value, error.code) == ("id", "110105194912310021", "wrong_check_digit")
    assert error.sentence("zh-hans") == "“110105194912310021”的校验码与其余各位不符：其中有一位有误。"


@pytest.mark.parametrize(
    ("beyond", "cell", "value", "code"),
    [
        ("cap", "2500", 1000, "value_capped"),
        ("cap", "-3", 0, "value_capped"),
        ("cap", "999", 999, ""),
        ("missing", "1000.5", None, "value_left_out"),
        ("missing", "1000", 1000, ""),
    ],
)
def test_a_number_beyond_its_limits_becomes_what_the_mapping_says(
    beyond: str, cell: str, value: object, code: str
) -> None:
    row = applied(feature(type="number", minimum=0, maximum="1000", beyond=beyond), {"x": cell})
    assert row.raw["features"] == {"x": value}
    assert [(note.field, note.code) for note in row.notes] == ([("x", code)] if code else [])


def test_limits_refuse_where_nothing_else_is_said(make_file: MakeFile) -> None:
    (row,) = read_file(make_file, "no,amt,x\n1,100,5\n", feature(type="number", maximum=4))
    assert row.submission is None
    assert [(error.field, error.code) for error in row.errors] == [("x", "out_of_range")]
    assert row.errors[0].sentence("en") == "“5” is more than 4."


def test_limits_survive_being_stored_and_bad_ones_are_named() -> None:
    mapping = feature(type="number", minimum=0, maximum=10, beyond="cap")
    data = mapping_as_data(mapping)
    assert data["features"] == {
        "x": {"column": "x", "type": "number", "minimum": "0", "maximum": "10", "beyond": "cap"}
    }
    assert mapping_as_data(read_mapping(data)) == data
    for given, key in (
        ({"minimum": 5, "maximum": 4}, "features.x.minimum"),
        ({"beyond": "cap"}, "features.x.beyond"),
        ({"maximum": 4, "beyond": "drop"}, "features.x.beyond"),
        ({"maximum": "much"}, "features.x.maximum"),
    ):
        with pytest.raises(MappingError) as refused:
            feature(**given)
        assert refused.value.params["key"] == key


def test_a_capped_value_is_told_beside_the_facts(make_file: MakeFile, db: None) -> None:
    # A product without rules of its own: nothing else is found.
    limited = {"x": {"column": "x", "type": "number", "maximum": 1000, "beyond": "cap"}}
    mapping = mapped(fields={**FIELDS, "product": {"constant": "tractor"}}, features=limited)
    path = make_file("a.csv", "no,amt,x\n1,100,2500\n2,100,10\n")
    file = start_import(path, source="branch-x", mapping_name="m", mapping=mapping_as_data(mapping), by=None)
    report = import_rows(file, read_rows(open_table(path), mapping, now=NOW))
    assert (report.accepted, report.held) == (2, 0)
    first, second = Case.objects.order_by("pk")
    assert first.features == {"x": 1000}
    assert [(each["code"], each["severity"], each["en"]) for each in first.findings] == [
        ("value_capped", "mark", "x is 2500; believed is at most 1000, so 1000 was taken.")
    ]
    assert second.findings == []


@pytest.mark.parametrize(
    ("name", "cells", "value"),
    [
        ("ratio_of", ("300", "200"), 1.5),
        ("ratio_of", ("300", "0"), None),
        ("ratio_of", ("", "200"), None),
        ("difference_of", ("1,200.50", "200"), 1000.5),
        ("difference_of", ("无", "1"), None),
        ("years_between", ("2000-06-15", "2026年6月14日"), 25),
        ("years_between", ("2000-06-15", "2026-06-15"), 26),
        ("years_between", ("2000-06-15", ""), None),
        ("age_by_identity", ("11010519491231002X", "2026-12-30"), 76),
        ("age_by_identity", ("11010519491231002X", "2026-12-31"), 77),
        ("age_by_identity", ("91350100M000100Y43", "2026-12-31"), None),
        ("percent_of", ("30", "120"), 25),
    ],
)
def test_features_follow_from_other_cells(name: str, cells: tuple[str, str], value: object) -> None:
    mapping = mapped(features={"x": {"compute": name, "from": ["a", "b"]}})
    assert applied(mapping, dict(zip("ab", cells, strict=True))).raw["features"] == {"x": value}


@pytest.mark.parametrize(
    ("name", "cells"),
    [("years_between", ("2027-01-01", "2026-01-01")), ("age_by_identity", ("11010519491231002X", "1949-12-30"))],
)
def test_no_years_lie_between_a_date_and_one_before_it(name: str, cells: tuple[str, str]) -> None:
    mapping = mapped(features={"x": {"compute": name, "from": ["a", "b"]}})
    _mapped, errors = map_row(mapping, dict(zip("ab", cells, strict=True)), now=NOW)
    assert [(error.field, error.code) for error in errors] == [("a, b", "dates_reversed")]


def test_the_region_of_a_resident_follows_from_the_identity_number(make_file: MakeFile) -> None:
    mapping = mapped(features={"home": {"compute": "region_by_identity", "from": ["id"]}})
    assert applied(mapping, {"id": "11010519491231002X"}).raw["features"] == {"home": "110105"}
    assert applied(mapping, {"id": ""}).raw["features"] == {"home": None}
    (row,) = read_file(make_file, "no,amt,id\n1,100,110105194912310021\n", mapping)
    assert [(error.field, error.code) for error in row.errors] == [("id", "wrong_check_digit")]


def test_a_group_that_a_pattern_does_not_find_is_missing() -> None:
    mapping = feature(type="number", pattern=r"(\d+)?天")
    assert [applied(mapping, {"x": cell}).raw["features"] for cell in ("12天", "天")] == [{"x": 12}, {"x": None}]


@pytest.mark.parametrize("name", ["external_ref", "applicant.id"])
def test_a_reference_that_lost_its_last_digits_makes_no_two_people_one(make_file: MakeFile, name: str) -> None:
    mapping = with_fields(**{name: {"column": "id"}})
    text = "no,amt,id\n1,100,11010519491231002X\n2,100,1.10105E+17\n3,100,1.1010519491231e+17\n"
    good, *bad = read_file(make_file, text, mapping)
    assert good.submission is not None
    assert [[(error.field, error.code) for error in row.errors] for row in bad] == [[("id", "digits_lost")]] * 2
    assert bad[0].errors[0].sentence("en").startswith("“1.10105E+17” is what a spreadsheet leaves of a long number")
