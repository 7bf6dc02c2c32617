"""Evening out the days: who gives, who takes, which cases, and when there is nothing to do."""

from __future__ import annotations

from routing.balance import Bench, HandedCase, Shift, balance


def handed(*keys: int, product: str = "consumer") -> list[HandedCase]:
    return [HandedCase(key, product) for key in keys]


def test_the_least_urgent_cases_of_the_fullest_day_go_to_the_emptiest() -> None:
    assert balance([Bench(1, 10, handed=handed(11, 12, 13, 14)), Bench(2, 10)]) == [Shift(14, 1, 2), Shift(13, 1, 2)]


def test_a_day_twice_as_long_takes_twice_as_much() -> None:
    shifts = balance([Bench(1, 5, handed=handed(*range(6))), Bench(2, 10)])
    assert [each.case for each in shifts] == [5, 4, 3, 2]


def test_what_is_busy_counts_and_stays() -> None:
    assert balance([Bench(1, 10, handed=handed(1, 2)), Bench(2, 10, busy=2)]) == []
    assert balance([Bench(1, 10, busy=9, handed=handed(1)), Bench(2, 10, busy=2)]) == [Shift(1, 1, 2)]


def test_whoever_is_away_gives_everything_and_takes_nothing() -> None:
    assert balance([Bench(1, 0, handed=handed(1, 2)), Bench(2, 10, busy=9)]) == [Shift(2, 1, 2), Shift(1, 1, 2)]
    assert balance([Bench(1, 10, handed=handed(1, 2, 3)), Bench(2, 0)]) == []


def test_a_case_goes_only_to_who_knows_its_product_and_may_see_it() -> None:
    cases = [HandedCase(1, "consumer"), HandedCase(2, "credit_card"), HandedCase(3, "consumer", frozenset({2}))]
    only_cards = Bench(2, 10, products=frozenset({"credit_card"}))
    assert balance([Bench(1, 10, handed=cases), only_cards]) == [Shift(2, 1, 2)]
    assert balance([Bench(1, 10, handed=cases[2:]), Bench(2, 10)]) == []


def test_nobody_and_nothing_are_even() -> None:
    assert balance([]) == []
    assert balance([Bench(1, 0), Bench(2, 5)]) == []
