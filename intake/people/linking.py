"""Finds applicants that are one, within a source and between sources, and keeps what people say of the doubtful."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.bulk import insert_new
from cases.errors import CaseMoved, NotAllowed
from cases.locks import alone, hold
from cases.models import Applicant, User
from cases.sealed import CannotOpen, opened, seal
from cases.states import Role
from intake.mapped.submission import Submission
from intake.models import ApplicantLink, ApplicantNumber, ApplicantToLink, LinkKeys, LinkStep, SamePerson
from intake.people.linkage import (
    Likeness,
    Person,
    code_of,
    compare,
    digest_of,
    groups,
    keys_of,
    numbers_in,
    sure_keys,
    told_apart,
)
from intake.standards.identity import masked_number
from intake.standards.people import masked_phone

LACKING: Final = _("Say why they are one applicant or two, in ten characters or more.")
MAY_SETTLE: Final = (Role.REVIEWER, Role.SUPERVISOR)
# A key that more applicants share tells nothing: the telephone of an agent, a number that stands for none.
SHARED_MOST: Final = 25
TOGETHER: Final = 500
LOCK: Final = "links of applicants"
_MASKS: Final = {"identity_number": masked_number, "phone": masked_phone}
Pair = tuple[int, int]


def keep_numbers(accepted: Sequence[tuple[int, Submission]]) -> None:
    """Keep what identifies applicants (by key), of whom a case was taken in, and have their links looked for. Inside of
    the caller's transaction."""
    rows = {}
    for key, submission in accepted:
        for kind, number, digest in _given_numbers(submission):
            rows[key, kind, digest] = (key, kind, digest, seal(number), _MASKS[kind](number))
    names = ("applicant", "kind", "digest", "sealed", "masked")
    insert_new(ApplicantNumber, names, list(rows.values()), conflict=names[:3])
    waiting = [(key,) for key in sorted({key for key, _ in accepted})]
    insert_new(ApplicantToLink, ("applicant",), waiting, conflict=("applicant",))


def number_digests(submission: Submission) -> list[int]:
    """By what the numbers that identify the applicant of a case are known among those that are kept."""
    return [digest for _kind, _number, digest in _given_numbers(submission)]


def _given_numbers(submission: Submission) -> list[tuple[str, str, int]]:
    given = [(kind, number) for kind in _MASKS if (number := getattr(submission.applicant, kind))]
    return [(kind, number, digest_of(settings.SECRET_KEY, f"{kind} {number}")) for kind, number in given]


def has_to_link() -> bool:
    return ApplicantToLink.objects.exists()


def link_all() -> int:
    """Look for the links of all that wait, some at a time; returns how many were looked at. A second worker finds
    nothing to do meanwhile; what was killed goes on with the next sweep."""
    done = 0
    with alone(f"{LOCK}, all") as mine:
        while mine and (looked := link_waiting()):
            done += looked
    return done


def link_waiting(limit: int = TOGETHER) -> int:
    """Look for the links of applicants that are new or of whom something new is known; returns how many were looked at.

    One at a time holds the lock: two that link parts of one group would each see the half of it.
    """
    with transaction.atomic(durable=True):
        hold(LOCK)
        waiting = list(ApplicantToLink.objects.order_by("pk")[:limit])
        keys = [each.applicant_id for each in waiting]
        if keys:
            people = _people(keys)
            _write_keys(people)
            _link(keys, sure_keys(list(people.values()), settings.SECRET_KEY))
            ApplicantToLink.objects.filter(pk__in=[each.pk for each in waiting]).delete()
        return len(keys)


def settle_link(pk: int, *, by: User, same: bool, reason: str, seen: str) -> ApplicantLink:
    """Say that two applicants are one, or that they are not.

    Raises:
        NotAllowed: neither reviewer nor supervisor.
        BadDecision: no reason to speak of.
        CaseMoved: another state than the one that was `seen`.
    """
    if by.role not in MAY_SETTLE:
        raise NotAllowed
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=LACKING, field="reason")
    with transaction.atomic(durable=True):
        hold(LOCK)
        link = ApplicantLink.objects.get(pk=pk)
        state = ApplicantLink.State.LINKED if same else ApplicantLink.State.APART
        if link.state != seen or link.state == state:
            raise CaseMoved
        link.state = state
        link.save(update_fields=["state"])
        LinkStep.objects.create(link=link, state=state, actor=by, reason=why)
        _regroup([link.first_id, link.second_id])
        return link


def same_people(applicant: int) -> set[int]:
    """The keys of all applicants that are this one, itself among them."""
    person = SamePerson.objects.filter(applicant=applicant).values("person")
    return {applicant, *SamePerson.objects.filter(person__in=person).values_list("applicant", flat=True)}


