"""A day of a feature is the same however it is spelt: cases on record hold it as their file wrote it once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest

from cases.models import Case, User
from intake.mapped.kept_days import is_same_day
from intake.mending.mending import return_to_source
from intake.models import RejectedRow
from intake.signing.first_look import confirm_reading
from tests.intake.test_first_look import Arrive, arrive
from tests.intake.test_written_days import counts, take

__all__ = ["arrive"]

ROWS: Final = range(1, 13)
DAYS: Final[dict[str, Callable[[int], str]]] = {
    "2020/03/01": "2020/03/{:02d}".format,
    "2020年3月1日": "2020年3月{}日".format,
    "2020.3.1": "2020.3.{}".format,
    "2020/3/1 0:00": "2020/3/{} 0:00".format,
    "2020-03-01 00:00:00": "2020-03-{:02d} 00:00:00".format,
    "1-Mar-2020": "{}-Mar-2020".format,
}
TIMES: Final[dict[str, Callable[[int], str]]] = {
    "2020-03-01 08:30:00": "2020-03-{:02d} 08:30:00".format,
    "2020/3/1 8:30": "2020/3/{} 8:30".format,
    "2020年3月1日 08:30": "2020年3月{}日 08:30".format,
    "2020-03-01T08:30:00+08:00": "2020-03-{:02d}T08:30:00+08:00".format,
}
PACKED: Final = "202003{:02d}".format
HEADER: Final = "借据编号,合同编号,客户编号,贷款金额(元),期限(月),申请日期,开户日期"
BY_CONTRACT: Final = HEADER.removeprefix("借据编号,")
DAY: Final = "col_e96333a5"


def csv(spell: Callable[[int], str], header: str = HEADER, amount: int = 12_000) -> str:
    first = "JJ{0:04d}," if header == HEADER else ""
    lines = [(first + "{0:06d},KH{0:03d},{1},24,2026/1/{0},{2}").format(at, amount + at, spell(at)) for at in ROWS]
    return "\n".join([header, *lines, ""])


def workbook(path: Path, moment: Callable[[int], datetime]) -> Path:
    book = openpyxl.Workbook()
    book.worksheets[0].append(HEADER.split(","))
    for at in ROWS:
        day = datetime(2026, 1, at)  # noqa: DTZ001
        book.worksheets[0].append([f"JJ{at:04d}", f"{at:06d}", f"KH{at:03d}", 12_000 + at, 24, day, moment(at)])
    book.save(path)
    return path


@pytest.fixture
def came_before(arrive: Arrive, supervisor: User, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Takes a file in as it was read when days of features stayed the texts they are."""

    def come(text: str) -> None:
        with monkeypatch.context() as then:
            then.setattr("intake.recognition.feature_columns.are_days", lambda _header, _texts: False)
            assert counts(arrive(text, "before.csv")) == (12, 0, 0)
        confirm_reading("branch", 1, by=supervisor, known_before=True)

    return come


def on_record() -> list[dict[str, Any]]:
    return list(Case.objects.order_by("pk").values("external_ref", "content_hash", "features", "state", "version"))


@pytest.mark.parametrize("of_then", DAYS)
def test_a_loan_on_record_is_known_with_its_day_in_any_spelling(
    arrive: Arrive, came_before: Callable[[str], None], tmp_path: Path, of_then: str
) -> None:
    came_before(csv(DAYS[of_then]))
    before = on_record()
    assert before[0]["features"] == {DAY: of_then}
    for number, spell in enumerate([*DAYS.values(), PACKED, "2020-03-{:02d}".format]):
        assert counts(arrive(csv(spell), f"{number}.csv")) == (0, 12, 0)
    assert counts(take(workbook(tmp_path / "again.xlsx", lambda at: datetime(2020, 3, at)))) == (0, 12, 0)  # noqa: DTZ001
    assert on_record() == before


@pytest.mark.parametrize("of_then", TIMES)
def test_a_loan_on_record_is_known_with_its_time_in_any_spelling(
    arrive: Arrive, came_before: Callable[[str], None], tmp_path: Path, of_then: str
) -> None:
    came_before(csv(TIMES[of_then]))
    before = on_record()
    for number, spell in enumerate(TIMES.values()):
        assert counts(arrive(csv(spell), f"{number}.csv")) == (0, 12, 0)
    moments = workbook(tmp_path / "again.xlsx", lambda at: datetime(2020, 3, at, 8, 30))  # noqa: DTZ001
    assert counts(take(moments)) == (0, 12, 0)
    assert on_record() == before
    # Another time of the same day is another content.
    assert counts(arrive(csv("2020-03-{:02d} 08:31:00".format), "later.csv")) == (0, 0, 12)
    assert on_record() == before


