"""The recipe on the real loans of 2016 that ship with the project: how well it ranks, and that it explains them."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from scoring.ml.champion import Champion
from scoring.ml.features import FeatureTable
from scoring.ml.pipeline import train_champion
from scoring.ml.reference import largest_difference_from_shap
from tests.scoring.ml.conftest import Book

ROOT = Path(__file__).resolve().parents[3]
BOOK = ROOT / "sample" / "lending_club_2016.csv.gz"
YEARS: dict[str, int | None] = {"emp_lt_1": 0, "emp_ge_10": 10, "emp_unk": None}


def read_book() -> Book:
    with gzip.open(BOOK, "rt", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    rows: list[dict[str, object]] = [
        {
            "amount": float(line["funded_amnt"]),
            "term_months": int(line["term"].removeprefix("term_")),
            "interest_rate": float(line["int_rate"]),
            "sub_grade": "ABCDEFG".index(line["sub_grade"][0]) * 5 + int(line["sub_grade"][1]),
            "annual_income": float(line["annual_inc"]),
            "employment_years": YEARS[line["emp_length"]]
            if line["emp_length"] in YEARS
            else int(line["emp_length"].removeprefix("emp_")),
            "income_verified": line["verification_status"].lower(),
            "delinquencies_2y": int(line["delinq_2yrs"]),
            "inquiries_12m": int(line["inq_last_12m"]),
            "accounts_delinquent_now": int(line["acc_now_delinq"]),
            "open_instalment_accounts": int(line["open_il_6m"]),
            "credit_utilisation": float(line["all_util"]),
        }
        for line in lines
    ]
    return Book(rows, np.array([line["Class"] == "bad" for line in lines], dtype=np.int64))


@pytest.fixture(scope="module")
def real() -> Book:
    return read_book()


@pytest.fixture(scope="module")
def real_champion(table: FeatureTable, real: Book) -> Champion:
    return train_champion(table, real.rows, real.y)


def test_it_ranks_real_loans_and_says_their_true_odds(real_champion: Champion) -> None:
    measured = real_champion.metrics
    assert (measured["rows"], measured["bads"]) == (9857, 517)
    assert measured["auc"] > 0.732
    assert measured["brier"] < 0.0478
    assert measured["ece"] < 0.006


def test_every_real_loan_is_explained_exactly(real_champion: Champion, real: Book) -> None:
    batch = real_champion.score(real.rows)
    assert batch.residual.max() <= 1e-9
    assert ((batch.pd_low <= batch.pd) & (batch.pd <= batch.pd_high)).all()
    assert batch.pd.mean() == pytest.approx(real.y.mean(), abs=0.001)


def test_shap_gives_the_same_contributions_of_the_same_trees(real_champion: Champion, real: Book) -> None:
    values = real_champion.table.matrix(real.rows[:200])
    difference = largest_difference_from_shap(real_champion.blend, values)
    assert difference is not None
    # shap undoes the paths it walked by dividing, and is off by so much itself; the definition agrees to 1e-13.
    assert difference <= 1e-7


def test_few_loans_like_those_learned_from_are_doubted(real_champion: Champion, real: Book) -> None:
    batch = real_champion.score(real.rows)
    assert np.mean(batch.doubt_parts["novelty"] >= 0.5) < 0.02
    assert np.mean(batch.doubt_parts["missing"] >= 0.5) < 0.01
    assert np.mean(batch.doubt_parts["disagreement"] >= 0.5) < 0.03
    # The cut-off lies in the range of a PD where the book cannot tell on which side of it the PD is, and nowhere else.
    unclear = (batch.pd_low <= batch.cut_off) & (batch.cut_off <= batch.pd_high)
    assert np.array_equal(batch.doubt_parts["cut_off"] >= 0.5, unclear)
    assert np.mean(unclear) < 0.08
    assert np.mean(batch.doubt >= 0.5) < 0.10
    assert np.median(batch.doubt) < 0.1
