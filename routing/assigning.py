"""Handing waiting cases to the people on duty: the best assignment, a share of it by lot, kept and never made twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from cases.bulk import copy_rows, update_rows
from cases.claimable import SKIPPED_FOR
from cases.locks import hold
from cases.models import Case, Conflict, Review, Skip
from cases.states import State
from routing.assignment import LAST_MANDATORY_TIER, MOST_CASES, Person, WaitingCase, assign
from routing.capacity import Capacity, places
from routing.kinds import kind_of
from routing.models import Assignment, Policy
from routing.staff import OnDuty, people_on
from routing.workload import Workload, workloads
from scoring.models import Assessment

LOCK: Final = "assignment of waiting cases"
# Of products whose policy counts no capacity, or that no policy routes.
USUAL_MINUTES: Final = 10.0
USUAL_SHARE: Final = 0.05


@dataclass(frozen=True)
class LookTerms:
    """What the policy in force of a product says about looks: minutes, the share by lot, and the secret of the lot."""

    minutes: float = USUAL_MINUTES
    random_share: float = USUAL_SHARE
    secret: str = ""


# Without a policy there is no secret, and so no lot that could not be foreseen.
NO_POLICY: Final = LookTerms(random_share=0.0)

# By person, how often they are right on a product, or on a kind of its cases (`routing.kinds.accuracy_key`); who is not
# there counts as the mean of the others.
Accuracies = Mapping[int, Mapping[str, float]]


@dataclass(frozen=True)
class Waiting:
    """A waiting case as it was read."""

    case_id: int
    version: int
    key: str
    product: str
    tier: int
    excluded: frozenset[str]
    kind: str = ""


@dataclass
class Desk:
    """One person's day while cases are handed out; `accuracy` is theirs by product, as far as it was measured."""

    duty: OnDuty
    minutes: float
    cases: float
    given: int
    by_lot: int
    accuracy: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, duty: OnDuty, load: Workload, minutes_of: Mapping[str, float]) -> Desk:
        most = float("inf") if duty.most_cases is None else duty.most_cases
        left = duty.minutes - load.minutes(minutes_of, USUAL_MINUTES)
        return cls(duty, left, most - load.looks.total(), load.given, load.by_lot)

    def person(self, minutes: float) -> Person:
        """What `assign` reads, for looks of so many minutes."""
        held = max(0, places(self.minutes / 60, minutes))
        skills = self.duty.products
        key, room = str(self.duty.person_id), int(max(0, min(held, self.cases)))
        return Person(key, room, skills=skills, accuracy=self.accuracy, given=self.given, given_by_lot=self.by_lot)

    def take(self, minutes: float, *, by_lot: bool) -> None:
        self.minutes -= minutes
        self.cases -= 1
        self.given += 1
        self.by_lot += by_lot


def assign_waiting_cases(measure: Callable[[], Accuracies] = dict) -> int:
    """Hand waiting cases to the people on duty who have places left. Returns how many were handed out.

    `measure` is asked for people's accuracies once there is somebody to hand something to.

    Nothing that was done is done again: a case keeps its person until that was too long ago or the person is not on
    duty. Two sweeps at once: the second waits for the lock and finds no case left. No row is locked while the
    assignment is worked out; what moved meanwhile is left out.
    """
    if not people_on(timezone.localdate()):
        return 0
    with transaction.atomic(durable=True):
        hold(LOCK)
        now = timezone.now()
        terms, loads = terms_in_force(), workloads()
        minutes_of = {product: each.minutes for product, each in terms.items()}
        staff = [
            Desk.of(each, loads.get(each.person_id, Workload()), minutes_of)
            for each in people_on(timezone.localdate()) or ()
        ]
        least = min([USUAL_MINUTES, *minutes_of.values()])
        if not any(desk.person(least).places for desk in staff):
            return 0
        waiting = _waiting([desk.duty.person_id for desk in staff], _known(desk for desk in staff if desk.cases > 0))
        if not waiting:
            return 0
        accuracies = measure()
        for desk in staff:
            desk.accuracy = accuracies.get(desk.duty.person_id, {})
        return _write(waiting, _hand_out(waiting, staff, terms), now)


def terms_in_force() -> dict[str, LookTerms]:
    """By product, what its policy in force says."""
    active = Policy.objects.filter(status=Policy.Status.ACTIVE)
    found = {}
    for product, said, secret in active.values_list("product", "terms__capacity", "audit_secret"):
        capacity = Capacity(**said) if said else None
        minutes = capacity.minutes_a_look if capacity else USUAL_MINUTES
        found[product] = LookTerms(minutes, capacity.random_share if capacity else USUAL_SHARE, secret)
    return found


