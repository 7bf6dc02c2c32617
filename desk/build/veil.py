"""The veil over a blind case: what stands on a page until its reader has said what they think.

Everything on a page is built from a case or its dossier, so the model's part is taken out of these: what is not there
cannot show in a title, an attribute or a script.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _

from cases.blindness import SHOWN_WHY, UNDECIDED, is_blind_before_an_opinion, shown_why
from cases.models import Case, CaseEvent, Opinion, User
from desk.build.free_text import without_numbers
from desk.build.head import FREE_TEXT, WITHHELD_FACT
from desk.case_file import CaseFile
from desk.dossier import Dossier, open_dossier
from desk.pages import Veil
from routing.fields import asks_the_model
from routing.life import readable_terms
from routing.models import Route

# What an event may tell: that, and nothing that a later kind of event brings along.
SHOWN_FACTS: Final = frozenset(
    {
        "after", "assigned_to", "batch", "before", "by_lease", "computed", "conflict_of_interest", "database", "file",
        "findings", "freed", "given", "name", "note", "put_back", "reason", "row", "sha256", "size", "stream",
        "taken_from", "taken_over", "to_name", "token", "typed", "until", "why_skipped",
    }
)  # fmt: skip
# An earlier decision, its signatures and its return say what somebody thought who had seen the model.
HIDDEN_EVENTS: Final = frozenset(
    {
        "approve", "ask_signature", "ask_signer", "countersign", "decline", "excuse_signer", "expire_signoff",
        "resolve", "revise", "send_back", "sign_approval", "sign_decline", "sign_resolution", "take_back",
    }
)  # fmt: skip


def read_own_opinions(cases: Iterable[Case], user: User) -> None:
    """Read along what `veiled` asks for: one query for all rows, none where no row is blind."""
    blind = [case for case in cases if is_blind_before_an_opinion(case, user)]
    prefetch_related_objects(blind, Prefetch("opinions", Opinion.objects.filter(person=user)))


def veiled(case: Case, user: User | None = None) -> bool:
    """Whether the model's part of the case is hidden from `user`, without a query.

    An opinion counts where the opinions were read along (`read_own_opinions`, `open_dossier`); where they were not, and
    where nobody is named, a blind case stays blind.
    """
    if user is None:
        return case.opinion_first and case.state in UNDECIDED
    if not is_blind_before_an_opinion(case, user):
        return False
    known = getattr(case, "_prefetched_objects_cache", {}).get("opinions", ())
    return not any(opinion.person_id == user.pk for opinion in known)


def veiled_now(case: Case, user: User) -> bool:
    """As `veiled`, for a single case: reads its opinions where the answer hangs on them."""
    if is_blind_before_an_opinion(case, user):
        prefetch_related_objects([case], "opinions")
    return veiled(case, user)


def bare_case(case: Case) -> Case:
    """The case to be shown only: without what the model and the policy made of it."""
    bare = copy(case)
    bare.pd = bare.pd_low = bare.pd_high = bare.points = bare.doubt = None
    bare.advice, bare.signing = "", {}
    bare.why = shown_why(case.why)
    return bare


def bare_dossier(dossier: Dossier, user: User) -> Dossier:
    """The dossier to be shown to `user` only: no assessment, no reviews, of the route what it tells of the file, and so
    of the events; what others wrote once the case was scored is kept back."""
    kept = _Kept(user.pk, next((event.at for event in dossier.events if event.name == "score"), None))
    return replace(
        dossier,
        case=bare_case(dossier.case),
        assessment=None,
        route=_bare_route(dossier.route),
        reviews=(),
        opinions=(),
        events=tuple(_bare_events(dossier.events, kept)),
        file=_bare_file(dossier.file, kept),
        is_bare=True,
    )


def shown_dossier(case: Case, user: User, *, opened: Callable[[Case], Dossier] = open_dossier) -> Dossier:
    """What `user` may see of the case: all that `opened` reads of it, or what lies before the veil."""
    whole = without_numbers(opened(case), user)
    return bare_dossier(whole, user) if veiled(case, user) else whole


def _bare_route(route: Route | None) -> Route | None:
    """A route that is stored nowhere: the policy, and the hard rules that hit without asking the model."""
    if route is None:
        return None
    terms = readable_terms(route.policy)
    fields = terms.kinds.rules.registry if terms else {}
    rows = terms.rules.rows if terms else ()
    blind_rows = {row.id for row in rows if not asks_the_model((key for key, _cell in row.used), fields)}
    reasons = [
        reason
        for reason in route.reasons
        if reason["code"] in SHOWN_WHY or (reason["code"] == "rule" and reason["params"]["row"] in blind_rows)
    ]
    return Route(policy=route.policy, reasons=reasons)


@dataclass(frozen=True)
class _Kept:
    """What people wrote that is kept back from a reader: all that others wrote once the case was scored, as it may tell
    the figure or the advice. Who was not told when that was keeps everything back."""

    reader_id: int
    scored_at: datetime | None = None

    def holds(self, author_id: int | None, at: datetime) -> bool:
        return author_id != self.reader_id and (self.scored_at is None or at >= self.scored_at)


def bare_events(events: Iterable[CaseEvent], user: User) -> list[CaseEvent]:
    """The moves since the case waits for people, to be shown to `user` only: those that tell nothing of the model, with
    what the file itself says, and of what people wrote the reader's own."""
    return _bare_events(events, _Kept(user.pk))


def _bare_events(events: Iterable[CaseEvent], kept: _Kept) -> list[CaseEvent]:
    return [_bare_event(event, kept) for event in events if event.name not in HIDDEN_EVENTS]


def _bare_event(event: CaseEvent, kept: _Kept) -> CaseEvent:
    bare = copy(event)
    bare.facts = {key: value for key, value in event.facts.items() if key in SHOWN_FACTS}
    if kept.holds(event.actor_id, event.at):
        written = [text for text in (bare.facts.pop(key, "") for key in FREE_TEXT) if text]
        bare.facts |= {WITHHELD_FACT: True} if written else {}
    return bare


def _bare_file(file: CaseFile, kept: _Kept) -> CaseFile:
    return replace(
        file,
        looks=(),
        documents=tuple(
            replace(each, note="", withheld=True) if each.note and kept.holds(each.by_id, each.at) else each
            for each in file.documents
        ),
        comments=tuple(
            replace(each, text="", withheld=True) if kept.holds(each.by_id, each.at) else each for each in file.comments
        ),
    )


def veil_of(*, holds: bool) -> Veil:
    """What stands in the place of the model's part."""
    if holds:
        words = _("Score, reasons and advice appear once you have said which way you lean and how likely default is.")
    else:
        words = _("Score, reasons and advice stay hidden until the case is decided. Who claims it speaks first.")
    return Veil(words, holds=holds)
