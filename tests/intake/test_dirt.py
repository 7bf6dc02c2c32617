"""The dirt corpus: good rows come in, bad ones are refused by row, field and reason, hostile files as a whole."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.header_words.scale_words import scale_in
from intake.reading.parse import open_table
from intake.reading.rows import read_rows
from intake.record.choose import mapping_for
from intake.wording.field_errors import FieldError
from intake.wording.sentences import SENTENCES, IntakeError
from tests.intake.dirt import disguised, files, rows
from tests.intake.dirt.kinds import HEADER, Dirt, lines, row

NOW: Final = datetime(2026, 1, 5, tzinfo=UTC)
CORPUS: Final = (
    *rows.CELLS, *rows.ROWS, *rows.UNDERSTOOD,
    *files.ENCODINGS, *files.TEXTS, *files.PACKED, *files.BOOKS, *files.PARQUETS,
    *disguised.TABLES, *disguised.KINDS, *disguised.SHEETS, *disguised.COLUMNAR,
)  # fmt: skip
# Pages read from a bomb are let go before it is refused.
MOST_BYTES: Final = 60 << 20
Told = tuple[list[str], dict[int, list[tuple[str, str]]], str]


def told(path: Path) -> Told:
    """The references that come in, the errors of each refused row, and why the file is refused."""
    good: list[str] = []
    bad: dict[int, list[tuple[str, str]]] = {}
    try:
        table = open_table(path)
        _name, mapping = mapping_for(table, "branch", None)
        for each in read_rows(table, mapping, now=NOW):
            known = each.submission is not None and each.submission.external_ref in good
            # A second row of one reference is refused where the case is stored.
            errors = [FieldError("id", "", "reference_reused")] if known else each.errors
            if each.submission is not None and not known:
                good.append(each.submission.external_ref)
            else:
                bad[each.row_number] = sorted((error.field, error.code) for error in errors)
    except IntakeError as refusal:
        return good, bad, refusal.code
    return good, bad, ""


def test_the_corpus_holds_more_than_sixty_kinds_each_with_a_name_of_its_own() -> None:
    assert len(CORPUS) > 160
    assert len({dirt.name for dirt in CORPUS}) == len(CORPUS)
    codes = {code for dirt in CORPUS for errors in dirt.bad.values() for _field, code in errors}
    assert codes | {dirt.refused for dirt in CORPUS if dirt.refused} <= SENTENCES.keys()


@pytest.mark.parametrize("dirt", CORPUS, ids=str)
def test_good_rows_come_in_and_bad_ones_are_named(dirt: Dirt, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    dirt.write(path)
    good, bad, refused = told(path)
    assert (bad, refused) == ({number: sorted(errors) for number, errors in dirt.bad.items()}, dirt.refused)
    assert good == list(dirt.good)


@pytest.mark.parametrize("dirt", [each for each in CORPUS if each.refused in ("table_bomb", "line_too_long")], ids=str)
def test_what_is_too_large_is_refused_in_little_memory(dirt: Dirt, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    dirt.write(path)
    tracemalloc.start()
    assert told(path)[2] == dirt.refused
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < MOST_BYTES


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_break_the_reading_of_a_file(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "table.csv"
    path.write_bytes(content)
    told(path)


TEXT: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
# What states a scale is no dirt: it is a question about all rows.
NOISE: Final = TEXT.filter(lambda text: scale_in(text) is None)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(NOISE, min_size=1, max_size=9), max_size=6))
def test_no_cells_harm_the_good_rows_around_them(
    tmp_path_factory: pytest.TempPathFactory, cells: list[list[str]]
) -> None:
    """Whatever stands in some rows, as long as they are rows: quoted as a CSV writer does."""
    noise = [",".join('"' + cell.replace('"', '""') + '"' for cell in each) for each in cells]
    good = [row(number) for number in range(1, 41)]
    path = tmp_path_factory.mktemp("cells") / "table.csv"
    path.write_text(lines(*good[:20], *noise, *good[20:]), encoding="utf-8", newline="")
    found, _bad, refused = told(path)
    assert refused == ""
    assert {f"R-{number}" for number in range(1, 41)} <= set(found)


@pytest.mark.parametrize("scale", ["£W", "USD thousands", "单位：万元"])
def test_a_row_that_states_a_scale_is_a_question_about_all_rows(tmp_path: Path, scale: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(lines(*map(row, range(1, 21)), scale, *map(row, range(21, 41))), encoding="utf-8", newline="")
    assert told(path)[2] == "unit_below_rows"


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(rows.TWENTY) * 60))
def test_a_file_that_was_cut_off_anywhere_keeps_its_whole_rows(
    tmp_path_factory: pytest.TempPathFactory, length: int
) -> None:
    text = lines(*rows.TWENTY)[: max(length, len(HEADER) + 1)]
    path = tmp_path_factory.mktemp("cut") / "table.csv"
    path.write_text(text, encoding="utf-8")
    whole = text.count("\n") - 1
    good, bad, refused = told(path)
    assert refused == ""
    assert len(good) >= min(whole, 20)
    assert len(good) + len(bad) in (whole, whole + 1)
