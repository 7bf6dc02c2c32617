"""The head of a case's page, its timeline, and the time that is left."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.desk_rules import working_hours
from cases.models import Case, CaseEvent, Opinion, Skip, User
from cases.money import short_money
from cases.personal import masked_text
from cases.products import version_words
from cases.reason_codes import ReasonCode
from cases.signoff import signature_sentences
from cases.states import Kind, Outcome, State
from cases.why import sentences
from cases.working_time import WorkingHours, is_soon, working_seconds
from desk.build.documents import SHORT_HASH, size_words
from desk.build.findings import finding_words
from desk.build.look_lines import look_lines, shown_looks
from desk.build.opinions import opinion_words
from desk.build.personal import MASKED, Sight, reveal_event, reveal_form, shown_reveals, sight_of
from desk.build.signing import counted
from desk.build.signoff_lines import reopening_lines, signoff_details
from desk.build.talk import comment_event
from desk.build.told_values import fact_words, told_value
from desk.dossier import Dossier
from desk.pages import CaseHead, Event, StateMark, TimeLeft
from desk.words import (
    PRODUCTS,
    SEGMENTS,
    WITHHELD,
    industry_words,
    is_chinese,
    money,
    months,
    percent,
    region_words,
    when,
    word,
    working_words,
)

CHANNELS: Final[dict[str, Promise]] = {"branch": _("Branch"), "online": _("Online"), "partner": _("Partner")}

EVENTS: Final[dict[str, Promise]] = {
    "receive": _("received"),
    "hold": _("held by the quality gate"),
    "supply_data": _("data supplied"),
    "return_to_source": _("returned to the source"),
    "resubmit": _("sent again by the source"),
    "confirm_reading": _("somebody looked at how its columns are read"),
    "end_quarantine": _("its source was released from quarantine"),
    "record_approved": _("recorded as approved by the lender"),
    "record_declined": _("recorded as declined by the lender"),
    "score": _("scored"),
    "approve_by_machine": _("approved by the machine"),
    "decline_by_machine": _("declined by the machine"),
    "send_to_people": _("sent to people"),
    "park": _("handed to a person without a score"),
    "rescore": _("taken out of the queue to be scored by another model"),
    "claim": _("claimed"),
    "release": _("released"),
    "ask_information": _("asked for information"),
    "receive_information": _("information arrived"),
    "approve": _("approved"),
    "decline": _("declined"),
    "resolve": _("resolved"),
    "ask_signature": _("sent for sign-off"),
    "countersign": _("signed"),
    "sign_approval": _("approval signed"),
    "sign_decline": _("decline signed"),
    "sign_resolution": _("resolution signed"),
    "send_back": _("sent back"),
    "withdraw": _("withdrawn"),
    "revise": _("decided otherwise by a signer"),
    "ask_signer": _("one more signature asked for"),
    "excuse_signer": _("cannot sign, though asked: a conflict of interest"),
    "expire_signoff": _("back to the reviewer, not signed in time"),
    "reopen": _("opened again"),
    "place": _("placed"),
    "escalate": _("escalated"),
    "transfer": _("transferred"),
    "snooze": _("set aside"),
    "skip": _("skipped"),
    "take_back": _("decision taken back"),
    "attach": _("added a document"),
}

# What somebody wrote along with a move; on a blind page the second stands in its place (`desk/build/veil.py`).
FREE_TEXT: Final = ("note", "reason")
WITHHELD_FACT: Final = "withheld"
# Moves whose own words already say what was decided.
SAYS_OUTCOME: Final = frozenset({"approve", "decline", "record_approved", "record_declined"})


def state_mark(state: str) -> StateMark:
    return StateMark(state, str(State(state).label))


def time_left(case: Case, desk: Callable[[], WorkingHours]) -> TimeLeft:
    """The working time that is left until the due time; paused while the case waits for others. `desk` is asked where
    there is something to count."""
    if case.state == State.WAITING_INFO:
        return TimeLeft(str(_("paused")), "paused", when(case.due_at), str(_("paused")))
    if case.due_at is None or case.state not in (State.QUEUED, State.IN_REVIEW, State.AWAITING_SIGNOFF):
        return TimeLeft("", "none")
    now = timezone.now()
    hours = desk()
    seconds = working_seconds(now, case.due_at, hours)
    told = working_words(abs(seconds), hours.day_seconds)
    if case.due_at < now:
        late = str(_("%(time)s late")) % {"time": told}
        return TimeLeft(late, "late", when(case.due_at), late)
    left = str(_("%(time)s left")) % {"time": told}
    return TimeLeft(left, "soon" if is_soon(seconds) else "ok", when(case.due_at), told)


def assigned_words(case: Case, user: User) -> str:
    """To whom a waiting case was handed, while that counts; "" otherwise."""
    if case.state != State.QUEUED or case.assigned_at is None or case.assigned_at < rules.assignments_lapse_at():
        return ""
    if case.assigned_to_id == user.pk:
        return str(_("assigned to you"))
    known = case.assigned_to if case.assigned_to and case.assigned_to.is_active else None
    return str(_("assigned to %(person)s")) % {"person": known.display_name} if known else ""


def case_head(dossier: Dossier, user: User) -> CaseHead:
    case, sight = dossier.case, sight_of(dossier, user)
    return CaseHead(
        ref=case.ref,
        url=reverse("desk:case", args=[case.ref]),
        applicant=sight.name_of(case.applicant),
        product=word(PRODUCTS, case.product),
        kind=str(Kind(case.kind).label) if case.kind != Kind.APPLICATION else "",
        amount=money(case.amount, case.currency),
        amount_short=short_money(case.amount, case.currency, chinese=is_chinese()),
        term=months(case.term_months),
        state=state_mark(case.state),
        left=time_left(case, lambda: working_hours(dossier.desk)),
        applied_at=when(case.applied_at),
        name_is_derived="applicant.name" in case.derived,
        source=case.source,
        external_ref=case.external_ref,
        region=region_words(case.region),
        industry=industry_words(case.industry),
        channel=word(CHANNELS, case.channel) if case.channel else "",
        segment=word(SEGMENTS, case.applicant.segment),
        key_customer=case.applicant.key_customer,
        audit_sample=bool(dossier.route and dossier.route.is_audit),
        assigned=assigned_words(case, user),
        reveal=reveal_form(sight, reverse("desk:reveal", args=[case.ref])),
        why_on_top=next(iter(sentences(case.why)), "") if case.state in (State.QUEUED, State.IN_REVIEW) else "",
    )


def timeline(dossier: Dossier, user: User) -> tuple[Event, ...]:
    """All moves, the latest first, and between them comments, what was thought before the model was seen, second looks,
    and who asked for the case to be opened again; of these what `user` may read."""
    lines, latest = reopening_lines(dossier.reopenings) + look_lines(shown_looks(dossier, user)), None
    lines += [(each.at, _opinion(each, dossier.case.kind)) for each in dossier.opinions]
    lines += [(comment.at, comment_event(comment)) for comment in dossier.file.comments]
    lines += [(each.at, reveal_event(each)) for each in shown_reveals(dossier, user)]
    sight = sight_of(dossier, user)
    for event in dossier.events:
        # A move that waited for the lock tells the moment it began; its number says where it stands.
        latest = max(event.at, latest or event.at)
        lines.append((latest, _event(event, dossier.case.signing, sight)))
    return tuple(line for _at, line in sorted(lines, key=lambda each: each[0])[::-1])


def told(events: Iterable[CaseEvent], signing: dict[str, Any]) -> tuple[Event, ...]:
    """These moves in words, masked for everybody."""
    seen = (_event(event, signing, MASKED) for event in events)
    return tuple(replace(each, details=tuple(map(masked_text, each.details))) for each in seen)


def _opinion(opinion: Opinion, kind: str) -> Event:
    return Event(
        at=when(opinion.at),
        at_iso=opinion.at.isoformat(),
        who=opinion.person.display_name,
        what=str(_("said what they think before seeing the model")),
        details=(opinion_words(opinion, kind),),
    )


def _event(event: CaseEvent, signing: dict[str, Any], sight: Sight) -> Event:
    return Event(
        at=when(event.at),
        at_iso=event.at.isoformat(),
        who=event.actor.display_name if event.actor else str(_("machine")),
        what=str(EVENTS.get(event.name, event.name)),
        details=tuple(_details(event.name, event.facts, signing, sight)),
        by_machine=event.actor is None,
    )


def _details(name: str, facts: dict[str, Any], signing: dict[str, Any], sight: Sight) -> list[str]:
    details = []
    if "outcome" in facts and name not in SAYS_OUTCOME:
        details.append(str(Outcome(facts["outcome"]).label))
    if facts.get("override"):
        details.append(str(_("override of the advice")))
    if "model" in facts:
        said = str(_("%(model)s: probability of default %(pd)s"))
        details.append(said % {"model": version_words(facts["model"]), "pd": percent(facts.get("pd"))})
    if facts.get("policy"):
        details.append(str(_("Policy: %(version)s")) % {"version": version_words(facts["policy"])})
    details += sentences(facts.get("reasons", ()))
    if facts.get("opinion_first"):
        details.append(str(_("asks for the reviewer's own view first")))
    needed = facts.get("signatures_needed", 0)
    if needed > 1:
        words = counted(facts["signed"], needed) if "signed" in facts else _("%(n)s signatures needed") % {"n": needed}
        details.append(str(words))
    asked = facts.get("signature_reasons", ())
    details += signature_sentences(asked, signing=signing, outcome=facts.get("outcome", ""))
    details += [str(ReasonCode(code).label) for code in facts.get("reason_codes", ())]
    details += signoff_details(facts)
    details += [finding_words(finding, sight) for finding in facts.get("findings", ())]
    for field, value in facts.get("after", {}).items():
        old, new = (told_value(field, each, sight) for each in (facts["before"].get(field), value))
        details.append(f"{fact_words(field)}: {old} → {new}")
    if facts.get("file"):
        details.append(str(facts["file"]))
    if name == "attach":
        details.append(f"{facts['name']} · {size_words(facts['size'])} · SHA-256 {facts['sha256'][:SHORT_HASH]}…")
    if facts.get("taken_over") or facts.get("taken_from"):
        details.append(str(_("taken over by a supervisor")))
    if "assigned_to" in facts:
        details.append(str(_("was assigned to somebody else")))
    if "to_name" in facts:
        details.append(str(_("handed to %(person)s")) % {"person": facts["to_name"]})
    if facts.get("freed"):
        details.append(str(_("free for all")))
    if facts.get("put_back"):
        details.append(str(_("back where it was")))
    if facts.get("until"):
        details.append(str(_("rests until %(time)s")) % {"time": when(datetime.fromisoformat(facts["until"]))})
    if "why_skipped" in facts:
        details.append(str(Skip.Why(facts["why_skipped"]).label))
    if "asked_signer" in facts:
        details.append(str(_("%(person)s is asked to sign")) % {"person": facts["asked_signer"]})
    if facts.get("by_lease"):
        details.append(str(_("the lease ran out")))
    details += [f"“{facts[key]}”" for key in FREE_TEXT if facts.get(key)]
    if WITHHELD_FACT in facts:
        details.append(str(WITHHELD))
    return details
