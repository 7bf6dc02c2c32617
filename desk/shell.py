"""The frame around every page: who is signed in, where they may go, and what waits there."""

from __future__ import annotations

import json
from functools import lru_cache, partial
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases import rules
from cases.models import Case, Notification, User
from cases.second_looks import looks_for
from cases.signoff import awaiting_signature
from cases.states import Role, State
from desk.build.breakers import banner
from desk.counts import Statement, statement_of
from desk.keys import CAPS, KEYS, known_key_map
from desk.page_address import page_address
from desk.pages import NavItem, Shell
from desk.pages.shared import Theme
from desk.words import is_chinese
from scoring.models import Breaker

THEMES: Final[dict[str, Theme]] = {"auto": "auto", "light": "light", "dark": "dark"}
READS_ALL: Final = (Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)
UNREAD: Final = "unread_notifications"
BREAKERS: Final = "_breakers"
# The link by which an open page reads itself anew; the counts of the top bar come with it.
LIVE_REFRESH: Final = "live-refresh"
REVIEWS: Final = (Role.REVIEWER, Role.SUPERVISOR)
QUEUE_ROLES: Final = (*REVIEWS, Role.AUDITOR)
NAMELESS: Final = "CR-0"
# What is set up rather than worked with is tucked away where the bar would be too full.
TUCKED: Final = (
    "imports", "sources", "quality", "models", "learning", "monitoring", "webhooks", "capacity", "policies",
    "desk_rules",
)  # fmt: skip
BAR_HOLDS: Final = 8

# So many people at once have their bar's statement at hand.
BARS_KEPT: Final = 1_000

# view name, words, key after G, roles, state that is counted beside it
Place = tuple[str, Promise, str, tuple[Role, ...], State | None]
PLACES: Final[tuple[Place, ...]] = (
    ("queue", _("Queue"), "KeyQ", QUEUE_ROLES, State.QUEUED),
    ("signoff_list", _("Sign-off"), "KeyS", (Role.SUPERVISOR, Role.AUDITOR), State.AWAITING_SIGNOFF),
    ("looks", _("Second looks"), "KeyB", REVIEWS, None),
    ("held", _("Held data"), "KeyH", (*REVIEWS, Role.AUDITOR), State.NEEDS_DATA),
    ("cases", _("Cases"), "KeyC", tuple(Role), None),
    ("imports", _("Imports"), "KeyI", READS_ALL, None),
    ("sources", _("Sources"), "KeyO", READS_ALL, None),
    ("quality", _("Quality rules"), "KeyU", READS_ALL, None),
    ("models", _("Models"), "KeyM", READS_ALL, None),
    ("webhooks", _("Webhooks"), "KeyK", READS_ALL, None),
    ("learning", _("Learning"), "KeyE", READS_ALL, None),
    ("monitoring", pgettext_lazy("models", "Monitoring"), "KeyW", READS_ALL, None),
    ("team", _("Team"), "KeyT", READS_ALL, None),
    ("capacity", _("Capacity"), "KeyL", READS_ALL, None),
    ("policies", _("Policies"), "KeyP", READS_ALL, None),
    ("desk_rules", _("Desk rules"), "KeyR", READS_ALL, None),
    ("overview", _("Overview"), "KeyD", READS_ALL, None),
)


def home_of(user: User) -> str:
    """Where a person's day begins."""
    first = {Role.REVIEWER: "queue", Role.SUPERVISOR: "signoff_list"}
    return reverse(f"desk:{first.get(Role(user.role), 'overview')}")


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Context processor: `shell` for every template."""
    user = getattr(request, "user", None)
    known = user if isinstance(user, User) else None
    nav, unread, has_breaker = _nav(request, known) if known else ((), "", False)
    return {
        "shell": Shell(
            language="zh-hans" if is_chinese() else "en",
            theme=THEMES.get(request.COOKIES.get("theme", ""), "auto"),
            keys=known.hot_keys if known else "on",  # type: ignore[arg-type]
            path=page_address(request) or reverse("desk:home"),
            home_url=reverse("desk:home"),
            language_url=reverse("desk:language"),
            keys_url=reverse("desk:keys"),
            person=known.display_name if known else "",
            role=known.get_role_display() if known else "",
            nav=nav,
            logout_url=reverse("desk:logout"),
            key_map=_key_map(known),
            key_rows=tuple((str(key.words), CAPS[key.code]) for key in KEYS) if known else (),
            own_keys_url=reverse("desk:own_keys"),
            case_url=reverse("desk:case", args=[NAMELESS]),
            search_url=reverse("desk:queue" if known and known.role in QUEUE_ROLES else "desk:cases"),
            phrases_url=reverse("desk:phrases") if known and known.role != Role.AUDITOR else "",
            own_figures_url=reverse("desk:reviewer", args=[known.username]) if known and known.role in REVIEWS else "",
            notices_url=reverse("desk:notices") if known else "",
            unread="" if unread == "0" else unread,
            breaker=partial(banner, is_linked=known.role != Role.REVIEWER) if known and has_breaker else lambda: None,
            person_key=str(known.pk) if known else "",
        )
    }


def _key_map(user: User | None) -> str:
    found = known_key_map(user.key_map) if user and user.key_map else {}
    return json.dumps(found) if found else ""


def _places_of(role: str, *, signs: bool) -> list[Place]:
    return [place for place in PLACES if role in place[3] or (signs and place[0] == "signoff_list")]


@lru_cache(maxsize=BARS_KEPT)
def _what_waits(pk: int, role: str, signs_for_id: int | None) -> Statement:
    """The counts of the bar of a person. Django takes longer to make this statement than PostgreSQL to answer it, and
    each of their pages asks it: it is kept, for all that it depends on."""
    person = User(pk=pk, role=role)
    person.signs_for_id = signs_for_id
    open_to = _places_of(role, signs=rules.may_sign(None, person))
    waiting: dict[str, QuerySet[Any]] = {
        name: Case.objects.filter(state=state) for name, *_rest, state in open_to if state
    }
    if "signoff_list" in waiting:
        # What one has signed waits for somebody else.
        waiting["signoff_list"] = awaiting_signature(person)
    if role in REVIEWS:
        waiting["looks"] = looks_for(person)
    unread = {UNREAD: Notification.objects.filter(person=person, read_at__isnull=True)}
    breakers = {BREAKERS: Breaker.objects.exclude(state=Breaker.State.CLOSED)}
    return statement_of({**waiting, **unread, **breakers}, {})


def _nav(request: HttpRequest, user: User) -> tuple[tuple[NavItem, ...], str, bool]:
    """The places, how many notifications wait, and whether a circuit breaker is not closed; all in one query."""
    htmx: Any = getattr(request, "htmx", False)
    if htmx and htmx.trigger != LIVE_REFRESH:
        return (), "", False
    # A reviewer who holds a supervisor's pen finds what there is to sign.
    signs = rules.may_sign(None, user)
    open_to = _places_of(user.role, signs=signs)
    counts, _lists = _what_waits(user.pk, user.role, user.signs_for_id if user.role == Role.REVIEWER else None).ask()
    items = tuple(
        NavItem(
            words=str(words),
            url=reverse(f"desk:{name}"),
            current=request.path.startswith(reverse(f"desk:{name}")),
            count=counts.get(name, ""),
            go_key=key,
            tucked=name in TUCKED and len(open_to) > BAR_HOLDS,
            key=name,
        )
        for name, words, key, _roles, _state in open_to
    )
    return items, counts[UNREAD], counts[BREAKERS] != "0"
