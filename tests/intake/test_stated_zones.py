"""A time is read in the zone that its header states, and by nobody where the header names none for sure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from intake.header_words.stated_zones import read_in_zone, zone_in
from intake.mapped.case_mapping import CHINA
from intake.reading.parse import open_table
from intake.reading.rows import ReadRow, read_rows, sample_rows
from intake.recognition.mapping import CaseMapping, MappingError, mapping_as_data, read_mapping
from intake.recognition.recognise import recognise
from intake.record.choose import mapping_for
from intake.values.cells import CellError
from tests.intake.places import NOW, MakeFile

IN_UTC = (
    "Application Time (UTC)", "申请时间(UTC)", "申请时间（UTC）", "Application Date (GMT)",
    "Application Timestamp [UTC]",
    "application_time_utc", "created_at_utc", "ApplicationSubmittedUTC", "applied_at_utc", "申请时间UTC",
    "Application Time GMT+0",
)  # fmt: skip
AT = "2026-01-05 17:05:00"


def read(make_file: MakeFile, header: str, *cells: str, more: str = "") -> tuple[CaseMapping, list[ReadRow]]:
    """A table with such a column, a further one called `more` of the same cells, and its rows."""
    lines = [f"L{at},{50_000 + at},12,{cell}" + (f",{cell}" if more else "") for at, cell in enumerate(cells)]
    head = f"loan no,loan amount,term,{header}" + (f",{more}" if more else "")
    table = open_table(make_file("t.csv", "\n".join([head, *lines]) + "\n"))
    mapping = mapping_for(table, "branch-x", None)[1]
    return mapping, list(read_rows(table, mapping, now=NOW))


def moments(rows: list[ReadRow]) -> list[object]:
    return [
        row.submission.applied_at if row.submission else [(error.value, error.code) for error in row.errors]
        for row in rows
    ]


@pytest.mark.parametrize("header", IN_UTC)
def test_a_time_below_utc_is_of_utc(make_file: MakeFile, header: str) -> None:
    mapping, rows = read(make_file, header, AT, "2026-01-06 00:00:00", "2026-01-07")
    assert mapping.fields["applied_at"].column == header
    assert mapping.fields["applied_at"].utc_offset == "+00:00"
    # Midnight is a time, a mere day is that day.
    assert moments(rows) == [
        datetime(2026, 1, 5, 17, 5, tzinfo=UTC), datetime(2026, 1, 6, tzinfo=UTC), datetime(2026, 1, 7, tzinfo=CHINA)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "offset"),
    [
        ("Application DateTime (UTC+7)", "+07:00"), ("申请时间(UTC-05:30)", "-05:30"), ("申请时间（北京时间）",
        "+08:00"),
        ("申请时间(CST+8)", "+08:00"), ("Application Time (Asia/Shanghai)", "+08:00"),
        ("application_time_utc+8", "+08:00"),
        ("Time (UTC+8, Beijing Time)", "+08:00"), ("Created (+08:00)", "+08:00"), ("Time (GMT-5)", "-05:00"),
        ("时间（东京时间）", "+09:00"), ("created_utc_2", "+00:00"), ("UTC Created", "+00:00"),
        ("Time (EST)", "?"), ("Time (CST)", "?"), ("Time (ET)", "?"), ("Time (America/New_York)", "?"),
        ("created_at_pst", "?"),
        ("Time (Eastern Time)", "?"), ("created_utc8", "?"), ("Time (UTC/UTC+8)", "?"), ("Time (UTC+25)", "?"),
        ("gmt_create", ""), ("gmt_modified", ""), ("Completion (est)", ""), ("Outcome", ""), ("客户时间", ""),
        ("loan_amount", ""),
    ],
)  # fmt: skip
def test_what_headers_say_of_their_zone(header: str, offset: str) -> None:
    assert zone_in(header) == offset


def test_the_zone_of_a_cell_wins(make_file: MakeFile) -> None:
    _, rows = read(make_file, "Application Time (UTC)", AT, "2026-01-05 17:05:00+08:00", "2026-01-05T17:05:00Z")
    at = datetime(2026, 1, 5, 17, 5, tzinfo=UTC)
    assert moments(rows) == [at, at - timedelta(hours=8), at]


def test_a_column_of_mere_days_states_no_zone(make_file: MakeFile) -> None:
    mapping, rows = read(make_file, "Application Date (UTC)", "2026-01-05", "2026-01-06", more="Opened (UTC)")
    assert mapping.fields["applied_at"].utc_offset == mapping.features["opened_utc"].utc_offset == ""
    assert moments(rows) == [datetime(2026, 1, 5, tzinfo=CHINA), datetime(2026, 1, 6, tzinfo=CHINA)]
    assert [row.submission.features for row in rows if row.submission] == [
        {"opened_utc": "2026-01-05"}, {"opened_utc": "2026-01-06"}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "told"), [(AT, "2026-01-05T17:05:00+00:00"), ("01/15/2026 17:05", "2026-01-15T17:05:00+00:00")]
)
def test_a_feature_is_read_in_its_zone(make_file: MakeFile, cell: str, told: str) -> None:
    _, rows = read(make_file, "申请时间(北京时间)", cell, cell, more="ListedOnUTC")
    assert [row.submission.features for row in rows if row.submission] == [{"listed_on_utc": told}] * 2


def test_below_a_zone_that_is_none_for_sure_a_time_is_not_read(make_file: MakeFile) -> None:
    mapping, rows = read(make_file, "Application Time (EST)", AT, "2026-01-05 17:05:00 -0500", "2026-01-06")
    assert mapping.fields["applied_at"].utc_offset == "?"
    assert moments(rows)[0] == [(AT, "zone_not_certain")]
    assert moments(rows)[1:] == [datetime(2026, 1, 5, 22, 5, tzinfo=UTC), datetime(2026, 1, 6, tzinfo=CHINA)]
    told = {error.sentence("en") for error in rows[0].errors}
    assert told == {
        f"“{AT}” is a time in a zone that the header does not name for sure; state its utc_offset in the mapping, or"
        " call it by its offset: UTC-5."
    }


def test_a_feature_of_an_open_zone_stays_the_text_it_is(make_file: MakeFile) -> None:
    mapping, rows = read(make_file, "application time", AT, AT, more="Opened (EST)")
    assert mapping.features["opened_est"].utc_offset == "?"
    assert [row.submission.features for row in rows if row.submission] == [{"opened_est": AT}] * 2


def test_a_time_of_the_application_is_surer_than_one_of_the_record(make_file: MakeFile) -> None:
    mapping, _rows = read(make_file, "created_at", AT, AT, more="application_time_utc")
    assert mapping.fields["applied_at"].column == "application_time_utc"


def test_a_draft_says_it_and_is_read_again_as_it_was_stored(make_file: MakeFile) -> None:
    table = open_table(make_file("t.csv", f"loan no,loan amount,term,Application Time (UTC)\nL1,5021,12,{AT}\n"))
    draft, _clues = recognise(table.columns, sample_rows(table), "branch-x", [])
    stored = mapping_as_data(draft)
    assert isinstance(stored["fields"], dict)
    assert stored["fields"]["applied_at"] == {"column": "Application Time (UTC)", "utc_offset": "+00:00"}
    assert read_mapping(stored).fields["applied_at"] == draft.fields["applied_at"]


def test_a_mapping_that_states_none_reads_as_before(make_file: MakeFile) -> None:
    table = open_table(make_file("t.csv", f"loan no,loan amount,term,Application Time (UTC)\nL1,5021,12,{AT}\n"))
    fields = {
        "external_ref": {"column": "loan no"}, "amount": {"column": "loan amount"}, "term_months": {"column": "term"},
        "applied_at": {"column": "Application Time (UTC)"}, "product": {"constant": "p"},
        "currency": {"constant": "CNY"},
        "applicant.id": {"derive": "applicant_reference"},
    }  # fmt: skip
    mapping = read_mapping({"source": "branch-x", "fields": fields})
    rows = list(read_rows(table, mapping, now=NOW))
    assert moments(rows) == [datetime(2026, 1, 5, 17, 5, tzinfo=CHINA)]


@pytest.mark.parametrize(
    ("entry", "key"),
    [
        ({"column": "a", "utc_offset": "UTC"}, "features.x.type"),
        ({"column": "a", "type": "date", "utc_offset": "UTC"}, "features.x.utc_offset"),
        ({"compute": "moment_of", "from": ["a", "b"], "with": {"utc_offset": "8"}}, "features.x.with.utc_offset"),
        ({"compute": "moment_of", "from": ["a", "b"], "with": {"clock": "%H"}}, "features.x.with.clock"),
        ({"compute": "moment_of", "from": ["a", "b"], "minimum": 1}, "features.x.compute"),
    ],
)
def test_what_a_mapping_cannot_mean_is_refused(entry: dict[str, object], key: str) -> None:
    with pytest.raises(MappingError) as refusal:
        read_mapping({"source": "s", "features": {"x": entry}})
    assert (refusal.value.code, refusal.value.params["key"]) == ("mapping_wrong_value", key)


def test_a_bare_day_of_a_workbook_is_that_day() -> None:
    assert read_in_zone(date(2026, 1, 5), CHINA, "", "+00:00") == datetime(2026, 1, 5, tzinfo=CHINA)
    assert read_in_zone(date(2026, 1, 5), CHINA, "", "?") == datetime(2026, 1, 5, tzinfo=CHINA)
    assert read_in_zone(datetime(2026, 1, 5, 9), CHINA, "", "-05:00") == datetime(  # noqa: DTZ001
        2026, 1, 5, 9, tzinfo=timezone(timedelta(hours=-5))
    )
    with pytest.raises(CellError, match="zone_not_certain"):
        read_in_zone(datetime(2026, 1, 5, 9), CHINA, "", "?")  # noqa: DTZ001
