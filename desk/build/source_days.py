"""Days of a source on which far fewer or far more cases came than usual, or far later, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext

from desk.words import duration, number
from intake.health.source_days import DaySign, What

SENTENCES: Final[Mapping[What, Promise]] = {
    "fewer": gettext_lazy("Cases on %(day)s: %(value)s, far fewer than usual (%(low)s to %(high)s)"),
    "more": gettext_lazy("Cases on %(day)s: %(value)s, far more than usual (%(low)s to %(high)s)"),
    "late": gettext_lazy(
        "Half of the cases of %(day)s came %(value)s or more after their application; usual is at most %(high)s"
    ),
}
SO_FAR: Final = gettext_lazy("Cases on %(day)s so far: %(value)s, far more than usual (%(low)s to %(high)s)")


def day_lines(signs: Sequence[DaySign]) -> tuple[str, ...]:
    """Each day, in the order given."""
    return tuple(day_words(sign) for sign in signs)


def newest_lines(signs: Sequence[DaySign]) -> tuple[str, ...]:
    """The newest day of each kind, where the newest come first."""
    newest = {sign.what: sign for sign in reversed(signs)}
    return day_lines([sign for sign in signs if newest[sign.what] is sign])


def day_words(sign: DaySign) -> str:
    """`Cases on Thursday 26 November: 312, far fewer than usual (540 to 690)`."""
    figure = _hours if sign.what == "late" else number
    figures = {name: figure(getattr(sign, name)) for name in ("value", "low", "high")}
    return str(SO_FAR if sign.so_far else SENTENCES[sign.what]) % {"day": _day(sign.day), **figures}


def _day(day: date) -> str:
    # Translators: a date format of Django, without the year.
    return date_format(day, pgettext("date format", "l j F"))


def _hours(hours: float) -> str:
    return duration(timedelta(hours=hours))
