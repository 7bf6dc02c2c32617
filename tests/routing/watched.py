"""A model that is watched, and loans of its book as they arrive from a source, some of them with a fault."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from cases.arrivals import NewCase
from cases.models import Case
from scoring.ml.drift import make_reference
from scoring.models import ModelReference, ModelVersion
from tests import make
from tests.conftest import TrainedBook

_NUMBERS = count()


def with_reference(model: ModelVersion, book: TrainedBook) -> ModelReference:
    """The reference of the model's training, as the sweep makes it of held-out loans."""
    table = book.held_out.champion.table
    made = make_reference(table.names, table.matrix(book.rows), book.held_out.log_odds)
    return ModelReference.objects.create(
        model=model, origin=ModelReference.Origin.HELD_OUT, rows=made.rows, content=made.to_dict()
    )


def loan(book: TrainedBook, place: int, fault: Mapping[str, Any] | None = None) -> NewCase:
    """The loan at that place of the book as a new case, with what `fault` says instead."""
    row = dict(book.rows[place % len(book.rows)])
    amount, currency, term = row.pop("amount"), row.pop("currency"), row.pop("term_months")
    return make.new_case(
        f"W-{next(_NUMBERS)}",
        amount=Decimal(str(amount)),
        currency=currency,
        term_months=term,
        features=row | dict(fault or {}),
    )


def arrive(source: str, loans: Sequence[NewCase]) -> list[Case]:
    """They come in together, are scored and routed; the cases as they stand then."""
    born = make.taken_in(loans, source=source)
    make.run_machine()
    return list(Case.objects.filter(pk__in=[case.pk for case in born]).order_by("pk"))


def approved(cases: Iterable[Case]) -> int:
    """How many the machine approved."""
    return sum(case.state == "approved" for case in cases)
