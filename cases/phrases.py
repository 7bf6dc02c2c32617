"""Sentences for the note that need not be typed again: a person's own, and everybody's."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.errors import BadDecision, CaseNotFound, NotAllowed
from cases.locks import hold
from cases.models import Phrase, User
from cases.states import Role

LONGEST: Final = 300
MOST: Final = 50


def phrases_of(person: User) -> QuerySet[Phrase]:
    """The phrases this person may put into a note, their own first."""
    return Phrase.objects.filter(Q(owner=person) | Q(owner=None)).order_by("owner", "id")


def may_keep(person: User, *, for_everybody: bool) -> bool:
    """Reviewers keep phrases for themselves, an administrator for everybody."""
    if for_everybody:
        return bool(person.is_active and person.role == Role.ADMIN)
    return rules.may_review(None, person)


def add_phrase(words: str, *, by: User, for_everybody: bool) -> Phrase:
    """Keep a phrase. Raises NotAllowed; BadDecision when it is empty, too long, known already, or one too many."""
    if not may_keep(by, for_everybody=for_everybody):
        raise NotAllowed
    text = " ".join(words.split())
    if not 0 < len(text) <= LONGEST:
        raise BadDecision("words", _("Write a phrase of at most 300 characters."))
    owner = None if for_everybody else by
    with transaction.atomic(durable=True):
        # Two presses at once: the second one waits and finds the phrase of the first.
        hold(f"phrases of {owner.pk if owner else 'everybody'}")
        mine = Phrase.objects.filter(owner=owner)
        if mine.filter(words=text).exists():
            raise BadDecision("words", _("This phrase is there already."))
        if mine.count() >= MOST:
            raise BadDecision("words", _("There are 50 phrases already: remove one first."))
        return Phrase.objects.create(owner=owner, words=text)


def remove_phrase(phrase_id: int, *, by: User) -> None:
    """Forget a phrase. Raises CaseNotFound for one that is not there or not theirs to see; NotAllowed."""
    with transaction.atomic(durable=True):
        phrase = Phrase.objects.select_for_update().filter(Q(owner=by) | Q(owner=None), pk=phrase_id).first()
        if phrase is None:
            raise CaseNotFound(_("There is no such phrase."))
        if not may_keep(by, for_everybody=phrase.owner_id is None):
            raise NotAllowed
        phrase.delete()
