"""How many cases a second a decision table decides: 10 rows of 8 used cells, with the trace of every cell.

Three tables on drawn cases: figures only and all known; the same with a fiftieth of the values missing; and a mixed one
(four fields of figures, two of words, a flag, a date; half of its cells shared by two rows) with missing values. In
turns in the same run, on one thread: `evaluate` with `ways`, `evaluate` alone, and on the figures that are all known
bare NumPy comparisons (no unknowns, no trace, no default: the place of the first row that holds), of whole columns and
in blocks of the same size. The plain-Python evaluation is timed on fewer cases, and one case is evaluated at a time.
`cases_a_second` are of processor time, which others at work beside the bench move little, `by_the_clock` as they
passed; medians of the rounds. Read the ratios.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.table.columns import Coded, Column
from routing.table.evaluate import BLOCK, evaluate, ways
from routing.table.fields import Choice, Field, FieldType, date_of, registry_of
from routing.table.tables import Cell, Output, Row, Table, TableKind

ROWS, FIELDS = 10, 8
PLAIN_CASES = 2000
SINGLE_CASES = 100
WORDS = tuple(f"w{place}" for place in range(12))
COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
Columns = dict[str, Column]


def kind_of(types: Sequence[FieldType]) -> TableKind:
    """A kind of tables with one field of each type."""
    choices = tuple(Choice(word, word, word) for word in WORDS)
    fields = [
        Field(f"f{place}", told, told, told, choices=choices if told == "choice" else ())
        for place, told in enumerate(types)
    ]
    way = Output("way", "choice", "way", "结果", required=True, combine="careful")
    return TableKind("rules", registry_of(fields), {"way": way}, {"approve": 0, "decline": 1, "review": 2})


def drawn_table(kind: TableKind, shared: bool, random: np.random.Generator) -> Table:
    """Ten rows that each ask all fields; where cells are shared, a row asks four of its neighbour's again."""
    rows: list[Row] = []
    for place in range(ROWS):
        cells = {key: drawn_cell(field, random) for key, field in kind.registry.items()}
        if shared and place % 2:
            cells |= dict(list(rows[-1].cells.items())[:4])
        rows.append(Row(f"R{place + 1}", cells, {"way": ("approve", "decline", "review")[place % 3]}))
    return Table("rules", "first", tuple(rows), {"way": "review"})


def drawn_cell(field: Field, random: np.random.Generator) -> Cell:
    if field.type == "boolean":
        return Cell("=", (bool(random.random() < 0.5),))
    if field.type in ("choice", "text"):
        return Cell("in", tuple(random.choice(WORDS, 6, replace=False).tolist()))
    figure = float(random.normal())
    if field.type == "date":
        return Cell("<", (date_of(float(round(100 * figure))),))
    return Cell(("<", "<=", ">", ">=")[int(random.integers(4))], (figure,))


def drawn_columns(kind: TableKind, n: int, missing: float, random: np.random.Generator) -> Columns:
    columns: Columns = {}
    for key, field in kind.registry.items():
        lost = random.random(n) < missing
        if field.type in ("choice", "text"):
            codes = random.integers(0, len(WORDS), n).astype(np.int32)
            codes[lost] = -1
            columns[key] = Coded(codes, WORDS)
        else:
            values = random.integers(0, 2, n).astype(float) if field.type == "boolean" else random.normal(size=n)
            values[lost] = np.nan
            columns[key] = values * 100 if field.type == "date" else values
    return columns


def bare(table: Table, columns: Mapping[str, Column]) -> NDArray[np.int64]:
    """Comparisons of whole columns and nothing else: the place of the first row that holds, of columns of figures."""
    holds = []
    for row in table.rows:
        true = np.ones(len(next(iter(columns.values()))), dtype=np.bool_)
        for key, cell in row.used:
            true &= COMPARE[cell.op](columns[key], cell.operands[0])
        holds.append(true)
    found = np.stack(holds)
    return np.where(found.any(axis=0), found.argmax(axis=0), len(table.rows))


def plain(table: Table, cases: Sequence[Mapping[str, float]]) -> list[tuple[int, bool, list[int]]]:
    """One case and one cell at a time, of figures: the deciding row, whether a value is missing, the states."""
    says = [str(row.outputs["way"]) for row in table.rows] + [str(table.default["way"])]
    compare: Mapping[str, Callable[[float, float], bool]] = {
        "<": float.__lt__,
        "<=": float.__le__,
        ">": float.__gt__,
        ">=": float.__ge__,
    }
    used = [[(key, compare[cell.op], float(cell.operands[0])) for key, cell in row.used] for row in table.rows]
    decided = []
    for case in cases:
        trace, found, possible = [], len(used), []
        for place, row in enumerate(used):
            states = [int(test(case[key], limit)) if case[key] == case[key] else 2 for key, test, limit in row]
            trace += states
            if 0 in states or place > found:
                continue
            if 2 in states:
                possible.append(place)
            else:
                found = place
        doubt = next((place for place in possible if place < found and says[place] != says[found]), None)
        decided.append((found if doubt is None else doubt, doubt is not None, trace))
    return decided


