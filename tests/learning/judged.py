"""Small tables with a known outcome for tests of the backtest, as files."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np


def write_table(path: Path, columns: Mapping[str, Sequence[object]]) -> Path:
    """A CSV file of these columns; None is an empty cell."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def loans(rows: int = 300, seed: int = 1) -> dict[str, list[object]]:
    """A book in which debt and purpose tell part of the outcome; with an empty and a constant column, and dirt."""
    draw = np.random.default_rng(seed)
    debt, purpose = draw.normal(size=rows), draw.choice(["car", "house", "travel"], rows)
    log_odds = -1.2 + 1.5 * debt + 0.8 * (purpose == "travel")
    bad = draw.random(rows) < 1 / (1 + np.exp(-log_odds))
    return {
        "debt": [None if gap else round(value, 4) for gap, value in zip(draw.random(rows) < 0.05, debt, strict=True)],
        "purpose": purpose.tolist(),
        "income": np.round(draw.lognormal(10, 0.5, rows), 2).tolist(),
        "amount": np.round(draw.lognormal(8, 0.6, rows), 2).tolist(),
        "year": (2000 + np.arange(rows) // 30).tolist(),
        "nothing": [None] * rows,
        "same": ["x"] * rows,
        "bad": bad.astype(int).tolist(),
    }
