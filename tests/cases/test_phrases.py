"""Phrases: one's own and everybody's, each once, and nobody else's."""

from __future__ import annotations

import pytest

from cases.errors import BadDecision, CaseNotFound, NotAllowed
from cases.models import Phrase, User
from cases.phrases import MOST, add_phrase, phrases_of, remove_phrase

pytestmark = pytest.mark.django_db


def words_of(person: User) -> list[str]:
    return [phrase.words for phrase in phrases_of(person)]


def test_a_person_has_their_own_phrases_and_then_everybodys(reviewer: User, second_reviewer: User, admin: User) -> None:
    add_phrase("For all", by=admin, for_everybody=True)
    mine = add_phrase("  Income  is\nverified. ", by=reviewer, for_everybody=False)
    add_phrase("Not yours", by=second_reviewer, for_everybody=False)
    assert words_of(reviewer) == ["Income is verified.", "For all"]
    remove_phrase(mine.pk, by=reviewer)
    assert words_of(reviewer) == ["For all"]


def test_a_phrase_is_kept_once_says_something_and_is_not_one_too_many(reviewer: User, admin: User) -> None:
    add_phrase("Once", by=reviewer, for_everybody=False)
    for text in ("Once", " ", "x" * 301):
        with pytest.raises(BadDecision) as refusal:
            add_phrase(text, by=reviewer, for_everybody=False)
        assert refusal.value.field == "words"
    Phrase.objects.bulk_create(Phrase(owner=reviewer, words=f"{number}") for number in range(MOST - 1))
    with pytest.raises(BadDecision, match="50 phrases"):
        add_phrase("Too many", by=reviewer, for_everybody=False)
    assert len(words_of(reviewer)) == MOST
    add_phrase("Once", by=admin, for_everybody=True)


def test_everybodys_phrases_are_the_administrators_and_ones_own_are_ones_own(
    reviewer: User, second_reviewer: User, admin: User, auditor: User
) -> None:
    shared = add_phrase("For all", by=admin, for_everybody=True)
    mine = add_phrase("Mine", by=reviewer, for_everybody=False)
    for person, for_everybody in ((reviewer, True), (auditor, False), (admin, False)):
        with pytest.raises(NotAllowed):
            add_phrase("No", by=person, for_everybody=for_everybody)
    with pytest.raises(NotAllowed):
        remove_phrase(shared.pk, by=reviewer)
    with pytest.raises(CaseNotFound):
        remove_phrase(mine.pk, by=second_reviewer)
    assert Phrase.objects.count() == 2
