"""Who may sign which decision, and with whose pen: one rule for the list, the page and the signature itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.errors import BeyondAuthority, CaseError, ConflictOfInterest, FourEyes, NotAllowed
from cases.models import Case, Conflict, Delegation, Review, Signature, User
from cases.states import Outcome, Role

SIGNED = _("You have signed this decision: another person must sign it too.")


@dataclass(frozen=True)
class Pen:
    """Who signs, and in whose place where a supervisor has given them the pen."""

    holder: User
    giver: User | None = None

    @property
    def owner(self) -> User:
        """Whose authority counts: the giver's, whatever the holder's own is."""
        return self.giver or self.holder


@dataclass(frozen=True)
class Signers:
    """What is known of the persons around one decision: who ever decided the case, the signatures on it so far, and who
    has a conflict of interest with its applicant (`apart`)."""

    case: Case
    review: Review
    deciders: Collection[int]
    signatures: Collection[Signature]
    apart: Collection[int]

    @classmethod
    def read(cls, case: Case, review: Review) -> Signers:
        deciders = case.reviews.values_list("reviewer", flat=True)
        return cls(case, review, set(deciders), list(review.signatures.all()), kept_apart(case))

    def touched(self, person: User) -> bool:
        """Whether this person decided or entered the case."""
        return person.pk in self.deciders or person.pk == self.case.entered_by_id


def conflicts_with(case: Case) -> QuerySet[Conflict]:
    """The conflicts of interest with the applicant of this case that have not ended."""
    return Conflict.objects.filter(applicant=case.applicant_id, ended_at=None)


def kept_apart(case: Case) -> set[int]:
    """Who has a conflict of interest with the applicant of this case."""
    return set(conflicts_with(case).values_list("person", flat=True))


def pens_of(person: User) -> tuple[Pen, ...]:
    """A supervisor's own pen, and the one that was given to this person; the own one comes first."""
    own = (Pen(person),) if person.is_active and person.role == Role.SUPERVISOR else ()
    if not person.is_active or person.signs_for_id is None:
        return own
    return (*own, Pen(person, User.objects.get(pk=person.signs_for_id)))


def refusal_to_touch(pen: Pen, around: Signers) -> CaseError | None:
    """Four-eyes, and interests: why this pen may neither sign nor send back; None when it may. By who somebody is, not
    by role."""
    case, holder = around.case, pen.holder
    if around.touched(holder):
        return FourEyes()
    if holder.pk in around.apart:
        return ConflictOfInterest()
    if case.tuned_by_id == holder.pk:
        return FourEyes(_("You wrote the policy that routed this case: another person must sign it."))
    if any(each.signer_id == holder.pk for each in around.signatures):
        return FourEyes(SIGNED)
    giver = pen.giver
    if giver is not None and (around.touched(giver) or case.tuned_by_id == giver.pk):
        said = _("You would sign for %(person)s, who decided or entered this case or wrote its policy.")
        return FourEyes(said % {"person": giver.display_name})
    if giver is not None and giver.pk in around.apart:
        said = _("You would sign for %(person)s, for whom a conflict of interest with this applicant is stated.")
        return ConflictOfInterest(said % {"person": giver.display_name})
    if any(pen.owner.pk in (each.signer_id, each.on_behalf_of_id) for each in around.signatures):
        said = _("%(person)s, or somebody on their behalf, has signed this decision: another person must sign it too.")
        return FourEyes(said % {"person": pen.owner.display_name})
    return None


def refusal_to_sign(pen: Pen, around: Signers) -> CaseError | None:
    """Why this pen may not confirm the decision; None when it may.

    Only an approval binds the lender, so only that asks for authority. Another currency cannot be compared and
    counts as beyond it.
    """
    refusal = refusal_to_touch(pen, around)
    if refusal is None and is_beyond(pen.owner, around.case, around.review.outcome):
        return BeyondAuthority()
    return refusal


def is_beyond(person: User, case: Case, outcome: str) -> bool:
    """Whether signing this outcome is more than the person may by their authority."""
    other_currency = case.currency != person.authority_currency
    return outcome == Outcome.APPROVE and (other_currency or case.amount > person.authority_amount)


def pen_for(pens: Sequence[Pen], around: Signers, *, confirms: bool) -> Pen:
    """The first of these pens with which the decision may be confirmed, or (`confirms` False) sent back or changed.

    Raises:
        NotAllowed: no pen at all. FourEyes, ConflictOfInterest, BeyondAuthority: why the first of them may not.
    """
    if not pens:
        raise NotAllowed
    refusals = []
    for pen in pens:
        refusal = refusal_to_sign(pen, around) if confirms else refusal_to_touch(pen, around)
        if refusal is None:
            return pen
        refusals.append(refusal)
    raise refusals[0]


def signers_for(around: Signers, *, by: User, asked: Collection[int] = ()) -> list[User]:
    """Whom `by` may ask to sign too: everybody whose pen is good for this decision, is not `by`'s own, and who was not
    asked yet."""
    people = _holders_of_pens()
    known = {person.pk: person for person in people}
    return [
        person
        for person in people
        if person.pk != by.pk
        and person.pk not in asked
        and any(pen.owner.pk != by.pk and refusal_to_sign(pen, around) is None for pen in _pens_among(person, known))
    ]


def _holders_of_pens() -> list[User]:
    given = Delegation.objects.filter(holder=OuterRef("pk"), starts_at__lte=Now(), ends_at__gt=Now(), ended_at=None)
    given = given.filter(giver__is_active=True, giver__role=Role.SUPERVISOR).order_by("id")
    people = User.objects.filter(is_active=True).annotate(giver=Subquery(given.values("giver")[:1]))
    signs = Q(role=Role.SUPERVISOR) | Q(role=Role.REVIEWER) & Exists(given)
    return list(people.filter(signs).order_by("username"))


def _pens_among(person: User, known: dict[int, User]) -> Iterable[Pen]:
    if person.role == Role.SUPERVISOR:
        yield Pen(person)
    giver = known.get(getattr(person, "giver", None) or 0)
    if giver is not None:
        yield Pen(person, giver)


def may_look(person: User) -> bool:
    """Whether the sign-off pages are open to this person: who signs, and who audits."""
    return rules.may_sign(None, person) or (person.is_active and person.role == Role.AUDITOR)
