"""Moments as databases and programs write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from intake.mapped.case_mapping import CHINA
from intake.mapped.given import Given
from intake.recognition.date_orders import form_of, order_of, settle_orders
from intake.values.cell_dates import is_of_late, read_moment
from intake.values.cells import CellError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-05-19.30.15.000000", datetime(2026, 1, 5, 19, 30, 15, tzinfo=CHINA)),
        ("2026-01-05-09.30.15.250000000", datetime(2026, 1, 5, 9, 30, 15, 250_000, tzinfo=CHINA)),
        ("2026-01-05-09.30.15", datetime(2026, 1, 5, 9, 30, 15, tzinfo=CHINA)),
        ("05-JAN-26 09.30.15.000000 AM", datetime(2026, 1, 5, 9, 30, 15, tzinfo=CHINA)),
        ("05-JAN-26 12.30.15.500000000 AM", datetime(2026, 1, 5, 0, 30, 15, 500_000, tzinfo=CHINA)),
        ("15-Mar-2026 07.30.15 PM", datetime(2026, 3, 15, 19, 30, 15, tzinfo=CHINA)),
        ("05-1月 -26 07.30.15.000000 下午", datetime(2026, 1, 5, 19, 30, 15, tzinfo=CHINA)),
        (
            "05-JAN-26 09.30.15.000000 PM +05:30",
            datetime(2026, 1, 5, 21, 30, 15, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        ),
        ("2026-01-05 09:30:15 UTC", datetime(2026, 1, 5, 9, 30, 15, tzinfo=UTC)),
        ("2026/1/5 09:30 GMT", datetime(2026, 1, 5, 9, 30, tzinfo=UTC)),
    ],
)
def test_moments_of_databases_are_read(text: str, expected: datetime) -> None:
    assert read_moment(text, CHINA) == expected
    # Rows without a number that were told by such a text keep their references.
    assert is_of_late(text)


def test_moments_of_db2_are_read_beside_any_form() -> None:
    moment = datetime(2026, 1, 5, 9, 30, 15, tzinfo=CHINA)
    assert read_moment("2026-01-05-09.30.15.000000", CHINA, "%d/%m/%Y") == moment
    assert read_moment("2026-01-05-09.30.15", CHINA, "%Y-%m-%d-%H.%M.%S") == moment


@pytest.mark.parametrize(
    "text", ["2026-13-05-09.30.15", "05-JAN-26 13.30.15 PM", "05-JAN-26 00.30.15 AM", "05-JAN-45 09.30.15 AM"]
)
def test_moments_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(CellError) as refusal:
        read_moment(text, CHINA)
    assert refusal.value.code == "not_a_date"


def test_years_of_two_digits_are_read_by_month_where_the_others_prove_it() -> None:
    texts = ["1/5/26 3:20 PM", "11/25/25 12:05 AM"]
    assert (order_of(texts), form_of(texts, "month")) == ("month", "%m/%d/%y %H:%M")
    moments = [read_moment(text, CHINA, "%m/%d/%y %H:%M") for text in texts]
    assert moments == [datetime(2026, 1, 5, 15, 20, tzinfo=CHINA), datetime(2025, 11, 25, 0, 5, tzinfo=CHINA)]


@pytest.mark.parametrize(
    "texts",
    [
        ["1/5/26 3:20 PM", "2/6/26 3:20 PM"], ["26/1/5 3:20 PM", "26/1/15 3:20 PM"],
        ["13/1/26 3:20 PM", "1/5/26 3:20 PM"],
        ["1/25/26", "1/5/26"], ["1/25/26 15:20", "1/5/26 15:20"],
    ],
)  # fmt: skip
def test_years_of_two_digits_tell_nothing_else(texts: list[str]) -> None:
    given = {"applied_at": Given("column", column="day")}
    samples = {"day": texts, "other": ["25/04/2026", "26/04/2026"]}
    assert settle_orders(given, samples) == given
    for text in texts:
        with pytest.raises(CellError):
            read_moment(text, CHINA)
