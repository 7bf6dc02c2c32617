"""A source begins to send noughts for income, to a running system: how many bad loans does the machine approve?

Through the HTTP API, a real worker and a real broker. As shipped the gate of data stops every nought. A lender whose
gate lets them pass has the breaker: noughts as one batch, as a trickle, and slowly among good loans. What was approved
before it opened is listed and asked back, and the machine decides again only when two people say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from cases.accounts import create_token
from cases.errors import BadDecision, FourEyes, NotAllowed
from cases.models import Case, User
from cases.states import Role
from intake.gate.quality_file import shipped_text
from intake.gate.rule_sets import set_rules
from intake.health.quarantine import release_source
from intake.models import Source
from routing.breaker_life import TrialNotOver, answer_closing, ask_closing
from routing.models import Route
from routing.pulling_back import affected, open_pulled_back, pull_back
from scoring.breaker_rules import set_breaker_rules
from scoring.models import Breaker, ModelVersion
from tests import make
from tests.api.calls import Caller, a_case
from tests.conftest import TrainedBook
from tests.faults.worker_checks import wait_until_done
from tests.routing.watched import approved, with_reference
from tests.worker import running_worker

WHY = "The branch mended its export of incomes."
WITHOUT_INCOME = shipped_text("consumer").replace("    minimum: 1\n    maximum: 1000000000", "    minimum: 0")
KNOWN = 200
_NUMBERS = count()


class Sender:
    """A source that sends loans of the book over the API, some with noughts, and waits until they are decided."""

    def __init__(self, name: str, book: TrainedBook, caller: Caller) -> None:
        self.name, self.book, self.caller = name, book, caller
        self.bad: dict[str, bool] = {}

    def send(self, places: Iterable[int], noughts: Iterable[int] = ()) -> list[Case]:
        """One batch of the loans at these places of the book, those of `noughts` without their income."""
        broken = set(noughts)
        bodies = [self._body(place, {"annual_income": 0} if place in broken else {}) for place in places]
        answer = self.caller.post("/cases/batch", bodies)
        assert answer.json() == {"accepted": len(bodies), "duplicates": 0, "rejected": []}
        wait_until_done()
        return list(Case.objects.filter(external_ref__in=[each["external_ref"] for each in bodies]).order_by("pk"))

    def _body(self, place: int, fault: Mapping[str, Any]) -> dict[str, Any]:
        row = {name: value for name, value in self.book.rows[place].items() if value is not None}
        amount, currency, term = row.pop("amount"), row.pop("currency"), row.pop("term_months")
        ref = f"{self.name}-{next(_NUMBERS)}"
        self.bad[ref] = bool(self.book.bad[place])
        changes = {"source": self.name, "region": "CA", "features": row | dict(fault)}
        return a_case(ref, amount=f"{amount:.2f}", currency=currency, term_months=int(term), **changes)

    def bads_approved(self, cases: Iterable[Case]) -> int:
        return sum(case.state == "approved" and self.bad[case.external_ref] for case in cases)


def the_breaker(source: str) -> Breaker:
    return Breaker.objects.get(segment=f"source={source}")


def noughts_of(source: str) -> list[Case]:
    return list(Case.objects.filter(source=source, features__annual_income=0).order_by("pk"))


def test_noughts_for_income_stop_the_machine_before_the_fourth_case_is_approved(
    shared_db: None, champion: ModelVersion, admin: User, supervisor: User, trained_book: TrainedBook, tmp_path: Path
) -> None:
    with_reference(champion, trained_book)
    rules = {"own_cases": KNOWN, "dwell_minutes": 0, "trial_cases": 5}
    set_breaker_rules(by=admin, reason="Set for the test of breakers.", changes=rules)
    make.policy(admin, supervisor, audit_share=0.0, limits=None, approve_below=0.14, doubt_limit=1.0)
    caller = Caller(create_token("los", scopes=["ingest"]))
    batch, trickle, slow = (Sender(name, trained_book, caller) for name in ("batch", "trickle", "slow"))
    bads = [place for place in range(KNOWN, 3000) if trained_book.bad[place]]
    with running_worker(tmp_path / "worker.log", concurrency=1, beat=False):
        at_the_gate(Sender("gate", trained_book, caller), bads[:20])
        set_rules(champion.product, "", WITHOUT_INCOME, by=admin, reason="Some applicants here have no income.")
        in_one_batch(batch, bads[:60] + list(range(KNOWN, KNOWN + 40)))
        one_by_one(trickle, bads[60:80])
        slowly(slow, bads[80:])
        closed_by_two(trickle, admin, supervisor)


def at_the_gate(sender: Sender, places: Sequence[int]) -> None:
    """By the rules as shipped nobody has an income of nought: no case comes to the model."""
    cases = sender.send(places, noughts=places)
    assert {case.state for case in cases} == {"needs_data"}
    assert not Breaker.objects.exists()


def in_one_batch(sender: Sender, places: Sequence[int]) -> None:
    """A hundred noughts, sixty of them loans that turned bad: the source is stopped, and none comes to the model."""
    cases = sender.send(places, noughts=places)
    assert {case.state for case in cases} == {"needs_data"}
    assert len(cases) == 100
    assert Source.objects.get(slug="batch").state == "quarantined"
    assert not Breaker.objects.exists()


def one_by_one(sender: Sender, places: Sequence[int]) -> None:
    """Twenty bad loans, each alone: the fourth opens the breaker and is held; with the twentieth there are enough to
    compare a new source with others, which stops it as well."""
    *cases, last = [case for place in places for case in sender.send([place], noughts=[place])]
    by_breaker = [Route.objects.get(case=case).reasons[0]["code"] == "breaker_open" for case in cases]
    assert by_breaker == [False] * 3 + [True] * 16
    assert (last.state, Source.objects.get(slug="trickle").state) == ("needs_data", "quarantined")
    assert sender.bads_approved(cases) == approved(cases) <= 3
    breaker = the_breaker("trickle")
    assert breaker.first_case == cases[0].pk
    decided = [case for case in cases if case.state in ("approved", "declined")]
    assert list(affected(breaker)) == decided
    assert {case.pk for case in decided} <= {case.pk for case in cases[:3]}


def slowly(sender: Sender, bads: Sequence[int]) -> None:
    """A source that is known by now: in each five loans one has no income, and is a bad one."""
    sender.send(range(KNOWN))
    assert not Breaker.objects.filter(segment="source=slow").exists()
    for at, bad in enumerate(bads[:10]):
        sender.send([*range(1000 + 4 * at, 1004 + 4 * at), bad], noughts=[bad])
        if Breaker.objects.filter(segment="source=slow").exists():
            break
    breaker, faulty = the_breaker("slow"), noughts_of("slow")
    assert len(faulty) <= 6
    assert sender.bads_approved(faulty) <= 5
    since = Case.objects.filter(source="slow", pk__gte=breaker.first_case, decided_by="machine")
    assert [each.external_ref for each in affected(breaker)] == [each.external_ref for each in since.order_by("pk")]
    assert {case.pk for case in faulty if case.decided_by == "machine"} <= {case.pk for case in affected(breaker)}
    held = sender.send(range(1200, 1205))
    assert {case.state for case in held} == {"queued"}


def closed_by_two(sender: Sender, admin: User, supervisor: User) -> None:
    """Pulled back by two supervisors; closed with a reason, after a trial, by a second person.

    Until somebody has looked into the source, nothing of it comes as far as the trial.
    """
    assert {case.state for case in sender.send([1299])} == {"needs_data"}
    release_source("trickle", by=supervisor, reason=WHY)
    wait_until_done()
    assert set(noughts_of("trickle")) & set(Case.objects.filter(state="needs_data")) == set()
    breaker, other = the_breaker("trickle"), make.user("second-supervisor", Role.SUPERVISOR)
    listed = list(affected(breaker).values_list("pk", flat=True))
    assert pull_back(breaker.pk, by=supervisor, reason=WHY, approved_only=False).done == len(listed)
    assert open_pulled_back(breaker.pk, by=supervisor).done == 0
    assert open_pulled_back(breaker.pk, by=other).done == len(listed)
    assert set(Case.objects.filter(pk__in=listed).values_list("state", flat=True)) <= {"queued"}
    with pytest.raises(NotAllowed):
        ask_closing(breaker.pk, by=make.user("no-closer", Role.REVIEWER), reason=WHY)
    with pytest.raises(BadDecision):
        ask_closing(breaker.pk, by=supervisor, reason="")
    ask_closing(breaker.pk, by=supervisor, reason=WHY)
    with pytest.raises(TrialNotOver):
        answer_closing(breaker.pk, by=admin, closes=True)
    assert {case.state for case in sender.send(range(1300, 1305))} == {"queued"}
    with pytest.raises(FourEyes):
        answer_closing(breaker.pk, by=supervisor, closes=True)
    answer_closing(breaker.pk, by=admin, closes=True)
    assert the_breaker("trickle").state == "closed"
    assert approved(sender.send(range(1310, 1330))) > 10