def _people(keys: Collection[int]) -> dict[int, Person]:
    numbers: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for kept in ApplicantNumber.objects.filter(applicant__in=keys):
        try:
            numbers[kept.applicant_id][kept.kind].add(opened(kept.sealed))
        except CannotOpen:
            # Its key was thrown away: without it the applicant is known by what else there is.
            continue
    people = {}
    known = Applicant.objects.filter(pk__in=keys).values_list("pk", "source", "external_id", "name")
    for key, source, reference, name in known:
        given = numbers[key]
        ids = frozenset(given["identity_number"]) | numbers_in(reference)
        people[key] = Person(key, name, ids, frozenset(given["phone"]), code_of(source, reference))
    return people


def _write_keys(people: Mapping[int, Person]) -> None:
    rows = [LinkKeys(applicant_id=key, keys=sorted(keys_of(each, settings.SECRET_KEY))) for key, each in people.items()]
    LinkKeys.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["applicant"], update_fields=["keys"], batch_size=TOGETHER
    )


def _link(keys: Sequence[int], sure: Collection[int]) -> None:
    pairs = _pairs(keys, sure)
    known = {(link.first_id, link.second_id): link for link in _links_of(pairs)}
    people = _people({key for pair in pairs for key in pair})
    changed: set[int] = set()
    for pair in sorted(pairs):
        likeness = compare(people[pair[0]], people[pair[1]])
        if likeness and _keep(pair, likeness, known.get(pair)):
            changed.update(pair)
    _regroup(changed)


def _pairs(keys: Sequence[int], sure: Collection[int]) -> set[Pair]:
    """Whom the applicants share a key with that is not everybody's.

    Of a `sure` key, a valid identity number, it does not matter how many share it: each is paired with the first alone.
    """
    own = LinkKeys.objects.filter(applicant__in=keys).values_list("keys", flat=True)
    wanted = {key for each in own for key in each}
    sharing: dict[int, set[int]] = defaultdict(set)
    if wanted:
        for applicant, theirs in LinkKeys.objects.filter(keys__overlap=sorted(wanted)).values_list("applicant", "keys"):
            for key in wanted.intersection(theirs):
                sharing[key].add(applicant)
    new = set(keys)
    pairs: set[Pair] = set()
    for key, applicants in sharing.items():
        first, *others = sorted(applicants)
        if len(applicants) <= SHARED_MOST:
            pairs.update(combinations((first, *others), 2))
        elif key in sure:
            pairs.update((first, other) for other in others)
    return {pair for pair in pairs if new.intersection(pair)}


def _links_of(pairs: Collection[Pair]) -> Collection[ApplicantLink]:
    firsts, seconds = {first for first, _ in pairs}, {second for _, second in pairs}
    return ApplicantLink.objects.filter(first__in=firsts, second__in=seconds)


def _keep(pair: Pair, likeness: Likeness, known: ApplicantLink | None) -> bool:
    """Write what was found; returns whether the two are now linked. What a person said is not said again."""
    state = ApplicantLink.State.LINKED if likeness.settled else ApplicantLink.State.DOUBTFUL
    if known is not None:
        is_news = known.state == ApplicantLink.State.DOUBTFUL and likeness.settled
        if not is_news:
            return False
        ApplicantLink.objects.filter(pk=known.pk).update(state=state, evidence=list(likeness.evidence))
    else:
        evidence = list(likeness.evidence)
        known = ApplicantLink.objects.create(first_id=pair[0], second_id=pair[1], state=state, evidence=evidence)
    LinkStep.objects.create(link=known, state=state)
    return likeness.settled


def _regroup(changed: Collection[int]) -> None:
    """Who is one with whom, anew for everybody whom a changed link reaches, before or after the change."""
    if not changed:
        return
    reached = set(changed)
    before = SamePerson.objects.filter(applicant__in=changed).values("person")
    reached |= set(SamePerson.objects.filter(person__in=before).values_list("applicant", flat=True))
    links: list[Pair] = []
    while len(found := _pairs_among(reached, ApplicantLink.State.LINKED)) > len(links):
        reached |= {key for pair in found for key in pair}
        links = found
    linked = {key for pair in links for key in pair}
    apart = {*_pairs_among(linked, ApplicantLink.State.APART), *told_apart(list(_people(linked).values()))}
    SamePerson.objects.filter(applicant__in=reached).delete()
    same = [SamePerson(applicant_id=key, person_id=person) for key, person in sorted(groups(links, apart).items())]
    SamePerson.objects.bulk_create(same)


def _pairs_among(applicants: Collection[int], state: str) -> list[Pair]:
    """The links of a state that touch one of the applicants, the oldest first."""
    links = ApplicantLink.objects.filter(Q(first__in=applicants) | Q(second__in=applicants), state=state)
    return list(links.order_by("pk").values_list("first", "second"))
