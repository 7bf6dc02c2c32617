"""Adverse reasons that are stored are borne out by the model itself, whatever rows stand beside them."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from scoring.ml.champion import Champion, ScoredBatch
from scoring.ml.features import FeatureTable
from scoring.ml.fidelity import Fidelity, least_fall
from scoring.ml.pipeline import train_champion
from scoring.ml.reasons import (
    Basis,
    Reason,
    applicant_reasons,
    fidelity,
    reason_rows,
)
from tests.scoring.ml.conftest import Book
from tests.scoring.ml.reasoning import asked_of, basis_of

FloatArray = NDArray[np.float64]


def adverse(champion: Champion, batch: ScoredBatch, found: list[list[Reason]]) -> list[bool]:
    """Whether each adverse reason is borne out."""
    holds = fidelity(asked_of(champion, batch), champion.table, found)
    return [
        is_borne_out
        for row, answers in zip(found, holds, strict=True)
        for one, is_borne_out in zip(row, answers, strict=True)
        if one["direction"] == "up"
    ]


@pytest.fixture(scope="module")
def free_champion(table: FeatureTable, book: Book) -> Champion:
    """Trees of features without directions, which turn up and down: not all of their reasons hold."""
    free = replace(table, features=tuple(replace(feature, direction=0) for feature in table.features))
    return train_champion(free, book.rows, book.y, recipe="gradient_boosting")


def test_all_adverse_reasons_that_are_kept_are_borne_out_by_the_model(
    champion: Champion, free_champion: Champion, book: Book
) -> None:
    for model in (champion, free_champion):
        batch = model.score([*book.rows, {}])
        untested = (model.table, basis_of(model, batch, usual=True))
        before = adverse(model, batch, reason_rows(*untested)), adverse(model, batch, applicant_reasons(*untested))
        assert 0.95 < np.mean(before[0]) <= 1.0
        for found, usual in zip(model.reasons(batch)[:2], before, strict=True):
            after = adverse(model, batch, found)
            assert all(after)
            assert len(after) >= sum(usual) > 1000
    assert not all(before[0])


def test_what_sets_a_case_apart_from_the_approved_is_borne_out_with_their_norms(
    champion: Champion, free_champion: Champion, book: Book
) -> None:
    for model in (champion, free_champion):
        batch = model.score([*book.rows[:500], {}])
        cohort = batch.cohort
        norms = np.tile(model.table.row_of(model.cohort_norms), (len(batch), 1))
        against = Basis(cohort.base_value, cohort.contributions, batch.values, norms, None, batch.unreadable)
        asked = Fidelity(model.log_odds, batch.log_odds, batch.values, norms)
        untested, found = reason_rows(model.table, against), model.reasons(batch).cohort
        holds = fidelity(asked, model.table, untested)
        assert all(map(all, fidelity(asked, model.table, found)))
        # Where all hold, nothing changes; and what speaks for a case is never put to the model.
        kept = [one == other for one, other in zip(untested, found, strict=True)]
        assert kept == [all(row) for row in holds]
        for one, other in zip(untested, found, strict=True):
            assert favourable(one) == favourable(other)
    assert not all(kept)


def favourable(found: list[Reason]) -> list[Reason]:
    return [reason for reason in found if reason["direction"] == "down"]


def test_what_is_sure_beforehand_is_what_the_model_says_when_asked(
    champion: Champion, free_champion: Champion, book: Book
) -> None:
    known: dict[bool, float] = {}
    for model in (champion, free_champion):
        batch = model.score([*book.rows[:500], {}])
        norms = np.tile(model.table.row_of(model.norms), (len(batch), 1))
        sure, calls = model.fidelity(batch.values, batch.log_odds, norms), list[int]()

        def log_odds(values: FloatArray, model: Champion = model, calls: list[int] = calls) -> FloatArray:
            calls.append(len(values))
            return model.log_odds(values)

        groups = model.table.reason_groups
        wanted = np.ones((len(batch), len(groups.codes)), dtype=np.bool_)
        expected = asked_of(model, batch).holds(groups.columns, wanted)
        least = least_fall(model.blend, batch.values, norms) * model.calibration.least_slope
        knowing = Fidelity(log_odds, batch.log_odds, batch.values, norms, least)
        assert np.array_equal(knowing.holds(groups.columns, wanted), expected)
        assert np.array_equal(sure.holds(groups.columns, wanted), expected)
        known[model is champion] = (wanted.sum() - sum(calls)) / expected.sum()
    assert known[True] > 0.4 > known[False], known


def test_tested_reasons_of_a_row_do_not_depend_on_the_rows_beside_it(free_champion: Champion, book: Book) -> None:
    batch = free_champion.score(book.rows)
    untested = reason_rows(free_champion.table, basis_of(free_champion, batch, usual=True))
    together = free_champion.reasons(batch)
    changed = [row for row, (one, other) in enumerate(zip(together[0], untested, strict=True)) if one != other]
    assert changed
    for row in [*changed[:20], *range(20)]:
        alone = free_champion.reasons(free_champion.score([book.rows[row]]))
        assert alone == tuple([lists[row]] for lists in together)
