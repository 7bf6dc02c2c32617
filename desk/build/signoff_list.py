"""The sign-off list: what waits for this person by name, what for anybody who signs, what is to be opened again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case as Either
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from cases.desk_rules import rules_in_force
from cases.models import AskedSigner, Case, CaseEvent, Conflict, DeskRules, Reopening, Review, User
from cases.personal import masked_text
from cases.reopening import open_requests
from cases.rules import may_reopen
from cases.signers import Pen, Signers, pens_of, refusal_to_sign
from cases.signoff import asked_by_name, awaiting_signature
from cases.states import Outcome
from desk.build.decision import decided_words, tone_of
from desk.build.mapping_proposals import proposals
from desk.build.signing import progress_words, signing_left, why_signed
from desk.dossier import SIGNATURES
from desk.keyset import after, cursor_of
from desk.pages import Problem, ReopeningRow, SignoffListPage, SignoffRow
from desk.words import ADVICE, PRODUCTS, amount_cell, masked, number, when, word

ROWS: Final = 50
ORDER: Final = ("id",)
# Of so many that they have the authority for the next signature is looked for; who may sign none is led to the list.
LOOKED_AT: Final = 50


def signoff_list_page(request: HttpRequest, user: User, *, problem: Problem | None = None) -> SignoffListPage:
    """At most 12 queries with the frame, however many wait."""
    cursor = request.GET.get("after", "")
    waiting = awaiting_signature(user).select_related("applicant").annotate(by_name=asked_by_name(user))
    waiting = waiting.annotate(changed=_changed(), apart=_apart()).order_by(*ORDER)
    mine = [] if cursor else list(waiting.filter(by_name=True)[:ROWS])
    others = list(after(waiting.filter(by_name=False), ORDER, cursor)[: ROWS + 1])
    cases = [*mine, *others[:ROWS]]
    asked = Prefetch("asked_signers", AskedSigner.objects.select_related("asked_by"))
    whole = Review.objects.select_related("reviewer").prefetch_related(SIGNATURES, asked)
    reviews = whole.in_bulk([case.review_id for case in cases])
    pens, desk_rules = pens_of(user), rules_in_force()
    given = next((pen.giver for pen in pens if pen.giver), None)
    return SignoffListPage(
        rows=tuple(_row(case, reviews[case.review_id], user, pens, desk_rules) for case in cases),
        shown_words=_("%(n)s shown") % {"n": number(len(cases))},
        delegations_url=reverse("desk:delegations"),
        updated_at=when(timezone.now()),
        reopenings=tuple(_reopenings(user, request.POST, problem)) if not cursor else (),
        mappings=proposals(user) if not cursor else (),
        answer_url=reverse("desk:answer_reopening") if may_reopen(None, user) else "",
        pen=given.display_name if given else "",
        next_url=f"?{urlencode({'after': cursor_of(others[ROWS - 1], ORDER)})}" if len(others) > ROWS else "",
    )


def next_to_sign(user: User, behind: int) -> Case | None:
    """The next case whose decision `user` may sign as it stands: what waits for them by name first, then what came
    behind the case of that key, then the others. None where nothing is left."""
    waiting = awaiting_signature(user).annotate(by_name=asked_by_name(user), changed=_changed(), apart=_apart())
    pens = pens_of(user)
    waiting = waiting.filter(_within(pens), changed=False)
    from_here_on = Either(When(pk__gt=behind, then=0), default=1)
    cases = list(waiting.order_by("-by_name", from_here_on, *ORDER)[:LOOKED_AT])
    reviews = Review.objects.select_related("reviewer").prefetch_related(SIGNATURES)
    reviews_by_key = reviews.in_bulk([case.review_id for case in cases])
    for case in cases:
        around = _signers(case, reviews_by_key[case.review_id])
        if any(refusal_to_sign(pen, around) is None for pen in pens):
            return case  # type: ignore[no-any-return]
    return None


def _within(pens: Iterable[Pen]) -> Q:
    """Decisions that one of these pens has the authority for, so that those beyond it, however many, hide none: the
    part of `refusal_to_sign` that keeps most from most. An approval alone asks for authority."""
    declines = Exists(Review.objects.filter(pk=OuterRef("review_id")).exclude(outcome=Outcome.APPROVE))
    within = Q(declines)
    for pen in pens:
        owner = pen.owner
        within |= Q(currency=owner.authority_currency, amount__lte=owner.authority_amount)
    return within


def _signers(case: Any, review: Review) -> Signers:
    # Own cases are not among what awaits somebody, so that of the deciders only this decision's reviewer need be known.
    return Signers(case, review, {review.reviewer_id}, list(review.signatures.all()), case.apart)


def _changed() -> Exists:
    """Whether a document came after the decision. `review_id` is the decision, see `awaiting_signature`."""
    decision = Review.objects.filter(pk=OuterRef(OuterRef("review_id"))).values("seen_version")
    return Exists(CaseEvent.objects.filter(case=OuterRef("pk"), name="attach", seq__gt=decision))


def _apart() -> ArraySubquery:
    """Who has a conflict of interest with the applicant."""
    return ArraySubquery(Conflict.objects.filter(applicant=OuterRef("applicant"), ended_at=None).values("person"))


def _row(case: Any, review: Review, user: User, pens: Iterable[Any], desk_rules: DeskRules) -> SignoffRow:
    around = _signers(case, review)
    refusals = [refusal_to_sign(pen, around) for pen in pens]
    asked = {each.signer_id: each for each in review.asked_signers.all()}
    mine = asked.get(user.pk)
    return SignoffRow(
        ref=case.ref,
        url=reverse("desk:signoff", args=[case.ref]),
        applicant=masked(case.applicant.name or case.applicant.external_id),
        product=word(PRODUCTS, case.product),
        amount=amount_cell(case.amount, case.currency),
        advice=word(ADVICE, case.advice or "review"),
        decision=str(Outcome(review.outcome).label),
        decision_tone=tone_of(review.outcome),
        decided_by=review.reviewer.display_name,
        why=" · ".join(why_signed(case, review)),
        left=signing_left(review, desk_rules),
        progress=progress_words(review, set(asked) - set(case.apart)),
        override=review.is_override,
        asked=_asked_words(mine) if mine else "",
        void=case.changed,
        refusal=str(refusals[0]) if refusals and refusals[0] is not None and None not in refusals else "",
    )


def _asked_words(mine: AskedSigner) -> str:
    said = _("%(person)s asks you: %(reason)s")
    return said % {"person": mine.asked_by.display_name, "reason": masked_text(mine.reason)}


def _own_conflict(user: User) -> Exists:
    """Whether `user` has a conflict of interest with the applicant of the case that is to be opened again."""
    return Exists(Conflict.objects.filter(applicant=OuterRef("case__applicant"), person=user, ended_at=None))


def _reopenings(user: User, posted: Mapping[str, str], problem: Problem | None) -> Iterable[ReopeningRow]:
    requests: QuerySet[Reopening] = open_requests()
    requests = requests.annotate(apart=_own_conflict(user))
    for each in requests[:ROWS] if user.role != "reviewer" else ():
        case: Case = each.case
        refused = problem is not None and posted.get("reopening") == str(each.pk)
        yield ReopeningRow(
            key=str(each.pk),
            ref=case.ref,
            url=reverse("desk:case", args=[case.ref]),
            applicant=masked(case.applicant.name or case.applicant.external_id),
            amount=amount_cell(case.amount, case.currency),
            decision=decided_words(case.outcome) if case.outcome else "--",
            decision_tone=tone_of(case.outcome),
            asked_by=each.asked_by.display_name,
            asked_at=when(each.asked_at),
            reason=masked_text(each.reason),
            own=each.asked_by_id == user.pk,
            apart=each.apart,
            note=posted.get("note", "") if refused else "",
            problem=problem.words if problem and refused else "",
        )
