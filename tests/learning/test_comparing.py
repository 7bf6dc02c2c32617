"""The loans of a comparison as they are read: outcomes of explored declines among them, each with its weight."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from django.utils import timezone

from cases.models import Case, User
from desk.build.comparison import comparison
from learning.compare import compare
from learning.comparing import desk_of, read_sample
from learning.label_weights import set_weights
from learning.train import keep_held_out
from scoring.actions import register_model
from scoring.ml.champion import Champion
from scoring.models import ModelVersion
from tests import make
from tests.learning.test_compare import DESK, made, weighed
from tests.learning.test_exploration import explored
from tests.learning.test_sets import AGO, told


def test_explored_declines_are_compared_on_and_weigh_by_their_draw(
    champion: ModelVersion, trained: Champion, admin: User, supervisor: User
) -> None:
    challenger = register_model(replace(trained, seed=1))
    _exploration, lot = explored(admin, supervisor)
    make.cases(2, source="good", applied_at=timezone.now() - AGO)
    make.run_machine()
    good = list(Case.objects.filter(source="good", outcome="approve").order_by("pk"))
    told([*lot[:2], good[0]])
    cases = [*lot[:2], *good]
    for model in (champion, challenger):
        keep_held_out(model, [case.ref for case in cases], np.arange(4.0) - 2.0)
    sample = read_sample(champion, challenger, "held_out")
    place = [sample.refs.index(case.ref) for case in cases]
    assert sample.bad[place].tolist() == [0, 0, 0, -1]
    assert sample.weighing is not None
    weights = sample.weighing.weights[place]
    assert (weights / weights[2]).tolist() == pytest.approx([2.0, 2.0, 1.0, 1.0])
    assert sample.weighing.by_chance[place].tolist() == [True, True, False, False]
    assert (sample.weighing.unknown[place].tolist(), sample.weighing.cap) == ([False, False, False, True], 20.0)
    set_weights(by=admin, reason="nobody stands for another", changes={"cap": 1.0})
    capped = read_sample(champion, challenger, "held_out").weighing
    assert capped is not None
    assert capped.weights.tolist() == [1.0] * 4
    assert desk_of("consumer", sample).cut_off == 0.04


def test_the_page_tells_the_figures_by_weight_beside_the_plain_ones(admin: User) -> None:
    weights = np.where(np.arange(1500) % 20 == 0, 20.0, 1.0)
    found = compare(weighed(made(1500), weights), DESK, difference=0.05, other_reasons=None)
    shown = comparison({**found, "sample": "held_out"}, admin)
    assert [table.words for table in shown.tables] == ["Measures", "Measures for all who apply", "AUC by segment"]
    assert [row[0] for row in shown.tables[1].rows] == [row[0] for row in shown.tables[0].rows[:-1]]
    assert "at most 20; effective sample size 272 of 1,500; known only by a random arm 5.0%" in shown.tables[1].note
    assert "By their weights they tell as much as 272 loans: a chance of" in shown.detects
    assert (found["outcomes"]["power"]["is_enough"], shown.is_enough) == (True, False)
    of_an_earlier_release = {name: told for name, told in found.items() if name != "weighted"} | {"sample": "live"}
    assert len(comparison(of_an_earlier_release, admin).tables) == 2