def measure(n: int, rounds: int) -> dict[str, Any]:
    """Cases a second of every work, each agreed with the plain evaluation where that can read the table."""
    random = np.random.default_rng(0)
    figures = kind_of(["number"] * FIELDS)
    mixed = kind_of(["money", "percent", "integer", "number", "choice", "text", "boolean", "date"])
    table, mixed_table = drawn_table(figures, False, random), drawn_table(mixed, True, random)
    known, some = drawn_columns(figures, n, 0.0, random), drawn_columns(figures, n, 0.02, random)
    mixed_columns = drawn_columns(mixed, n, 0.02, random)
    assert_agreed(table, figures, known, some)
    blocks = [cut(known, start, start + BLOCK) for start in range(0, n, BLOCK)]
    singles = [cut(known, place, place + 1) for place in range(SINGLE_CASES)]
    few = [{key: float(column[place]) for key, column in known.items()} for place in range(PLAIN_CASES)]  # type: ignore[index]

    def whole(given: Table, kind: TableKind, columns: Columns) -> Callable[[], object]:
        return lambda: ways(given, kind, evaluate(given, kind, columns, n))

    works: dict[str, tuple[int, Callable[[], object]]] = {
        "known": (n, whole(table, figures, known)),
        "missing": (n, whole(table, figures, some)),
        "mixed": (n, whole(mixed_table, mixed, mixed_columns)),
        "known_evaluate_only": (n, lambda: evaluate(table, figures, known, n)),
        "bare_numpy": (n, lambda: bare(table, known)),
        "bare_numpy_in_blocks": (n, lambda: [bare(table, block) for block in blocks]),
        "plain_python": (PLAIN_CASES, lambda: plain(table, few)),
        "one_case_at_a_time": (SINGLE_CASES, lambda: [evaluate(table, figures, one, 1) for one in singles]),
    }
    return timed(works, rounds)


def timed(works: Mapping[str, tuple[int, Callable[[], object]]], rounds: int) -> dict[str, dict[str, int]]:
    """Cases a second of works that take turns, by the processor's time and by the clock."""
    processor: dict[str, list[float]] = {name: [] for name in works}
    clock: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, (cases, work) in works.items():
            begun, start = perf_counter(), process_time()
            work()
            processor[name].append(cases / (process_time() - start))
            clock[name].append(cases / (perf_counter() - begun))
    return {
        "cases_a_second": {name: round(median(found)) for name, found in processor.items()},
        "by_the_clock": {name: round(median(found)) for name, found in clock.items()},
    }


def cut(columns: Columns, start: int, end: int) -> Columns:
    """Some cases of columns of figures."""
    return {key: column[start:end] for key, column in columns.items() if not isinstance(column, Coded)}


def assert_agreed(table: Table, kind: TableKind, *given: Columns) -> None:
    """The fast evaluation says what the plain one says, on the first cases."""
    for columns in given:
        cases = [{key: float(column[place]) for key, column in columns.items()} for place in range(PLAIN_CASES)]  # type: ignore[index]
        hits = evaluate(table, kind, cut(columns, 0, PLAIN_CASES), PLAIN_CASES)
        found = ways(table, kind, hits)
        states = np.stack([hits.trace >> shift & 3 for shift in (0, 2, 4, 6)], axis=2).reshape(PLAIN_CASES, -1)
        expected = plain(table, cases)
        assert [(int(row), bool(doubt)) for row, doubt in zip(found.row, found.missing, strict=True)] == [
            (row, doubt) for row, doubt, _states in expected
        ]
        assert states[:, : ROWS * FIELDS].tolist() == [told for _row, _doubt, told in expected]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=400_000)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args(arguments)
    figures = measure(given.cases, given.rounds)
    found = figures["cases_a_second"]
    ratios = {
        "known_to_plain_python": round(found["known"] / found["plain_python"], 1),
        "known_to_bare_numpy": round(found["known"] / found["bare_numpy"], 2),
        "known_to_bare_numpy_in_blocks": round(found["known"] / found["bare_numpy_in_blocks"], 2),
        "missing_to_known": round(found["missing"] / found["known"], 2),
        "mixed_to_known": round(found["mixed"] / found["known"], 2),
    }
    line = {"rows": ROWS, "fields": FIELDS, "cases": given.cases, **figures, "ratios": ratios}
    at = datetime.now(UTC).isoformat(timespec="seconds")
    print(json.dumps({"bench": "table", "at": at, **line, "place": {"cpus": os.cpu_count()}}))


if __name__ == "__main__":
    main()