def _known(staff: Iterable[Desk]) -> set[str] | None:
    """The products that these people know; None for all."""
    skills = [desk.duty.products for desk in staff]
    return None if None in skills else set().union(*(each or () for each in skills))


def _waiting(on_duty: Sequence[int], products: set[str] | None) -> list[Waiting]:
    """The first cases of the queue, of these products, that wait for nobody in particular or for somebody who is not
    there: what nobody could be given must not stand in front of what somebody could."""
    free = Case.objects.unassigned_q() | ~Q(assigned_to__in=on_duty)
    waiting = Case.objects.in_queue_order().filter(Case.objects.awake_q(), for_supervisor=False)
    cases = waiting.filter(Case.objects.unreserved_q(), free)
    if products is not None:
        cases = cases.filter(product__in=products)
    assessed = Assessment.objects.filter(case=OuterRef("pk"), case_version__lte=OuterRef("version"))
    cut_off = Subquery(assessed.order_by("-case_version").values("cut_off")[:1])
    rows = list(
        cases.values_list(
            "pk", "version", "source", "external_ref", "product", "queue_tier", "entered_by", "applicant",
            "pd", cut_off, "doubt",
        )[:MOST_CASES]
    )  # fmt: skip
    # Who may not look at it, and who has judged it or passed it on.
    apart: dict[int, set[str]] = defaultdict(set)
    for applicant, person in Conflict.objects.filter(ended_at=None).values_list("applicant", "person"):
        apart[applicant].add(str(person))
    parts: dict[int, set[str]] = defaultdict(set)
    reviews = Review.objects.filter(case__in=[row[0] for row in rows]).order_by()
    for case_id, reviewer in reviews.values_list("case", "reviewer"):
        parts[case_id].add(str(reviewer))
    skips = Skip.objects.filter(case__in=[row[0] for row in rows], at__gt=timezone.now() - SKIPPED_FOR)
    for case_id, person in skips.values_list("case", "person"):
        parts[case_id].add(str(person))
    return [
        Waiting(
            case_id,
            version,
            f"{source}/{ref}",
            product,
            tier,
            frozenset(parts[case_id] | apart[applicant] | ({str(entered_by)} if entered_by else set())),
            kind_of(*figures),
        )
        for case_id, version, source, ref, product, tier, entered_by, applicant, *figures in rows
    ]


def _hand_out(
    waiting: Sequence[Waiting], staff: Sequence[Desk], terms: Mapping[str, LookTerms]
) -> dict[str, tuple[int, bool, float]]:
    """By key of the case: the person, whether by lot, and with what chance.

    What must be seen, of all products, comes before what is merely uncertain; each product has a lot of its own. A
    look is worth its place in the queue, which is the policy's own order, in whatever unit that ranks.
    """
    desks = {str(desk.duty.person_id): desk for desk in staff}
    given = {}
    for must in (True, False):
        groups: dict[str, list[WaitingCase]] = defaultdict(list)
        for place, case in enumerate(waiting):
            if (case.tier <= LAST_MANDATORY_TIER) == must:
                value = float(len(waiting) - place)
                one = WaitingCase(case.key, case.tier, value, case.product, case.excluded, case.kind)
                groups[case.product].append(one)
        for product, cases in sorted(groups.items()):
            said = terms.get(product, NO_POLICY)
            people = [desk.person(said.minutes) for desk in staff]
            for answer in assign(cases, people, said.secret, said.random_share):
                if answer.person is not None:
                    desks[answer.person].take(said.minutes, by_lot=answer.random)
                    given[answer.case] = (int(answer.person), answer.random, answer.probability)
    return given


def _write(waiting: Sequence[Waiting], given: Mapping[str, tuple[int, bool, float]], now: datetime) -> int:
    """Write what was handed out, as far as nobody moved or holds it: one lock, one UPDATE, one COPY."""
    mine = {case.case_id: case for case in waiting if case.key in given}
    still = Case.objects.filter(pk__in=mine, state=State.QUEUED).order_by("pk")
    locked = still.select_for_update(skip_locked=True, no_key=True).values_list("pk", "version")
    rows = [(key, *given[mine[key].key]) for key, version in locked if version == mine[key].version]
    update_rows(
        Case,
        ["id", "assigned_to", "assigned_at", "assigned_at_random"],
        [(key, person, now, random) for key, person, random, _chance in rows],
    )
    copy_rows(
        Assignment,
        ["case", "person", "at", "random", "probability"],
        [(key, person, now, random, chance) for key, person, random, chance in rows],
    )
    return len(rows)
