"""The file of a case as one document for paper: everything on its page, and the hashes it can be checked by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CaseEvent, Opinion, Review, Signature, User
from cases.products import numbered
from cases.reason_codes import ReasonCode
from cases.states import DecidedBy, Outcome
from desk.build.assessment import assessment_of
from desk.build.decision import decided_words
from desk.build.documents import document_rows
from desk.build.facts import fact_groups
from desk.build.findings import findings_of
from desk.build.head import EVENTS, case_head, timeline
from desk.build.personal import sight_of, sight_words
from desk.build.policy_list import version_name
from desk.build.related import related_card
from desk.build.signing import why_signed
from desk.build.talk import comment_rows
from desk.case_file import RELATED_READ
from desk.dossier import Dossier
from desk.origin import Origin
from desk.pages import CaseHead
from desk.pages.print import PrintedDecision, PrintPage
from desk.words import duration, when

# Moves behind which the decision before them does not stand.
ENDS_A_DECISION: Final = frozenset({"expire_signoff", "reopen", "revise", "send_back", "take_back"})


def print_page(dossier: Dossier, user: User) -> PrintPage:
    """Of a case whose reviewer has not said yet what they think, the model's part and what rests on it is left out."""
    case, hidden = dossier.case, dossier.is_bare
    head, assessment = case_head(dossier, user), None if hidden else assessment_of(dossier)
    now = when(timezone.now())
    return PrintPage(
        head=replace(head, why_on_top="") if hidden else head,
        pairs=tuple(pair for pair in _pairs(dossier, head, user) if pair[1]),
        findings=() if hidden else findings_of(dossier, user),
        facts=fact_groups(dossier, user),
        assessment=assessment,
        hashes=() if hidden else _hashes(dossier),
        no_score="" if hidden or dossier.assessment else _("The machine has not assessed this case."),
        veiled=_("Left out: the reviewer has not said yet what they think of this case.") if hidden else "",
        opinions=() if hidden else tuple(_opinion(each) for each in dossier.opinions),
        decisions=() if hidden else _decisions(dossier),
        documents=document_rows(case, dossier.file, checked=True),
        comments=comment_rows(dossier.file),
        related=related_card(case, dossier.file, user, most=RELATED_READ),
        events=tuple(reversed(timeline(dossier, user))),
        sheet=f"{case.ref} · {case.source} {case.external_ref}",
        printed=_("printed %(time)s by %(person)s") % {"time": now, "person": user.display_name},
        case_url=head.url,
        own_url=reverse("desk:print_file", args=[case.ref]),
    )


def _pairs(dossier: Dossier, head: CaseHead, user: User) -> list[tuple[str, str]]:
    """What the head of the page says, and what stands behind it."""
    case, first, last = dossier.case, dossier.file.origin, dossier.came_last
    return [
        (_("Applicant"), f"{head.applicant} ({sight_of(dossier, user).number_of(case.applicant)})"),
        (_("Name and numbers"), sight_words(dossier, user)),
        (_("Segment"), head.segment),
        (_("Product"), head.product),
        (_("Kind"), head.kind),
        (_("Amount"), head.amount),
        (_("Term"), head.term),
        (_("Region"), head.region),
        (_("Industry"), head.industry),
        (_("Channel"), head.channel),
        (_("Applied"), head.applied_at),
        (_("Received"), when(case.received_at)),
        (_("Came from"), _place(first)),
        (_("Sent again by its source"), _place(last) if last is not first else ""),
        (_("State"), head.state.words),
        (_("Decision"), decided_words(case.outcome) if case.outcome else ""),
        (_("Decided by"), str(DecidedBy(case.decided_by).label) if case.decided_by else ""),
        (_("Decided"), when(case.decided_at) if case.decided_at else ""),
        (_("Version of the case"), str(case.version)),
        (_("SHA-256 of what was sent"), case.content_hash),
    ]


def _place(origin: Origin) -> str:
    if not origin.file:
        return origin.token
    return origin.file if origin.row is None else f"{origin.file}, {origin.row}"


def _hashes(dossier: Dossier) -> tuple[tuple[str, str], ...]:
    """What an auditor checks the machine's part by."""
    assessment, route = dossier.assessment, dossier.route
    found = []
    if assessment is not None:
        found += [
            (_("Model"), numbered(assessment.model.product, assessment.model.number)),
            (_("SHA-256 of the model"), assessment.model.sha256),
            (_("SHA-256 of its training set"), assessment.model.dataset_sha256),
            (_("Assessed"), when(assessment.at)),
        ]
    if route is not None and route.policy is not None:
        found += [
            (_("Policy"), version_name(route.policy)),
            (_("SHA-256 of the policy"), route.policy.sha256),
            (_("Row of the policy"), route.row),
            (_("Routed"), when(route.at)),
        ]
    return tuple(pair for pair in found if pair[1])


def _opinion(opinion: Opinion) -> str:
    return _("%(person)s, %(time)s, before the score was shown: %(lean)s, probability of default %(band)s") % {
        "person": opinion.person.display_name,
        "time": when(opinion.at),
        "lean": opinion.get_lean_display(),
        "band": opinion.get_band_display(),
    }


def _decisions(dossier: Dossier) -> tuple[PrintedDecision, ...]:
    """Each with what ended it, of the moves up to the next decision."""
    made = [review.seen_version + 1 for review in dossier.reviews]
    spans = zip(dossier.reviews, made, [*made[1:], dossier.case.version], strict=False)
    return tuple(_decision(dossier.case, review, _undone(dossier.events, *span)) for review, *span in spans)


def _undone(events: Sequence[CaseEvent], decided: int, last: int) -> str:
    """The first move behind a decision (its number, and that of the next one) by which it does not stand any more."""
    for event in events:
        if event.name in ENDS_A_DECISION and decided < event.seq <= last:
            who = event.actor.display_name if event.actor else _("machine")
            return f"{EVENTS[event.name]}, {who}, {when(event.at)}"
    return ""


def _decision(case: Case, review: Review, undone: str) -> PrintedDecision:
    lines = [str(ReasonCode(code).label) for code in review.reason_codes]
    if review.is_override:
        lines.append(_("override of the advice"))
    if review.note:
        lines.append(f"“{review.note}”")
    lines.append(_("time spent: %(time)s") % {"time": duration(review.at - review.claimed_at)})
    if review.signatures_needed:
        needed = {"n": review.signatures_needed, "why": "; ".join(why_signed(case, review))}
        lines.append(_("signatures needed: %(n)s (%(why)s)") % needed)
    return PrintedDecision(
        words=str(Outcome(review.outcome).label),
        by=review.reviewer.display_name,
        at=when(review.at),
        lines=tuple(lines),
        signatures=tuple(map(_signature, review.signatures.all())),
        sealed=review.packet_sha256,
        undone=undone,
    )


def _signature(signature: Signature) -> str:
    """Who signed, with whose pen, the reasons they put right, and what they wrote."""
    giver, corrected = signature.on_behalf_of, signature.corrected_codes
    codes = " · ".join(str(ReasonCode(code).label) for code in corrected or ())
    parts = (
        signature.get_verdict_display(),
        signature.signer.display_name,
        _("on behalf of %(person)s") % {"person": giver.display_name} if giver else "",
        when(signature.at),
        "" if corrected is None else _("reasons put right: %(codes)s") % {"codes": codes or "--"},
        f"“{signature.note}”" if signature.note else "",
    )
    return " · ".join(part for part in parts if part)
