"""People's hours and absences, the places they make, and what those do not cover."""

from __future__ import annotations

from dataclasses import dataclass

from desk.charts import Bar
from desk.pages.overview import Pair
from desk.pages.shared import Problem


@dataclass(frozen=True)
class AbsenceRow:
    """Days on which a person is away, like `2026-11-28 to 2026-12-04`; `key` is posted as `absence` to end it."""

    key: str
    words: str
    reason: str = ""


@dataclass(frozen=True)
class PersonRow:
    """Somebody who looks at cases. `hours`, `most_cases` and `products` are "" where no duty was stated; `left` is how
    many more looks the day holds; `change_url` shows the forms for this person."""

    name: str
    role: str
    hours: str
    most_cases: str
    products: str
    away: bool
    absences: tuple[AbsenceRow, ...]
    assigned: str
    held: str
    decided: str
    left: str
    change_url: str = ""


@dataclass(frozen=True)
class Tick:
    """A box to tick; `value` is posted."""

    value: str
    words: str
    ticked: bool


@dataclass(frozen=True)
class DutyForm:
    """Fields: person (hidden), hours_a_day, most_cases_a_day, products…"""

    action_url: str
    hours_a_day: str
    most_cases_a_day: str
    products: tuple[Tick, ...]


@dataclass(frozen=True)
class AbsenceForm:
    """Fields: person (hidden), first_day, last_day (`2026-11-28`), reason. No day before `earliest`."""

    action_url: str
    first_day: str
    last_day: str
    reason: str
    earliest: str


@dataclass(frozen=True)
class Swatch:
    """A colour of the chart with what it stands for."""

    tone: str
    words: str


@dataclass(frozen=True)
class DemandRow:
    """A day of the chart: its looks by kind (the order of the headings), their bars on one track, and the places."""

    day: str
    counts: tuple[str, ...]
    looks: str
    places: str
    covered: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class PlacesCard:
    """One product's places today and its demand of late. `said` are sentences on what capacity does not cover,
    `fallback` what becomes of that; without a stated capacity there are no `figures` and `fallback` says so."""

    key: str
    words: str
    note: str
    figures: tuple[Pair, ...]
    said: tuple[str, ...]
    short: bool
    fallback: str
    needed: str
    headings: tuple[Swatch, ...]
    rows: tuple[DemandRow, ...]


@dataclass(frozen=True)
class CapacityPage:
    """desk/capacity.html. Ending an absence posts its key as `absence` to `end_url`. `person` and `person_key` are whom
    the forms speak of, "" without forms."""

    as_of: str
    people: tuple[PersonRow, ...]
    cards: tuple[PlacesCard, ...]
    may_change: bool
    url: str
    end_url: str
    person: str = ""
    person_key: str = ""
    duty: DutyForm | None = None
    absence: AbsenceForm | None = None
    problems: tuple[Problem, ...] = ()
