"""The rows of the team board: people, waiting cases, and who is there on the coming days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.models import Conflict, DeskRules, User
from cases.states import Role, State
from cases.team import OLDER, PersonFigures, QueueFigures
from cases.working_time import is_working_day
from desk.build.staff import Staff
from desk.charts import Bar, share
from desk.pages import Figure, Swatch
from desk.pages.team import CalendarCell, CalendarDay, CalendarRow, ConflictRow, MemberRow, QueueLine
from desk.words import PRODUCTS, duration, masked, number, percent, when, word

COMING_DAYS: Final = 14
MOST_CONFLICTS: Final = 50
# Below so many decisions with advice a share says little of a person.
FEW: Final = 20
LOADS: Final = (("held", "accent"), ("assigned", "down"), ("kept", "mute"))
LOAD_WORDS: Final = {
    "held": gettext_lazy("in review"),
    "assigned": gettext_lazy("handed to them"),
    "kept": gettext_lazy("kept for them"),
}
AGE_WORDS: Final = {
    "1": gettext_lazy("up to a day"),
    "3": gettext_lazy("1 to 3 days"),
    "7": gettext_lazy("3 to 7 days"),
    OLDER: gettext_lazy("more than 7 days"),
}
AGE_TONES: Final = {"1": "down", "3": "accent", "7": "warn", OLDER: "up"}


def load_swatches() -> tuple[Swatch, ...]:
    return tuple(Swatch(tone, str(LOAD_WORDS[name])) for name, tone in LOADS)


def age_swatches() -> tuple[Swatch, ...]:
    return tuple(Swatch(AGE_TONES[name], str(words)) for name, words in AGE_WORDS.items())


def team_figures(people: Mapping[int, PersonFigures], queues: Mapping[str, QueueFigures]) -> tuple[Figure, ...]:
    """The whole team in four figures."""
    waiting, late = sum(each.waiting for each in queues.values()), sum(each.late for each in queues.values())
    soon = sum(each.soon for each in queues.values())
    decided, advised = sum(each.decided for each in people.values()), sum(each.advised for each in people.values())
    overrides = sum(each.to_approve + each.to_decline for each in people.values())
    fast = sum(each.too_fast for each in people.values())
    return (
        Figure(_("Waiting for review"), number(waiting), _("%(n)s beyond their time") % {"n": number(late)},
               "late" if late else "ok"),
        Figure(_("Due within four working hours"), number(soon), level="soon" if soon else "ok"),
        Figure(_("Decided by people"), number(decided)),
        Figure(_("Overrides"), percent(overrides / advised) if advised else percent(None),
               _("of %(n)s decisions with advice") % {"n": number(advised)}),
        Figure(_("Too fast"), number(fast), level="soon" if fast else "ok"),
    )  # fmt: skip


def member_rows(
    staff: Staff, figures: Mapping[int, PersonFigures], *, movable: Mapping[int, int]
) -> tuple[MemberRow, ...]:
    """One row a person, and behind them whoever decided in that time and works here no more, so that the rows add up to
    the figures of the team; `movable` are the cases of each that can be handed over."""
    today = timezone.localdate()
    most = max((figures.get(user.pk, PersonFigures()).load for user in staff.people), default=0)
    away = {absence.person_id for absence in staff.absences if absence.first_day <= today <= absence.last_day}
    return tuple(
        _member(user, figures.get(user.pk, PersonFigures()), most, user.pk in away, movable.get(user.pk, 0))
        for user in (*staff.people, *(user for user in staff.gone if user.pk in figures))
    )


def _member(user: User, figures: PersonFigures, most: int, away: bool, movable: int) -> MemberRow:
    advised = figures.advised

    def of_advised(count: int) -> str:
        return f"{percent(count / advised, 0)} ({number(count)})" if advised else ""

    parts = [f"{getattr(figures, name)} {LOAD_WORDS[name]}" for name, _tone in LOADS if getattr(figures, name)]
    if figures.waiting:
        parts.append(f"{figures.waiting} {State.WAITING_INFO.label}")
    return MemberRow(
        name=user.display_name,
        role=user.get_role_display() if user.is_active else _("no longer here"),
        away=away,
        load=number(figures.load),
        load_words=" · ".join(parts),
        loads=stacked([(getattr(figures, name), tone) for name, tone in LOADS], most),
        late=number(figures.late) if figures.late else "",
        decided=number(figures.decided),
        spent=duration(figures.spent) if figures.spent is not None else "",
        agreement=percent(figures.agreement, 0) if figures.agreement is not None else "",
        to_approve=of_advised(figures.to_approve),
        to_decline=of_advised(figures.to_decline),
        too_fast=number(figures.too_fast) if figures.too_fast else "",
        skipped=number(figures.skipped) if figures.skipped else "",
        few=0 < advised < FEW,
        key=str(user.pk),
        movable=movable > 0,
    )


def stacked(parts: Sequence[tuple[int, str]], most: int) -> tuple[Bar, ...]:
    """Bars one behind the other on a track that `most` fills."""
    bars, start = [], 0.0
    for count, tone in parts:
        width = count / most if most else 0.0
        if count:
            bars.append(Bar(share(start), share(width), tone))
        start += width
    return tuple(bars)


def queue_lines(queues: Mapping[str, QueueFigures]) -> tuple[QueueLine, ...]:
    """One line a product."""
    most = max((each.waiting for each in queues.values()), default=0)
    return tuple(
        QueueLine(
            words=word(PRODUCTS, product),
            waiting=number(each.waiting),
            late=number(each.late),
            soon=number(each.soon),
            resting=number(each.resting),
            oldest=when(each.oldest),
            ages=tuple(number(each.ages[name]) for name in AGE_WORDS),
            bars=stacked([(each.ages[name], AGE_TONES[name]) for name in AGE_WORDS], most),
        )
        for product, each in queues.items()
    )


def coming_days() -> list[date]:
    return [timezone.localdate() + timedelta(days=ahead) for ahead in range(COMING_DAYS)]


def calendar_days(rules: DeskRules) -> tuple[CalendarDay, ...]:
    """The head of the calendar of the coming two weeks."""
    return tuple(
        CalendarDay(
            day=f"{day:%m-%d}",
            weekday=date_format(day, "D"),
            free=not is_working_day(day, rules.holiday_country),
            words=day.isoformat(),
        )
        for day in coming_days()
    )


def calendar_rows(staff: Staff, rules: DeskRules) -> tuple[CalendarRow, ...]:
    """Who is there on which day."""
    free = {day: not is_working_day(day, rules.holiday_country) for day in coming_days()}
    reasons = {
        (absence.person_id, day): absence.reason
        for absence in staff.absences
        for day in free
        if absence.first_day <= day <= absence.last_day
    }
    return tuple(
        CalendarRow(user.display_name, tuple(_cell(reasons.get((user.pk, day)), off) for day, off in free.items()))
        for user in staff.people
    )


def _cell(absent_for: str | None, off: bool) -> CalendarCell:
    if absent_for is not None:
        away = _("away")
        return CalendarCell("away", "✕", f"{away}: {absent_for}" if absent_for else away)
    return CalendarCell("free", "·", _("no working day")) if off else CalendarCell("on", "✓", _("there"))


def conflict_rows(user: User) -> tuple[ConflictRow, ...]:
    """The conflicts of interest that are open; whoever stated one does not end it."""
    found = (
        Conflict.objects.filter(ended_at=None).select_related("person", "applicant").order_by("-id")[:MOST_CONFLICTS]
    )
    return tuple(
        ConflictRow(
            person=each.person.display_name,
            applicant=masked(each.applicant.name or each.applicant.external_id),
            reason=each.reason,
            at=when(each.stated_at),
            key=str(each.pk) if user.role == Role.SUPERVISOR and each.person_id != user.pk else "",
        )
        for each in found
    )


def moved_words(count: int) -> str:
    return ngettext("%(n)s case would move", "%(n)s cases would move", count) % {"n": number(count)}
