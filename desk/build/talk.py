"""Comments on a case and what people are told, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.comments import may_comment
from cases.models import Case, Notification, User
from cases.notices import notice_words
from cases.personal import masked_text
from cases.states import Kind
from desk.build.feature_words import FeatureWords
from desk.case_file import CaseFile, Said
from desk.pages import Event
from desk.pages.case_file import CommentRow, CommentsCard, NoticeRow
from desk.words import WITHHELD, before_chinese, when

# What a notification names by its slug, as its parameter and its page are called.
SLUGS: Final = ("source", "webhook", "feed")


def comment_rows(file: CaseFile) -> tuple[CommentRow, ...]:
    """The first first, as a conversation is read."""
    return tuple(
        CommentRow(said.by, when(said.at), said.at.isoformat(), str(WITHHELD) if said.withheld else said.text)
        for said in file.comments
    )


def comments_card(case: Case, file: CaseFile, user: User, *, told: Sequence[User] = ()) -> CommentsCard:
    """`told` are the people who have just been told of a new comment."""
    return CommentsCard(
        rows=comment_rows(file),
        add_url=reverse("desk:add_comment", args=[case.ref]) if may_comment(user) else "",
        people_url=reverse("desk:people"),
        told=told_words(told),
        # A warning on a booked loan can end with "contact the customer", which has had this key before.
        key="KeyC" if case.kind == Kind.APPLICATION else "",
    )


def told_words(told: Sequence[User]) -> str:
    """Who has just been told; "" for nobody."""
    return _("Told: %(people)s") % {"people": ", ".join(each.display_name for each in told)} if told else ""


def comment_event(said: Said) -> Event:
    """A comment as a line of the timeline."""
    words = str(WITHHELD) if said.withheld else f"“{said.text}”"
    return Event(when(said.at), said.at.isoformat(), said.by, _("commented"), (words,))


def _about(notice: Notification) -> tuple[str, str]:
    """What it is about and where that stands; for one of another time, whose page nobody knows, the list itself."""
    if notice.case is not None:
        return notice.case.ref, reverse("desk:case", args=[notice.case.ref])
    params = notice.params
    if "mapping" in params:
        return str(params["source"]), reverse("desk:mapping", args=[params["source"], params["mapping"]])
    for kind in SLUGS:
        if kind in params:
            return str(params[kind]), reverse(f"desk:{kind}", args=[params[kind]])
    if "breaker" in params:
        return str(params["segment"]), reverse("desk:breaker", args=[params["breaker"]])
    if "model" in params:
        return str(params["model"]), reverse("desk:monitoring")
    return "", reverse("desk:notices")


def notice_row(notice: Notification, words: FeatureWords, *, withheld: bool = False) -> NoticeRow:
    """`withheld`: what a colleague wrote along is kept from the reader, as on the page of the case."""
    ref, url = _about(notice)
    product, feature, source = (notice.params.get(name) for name in ("product", "feature", "source"))
    called = {"feature": before_chinese(words.of(product, feature, source))} if product is not None and feature else {}
    return NoticeRow(
        key=notice.pk,
        words=masked_text(notice_words(notice, withheld=withheld, called=called)),
        ref=ref,
        url=url,
        at=when(notice.at),
        at_iso=notice.at.isoformat(),
        unread=notice.read_at is None,
    )
