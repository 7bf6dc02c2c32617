"""Cells in the spellings of real tables become numbers, dates, flags and durations, or a reason."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest

from intake.recognition.date_orders import form_of, is_date, order_of
from intake.values.cell_dates import is_of_late, read_moment
from intake.values.cells import (
    OPEN_MARK,
    CellError,
    cell_text,
    lookup_key,
    read_flag,
    read_number,
    read_percent,
    read_to_judge,
)
from intake.values.durations import read_months

CHINA = timezone(timedelta(hours=8))
NAIVE = datetime.combine(date(2026, 1, 5), time(9))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12000.5", "12000.5"), ("12,000.50", "12000.50"), ("1.2万", "12000"), ("3亿", "300000000"),
        ("￥1,200", "1200"), ("¥1200.00元", "1200"), ("人民币3000元", "3000"), ("$5", "5"), ("1 234,5", "1234.5"),
        ("1.234,56", "1234.56"), ("1.234.567", "1234567"), ("1,23,456.7", "123456.7"), ("(300)", "-300"),
        ("-5", "-5"), ("−5", "-5"), ("１２，０００．５", "12000.5"), ("1'000", "1000"), ("1e3", "1000"),
        ("0,333", "0.333"), ("12,5", "12.5"), (".5", "0.5"), ("12,000", "12000"), ("5.", "5"),
        ("0,3333", "0.3333"), ("12,0000,0000", "1200000000"), ("12,00000", "12"), ("12345,6789", "12345.6789"),
        ("（１．２万）", "-12000"), ("1000,000.00", "1000000.00"), ("1250,000,000", "1250000000"),
    ],
)  # fmt: skip
def test_numbers_are_read_in_every_usual_spelling(text: str, number: str) -> None:
    assert read_number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    ["abc", "12%", "", "1.2.3,4,5", "1,2,3", "12 apples", "inf", "nan", "1e999", "--5", "9" * 60, "1 5", "1_5", "12_",
     "10 20", "20261120 100", "10²", "①", "(-6000)", "(-5)", "（－５）", "(¥-5)", "(+5)", "((5))"],
)  # fmt: skip
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(CellError) as refusal:
        read_number(text)
    assert refusal.value.code == "not_a_number"


def test_a_known_decimal_mark_settles_what_a_single_comma_means() -> None:
    assert read_number("12,000", ",") == Decimal("12")
    assert read_number("12.000", ",") == Decimal("12000")
    assert read_number("12,000", ".") == Decimal("12000")
    assert read_number("7,3750", ",") == Decimal("7.375")
    assert read_number("12,0000", ".") == Decimal("120000")
    assert read_number("1250,000", ",") == Decimal("1250")
    assert read_number("1250,000", ".") == Decimal("1250000")


@pytest.mark.parametrize(
    ("text", "mark", "judged"),
    [
        ("12,0000", "", 120_000), ("¥1,5000元", "", 15_000), ("1200,3456万", "", 120_034_560_000),
        ("-8,0000", "", -80_000), ("1250,000", "", 1_250_000), ("¥12500，000元", "", 12_500_000),
        ("12,0000", OPEN_MARK, 120_000), ("5,000", OPEN_MARK, 5_000), ("(300，000)", OPEN_MARK, -300_000),
        ("80.000", OPEN_MARK, 80),
    ],
)  # fmt: skip
def test_what_may_be_one_of_two_numbers_is_refused_and_only_judged_by(text: str, mark: str, judged: int) -> None:
    with pytest.raises(CellError) as refusal:
        read_number(text, mark)
    assert refusal.value.code == "ambiguous_number"
    assert read_to_judge(text, mark) == judged


def test_an_open_mark_reads_what_only_one_mark_can() -> None:
    texts = ("1,200,000", "7,37", "0,125", "1.234,5", "900", "5,000.50", "1200.500")
    assert [read_number(text, OPEN_MARK) for text in texts] == [
        1_200_000, Decimal("7.37"), Decimal("0.125"), Decimal("1234.5"), 900, Decimal("5000.5"), Decimal("1200.5"),
    ]  # fmt: skip
    with pytest.raises(CellError, match="not_a_number"):
        read_to_judge("abc")


def test_percent_signs_are_taken_off() -> None:
    assert read_percent("12.5%") == read_percent("12.5 ％") == read_percent("12.5") == Decimal("12.5")


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2026-01-05", (2026, 1, 5)), ("2026/1/5", (2026, 1, 5)), ("2026.1.5", (2026, 1, 5)),
        ("2026年1月5日", (2026, 1, 5)), ("２０２６年１月５日", (2026, 1, 5)), ("20260105", (2026, 1, 5)),
        ("2026-01-05 09:30", (2026, 1, 5, 9, 30)), ("2026-01-05T09:30:15", (2026, 1, 5, 9, 30, 15)),
        ("2026年1月5日 9时30分", (2026, 1, 5, 9, 30)), ("46027", (2026, 1, 5)), ("46027.5", (2026, 1, 5, 12)),
        ("Mar-2018", (2018, 3, 1)), ("5 March 2018", (2018, 3, 5)), ("Mar 5, 2018", (2018, 3, 5)),
        ("2018-03", (2018, 3, 1)), ("201803", (2018, 3, 1)), ("25/12/2018", (2018, 12, 25)),
        ("12/25/2018", (2018, 12, 25)), ("20260105093015", (2026, 1, 5, 9, 30, 15)), (46027.0, (2026, 1, 5)),
        (20260105, (2026, 1, 5)), (date(2026, 1, 5), (2026, 1, 5)), (NAIVE, (2026, 1, 5, 9)),
    ],
)  # fmt: skip
def test_dates_are_read_in_every_usual_spelling(cell: object, moment: tuple[int, ...]) -> None:
    year, month, day, hour, minute, second = (*moment, 0, 0, 0)[:6]
    assert read_moment(cell, CHINA) == datetime(year, month, day, hour, minute, second, tzinfo=CHINA)


def test_a_zone_in_the_cell_wins_over_the_zone_of_the_mapping() -> None:
    assert read_moment("2026-01-05T09:30:00Z", CHINA) == datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    assert read_moment("2026-01-05 09:30:00+0530", CHINA).utcoffset() == timedelta(hours=5, minutes=30)
    assert read_moment("Mon, 05 Jan 2026 09:30:00 GMT", CHINA) == datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "cell", ["2026-02-30", "2026-13-01", "31/02/2024", "soon", "2018", "Foo-2018", "2026-01-05 25:00", "0000-01-01"]
)
def test_dates_that_do_not_exist_are_refused(cell: str) -> None:
    with pytest.raises(CellError) as refusal:
        read_moment(cell, CHINA)
    assert refusal.value.code == "not_a_date"


def test_a_date_with_two_readings_is_refused_unless_the_format_is_named() -> None:
    with pytest.raises(CellError) as refusal:
        read_moment("03/04/2018", CHINA)
    assert refusal.value.code == "ambiguous_date"
    assert read_moment("03/04/2018", CHINA, "%d/%m/%Y").month == 4


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("36", 36),
        ("36 months", 36),
        ("24个月", 24),
        ("12期", 12),
        ("2年", 24),
        ("5 years", 60),
        ("term_36", 36),
        ("36.0", 36),
        ("1.5年", 18),
        ("12M", 12),
        ("2Y", 24),
        ("36（月）", 36),
        ("一年", 12),
        ("半年", 6),
        ("两年半", 30),
        ("3年6个月", 42),
        ("三十六个月", 36),
        ("十二期", 12),
        ("二十四个月", 24),
        ("1年期", 12),
        ("1年零6个月", 18),
        ("5年期", 60),
        ("一年期", 12),
        ("12个月期", 12),
        ("半年期", 6),
        ("years 3", 36),
        ("Months_36", 36),
        ("36 Monate", 36),
        ("3 Jahre", 36),
        ("24 mois", 24),
        ("2 ans", 24),
        ("18 meses", 18),
        ("2 años", 24),
        ("12 mesi", 12),
        ("6 bulan", 6),
        ("1 tahun", 12),
    ],
)
def test_durations_are_read_as_months(text: str, months: int) -> None:
    assert read_months(text) == months


def test_a_term_that_says_its_unit_is_not_scaled_by_its_column() -> None:
    cells = ("3", "1.5", "3年", "36个月", "2年6个月")
    assert [read_months(text, scale=Decimal(12)) for text in cells] == [36, 18, 36, 36, 30]
    assert read_months("2期", scale=Decimal(3)) == 6
    with pytest.raises(CellError, match="not_a_duration"):
        read_months("12期", scale=Decimal(12))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("long", "not_a_duration"),
        ("12.5", "not_an_integer"),
        ("", "not_a_duration"),
        ("360天", "not_a_duration"),
        ("12/24", "not_a_duration"),
        ("36 mm", "not_a_duration"),
        ("一天", "not_a_duration"),
        ("days 90", "not_a_duration"),
        ("Days_360", "not_a_duration"),
        ("week 52", "not_a_duration"),
        ("years 3 months", "not_a_duration"),
        ("90 days", "not_a_duration"),
        ("12元", "not_a_duration"),
    ],
)
def test_what_is_no_duration_is_refused(text: str, code: str) -> None:
    with pytest.raises(CellError) as refusal:
        read_months(text)
    assert refusal.value.code == code


def test_flags_are_read_in_both_languages() -> None:
    assert [read_flag(text) for text in ("是", "YES", "1", "1.0", "true", "有")] == [True] * 6
    assert [read_flag(text) for text in ("否", "n", "0", "False", "无")] == [False] * 5
    with pytest.raises(CellError):
        read_flag("maybe")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""), (float("nan"), ""), (2.0, "2"), (2.5, "2.5"), (True, "true"), ("\u3000张三 \u200b", "张三"),
        ('="00120001"', "00120001"), ("'=\"001\"", "001"), ('=""', ""), ('="a"&"b"', '="a"&"b"'),
        (7, "7"), (NAIVE, "2026-01-05 09:00:00"), (date(2026, 1, 5), "2026-01-05"), (Decimal("1.50"), "1.50"),
    ],
)  # fmt: skip
def test_a_cell_has_the_same_text_whatever_kind_of_file_it_came_from(cell: object, text: str) -> None:
    assert cell_text(cell) == text


def test_listed_values_are_compared_without_case_width_and_idle_decimals() -> None:
    read: Callable[[str], str] = lookup_key
    assert read("ABC") == read("abc") == read("ａｂｃ")
    assert read("2.0") == read("2") != read("2.5")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026/1/5 下午 3:20", "2026-01-05 15:20"), ("2026-01-05 下午3:20:15", "2026-01-05 15:20:15"),
        ("2026年1月5日 上午12:05", "2026-01-05 00:05"), ("2026/1/5 中午12:30", "2026-01-05 12:30"),
        ("2026/1/5 中午1:30", "2026-01-05 13:30"), ("2026/1/5 中午11:50", "2026-01-05 11:50"),
        ("2026/1/5 晚上9:05", "2026-01-05 21:05"), ("2026/1/5 凌晨12:30", "2026-01-05 00:30"),
        ("1/15/2026 3:20 PM", "2026-01-15 15:20"), ("1/15/2026 12:20:05 AM", "2026-01-15 00:20:05"),
        ("2026/1/5 PM 3:20", "2026-01-05 15:20"), ("15/1/2026 12:00 p.m.", "2026-01-15 12:00"),
        ("3rd Jan 2026", "2026-01-03 00:00"), ("January 21st, 2026", "2026-01-21 00:00"),
        ("Mon, 2nd February 2026 09:30", "2026-02-02 09:30"), ("15th-Feb-2026", "2026-02-15 00:00"),
        ("民国115年1月5日", "2026-01-05 00:00"), ("中華民國115年1月5日 下午3时20分", "2026-01-05 15:20"),
    ],
)  # fmt: skip
def test_hours_of_half_a_day_and_years_since_1911_are_read(text: str, expected: str) -> None:
    assert read_moment(text, CHINA).replace(tzinfo=None) == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5-Jan-26", "2026-01-05"), ("05-JAN-98", "1998-01-05"), ("03JAN2026", "2026-01-03"),
        ("20260103 09:30", "2026-01-03 09:30"), ("20260103 093015", "2026-01-03 09:30:15"),
        ("2026/1/3 星期六", "2026-01-03"), ("2026年1月3日(周六) 下午3:20", "2026-01-03 15:20"),
        ("Saturday, January 3, 2026", "2026-01-03"), ("Sat 3 Jan 2026", "2026-01-03"),
        ("2026-01-03 Sat", "2026-01-03"), ("2026-01-03 (Sat)", "2026-01-03"), ("2026-01-03, Saturday", "2026-01-03"),
        ("Sat, 03 Jan 2026 09:30:05 +0800", "2026-01-03 09:30:05"), ("3 Jan 2026 09:30", "2026-01-03 09:30"),
        ("Saturday, January 3, 2026 9:30 PM", "2026-01-03 21:30"), ("03-Jan-2026 09:30:05", "2026-01-03 09:30:05"),
    ],
)  # fmt: skip
def test_short_years_beside_a_months_name_and_days_of_the_week_are_read(text: str, expected: str) -> None:
    assert read_moment(text, CHINA).replace(tzinfo=None) == datetime.fromisoformat(expected)
    assert is_date(text)
    # Rows with it are told by its text, as they were before it was read.
    assert is_of_late(text)
    assert not any(map(is_of_late, ("5-Jan-2026", "5 Jan 2026", "Mar-2018", "2026-01-05", "20260105")))


# A year that may be of either century, one of which nobody says where it stands, a month alone, a number.
@pytest.mark.parametrize("text", ["5-Jan-55", "May-26", "202601030930", "12ABC2026", "周六", "Sat", "5 Jan 2026 25:00"])
def test_what_may_be_another_day_is_no_moment(text: str) -> None:
    with pytest.raises(CellError, match="not_a_date"):
        read_moment(text, CHINA)


def test_a_form_that_names_the_day_of_the_week_reads_it_itself() -> None:
    assert read_moment("Sat 03/01/2026", CHINA, "%a %d/%m/%Y").isoformat() == "2026-01-03T00:00:00+08:00"


@pytest.mark.parametrize(
    "text",
    [
        "1/15/2026 15:20 PM",
        "2026/1/5 下午 13:20",
        "2026/1/5 晚上12:05",
        "2026/1/5 上午 3:20 PM",
        "PM 3:20",
        "民国5年1月",
    ],
)
def test_hours_that_half_a_day_has_not_are_no_moment(text: str) -> None:
    with pytest.raises(CellError, match="not_a_date"):
        read_moment(text, CHINA)


def test_dates_with_hours_of_half_a_day_tell_the_order_and_the_form_of_their_column() -> None:
    texts = ["3/4/2026 3:20 PM", "3/25/2026 11:05 AM", "12/31/2026 12:00 AM"]
    assert (order_of(texts), form_of(texts, "month")) == ("month", "%m/%d/%Y %H:%M")
    assert read_moment(texts[0], CHINA, "%m/%d/%Y %H:%M").isoformat() == "2026-03-04T15:20:00+08:00"
    assert read_moment(texts[0], CHINA, "%m/%d/%Y %I:%M %p").isoformat() == "2026-03-04T15:20:00+08:00"


@pytest.mark.parametrize("cell", [2023.1, Decimal("2023.1"), "2023.1", " ２０２３.1 "])
def test_a_month_that_may_have_lost_its_nought_is_refused(cell: object) -> None:
    with pytest.raises(CellError, match="ambiguous_month"):
        read_moment(cell, CHINA)
    assert [read_moment(each, CHINA).month for each in (2023.11, 2023.2, "2023.10", "2023.01", "2023.1.5")] == [
        11, 2, 10, 1, 1,
    ]  # fmt: skip


def test_a_form_says_what_a_text_means_and_not_what_a_number_has_lost() -> None:
    assert read_moment("2023.1", CHINA, "%Y.%m").month == 1
    with pytest.raises(CellError, match="ambiguous_month"):
        read_moment(2023.1, CHINA, "%Y.%m")
    assert is_date("2023.1")
