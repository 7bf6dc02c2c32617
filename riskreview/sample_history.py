"""A small made-up history of decisions by people, so that the pages of overrides and reviewers have something to show.

Loans of 2016, whose outcomes are known, are routed once more, and three made-up reviewers decide those that the policy
sends to people, through the same actions as everybody: opinions first, signatures, blind second looks, disputes
settled. The cases come from a source of their own, and the reviewers cannot sign in. They are a sample of the book and
not the loans near the cut-off alone: what is usual, for monitoring and breakers, is learned from whatever comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

import numpy as np
from django.utils import timezone

from cases.actions import claim_case, decide_case, sign_case
from cases.desk_rules import rules_in_force, set_desk_rules
from cases.errors import NothingToClaim
from cases.models import Case, SecondLook, Signature, User
from cases.opinions import record_opinion
from cases.second_looks import adjudicate, disputes, record_second_look, take_second_look
from cases.states import Role, State
from desk.demo import AUTHORITY_CURRENCY
from intake.actions import import_rows, start_import
from intake.reading.rows import ReadRow, read_rows
from intake.recognition.mapping import mapping_as_data
from learning.actions import record_outcomes
from learning.models import HeldOutScore
from riskreview import sample
from routing.actions import route_scored_cases
from routing.second_looks import draw_second_looks
from scoring.actions import score_waiting_cases
from scoring.models import Stream

SOURCE: Final = "made-up-history-2016"
NOTE: Final = "Made up for the demonstration, {ref}. 演示用的虚构决定。"
# So many loans are taken in; of those that come to people, about so many are decided.
TAKEN: Final = 1_000
LOANS: Final = 150
# Up to which the made-up people may decide: any loan of the book.
AUTHORITY: Final = 40_000
SEED: Final = 2016
WHILE_MADE: Final[Mapping[str, object]] = {
    "opinion_share": 0.8,
    "opinion_on_high_amounts": False,
    "opinion_on_grey_band": False,
    "second_look_share": 0.5,
    "release_hold_seconds": 0,
}
REASONS: Final = {
    "approve": ("stable_income", "good_record", "low_burden"),
    "decline": ("high_debt", "many_inquiries", "short_history"),
}
Tick = Callable[[int], object]


@dataclass(frozen=True)
class Habit:
    """How a made-up reviewer judges, in log-odds: the lean to declining, how much a view wavers, what they sense of
    the outcome beyond the model, and the share of the way that they go to its figure once they see it."""

    name: str
    lean: float
    noise: float
    sense: float
    follows: float


HABITS: Final = (
    Habit("甲 A", lean=0.15, noise=0.35, sense=0.2, follows=0.2),
    Habit("乙 B", lean=-0.2, noise=0.6, sense=0.0, follows=0.5),
    Habit("丙 C", lean=0.0, noise=0.4, sense=0.4, follows=0.3),
)
BANDS: Final = (0.02, 0.05, 0.10, 0.20)


def make_history(progress: Tick = lambda count: None) -> int:
    """Decide the history once; how many decisions it holds. Another start finds it made."""
    if Case.objects.filter(source=SOURCE).exists():
        return 0
    before = {name: getattr(rules_in_force(), name) for name in WHILE_MADE}
    people = _reviewers()
    _set_rules(WHILE_MADE, "While the made-up history of the demonstration is decided.")
    try:
        rows = _take_in()
        truth = {row.submission.external_ref: row for row in rows if row.submission}
        made = _Made(people, {ref: bool(row.outcome and row.outcome.bad) for ref, row in truth.items()})
        for at, case in enumerate(Case.objects.filter(source=SOURCE, state=State.QUEUED).order_by("pk")):
            made.decide(case, at % len(people))
            progress(1)
        made.look_again()
        _record_outcomes(rows)
    finally:
        _set_rules(before, "The made-up history is decided; the rules are as they were.")
        User.objects.filter(pk__in=[person.pk for person in people]).update(is_active=False)
    return made.count


def _set_rules(changes: Mapping[str, object], reason: str) -> None:
    set_desk_rules(by=User.objects.get(username="admin"), reason=reason, changes=changes)


def _reviewers() -> list[User]:
    people = []
    for number, habit in enumerate(HABITS, 1):
        person, _new = User.objects.get_or_create(
            username=f"made-up-{number}",
            defaults={
                "role": Role.REVIEWER,
                "last_name": "虚构",
                "first_name": habit.name,
                "authority_amount": Decimal(AUTHORITY),
                "authority_currency": AUTHORITY_CURRENCY,
            },
        )
        person.set_unusable_password()
        person.is_active = True
        person.save()
        people.append(person)
    return people


def _take_in() -> list[ReadRow]:
    """The loans as new applications of the history's own source, scored and routed in this process."""
    refs = list(HeldOutScore.objects.order_by("case_id").values_list("case__external_ref", flat=True))
    wanted = set(refs[:: max(1, len(refs) // TAKEN)][:TAKEN])
    table, name, mapping = sample.HISTORY.open()
    rows = [
        replace(row, submission=replace(row.submission, source=SOURCE))
        for row in read_rows(table, mapping, now=timezone.now())
        if row.submission is not None and row.submission.external_ref in wanted
    ]
    data = mapping_as_data(mapping)
    import_rows(start_import(sample.HISTORY.path, source=SOURCE, mapping_name=name, mapping=data, by=None), rows)
    while score_waiting_cases("made-up history") + route_scored_cases():
        pass
    # Loans picked near the cut-off are seldom approved: learnt as usual, that would open the breaker on the next ones.
    Stream.objects.all().delete()
    return rows


def _record_outcomes(rows: Iterable[ReadRow]) -> None:
    keys = dict(Case.objects.filter(source=SOURCE).values_list("external_ref", "pk"))
    record_outcomes([each for row in rows for each in sample.outcome_of(row, keys)], given_by=SOURCE)


class _Made:
    """The made-up people at work: what each of them thinks of a case is drawn once."""

    def __init__(self, people: Sequence[User], bad: dict[str, bool]) -> None:
        self.people, self.bad, self.count = people, bad, 0
        self.random = np.random.default_rng(SEED)
        self.supervisor = User.objects.get(username="supervisor")

    def decide(self, case: Case, who: int) -> None:
        """One case from claim to signature."""
        by, view = self.people[who], self._view(case, who)
        held = claim_case(case.pk, by=by)
        if held.opinion_first:
            lean = _outcome(held, view)
            record_opinion(held.pk, by=by, lean=lean, band=_band(view), seen_version=held.version)
        shown = float(np.log(held.pd / (1 - held.pd))) if held.pd else view
        follows = HABITS[who].follows
        outcome = _outcome(held, (1 - follows) * view + follows * shown)
        reasons = self._reasons(outcome)
        decide_case(held.pk, by=by, outcome=outcome, reason_codes=reasons, note=_note(case), seen_version=held.version)
        self.count += 1
        waiting = Case.objects.get(pk=case.pk)
        if waiting.state == State.AWAITING_SIGNOFF:
            confirm = Signature.Verdict.CONFIRM
            sign_case(waiting.pk, by=self.supervisor, verdict=confirm, note=_note(case), seen_version=waiting.version)

    def look_again(self) -> None:
        """The drawn decisions a second time, each by somebody else; the supervisor settles where they differ."""
        draw_second_looks()
        for who, by in enumerate(self.people):
            while (look := _next_look(by)) is not None:
                view = self._view(look.case, who)
                outcome = _outcome(look.case, view)
                reasons = self._reasons(outcome)
                record_second_look(look.pk, by=by, outcome=outcome, band=_band(view), reason_codes=reasons, note=NOTE)
        for look in disputes().filter(case__source=SOURCE).exclude(review__signatures__signer=self.supervisor):
            right = "decline" if self.bad[look.case.external_ref] else "approve"
            adjudicate(look.pk, by=self.supervisor, outcome=right, note=_note(look.case))

    def _view(self, case: Case, who: int) -> float:
        """What this person takes the log-odds of going bad for, before they see the model."""
        habit, pd = HABITS[who], case.pd or 0.14
        sensed = habit.sense * (0.6 if self.bad[case.external_ref] else -0.15)
        return float(np.log(pd / (1 - pd)) + habit.lean + sensed + habit.noise * self.random.normal())

    def _reasons(self, outcome: str) -> list[str]:
        return [str(self.random.choice(REASONS[outcome]))]


def _next_look(by: User) -> SecondLook | None:
    try:
        return take_second_look(by=by)
    except NothingToClaim:
        return None


def _note(case: Case) -> str:
    return NOTE.format(ref=case.external_ref)


def _outcome(case: Case, view: float) -> str:
    """Approve where the view lies below the PD at which this loan earns nothing."""
    cut_off = case.assessments.latest().cut_off or 0.14
    return "approve" if view < np.log(cut_off / (1 - cut_off)) else "decline"


def _band(view: float) -> int:
    return int(np.searchsorted(BANDS, 1 / (1 + np.exp(-view)), side="right")) + 1
