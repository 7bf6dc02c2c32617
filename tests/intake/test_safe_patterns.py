"""A pattern that could match a cell for ages is refused before it is used; those that tables need are not."""

import time

import pytest

from intake.values.safe_patterns import CELL_MOST, PatternRefused, full_match, safe_pattern


@pytest.mark.parametrize(
    ("pattern", "cell", "found"),
    [
        (r"term_(\d+)", "term_36", "36"),
        (r"(?i)(?:emp_)?(\d+(?:\.\d+)?)\s*(?:years?|yrs?|年)?", "EMP_3 Years", "3"),
        (r"\s*(\d+)\s*(?:个月|月|期)?\s*", " 24 个月 ", "24"),
        (r".*?(\d+).*", "about 12 or so", "12"),
        (r"[¥￥]?\s*([\d,]+(?:\.\d+)?)\s*元?", "￥1,200.50元", "1,200.50"),
        (r"(\d{1,3}(?:,\d{3})*)(?:\.\d+)?", "1,234,567.8", "1,234,567"),
        (r"(高|中|低)风险.*", "高风险（人工）", "高"),
    ],
)
def test_what_tables_need_is_taken(pattern: str, cell: str, found: str) -> None:
    match = full_match(safe_pattern(pattern), cell)
    assert match is not None
    assert match.group(1) == found


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        (r"(a+)+$", "pattern_nested"),
        (r"(a|aa)+", "pattern_nested"),
        (r"(?:a?){30}a{30}", "pattern_nested"),
        (r"(\w+\s?)*", "pattern_nested"),
        (r"(?:a+)++b", "pattern_nested"),
        (r".*.*.*x", "pattern_competing"),
        (r"[元角]*[元角]*[元角]*[元角]*x", "pattern_competing"),
        (r"(?i)[A-Z]*[a-z]*[A-Z]*[a-z]*x", "pattern_competing"),
        ("a?" * 25 + "a" * 25, "pattern_ways"),
        (r"(?=a)b", "pattern_looks_around"),
        (r"(a)\1", "pattern_looks_around"),
        (r"(a)(b)", "pattern_groups"),
        ("a" * 201, "pattern_too_long"),
    ],
)
def test_what_could_match_for_ages_is_refused(pattern: str, code: str) -> None:
    with pytest.raises(PatternRefused) as refused:
        safe_pattern(pattern)
    assert refused.value.code == code


def test_the_worst_that_is_taken_is_through_in_a_moment_and_a_long_cell_fits_nothing() -> None:
    started = time.process_time()
    for pattern in (r".*?\w{2,}\s*-{3}", r"\w*?-?a{2,}\s*\d", r".*?(\d+).*"):
        for cell in ("a" * CELL_MOST, "a1" * (CELL_MOST // 2), "-" * CELL_MOST):
            full_match(safe_pattern(pattern), cell)
    assert time.process_time() - started < 1
    assert full_match(safe_pattern("a*"), "a" * CELL_MOST) is not None
    assert full_match(safe_pattern("a*"), "a" * (CELL_MOST + 1)) is None
