"""The page on which a decision is signed: advice, decision, limits; what it stands on, and what its reader may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from cases.errors import BeyondAuthority, CaseError, CaseMoved
from cases.freezing import ROUTED, last_facts
from cases.models import Band, Case, Lean, Review, User
from cases.packet import Packet, changes_of, packet_of
from cases.personal import masked_text
from cases.reason_codes import ReasonCode as Code
from cases.reason_codes import reasons_for_outcome
from cases.rules import POLICY_ROW, is_override
from cases.signers import Pen, Signers, is_beyond, pen_for, pens_of
from cases.states import APPLICATION_OUTCOMES, RESOLUTIONS, Kind, Outcome, Role
from desk.build.assessment import assessment_of
from desk.build.decision import decided_of, tone_of
from desk.build.documents import documents_card
from desk.build.facts import fact_groups
from desk.build.findings import findings_of
from desk.build.free_text import without_numbers
from desk.build.head import case_head, timeline
from desk.build.money import grant_of
from desk.build.policy_list import version_name
from desk.build.signing import attached_since, pending_of, signed_by, signers_around, why_signed
from desk.dossier import Dossier
from desk.pages import FixForm, FixOption, LimitLine, Pair, Problem, ReasonCode, SignoffPage, WhyLine
from desk.words import money, percent

PARTS: Final[Mapping[str, Promise]] = {
    "facts": gettext_lazy("Facts"),
    "score": gettext_lazy("Score"),
    "route": gettext_lazy("Policy"),
    "documents": gettext_lazy("Documents"),
    "decision": gettext_lazy("Decision"),
}
READS_POLICIES: Final = (Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)


@dataclass(frozen=True)
class Allowed:
    """What this person may do with the decision, with whose pen, and what keeps them from confirming it."""

    pen: Pen | None
    refusal: str = ""
    confirms: bool = False
    sends_back: bool = False


def allowed_to(user: User, around: Signers, changes: Sequence[str]) -> Allowed:
    """A case that changed can only be sent back; who is beyond their authority can send back and decide otherwise."""
    pens = pens_of(user)
    if not pens:
        return Allowed(None, _("You read this decision; you cannot sign it."))
    try:
        pen = pen_for(pens, around, confirms=not changes)
    except BeyondAuthority as refusal:
        return Allowed(pens[0], str(refusal), sends_back=True)
    except CaseError as refusal:
        return Allowed(None, str(refusal))
    if changes:
        return Allowed(pen, _("The case has changed since the decision: it can only be sent back."), sends_back=True)
    return Allowed(pen, confirms=True, sends_back=True)


def changes_in(dossier: Dossier, review: Review) -> list[str]:
    """What changed since the decision, from what was read already; what the reviewer thought cannot change."""
    if not review.packet_sha256:
        return []
    return changes_of(review.packet, _packet_now(dossier, review))


def _packet_now(dossier: Dossier, review: Review) -> Packet:
    frozen = review.packet["parts"]
    # What the decision did not have can only have come with a move of its own.
    has_documents = frozen["documents"]["files"] or attached_since(dossier.events, review)
    return packet_of(
        dossier.case,
        review,
        scored=last_facts(dossier.events, "score"),
        routed=last_facts(dossier.events, *ROUTED),
        documents=dossier.file.documents if has_documents else (),
        opinion=frozen["decision"]["opinion"],
    )


def signoff_page(
    dossier: Dossier, user: User, *, posted: Mapping[str, Sequence[str]], problems: Sequence[Problem]
) -> SignoffPage:
    if dossier.review is None:
        raise CaseMoved
    # What was signed is compared with what was read, names of documents and all.
    changes = [masked_text(each) for each in changes_in(dossier, dossier.review)]
    dossier = without_numbers(dossier, user)
    case, review, decided = dossier.case, dossier.review, decided_of(dossier)
    if review is None or decided is None:
        raise CaseMoved
    around = signers_around(dossier, review)
    may = allowed_to(user, around, changes)
    pending = pending_of(dossier, user, changes=changes, desk_rules=dossier.desk)
    policy = dossier.route.policy if dossier.route else None
    policy_url = reverse("desk:policy", args=[policy.pk]) if policy and user.role in READS_POLICIES else ""
    if pending is None:
        raise CaseMoved
    return SignoffPage(
        head=case_head(dossier, user),
        why=tuple(_why_lines(case, review, policy_url)),
        assessment=assessment_of(dossier),
        decided=replace(decided, signatures=signed_by(review, void=bool(changes))),
        lean=lean_words(review),
        limits=tuple(_limits(dossier, review, may.pen)),
        policy=version_name(policy) if policy else "",
        policy_url=policy_url,
        grant=grant_of(dossier),
        findings=findings_of(dossier, user),
        facts=fact_groups(dossier, user),
        events=timeline(dossier, user),
        hashes=tuple(_hashes(review)),
        # To be read, not added to: a document more would void what is signed here.
        documents=replace(documents_card(case, dossier.file, user), add_url=""),
        pending=pending,
        list_url=reverse("desk:signoff_list"),
        case_url=reverse("desk:case", args=[case.ref]),
        action_url=reverse("desk:sign", args=[case.ref]),
        version=case.version,
        refusal=may.refusal,
        pen=may.pen.giver.display_name if may.pen and may.pen.giver else "",
        confirms=may.confirms,
        sends_back=may.sends_back,
        fix=_fix_form(case, review, posted, problems) if may.sends_back and not changes else None,
        reason=next(iter(posted.get("reason", ())), ""),
        problems=tuple(problems),
    )


def lean_words(review: Review) -> str:
    """`Lean decline · 10 to 20 %`: what the reviewer thought before they saw the model; "" where nobody asked."""
    opinion = review.packet.get("parts", {}).get("decision", {}).get("opinion")
    return f"{Lean(opinion['lean']).label} · {Band(opinion['band']).label}" if opinion else ""


def _why_lines(case: Case, review: Review, policy_url: str) -> list[WhyLine]:
    lines = []
    for reason, words in zip(review.signature_reasons, why_signed(case, review), strict=True):
        row = reason.removeprefix(POLICY_ROW) if reason.startswith(POLICY_ROW) else ""
        lines.append(WhyLine(words, row, f"{policy_url}#grid-signatures" if row and policy_url else ""))
    return lines


def _hashes(review: Review) -> list[Pair]:
    hashes = review.packet.get("hashes", {})
    lines = [Pair(str(words), hashes[name]) for name, words in PARTS.items() if name in hashes]
    return [Pair(_("Whole packet"), review.packet_sha256), *lines] if lines else []


def _fix_form(case: Case, review: Review, posted: Mapping[str, Sequence[str]], problems: Sequence[Problem]) -> FixForm:
    """The form holds what the reviewer gave, so that nothing need be typed again; after a refusal, what was typed."""
    fixes = bool(problems) and "fix" in posted.get("act", ())
    chosen = next(iter(posted.get("outcome", ())), "") if fixes else review.outcome
    codes = posted.get("reason_codes", ()) if fixes else review.reason_codes
    outcomes = APPLICATION_OUTCOMES if case.kind == Kind.APPLICATION else RESOLUTIONS
    every = [code for code in Code if any(code in reasons_for_outcome(each) for each in outcomes)]
    return FixForm(
        options=tuple(_option(outcome, case, review, chosen) for outcome in outcomes),
        codes=tuple(
            ReasonCode(
                code=code.value,
                words=str(code.label),
                fits=" ".join(each for each in outcomes if code in reasons_for_outcome(each)),
                chosen=code.value in codes,
            )
            for code in every
        ),
        note=next(iter(posted.get("note", ())), "") if fixes else "",
        open=fixes,
        sign_words=_("Sign with these reasons"),
        revise_words=_("Decide otherwise: another person must sign"),
    )


def _option(outcome: Outcome, case: Case, review: Review, chosen: str) -> FixOption:
    words = {Outcome.APPROVE: pgettext("decision", "Approve"), Outcome.DECLINE: pgettext("decision", "Decline")}
    return FixOption(
        value=outcome.value,
        words=words.get(outcome) or str(outcome.label),
        tone=tone_of(outcome),
        chosen=outcome == chosen,
        decided=outcome == review.outcome,
        hint=_("against the advice") if is_override(outcome, case.advice) else "",
    )


def _limits(dossier: Dossier, review: Review, pen: Pen | None) -> list[LimitLine]:
    """The authorities of reviewer and signer, and the policy's limits, against this case."""
    case = dossier.case
    people = {review.reviewer.pk: review.reviewer} | ({pen.owner.pk: pen.owner} if pen else {})
    limits = [
        LimitLine(
            words=_("Authority of %(person)s") % {"person": each.display_name},
            limit=money(each.authority_amount, each.authority_currency),
            here=money(case.amount, case.currency),
            broken=is_beyond(each, case, Outcome.APPROVE),
        )
        for each in people.values()
    ]
    terms = dossier.route.policy.terms if dossier.route and dossier.route.policy else None
    if terms:
        above = case.currency != terms["currency"] or float(case.amount) > terms["amount_limit"]
        limit = money(terms["amount_limit"], terms["currency"])
        limits.append(LimitLine(_("Amount the machine may decide"), limit, money(case.amount, case.currency), above))
        cut_off = dossier.route.lines.get("cut_off") if dossier.route else None
        if case.pd is not None and cut_off is not None:
            limits.append(LimitLine(_("Cut-off of the PD"), percent(cut_off), percent(case.pd), case.pd >= cut_off))
    return limits
