"""What becomes of a number outside of the limits that a mapping states for it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from intake.values.cells import CellError, as_feature

Beyond = Literal["refuse", "missing", "cap"]
# What is a number without a word on its type.
FIELDS_OF_NUMBERS = ("fields.amount", "fields.term_months")
BEYOND: tuple[Beyond, ...] = ("refuse", "missing", "cap")


@dataclass(frozen=True)
class Limits:
    """The smallest and the largest number that is believed, in the unit of the feature; None is no limit."""

    minimum: Decimal | None = None
    maximum: Decimal | None = None
    beyond: Beyond = "refuse"


# What is believed in percent of what a table that nobody mapped writes as shares. No loan costs the whole of itself in
# a year; more than a limit may be used and more owed than earned, but hardly more than ten times as much (lenders write
# 10.01 for that): among shares so large a number is a percent, or a slip.
OF_INTEREST: Final = Limits(Decimal(-99), Decimal(99))
OF_DEBT: Final = Limits(Decimal(-1001), Decimal(1001))
_OF_SHARES: Final = frozenset({OF_INTEREST, OF_DEBT})

# Of a message, a joined value that cannot be read: the sender cannot mend it, so that the case is no worse for it.
JOINED_UNREADABLE: Final = "joined_unreadable"
# A row that may be one which came before without the number that it has now.
MAY_BE_ON_RECORD: Final = "may_be_on_record"
# A row that is equal to one of before in all but the number that is its reference now.
EQUAL_BUT_NUMBER: Final = "equal_but_number"
# A row of the same person, day, amount and term as one of before whose reference was told otherwise.
ALIKE_ON_RECORD: Final = "alike_on_record"
# A row whose applicant stands under the name of somebody else.
NAMED_OTHERWISE: Final = "named_otherwise"
# A row that holds the number of a case on record in a column that is no reference.
NUMBER_ON_RECORD: Final = "number_on_record"
# Of rows that may be on record a person is asked.
ASKED: Final = frozenset({MAY_BE_ON_RECORD, EQUAL_BUT_NUMBER, ALIKE_ON_RECORD, NUMBER_ON_RECORD})
HOLDING: Final = frozenset({JOINED_UNREADABLE, NAMED_OTHERWISE, *ASKED})


@dataclass(frozen=True)
class Note:
    """What a person should know of a row, most often that a value was changed: the field, a code of the catalogue and
    its parameters."""

    field: str
    code: str
    params: dict[str, str]


def within(value: object, limits: Limits, name: str) -> tuple[object, Note | None]:
    """The value as it goes on, and a note where it is not the one that was given. Raises CellError to refuse it."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value, None
    number = Decimal(str(value))
    low, high = limits.minimum, limits.maximum
    nearest = low if low is not None and number < low else high if high is not None and number > high else None
    if nearest is None:
        return value, None
    said = {"minimum": "-∞" if low is None else str(low), "maximum": "∞" if high is None else str(high)}
    if limits.beyond == "refuse":
        raise CellError("not_a_share" if limits in _OF_SHARES else "out_of_range", **said)
    if limits.beyond == "missing":
        return None, Note(name, "value_left_out", {"value": str(value), **said})
    kept = nearest if isinstance(value, Decimal) else as_feature(nearest)
    return kept, Note(name, "value_capped", {"value": str(value), "limit": str(nearest), **said})
