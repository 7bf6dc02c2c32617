"""A desk with something of everything: cases in every state, each with documents, comments and related cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from cases import actions, passing_on
from cases.comments import add_comment
from cases.conflicts import state_conflict
from cases.delegating import give_pen
from cases.documents import add_document
from cases.models import Case, SecondLook, User
from cases.opinions import record_opinion
from cases.phrases import add_phrase
from cases.reopening import answer_reopening, ask_reopening
from cases.saved_views import save_view
from cases.second_looks import record_second_look, take_second_look
from cases.taking_back import take_back
from intake.models import Batch, MappingVersion, Source
from learning.actions import ObservedOutcome, record_outcomes
from routing.duty import state_absence, state_duty
from routing.second_looks import draw_second_looks
from tests import make
from tests.cases.files import PDF_FILE
from tests.desk.ground import ECONOMICS, LIMIT, held_case, routed_anew

TWO = make.signing(approve=2)
NOTE = "The debts take half of the income."


@dataclass(frozen=True)
class People:
    reviewer: User
    second_reviewer: User
    supervisor: User
    second_supervisor: User
    admin: User


def busy_desk(people: People) -> dict[str, Case]:
    """Cases by what they stand for. Needs a champion and a policy that audits everything."""
    hold, by, other = people.admin, people.reviewer, people.second_reviewer
    kept(people)
    make.desk_rules(hold, release_hold_seconds=0, second_look_share=1.0)
    found = {"lent": _lent(people), "reopened": _reopened(people), "reopening": _asked_to_reopen(people)}
    second_looks(people)
    make.desk_rules(hold, release_hold_seconds=600, second_look_share=0.0)
    found["held"] = held_case(annual_income=0)
    found["decided"] = _decided("D-1", people)
    found["awaiting"], found["signed_once"] = _awaiting("S-1", people), _signed_once(people)
    found["waiting"] = _taken("W-1", people)
    actions.ask_information(found["waiting"].pk, by=by, note="Pay slips.", seen_version=found["waiting"].version)
    for way in ("snooze", "skip", "escalate", "transfer"):
        found[way] = _passed_on(way, people)
    found["apart"] = _filed(make.queued_case("C-1"), people)
    state_conflict(found["apart"].pk, by=by, reason="We are related.")
    found["queued"] = _filed(make.queued_case("Q-1", key_customer=False), people)
    routed_anew(found["queued"], limit=LIMIT, economics=ECONOMICS)
    found["theirs"] = _taken("O-1", people, by=other)
    make.desk_rules(hold, opinion_share=1.0)
    found["blind"] = _taken("B-1", people, by=people.supervisor, key_customer=False)
    found["leaned"] = leaned = _taken("B-2", people, by=people.second_supervisor, key_customer=False)
    record_opinion(leaned.pk, by=people.second_supervisor, lean="approve", band=1, seen_version=leaned.version)
    make.desk_rules(hold, opinion_share=0.0)
    found["mine"] = _taken_back(people)
    return {name: make.reread(case) for name, case in found.items()}


def _taken(external_ref: str, people: People, *, by: User | None = None, **changes: Any) -> Case:
    """A case in hand, with its file."""
    return _filed(make.claimed_case(by or people.reviewer, external_ref, **changes), people)


def _filed(case: Case, people: People) -> Case:
    """Two documents, comments that tell people, and two other cases of the applicant."""
    for number in range(2):
        content = PDF_FILE + bytes([number])
        add_document(case.pk, by=people.reviewer, name=f"slip-{number}.pdf", content=content, note="June")
    for by in (people.supervisor, people.second_reviewer):
        add_comment(case.pk, by=by, text="@reviewer @supervisor is the employer known?")
    for number in range(2):
        make.case(f"{case.external_ref}-more-{number}", applicant_ref=case.applicant.external_id)
    return make.reread(case)


def _decided(external_ref: str, people: People, outcome: str = "decline") -> Case:
    case = _taken(external_ref, people, key_customer=False)
    make.decide(case, people.reviewer, outcome=outcome)
    return make.reread(case)


def _lent(people: People) -> Case:
    """A loan that went bad, so that there is something to compare with."""
    case = _decided("L-1", people, "approve")
    record_outcomes([ObservedOutcome(case.pk, case.applied_at, bad=True, mature=True)], given_by="tests")
    return case


def _asked_to_reopen(people: People) -> Case:
    case = _decided("Z-1", people)
    ask_reopening(case.pk, by=people.reviewer, reason="The lender sent new pay slips.")
    return case


def _reopened(people: People) -> Case:
    case = _decided("Z-2", people)
    asked = ask_reopening(case.pk, by=people.reviewer, reason="The lender sent new pay slips.")
    answer_reopening(asked.pk, by=people.supervisor, verdict="approve", note="Look at the pay slips.")
    return case


def _awaiting(external_ref: str, people: People) -> Case:
    case = _taken(external_ref, people, signing=TWO)
    make.decide(case, people.reviewer)
    return make.reread(case)


def _signed_once(people: People) -> Case:
    """A decision that one has signed, and a second person was asked to."""
    case, by = _awaiting("S-2", people), people.second_supervisor
    actions.sign_case(case.pk, by=by, verdict="confirm", note="", seen_version=case.version)
    actions.ask_signer(
        case.pk, by=by, signer_id=people.second_reviewer.pk, reason="you know the group", seen_version=case.version + 1
    )
    return case


def _taken_back(people: People) -> Case:
    """A case in hand again, with the decision that was taken back in its form."""
    case = _awaiting("M-1", people)
    return take_back(case.pk, by=people.reviewer, seen_version=case.version)


def _passed_on(way: str, people: People) -> Case:
    case, by, note = _taken(f"P-{way}", people), people.reviewer, "Because of the group."
    seen = case.version
    match way:
        case "snooze":
            until = timezone.now() + timedelta(days=2)
            return passing_on.snooze_case(case.pk, by=by, until=until, note=note, seen_version=seen)
        case "skip":
            return passing_on.skip_case(case.pk, by=by, why="language", note=note, seen_version=seen)
        case "transfer":
            to = people.second_reviewer.pk
            return passing_on.transfer_case(case.pk, by=by, to_id=to, note=note, seen_version=seen)
    return passing_on.escalate_case(case.pk, by=by, note=note, seen_version=seen)


def second_looks(people: People) -> dict[str, SecondLook]:
    """One look in hand, and one that disagrees."""
    for number in range(2):
        make.decide(make.claimed_case(people.reviewer, f"K-{number}", key_customer=False), people.reviewer)
    draw_second_looks()
    first = take_second_look(by=people.second_reviewer)
    record_second_look(
        first.pk, by=people.second_reviewer, outcome="decline", band=3, reason_codes=["high_debt"], note=NOTE
    )
    return {"disputed": first, "in_hand": take_second_look(by=people.second_reviewer)}


def kept(people: People) -> None:
    """What people keep for themselves and for each other, and how they are on duty."""
    for user in (people.reviewer, people.supervisor):
        save_view("Late ones", by=user, query="view=open&sla=late&sort=due", is_shared=True)
        save_view("Loans of Zhang", by=user, query="view=open&q=%E5%BC%A0")
    add_phrase(NOTE, by=people.reviewer, for_everybody=False)
    today = timezone.localdate()
    give_pen(
        by=people.supervisor,
        holder_id=people.second_reviewer.pk,
        first_day=today,
        last_day=today,
        reason="On leave this week",
    )
    for user in (people.reviewer, people.second_reviewer):
        state_duty(user.pk, by=people.supervisor, hours_a_day=Decimal(6), most_cases_a_day=20, products=["consumer"])
    state_absence(people.second_reviewer.pk, by=people.supervisor, first_day=today, last_day=today, reason="")
    source = Source.objects.get_or_create(slug="branch-los")[0]
    mapping = MappingVersion.objects.create(source=source, number=1, sha256="0" * 64, name="m", content={})
    Batch.objects.create(source=source, name="june.csv", sha256="a" * 64, mapping=mapping)
