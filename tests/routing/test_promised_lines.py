"""Lines that follow from a promise: what is drawn, what holds it back, what is written down, and how often it holds."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from riskreview import sample
from routing.promise_evidence import Evidence
from routing.promised_lines import NOBODY, Drawn, Kept, draw, follows_from_evidence, kept_by, weighable, with_lines
from routing.terms import Bands, Promise, Terms
from routing.usual_examples import usual_examples

OPEN = replace(sample.TERMS, cut_off=None, approve_below=0.12, decline_above=0.9)


def evidence(pd: Any, bad: Any, **parts: Any) -> Evidence:
    """Loans with these PDs and ends; `parts` are other columns, or the words of the field `region`."""
    found = np.asarray(pd, dtype=np.float64)
    n = len(found)
    region = np.asarray(parts.pop("region", [""] * n), dtype=np.str_)
    usual: dict[str, Any] = {
        "weight": np.ones(n),
        "exposure": np.full(n, 100.0),
        "explored": np.zeros(n, dtype=np.bool_),
        "live": np.zeros(n, dtype=np.bool_),
        "segments": {"region": region},
        "model": "consumer v1",
        "model_sha256": "ab" * 32,
        "since": "2016-01-01",
        "until": "2016-12-31",
        "as_of": "2019-01-01",
    }
    return Evidence(pd=found, bad=np.asarray(bad, dtype=np.bool_), **{**usual, **parts})


def bads_and_goods(bads: int, goods: int) -> Evidence:
    """Bads at PDs of 0.10054 % and 0.1 % more each, goods at 0.05 % and as much more each."""
    pd = np.concatenate([0.0010054 + np.arange(bads) / 1000, 0.0005 + np.arange(goods) / 1000])
    return evidence(pd, np.arange(bads + goods) < bads)


def only_line(drawn: Drawn) -> Any:
    (line,) = drawn.lines
    return line


def test_the_approval_line_lies_below_the_first_bad_that_may_not_be_missed_and_is_rounded_down() -> None:
    # 93 bads: a promise of 5 % at 95 % allows one of them to be missed.
    line = only_line(draw(OPEN, Promise(0.05), bads_and_goods(93, 200)))
    assert (line.standing, line.method, line.bads, line.misses_allowed) == ("pooled", "exact", 93, 1)
    assert (line.cut_off, line.approve_below, line.held) == (pytest.approx(0.0020054), 0.002005, "")
    assert (line.misses, line.money) == (1, pytest.approx(1 / 93))
    assert line.bound == pytest.approx(0.0499, abs=1e-4)
    assert (line.goods, line.decline_above, line.declined_goods) == (200, 0.9, 0)
    shifted = bads_and_goods(93, 200)
    shifted = replace(shifted, pd=shifted.pd + 5e-7)
    assert only_line(draw(OPEN, Promise(0.05), shifted)).approve_below == 0.002005


def test_no_line_passes_the_cut_off_of_the_advice_or_a_decline_line_that_nothing_moves() -> None:
    book = bads_and_goods(400, 400)
    assert only_line(draw(OPEN, Promise(0.5), book)).approve_below > 0.14
    held = only_line(draw(replace(sample.TERMS, cut_off=0.14), Promise(0.5), book))
    assert (held.approve_below, held.decline_above, held.held) == (0.14, 0.16, "cut_off")
    held = only_line(draw(replace(OPEN, decline_above=0.15), Promise(0.5), book))
    assert (held.approve_below, held.decline_above, held.held) == (0.15, 0.15, "decline_line")


def test_the_decline_line_follows_from_the_promise_for_good_loans_and_stays_above_the_cut_off() -> None:
    book = bads_and_goods(93, 93)
    line = only_line(draw(OPEN, Promise(0.05, good_decline_rate=0.05), book))
    # One of 93 goods may be declined, the one with 9.25 %; the line lies just above the one before it.
    assert (line.decline_above, line.declined_goods) == (0.091501, 1)
    assert line.decline_bound == pytest.approx(0.0499, abs=1e-4)
    raised = only_line(draw(replace(sample.TERMS, cut_off=0.14), Promise(0.05, good_decline_rate=0.05), book))
    assert (raised.decline_above, raised.declined_goods) == (0.14, 0)
    too_few = only_line(draw(OPEN, Promise(0.05, good_decline_rate=0.05), bads_and_goods(93, 58)))
    assert too_few.decline_above == 1.0


def test_where_both_promises_leave_nothing_between_the_lines_they_meet_and_both_hold() -> None:
    pd = np.concatenate([np.linspace(0.5, 0.9, 100), np.linspace(0.01, 0.2, 100)])
    book = evidence(pd, np.arange(200) < 100)
    line = only_line(draw(OPEN, Promise(0.05, good_decline_rate=0.05), book))
    assert line.approve_below == line.decline_above
    assert (line.misses, line.declined_goods) == (1, 0)
    assert max(line.bound, line.decline_bound) <= 0.05


def test_segments_with_bads_enough_get_lines_and_the_others_share_those_of_everybody_else() -> None:
    pd = np.concatenate([np.linspace(0.1, 0.5, 100), np.linspace(0.2, 0.5, 40), np.linspace(0.3, 0.5, 70)])
    words = ["CA"] * 100 + ["NY"] * 40 + [""] * 70
    terms = replace(OPEN, segment_by="region")
    drawn = draw(terms, Promise(0.05), evidence(pd, np.ones(210), region=words))
    assert [(line.segment, line.standing, line.bads, line.misses_allowed) for line in drawn.lines] == [
        ("CA", "own", 100, 1), ("", "pooled", 110, 1),
    ]  # fmt: skip
    # Those of no known region are many enough, but a case without a word must find the line of everybody else.
    assert dict(drawn.pooled) == {"NY": 40}
    assert drawn.lines[0].approve_below == pytest.approx(0.104040, abs=1e-6)
    assert drawn.keeps


def test_a_segment_or_the_rest_with_too_few_bads_is_approved_by_nobody() -> None:
    terms = replace(OPEN, segment_by="region")
    drawn = draw(terms, Promise(0.05), evidence(np.full(117, 0.1), np.ones(117), region=["CA"] * 59 + ["NY"] * 58))
    assert (drawn.lines[0].standing, drawn.lines[0].approve_below) == ("own", 0.1)
    rest = drawn.rest
    assert (rest.standing, rest.approve_below, rest.cut_off) == ("none", NOBODY, None)
    assert rest.bound == pytest.approx(1 - 0.05 ** (1 / 58))
    nothing = draw(OPEN, Promise(0.05), evidence([], []))
    assert (nothing.keeps, nothing.rest.bads, nothing.rest.bound, nothing.rest.money) == (False, 0, 1.0, None)


def test_approvals_by_lot_are_weighed_unless_they_are_so_few_that_nothing_could_be_shown() -> None:
    pd = np.concatenate([np.linspace(0.1, 0.2, 400), np.full(4, 0.5)])
    book = evidence(pd, np.ones(404), explored=np.arange(404) >= 400, weight=np.where(np.arange(404) < 400, 1.0, 10.0))
    line = only_line(draw(OPEN, Promise(0.2), book))
    assert (line.method, line.bads, line.bound) == ("weighted", 404, None)
    plain = only_line(draw(OPEN, Promise(0.2), book.only(~book.explored)))
    assert (plain.method, plain.bads) == ("exact", 400)
    rare = replace(book, weight=np.where(book.explored, 1000.0, 1.0))
    drawn = draw(OPEN, Promise(0.05), rare)
    assert (drawn.explored_left_out, only_line(drawn).method, only_line(drawn).bads) == (4, "exact", 400)
    assert weighable(Promise(0.2), book) is book


def test_what_the_lines_rest_on_is_written_into_the_terms_in_plain_json() -> None:
    terms = replace(OPEN, examples=usual_examples(0.12, 0.9))
    book = replace(bads_and_goods(93, 200), live=np.arange(293) < 3)
    promise = Promise(0.05)
    made = with_lines(terms, promise, draw(terms, promise, book), book)
    assert made.bands == Bands(0.002005, 0.9)
    assert made.examples == usual_examples(0.002005, 0.9)
    assert made.promise is not None
    said = made.promise.evidence
    assert json.loads(json.dumps(said)) == said
    assert {key: said[key] for key in ("model", "bads", "held_out_bads", "live_bads", "loans", "since", "as_of")} == {
        "model": "consumer v1", "bads": 93, "held_out_bads": 90, "live_bads": 3, "loans": 293, "since": "2016-01-01",
        "as_of": "2019-01-01",
    }  # fmt: skip
    assert [line["misses_allowed"] for line in said["lines"]] == [1]
    again = with_lines(terms, promise, draw(terms, promise, book), book)
    assert again.sha256 == made.sha256
    assert Terms.from_dict(json.loads(json.dumps(made.to_dict()))).sha256 == made.sha256


def test_whoever_moves_a_line_or_the_promise_parts_the_lines_from_the_evidence() -> None:
    promise, book = Promise(0.05), bads_and_goods(93, 200)
    made = with_lines(OPEN, promise, draw(OPEN, promise, book), book)
    assert made.promise is not None
    assert follows_from_evidence(made)
    assert not follows_from_evidence(OPEN)
    assert not follows_from_evidence(replace(OPEN, promise=promise))
    assert not follows_from_evidence(replace(made, approve_below=0.001))
    assert not follows_from_evidence(replace(made, promise=replace(made.promise, miss_rate=0.04)))
    assert not follows_from_evidence(replace(made, segment_by="region", segment_bands={"CA": Bands(0.1, 0.2)}))


def test_lines_as_they_stand_keep_what_their_misses_bound() -> None:
    book = evidence([0.01, 0.2, 0.3, 0.01, 0.95, 0.2], [1, 1, 0, 0, 0, 1], region=["CA", "CA", "CA", "NY", "", ""])
    (line,) = kept_by(OPEN, book, 0.95)
    assert line == Kept("", 3, 1, line.bound, 3, 1, line.bound)
    assert line.bound == pytest.approx(0.8646, abs=1e-4)
    by_region = replace(OPEN, segment_by="region", segment_bands={"CA": Bands(0.25, 0.25)})
    first, rest = kept_by(by_region, book, 0.95)
    assert (first.segment, first.bads, first.misses, first.bound, first.goods, first.declined) == (
        "CA",
        2,
        2,
        1.0,
        1,
        1,
    )
    assert (rest.segment, rest.bads, rest.misses, rest.goods, rest.declined) == ("", 1, 0, 2, 1)


def test_examples_that_somebody_wrote_stay_as_they_are() -> None:
    own = usual_examples(0.05, 0.95)
    promise, book = Promise(0.05), bads_and_goods(93, 200)
    terms = replace(OPEN, examples=own)
    assert with_lines(terms, promise, draw(terms, promise, book), book).examples == own


@pytest.mark.parametrize(("miss_rate", "good_rate"), [(0.05, 0.1), (0.2, 0.02)])
def test_both_promises_hold_in_at_least_95_of_100_simulated_books(miss_rate: float, good_rate: float) -> None:
    """A book of 600 loans draws the lines; the true rates are those of the population that it was drawn from."""
    rng = np.random.default_rng(7)
    truth = rng.beta(1.5, 6.0, 400_000)
    # What a model sees of it: the order is noisy, the promise needs no calibration.
    seen = 1 / (1 + np.exp(-(np.log(truth / (1 - truth)) + rng.normal(0.4, 1.0, len(truth)))))
    ends = rng.random(len(truth)) < truth
    kept, draws = np.zeros(2), 400
    for _draw in range(draws):
        sampled = rng.integers(0, len(truth), 600)
        promise = Promise(miss_rate, good_decline_rate=good_rate)
        line = only_line(draw(OPEN, promise, evidence(seen[sampled], ends[sampled])))
        kept += (
            (seen[ends] < line.approve_below).mean() <= miss_rate,
            (seen[~ends] >= line.decline_above).mean() <= good_rate,
        )
    assert (kept / draws >= 0.95).all(), kept / draws
