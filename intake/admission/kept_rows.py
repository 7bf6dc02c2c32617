"""Rows that are sent one by one to be kept for others to join, as messages of a system or of a stream.

How such a row is found, and from when it is known, says the mapping that people signed for its source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseError
from cases.models import ApiToken
from intake.actions import keep_messages
from intake.admission.taking_in import Taken
from intake.mapped.fields import shown
from intake.mapped.joined import true_as_it_comes
from intake.mapped.row_reader import map_row
from intake.reading.rows import ReadRow
from intake.recognition.mapping import CaseMapping, read_mapping
from intake.record.mapping_steps import in_force
from intake.sources.source_names import known_spellings
from intake.sources.sources import SourceNotFound
from intake.tabular.json_rows import flat_row
from intake.wording.field_errors import FieldError


class NotKept(CaseError):
    status = 409
    code = "rows_not_kept"
    title = _("Rows of this source are not kept")
    sentence = _("No signed mapping says that the rows of this source are only kept, for other sources to join.")


@dataclass(frozen=True)
class Keeper:
    """The signed mapping of a source whose rows are only kept, and the number it was signed under."""

    mapping: CaseMapping
    number: int


def keeper_of(slug: str) -> Keeper | None:
    """How rows of this source are kept; None where they become cases, or nobody signed what they are. One query.

    A mapping that is signed at this moment reads what comes next: each row keeps the number of its version.
    """
    signed = in_force(slug)
    if signed is None:
        return None
    mapping = read_mapping(signed.content, source=slug)
    return None if mapping.makes_cases else Keeper(mapping, signed.number)


def read_kept(raw: object, place: int, keeper: Keeper, *, now: datetime, message: str = "") -> ReadRow:
    """One row with its key and moment, or the reasons why it cannot be kept; `raw` is what stood in its JSON."""
    cells = flat_row(raw)
    if isinstance(raw, FieldError):
        return ReadRow(place, None, [raw], cells, message=message)
    if not isinstance(raw, dict):
        return ReadRow(place, None, [FieldError("", shown(raw), "not_an_object")], cells, message=message)
    mapped, errors = map_row(keeper.mapping, cells, now=now)
    reference = None if errors else mapped.reference
    return ReadRow(
        place,
        None,
        errors,
        cells,
        message=message,
        reference=reference,
        version=keeper.number,
        true_as_it_comes=true_as_it_comes(keeper.mapping.reference),
    )


def receive_rows(slug: str, raws: Sequence[object], *, token: ApiToken, now: datetime) -> Taken:
    """Keep the rows that a lender's system sent; what became of each, in the order given.

    Raises:
        SourceNotFound: no such source. NotKept: its rows are not only kept.
    """
    known = known_spellings([slug]).get(slug)
    if known is None:
        raise SourceNotFound
    keeper = keeper_of(known)
    if keeper is None:
        raise NotKept
    rows = [read_kept(raw, place, keeper, now=now) for place, raw in enumerate(raws, 1)]
    return keep_messages(known, rows, token=token) if rows else Taken()
