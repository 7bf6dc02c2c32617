"""How cases come in: once each, compared with what is on record, born with exactly one event a version."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from cases.arrivals import Arrival, NewCase, Receipt, insert_cases
from cases.models import Applicant, Case, CaseEvent, User
from tests import make
from tests.cases.history import everything, steps
from tests.together import at_once

FINDINGS = [{"feature": "annual_income", "code": "missing", "params": {}}]


def arrive(arrivals: Sequence[NewCase], source: str = "branch-los") -> Receipt:
    with transaction.atomic():
        return insert_cases(source, arrivals, entered_by=None, facts={"file": "a.csv"})


@pytest.mark.django_db
def test_a_case_arrives_as_it_was_given(reviewer: User) -> None:
    now = timezone.now()
    given = make.new_case(
        "A-7", kind="monitoring", industry="F52", amount=Decimal("0.01"), applied_at=now, segment="sme",
        key_customer=True, features={"a": None, "b": 1.5, "c": "中", "d": False}, derived=["applicant.name"],
    )  # fmt: skip
    with transaction.atomic():
        receipt = insert_cases("desk", [given], entered_by=reviewer.pk, facts={"why": "test"})
    case = Case.objects.select_related("applicant").get(pk=receipt.keys[0])
    for name in ("external_ref", "content_hash", "kind", "product", "industry", "region", "channel", "amount"):
        assert getattr(case, name) == getattr(given, name)
    assert (case.currency, case.term_months, case.applied_at, case.entered_by) == ("USD", 36, now, reviewer)
    assert (case.features, case.derived, case.findings) == (given.features, ["applicant.name"], [])
    assert (case.state, case.version, case.attempts, case.outcome, case.why) == ("received", 1, 0, "", [])
    who = case.applicant
    assert (who.source, who.external_id, who.name, who.segment, who.key_customer) == (
        "desk", "applicant of A-7", "张敏", "sme", True,
    )  # fmt: skip
    assert [(event.name, event.actor, event.facts) for event in case.events.all()] == [
        ("receive", None, {"why": "test"})
    ]


@pytest.mark.django_db
def test_the_same_case_twice_adds_nothing() -> None:
    arrivals = [make.new_case("A-1"), make.new_case("A-2", findings=FINDINGS)]
    first = arrive(arrivals)
    assert first.verdicts == [Arrival.ACCEPTED, Arrival.ACCEPTED]
    assert first.accepted() == [(0, first.keys[0]), (1, first.keys[1])]
    before = everything()
    again = arrive([*reversed(arrivals)])
    assert again.verdicts == [Arrival.DUPLICATE, Arrival.DUPLICATE]
    assert again.keys == [first.keys[1], first.keys[0]]
    assert again.accepted() == []
    assert everything() == before


@pytest.mark.django_db
def test_other_content_under_a_known_reference_is_a_conflict_and_changes_nothing() -> None:
    known = arrive([make.new_case("A-1")])
    before = everything()
    receipt = arrive(
        [
            make.new_case("A-1", content_hash="other", amount=Decimal(9), applicant_name="Somebody", key_customer=True),
            make.new_case("A-2"),
        ]
    )
    assert receipt.verdicts == [Arrival.CONFLICT, Arrival.ACCEPTED]
    assert receipt.keys[0] == known.keys[0]
    after = everything()
    assert after["cases_case"][:1] == before["cases_case"]
    assert after["cases_applicant"][:1] == before["cases_applicant"]
    assert {name: len(rows) for name, rows in after.items()} == {
        **{name: len(rows) for name, rows in before.items()},
        "cases_case": 2, "cases_applicant": 2, "cases_caseevent": 2,
    }  # fmt: skip


@pytest.mark.django_db
def test_an_old_row_sent_again_does_not_bring_back_an_old_name() -> None:
    old = make.new_case("A-1", applicant_ref="P-1", applicant_name="Zhang")
    arrive([old])
    arrive([make.new_case("A-2", applicant_ref="P-1", applicant_name="Zhang Min", key_customer=True)])
    arrive([old])
    assert list(Applicant.objects.values_list("name", "key_customer")) == [("Zhang Min", True)]


@pytest.mark.django_db
def test_within_a_chunk_the_first_of_a_reference_counts() -> None:
    receipt = arrive(
        [
            make.new_case("A-1"),
            make.new_case("A-2", applicant_ref="applicant of A-1", applicant_name="李娜"),
            make.new_case("A-1"),
            make.new_case("A-1", content_hash="other"),
            # The same as it was read before an upgrade.
            make.new_case("A-1", content_hash="other", earlier_hashes=(make.new_case("A-1").content_hash,)),
            make.new_case("A-2", content_hash="other", earlier_hashes=("another",)),
        ]
    )
    assert receipt.verdicts == [
        Arrival.ACCEPTED, Arrival.ACCEPTED, Arrival.DUPLICATE, Arrival.CONFLICT, Arrival.DUPLICATE, Arrival.CONFLICT,
    ]  # fmt: skip
    assert receipt.keys[0] == receipt.keys[2] == receipt.keys[3] != receipt.keys[1]
    assert Case.objects.count() == CaseEvent.objects.count() == 2
    assert Applicant.objects.get().name == "李娜"  # one person, the newest name


@pytest.mark.django_db
def test_each_source_has_its_own_references() -> None:
    assert arrive([make.new_case("A-1")], "one").verdicts == [Arrival.ACCEPTED]
    assert arrive([make.new_case("A-1")], "two").verdicts == [Arrival.ACCEPTED]
    assert Case.objects.count() == Applicant.objects.count() == 2


@pytest.mark.django_db
def test_nothing_in_nothing_out() -> None:
    assert arrive([]) == Receipt([], [])


@pytest.mark.django_db
def test_what_the_quality_gate_found_holds_the_case_with_a_second_event() -> None:
    receipt = arrive([make.new_case("A-1"), make.new_case("A-2", findings=FINDINGS)])
    free, held = (Case.objects.get(pk=key) for key in receipt.keys)
    assert (free.state, held.state, held.findings) == ("received", "needs_data", FINDINGS)
    assert steps(free) == ["receive"]
    assert steps(held) == ["receive", "hold"]
    assert held.events.latest("seq").facts == {"findings": FINDINGS}


@pytest.mark.django_db
def test_a_big_chunk_has_exactly_one_event_a_version_and_few_statements() -> None:
    arrivals = [make.new_case(f"A-{at}", findings=FINDINGS if at % 3 == 0 else ()) for at in range(300)]
    receipt = arrive(arrivals)
    assert len(set(receipt.keys)) == 300
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), sum(version) FROM cases_case WHERE version = "
            "(SELECT count(*) FROM cases_caseevent e WHERE e.case_id = cases_case.id)"
        )
        assert cursor.fetchone() == (300, 400)
    assert CaseEvent.objects.count() == 400


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"region": "x" * 51}, DataError),
        ({"external_ref": "x" * 101}, DataError),
        ({"applicant_name": "x" * 201}, DataError),
        ({"currency": "EURO"}, DataError),
        ({"amount": Decimal(0)}, IntegrityError),
        ({"term_months": 0}, IntegrityError),
        ({"kind": "gift"}, IntegrityError),
    ],
)
def test_what_does_not_fit_takes_the_whole_chunk_back(changes: dict[str, Any], error: type[Exception]) -> None:
    make.case("A-0")
    before = everything()
    with pytest.raises(error):
        arrive([make.new_case("A-1"), make.new_case(**{"external_ref": "A-2", **changes})])
    assert everything() == before


@pytest.mark.django_db(transaction=True)
def test_two_senders_of_the_same_cases_at_once_let_each_in_once() -> None:
    arrivals = [make.new_case(f"A-{at}") for at in range(60)]

    def sender(mine: list[NewCase]) -> Callable[[], Receipt]:
        return lambda: arrive(mine)

    one, two = at_once(sender(arrivals), sender(arrivals[::-1]))
    assert isinstance(one, Receipt)
    assert isinstance(two, Receipt)
    assert one.keys == two.keys[::-1]
    for mine, others in zip(one.verdicts, two.verdicts[::-1], strict=True):
        assert {mine, others} == {Arrival.ACCEPTED, Arrival.DUPLICATE}
    assert Case.objects.count() == CaseEvent.objects.count() == 60


@pytest.mark.django_db(transaction=True)
def test_two_senders_with_other_content_are_told_so() -> None:
    answers = at_once(
        lambda: arrive([make.new_case("A-1", content_hash="one")]),
        lambda: arrive([make.new_case("A-1", content_hash="two")]),
    )
    verdicts = [answer.verdicts[0].value for answer in answers if isinstance(answer, Receipt)]
    assert sorted(verdicts) == ["accepted", "conflict"]
    assert Case.objects.count() == CaseEvent.objects.count() == 1