def test_a_time_is_known_in_the_order_of_its_table(arrive: Arrive, came_before: Callable[[str], None]) -> None:
    came_before(csv(lambda at: f"2020年3月{at + 10}日 8:30"))
    before = on_record()
    assert counts(arrive(csv(lambda at: f"3/{at + 10}/2020 8:30"), "again.csv")) == (0, 12, 0)
    assert on_record() == before


def test_spellings_may_differ_from_row_to_row(arrive: Arrive, came_before: Callable[[str], None]) -> None:
    ways = list(DAYS.values())
    came_before(csv(lambda at: ways[at % len(ways)](at)))
    assert counts(arrive(csv(lambda at: ways[(at + 1) % len(ways)](at)), "again.csv")) == (0, 12, 0)


@pytest.mark.parametrize("of_then", DAYS)
def test_a_loan_is_known_by_its_day_under_the_reference_of_before(
    arrive: Arrive, came_before: Callable[[str], None], tmp_path: Path, of_then: str
) -> None:
    came_before(csv(DAYS[of_then], BY_CONTRACT))
    before = on_record()
    assert before[0]["external_ref"] == "000001"
    assert counts(arrive(csv("2020-03-{:02d}".format), "again.csv")) == (0, 12, 0)
    assert counts(take(workbook(tmp_path / "again.xlsx", lambda at: datetime(2020, 3, at)))) == (0, 12, 0)  # noqa: DTZ001
    assert on_record() == before


def test_another_day_or_amount_is_refused_and_only_what_differs_is_named(
    arrive: Arrive, came_before: Callable[[str], None]
) -> None:
    came_before(csv(DAYS["2020年3月1日"]))
    before = on_record()
    assert counts(arrive(csv("2020-04-{:02d}".format), "day.csv")) == (0, 0, 12)
    assert counts(arrive(csv("2020-03-{:02d}".format, amount=13_000), "amount.csv")) == (0, 0, 12)
    told = dict(RejectedRow.objects.filter(row_number=2).values_list("batch__name", "errors"))
    assert {name: error["en"] for name, (error,) in told.items()} == {
        "day.csv": "The reference “JJ0001” is already known with other content: 开户日期.",
        "amount.csv": "The reference “JJ0001” is already known with other content: 贷款金额(元).",
    }
    assert on_record() == before


def test_what_was_returned_is_taken_again_with_its_day_in_another_spelling(
    arrive: Arrive, supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as then:
        then.setattr("intake.recognition.feature_columns.are_days", lambda _header, _texts: False)
        arrive(csv(DAYS["2020年3月1日"]), "before.csv")
    held = Case.objects.get(external_ref="JJ0001")
    return_to_source(held.pk, by=supervisor, reason="the papers are missing", seen_version=held.version)
    confirm_reading("branch", 1, by=supervisor, known_before=True)
    assert counts(arrive(csv("2020-03-{:02d}".format), "again.csv")) == (1, 11, 0)
    features = Case.objects.order_by("external_ref").values_list("features", flat=True)[:2]
    assert list(features) == [{DAY: "2020-03-01"}, {DAY: "2020年3月2日"}]


@pytest.mark.parametrize(
    ("cell", "text", "kept", "same"),
    [
        ("2020-03-01", "2020-03-01", "2020年3月1日", True),
        ("2020-03-01", "2020-03-01", "2020-03-01T00:00:00+08:00", True),
        ("2020-03-01T08:30:00+08:00", "2020-03-01T08:30:00+08:00", "2020/3/1 8:30", True),
        ("2020-03-01T08:30:00+08:00", "2020-03-01T08:30:00+08:00", "2020-03-01 00:30:00 UTC", True),
        ("2020-03-01T08:30:00+08:00", "2020-03-01T08:30:00+08:00", "2020/3/1", False),
        ("2025-12", "2025-12", "2025-12-01", True),
        ("2025-12", "2025-12", "2025-12-02", False),
        (date(2020, 3, 1), "2020-03-01", "20200301", True),
        ("20200301", "20200301", "43891", False),
        ("长期", "长期", "2020-03-01", False),
        ("2020-03-02", "2020-03-02", "3/2/2020", False),
    ],
)
def test_days_are_compared_and_codes_are_not(cell: object, text: str, kept: str, *, same: bool) -> None:
    assert is_same_day(cell, text, kept) is same
