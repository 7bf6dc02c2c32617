"""Opening a source at its first arrival, and stating what is known of it; every change is a step with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.errors import BadDecision, CaseError, NotAllowed
from cases.models import User
from cases.move import require_transaction
from cases.states import Role
from intake.models import Source, SourceStep, Way
from intake.sources.source_names import spelling_of

SETTINGS: Final = ("title", "kind", "owner", "every_hours", "promise_hours", "trust")
OWNERS: Final = (Role.SUPERVISOR, Role.ADMIN)
TITLE_MOST: Final = 100
HOURS_MOST: Final = 10_000
LACKING: Final = _("Say why, in ten characters or more.")


# Together, so that a message costs no question more where nothing is joined.
_HELD: Final = """
    SELECT s.state, s.trust, s.promise_hours, m.number, m.sha256 FROM intake_source s
    LEFT JOIN intake_sourcemapping m
        ON m.source_id = s.id AND m.status = 'in_force' AND m.content ?| array['joins', 'reference']
    WHERE s.id = %s FOR SHARE OF s
"""


class SourceNotFound(CaseError):
    status = 404
    code = "not_found"
    title = _("Source not found")
    sentence = _("There is no such source.")


def open_source(slug: str, kind: Way) -> Source:
    """The source of this name, made at its first arrival. Runs inside the caller's transaction.

    Two first arrivals at once: the unique name lets one make it, the other finds it, and one step is written; so also
    where their names differ in capitals.
    """
    require_transaction()
    # What is usual for a source is large, and only looked at with many rows at once.
    every = Source.objects.defer("reference")
    try:
        source, created = every.get_or_create(slug=spelling_of(slug), defaults={"kind": kind})
    except IntegrityError:
        source, created = every.get(slug=spelling_of(slug)), False
    if created:
        SourceStep.objects.create(source=source, name=SourceStep.Name.OPENED)
    return source


def hold_state(source: Source) -> tuple[int, str] | None:
    """Read the state, trust and promise of a source anew, and keep others from changing it until the transaction ends.
    Gives number and hash of its mapping in force where that joins other sources or keeps rows for them.

    Cases that come in while their source is being quarantined: either they see the quarantine, or the quarantine waits
    and finds them. Any number of arrivals may hold it at once.
    """
    require_transaction()
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [source.pk])
        source.state, source.trust, source.promise_hours, number, sha256 = cursor.fetchone()
    return None if number is None else (number, sha256)


def lock_source(slug: str) -> Source:
    """Lock one source until the end of the transaction.

    Raises:
        SourceNotFound: nothing ever came from there.
    """
    require_transaction()
    source = Source.objects.select_for_update().filter(slug=slug).first()
    if source is None:
        raise SourceNotFound
    return source


def set_source(slug: str, *, by: User, reason: str, changes: Mapping[str, Any]) -> Source:
    """State who answers for a source and what it promised. `changes` are some of SETTINGS; what was there is kept.

    Raises:
        NotAllowed: not an administrator. SourceNotFound: no such source.
        BadDecision: a value that does not fit, nothing that changes, or no reason; names the field.
    """
    if not by.is_active or by.role != Role.ADMIN:
        raise NotAllowed
    why = rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=LACKING, field="reason")
    with transaction.atomic(durable=True):
        source = lock_source(slug)
        before = {name: _plain(getattr(source, name)) for name in SETTINGS}
        for name, value in changes.items():
            setattr(source, name, _checked(name, value))
        after = {name: _plain(getattr(source, name)) for name in SETTINGS}
        changed = [name for name in SETTINGS if before[name] != after[name]]
        if not changed:
            raise BadDecision("", _("Nothing was changed."))
        source.save(update_fields=changed)
        facts = {"before": {name: before[name] for name in changed}, "after": {name: after[name] for name in changed}}
        SourceStep.objects.create(source=source, name=SourceStep.Name.CHANGED, actor=by, reason=why, facts=facts)
        return source


def _checked(name: str, value: Any) -> Any:
    """Raises BadDecision where the value is none of this setting."""
    if name == "title":
        if len(value) > TITLE_MOST or "\x00" in value:
            raise BadDecision(name, _("Keep the name to 100 characters or fewer."))
        return value.strip()
    if name in ("every_hours", "promise_hours"):
        if value is not None and not 1 <= value <= HOURS_MOST:
            raise BadDecision(name, _("Enter hours from 1 to 10,000, or nothing."))
        return value
    if name == "owner":
        if value is not None and not (value.is_active and value.role in OWNERS):
            raise BadDecision(name, _("Choose somebody who works here."))
        return value
    known = {"kind": Way.values, "trust": Source.Trust.values}.get(name, ())
    if value not in known:
        raise BadDecision(name, _("Choose one of the list."))
    return value


def _plain(value: Any) -> Any:
    return value.display_name if isinstance(value, User) else value
