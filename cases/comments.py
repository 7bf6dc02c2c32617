"""Comments on a case, apart from the note of a decision, and whom they mention."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cases.errors import BadDecision, CaseNotFound, NotAllowed
from cases.models import Case, Comment, User
from cases.notices import notify
from cases.states import Role

COMMENT_MOST: Final = 2000
TOLD_MOST: Final = 120
COMMENTERS: Final = (Role.REVIEWER, Role.SUPERVISOR, Role.ADMIN)


def may_comment(person: User) -> bool:
    """Auditors read everything and change nothing."""
    return person.is_active and person.role in COMMENTERS


def add_comment(case_id: int, *, by: User, text: str) -> tuple[Comment, list[User]]:
    """Say something about a case, in whatever state it is. Returns the comment and who was told of it.

    Raises:
        BadDecision: nothing is said, or too much. NotAllowed: the role only reads. CaseNotFound.
    """
    if not may_comment(by):
        raise NotAllowed
    text = text.strip()
    if not text:
        raise BadDecision("text", _("Write something first."))
    if len(text) > COMMENT_MOST:
        raise BadDecision("text", _("Keep a comment to 2,000 characters or fewer."))
    people = mentioned_in(text, User.objects.filter(is_active=True)) if "@" in text else []
    with transaction.atomic(durable=True):
        case = Case.objects.filter(pk=case_id).first()
        if case is None:
            raise CaseNotFound
        comment = Comment.objects.create(case=case, author=by, text=text, mentioned=[each.pk for each in people])
        short = text if len(text) <= TOLD_MOST else f"{text[: TOLD_MOST - 1]}…"
        told = notify(people, "mentioned", case, {"text": short}, caused_by=by)
    return comment, [notice.person for notice in told]


def mentioned_in(text: str, people: Iterable[User]) -> list[User]:
    """Whom `@name` in the text means, each once, in the order of the text: a user name or a displayed name, the longest
    that fits. A sign before the @ makes it an address of mail; Chinese names need no space behind them."""
    names: dict[str, list[User]] = {}
    for each in people:
        for name in {each.username.casefold(), each.display_name.casefold()} - {""}:
            names.setdefault(name, []).append(each)
    longest_first = sorted(names, key=len, reverse=True)
    folded = text.casefold()
    found: dict[int, User] = {}
    for place, sign in enumerate(folded):
        if sign != "@" or (place and _is_latin(folded[place - 1])):
            continue
        for name in longest_first:
            if folded.startswith(name, place + 1) and _ends(folded, place + 1 + len(name)):
                # Two people of one name are both told: nobody can know who was meant.
                found |= {each.pk: each for each in names[name] if each.pk not in found}
                break
    return list(found.values())


def _ends(text: str, place: int) -> bool:
    """Whether a name may end before `place`: `@ann` does not mean Ann in `@anna`."""
    return place >= len(text) or not (_is_latin(text[place - 1]) and _is_latin(text[place]))


def _is_latin(sign: str) -> bool:
    return sign.isascii() and (sign.isalnum() or sign == "_")
