"""Scoring the cases that wait: what is stored of each, and what happens when the model cannot be used."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from numpy.typing import NDArray

from cases.models import Case, CaseEvent
from cases.why import sentences
from routing.models import Policy
from scoring.actions import (
    contributions_sha256,
    free_leases,
    model_row,
    park_exhausted,
    score_waiting_cases,
    take_chunk,
)
from scoring.ml.champion import Champion
from scoring.ml.form import Baseline
from scoring.ml.forms import BlendForm
from scoring.ml.reasons import sentence_of
from scoring.models import Assessment, ModelVersion
from tests import make


def test_an_assessment_holds_all_that_the_model_said(champion: ModelVersion, trained: Champion) -> None:
    case = make.case("A-1")
    assert score_waiting_cases("tests") == 1
    stored = Assessment.objects.get()
    scored = trained.score([model_row(case)])
    assert (stored.case_id, stored.model, stored.case_version) == (case.pk, champion, 1)
    assert (stored.pd, stored.pd_low, stored.pd_high) == (scored.pd[0], scored.pd_low[0], scored.pd_high[0])
    assert (stored.log_odds, stored.points, stored.doubt) == (scored.log_odds[0], scored.points[0], scored.doubt[0])
    assert stored.contributions == scored.population.contributions[0].tolist()
    assert stored.cohort_contributions == scored.cohort.contributions[0].tolist()
    assert (stored.cohort_base_value, stored.cut_off) == (scored.cohort.base_value, scored.cut_off[0])
    assert stored.explanation_holds
    assert stored.doubt_parts == {name: part[0] for name, part in scored.doubt_parts.items()}
    assert abs(stored.base_value + math.fsum(stored.contributions) - stored.log_odds) <= 1e-6
    assert stored.cohort_base_value is not None
    assert abs(stored.cohort_base_value + math.fsum(stored.cohort_contributions) - stored.log_odds) <= 1e-6
    after = make.reread(case)
    assert (after.state, after.pd, after.points, after.attempts) == ("scored", stored.pd, stored.points, 1)
    assert after.taken_until is None
    event = CaseEvent.objects.get(case=case, name="score")
    assert event.facts == {
        "model": str(champion),
        "model_sha256": champion.sha256,
        "pd": stored.pd,
        "contributions_sha256": contributions_sha256(stored.contributions),
    }


def test_reasons_are_stored_as_codes_that_read_in_both_languages_with_their_share_of_the_pd(
    champion: ModelVersion, trained: Champion
) -> None:
    make.case("A-1", features={**make.CLEAR_FEATURES, "interest_rate": 28.0, "sub_grade": 33, "annual_income": 20_000})
    score_waiting_cases("tests")
    reasons = Assessment.objects.get().reasons
    assert {reason["direction"] for reason in reasons} >= {"up"}
    for reason in reasons:
        assert sentence_of(trained.table, reason, "en")
        assert any("\u4e00" <= sign <= "\u9fff" for sign in sentence_of(trained.table, reason, "zh-hans"))
        assert math.copysign(1, reason["pd_points"]) == math.copysign(1, reason["contribution"])


def test_a_missing_value_is_stored_as_missing(champion: ModelVersion) -> None:
    make.case("A-1", features={"annual_income": 50_000})
    score_waiting_cases("tests")
    stored = Assessment.objects.get()
    names = [feature["name"] for feature in champion.feature_table["features"]]
    values = dict(zip(names, stored.values, strict=True))
    assert (values["annual_income"], values["interest_rate"]) == (50_000, None)
    assert stored.doubt_parts["missing"] > 0


def test_a_score_depends_on_the_case_alone_and_not_on_its_neighbours(champion: ModelVersion) -> None:
    alone = make.case("A-1")
    score_waiting_cases("tests")
    make.cases(40, features={**make.CLEAR_FEATURES, "interest_rate": 25.0})
    twin = make.case("A-2")
    score_waiting_cases("tests")
    first, second = (Assessment.objects.get(case=case) for case in (alone, twin))
    assert (first.pd, first.contributions) == (second.pd, second.contributions)


def test_a_chunk_is_scored_once_however_often_the_machine_is_called(champion: ModelVersion) -> None:
    make.cases(20)
    assert [score_waiting_cases("tests") for _time in range(3)] == [20, 0, 0]
    assert Assessment.objects.count() == 20


def test_without_a_model_cases_go_to_people_and_say_why(db: None) -> None:
    case = make.case("A-1", product="mortgage")
    assert score_waiting_cases("tests") == 1
    parked = make.reread(case)
    assert (parked.state, parked.pd, parked.advice) == ("queued", None, "")
    assert parked.why == [{"code": "no_model", "params": {}}]
    assert (parked.queue_tier, parked.due_at is not None) == (2, True)
    assert Assessment.objects.count() == 0


def altered(path: Path) -> None:
    content = json.loads(path.read_text())
    content["calibration"]["intercept"] += 1
    path.chmod(0o644)
    path.write_text(json.dumps(content))


def removed(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (altered, "The file of model {short} was altered since it was saved."),
        (removed, "The file of model {short} is missing or cannot be read."),
    ],
)
def test_a_model_file_that_is_not_what_was_saved_is_refused_and_people_get_the_cases(
    champion: ModelVersion, policy: Policy, tmp_path: Path, settings: Any, harm: Any, sentence: str
) -> None:
    name = f"{champion.sha256}.json"
    (tmp_path / name).write_bytes((settings.ARTEFACTS / name).read_bytes())
    settings.ARTEFACTS = tmp_path
    harm(tmp_path / name)
    case = make.case("A-1")
    make.run_machine()
    parked = make.reread(case)
    assert (parked.state, parked.pd) == ("queued", None)
    problem = sentence.format(short=champion.sha256[:12])
    (why,) = parked.why
    assert (why["code"], why["params"]["problem"]) == ("model_refused", problem)
    assert "模型" in sentences(parked.why, "zh-hans")[0]
    assert why["params"]["problem_zh"] in sentences(parked.why, "zh-hans")[0]
    assert Assessment.objects.count() == 0


def test_the_attempt_is_counted_before_the_work_and_the_lease_keeps_others_out(db: None) -> None:
    make.cases(5)
    first = take_chunk("first", attempts=0, size=3)
    assert [(case.attempts, case.taken_by) for case in first] == [(1, "first")] * 3
    second = take_chunk("second", attempts=0, size=3)
    assert len(second) == 2
    assert not {case.pk for case in first} & {case.pk for case in second}
    assert take_chunk("third", attempts=1, size=10) == []
    assert set(Case.objects.values_list("attempts", flat=True)) == {1}


def test_a_message_that_comes_back_frees_what_its_dead_worker_had_taken_and_nothing_else(db: None) -> None:
    make.cases(5)
    first = take_chunk("first", attempts=0, size=3)
    take_chunk("second", attempts=0, size=3)
    assert free_leases("first") == 3
    assert take_chunk("third", attempts=1, size=10) == first


def test_a_case_is_parked_only_when_its_last_lease_is_over(db: None) -> None:
    case = make.case("A-1")
    for attempts in range(settings.MACHINE_ATTEMPTS):
        assert len(take_chunk("task", attempts=attempts, size=1)) == 1
        assert park_exhausted() == 0
        free_leases("task")
    Case.objects.filter(pk=case.pk).update(last_error="it broke")
    assert park_exhausted() == 1
    parked = make.reread(case)
    assert parked.why == [{"code": "scoring_failed", "params": {"attempts": 3, "error": "it broke"}}]
    assert park_exhausted() == 0


@pytest.mark.parametrize("value", [10**400, {"not": "a number"}, [1], "", "many", True])
def test_a_value_that_no_model_can_read_counts_as_missing_and_raises_doubt(
    champion: ModelVersion, value: object
) -> None:
    make.case("A-1", features={**make.CLEAR_FEATURES, "annual_income": value})
    assert score_waiting_cases("tests") == 1
    stored = Assessment.objects.get()
    assert stored.doubt_parts["missing"] > 0


def test_the_model_reads_nothing_that_is_known_later(champion: ModelVersion) -> None:
    case = make.case("A-1")
    make.run_machine()
    row = model_row(make.reread(case))
    assert set(row) == {*make.CLEAR_FEATURES, "amount", "currency", "term_months", "applied_at"}
    assert (row["amount"], row["applied_at"]) == (8000.0, case.applied_at.isoformat())


def test_a_feature_cannot_pass_itself_off_as_the_amount(db: None) -> None:
    case = make.case("A-1", features={"amount": 1, "currency": "XXX", "term_months": 1, "applied_at": "1999-01-01"})
    applied = case.applied_at.isoformat()
    assert model_row(case) == {"amount": 8000.0, "currency": "USD", "term_months": 36, "applied_at": applied}


def test_an_explanation_that_does_not_add_up_is_marked_and_sends_the_case_to_people(
    champion: ModelVersion, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = BlendForm.explain_from

    def wrong(form: BlendForm, read: list[Any], baselines: Sequence[Baseline]) -> NDArray[np.float64]:
        return right(form, read, baselines) + 1e-5

    monkeypatch.setattr(BlendForm, "explain_from", wrong)
    case = make.case("A-1")
    make.run_machine()
    stored = Assessment.objects.get()
    assert not stored.explanation_holds
    assert stored.residual > 1e-6
    after = make.reread(case)
    assert after.state == "queued"
    assert after.why[0] == {"code": "explanation_unreliable", "params": {}}


def test_what_is_unlike_the_training_loans_or_of_no_use_is_named(champion: ModelVersion) -> None:
    make.case("A-1", features={**make.CLEAR_FEATURES, "annual_income": "many", "credit_utilisation": 900.0})
    score_waiting_cases("tests")
    stored = Assessment.objects.get()
    assert stored.unreadable == ["annual_income"]
    assert {"annual_income", "credit_utilisation"} <= set(stored.novel)
    assert stored.stale == []


def test_the_database_refuses_an_assessment_that_does_not_add_up_and_any_change_of_one(champion: ModelVersion) -> None:
    make.case("A-1")
    score_waiting_cases("tests")
    stored = Assessment.objects.get()
    for changes in ({"residual": 1e-5}, {"pd": 1.0}, {"pd": 0.0}):
        copy = {field.attname: getattr(stored, field.attname) for field in Assessment._meta.concrete_fields}
        copy |= {"id": None, "case_version": 2, **changes}
        with pytest.raises(IntegrityError, match="assessment_"), transaction.atomic():
            Assessment.objects.create(**copy)
    with pytest.raises(IntegrityError, match="keeps what was written"), transaction.atomic():
        Assessment.objects.update(pd=0.5)
    with pytest.raises(IntegrityError, match="keeps what was written"), transaction.atomic():
        Assessment.objects.all().delete()
    assert Assessment.objects.get().pd == stored.pd
