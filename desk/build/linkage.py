"""Makes the page of applicants that may be one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from django.db.models import Count, Max
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.models import Applicant, Case, Reveal, User
from desk.build.personal import MASKED, Sight, reveal_form
from desk.pages.linkage import LinkRow, LinkSide
from desk.pages.shared import Problem, RevealForm
from desk.words import number, when
from intake.models import ApplicantLink, ApplicantNumber, LinkStep, SamePerson
from intake.people.linkage import Evidence
from intake.people.linking import MAY_SETTLE

EVIDENCE: Final[Mapping[str, Promise]] = {
    Evidence.IDENTITY: gettext_lazy("the same identity number"),
    Evidence.IDENTITY_SLIP: gettext_lazy("identity numbers that differ by one slip"),
    Evidence.PHONE: gettext_lazy("the same telephone"),
    Evidence.NAME: gettext_lazy("the same name"),
    Evidence.NAME_NEAR: gettext_lazy("nearly the same name"),
    Evidence.CODE: gettext_lazy("the same customer number but for zeros before it"),
}
WITHOUT_EFFECT: Final = gettext_lazy(
    "They still count as two: an answer about a third applicant, or two valid identity numbers, keeps them apart."
)
EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
STATES: Final[Mapping[str, Promise]] = {
    ApplicantLink.State.DOUBTFUL: gettext_lazy("In doubt"),
    ApplicantLink.State.LINKED: gettext_lazy("One applicant"),
    ApplicantLink.State.APART: gettext_lazy("Two applicants"),
}


def link_rows(
    links: Sequence[ApplicantLink], user: User, *, refused: int = 0, problems: tuple[Problem, ...] = (), typed: str = ""
) -> tuple[LinkRow, ...]:
    """Five queries, whatever the number of links: numbers, cases, names shown, what was said, who is one. `refused` is
    the key of the link whose answer was not taken, with its `problems` and what was `typed`."""
    applicants = {key for link in links for key in (link.first_id, link.second_id)}
    numbers, cases, sights = _numbers(applicants), newest_cases(applicants), _sights(applicants, user)

    def side(applicant: Applicant) -> LinkSide:
        return _side(applicant, numbers, cases, sights.get(applicant.pk, MASKED))

    persons = dict(SamePerson.objects.filter(applicant__in=applicants).values_list("applicant", "person"))
    steps: dict[int, LinkStep] = {}
    for step in LinkStep.objects.filter(link__in=links).select_related("actor"):
        steps[step.link_id] = step
    may = user.role in MAY_SETTLE
    return tuple(
        LinkRow(
            pk=link.pk,
            state=link.state,
            sides=(side(link.first), side(link.second)),
            evidence=tuple(str(EVIDENCE[Evidence(each)]) for each in link.evidence),
            since=when(link.found_at),
            said=_said(steps.get(link.pk)),
            without_effect=_without_effect(link, persons),
            reveal=_reveal(link, cases, sights),
            may_join=may and link.state != ApplicantLink.State.LINKED,
            may_part=may and link.state != ApplicantLink.State.APART,
            problems=problems if link.pk == refused else (),
            typed=typed if link.pk == refused else "",
        )
        for link in links
    )


def _reveal(
    link: ApplicantLink, cases: Mapping[int, tuple[int, int]], sights: Mapping[int, Sight]
) -> RevealForm | None:
    """One press for both sides, which are read beside each other; shown until the first of them is masked again."""
    sides = [key for key in (link.first_id, link.second_id) if key in cases]
    if not sides:
        return None
    first = min((sights.get(key, MASKED) for key in sides), key=lambda sight: sight.until or EARLIEST)
    return reveal_form(first, reverse("desk:reveal_link"))


def _without_effect(link: ApplicantLink, persons: Mapping[int, int]) -> str:
    """What is linked and yet not one: a third would bring those together who are two."""
    first, second = persons.get(link.first_id), persons.get(link.second_id)
    is_one = first is not None and first == second
    return "" if is_one or link.state != ApplicantLink.State.LINKED else str(WITHOUT_EFFECT)


def _said(step: LinkStep | None) -> str:
    if step is None or step.state == ApplicantLink.State.DOUBTFUL:
        return ""
    if step.actor is None:
        return _("Linked by the number itself, %(at)s") % {"at": when(step.at)}
    words = _("%(state)s, says %(person)s, %(at)s: %(reason)s")
    given = {"state": STATES[step.state], "person": step.actor.display_name}
    return words % {**given, "at": when(step.at), "reason": step.reason}


def _side(
    applicant: Applicant, numbers: Mapping[int, list[str]], cases: Mapping[int, tuple[int, int]], sight: Sight
) -> LinkSide:
    """Name and reference are masked until the reader had them shown on a case of this applicant."""
    count, newest = cases.get(applicant.pk, (0, 0))
    return LinkSide(
        source=applicant.source,
        reference=sight.number_of(applicant),
        name=sight.name_of(applicant) if applicant.name else "",
        numbers=tuple(numbers.get(applicant.pk, ())),
        cases=ngettext("%(n)s case", "%(n)s cases", count) % {"n": number(count)},
        case_ref=f"CR-{newest}" if newest else "",
        case_url=reverse("desk:case", args=[f"CR-{newest}"]) if newest else "",
    )


def _sights(applicants: Collection[int], user: User) -> Mapping[int, Sight]:
    """Of the applicants whose names this person has shown now: until when."""
    opened = Reveal.objects.filter(person=user, until__gt=timezone.now(), case__applicant__in=applicants)
    return {key: Sight(until) for key, until in opened.order_by("until").values_list("case__applicant", "until")}


def _numbers(applicants: Collection[int]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for kept in ApplicantNumber.objects.filter(applicant__in=applicants).order_by("kind", "pk"):
        found[kept.applicant_id].append(kept.masked)
    return found


def newest_cases(applicants: Collection[int]) -> Mapping[int, tuple[int, int]]:
    """How many cases each of these applicants has, and the key of the newest."""
    counted = (
        Case.objects.filter(applicant__in=applicants).values("applicant").annotate(n=Count("pk"), newest=Max("pk"))
    )
    return {row["applicant"]: (row["n"], row["newest"]) for row in counted}
