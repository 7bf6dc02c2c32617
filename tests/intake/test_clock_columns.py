"""The day of an application in one column and its time in another are one moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest

from intake.mapped.case_mapping import CHINA, CaseMapping
from intake.reading.parse import open_table
from intake.reading.rows import read_rows, sample_rows
from intake.recognition.clock_columns import clock_form
from intake.recognition.mapping import MappingError, mapping_as_data, read_mapping
from intake.recognition.recognise import recognise
from intake.record.choose import mapping_for
from intake.shown.clocks import moment_of, read_clock
from intake.tabular.tables import Table
from intake.values.cells import CellError
from tests.intake.places import NOW, MakeFile


def table_of(make_file: MakeFile, day: str, clock: str, *rows: tuple[str, str]) -> Table:
    lines = "".join(f"L{at},{50_000 + at},12,{one},{other}\n" for at, (one, other) in enumerate(rows))
    return open_table(make_file("t.csv", f"借据号,贷款金额,期限,{day},{clock}\n{lines}"))


def read(table: Table) -> tuple[CaseMapping, list[object]]:
    """The mapping, and the moment of each row with its features, or what it is refused for."""
    mapping = mapping_for(table, "branch-x", None)[1]
    return mapping, [
        (row.submission.applied_at, row.submission.features)
        if row.submission
        else [(error.field, error.value, error.code) for error in row.errors]
        for row in read_rows(table, mapping, now=NOW)
    ]


AFTERNOON = datetime(2026, 1, 15, 14, 0, 10, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("headers", "cells", "options"),
    [
        (("申请日期", "申请时间"), ("20260115", "140010"), {"clock": "%H%M%S"}),
        (("申请日期", "申请时间"), ("2026/1/15", "14:00:10"), {}),
        (("申请日期", "申请时刻"), ("2026年1月15日", "下午2:00:10"), {}),
        (("Application Date", "Application Time"), ("2026-01-15", "2:00:10 PM"), {}),
        (("Application Date", "Application Time"), ("01/15/2026", "14:00:10"), {"format": "%m/%d/%Y"}),
        (("apply_date", "apply_time"), ("2026-01-15 00:00:00", "14:00:10"), {}),
        (("AppDt", "AppTime"), ("2026-01-15", "14:00:10"), {}),
        (("申请日期", "进件时间"), ("2026-01-15", "14时00分10秒"), {}),
    ],
)
def test_day_and_time_are_put_together(
    make_file: MakeFile, headers: tuple[str, str], cells: tuple[str, str], options: dict[str, str]
) -> None:
    for turned in (headers, headers[::-1]):
        in_order = cells if turned == headers else cells[::-1]
        mapping, rows = read(table_of(make_file, *turned, in_order, in_order))
        applied = mapping.fields["applied_at"]
        assert (applied.how, applied.name, applied.sources, applied.options) == (
            "compute",
            "moment_of",
            headers,
            options,
        )
        assert rows == [(AFTERNOON, {})] * 2


def test_of_a_workbook_they_are_too(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["借据号", "贷款金额", "申请日期", "申请时间"], ["A", 5021, date(2026, 1, 15), time(14, 0, 10)]):
        book.worksheets[0].append(row)
    book.save(tmp_path / "t.xlsx")
    assert read(open_table(tmp_path / "t.xlsx"))[1] == [(AFTERNOON, {})]


def test_what_is_missing_or_no_time(make_file: MakeFile) -> None:
    rows = [("2026-01-15", "14:00:10")] * 6 + [("2026-01-15", ""), ("2026-01-15", "25:00"), ("", "14:00:10")]
    read_as = read(table_of(make_file, "申请日期", "申请时间", *rows))[1]
    assert read_as[6:] == [
        (datetime(2026, 1, 15, tzinfo=CHINA), {}),
        [("申请日期, 申请时间", "2026-01-15 | 25:00", "not_a_clock")],
        [("申请日期, 申请时间", "", "required")],
    ]


def test_a_clock_beside_a_day_with_its_own_is_left_out(make_file: MakeFile) -> None:
    mapping, rows = read(table_of(make_file, "申请日期", "申请时间", ("2026-01-15 14:00:10", "14:00:10")))
    assert mapping.drop == {"申请时间": "duplicate"}
    assert rows == [(AFTERNOON, {})]


def test_the_zone_of_either_header_counts(make_file: MakeFile) -> None:
    told = AFTERNOON + timedelta(hours=8)
    for day, clock in (("申请日期(UTC)", "申请时间(UTC)"), ("申请日期", "申请时间(UTC)")):
        assert read(table_of(make_file, day, clock, ("2026-01-15", "14:00:10")))[1] == [(told, {})]
    mapping, rows = read(
        table_of(make_file, "申请日期", "申请时间(EST)", ("2026-01-15", "14:00:10"), ("2026-01-15", ""))
    )
    assert mapping.fields["applied_at"].options == {"utc_offset": "?"}
    assert rows == [
        [("申请日期, 申请时间(EST)", "2026-01-15 | 14:00:10", "zone_not_certain")],
        (datetime(2026, 1, 15, tzinfo=CHINA), {}),
    ]


def test_a_time_of_something_else_is_not_put_to_it(make_file: MakeFile) -> None:
    mapping, rows = read(table_of(make_file, "申请日期", "回访时间", ("2026-01-15", "14:00:10")))
    assert mapping.fields["applied_at"].column == "申请日期"
    assert [row[0] for row in rows if isinstance(row, tuple)] == [datetime(2026, 1, 15, tzinfo=CHINA)]


def test_swapped_days_are_refused_beside_a_clock(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["借据号", "贷款金额", "申请日期", "申请时间"])
    book.worksheets[0].append(["A", 5021, date(2026, 5, 1), "14:00"])
    book.worksheets[0].append(["B", 5022, "13/01/2026", "15:00"])
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(MappingError) as refusal:
        mapping_for(open_table(tmp_path / "t.xlsx"), "branch-x", None)
    assert (refusal.value.code, refusal.value.params["name"]) == ("days_swapped", "申请日期")


def test_a_draft_puts_them_together_and_is_read_again(make_file: MakeFile) -> None:
    table = table_of(
        make_file, "申请日期", "申请时间", ("20260115", "140010"), ("20260116", "90010"), ("20260117", "10")
    )
    draft, clues = recognise(table.columns, sample_rows(table), "branch-x", [])
    stored = mapping_as_data(draft)
    assert isinstance(stored["fields"], dict)
    assert stored["fields"]["applied_at"] == {
        "compute": "moment_of", "from": ["申请日期", "申请时间"], "with": {"clock": "%H%M%S"}
    }  # fmt: skip
    assert read_mapping(stored).fields["applied_at"] == draft.fields["applied_at"]
    assert draft.features == {}
    assert clues["申请时间"].detail == "applied_at"
    assert [row.submission.applied_at for row in read_rows(table, draft, now=NOW) if row.submission] == [
        datetime(2026, 1, 15, 14, 0, 10, tzinfo=CHINA), datetime(2026, 1, 16, 9, 0, 10, tzinfo=CHINA),
        datetime(2026, 1, 17, 0, 0, 10, tzinfo=CHINA),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        (["140010", "90010", "0"], "%H%M%S"), (["1400", "0905"], "%H%M"), (["14:00", "9:05"], ""),
        (["0.5", "0.25"], ""),
        (["202601", "202602"], None), (["2025", "2026"], None), (["7", "12"], None), (["2026-01-05"], None),
        ([], None),
        (["256010", "126099"], None),
    ],
)  # fmt: skip
def test_what_columns_of_times_are(texts: list[str], form: str | None) -> None:
    assert clock_form(texts) == form


def test_times_are_read_in_their_spellings() -> None:
    assert [read_clock(each) for each in ("14:00", "2:00 PM", "14时5分", "0.75", "上午9:05")] == [
        time(14), time(14), time(14, 5), time(18), time(9, 5)
    ]  # fmt: skip
    assert read_clock("14:00Z") == time(14, tzinfo=UTC)
    assert moment_of(["2026-01-15", "14:00Z"], {"utc_offset": "+08:00"}) == datetime(2026, 1, 15, 14, tzinfo=UTC)
    for cells in (["2026-01-15", "soon"], ["2026-01-15", "1400"], ["2026-01-15 09:00", "14:00"]):
        with pytest.raises(CellError, match="not_a_clock"):
            moment_of(cells, {})


@pytest.mark.parametrize(
    ("headers", "cells"),
    [
        (("申请日期", "申请时间"), ("2026-01-15", "2026-01-15 14:00:10")),
        (("Application Date", "Application Time"), ("2026-01-15 00:00:00", "2026-01-15T14:00:10")),
        (("Application Date", "Application Time"), ("01/15/2026", "01/15/2026 14:00:10")),
        # By the clock of Greenwich it is the day before.
        (("申请日期", "进件时间"), ("2026-01-16", "2026-01-15T22:00:10Z")),
        (("申请日期", "申请时间(UTC)"), ("2026-01-15", "2026-01-15 06:00:10")),
    ],
)
def test_a_day_beside_its_moment_is_left_out(
    make_file: MakeFile, headers: tuple[str, str], cells: tuple[str, str]
) -> None:
    moment = datetime(2026, 1, 16, 6, 0, 10, tzinfo=CHINA) if cells[1].endswith("Z") else AFTERNOON
    for turned in (headers, headers[::-1]):
        in_order = cells if turned == headers else cells[::-1]
        mapping, rows = read(table_of(make_file, *turned, in_order, in_order))
        assert (mapping.fields["applied_at"].column, mapping.drop) == (headers[1], {headers[0]: "duplicate"})
        assert rows == [(moment, {})] * 2


@pytest.mark.parametrize(
    ("header", "second"),
    [("申请时间", "2026-01-17 14:00:10"), ("申请时间", ""), ("回访时间", "2026-01-15 14:00:10")],
)
def test_a_day_stays_beside_moments_that_are_not_all_of_it(make_file: MakeFile, header: str, second: str) -> None:
    rows = [("2026-01-15", "2026-01-15 14:00:10"), ("2026-01-15", second)]
    mapping, told = read(table_of(make_file, "申请日期", header, *rows))
    assert (mapping.fields["applied_at"].column, mapping.drop) == ("申请日期", {})
    assert [row[0] for row in told if isinstance(row, tuple)] == [datetime(2026, 1, 15, tzinfo=CHINA)] * 2


def test_times_that_a_program_wrote_with_the_first_day_of_its_calendar(make_file: MakeFile) -> None:
    for day in ("1900-01-01 ", "1899-12-30 ", "1899-12-31T", "1970-01-01 ", "1900/1/1 "):
        mapping, rows = read(table_of(make_file, "申请日期", "申请时间", ("2026-01-15 00:00:00", f"{day}14:00:10")))
        assert (mapping.fields["applied_at"].name, mapping.features, rows) == ("moment_of", {}, [(AFTERNOON, {})])
    for text in ("2026-01-15 14:00", "1900-01-02 14:00", "1900-01-01"):
        with pytest.raises(CellError, match="not_a_clock"):
            read_clock(text)
