"""Second persons on a page: why they are asked, who has signed, and who must still sign."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases import rules
from cases.expiring import signing_time_left
from cases.models import Case, CaseEvent, DeskRules, Review, Signature, User
from cases.reason_codes import ReasonCode
from cases.signers import Signers
from cases.signoff import asked_in, signature_sentences, signatures_left, signing_of
from cases.states import APPLICATION_OUTCOMES, Kind, Outcome
from cases.working_time import is_soon
from desk.dossier import Dossier
from desk.pages import Asked, Pending, Signed, SignOff, TimeLeft
from desk.pages.shared import Level
from desk.words import duration, when

TITLES: Final[Mapping[tuple[Outcome, int], Promise]] = {
    (Outcome.APPROVE, 1): gettext_lazy("An approval needs a second signature"),
    (Outcome.APPROVE, 2): gettext_lazy("An approval needs the signatures of two others"),
    (Outcome.DECLINE, 1): gettext_lazy("A decline needs a second signature"),
    (Outcome.DECLINE, 2): gettext_lazy("A decline needs the signatures of two others"),
}


def sign_offs(case: Case, user: User) -> tuple[SignOff, ...]:
    """Which decisions of `user` on this case a second person would be asked to sign, and why."""
    found = []
    for outcome in APPLICATION_OUTCOMES if case.kind == Kind.APPLICATION else ():
        signing = signing_of(case, outcome, person=user)
        if signing.needed:
            words = signature_sentences(signing.reasons, signing=case.signing, outcome=outcome)
            found.append(SignOff(outcome.value, str(TITLES[outcome, signing.needed]), tuple(words)))
    return tuple(found)


def why_signed(case: Case, review: Review) -> list[str]:
    """Why this decision needs a second person."""
    return signature_sentences(review.signature_reasons, signing=case.signing, outcome=review.outcome)


def confirmations(review: Review) -> list[Signature]:
    """Who confirmed the decision so far, the first first. Reads `signatures`, best prefetched with their signers."""
    return [each for each in review.signatures.all() if each.verdict == Signature.Verdict.CONFIRM]


def signed_by(review: Review, *, void: bool = False) -> tuple[Signed, ...]:
    return tuple(
        Signed(
            each.signer.display_name,
            when(each.at),
            each.note,
            for_whom=each.on_behalf_of.display_name if each.on_behalf_of else "",
            codes=tuple(str(ReasonCode(code).label) for code in each.corrected_codes or ()),
            void=void,
        )
        for each in confirmations(review)
    )


def signers_around(dossier: Dossier, review: Review) -> Signers:
    """Who is known around this decision, from what was read already."""
    deciders, signed = {each.reviewer_id for each in dossier.reviews}, list(review.signatures.all())
    return Signers(dossier.case, review, deciders, signed, dossier.file.apart)


def asked_ids(events: Sequence[CaseEvent], review: Review) -> set[int]:
    """Who was asked by name to sign this decision."""
    return {each.facts["asked_signer_id"] for each in asked_in(events, review)}


def progress_words(review: Review, asked: Collection[int] = ()) -> str:
    """`1 of 2 signed · 1 more person must sign` for a decision that needs several; "" for one that needs one."""
    confirmed = [each.signer_id for each in confirmations(review)]
    left = signatures_left(review, confirmed, asked)
    if len(confirmed) + left < 2:
        return ""
    more = ngettext("%(n)s more person must sign", "%(n)s more persons must sign", left) % {"n": left}
    return f"{counted(len(confirmed), len(confirmed) + left)} · {more}"


def counted(signed: int, needed: int) -> str:
    """`1 of 2 signed`."""
    return _("%(signed)s of %(needed)s signed") % {"signed": signed, "needed": needed}


def signing_left(review: Review, desk_rules: DeskRules) -> TimeLeft:
    """The working time until the decision goes back to its reviewer unsigned."""
    left = signing_time_left(review, desk_rules, timezone.now())
    if not left:
        return TimeLeft(_("goes back now"), "late", when(review.at), _("goes back now"))
    words = _("%(time)s of working time left") % {"time": duration(left)}
    level: Level = "soon" if is_soon(left.total_seconds()) else "ok"
    return TimeLeft(words, level, when(review.at), duration(left))


def attached_since(events: Sequence[CaseEvent], review: Review) -> bool:
    """Whether a document came to the case after it was decided: the one thing that can, and that voids signatures."""
    return any(each.name == "attach" and each.seq > review.seen_version for each in events)


def pending_of(
    dossier: Dossier, user: User, *, changes: Sequence[str] = (), desk_rules: DeskRules | None = None
) -> Pending | None:
    """How far the decision of this case is on its way; None where nothing waits for a signature. Without `changes`
    the documents alone are asked whether it is void, without `desk_rules` the time left is not told."""
    case, review = dossier.case, dossier.review
    if review is None:
        return None
    known = list(changes)
    if not known and attached_since(dossier.events, review):
        known = [_("A document was added since the decision")]
    confirmed = {each.signer_id for each in confirmations(review)}
    may_ask = not known and (user.pk == review.reviewer_id or rules.may_sign(case, user))
    return Pending(
        since=when(review.at),
        left=signing_left(review, desk_rules) if desk_rules else TimeLeft("", "none"),
        asked=tuple(
            Asked(
                name=each.facts["asked_signer"],
                by=each.actor.display_name if each.actor else "",
                reason=each.facts.get("reason") or each.facts.get("note", ""),
                signed=each.facts["asked_signer_id"] in confirmed,
            )
            for each in asked_in(dossier.events, review)
        ),
        changes=tuple(known),
        signer_url=reverse("desk:signer", args=[case.ref]) if may_ask else "",
    )
