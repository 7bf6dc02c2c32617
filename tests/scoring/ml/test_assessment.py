"""What an assessment shows, as plain values that can be stored and compared."""

import json

from scoring.ml.assessment import INPUTS, SHOWN, differing, inputs_of, inputs_shown, shown
from scoring.ml.champion import Champion
from tests.scoring.ml.conftest import Book


def test_a_batch_shows_every_field_of_every_row_in_plain_json(champion: Champion, book: Book) -> None:
    columns = shown(champion, champion.score([*book.rows[:3], {}]))
    assert tuple(columns) == SHOWN
    assert {len(column) for column in columns.values()} == {4}
    assert list(differing(json.loads(json.dumps(columns, allow_nan=False)), columns, "")) == []
    assert columns["values"][3] == [None] * len(champion.table.names)


def test_inputs_that_were_shown_are_read_back_as_they_were(champion: Champion, book: Book) -> None:
    read = champion.table.read([book.rows[0], {"annual_income": "a lot"}, {}])
    again = inputs_of(inputs_shown(read, champion.table.names), champion.table.names)
    for name in INPUTS:
        assert getattr(again, name).tobytes() == getattr(read, name).tobytes()


def test_no_rows_have_no_inputs(champion: Champion) -> None:
    names = champion.table.names
    assert inputs_of({name: [] for name in INPUTS}, names).values.shape == (0, len(names))


def test_parts_are_compared_one_by_one_and_numbers_to_nine_digits() -> None:
    assert list(differing({"a": [1, 2.0]}, {"a": [1.0, 2.0 + 9e-10]}, "x")) == []
    assert list(differing({"a": 1}, {"b": 1}, "x")) == [("x.a", 1, None), ("x.b", None, 1)]
    assert list(differing([1, 2], [1], "x")) == [("x", [1, 2], [1])]
    assert list(differing([1, 2], [1, 2 + 2e-9], "x")) == [("x[1]", 2, 2 + 2e-9)]
    assert list(differing(["a", "b"], ("a", "b"), "x")) == []
    assert list(differing(True, 1, "x")) == []
    assert list(differing("1", 1, "x")) == [("x", "1", 1)]
    assert list(differing(None, 0.0, "x")) == [("x", None, 0.0)]
