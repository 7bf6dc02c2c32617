"""What administrators do with the way to a source: open it, set its connector, pause and resume it, ask it now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases import rules
from cases.errors import BadDecision, CaseError, CaseMoved, NotAllowed
from cases.models import User
from cases.sealed import CannotOpen, opened, seal
from cases.states import Role
from intake.mapped.fields import is_slug
from intake.models import Connector, Pull, Source, SourceStep, Way
from intake.sources.connector_settings import checked_settings
from intake.sources.reaching import HIDDEN, ConnectorProblem, masked
from intake.sources.source_names import plain_name, spelling_of
from intake.sources.sources import LACKING, lock_source

ADDRESS_MOST: Final = 500
KINDS: Final = (Way.SQL, Way.REDIS, Way.KAFKA)
# What a change of these makes of the place that was reached: nothing, the order is another one.
ORDER: Final = ("watermark", "key")


class ConnectorNotFound(CaseError):
    status = 404
    code = "connector_not_found"
    title = _("No such connection")
    sentence = _("Nothing says how this source is reached.")


def add_source(slug: str, *, by: User, reason: str) -> Source:
    """A source that is reached by a connector and has sent nothing yet.

    Raises:
        NotAllowed: not an administrator. BadDecision: names the field (`slug`, `reason`).
    """
    why = _checked(by, reason)
    if not is_slug(plain_name(slug)):
        raise BadDecision("slug", _("Name it: letters, digits, hyphens."))
    with transaction.atomic(durable=True):
        # Two at once, or a first file at the same moment: the unique name lets one make it.
        try:
            source, created = Source.objects.get_or_create(slug=spelling_of(slug))
        except IntegrityError:
            created = False
        if not created:
            raise BadDecision("slug", _("There is a source of that name."))
        SourceStep.objects.create(source=source, name=SourceStep.Name.OPENED, actor=by, reason=why)
        return source


def set_connector(
    slug: str, *, kind: str, address: str, typed: Mapping[str, str], by: User, reason: str, anew: bool = False
) -> Connector:
    """State how a source is reached. An empty `address` keeps the one there is, password and all; `anew` forgets how
    far it was read.

    Raises:
        NotAllowed: not an administrator. SourceNotFound: no such source.
        BadDecision: names the field that does not fit; nothing was changed.
    """
    why = _checked(by, reason)
    settings = checked_settings(kind, typed)
    check_address(kind, address)
    with transaction.atomic(durable=True):
        source = lock_source(slug)
        found = Connector.objects.select_for_update().filter(source=source).first()
        if found is not None and found.kind != kind:
            raise BadDecision("kind", _("A source keeps its kind; open another source for another kind."))
        if found is None and not address:
            raise BadDecision("address", _("Enter the address."))
        connector = found or Connector(source=source, kind=kind)
        before = _told(found)
        _change(connector, settings, anew=anew)
        if address:
            connector.address = seal(address)
        connector.due_at = timezone.now()
        connector.save()
        Source.objects.filter(pk=source.pk).update(kind=kind)
        if anew:
            # What the group has told Kafka of itself would still be gone by, were they deleted.
            connector.offsets.update(next=0)
        if address or before.get("stream") != settings.get("stream"):
            # Ids of another stream tell nothing of this one's.
            connector.taken.all().delete()
        after = {**_told(connector), "anew": anew}
        _step(source, SourceStep.Name.CONNECTED, by, why, before, after)
        return connector


def _change(connector: Connector, settings: dict[str, Any], *, anew: bool) -> None:
    """The new settings, without what the old ones have led to where it no longer holds."""
    same = {name: connector.settings.get(name) == value for name, value in settings.items()}
    if anew or not all(same.get(name, True) for name in ORDER):
        connector.position, connector.look_back = None, {}
        connector.read_since = connector.looked_back_at = timezone.now()
    if not (same.get("query", True) and same.get("mapping", True)) or anew:
        connector.mapping = None
    connector.settings = settings
    connector.problem, connector.problem_at = {}, None


def check_address(kind: str, address: str) -> None:
    """What can be told without asking any machine; the rest shows when it is tried."""
    if len(address) > ADDRESS_MOST or any(ord(sign) < 32 for sign in address):
        raise BadDecision("address", _("Keep the address to 500 characters, in one line."))
    if HIDDEN in address:
        raise BadDecision("address", _("Type the address with its password: *** stands where it was, and is not one."))
    schemes = {Way.REDIS: ("redis", "rediss"), Way.KAFKA: ("kafka", "kafkas")}.get(Way(kind))
    scheme, found, rest = address.partition("://")
    if address and not (found and rest and scheme and (schemes is None or scheme in schemes)):
        raise BadDecision("address", _("Enter the whole address, such as the example."))


def pause_connector(slug: str, *, by: User, reason: str) -> None:
    """Nothing is read any more. Raises as `set_connector`, ConnectorNotFound, and CaseMoved where it is paused."""
    _turn(slug, Connector.State.ACTIVE, Connector.State.PAUSED, SourceStep.Name.PAUSED, by, reason)


def resume_connector(slug: str, *, by: User, reason: str) -> None:
    """Go on where it stopped. Raises as `pause_connector`."""
    _turn(slug, Connector.State.PAUSED, Connector.State.ACTIVE, SourceStep.Name.RESUMED, by, reason)


def _turn(slug: str, old: Connector.State, new: Connector.State, step: SourceStep.Name, by: User, reason: str) -> None:
    why = _checked(by, reason)
    with transaction.atomic(durable=True):
        source = lock_source(slug)
        connector = lock_connector(source)
        if connector.state != old:
            raise CaseMoved
        connector.state, connector.due_at = new, timezone.now()
        connector.save(update_fields=["state", "due_at"])
        _step(source, step, by, why, {}, {})


def ask_now(slug: str, *, by: User) -> Pull:
    """Ask a database at the next turn, whatever its schedule; asked twice, it is asked once.

    Raises:
        NotAllowed: not an administrator. SourceNotFound, ConnectorNotFound. CaseMoved: it is paused, or no database.
    """
    if not by.is_active or by.role != Role.ADMIN:
        raise NotAllowed
    with transaction.atomic(durable=True):
        connector = lock_connector(lock_source(slug))
        if connector.state != Connector.State.ACTIVE or connector.kind != Way.SQL:
            raise CaseMoved
        asked = {"asked_by": by, "began": connector.position}
        pull, _created = Pull.objects.get_or_create(connector=connector, ended_at=None, defaults=asked)
        return pull


def lock_connector(source: Source) -> Connector:
    """Lock how this source is reached. Raises ConnectorNotFound."""
    found: Connector | None = Connector.objects.select_for_update().filter(source=source).first()
    if found is None:
        raise ConnectorNotFound
    return found


def opened_address(connector: Connector) -> str:
    """The address with its password. Raises ConnectorProblem."""
    try:
        return opened(connector.address)
    except CannotOpen as wrong:
        raise ConnectorProblem("address_sealed") from wrong


def shown_address(connector: Connector) -> str:
    """The address as a page may show it."""
    try:
        return masked(opened_address(connector))
    except ConnectorProblem:
        return ""


def _told(connector: Connector | None) -> dict[str, Any]:
    if connector is None:
        return {}
    return {"kind": connector.kind, "address": shown_address(connector), **connector.settings}


def _step(
    source: Source, name: SourceStep.Name, by: User, why: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    changed = [key for key in after if (before.get(key) or "") != (after[key] or "")]
    facts = {"before": {key: before.get(key) for key in changed}, "after": {key: after[key] for key in changed}}
    SourceStep.objects.create(source=source, name=name, actor=by, reason=why, facts=facts)


def _checked(by: User, reason: str) -> str:
    if not by.is_active or by.role != Role.ADMIN:
        raise NotAllowed
    return rules.checked_note(reason, least=rules.NOTE_LEAST, lacking=LACKING, field="reason")
