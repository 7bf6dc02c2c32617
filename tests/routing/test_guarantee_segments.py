"""The promise by segment: who has a cut-off of its own, who shares one, and how often each is kept."""

from __future__ import annotations

import math

import numpy as np
import pytest

from routing.guarantee import misses_allowed, promised_cut_off
from routing.guarantee_segments import SegmentCutOff, segment_cut_offs


def test_segments_with_bads_enough_have_their_own_and_the_others_share_one() -> None:
    scores = np.concatenate([np.arange(100.0), np.arange(40.0), 50 + np.arange(40.0)])
    found = segment_cut_offs(scores, ["car"] * 100 + ["boat"] * 40 + ["plane"] * 40, 0.05)
    assert found.of["car"] == SegmentCutOff("own", promised_cut_off(np.arange(100.0), 0.05), 100, 1)
    assert found.of["car"].cut_off == 1.0
    assert found.of["boat"] == found.of["plane"] == found.rest
    assert found.rest == SegmentCutOff("pooled", 0.0, 80, 0)
    assert found.cut_off("car") == 1.0
    assert found.cut_off("never seen") == found.cut_off("boat") == 0.0


def test_a_rest_that_is_too_small_lets_the_machine_approve_nobody() -> None:
    found = segment_cut_offs(np.arange(117.0), ["car"] * 59 + ["boat"] * 58, 0.05)
    assert found.of["car"].standing == "own"
    assert found.of["boat"] == SegmentCutOff("none", -math.inf, 58, -1)
    assert segment_cut_offs(np.zeros(0), [], 0.05).rest == SegmentCutOff("none", -math.inf, 0, -1)


def test_promises_that_hold_all_at_once_need_more_bads_each() -> None:
    scores, names = np.tile(np.arange(59.0), 2), ["a"] * 59 + ["b"] * 59
    assert {each.standing for each in segment_cut_offs(scores, names, 0.05).of.values()} == {"own"}
    joint = segment_cut_offs(scores, names, 0.05, joint=True)
    # 72 bads are needed at 97.5 %; together they have 118.
    assert misses_allowed(71, 0.05, 0.975) == -1
    assert misses_allowed(72, 0.05, 0.975) == 0
    assert joint.of["a"] == joint.of["b"] == SegmentCutOff("pooled", 0.0, 118, 1)


def test_scores_and_segments_must_belong_together() -> None:
    with pytest.raises(ValueError, match="2 scores but 1 segments"):
        segment_cut_offs(np.zeros(2), ["car"], 0.05)


def test_each_segment_keeps_its_promise_and_joint_ones_are_kept_together() -> None:
    """Bads of segment a are uniform on 0..1 and of b on 0..2: true miss rates are the cut-off and half of it."""
    draw, books, names = np.random.default_rng(11), 2000, ["a"] * 137 + ["b"] * 137
    own, together = np.zeros(2), 0
    for _book in range(books):
        scores = np.concatenate([draw.random(137), 2 * draw.random(137)])
        each = segment_cut_offs(scores, names, 0.1)
        own += np.array([each.cut_off("a"), each.cut_off("b") / 2]) <= 0.1
        joint = segment_cut_offs(scores, names, 0.1, joint=True)
        together += max(joint.cut_off("a"), joint.cut_off("b") / 2) <= 0.1
    # Three standard errors of 2000 draws at 95 %.
    least = books * (0.95 - 3 * math.sqrt(0.05 * 0.95 / books))
    assert own.min() >= least
    assert together >= least
