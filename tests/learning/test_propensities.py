"""How likely it was that an outcome could be seen: by route, by lot, by what people did with like cases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.models import Case, User
from learning.bands import band_of
from learning.label_models import Basis
from learning.models import Label
from learning.propensities import LEAST_LIKE, Shares, propensity_of, shares_of
from routing.models import Route
from scoring.models import ModelVersion
from tests import make
from tests.learning.test_exploration import explored, observed


def route(way: str, advice: str = "approve", **more: object) -> Route:
    return Route(way=way, advice=advice, **more)


def shares(*, audited: bool, advice: str, band: int, decided: int, approved: int) -> Shares:
    found = Shares()
    found.add((audited, advice, band), decided, approved)
    return found


def test_what_the_machine_approves_is_missed_only_where_an_audit_declines_it() -> None:
    nothing = Shares()
    assert propensity_of(route("approve"), 0.01, nothing) == (1.0, Basis.ALWAYS)
    # Half of no audits at all were approved: (0 + 1) / (0 + 2).
    assert propensity_of(route("approve", audit_probability=0.04), 0.01, nothing) == (0.98, Basis.ALWAYS)
    seen = shares(audited=True, advice="approve", band=1, decided=98, approved=89)
    expected = 1 - 0.04 * (1 - 90 / 100)
    assert propensity_of(route("approve", audit_probability=0.04), 0.01, seen) == (expected, Basis.ALWAYS)
    audited = route("review", is_audit=True, audit_probability=0.04)
    assert propensity_of(audited, 0.01, seen) == (expected, Basis.ALWAYS)


def test_an_explored_decline_has_the_chance_of_its_draw() -> None:
    drawn = route("approve", "decline", is_exploration=True, exploration_probability=0.25)
    assert propensity_of(drawn, 0.2, Shares()) == (0.25, Basis.EXPLORED)


def test_an_audited_decline_that_people_approved_was_seen_by_two_draws_or_not_at_all() -> None:
    audited = route("review", "decline", is_audit=True, audit_probability=0.05, exploration_probability=0.1)
    few = shares(audited=True, advice="decline", band=4, decided=LEAST_LIKE - 1, approved=9)
    assert propensity_of(audited, 0.2, few) == (None, Basis.UNKNOWN)
    enough = shares(audited=True, advice="decline", band=4, decided=38, approved=7)
    assert propensity_of(audited, 0.2, enough) == (0.1 + 0.9 * 0.05 * 8 / 40, Basis.AUDITED)


def test_cases_of_people_count_by_the_share_approved_among_like_ones() -> None:
    found = shares(audited=False, advice="decline", band=band_of(0.12), decided=38, approved=9)
    assert propensity_of(route("review", "decline"), 0.12, found) == (10 / 40, Basis.PEOPLE)
    # Of another band there is none: all bands together.
    assert propensity_of(route("review", "decline"), 0.01, found) == (10 / 40, Basis.PEOPLE)
    assert propensity_of(route("review", "approve"), 0.12, found) == (None, Basis.UNKNOWN)
    assert propensity_of(route("decline", "decline"), 0.12, found) == (None, Basis.UNKNOWN)
    assert propensity_of(None, 0.12, found) == (None, Basis.UNKNOWN)


@pytest.mark.parametrize(("pd", "band"), [(None, 0), (0.0, 1), (0.0199, 1), (0.02, 2), (0.05, 3), (0.1, 4), (0.2, 5)])
def test_bands_are_those_in_which_people_give_their_view(pd: float | None, band: int) -> None:
    assert band_of(pd) == band


def test_labels_say_how_they_came_to_be_seen(
    champion: ModelVersion, admin: User, supervisor: User, reviewer: User
) -> None:
    make.released_at_once(admin)
    _exploration, lot = explored(admin, supervisor)
    observed(lot[0], bad=False, days=400)
    observed(lot[1], bad=True, days=90)
    make.decide(make.claimed_case(reviewer, "P-1", key_customer=True), reviewer)
    assert shares_of("consumer").decided[(False, "approve", 1)] == 1
    old = make.case("L-1", applied_at=timezone.now() - timedelta(days=730))
    make.run_machine()
    observed(Case.objects.get(pk=old.pk), bad=False, days=400)
    told = Label.objects.filter(is_bad__isnull=False).order_by("pk")
    assert list(told.values_list("source", "propensity", "basis", "maturity", "exclusion")) == [
        ("exploration", 0.5, "explored", 1.0, ""),
        ("early_bad", 0.5, "explored", pytest.approx(90 / 365.25), "early_bad"),
        ("outcome", 1.0, "always", 1.0, ""),
    ]
    first = told[0]
    assert (first.window_from, first.window_until) == (
        lot[0].applied_at, lot[0].applied_at + timedelta(days=365.25),
    )  # fmt: skip
