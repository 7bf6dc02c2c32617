"""How much of a book lies where: unknown until it is summed up, true between two sums, and never overrun by a batch."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.utils import timezone

from cases.models import Case, User
from cases.states import State
from riskreview import sample
from routing import concentration
from routing.concentration import Book, book_of, sum_up, sum_up_concentration, summed_at
from routing.in_force import roll_back_policy
from routing.models import Concentration, Policy, Route
from routing.table.columns import Coded
from routing.table.tables import Cell, Row, Table
from scoring.models import ModelVersion
from tests import make

NOW = timezone.now()


def capped(share: float) -> Table:
    cap = Row(
        "R11", {"region_share": Cell(">", (share,))}, {"way": "decline", "reason": "concentration"}, "Cap", "上限"
    )
    return replace(sample.TERMS.rules, rows=(*sample.TERMS.rules.rows, cap))


def capped_policy(admin: User, supervisor: User, share: float) -> Policy:
    examples = tuple(
        replace(example, inputs={**example.inputs, "region_share": 0.01}) for example in make.terms().examples
    )
    return make.policy(
        admin, supervisor, rules=capped(share), examples=examples, audit_share=0.0, doubt_limit=1.0,
        approve_below=0.1, cut_off=0.12, decline_above=0.16,
    )  # fmt: skip


def words(*regions: str) -> dict[str, Coded]:
    given = Coded.of([region or None for region in regions])
    return {"region": given, "industry": Coded.of([None] * len(regions))}


def test_without_sums_no_share_is_known() -> None:
    nothing = np.zeros(2, dtype=np.bool_)
    empty = Book(0.0, {"region": {"": 0.0}}, NOW)
    for book in (Book(), empty):
        assert np.isnan(book.shares(words("CA", ""), np.array([10.0, 10.0]), nothing)["region_share"]).all()
    some = Book(90.0, {"region": {"CA": 30.0}}, NOW)
    shares = some.shares(words("CA", "NY", ""), np.array([10.0, 10.0, 10.0]), np.zeros(3, dtype=np.bool_))
    np.testing.assert_array_equal(shares["region_share"], [0.4, 0.1, np.nan])


def test_what_is_granted_before_a_case_counts_and_its_own_amount_counts_once() -> None:
    book = Book(90.0, {"region": {"CA": 30.0}}, NOW)
    exposure, granted = np.array([10.0, 20.0, 10.0, 10.0]), np.array([True, True, False, True])
    shares = book.shares(words("CA", "NY", "CA", "CA"), exposure, granted)["region_share"]
    np.testing.assert_allclose(shares, [40 / 100, 20 / 120, 50 / 130, 50 / 130], rtol=1e-12)
    none = np.zeros(4, dtype=np.bool_)
    held = book.shares(words("CA", "NY", "CA", "CA"), exposure, none, held=np.array([True, False, False, False]))
    np.testing.assert_allclose(held["region_share"], [30 / 90, 20 / 110, 40 / 100, 40 / 100], rtol=1e-12)


def granted_cases(champion: ModelVersion, policy: Policy, **amounts: int) -> None:
    for region, amount in amounts.items():
        make.case(f"G-{region}", region=region, amount=Decimal(amount))
    make.run_machine()
    assert set(Case.objects.values_list("state", flat=True)) == {State.APPROVED}


def test_sums_and_what_was_approved_since_are_the_whole_book(
    champion: ModelVersion, policy: Policy, admin: User, supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    lenient(admin, supervisor)
    granted_cases(champion, policy, CA=3000, NY=6000)
    assert (summed_at("consumer"), book_of("consumer")) == (None, Book())
    # All of it was approved within the minute that a sum leaves out, and is counted beside it.
    assert sum_up("consumer") is True
    assert {(row.value, row.exposure, row.total) for row in Concentration.objects.filter(dimension="region")} == {
        ("", Decimal(0), Decimal(0))
    }
    book = book_of("consumer")
    assert (book.whole, book.parts["region"]) == (9000.0, {"": 0.0, "CA": 3000.0, "NY": 6000.0})
    # A sum that is younger than five minutes is kept.
    assert sum_up("consumer") is False
    monkeypatch.setattr(concentration, "SETTLED", timedelta(minutes=-1))
    monkeypatch.setattr(concentration, "OLDEST", timedelta(0))
    assert sum_up("consumer") is True
    assert {(row.value, row.exposure) for row in Concentration.objects.filter(dimension="region")} == {
        ("", Decimal(0)), ("CA", Decimal(3000)), ("NY", Decimal(6000)),
    }  # fmt: skip
    again = book_of("consumer")
    assert (again.whole, again.parts) == (book.whole, book.parts)


def lenient(admin: User, supervisor: User) -> Policy:
    return make.policy(
        admin, supervisor, audit_share=0.0, doubt_limit=1.0, approve_below=0.1, cut_off=0.12, decline_above=0.16
    )


def test_one_batch_does_not_overrun_a_cap(champion: ModelVersion, admin: User, supervisor: User) -> None:
    granted_cases(champion, lenient(admin, supervisor), CA=1000, NY=39_000)
    policy = capped_policy(admin, supervisor, 0.2)
    assert summed_at("consumer") is not None
    make.cases(20, region="CA", amount=Decimal(1000))
    make.run_machine()
    # With eight of them CA has 9,000 of 48,000; the next one would make it 10,000 of 49,000, more than a fifth.
    ways = list(Route.objects.filter(policy=policy).order_by("case_id").values_list("way", flat=True))
    assert ways == ["approve"] * 8 + ["decline"] * 12
    book = book_of("consumer")
    assert (book.parts["region"]["CA"], book.whole) == (9000.0, 48_000.0)
    shares = [route.inputs["region_share"] for route in Route.objects.filter(policy=policy).order_by("case_id")]
    assert shares == pytest.approx([*((2 + n) / (41 + n) for n in range(8)), *[10 / 49] * 12], rel=1e-12)
    # The next batch finds what this one granted, though nothing was summed up since.
    make.case("N-1", region="CA", amount=Decimal(1000))
    make.case("N-2", region="TX", amount=Decimal(1000))
    make.run_machine()
    later = Route.objects.filter(case__external_ref__startswith="N-").order_by("case_id")
    assert [route.way for route in later] == ["decline", "approve"]


def test_a_chunk_that_does_not_settle_goes_to_people_from_where_it_does_not(
    champion: ModelVersion, admin: User, supervisor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    granted_cases(champion, lenient(admin, supervisor), CA=1000, NY=39_000)
    policy = capped_policy(admin, supervisor, 0.2)
    monkeypatch.setattr(concentration, "MOST_ROUNDS", 1)
    make.cases(3, region="CA", amount=Decimal(1000))
    make.run_machine()
    assert Counter(Route.objects.filter(policy=policy).values_list("way", flat=True)) == {"review": 3}


def test_a_version_that_asks_comes_into_force_with_its_sums(
    champion: ModelVersion, admin: User, supervisor: User
) -> None:
    first = lenient(admin, supervisor)
    granted_cases(champion, first, CA=1000, NY=9000)
    assert Concentration.objects.count() == 0
    capping = capped_policy(admin, supervisor, 0.5)
    assert Concentration.objects.count() > 0
    # It is the sums of the version in force or waiting that the sweep keeps young.
    make.policy(admin, supervisor, audit_share=0.0)
    Concentration.objects.all().delete()
    assert sum_up_concentration() == 0
    roll_back_policy("consumer", to=capping.pk, by=supervisor, reason="back to the cap")
    assert Concentration.objects.count() > 0


def test_a_version_that_does_not_ask_is_routed_without_the_book(
    champion: ModelVersion, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(concentration, "book_of", asked.append)
    make.cases(2)
    make.run_machine()
    assert (Route.objects.count(), asked) == (2, [])
