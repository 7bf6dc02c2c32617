"""Comments on a case and what people are told, as rows."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.comments import may_comment
from cases.models import Case, Notification, User
from cases.notices import notice_words
from cases.states import Kind
from desk.case_file import CaseFile, Said
from desk.pages import Event
from desk.pages.case_file import CommentRow, CommentsCard, NoticeRow
from desk.words import WITHHELD, when


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


def _url_of(notice: Notification) -> str:
    if notice.case is not None:
        return reverse("desk:case", args=[notice.case.ref])
    return reverse("desk:source", args=[notice.params["source"]])


def notice_row(notice: Notification, *, withheld: bool = False) -> NoticeRow:
    """`withheld`: what a colleague wrote along is kept from the reader, as on the page of the case."""
    return NoticeRow(
        key=notice.pk,
        words=notice_words(notice, withheld=withheld),
        ref=notice.case.ref if notice.case else str(notice.params.get("source", "")),
        url=_url_of(notice),
        at=when(notice.at),
        at_iso=notice.at.isoformat(),
        unread=notice.read_at is None,
    )
