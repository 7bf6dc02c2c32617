"""What people are told about cases: codes that are stored, and their sentences when they are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.models import Case, Notification, User
from cases.move import require_transaction
from cases.states import Role

# `person` is whoever caused it; other slots are the notification's own parameters.
NOTICES: Final[Mapping[str, Promise]] = {
    "mentioned": _("%(person)s mentioned you: “%(text)s”"),
    "document_added": _("%(person)s added “%(name)s” to a case that you hold, decided or sign"),
    "asked_to_sign": _("%(person)s asks you to sign a decision"),
    "sent_back": _("%(person)s sent your decision back: “%(reason)s”"),
    "assigned": _("%(person)s gave you this case"),
    "taken_over": _("%(person)s took this case over from you: “%(reason)s”"),
    "signoff_expired": _("Nobody signed your decision in time: the case is with you again"),
    "reopening_asked": _("%(person)s asks for this case to be opened again: “%(reason)s”"),
    "reopening_approved": _("%(person)s opened this case again, as you asked"),
    "reopening_refused": _("%(person)s leaves this case as it was decided"),
    "source_quarantined": _("Source %(source)s turned bad and is quarantined: its new cases wait for a person"),
    "reading_to_look_at": _(
        "Source %(source)s was read by what its columns seem to say: its cases wait until somebody has looked at that"
    ),
    "source_silent": _("Nothing came from source %(source)s for longer than it promises"),
    "source_fewer": _("Cases from source %(source)s on %(day)s: only %(value)s; usual is %(low)s to %(high)s"),
    "source_more": _("Cases from source %(source)s on %(day)s: as many as %(value)s; usual is %(low)s to %(high)s"),
    "source_late": _(
        "Half of the cases from source %(source)s on %(day)s came %(value)s h or more after their application; usual is"
        " at most %(high)s h"
    ),
    "source_watched_missing": _(
        "Source %(source)s has been watched since %(since)s, in %(batches)s batches: %(feature)s is missing in"
        " %(value)s of %(rows)s rows; usual is %(usual)s"
    ),
    "source_watched_new_values": _(
        "Source %(source)s has been watched since %(since)s, in %(batches)s batches: %(feature)s holds values never"
        " seen before in %(value)s of %(rows)s rows; %(usual)s were to be expected"
    ),
    "source_watched_one_value": _(
        "Source %(source)s has been watched since %(since)s, in %(batches)s batches: %(feature)s is one and the same"
        " value in %(value)s of %(rows)s rows; usual is at most %(usual)s"
    ),
    "source_watched_distribution": _(
        "Source %(source)s has been watched since %(since)s, in %(batches)s batches: %(feature)s is spread otherwise"
        " than usual in %(rows)s rows: index %(value)s"
    ),
    "source_watched_refused": _(
        "Source %(source)s has been watched since %(since)s, in %(batches)s batches: %(value)s of %(rows)s rows could"
        " not be taken in; usual is %(usual)s"
    ),
    "source_unreached": _("Source %(source)s cannot be read: its page says why"),
    "source_rows_unread": _("Source %(source)s has rows that cannot be read: its page says why"),
    "mapping_proposed": _(
        "%(person)s proposes version %(mapping)s of the mapping of source %(source)s: a second person must sign it"
    ),
    "mapping_signed": _(
        "%(person)s signed version %(mapping)s of the mapping of source %(source)s: it reads what comes from now on"
    ),
    "mapping_returned": _("%(person)s sent version %(mapping)s of the mapping of source %(source)s back: “%(reason)s”"),
    "webhook_given_up": _("A message to webhook %(webhook)s was given up after all attempts: %(message)s"),
    "feed_stopped": _("Decision feed %(feed)s cannot be written to: its page says why"),
    "webhook_gone": _("The receiver of webhook %(webhook)s wants no more messages: it is ended"),
    "breaker_opened": _("The circuit breaker of %(segment)s opened: people decide every case there"),
    "breaker_relapsed": _("The circuit breaker of %(segment)s is open again: there are new signs"),
    "breaker_closing": _("%(person)s asks to close the circuit breaker of %(segment)s: a second person must sign"),
    "breaker_closed": _("%(person)s closed the circuit breaker of %(segment)s"),
    "drift_alarm": _("%(model)s: new drift alarms: %(count)s"),
    "disagreement": _("A second look at your decision came to another view"),
}
# In their place where the case is blind for whom they are told: what somebody wrote may tell what the model says.
UNREAD: Final[Mapping[str, Promise]] = {
    "mentioned": _("%(person)s mentioned you; what they wrote is shown after your own opinion"),
    "sent_back": _("%(person)s sent your decision back; the reason is shown after your own opinion"),
    "taken_over": _("%(person)s took this case over from you; the reason is shown after your own opinion"),
    "reopening_asked": _(
        "%(person)s asks for this case to be opened again; the reason is shown after your own opinion"
    ),
}


def notify(
    people: Iterable[User], code: str, case: Case | None, params: Mapping[str, Any], *, caused_by: User | None
) -> list[Notification]:
    """Tell each of `people` once, inside the transaction of what they are told about: a case or, without one, what
    `params` name. Nobody is told of their own act, nor who works here no more.

    Raises:
        LookupError: a code without a sentence.
    """
    require_transaction()
    if code not in NOTICES:
        raise LookupError(f"no notice is called {code!r}")
    told = {each.pk: each for each in people if each.is_active and (caused_by is None or each.pk != caused_by.pk)}
    return Notification.objects.bulk_create(
        Notification(person=each, case=case, code=code, params=dict(params), caused_by=caused_by)
        for each in told.values()
    )


def who_answers(person: User | None) -> list[User]:
    """Whom something of this person's is told: them, or administrators where it is nobody who works here."""
    if person is not None and person.is_active:
        return [person]
    return list(User.objects.filter(role=Role.ADMIN, is_active=True))


def notice_words(notice: Notification, *, withheld: bool = False, called: Mapping[str, str] = {}) -> str:
    """The sentence in the present language, `withheld` without what somebody wrote; a code of another time reads as
    itself. `called` is what params are called on a page, by their name."""
    known = {**NOTICES, **UNREAD} if withheld else NOTICES
    template = str(known.get(notice.code, notice.code.replace("_", " ")))
    person = notice.caused_by.display_name if notice.caused_by else str(_("The system"))
    try:
        return template % {"person": person, **notice.params, **called}
    except KeyError:
        return notice.code.replace("_", " ")


def mark_read(*, by: User, notice_id: int | None = None) -> int:
    """Mark one notification of this person as read, or all of them. Returns how many were unread."""
    with transaction.atomic(durable=True):
        mine = Notification.objects.filter(person=by, read_at__isnull=True)
        if notice_id is not None:
            mine = mine.filter(pk=notice_id)
        return mine.update(read_at=timezone.now())
