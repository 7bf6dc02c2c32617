"""The breaker between scoring and routing: a source begins to send noughts for income, in a batch and one by one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from cases.models import Case, Notification, User
from cases.states import Role
from routing.models import Route
from routing.replay import Replayed, replay_cases
from scoring.breaker_rules import set_breaker_rules
from scoring.models import Breaker, BreakerRules, ModelVersion, Stream
from tests import make
from tests.conftest import TrainedBook
from tests.promotion import Promotion
from tests.rolled_back import rolled_back
from tests.routing.watched import approved, arrive, loan, with_reference

NOUGHT = {"annual_income": 0}
WHY = "Set for the test of breakers."


@pytest.fixture(scope="module")
def watched(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, promotion: Promotion, trained_book: TrainedBook
) -> Iterator[ModelVersion]:
    """A model that is watched, a policy without credit limits that approves most, and 220 loans of a source that is
    known by now."""
    with django_db_blocker.unblock(), rolled_back():
        admin, other = make.user("watching-admin", Role.ADMIN), make.user("watching", Role.SUPERVISOR)
        model = promotion.repeat(by=admin)
        with_reference(model, trained_book)
        set_breaker_rules(by=admin, reason=WHY, changes={"own_cases": 200})
        make.policy(admin, other, audit_share=0.0, limits=None, approve_below=0.14, doubt_limit=1.0)
        arrive("known", [loan(trained_book, place) for place in range(220)])
        assert not Breaker.objects.exists()
        yield model


def of_source(source: str) -> list[Case]:
    return list(Case.objects.filter(source=source, features__annual_income=0).order_by("pk"))


@pytest.mark.django_db
def test_a_batch_of_noughts_is_held_back_whole(watched: ModelVersion, trained_book: TrainedBook) -> None:
    faulty = arrive("los", [loan(trained_book, place, NOUGHT) for place in range(300, 400)])
    assert [case.state for case in faulty] == ["queued"] * 100
    breaker = Breaker.objects.get()
    assert (breaker.segment, breaker.state, breaker.held) == ("source=los", "open", 100)
    (income,) = (sign for sign in breaker.signs if sign["name"] == "annual_income")
    assert income == {
        "sign": "range", "name": "annual_income", "share": 1.0, "usual": pytest.approx(0.001, abs=1e-5), "cases": 4,
        "since": faulty[0].pk, "log_evidence": pytest.approx(21.33, abs=0.1),
    }  # fmt: skip
    told = Route.objects.get(case=faulty[0])
    assert (told.way, told.advice, told.reasons[0]["code"]) == ("review", "", "breaker_open")
    assert told.reasons[0]["params"] == {"segment": "consumer v1, source=los", "breaker": breaker.pk}


@pytest.mark.django_db
def test_one_by_one_the_fourth_nought_opens_it_and_is_held(watched: ModelVersion, trained_book: TrainedBook) -> None:
    bads = [place for place in range(400, 3000) if trained_book.bad[place]][:20]
    faulty = [arrive("los", [loan(trained_book, place, NOUGHT)])[0] for place in bads]
    assert [Route.objects.get(case=case).reasons[0]["code"] == "breaker_open" for case in faulty] == [
        False, False, False, *[True] * 17,
    ]  # fmt: skip
    assert approved(faulty) <= 3
    assert Breaker.objects.get().first_case == faulty[0].pk


@pytest.mark.django_db
def test_noughts_among_the_loans_of_a_known_source_open_it_after_a_handful(
    watched: ModelVersion, trained_book: TrainedBook
) -> None:
    for place in range(500, 540):
        arrive("known", [loan(trained_book, place, NOUGHT if place % 4 == 0 else None)])
        if Breaker.objects.exists():
            break
    faulty = of_source("known")
    assert Breaker.objects.get().segment == "source=known"
    assert len(faulty) <= 6
    assert approved(faulty) <= 5
    assert approved(arrive("known", [loan(trained_book, place) for place in range(540, 560)])) == 0


@pytest.mark.django_db
def test_other_sources_go_on(watched: ModelVersion, trained_book: TrainedBook) -> None:
    both = [loan(trained_book, place, NOUGHT) for place in range(600, 640)]
    arrive("los", both)
    others = arrive("known", [loan(trained_book, place) for place in range(640, 680)])
    assert approved(others) > 20
    assert list(Breaker.objects.values_list("segment", flat=True)) == ["source=los"]


@pytest.mark.django_db
def test_missing_values_and_wrong_units_open_it_too(watched: ModelVersion, trained_book: TrainedBook) -> None:
    arrive("gaps", [loan(trained_book, place, {"credit_utilisation": None}) for place in range(700, 720)])
    arrive("units", [loan(trained_book, place, {"annual_income": 9}) for place in range(720, 740)])
    found = {each.segment: each.signs[0]["sign"] for each in Breaker.objects.all()}
    assert found == {"source=gaps": "missing", "source=units": "range"}


@pytest.mark.django_db
def test_supervisors_and_administrators_are_told_once(
    watched: ModelVersion, trained_book: TrainedBook, reviewer: User
) -> None:
    for first in (800, 810):
        arrive("los", [loan(trained_book, place, NOUGHT) for place in range(first, first + 10)])
    told = Notification.objects.filter(code="breaker_opened")
    assert sorted(told.values_list("person__username", flat=True)) == ["watching", "watching-admin"]
    assert Breaker.objects.get().held == 20


@pytest.mark.django_db
def test_a_jump_of_approvals_opens_it_within_fifty_cases(watched: ModelVersion, trained_book: TrainedBook) -> None:
    """Half were approved; then all are. The loans are like any others: only what becomes of them tells."""
    admin = User.objects.get(username="watching-admin")
    set_breaker_rules(by=admin, reason=WHY, changes={"opens_on": ["approvals"]})
    odds = trained_book.held_out.log_odds
    order = sorted(range(len(odds)), key=lambda place: odds[place])
    worst, best = order[-60:], order[:300]
    arrive("los", [loan(trained_book, place) for pair in zip(worst, best[:60], strict=True) for place in pair])
    ((hits, rows),) = Stream.objects.get(segment="source=los").approvals.values()
    assert (50 < hits < 70, rows) == (True, 120)
    taken = 0
    for place in best[60:120]:
        arrive("los", [loan(trained_book, place)])
        taken += 1
        found = Breaker.objects.filter(segment="source=los").first()
        if found:
            break
    assert found is not None
    assert found.signs[0]["sign"] == "approvals"
    assert 20 < taken < 50


@pytest.mark.django_db
def test_a_source_that_joins_with_other_customers_does_not_stop_the_others(
    watched: ModelVersion, trained_book: TrainedBook
) -> None:
    set_breaker_rules(by=User.objects.get(username="watching-admin"), reason=WHY, changes={"opens_on": ["approvals"]})
    odds = trained_book.held_out.log_odds
    worst = sorted(range(len(odds)), key=lambda place: -odds[place])[:120]
    assert Stream.objects.get(segment="").taught_by == ["source=known"]
    arrive("joined", [loan(trained_book, place) for place in worst[:90]])
    assert not Breaker.objects.exists()
    # The same of who is known is no other customer, but a fault.
    arrive("known", [loan(trained_book, place) for place in worst[90:]])
    assert [each.segment for each in Breaker.objects.all()] == ["source=known"]


@pytest.mark.django_db
def test_a_replay_takes_the_breaker_as_it_was_told(watched: ModelVersion, trained_book: TrainedBook) -> None:
    faulty = arrive("los", [loan(trained_book, place, NOUGHT) for place in range(900, 910)])
    found = Replayed()
    replay_cases(list(Case.objects.select_related("applicant").filter(pk__in=[case.pk for case in faulty])), found)
    assert (found.routes, found.differences) == (10, [])


@pytest.mark.django_db
def test_switched_off_it_holds_nothing(watched: ModelVersion, trained_book: TrainedBook) -> None:
    set_breaker_rules(by=User.objects.get(username="watching-admin"), reason=WHY, changes={"is_on": False})
    arrive("los", [loan(trained_book, place, NOUGHT) for place in range(1000, 1010)])
    assert not Breaker.objects.exists()


@pytest.mark.django_db
def test_the_champion_before_it_stands_in_where_the_rules_say_so(
    watched: ModelVersion, trained_book: TrainedBook
) -> None:
    admin = User.objects.get(username="watching-admin")
    set_breaker_rules(by=admin, reason=WHY, changes={"when_open": BreakerRules.WhenOpen.LAST_GOOD})
    Breaker.objects.create(model=watched, segment="source=los", signs=[], since=timezone.now())
    (nobody,) = arrive("los", [loan(trained_book, 1100)])
    assert nobody.assessments.get().model == watched
    assert nobody.state == "queued"


@pytest.mark.django_db
def test_what_the_reference_never_had_is_no_fault_where_it_is_harmless(
    watched: ModelVersion, trained_book: TrainedBook
) -> None:
    """A word that nobody knows, amounts just above the largest: the machine goes on, at a source that it knows and at
    a new one. Amounts in another unit stop it."""
    largest = max(row["annual_income"] for row in trained_book.rows)
    word = {"income_verified": "verified by video"}
    arrive("new", [loan(trained_book, place, word) for place in range(1200, 1220)])
    arrive("known", [loan(trained_book, place, word) for place in range(1220, 1240)])
    above = {"annual_income": 1.5 * largest, "open_instalment_accounts": 40}
    arrive("rich", [loan(trained_book, place, above) for place in range(1240, 1260)])
    arrive("known", [loan(trained_book, place, above if place % 8 == 0 else None) for place in range(1260, 1300)])
    assert list(Breaker.objects.values_list("segment", "signs")) == []
    arrive("cents", [loan(trained_book, place, {"annual_income": 100 * largest}) for place in range(1300, 1320)])
    assert [each.signs[0]["sign"] for each in Breaker.objects.all()] == ["range"]
