"""Second persons on a page: why they are asked, who has signed, and who must still sign."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.models import Case, Review, Signature, User
from cases.signoff import signature_sentences, signing_of
from cases.states import APPLICATION_OUTCOMES, Kind, Outcome
from desk.pages import Signed, SignOff
from desk.words import when

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


def signed_by(review: Review) -> tuple[Signed, ...]:
    return tuple(Signed(each.signer.display_name, when(each.at), each.note) for each in confirmations(review))


def progress_words(review: Review) -> str:
    """`1 of 2 signed · 1 more person must sign` for a decision that waits for two; "" for one that waits for one."""
    if review.signatures_needed < 2:
        return ""
    signed = len(confirmations(review))
    left = review.signatures_needed - signed
    more = ngettext("%(n)s more person must sign", "%(n)s more persons must sign", left) % {"n": left}
    return f"{counted(signed, review.signatures_needed)} · {more}"


def counted(signed: int, needed: int) -> str:
    """`1 of 2 signed`."""
    return _("%(signed)s of %(needed)s signed") % {"signed": signed, "needed": needed}
