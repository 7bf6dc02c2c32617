"""The sample book's first loans with what was said of them by models that had not seen them, in the database."""

from __future__ import annotations

from cases.models import Case
from learning.train import keep_held_out
from riskreview import sample
from scoring.models import ModelVersion
from tests.conftest import TrainedBook


def keep_book(trained_book: TrainedBook, model: ModelVersion, *, loans: int = 3000) -> int:
    """Take in the first loans of the sample book and how they went, and keep the held-out scores of `model`."""
    sample.load_book(sample.HISTORY, limit=loans)
    sample.load_outcomes(sample.HISTORY, limit=loans)
    keys = dict(Case.objects.filter(source=sample.HISTORY.source).values_list("external_ref", "pk"))
    refs = [f"CR-{keys.get(name, 0)}" for name in trained_book.names]
    return keep_held_out(model, refs, trained_book.held_out.log_odds)
