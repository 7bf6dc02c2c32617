"""Second persons: how many must sign a decision and why, in words too, and which cases wait for whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import translation
from django.utils.translation import gettext as _

from cases import rules
from cases.models import AskedSigner, Case, CaseEvent, Conflict, Review, Signature, User
from cases.states import Role, State
from cases.why import sentence


@dataclass(frozen=True)
class Signing:
    """What a decision would need: reasons as `Review.signature_reasons` keeps them, and 0 to 2 signatures."""

    reasons: list[str]
    needed: int


def signing_of(case: Case, outcome: str, *, person: User, asked: bool = False, revised: bool = False) -> Signing:
    """What `person` deciding `outcome` (`revised`: in place of a reviewer) would bring about, by the fixed rules, by
    their own wish (`asked`) and by the policy."""
    reasons = rules.signature_reasons(
        outcome,
        amount=case.amount,
        currency=case.currency,
        advice=case.advice,
        key_customer=case.applicant.key_customer,
        person=person,
        asked=asked,
        revised=revised,
        signing=case.signing,
    )
    return Signing(reasons, rules.signatures_needed(outcome, reasons=reasons, signing=case.signing))


def signature_sentences(
    reasons: Iterable[str], *, signing: Mapping[str, Any], outcome: str, language: str | None = None
) -> list[str]:
    """Reasons for a signature in `language` or the present one; those of the policy in the words of its rows."""
    rows = {row["row"]: row for row in signing.get(outcome, {}).get("rows", ())}
    with translation.override(language or translation.get_language()):
        return [_words(reason, rows) for reason in reasons]


def _words(reason: str, rows: Mapping[str, Mapping[str, str]]) -> str:
    if not reason.startswith(rules.POLICY_ROW):
        return sentence(reason, {})
    name = reason.removeprefix(rules.POLICY_ROW)
    mine = "zh" if (translation.get_language() or "").startswith("zh") else "en"
    asked = _("The policy asks for it") if name == rules.POLICY_DEFAULT else _("Row %(row)s of the policy asks for it")
    return rows.get(name, {}).get(mine) or asked % {"row": name}


def put_right_by(review: Review) -> Signature | None:
    """The last signature that put the reasons of this decision right: its `corrected_codes` hold. None where the
    reviewer's own do. Reads `signatures`, best prefetched."""
    return next((each for each in reversed(list(review.signatures.all())) if each.corrected_codes is not None), None)


def asked_are_missing(review: Review) -> bool:
    """Whether somebody who was asked by name to sign has not done so yet. Nobody waits for those who have stated a
    conflict of interest with the applicant since, be it ended again."""
    confirmed = review.signatures.filter(verdict=Signature.Verdict.CONFIRM).values("signer")
    holds = Q(ended_at=None) | Q(stated_at__gte=OuterRef("at"))
    apart = Conflict.objects.filter(holds, applicant=review.case.applicant_id, person=OuterRef("signer"))
    return review.asked_signers.exclude(signer__in=confirmed).exclude(Exists(apart)).exists()


def signatures_left(review: Review, confirmed: Collection[int], asked: Collection[int]) -> int:
    """How many persons must still sign a decision that waits, given who confirmed and who is asked by name. One at
    least: when the last who was asked is excused, somebody else signs in their place."""
    return max(review.signatures_needed - len(set(confirmed)), len(set(asked) - set(confirmed)), 1)


def asked_in(events: Iterable[CaseEvent], review: Review) -> list[CaseEvent]:
    """The moves by which somebody was asked by name to sign this decision, without those who were excused."""
    around = [each for each in events if each.facts.get("review") == review.pk]
    excused = {each.facts["excused_signer_id"] for each in around if each.name == "excuse_signer"}
    return [each for each in around if each.facts.get("asked_signer_id", 0) not in {0, *excused}]


def awaiting_signature(user: User) -> QuerySet[Any]:
    """Cases that wait for a second person, with `review_id`, the decision to be signed; without those that `user` has
    signed already and that wait for somebody else, those that `user` decided, entered or routed by a policy of theirs,
    and those of an applicant with whom a conflict of interest is stated for them, or for whom alone they would sign."""
    latest = Review.objects.filter(case=OuterRef("pk")).order_by("-seen_version").values("pk")[:1]
    signed = Signature.objects.filter(review=OuterRef("review_id"), signer=user)
    decided = Review.objects.filter(case=OuterRef("pk"), reviewer=user)
    waiting = Case.objects.visible_to(user).filter(state=State.AWAITING_SIGNOFF).annotate(review_id=Subquery(latest))
    # A supervisor has a pen of their own; a reviewer only the one that was given to them.
    people = [user.pk, *([user.signs_for_id] if user.role == Role.REVIEWER and user.signs_for_id else [])]
    apart = Conflict.objects.filter(applicant=OuterRef("applicant"), person__in=people, ended_at=None)
    own = Q(entered_by=user) | Q(tuned_by=user) | Exists(decided)
    found: QuerySet[Any] = waiting.filter(~Exists(signed), ~Exists(apart), ~own)
    return found


def asked_by_name(user: User) -> Exists:
    """Whether `user` was asked by name to sign the decision of a case from `awaiting_signature`."""
    return Exists(AskedSigner.objects.filter(review=OuterRef("review_id"), signer=user))
