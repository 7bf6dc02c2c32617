"""Around the decision bar: what follows each choice, who may be asked to sign, ways out, what has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.deciding import signers_for_decision
from cases.models import Case, User
from cases.states import RESOLUTIONS, Kind, Outcome, Role
from desk.build.head import told
from desk.build.veil import bare_events, veiled_now
from desk.dossier import Dossier
from desk.pages.case import SignOff
from desk.pages.deciding import NextStep, PassLink
from desk.pages.lists import Option
from desk.words import duration

ASK: Final = "ask"
ASIDE: Final = "recuse"
CHANGES: Final = 8
WAITS_FOR_SIGNATURE: Final = frozenset({"ask_signature", "revise"})
# A decision returns to whoever made it; with these a case is decided anew.
COMES_BACK: Final = frozenset({"send_back", "expire_signoff"})
OPENS_ANEW: Final = frozenset({"reopen", "take_back"})
WAYS: Final[tuple[tuple[str, Promise, str], ...]] = (
    ("escalate", gettext_lazy("Escalate"), "KeyE"),
    ("transfer", gettext_lazy("Transfer"), "KeyT"),
    ("snooze", gettext_lazy("Set aside"), "KeyH"),
    ("skip", gettext_lazy("Skip"), "KeyP"),
    (ASIDE, gettext_lazy("Conflict of interest"), ""),
)


def next_steps(case: Case, sign_offs: Sequence[SignOff], hold: timedelta) -> tuple[NextStep, ...]:
    """What each choice that needs no signature brings about; those that need one say so themselves."""
    released, signed = released_words(hold), {each.outcome for each in sign_offs}
    steps = []
    if case.kind == Kind.MONITORING:
        steps.append(NextStep(" ".join(RESOLUTIONS), _("Resolved"), released))
    elif Outcome.APPROVE not in signed:
        steps.append(NextStep(Outcome.APPROVE.value, _("An approval is final"), released))
    if case.kind == Kind.APPLICATION and Outcome.DECLINE not in signed:
        with_reasons = _("%(released)s, with the reasons that the applicant may be told") % {"released": released}
        steps.append(NextStep(Outcome.DECLINE.value, _("A decline is final"), with_reasons))
    steps.append(NextStep(ASK, _("The clock stops"), _("back to you, on top, when the answer is here")))
    return tuple(steps)


def released_words(hold: timedelta) -> str:
    if not hold:
        return _("released at once")
    return _("released after %(time)s") % {"time": duration(hold)}


def signer_options(case: Case, user: User, chosen: str = "") -> tuple[Option, ...]:
    """Whom the reviewer may ask to sign too, whatever they decide: an approval asks most of a signer."""
    people = signers_for_decision(case, Outcome.APPROVE, by=user)
    return tuple(Option(str(each.pk), each.display_name, str(each.pk) == chosen) for each in people)


def ways_out(case: Case, user: User, view: str) -> tuple[PassLink, ...]:
    """How this person may let go of the case without deciding it."""
    return tuple(
        PassLink(str(words), f"{reverse(f'desk:{name}', args=[case.ref])}?{urlencode({'view': view})}", key, key[-1:])
        for name, words, key in WAYS
        if name != "escalate" or user.role != Role.SUPERVISOR
    )


def way_aside(case: Case, user: User, view: str) -> PassLink:
    """The way of somebody who may not judge this applicant, open before they have said what they think, too."""
    return next(way for way in ways_out(case, user, view) if f"/{ASIDE}?" in way.url)


def earlier_form(dossier: Dossier, user: User) -> Mapping[str, Sequence[str]]:
    """What the decision that came back to `user` said, as a posted form, so that nothing need be typed again: theirs
    that was sent back or that nobody signed, or the one that was just taken back. Nothing after any other move."""
    events = dossier.events
    if len(events) > 1 and events[-1].name == "take_back":
        return _as_posted(events[-2].facts)
    names = [event.name for event in events]
    back = max((at for at, name in enumerate(names) if name in COMES_BACK | OPENS_ANEW), default=-1)
    if back < 0 or names[back] in OPENS_ANEW:
        return {}
    decided = next((event for event in reversed(events[:back]) if event.name in WAITS_FOR_SIGNATURE), None)
    return _as_posted(decided.facts) if decided and decided.actor_id == user.pk else {}


def _as_posted(facts: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    return {
        "decision": [facts.get("outcome", ASK)],
        "reason_codes": facts.get("reason_codes", []),
        "note": [facts.get("note", "")],
        "signer": [str(facts.get("asked_signer_id", ""))],
    }


def changes_since(case: Case, version: int, user: User) -> tuple[str, ...]:
    """What happened to the case behind the version that `user` saw, the first change first; without what the veil over
    a blind case hides from them."""
    if not 0 < version < case.version:
        return ()
    events = list(case.events.select_related("actor").filter(seq__gt=version).order_by("seq")[:CHANGES])
    if veiled_now(case, user):
        events = bare_events(events, user)
    return tuple(" · ".join((event.what, event.who, event.at, *event.details)) for event in told(events, case.signing))
