"""Inferred outcomes: an assumption with figures, kept apart from all that is learned from."""

from __future__ import annotations

import json
from datetime import timedelta

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.errors import NotAllowed
from cases.models import Case, User
from learning.inferred import infer_outcomes, keep_inferred
from learning.models import Label, TrainingSetRow
from learning.parcels import band_of, inferred_bads, parcels_of
from learning.set_building import build_training_set
from scoring.models import ModelVersion
from tests import make
from tests.learning.test_exploration import POOR
from tests.learning.test_sets import AGO, told


def test_a_band_tells_the_rate_that_is_taken_and_the_factor_at_which_the_decision_turns() -> None:
    pd = np.array([0.07] * 40 + [0.15] * 29 + [0.3] * 4)
    bad = np.array([True] * 4 + [False] * 36 + [True] * 29 + [True] + [False] * 3)
    explored = np.array([False] * 69 + [True] * 4)
    found = parcels_of(np.array([0.06, 0.08, 0.15, 0.3]), pd, bad, explored, factor=3.0, cut_off=0.12)
    safe, third, few, drawn = found[0], found[2], found[3], found[4]
    assert (third.low, third.high, third.declined, third.granted, third.bads) == (0.05, 0.10, 2, 40, 4)
    assert [third.inferred, third.turns_at] == pytest.approx([0.3, 1.2])
    assert (few.granted, few.inferred, few.turns_at) == (29, None, None), "one loan too few to state a rate"
    assert drawn.explored is not None
    assert (drawn.granted, drawn.explored_loans, drawn.explored.value) == (0, 4, 0.25)
    assert (safe.declined, safe.inferred, safe.explored) == (0, None, None)
    drawn_bads = inferred_bads(np.array([0.06, 0.06, 0.15]), np.array([0.29, 0.31, 0.0]), found)
    assert drawn_bads[:2].tolist() == [1.0, 0.0]
    assert np.isnan(drawn_bads[2])
    assert band_of(np.array([0.0199, 0.02, 0.9])).tolist() == [0, 1, 4]
    with pytest.raises(ValueError, match="above 0"):
        parcels_of(pd, pd, bad, explored, factor=0.0, cut_off=None)


@pytest.fixture
def declined(champion: ModelVersion, admin: User, supervisor: User, monkeypatch: pytest.MonkeyPatch) -> list[Case]:
    """Three applications of two years ago that the machine declined and four that it granted, one of them bad, all in
    one band."""
    monkeypatch.setattr("learning.parcels.EDGES", ())
    monkeypatch.setattr("learning.parcels.LEAST_LOANS", 4)
    lines = {"approve_below": 0.03, "cut_off": 0.04, "decline_above": 0.05}
    make.policy(admin, supervisor, audit_share=0.0, doubt_limit=1.0, promise=None, **lines)
    make.cases(4, source="good", applied_at=timezone.now() - AGO)
    make.cases(3, source="poor", applied_at=timezone.now() - AGO, features=POOR)
    make.run_machine()
    granted = list(Case.objects.filter(source="good", outcome="approve").order_by("pk"))
    assert len(granted) == 4
    told(granted[:3])
    told(granted[3:], bad=True)
    poor = list(Case.objects.filter(source="poor", outcome="decline").order_by("pk"))
    assert len(poor) == 3
    return poor


def test_inferred_outcomes_are_kept_once_and_never_learned_from(
    declined: list[Case], admin: User, reviewer: User
) -> None:
    before = build_training_set("consumer")
    found = infer_outcomes("consumer", factor=4.0)
    assert (found.cut_off, found.cases) == (0.04, tuple(case.pk for case in declined))
    assert found.bad.tolist() == [1.0] * 3, "four times a quarter is all of them"
    with pytest.raises(NotAllowed):
        keep_inferred(found, by=reviewer)
    assert not Label.objects.filter(source="inferred").exists()
    assert (keep_inferred(found, by=admin), keep_inferred(found, by=admin)) == (3, 0)
    label = Label.objects.filter(source="inferred").first()
    assert label is not None
    assert (label.is_bad, label.exclusion, label.person, label.given_by) == (True, "inferred", admin, "parcelling x4")
    assert build_training_set("consumer") == before, "the same loans, the same set"
    with pytest.raises(IntegrityError, match="no matured outcome"), transaction.atomic():
        TrainingSetRow.objects.create(dataset=before, label=label, weight=0.3)
    with pytest.raises(IntegrityError, match="label_inferred_once"), transaction.atomic():
        Label.objects.create(
            case=label.case, source="inferred", is_bad=False, exclusion="inferred", given_by="parcelling x4",
            observed_at=timezone.now(),
        )  # fmt: skip


def test_a_case_whose_window_is_not_over_is_not_inferred(declined: list[Case]) -> None:
    make.cases(1, source="young", applied_at=timezone.now() - timedelta(days=300), features=POOR)
    make.run_machine()
    assert Case.objects.get(source="young").outcome == "decline"
    assert infer_outcomes("consumer", factor=1.0).cases == tuple(case.pk for case in declined)


def test_the_command_tells_each_band_and_keeps_nothing_unless_an_administrator_asks(
    declined: list[Case], admin: User, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("infer_outcomes", "--factor", "2", "--json")
    told_now = json.loads(capsys.readouterr().out)
    assert (told_now["declined"], told_now["inferred"], told_now["kept"]) == (3, 3, 0)
    (band,) = [each for each in told_now["bands"] if each["declined"]]
    assert (band["granted"], band["bads"], band["inferred"]) == (4, 1, 0.5)
    assert band["turns_at"] == pytest.approx(0.16)
    with pytest.raises(CommandError, match="Say with --by"):
        call_command("infer_outcomes", "--keep")
    with pytest.raises(CommandError, match="factor lies above 0"):
        call_command("infer_outcomes", "--factor", "0")
    call_command("infer_outcomes", "--factor", "4", "--keep", "--by", admin.username)
    out = capsys.readouterr().out
    assert "kept" in out
    assert "turns at" in out
    assert Label.objects.filter(source="inferred").count() == 3
